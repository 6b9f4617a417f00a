"""导出: the view as PNG or PDF, filtered cases and areas as GeoJSON or GeoPackage; one dialog for all."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QFileDialog

from console.viewmodels.grid_map import GridMapViewModel
from console.viewmodels.map_export import Words, about_text, area_layer, case_layer, zone_words
from maps.canvas.export import Drawn, ExportRun, pdf_steps, picture_steps
from maps.canvas.page import A3, A4, UHD, Page, PageWords, Paper, screen_paper
from maps.canvas.palette import MapPalette
from maps.canvas.widget import GridMapWidget
from services.domain.case import Case
from services.geo.export_files import write_geojson, write_geopackage
from services.geo.whole_file import FileNotWritten, GivenUp, file_name

log = logging.getLogger(__name__)
LANE = "export"


def tr(text: str) -> str:
    """Translate a word of the export."""
    return QCoreApplication.translate("MapExport", text)


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: key, words for the dialog, ending, and the paper of a picture (None: the window's size)."""

    key: str
    words: str
    suffix: str
    paper: Paper | None = None


def formats() -> tuple[Format, ...]:
    """Return what can be chosen, the usual first."""
    return (
        Format("png", tr("图片：当前窗口大小 (*.png)"), ".png"),
        Format("png", tr("图片：A4 横向，300 点/英寸 (*.png)"), ".png", A4),
        Format("png", tr("图片：A3 横向，300 点/英寸 (*.png)"), ".png", A3),
        Format("png", tr("图片：3840×2160 (*.png)"), ".png", UHD),
        Format("pdf", tr("PDF：A4 横向 (*.pdf)"), ".pdf", A4),
        Format("pdf", tr("PDF：A3 横向 (*.pdf)"), ".pdf", A3),
        Format("geojson", tr("筛选出的案件：GeoJSON (*.geojson)"), ".geojson"),
        Format("gpkg", tr("筛选出的案件和网格：GeoPackage (*.gpkg)"), ".gpkg"),
    )


def place_for(picked: Path, choice: Format) -> Path:
    """Return where a file goes: the name that was typed, ending as its kind does.

    A name the dialog did not ask about is never one that is taken already.
    """
    ends = {entry.suffix for entry in formats()}
    end = picked.suffix.lower()
    if end == choice.suffix or (choice.key == "geojson" and end == ".json"):
        return picked
    # what follows a point is part of the name (11.20) unless it is the ending of another kind
    stem = picked.stem if end in ends else picked.name
    place, number = picked.with_name(stem + choice.suffix), 2
    while place.exists():
        place, number = picked.with_name(f"{stem} ({number}){choice.suffix}"), number + 1
    return place


class MapExport(QObject):
    """Exports what one map shows. `finished(str)` with the sentence for the operator, whatever became of it."""

    finished = Signal(str)

    def __init__(self, grid_map: GridMapWidget, model: GridMapViewModel) -> None:
        """Belong to the map; its verb opens the dialog."""
        super().__init__(grid_map)
        self._map, self._model = grid_map, model
        self._run: ExportRun | None = None
        self._give_up: threading.Event | None = None
        self._said = ""
        self._wanted: Path | None = None
        self.path: Path | None = None
        """The file that was written last; None after an export that left nothing."""
        grid_map.picture_wanted.connect(self.ask)
        self.finished.connect(grid_map.say)

    @property
    def busy(self) -> bool:
        """Whether something is being drawn or written."""
        return self._run is not None or self._give_up is not None

    def ask(self) -> None:
        """Ask where to, then export; a second wish while one is under way gives that one up."""
        if self.busy:
            self.cancel()
            return
        choices = formats()
        filters = ";;".join(choice.words for choice in choices)
        name = file_name(self.title(), choices[0].suffix)
        picked, chosen = QFileDialog.getSaveFileName(
            self._map.window(), tr("导出地图"), name, filters, choices[0].words
        )
        choice = next((c for c in choices if c.words == chosen), choices[0])
        if picked:
            self.export(place_for(Path(picked), choice), choice)

    def title(self) -> str:
        """Return the title of a page: centre's district and what the filter says."""
        districts = self._model.seat.areas.of_level("district")
        name = districts[0].name if len(districts) == 1 else ""
        words = self._model.queue.filters.words
        return tr("{name}网格案件图").format(name=name) + (f" · {words}" if words else "")

    def export(self, path: Path, choice: Format) -> None:
        """Draw or write; the answer comes with `finished`."""
        if choice.key in ("png", "pdf"):
            self._draw(path, choice)
        else:
            self._write_data(path, choice.key)

    def cancel(self) -> None:
        """Give up what is under way; nothing is left of it."""
        if self._run is not None:
            self._run.cancel()
            self._end(GivenUp().title)
        elif self._give_up is not None:
            self._give_up.set()

    # --- pictures -----------------------------------------------------------------------------------

    def page(self, paper: Paper | None) -> Page:
        """Return the page for a format: print is light, a screen keeps its colours."""
        seat, grid_map = self._model.seat, self._map
        now = seat.rules.calendar.local(seat.now())
        line = seat.connection
        at = line.data_at if line is not None else None
        age = (
            tr("数据时间 {time}").format(time=seat.rules.calendar.local(at).strftime("%H:%M:%S"))
            if at
            else ""
        )
        words = PageWords(self.title(), zone_words(now), age, seat.actor.name, grid_map.coordinate_system)
        if paper is None:
            paper = screen_paper(grid_map.width(), grid_map.height(), grid_map.devicePixelRatioF())
        palette = MapPalette.load("light") if paper in (A4, A3) else grid_map.scene.palette
        return Page(paper, words, palette)

    def _draw(self, path: Path, choice: Format) -> None:
        """Draw in slices, then write on the lane."""
        page, grid_map = self.page(choice.paper), self._map
        steps = pdf_steps if choice.key == "pdf" else picture_steps

        def begin() -> Iterator[Drawn | None]:
            return steps(grid_map, page)

        self._run = ExportRun(begin, self)
        self._run.failed.connect(self._end)
        self._run.done.connect(lambda drawn: self._write(lambda: drawn.write(path), path))
        self._run.start()

    def _write(self, work: Callable[[], object], path: Path) -> None:
        """Write on the lane and tell."""
        self._run, self.path, self._wanted = None, None, path
        self._give_up = self._give_up or threading.Event()
        self._said = tr("已导出 {name}").format(name=path.name)
        self._model.seat.background.submit(LANE, "export", work, self._written, self._failed)

    def _written(self, _result: object) -> None:
        """Say that the file is there."""
        self.path = self._wanted
        self._end(self._said)

    # --- data ---------------------------------------------------------------------------------------

    def cases(self) -> Iterator[Case]:
        """Return the cases the map shows (open ones that pass the filter), looked up by whoever reads them."""
        columns = self._model.queue.book.columns
        # copies, so that another thread may read them while cases come and go
        ids = [columns.ids[at] for at in np.flatnonzero(self._model.queue.open_mask()).tolist()]
        picture = self._model.seat.services.picture
        return (entry.case for case_id in ids if (entry := picture.project(case_id)) is not None)

    def _write_data(self, path: Path, key: str) -> None:
        """Write cases (and areas) as a file of features on the lane."""
        seat = self._model.seat
        words = Words(seat.rules, seat.areas, seat.now())
        about = about_text(words, self._model.queue.filters.words, seat.actor.name)
        cases, figures = self.cases(), dict(self._model.figures.figures)
        give_up = self._give_up = threading.Event()

        def progress(_count: int) -> bool:
            return give_up.is_set()

        def work() -> int:
            layer = case_layer(cases, words, about)
            if key == "geojson":
                return write_geojson(path, layer, progress=progress)
            return write_geopackage(
                path, [layer, area_layer(seat.areas, figures, about=about)], progress=progress
            )

        self._write(work, path)

    # --- the end ------------------------------------------------------------------------------------

    def _failed(self, error: Exception) -> None:
        """Say why nothing was written."""
        if not isinstance(error, FileNotWritten):
            log.error("export failed", exc_info=error)
            self._end(tr("导出没有完成，什么也没有保存。"))
            return
        self._end(error.title)

    def _end(self, sentence: str) -> None:
        """Be ready for the next one and tell."""
        self._run, self._give_up = None, None
        self.finished.emit(sentence)
