"""The sheet on paper: A4 pages drawn in the light theme, to a printer or a PDF file."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QMarginsF, QRectF
from PySide6.QtGui import QColor, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen
from PySide6.QtPrintSupport import QPrinter

from console.viewmodels.deadline import DeadlineViewModel, SheetClock
from console.windows.dialogs.ledger import ledger_bar
from widgets import format as fmt
from widgets.charts.limit_ledger import draw_ledger
from widgets.indicators.text_label import wrap_lines
from widgets.theme import Theme
from widgets.theme.text import RIGHT, draw_text

#: the page is drawn in units of 1/96 inch: A4 is 794 × 1123 of them
WIDTH, HEIGHT, MARGIN = 794.0, 1123.0, 56.0
INK, QUIET, RULE = "#18212A", "#46525E", "#9AA5B0"


def tr(text: str) -> str:
    """Translate a word of the sheet."""
    return QCoreApplication.translate("Deadline", text)


class SheetPainter:
    """Draws the sheet page by page; `new_page` begins the next one."""

    def __init__(self, painter: QPainter, model: DeadlineViewModel, new_page: Callable[[], bool]) -> None:
        """Take a painter whose unit is 1/96 inch."""
        self._painter, self._model, self._new_page = painter, model, new_page
        self._look = Theme("light")
        self._y = MARGIN
        self._page = 1

    def draw(self) -> int:
        """Draw everything; returns the number of pages."""
        self._head()
        for clock in self._model.clocks:
            self._clock(clock)
        self._events()
        self._foot()
        return self._page

    # --- parts --------------------------------------------------------------------------------------

    def _head(self) -> None:
        head = self._model.head()
        self._line(tr("时限说明书"), "title_l")
        if head is None:
            return
        first = "  ".join(part for part in (head.number, head.category, head.grid) if part)
        self._line(first, "heading")
        self._text(tr("立案条件：{text}").format(text=head.condition) if head.condition else "", QUIET)
        self._text(tr("地址：{text}").format(text=head.address) if head.address else "", QUIET)
        state = tr("现在：{state}").format(state=head.state)
        state += tr("（第 {n} 轮）").format(n=head.round) if head.round > 1 else ""
        self._text(state, QUIET)
        self._gap(8)
        self._rule()

    def _clock(self, clock: SheetClock) -> None:
        lines = [
            line
            for sentence in clock.sentences
            for line in wrap_lines(sentence, self._look.font("body"), self._width)
        ]
        self._need(28 + 108 + 20 * len(lines) + 16)
        self._line(f"{clock.title}  {clock.limit}", "heading")
        box = QRectF(MARGIN, self._y, self._width, 100)
        draw_ledger(self._painter, box, ledger_bar(clock, self._model.seat.rules.calendar), self._look)
        self._y += 108
        for line in lines:
            self._row(line, "body", INK)
        self._gap(16)

    def _events(self) -> None:
        events = self._model.events()
        if not events:
            return
        self._need(28 + 20 * min(len(events), 3))
        self._rule()
        self._line(tr("涉及时限的办理经过"), "heading")
        calendar, now = self._model.seat.rules.calendar, self._model.printed_at
        for event in events:
            when = fmt.moment_text(calendar.local(event.at), calendar.local(now))
            self._text(f"{when}  {event.actor}  {event.action}  {event.reason}".rstrip(), INK)

    def _foot(self) -> None:
        calendar = self._model.seat.rules.calendar
        local = calendar.local(self._model.printed_at)
        text = tr("打印于 {date} {time} · 打印人 {name}").format(
            date=local.date().isoformat(), time=fmt.time_of_day(local), name=self._model.seat.actor.name
        )
        if self._model.offline:
            text += tr(" · 离线，依据本机缓存")
        room = QRectF(MARGIN, HEIGHT - MARGIN + 8, self._width, 20)
        draw_text(self._painter, room, text, self._look.font("label"), QColor(QUIET))
        page = tr("第 {n} 页").format(n=self._page)
        draw_text(self._painter, room, page, self._look.font("label"), QColor(QUIET), RIGHT)

    # --- lines --------------------------------------------------------------------------------------

    @property
    def _width(self) -> float:
        return WIDTH - 2 * MARGIN

    def _line(self, text: str, step: str) -> None:
        if text:
            self._row(text, step, INK)
            self._gap(4)

    def _text(self, text: str, colour: str) -> None:
        for line in wrap_lines(text, self._look.font("body"), self._width) if text else ():
            self._row(line, "body", colour)

    def _row(self, text: str, step: str, colour: str) -> None:
        height = self._look.line(step)
        self._need(height)
        room = QRectF(MARGIN, self._y, self._width, height)
        draw_text(self._painter, room, text, self._look.font(step), QColor(colour), elide=False)
        self._y += height

    def _rule(self) -> None:
        self._painter.setPen(QPen(QColor(RULE), 1))
        self._painter.drawLine(round(MARGIN), round(self._y), round(WIDTH - MARGIN), round(self._y))
        self._gap(12)

    def _gap(self, height: float) -> None:
        self._y += height

    def _need(self, height: float) -> None:
        """Begin another page when less than `height` is left, unless the page is fresh."""
        if self._y + height <= HEIGHT - MARGIN or self._y <= MARGIN:
            return
        self._foot()
        self._new_page()
        self._page += 1
        self._y = MARGIN


def _page_layout() -> QPageLayout:
    return QPageLayout(
        QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)
    )


def _paint(device: QPdfWriter | QPrinter, model: DeadlineViewModel, resolution: int) -> int:
    painter = QPainter(device)
    try:
        painter.scale(resolution / 96, resolution / 96)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        return SheetPainter(painter, model, device.newPage).draw()
    finally:
        painter.end()


def write_pdf(path: str, model: DeadlineViewModel) -> int:
    """Write the sheet to a PDF file; returns the number of pages. Raises OSError when it cannot be written."""
    with open(path, "wb"):
        """The file can be written; what Qt says of a failure is only a warning on the console."""
    writer = QPdfWriter(path)
    writer.setPageLayout(_page_layout())
    writer.setResolution(192)
    writer.setTitle(tr("时限说明书"))
    return _paint(writer, model, 192)


def print_sheet(printer: QPrinter, model: DeadlineViewModel) -> int:
    """Print the sheet; returns the number of pages."""
    printer.setPageLayout(_page_layout())
    printer.setFullPage(True)
    return _paint(printer, model, printer.resolution())
