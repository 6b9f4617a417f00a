"""The running clock of a case: its reading as a value, its words, and the big label of the case panel."""

from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import format as fmt
from widgets.indicators.sla_shape import draw_sla_shape, known_band
from widgets.theme import Theme, theme
from widgets.theme.text import draw_text, text_width

BOLD_BANDS = frozenset({"soon", "over1", "over2", "over3"})


@dataclass(frozen=True, slots=True)
class LimitReading:
    """What a clock said at one moment, enough to count on by itself until the next reading.

    Attributes:
        band: ``ok`` … ``closed``; who decides bands gives a new reading when the band changes.
        remaining_s: seconds left at ``measured_at`` (working seconds for limits in working time); negative is
            overdue.
        measured_at: when it was read, with time zone.
        counting: False while the value stands still (suspended, outside working hours, ended).
        off_hours: it stands still because of the working calendar: the word 非工作时 is shown.
        on_time: for ``closed``: 按期结案 or 超期结案.
    """

    band: str
    remaining_s: float
    measured_at: datetime
    counting: bool = True
    off_hours: bool = False
    on_time: bool = True

    def remaining_at(self, now: datetime) -> float:
        """Return the seconds left at a moment; negative when overdue."""
        if not self.counting:
            return self.remaining_s
        return self.remaining_s - (now - self.measured_at).total_seconds()


def limit_parts(reading: LimitReading, now: datetime) -> tuple[str, str]:
    """Return why the clock stands still (挂账, 非工作时, usually nothing) and its time or end."""
    if reading.band == "closed":
        if reading.on_time:
            return "", QCoreApplication.translate("Limit", "按期结案")
        return "", QCoreApplication.translate("Limit", "超期结案")
    left = reading.remaining_at(now)
    words = fmt.remaining(left) if left > 0 else fmt.overdue(-left)
    if reading.band == "suspended":
        return QCoreApplication.translate("Limit", "挂账"), words
    if reading.off_hours and not reading.counting:
        return QCoreApplication.translate("Limit", "非工作时"), words
    return "", words


def limit_text(reading: LimitReading, now: datetime) -> str:
    """Write the time of a reading: 余 0:04:52, 超 1天 19:05, 挂账 余 2天, 非工作时 余 3:20:00, 按期结案."""
    return " ".join(part for part in limit_parts(reading, now) if part)


def limit_words(reading: LimitReading, now: datetime) -> str:
    """Write the time for a screen reader: 余 4 分 52 秒, 超 1 天 19 小时."""
    if reading.band == "closed":
        return limit_text(reading, now)
    left = reading.remaining_at(now)
    if left > 0:
        return QCoreApplication.translate("Limit", "余 {0}").format(fmt.span_words(left))
    return QCoreApplication.translate("Limit", "超 {0}").format(fmt.span_words(-left))


def draw_limit(painter: QPainter, rect: QRectF, text: str, band: str, look: Theme, still: str = "") -> None:
    """Draw a row's time, right-aligned: regular for ok, bold from soon on, a filled chip for over3.

    ``still`` says why the clock stands still (挂账, 非工作时). The time itself is never cut: in a narrow place the word
    gets smaller, then 余 is left out, then the word.
    """
    band = known_band(band)
    bold = band in BOLD_BANDS
    font = look.font("body", bold)
    if still:
        whole = f"{still} {text}"
        if text_width(font, whole) > rect.width() and band != "over3":
            _draw_still(painter, rect, text, still, band, look)
            return
        text = whole
    width = text_width(font, text)
    if band == "over3":
        tone = look.tone("sla.over3")
        box = QRectF(rect.right() - width - 10, rect.center().y() - 10, width + 10, 20)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(tone.fill)
        painter.setBrush(tone.fill)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        painter.restore()
        draw_text(painter, box.adjusted(5, 0, 0, 0), text, font, tone.on_fill, elide=False)
        return
    left = max(rect.left(), rect.right() - width)
    colour = look.color(f"sla.{band}.text")
    draw_text(painter, QRectF(left, rect.top(), rect.right() - left, rect.height()), text, font, colour)


def _draw_still(painter: QPainter, rect: QRectF, text: str, still: str, band: str, look: Theme) -> None:
    """Draw word and time of a clock that stands still where they do not fit in one size."""
    font, small = look.font("body", band in BOLD_BANDS), look.font("caption")
    word = text_width(small, still) + 4
    if word + text_width(font, text) > rect.width():
        text = text.split(" ", 1)[-1]
    time = text_width(font, text)
    colour = look.color(f"sla.{band}.text")
    row = QRectF(rect.right() - time, rect.top(), time + 1, rect.height())
    draw_text(painter, row, text, font, colour, elide=False)
    if word + time <= rect.width() + 4:  # the gap to the column before is free
        at = QRectF(rect.right() - time - word, rect.top(), word, rect.height())
        draw_text(painter, at, still, small, look.color("text.tertiary"), elide=False)


class CountdownLabel(QWidget):
    """The countdown of the case panel: shape 18 and the time in ``title_l``; smaller steps take a shape of 16.

    Call ``tick`` once a second; digits change without effect.
    """

    def __init__(self, parent: QWidget | None = None, *, step: str = "title_l") -> None:
        super().__init__(parent)
        self._step = step
        self._reading: LimitReading | None = None
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The words shown now."""
        return self._text

    def set_reading(self, reading: LimitReading | None, now: datetime) -> None:
        """Show another clock; None shows nothing."""
        self._reading = reading
        self.tick(now)
        self.update()

    def tick(self, now: datetime) -> None:
        """Write the time again; does nothing when the words stay the same."""
        text = limit_text(self._reading, now) if self._reading else ""
        if text == self._text:
            return
        before = self.sizeHint()
        self._text = text
        self.setAccessibleName(limit_words(self._reading, now) if self._reading else "")
        if self.sizeHint() != before:  # 非工作时 is as many signs as some figures, and wider
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return shape, gap and words."""
        look = theme()
        return QSize(
            round(text_width(look.font(self._step, True), self._text)) + 30, look.line(self._step) + 2
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw shape and time."""
        if self._reading is None:
            return
        look = theme()
        with QPainter(self) as painter:
            band = known_band(self._reading.band)
            draw_sla_shape(
                painter, QRectF(0, 0, 18, self.height()), band, look, 18 if self._step == "title_l" else 16
            )
            words = QRectF(26, 0, self.width() - 26, self.height())
            draw_text(
                painter,
                words,
                self._text,
                look.font(self._step, True),
                look.color(f"sla.{band}.text"),
                elide=False,
            )
