"""The list of a picker: found candidates, matched parts in accent."""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from widgets.forms.keycap import draw_keycap
from widgets.forms.picker_match import PickerHit, PickerItem
from widgets.indicators.limit_bar import draw_bar
from widgets.theme import Theme, theme
from widgets.theme.text import RIGHT, draw_text, text_width

ROW_HEIGHT = 40
HIT_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_ALT_KEYS = 5
_INITIALS = 64
AnyIndex = QModelIndex | QPersistentModelIndex


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
        rect = QRectF(option.rect)
        state: QStyle.StateFlag = option.state
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
        item, left = hit.item, rect.x() + 56
        if row < _ALT_KEYS:
            draw_keycap(painter, rect.x() + 10, rect.center().y(), f"Alt+{row + 1}", look)
        right = self._draw_right(painter, rect, item, chosen, look)
        # Fixed columns, so that initials and reasons stand under each other whatever the right words are.
        initials_at = left + max(180.0, (rect.width() - 64) * 0.3)
        spare = bool(item.initials) and right - initials_at >= _INITIALS
        name = QRectF(
            left, rect.y(), (min(initials_at, right) if spare or item.reason else right) - left, rect.height()
        )
        words = "text.primary"
        used = _draw_marked(painter, name, item.name, hit.name_places, words, look, bold=chosen)
        note = name.adjusted(used + 8, 0, -8, 0)
        draw_text(painter, note, item.note, look.font("body"), look.color("text.tertiary"))
        at = initials_at
        if spare:
            box = QRectF(at, rect.y(), _INITIALS, rect.height())
            _draw_marked(painter, box, item.initials, hit.initial_places, "text.tertiary", look)
            at += _INITIALS + 8
        if item.reason and right - at >= min(120.0, text_width(look.font("label"), item.reason)):
            reason = QRectF(at, rect.y(), right - at, rect.height())
            draw_text(painter, reason, item.reason, look.font("label"), look.color("text.secondary"))

    @staticmethod
    def _draw_right(painter: QPainter, rect: QRectF, item: PickerItem, chosen: bool, look: Theme) -> float:
        """Draw percent, bar and right words; return where the room to their left ends."""
        right, strong = rect.right() - 8, look.font("body", True)
        if item.score >= 0:
            percent = QRectF(right - 44, rect.y(), 44, rect.height())
            draw_text(painter, percent, f"{item.score:.0%}", strong, look.color("text.primary"), RIGHT)
            token = "accent.base" if chosen else "text.tertiary"
            draw_bar(painter, QRectF(right - 102, rect.center().y() - 2, 50, 4), item.score, token, look)
            right -= 116
        if item.right_text:
            font = look.font("label")
            width = text_width(font, item.right_text)
            words = QRectF(right - width, rect.y(), width + 1, rect.height())
            draw_text(painter, words, item.right_text, font, look.color("text.secondary"))
            right -= width + 16
        return right


def _draw_marked(
    painter: QPainter,
    rect: QRectF,
    text: str,
    places: frozenset[int],
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
        colour = look.color("accent.base" if marked else token)
        run = QRectF(x, rect.y(), rect.right() - x, rect.height())
        x += draw_text(painter, run, text[start:end], look.font("body", marked or bold), colour)
        start = end
    return x - rect.x()
