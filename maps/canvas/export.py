"""The current view as a picture or a page: PNG and PDF with title, legend, scale, time; written whole or not at all.

`export_png` and `export_pdf` do it in one go. `ExportRun` draws in slices, so that the window stays alive while a
large page is made, and lets the operator give up; the finished bytes are written by whoever is handed them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice, QMarginsF, QObject, QSizeF, QTimer, Signal
from PySide6.QtGui import QImage, QImageWriter, QPageLayout, QPageSize, QPainter, QPdfWriter

from maps.canvas.case_pictures import HeatPicture
from maps.canvas.page import DOTS, Page, saved
from maps.canvas.vector_map import VectorMap
from services.geo.whole_file import FileNotWritten, whole_file

if TYPE_CHECKING:
    from maps.canvas.widget import GridMapWidget

SLICE_S = 0.012
_PDF_DPI = 1200
#: a picture larger than this is refused: no screen and no printer asks for it
MOST_PIXELS = 120_000_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished page in memory: a picture (PNG is made from it elsewhere) or the bytes of a PDF."""

    image: QImage | None = None
    pdf: bytes = b""

    def data(self) -> bytes:
        """Return the bytes of the file; packing a large picture takes a second, on any thread.

        Raises:
            FileNotWritten: the picture could not be packed (no memory).
        """
        if self.image is None:
            return self.pdf
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        if not QImageWriter(buffer, b"png").write(self.image):
            raise FileNotWritten(_no_memory())
        return bytes(buffer.data().data())

    def write(self, path: Path, *, overwrite: bool = True) -> None:
        """Write the file whole or not at all; FileNotWritten with a sentence when it cannot be."""
        data = self.data()
        with whole_file(path, overwrite=overwrite) as part:
            part.write_bytes(data)


def export_png(grid_map: GridMapWidget, path: str | Path, page: Page, *, overwrite: bool = True) -> None:
    """Write the current view as a picture; blocks until it is there. Raises FileNotWritten."""
    _all_of(picture_steps(grid_map, page)).write(Path(path), overwrite=overwrite)


def export_pdf(grid_map: GridMapWidget, path: str | Path, page: Page, *, overwrite: bool = True) -> None:
    """Write the current view as a PDF with shapes and embedded fonts; blocks. Raises FileNotWritten."""
    _all_of(pdf_steps(grid_map, page)).write(Path(path), overwrite=overwrite)


def _all_of(steps: Iterator[Drawn | None]) -> Drawn:
    found: Drawn | None = None
    for found in steps:  # noqa: B007 - the last one counts
        pass
    if found is None:
        raise FileNotWritten(_no_memory())
    return found


def picture_steps(grid_map: GridMapWidget, page: Page) -> Iterator[Drawn | None]:
    """Draw a page as a picture in steps; the last step gives it. Raises FileNotWritten when it is too large."""
    paper = page.paper
    width, height = round(paper.width * paper.ratio), round(paper.height * paper.ratio)
    image = QImage(width, height, QImage.Format.Format_RGB32) if width * height <= MOST_PIXELS else QImage()
    if image.isNull():
        raise FileNotWritten(_no_memory())
    dots = round(paper.ratio * DOTS / 0.0254)
    image.setDotsPerMeterX(dots)
    image.setDotsPerMeterY(dots)
    image.setText("Title", page.words.title)
    painter = QPainter(image)
    try:
        painter.scale(paper.ratio, paper.ratio)
        for _ in _page_steps(grid_map, page, painter, paper.ratio, vector=False):
            yield None
    finally:
        # also when the run is given up: a painter that outlives its picture takes the process with it
        painter.end()
    yield Drawn(image=image)


def pdf_steps(grid_map: GridMapWidget, page: Page) -> Iterator[Drawn | None]:
    """Draw a page as a PDF in steps; the last step gives its bytes."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(page.words.title)
    writer.setCreator("griddesk")
    writer.setResolution(_PDF_DPI)
    size = QPageSize(QSizeF(*page.paper.points), QPageSize.Unit.Point, page.paper.name)
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF()))
    painter = QPainter(writer)
    try:
        painter.scale(_PDF_DPI / DOTS, _PDF_DPI / DOTS)
        for _ in _page_steps(grid_map, page, painter, page.paper.ratio, vector=True):
            yield None
    finally:
        painter.end()
    yield Drawn(pdf=bytes(buffer.data().data()))


def _page_steps(
    grid_map: GridMapWidget, page: Page, painter: QPainter, ratio: float, *, vector: bool
) -> Iterator[None]:
    """Draw a page on a painter in logical pixels."""
    view, room = page.view_of(grid_map.view), page.map_room
    page.background(painter)
    heat = HeatPicture(grid_map.state, page.palette)
    drawn = VectorMap(grid_map.state, page.palette, view, ratio, vector, heat, grid_map.ground_layers())
    with saved(painter):
        painter.translate(room.topLeft())
        yield from drawn.steps(painter)
    page.paint(painter, grid_map.state, view, heat)


class ExportRun(QObject):
    """Draws a page in slices. `done(Drawn)` once, or `failed(str)`; after `cancel` neither.

    State that changes while the page is drawn may show in the rest of it; the operator's own hand is what
    changes most, so whoever starts a run keeps the view still.
    """

    done = Signal(object)
    failed = Signal(str)

    def __init__(self, steps: Callable[[], Iterator[Drawn | None]], parent: QObject | None = None) -> None:
        """Take what is drawn; `start` begins."""
        super().__init__(parent)
        self._steps = steps
        self._run: Iterator[Drawn | None] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._slice)

    def start(self) -> None:
        """Begin; the first slice comes with the next turn of the event loop."""
        self._run = self._steps()
        self._timer.start()

    @property
    def running(self) -> bool:
        """Whether there is more to draw."""
        return self._run is not None

    def cancel(self) -> None:
        """Give up; nothing is told any more."""
        self._timer.stop()
        run, self._run = self._run, None
        if run is not None and hasattr(run, "close"):
            run.close()

    def _slice(self) -> None:
        """Draw for a moment."""
        run = self._run
        until = time.perf_counter() + SLICE_S
        try:
            while run is not None and time.perf_counter() < until:
                found = next(run, None)
                if found is not None:
                    self.cancel()
                    self.done.emit(found)
                    return
        except FileNotWritten as error:
            self.cancel()
            self.failed.emit(error.title)


def _no_memory() -> str:
    """Return the sentence for a picture that cannot be made."""
    return QCoreApplication.translate("MapExport", "图片太大，内存不足，没有保存。请选择小一些的纸张。")
