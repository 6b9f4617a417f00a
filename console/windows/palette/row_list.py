"""The list of the command bar: headings and rows of 40, typed characters in accent, keys and reasons at the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)  # fmt: skip
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.viewmodels.verbs import offers
from console.viewmodels.verbs.offers import Row
from console.windows.rows import limit_reading
from widgets.forms.keycap import draw_keycap, keycap_width
from widgets.indicators.countdown import limit_text
from widgets.indicators.sla_shape import draw_sla_shape
from widgets.theme import Theme, theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import RIGHT, draw_text, text_width

ROW, HEADING = 40, 32
MOST_HEIGHT = 496
ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1
AnyIndex = QModelIndex | QPersistentModelIndex


def tr(text: str) -> str:
    """Translate a word of the list."""
    return QCoreApplication.translate("PaletteList", text)


def heading(section: str) -> str:
    """Return the words of a section."""
    words = {
        offers.RECENT: tr("最近用过"),
        offers.COMMANDS: tr("命令"),
        offers.CASES: tr("案件"),
        offers.PLACES: tr("网格与地点"),
        offers.PEOPLE: tr("人员与单位"),
        offers.SETTINGS: tr("设置"),
    }
    return words[section]


class RowModel(QAbstractListModel):
    """Rows with a heading (a plain string) before each section."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._lines: list[Row | str] = []

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the line, or its words."""
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        if role == ROW_ROLE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            if isinstance(line, str):
                return line
            return "，".join(part for part in (line.title, line.note, line.reason) if part)
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if isinstance(self._lines[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def set_rows(self, rows: tuple[Row, ...], commands: str) -> None:
        """Show other rows; `commands` stands behind the heading of the commands."""
        self.beginResetModel()
        self._lines, section = [], ""
        for row in rows:
            if row.section != section:
                section = row.section
                tail = commands if section == offers.COMMANDS else ""
                self._lines.append(heading(section) + tail)
            self._lines.append(row)
        self.endResetModel()

    def places(self) -> list[int]:
        """Return the places of the rows that can be chosen."""
        return [place for place, line in enumerate(self._lines) if isinstance(line, Row)]


class RowDelegate(QStyledItemDelegate):
    """Paints one line."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Return 40 for a row, less for a heading."""
        return QSize(200, HEADING if isinstance(index.data(ROW_ROLE), str) else ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw a heading or a row."""
        look, line, rect = theme(), index.data(ROW_ROLE), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(line, str):
            box = rect.adjusted(18, 6, -18, 0)
            draw_text(painter, box, line, look.font("label"), look.color("text.tertiary"))
        else:
            state: QStyle.StateFlag = option.state
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            if chosen:
                painter.fillRect(rect, look.color("bg.selected"))
                painter.fillRect(QRectF(rect.x(), rect.y(), 3, rect.height()), look.color("accent.base"))
            elif state & QStyle.StateFlag.State_MouseOver:
                painter.fillRect(rect, look.color("bg.hover"))
            self._draw_row(painter, rect, line, chosen, look)
        painter.restore()

    def _draw_row(self, painter: QPainter, rect: QRectF, row: Row, chosen: bool, look: Theme) -> None:
        """Draw shape, title, note; key, clock or reason at the right."""
        mark = QRectF(rect.x() + 18, rect.y(), 18, rect.height())
        if row.view is not None:
            draw_sla_shape(painter, QRectF(mark.x() + 1, rect.center().y() - 8, 16, 16), row.view.band, look)
        else:
            token = "text.tertiary" if row.reason else "accent.base" if chosen else "text.secondary"
            draw_icon(painter, mark, row.icon or "chevron_right", look.color(token), 16)
        right = self._draw_right(painter, rect, row, look)
        left = rect.x() + 48
        token = "text.tertiary" if row.reason else "text.primary"
        used = _draw_marked(
            painter, QRectF(left, rect.y(), right - left, rect.height()), row, token, look, chosen
        )
        note = QRectF(left + used + 12, rect.y(), right - left - used - 12, rect.height())
        if note.width() > 24:
            draw_text(painter, note, row.note, look.font("label"), look.color("text.tertiary"))

    @staticmethod
    def _draw_right(painter: QPainter, rect: QRectF, row: Row, look: Theme) -> float:
        """Draw what stands at the right; return where the room to its left ends."""
        right = rect.right() - 16
        for key in row.keys:
            width = keycap_width(key, look)
            draw_keycap(painter, right - width, rect.center().y(), key, look)
            right -= width + 12
        words, token = row.reason, "sla.soon.text"
        if row.view is not None and not words:
            reading = limit_reading(row.view)
            words, token = (
                (limit_text(reading, row.view.measured_at) if reading is not None else ""),
                "text.secondary",
            )
        if words:
            width = min(text_width(look.font("label"), words), rect.width() * 0.5)
            box = QRectF(right - width - 1, rect.y(), width + 1, rect.height())
            draw_text(painter, box, words, look.font("label"), look.color(token), RIGHT)
            right -= width + 16
        return right


def _draw_marked(painter: QPainter, rect: QRectF, row: Row, token: str, look: Theme, chosen: bool) -> float:
    """Draw the title with the typed characters in accent; return the width taken."""
    x, at, text = rect.x(), 0, row.title
    while at < len(text) and x < rect.right():
        typed = at in row.places
        end = at
        while end < len(text) and (end in row.places) == typed:
            end += 1
        font = look.font("body", typed or chosen)
        colour = look.color("accent.base" if typed and not row.reason else token)
        run = QRectF(x, rect.y(), rect.right() - x, rect.height())
        x += draw_text(painter, run, text[at:end], font, colour)
        at = end
    return x - rect.x()


class RowList(QListView):
    """The list; the focus stays in the field."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.rows = RowModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(RowDelegate(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setProperty("ground", "overlay")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerItem)
        self.setAccessibleName(tr("命令和结果"))

    @property
    def current(self) -> Row | None:
        """The row that is marked."""
        found = self.currentIndex().data(ROW_ROLE)
        return found if isinstance(found, Row) else None

    def show_rows(self, rows: tuple[Row, ...], commands: str) -> None:
        """Show other rows and mark the first."""
        self.rows.set_rows(rows, commands)
        places = self.rows.places()
        if places:
            self.setCurrentIndex(self.rows.index(places[0]))
            self.scrollToTop()
        height = sum(
            HEADING if isinstance(self._line(at), str) else ROW for at in range(self.rows.rowCount())
        )
        self.setFixedHeight(min(height, MOST_HEIGHT))

    def step(self, steps: int) -> bool:
        """Move the mark; False when it stands at that end already."""
        places = self.rows.places()
        if not places:
            return False
        here = self.currentIndex().row()
        at = places.index(here) if here in places else 0
        to = min(max(at + steps, 0), len(places) - 1)
        self.setCurrentIndex(self.rows.index(places[to]))
        if to == 0:
            self.scrollToTop()
        return to != at

    def _line(self, place: int) -> object:
        """Return a line."""
        return self.rows.index(place).data(ROW_ROLE)
