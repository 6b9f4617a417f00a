"""A searchable list under one field: for departments, addresses, grids, commands (DESIGN §6, §7)."""

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from widgets.forms.keycap import draw_keycap
from widgets.forms.picker_match import PickerHit, PickerItem, find
from widgets.indicators.limit_bar import draw_bar
from widgets.theme import Theme, theme, theme_store
from widgets.theme.icons import themed_icon
from widgets.theme.text import RIGHT, draw_text, text_width

ROW_HEIGHT = 40
HIT_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_ALT_KEYS = 5
AnyIndex = QModelIndex | QPersistentModelIndex


class PickerLine(QLineEdit):
    """The search field: up and down move in the list without leaving the text, Alt+1…5 pick a row.

    While an input method composes, every key stays with it.

    Signals:
        stepped(int): move so many rows.
        row_asked(int): pick the row with that place (0 …).
        accepted(): Enter.
        left(): Esc with an empty text.
    """

    stepped = Signal("qint64")
    row_asked = Signal("qint64")
    accepted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._composing = False
        self.setProperty("leading", True)

    @property
    def composing(self) -> bool:
        """Whether an input method is in composition."""
        return self._composing

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Remember whether something is being composed."""
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Steer the list, else type."""
        if self._composing:
            super().keyPressEvent(event)
            return
        alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 5, Qt.Key.Key_PageUp: -5}
        if alt and Qt.Key.Key_1 <= event.key() <= Qt.Key.Key_5:
            self.row_asked.emit(event.key() - Qt.Key.Key_1)
        elif event.key() in steps and event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        ):
            self.stepped.emit(steps[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not (
            event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.accepted.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            event.ignore()
        else:
            super().keyPressEvent(event)


class HitModel(QAbstractListModel):
    """The found candidates in order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hits: list[PickerHit] = []

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of candidates."""
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the hit, or its words."""
        if not index.isValid():
            return None
        hit = self._hits[index.row()]
        if role == HIT_ROLE:
            return hit
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            item = hit.item
            return "，".join(part for part in (item.name, item.note, item.reason, item.right_text) if part)
        return None

    def set_hits(self, hits: list[PickerHit]) -> None:
        """Show other candidates."""
        self.beginResetModel()
        self._hits = hits
        self.endResetModel()


class HitDelegate(QStyledItemDelegate):
    """Paints one candidate: key, name with matched parts in accent, initials, reason, right words, bar, percent."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Return 40 high."""
        return QSize(200, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one row."""
        look = theme()
        hit: PickerHit = index.data(HIT_ROLE)
        rect = QRectF(option.rect)  # type: ignore[attr-defined]  # PySide6's stub lacks QStyleOption's fields
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]  # as above
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(QPen(look.color("accent.base"), 1))
            painter.setBrush(look.color("bg.selected"))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, look.color("bg.hover"))
        self._draw_content(painter, rect, hit, index.row(), chosen, look)
        painter.restore()

    def _draw_content(
        self, painter: QPainter, rect: QRectF, hit: PickerHit, row: int, chosen: bool, look: Theme
    ) -> None:
        item, x, middle = hit.item, rect.x() + 10, rect.center().y()
        if row < _ALT_KEYS:
            draw_keycap(painter, x, middle, f"Alt+{row + 1}", look)
        x += 46
        right = rect.right() - 8
        if item.score >= 0:
            percent = QRectF(right - 44, rect.y(), 44, rect.height())
            draw_text(
                painter,
                percent,
                f"{item.score:.0%}",
                look.font("body", True),
                look.color("text.primary"),
                RIGHT,
            )
            token = "accent.base" if chosen else "text.tertiary"
            draw_bar(painter, QRectF(right - 102, middle - 2, 50, 4), item.score, token, look)
            right -= 116
        if item.right_text:
            width = text_width(look.font("label"), item.right_text)
            words = QRectF(right - width, rect.y(), width + 1, rect.height())
            draw_text(painter, words, item.right_text, look.font("label"), look.color("text.secondary"))
            right -= width + 16
        room = right - x
        name_end = x + room * (0.5 if item.initials or item.reason else 1.0)
        name_end = max(name_end, min(right, x + 200))
        used = _draw_marked(
            painter,
            QRectF(x, rect.y(), name_end - x, rect.height()),
            item.name,
            hit.name_places,
            "body",
            "text.primary",
            look,
            bold=chosen,
        )
        note = QRectF(x + used + 8, rect.y(), max(0.0, name_end - x - used - 12), rect.height())
        draw_text(painter, note, item.note, look.font("body"), look.color("text.tertiary"))
        x = name_end
        if item.initials and right - x > 50:
            _draw_marked(
                painter,
                QRectF(x, rect.y(), 60, rect.height()),
                item.initials,
                hit.initial_places,
                "body",
                "text.tertiary",
                look,
            )
            x += 64
        if item.reason and right - x >= min(120.0, text_width(look.font("label"), item.reason)):
            reason = QRectF(x, rect.y(), right - x, rect.height())
            draw_text(painter, reason, item.reason, look.font("label"), look.color("text.secondary"))


def _draw_marked(
    painter: QPainter,
    rect: QRectF,
    text: str,
    places: frozenset[int],
    step: str,
    token: str,
    look: Theme,
    *,
    bold: bool = False,
) -> float:
    """Draw a line with matched characters bold in accent; return the width taken."""
    x, start = rect.x(), 0
    while start < len(text) and x < rect.right():
        marked = start in places
        end = start
        while end < len(text) and (end in places) == marked:
            end += 1
        font = look.font(step, True if marked else bold or None)
        colour = look.color("accent.base" if marked else token)
        run = QRectF(x, rect.y(), rect.right() - x, rect.height())
        x += draw_text(painter, run, text[start:end], font, colour)
        start = end
    return x - rect.x()


class Picker(QWidget):
    """Field and list in one; nothing is chosen until the operator accepts a row.

    Args:
        placeholder: words in the empty field.
        rows: how many rows are seen at once.
        parent: the form.

    Signals:
        highlighted(str): another row is marked (id, empty when the list is empty).
        picked(str): id accepted by Enter, Alt+1…5 or a click.
        query_changed(str): the operator typed (for lists that are searched elsewhere).
    """

    highlighted = Signal(str)
    picked = Signal(str)
    query_changed = Signal(str)

    def __init__(self, placeholder: str = "", rows: int = 5, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[PickerItem, ...] = ()
        self._external = False
        self.line = PickerLine(self)
        self.line.setPlaceholderText(placeholder)
        self._glass = self.line.addAction(
            themed_icon("search", theme(), "text.secondary"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.list = QListView(self)
        self._model = HitModel(self.list)
        self.list.setModel(self._model)
        self.list.setItemDelegate(HitDelegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.setProperty("ground", "overlay")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(self.tr("候选"))
        self._rows = rows
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self.setFocusProxy(self.line)
        self.line.textEdited.connect(self._on_text)
        self.line.textChanged.connect(self._search)
        self.line.stepped.connect(self._on_step)
        self.line.row_asked.connect(self._on_row_asked)
        self.line.accepted.connect(self._on_accepted)
        self.list.clicked.connect(self._on_clicked)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        theme_store().changed.connect(self._on_theme_changed)
        self._search()

    # --- values in --------------------------------------------------------------------------------

    def set_items(self, items: tuple[PickerItem, ...], *, searched: bool = False) -> None:
        """Offer other candidates.

        Args:
            items: all candidates, or with ``searched`` those somebody else found for the present text, in order.
            searched: show them as they are; the text is not matched again, only marked.
        """
        self._items = items
        self._external = searched
        self._search()

    def set_query(self, text: str) -> None:
        """Put a text into the field."""
        self.line.setText(text)

    @property
    def current_id(self) -> str:
        """The marked candidate; empty when none."""
        hit = self.list.currentIndex().data(HIT_ROLE)
        return hit.item.id if isinstance(hit, PickerHit) else ""

    @property
    def count(self) -> int:
        """How many candidates are found."""
        return self._model.rowCount()

    def item_of(self, item_id: str) -> PickerItem | None:
        """Return a candidate by id."""
        return next((item for item in self._items if item.id == item_id), None)

    def mark(self, item_id: str) -> bool:
        """Mark a row without accepting it; False when it is not in the list."""
        for row in range(self._model.rowCount()):
            hit = self._model.index(row).data(HIT_ROLE)
            if hit.item.id == item_id:
                self.list.setCurrentIndex(self._model.index(row))
                return True
        return False

    # --- inside -----------------------------------------------------------------------------------

    def _search(self) -> None:
        kept = self.current_id
        query = self.line.text()
        hits = [PickerHit(item) for item in self._items] if self._external else find(self._items, query)
        self._model.set_hits(hits)
        shown = min(self._rows, max(1, len(hits)))
        self.list.setFixedHeight(shown * ROW_HEIGHT + 2 if hits else 0)
        if hits and not (not query and kept and self.mark(kept)):
            self.list.setCurrentIndex(self._model.index(0))
        if not hits:
            self.highlighted.emit("")

    def _on_text(self, text: str) -> None:
        self.query_changed.emit(text)

    def _on_step(self, rows: int) -> None:
        count = self._model.rowCount()
        if count:
            place = min(max(self.list.currentIndex().row() + rows, 0), count - 1)
            self.list.setCurrentIndex(self._model.index(place))

    def _on_row_asked(self, place: int) -> None:
        if 0 <= place < self._model.rowCount():
            self.list.setCurrentIndex(self._model.index(place))
            self._on_accepted()

    def _on_accepted(self) -> None:
        if self.current_id:
            self.picked.emit(self.current_id)

    def _on_clicked(self, _index: QModelIndex) -> None:
        self._on_accepted()

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        hit = current.data(HIT_ROLE)
        if isinstance(hit, PickerHit):
            self.highlighted.emit(hit.item.id)

    def _on_theme_changed(self, _theme: object) -> None:
        self._glass.setIcon(themed_icon("search", theme(), "text.secondary"))
