"""The facts of a case in two columns: label and value (DESIGN §4)."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.indicators.text_label import wrap_lines
from widgets.theme import theme
from widgets.theme.text import draw_text

_LABEL = 60
_ROW = 24
_LINE = 20


@dataclass(frozen=True, slots=True)
class Fact:
    """One label and its value.

    ``wide`` takes the whole line and wraps; ``key`` makes the value a link that says it was clicked; ``token`` is the
    colour of the value.
    """

    label: str
    text: str
    wide: bool = False
    key: str = ""
    token: str = "text.primary"
    bold: bool = False


class FactGrid(QWidget):
    """Paints facts in reading order: two on a line, wide ones alone.

    Link values are reached by Tab; Up and Down go from one to the next, Enter opens.

    Signals:
        opened(str): the ``key`` of a clicked link value.
    """

    opened = Signal(str)

    def __init__(
        self,
        facts: tuple[Fact, ...] = (),
        parent: QWidget | None = None,
        *,
        columns: int = 2,
        label_width: int = _LABEL,
    ) -> None:
        super().__init__(parent)
        self._facts = facts
        self._columns = columns
        self._label_width = label_width
        self._link = 0
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMouseTracking(True)
        self.set_facts(facts)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What is shown."""
        return self._facts

    def set_facts(self, facts: tuple[Fact, ...]) -> None:
        """Show other facts."""
        self._facts = facts
        self._link = 0
        links = any(fact.key for fact in facts)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if links else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("，".join(f"{fact.label} {fact.text}" for fact in facts))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Wide values wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines."""
        return max((round(rect.bottom()) for _, rect in self._places(width)), default=0)

    def sizeHint(self) -> QSize:
        """Return a usual panel width and its height."""
        return QSize(400, self.heightForWidth(400))

    def minimumSizeHint(self) -> QSize:
        """Return room for labels and a few characters."""
        return QSize(240, self.heightForWidth(max(240, self.width())))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw labels and values."""
        look = theme()
        with QPainter(self) as painter:
            for fact, rect in self._places(self.width()):
                label = QRectF(rect.x(), rect.y(), self._label_width - 4, _ROW)
                draw_text(painter, label, fact.label, look.font("label"), look.color("text.tertiary"))
                colour = look.color("accent.base" if fact.key else fact.token)
                value = rect.adjusted(self._label_width, 0, 0, 0)
                font = look.font("body", fact.bold)
                if fact.key and self.hasFocus() and fact is self._links()[self._link]:
                    frame = QRectF(value.x() - 4, value.y() + 2, value.width(), value.height() - 4)
                    painter.setPen(QPen(look.color("accent.focus"), 2))
                    painter.drawRoundedRect(frame.adjusted(1, 1, -1, -1), 3, 3)
                if not fact.wide:
                    draw_text(
                        painter,
                        QRectF(value.x(), value.y(), value.width() - 8, _ROW),
                        fact.text,
                        font,
                        colour,
                    )
                    continue
                for number, line in enumerate(wrap_lines(fact.text, font, value.width())):
                    row = QRectF(value.x(), value.y() + 2 + number * _LINE, value.width(), _LINE)
                    draw_text(painter, row, line, font, colour, elide=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from link to link and open."""
        links = self._links()
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and links:
            self._link = min(max(self._link + step, 0), len(links) - 1)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and links:
            self.opened.emit(links[self._link].key)
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the hand over links."""
        link = self._link_at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
        fact = self._fact_at(event.position())
        self.setToolTip(fact.text if fact else "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Say which link was clicked."""
        link = self._link_at(event.position())
        if link and event.button() is Qt.MouseButton.LeftButton:
            self.opened.emit(link)

    def _places(self, width: int) -> list[tuple[Fact, QRectF]]:
        places: list[tuple[Fact, QRectF]] = []
        y, column, step = 0.0, 0, width / self._columns
        for fact in self._facts:
            if fact.wide:
                if column:
                    y, column = y + _ROW, 0
                font = theme().font("body", fact.bold)
                lines = len(wrap_lines(fact.text, font, max(40, width - self._label_width)))
                height = _ROW + (lines - 1) * _LINE
                places.append((fact, QRectF(0, y, width, height)))
                y += height
                continue
            places.append((fact, QRectF(column * step, y, step, _ROW)))
            column += 1
            if column == self._columns:
                y, column = y + _ROW, 0
        return places

    def _links(self) -> list[Fact]:
        return [fact for fact in self._facts if fact.key]

    def _fact_at(self, point: QPointF) -> Fact | None:
        return next((fact for fact, rect in self._places(self.width()) if rect.contains(point)), None)

    def _link_at(self, point: QPointF) -> str:
        fact = self._fact_at(point)
        return fact.key if fact else ""
