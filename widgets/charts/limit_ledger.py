"""时限说明书 as a picture: one clock's life as a horizontal bar, slice by slice, with due time and now.

Every slice has a pattern besides its colour, so that the bar can be read in grey and on paper.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import format as fmt
from widgets.theme import Theme, theme
from widgets.theme.text import CENTER, LEFT, RIGHT, draw_text, text_width

_BAR_TOP = 24
_BAR = 20
_AXIS = 34
_LEGEND = 22


class SliceKind(StrEnum):
    """What a stretch of time was for the clock."""

    COUNTING = "counting"
    NON_WORKING = "non_working"
    PAUSE = "pause"
    EXCLUSION = "exclusion"
    EXTENSION = "extension"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class LedgerSlice:
    """A stretch of time; ``start`` < ``end``, both with time zone."""

    start: datetime
    end: datetime
    kind: SliceKind


@dataclass(frozen=True, slots=True)
class LedgerBar:
    """One clock: when it started, when it is due, what time it is, and its slices in order, not overlapping.

    ``due`` is None while the clock stands still; with ``ended`` the clock was stopped at ``now``.
    """

    start: datetime
    due: datetime | None
    now: datetime
    slices: tuple[LedgerSlice, ...]
    ended: bool = False


def slice_label(kind: SliceKind) -> str:
    """Return the word of a kind of time."""
    words = {
        SliceKind.COUNTING: QCoreApplication.translate("Ledger", "计时"),
        SliceKind.NON_WORKING: QCoreApplication.translate("Ledger", "非工作时"),
        SliceKind.PAUSE: QCoreApplication.translate("Ledger", "挂账停钟"),
        SliceKind.EXCLUSION: QCoreApplication.translate("Ledger", "不计时"),
        SliceKind.EXTENSION: QCoreApplication.translate("Ledger", "延期"),
        SliceKind.OVERDUE: QCoreApplication.translate("Ledger", "超时"),
    }
    return words[kind]


def span_of(bar: LedgerBar) -> tuple[datetime, datetime]:
    """Return the first and last moment of the picture, with a little room at the end."""
    ends = [bar.due or bar.now, bar.now, *(piece.end for piece in bar.slices)]
    starts = [bar.start, *(piece.start for piece in bar.slices)]
    first, last = min(starts), max(ends)
    if last <= first:
        last = first + timedelta(minutes=1)
    return first, last + (last - first) * 0.03


def ticks_of(first: datetime, last: datetime, width: float) -> list[tuple[datetime, str]]:
    """Return axis ticks at least 56 px apart: hours within a day, else days (``14``, ``11-20``)."""
    total = (last - first).total_seconds()
    per_px = total / max(width, 1)
    steps = (900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800, 1209600, 2592000)
    step = next((one for one in steps if one / per_px >= 56), steps[-1])
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    ticks = []
    moment = midnight + timedelta(seconds=step * max(0, int((first - midnight).total_seconds() // step)))
    while moment <= last:
        if moment >= first:
            ticks.append((moment, _tick_word(moment, step)))
        moment += timedelta(seconds=step)
    return ticks


def _tick_word(moment: datetime, step: int) -> str:
    if step >= 86400 or (moment.hour, moment.minute) == (0, 0):
        return f"{moment:%m-%d}"
    return f"{moment:%H:%M}" if step < 3600 else str(moment.hour)


def draw_ledger(painter: QPainter, rect: QRectF, bar: LedgerBar, look: Theme) -> None:
    """Draw the bar with axis, marks and legend; 100 px high are used. Works on paper with the light theme."""
    first, last = span_of(bar)
    total = (last - first).total_seconds()

    def at(moment: datetime) -> float:
        return rect.x() + rect.width() * (moment - first).total_seconds() / total

    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    top = rect.y() + _BAR_TOP
    painter.fillRect(QRectF(rect.x(), top, rect.width(), _BAR), look.color("bg.raised"))
    for piece in bar.slices:
        box = QRectF(at(piece.start), top, max(1.0, at(piece.end) - at(piece.start)), _BAR)
        draw_slice(painter, box, piece.kind, look)
        if piece.kind is SliceKind.COUNTING and piece.end > bar.now:
            left = max(box.left(), at(bar.now))
            _draw_to_come(painter, QRectF(left, top, box.right() - left, _BAR), look)
    for moment, word in ticks_of(first, last, rect.width()):
        x = at(moment)
        painter.setPen(QPen(look.color("line.normal"), 1))
        painter.drawLine(QPointF(x, top + _BAR), QPointF(x, top + _BAR + 4))
        width = text_width(look.font("caption"), word) + 2
        left = min(max(x - width / 2, rect.left()), rect.right() - width)
        room = QRectF(left, top + _BAR + 4, width, 16)
        draw_text(painter, room, word, look.font("caption"), look.color("text.tertiary"), CENTER, elide=False)
    if bar.due is not None:
        _draw_mark(
            painter, rect, at(bar.due), top, _due_word(bar, bar.due), "text.primary", look, dashed=False
        )
    if bar.now < last:
        token = "text.secondary" if bar.ended else "sla.soon.text"
        _draw_mark(painter, rect, at(bar.now), top, _now_word(bar), token, look, dashed=True)
    _draw_legend(painter, QRectF(rect.x(), top + _BAR + _AXIS - 8, rect.width(), _LEGEND), bar, look)
    painter.restore()


def draw_slice(painter: QPainter, box: QRectF, kind: SliceKind, look: Theme) -> None:
    """Draw one slice: colour and pattern of its kind."""
    paints: dict[SliceKind, tuple[str, Qt.BrushStyle, str]] = {
        SliceKind.COUNTING: ("text.tertiary", Qt.BrushStyle.SolidPattern, ""),
        SliceKind.NON_WORKING: ("bg.raised", Qt.BrushStyle.SolidPattern, "line.normal"),
        SliceKind.PAUSE: ("sla.suspended.fill", Qt.BrushStyle.VerPattern, "sla.suspended.fill"),
        SliceKind.EXCLUSION: ("line.strong", Qt.BrushStyle.BDiagPattern, "line.strong"),
        SliceKind.EXTENSION: ("accent.fill", Qt.BrushStyle.SolidPattern, ""),
        SliceKind.OVERDUE: ("sla.over2.fill", Qt.BrushStyle.DiagCrossPattern, "sla.over2.fill"),
    }
    token, style, edge = paints[kind]
    if style is Qt.BrushStyle.SolidPattern:
        painter.fillRect(box, look.color(token))
        if kind is SliceKind.EXTENSION:  # in grey it would look like counting
            painter.fillRect(
                QRectF(box.x(), round(box.center().y()) - 1, box.width(), 2), look.color("text.on_accent")
            )
    elif kind is SliceKind.OVERDUE:
        painter.fillRect(box, look.color(token))
        painter.fillRect(box, QBrush(look.color("sla.over2.on_fill"), Qt.BrushStyle.FDiagPattern))
    else:
        painter.fillRect(box, look.color("bg.panel"))
        painter.fillRect(box, QBrush(look.color(token), style))
    if edge:
        painter.setPen(QPen(look.color(edge), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))


def _draw_to_come(painter: QPainter, box: QRectF, look: Theme) -> None:
    """Draw the part of a counting slice that lies ahead: hollow."""
    painter.fillRect(box, look.color("bg.panel"))
    painter.setPen(QPen(look.color("text.tertiary"), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))


def _due_word(bar: LedgerBar, due: datetime) -> str:
    return QCoreApplication.translate("Ledger", "到期 {0}").format(fmt.moment_text(due, bar.now))


def _now_word(bar: LedgerBar) -> str:
    time = fmt.time_of_day(bar.now)
    if bar.ended:
        return QCoreApplication.translate("Ledger", "结束 {0}").format(time)
    return QCoreApplication.translate("Ledger", "现在 {0}").format(time)


def _draw_mark(
    painter: QPainter, rect: QRectF, x: float, top: float, word: str, token: str, look: Theme, *, dashed: bool
) -> None:
    colour = look.color(token)
    pen = QPen(colour, 1 if dashed else 2)
    if dashed:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.drawLine(QPointF(x, top - 4), QPointF(x, top + _BAR + 4))
    width = text_width(look.font("caption"), word) + 4
    # due words stand left of their line, now words right, so that they rarely meet; both stay inside
    left = x - width if not dashed else x + 4
    left = min(max(left, rect.left()), rect.right() - width)
    row = QRectF(left, rect.y() + 2, width, 16)
    draw_text(painter, row, word, look.font("caption"), colour, RIGHT if not dashed else LEFT, elide=False)


def _draw_legend(painter: QPainter, row: QRectF, bar: LedgerBar, look: Theme) -> None:
    x = row.x()
    kinds = [kind for kind in SliceKind if any(piece.kind is kind for piece in bar.slices)]
    for kind in kinds:
        word = slice_label(kind)
        draw_slice(painter, QRectF(x, row.y() + 6, 14, 10), kind, look)
        width = text_width(look.font("label"), word)
        words = QRectF(x + 20, row.y(), width + 2, row.height())
        draw_text(painter, words, word, look.font("label"), look.color("text.secondary"), elide=False)
        x += 20 + width + 16


class LimitLedger(QWidget):
    """The bar as a widget; its accessible description names every slice."""

    def __init__(self, bar: LedgerBar | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = bar
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_bar(bar)

    @property
    def bar(self) -> LedgerBar | None:
        """What is shown."""
        return self._bar

    def set_bar(self, bar: LedgerBar | None) -> None:
        """Show another clock; None shows nothing."""
        self._bar = bar
        self.setAccessibleName(self.tr("时限说明书"))
        if bar is not None:
            parts = [
                f"{slice_label(p.kind)} {fmt.moment_text(p.start, bar.now)}–{fmt.moment_text(p.end, bar.now)}"
                for p in bar.slices
            ]
            due = [_due_word(bar, bar.due)] if bar.due is not None else []
            self.setAccessibleDescription("；".join([*parts, *due]))
            self.setToolTip("\n".join(parts))
        self.update()

    def sizeHint(self) -> QSize:
        """Return 100 high."""
        return QSize(400, _BAR_TOP + _BAR + _AXIS + _LEGEND)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the clock."""
        if self._bar is None:
            return
        with QPainter(self) as painter:
            draw_ledger(painter, QRectF(self.rect()).adjusted(0, 0, -1, 0), self._bar, theme())
