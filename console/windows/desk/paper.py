"""Forms of the desk on A4: a text document with the letter and tables of an office, to a PDF file or a printer."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable

from PySide6.QtCore import QCoreApplication, QMarginsF, QRectF, QSizeF, QUrl
from PySide6.QtGui import QColor, QFont, QImage, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QFileDialog, QWidget

from widgets.theme import Theme
from widgets.theme.text import RIGHT, draw_text

#: the page in units of 1/96 inch (A4) and its margins; laid out in them whatever the printer's resolution
WIDTH, HEIGHT, MARGIN, FOOT = 794.0, 1123.0, 60.0, 24.0

AskPath = Callable[[QWidget, str], str]
AskPrinter = Callable[[QWidget], QPrinter | None]


def tr(text: str) -> str:
    """Translate a word of the forms."""
    return QCoreApplication.translate("DeskPaper", text)


def ask_path(parent: QWidget, name: str) -> str:
    """Let the operator choose where the PDF goes; empty when he did not."""
    path, _ = QFileDialog.getSaveFileName(parent, tr("存为 PDF"), name, "PDF (*.pdf)")
    return path


def ask_printer(parent: QWidget) -> QPrinter | None:
    """Let the operator choose a printer; None when he did not."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = QPrintDialog(printer, parent)
    return printer if dialog.exec() == QPrintDialog.DialogCode.Accepted else None


def esc(text: str) -> str:
    """Return a text as it stands in HTML, line ends kept."""
    return html.escape(text).replace("\n", "<br>")


def heading(text: str) -> str:
    """Return a heading inside a form."""
    return f'<p class="h">{esc(text)}</p>'


def table(rows: str, padding: int) -> str:
    """Return a table with hairlines; `rows` is HTML."""
    look = "border-collapse:collapse;border-style:solid;border-color:#9AA5B0"
    return f'<table style="{look}" border="1" width="100%" cellspacing="0" cellpadding="{padding}">{rows}</table>'


def facts_table(rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of two columns; values are escaped here."""
    cells = "".join(
        f'<tr><td class="k" width="18%">{esc(name)}</td><td width="82%">{esc(value) or "&nbsp;"}</td></tr>'
        for name, value in rows
    )
    return table(cells, 4)


def document(body: str, pictures: dict[str, QImage] | None = None) -> QTextDocument:
    """Return a laid-out document; `pictures` are named in the body by `<img src="name">`."""
    look = Theme("light")
    made = QTextDocument()
    made.setDocumentMargin(0)
    font = QFont(look.font("body"))
    font.setPixelSize(13)
    made.setDefaultFont(font)
    for name, picture in (pictures or {}).items():
        made.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(name), picture)
    made.setDefaultStyleSheet(
        ".h { font-weight: bold; margin: 12px 0 4px 0; } h1 { margin: 0 0 6px 0; }"
        "p { margin: 3px 0; } .q { color: #46525E; font-size: 12px; } .k { color: #46525E; }"
        ".n { white-space: nowrap; }"
    )
    made.setHtml(f'<div style="color:#18212A">{body}</div>')
    made.setPageSize(QSizeF(WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN - FOOT))
    return made


def _layout() -> QPageLayout:
    return QPageLayout(
        QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)
    )


def _paint(device: QPdfWriter | QPrinter, made: QTextDocument, resolution: int) -> int:
    """Draw every page with its number; returns how many."""
    pages = made.pageCount()
    painter = QPainter(device)
    try:
        painter.scale(resolution / 96, resolution / 96)
        for page in range(pages):
            if page:
                device.newPage()
            _draw_page(painter, made, page)
    finally:
        painter.end()
    return pages


def _draw_page(painter: QPainter, made: QTextDocument, page: int) -> None:
    """Draw one page and its number, in units of 1/96 inch."""
    look, size = Theme("light"), made.pageSize()
    painter.save()
    painter.translate(MARGIN, MARGIN - page * size.height())
    made.drawContents(painter, QRectF(0, page * size.height(), size.width(), size.height()))
    painter.restore()
    room = QRectF(MARGIN, HEIGHT - MARGIN, WIDTH - 2 * MARGIN, FOOT)
    words = tr("第 {n} 页 / 共 {m} 页").format(n=page + 1, m=made.pageCount())
    draw_text(painter, room, words, look.font("label"), QColor("#46525E"), RIGHT)


def page_picture(made: QTextDocument, page: int = 0, scale: float = 1.5) -> QImage:
    """Return a page as a picture, as it will stand on paper."""
    image = QImage(round(WIDTH * scale), round(HEIGHT * scale), QImage.Format.Format_RGB32)
    image.fill(QColor("#FFFFFF"))
    painter = QPainter(image)
    try:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(scale, scale)
        _draw_page(painter, made, page)
    finally:
        painter.end()
    return image


def write_pdf(path: str, title: str, made: QTextDocument) -> int:
    """Write a document as PDF; returns the number of pages. Raises OSError when the place cannot be written."""
    with open(path, "wb"):
        """The file can be written; what Qt says of a failure is only a warning on the console."""
    writer = QPdfWriter(path)
    writer.setPageLayout(_layout())
    writer.setTitle(title)
    writer.setResolution(192)
    return _paint(writer, made, 192)


def print_out(printer: QPrinter, made: QTextDocument) -> int:
    """Print a document; returns the number of pages."""
    printer.setPageLayout(_layout())
    printer.setFullPage(True)
    return _paint(printer, made, printer.resolution())
