"""The ground of every map of a seat: areas made ready once, in the background, and shared by the maps.

A district is usable as soon as the zoom step that shows all of it is ready; the other steps follow one by one.
What was prepared is kept on disk, so that the next start takes a fraction of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.tasks.relay import Relay
from console.tasks.runner import Background
from console.viewmodels.areas import AreaBook
from maps.geometry.areas import AreaShape
from maps.geometry.shapes import MendedArea, RefusedArea
from maps.layers.district import PreparedDistrict, prepare_district, step_order

LANE = "geometry"
LEVELS = ("city", "district", "street", "community", "grid")
_SHARE_OF_STAGE = {"shapes": (0.0, 0.15), "areas": (0.15, 0.75), "detail": (0.75, 0.8)}
"""Where in the whole each stage begins and ends; the steps after the first fill the rest."""
_STEPS_FROM = 0.8
_TOLD_FROM = 0.01
"""A cell of which less than this share was changed is not worth a sentence."""


@dataclass(frozen=True, slots=True)
class GroundProgress:
    """How far the ground is: the share done (0 to 1) and what is being done, in words; 1 when all is done."""

    share: float
    words: str


@dataclass(frozen=True, slots=True)
class GroundNote:
    """Something the operator should know about one area of the map: it is missing or was changed."""

    code: str
    drawn: bool
    text: str


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What the lane hands back."""

    district: PreparedDistrict
    codes: tuple[str, ...]
    notes: tuple[GroundNote, ...]


class MapGround(QObject):
    """Keeps the prepared areas of a seat.

    Signals (main thread): `ready()` when `district`, `codes` and `notes` are new; `finer()` when another zoom step
    of the district can be drawn; `progress(GroundProgress)` on the way.
    """

    ready = Signal()
    finer = Signal()
    progress = Signal(object)

    def __init__(
        self, background: Background, parent: QObject | None = None, folder: Path | None = None
    ) -> None:
        """Start with nothing; `folder` is where prepared districts are kept, None for nowhere."""
        super().__init__(parent)
        self._background = background
        self._folder = folder
        self._relay = Relay(self._on_told, self)
        self._steps: Iterator[int] = iter(())
        self._done_steps = 0
        self._all_steps = 0
        self._asked: AreaBook | None = None
        self.district: PreparedDistrict | None = None
        self.codes: tuple[str, ...] = ()
        self.notes: tuple[GroundNote, ...] = ()

    def keep_in(self, folder: Path) -> None:
        """Keep what is prepared from now on in a folder."""
        self._folder = folder

    def prepare(self, book: AreaBook) -> None:
        """Make the areas of a book ready; maps hear `ready` when the first picture can be drawn."""
        if len(book):
            self._asked = book
            work = partial(_prepared, book, self._folder, partial(self._tell, book))
            self._background.submit(LANE, "map-ground", work, self._on_prepared)

    def _tell(self, book: AreaBook, stage: str, share: float) -> None:
        """Carry the progress of a book to the main thread (called on the lane)."""
        self._relay.post((book, stage, share))

    def _on_told(self, told: object) -> None:
        """Tell how far it is, unless a newer book was asked for meanwhile."""
        assert isinstance(told, tuple)
        book, stage, share = told
        if book is self._asked:
            begin, end = _SHARE_OF_STAGE[stage]
            self.progress.emit(GroundProgress(begin + (end - begin) * share, _stage_words(stage)))

    def _on_prepared(self, made: _Prepared) -> None:
        """Hand the district to the maps, then go on with the other steps."""
        self.district, self.codes, self.notes = made.district, made.codes, made.notes
        order = step_order(made.district)
        self._steps, self._done_steps, self._all_steps = iter(order), 0, len(order)
        self.ready.emit()
        self._next_step()

    def _next_step(self) -> None:
        """Make the next zoom step on the lane, one task each, so that other work gets its turn."""
        district, step = self.district, next(self._steps, None)
        if district is None:
            return
        share = self._done_steps / self._all_steps if self._all_steps else 1.0
        if step is None:
            if district.detail is not None:
                district.detail.rest()
            self.progress.emit(GroundProgress(1.0, self.tr("地图已就绪")))
            return
        words = self.tr("正在准备更清晰的地图")
        self.progress.emit(GroundProgress(_STEPS_FROM + (1.0 - _STEPS_FROM) * share, words))
        self._background.submit(LANE, "map-step", partial(_finished, district, step), self._on_step)

    def _on_step(self, district: PreparedDistrict) -> None:
        """Tell the maps, and go on unless there is a newer district."""
        if district is self.district:
            self._done_steps += 1
            self.finer.emit()
            self._next_step()


def _finished(district: PreparedDistrict, step: int) -> PreparedDistrict:
    """Make one step of a district; runs on the geometry lane."""
    district.finish(step)
    return district


def _prepared(book: AreaBook, folder: Path | None, tell: Callable[[str, float], None]) -> _Prepared:
    """Return the prepared areas, the codes of the grids and what is to be said; runs on the geometry lane."""
    tell("shapes", 0.0)
    shapes = shapes_of(book)
    codes = tuple(shape.code for shape in shapes if shape.level == "grid")
    district = prepare_district(shapes, warm=None, cache=folder, progress=tell)
    return _Prepared(district, codes, tuple(_notes(book, district)))


def shapes_of(book: AreaBook) -> list[AreaShape]:
    """Return the areas of every level with their polygons; a shape that cannot be built is left out."""
    found = []
    for level in LEVELS:
        for entry in book.of_level(level):
            geometry = entry.shape
            if geometry is not None:
                found.append(AreaShape(entry.code, entry.name, entry.level, entry.parent, geometry))
    return found


def _notes(book: AreaBook, district: PreparedDistrict) -> Iterator[GroundNote]:
    """Sentences about areas that are not drawn or were changed, each with the area's name."""
    for level in LEVELS:
        for entry in book.of_level(level):
            flaw = entry.outline.built()[1]
            if flaw:
                yield GroundNote(entry.code, False, tr("“{}”{}，没有画在地图上。").format(entry.name, flaw))
    for area in district.refused:
        yield GroundNote(area.code, False, refused_words(area, book.name(area.code)))
    for mended in district.areas.mended if district.areas is not None else ():
        if mended.share >= _TOLD_FROM:
            yield GroundNote(mended.code, True, mended_words(mended, book.name(mended.code)))


def refused_words(area: RefusedArea, name: str) -> str:
    """Return the sentence for an area that is not drawn."""
    reasons = {
        "empty": tr("没有面积"),
        "not_polygon": tr("的图形不是面"),
        "not_a_number": tr("的坐标含有 NaN 或无穷大"),
        "out_of_range": tr("的坐标超出经纬度范围"),
        "swapped": tr("的经纬度可能写反"),
        "tangled": tr("的边界自交太多，无法修复"),
        "duplicate": tr("的编码重复"),
        "bad_level": tr("的区域层级不认识"),
        "no_code": tr("没有编码"),
    }
    return tr("“{}”{}，没有画在地图上。").format(name or area.code or tr("未命名区域"), reasons[area.reason])


def mended_words(area: MendedArea, name: str) -> str:
    """Return the sentence for an area that was changed."""
    words = tr("“{}”与相邻区域的边界不一致，显示时已修补，面积变化 {:.1%}。")
    return words.format(name or area.code, area.share)


def _stage_words(stage: str) -> str:
    """Return what is being done."""
    words = {"shapes": tr("正在读取区域图形"), "areas": tr("正在核对区域边界"), "detail": tr("正在绘制地图")}
    return words[stage]


def tr(text: str) -> str:
    """Translate a text of the ground."""
    return QCoreApplication.translate("MapGround", text)
