"""The whole state of the map as plain values, and what each change of it asks to be drawn again.

A change of data never touches the view: the view is not part of this state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Flag, auto

from maps.geometry.areas import AreaShape, PreparedAreas, RefusedArea
from maps.geometry.detail import DetailCache
from maps.geometry.picking import AreaPicker
from maps.layers.areas import AreaFigures, AreaLayer, Measure
from maps.layers.base import BaseLayer
from maps.layers.book import LayerBook
from maps.layers.cameras import CameraLayer
from maps.layers.cases import CASE_MODES, CaseLayer, MapCase, PreparedCases
from maps.layers.components import ComponentLayer
from maps.layers.district import PreparedDistrict as PreparedDistrict
from maps.layers.district import prepare_district as prepare_district
from maps.layers.drawings import DrawingLayer
from maps.layers.figures import FigureTable
from maps.layers.officers import MapOfficer, OfficerLayer
from maps.layers.tracks import TrackLayer

LAYER_ORDER = ("base", "grid", "officers", "cases", "labels")
"""Layers that can be switched, from below."""


class Redraw(Flag):
    """Parts of the picture that a change concerns."""

    NOTHING = 0
    GROUND = auto()
    """Areas, base map and borders."""
    FILL = auto()
    """Colours of the areas; no line moves."""
    MARKS = auto()
    """Cases, officers and labels, and where they stand."""
    SELECTION = auto()
    """What lies above: selection, hover, pin."""
    LEGEND = auto()
    EVERYTHING = GROUND | FILL | MARKS | SELECTION | LEGEND


@dataclass(frozen=True, slots=True)
class Selection:
    """Chosen case and chosen area; either may be empty."""

    case_id: str = ""
    area_code: str = ""


@dataclass(slots=True)
class MapState:
    """Everything that is drawn, except from where one looks at it."""

    areas: PreparedAreas | None = None
    refused: tuple[RefusedArea, ...] = ()
    detail: DetailCache | None = None
    picker: AreaPicker | None = None
    area_layer: AreaLayer = field(default_factory=AreaLayer)
    cases: CaseLayer = field(default_factory=CaseLayer)
    officers: OfficerLayer = field(default_factory=OfficerLayer)
    components: ComponentLayer = field(default_factory=ComponentLayer)
    cameras: CameraLayer = field(default_factory=CameraLayer)
    tracks: TrackLayer = field(default_factory=TrackLayer)
    drawings: DrawingLayer = field(default_factory=DrawingLayer)
    base: BaseLayer = field(default_factory=BaseLayer)
    selection: Selection = field(default_factory=Selection)
    book: LayerBook = field(default_factory=LayerBook)
    legend_off: frozenset[int] = frozenset()
    """Classes of the fill that are switched off in the legend, drawn dimmed; ``NO_DATA`` may be one of them."""
    offline: bool = False
    offline_text: str = ""

    def set_areas(self, shapes: Iterable[AreaShape]) -> Redraw:
        """Take a new set of areas; what cannot be drawn is left out and listed in ``refused``."""
        return self.set_prepared(prepare_district(shapes, warm=()))

    def set_prepared(self, district: PreparedDistrict) -> Redraw:
        """Take areas that were made ready elsewhere, so that the main thread does not wait for geometry."""
        self.areas, self.refused = district.areas, district.refused
        self.detail, self.picker = district.detail, district.picker
        self.cases.forget_owners()
        return Redraw.EVERYTHING

    def set_base(self, base: BaseLayer) -> Redraw:
        """Take a new base map."""
        self.base = base
        return Redraw.GROUND | Redraw.MARKS

    def set_figures(self, figures: Mapping[str, AreaFigures]) -> Redraw:
        """Take new figures per finest area."""
        if dict(figures) == self.area_layer.figures:
            return Redraw.NOTHING
        self.area_layer = self.area_layer.with_figures(dict(figures))
        return Redraw.FILL | Redraw.LEGEND

    def set_figure_table(self, table: FigureTable) -> Redraw:
        """Take new figures as columns; those of other areas than the district's are found by their codes."""
        areas = self.areas
        same = areas is not None and areas.cells.codes == table.codes
        layer = self.area_layer
        self.area_layer = layer.with_table(table, areas) if areas and same else layer.with_figures(table)
        return Redraw.FILL | Redraw.LEGEND

    def update_figures(self, changed: Mapping[str, AreaFigures | None]) -> Redraw:
        """Take the figures of a few areas anew; None takes an area's figures away."""
        before = self.area_layer
        self.area_layer = before.updated(changed)
        return Redraw.NOTHING if self.area_layer is before else Redraw.FILL | Redraw.LEGEND

    def set_measure(self, measure: Measure) -> Redraw:
        """Show another measure."""
        if measure is self.area_layer.measure:
            return Redraw.NOTHING
        self.area_layer = self.area_layer.with_measure(measure)
        # Classes of another measure mean something else.
        self.legend_off = frozenset()
        return Redraw.FILL | Redraw.LEGEND

    def set_cases(self, cases: Iterable[MapCase]) -> Redraw:
        """Take all cases anew."""
        return self._cases_touched(self.cases.replace_all(cases))

    def set_prepared_cases(self, prepared: PreparedCases) -> Redraw:
        """Take all cases anew that were made ready elsewhere; see ``ready_cases``."""
        return self._cases_touched(self.cases.set_prepared(prepared))

    def update_cases(self, changed: Iterable[MapCase], removed: Iterable[str]) -> Redraw:
        """Take some cases anew, drop some."""
        return self._cases_touched(self.cases.update(changed, removed))

    def _cases_touched(self, touched: bool) -> Redraw:
        if not touched:
            return Redraw.NOTHING
        case_id = self.selection.case_id
        if case_id and case_id not in self.cases.cases:
            self.selection = Selection()
        elif case_id:
            self.select_case(case_id)
        return Redraw.MARKS | Redraw.SELECTION

    def set_officers(self, officers: Iterable[MapOfficer]) -> Redraw:
        """Take all officers anew."""
        fresh = OfficerLayer.of(officers, self.officers.now)
        if fresh == self.officers:
            return Redraw.NOTHING
        self.officers = fresh
        return Redraw.MARKS | Redraw.SELECTION

    def set_now(self, now: float) -> Redraw:
        """Reckon ages of positions to a later moment (epoch seconds); asks for something when who is lost changes."""
        before = self.officers
        self.officers = before.at(now)
        return Redraw.MARKS if self.officers.lost_ones() != before.lost_ones() else Redraw.NOTHING

    def set_components(self, components: ComponentLayer) -> Redraw:
        """Take all components (部件) anew."""
        self.components = components
        return Redraw.MARKS

    def set_cameras(self, cameras: CameraLayer) -> Redraw:
        """Take all cameras anew."""
        self.cameras = cameras
        return Redraw.MARKS

    def set_tracks(self, tracks: TrackLayer) -> Redraw:
        """Take the track that is replayed; another moment of the same track asks for nothing but itself."""
        same = tracks.track is self.tracks.track and tracks.sentence == self.tracks.sentence
        self.tracks = tracks
        return Redraw.NOTHING if same else Redraw.MARKS

    def set_drawings(self, drawings: DrawingLayer) -> Redraw:
        """Take the drawn marks."""
        if drawings == self.drawings:
            return Redraw.NOTHING
        self.drawings = drawings
        return Redraw.MARKS

    def select_case(self, case_id: str) -> Redraw:
        """Choose a case, with the cell it lies in; an unknown id chooses nothing."""
        point = self.cases.point(case_id)
        code = self.area_at(*point) if point else ""
        known = case_id if case_id in self.cases.cases else ""
        return self._select(Selection(known, code or (self.cases.cases[known].area_code if known else "")))

    def select_area(self, code: str) -> Redraw:
        """Choose an area and no case; an unknown code chooses nothing."""
        known = self.areas is not None and self.areas.locate(code) is not None
        return self._select(Selection("", code if known else ""))

    def _select(self, selection: Selection) -> Redraw:
        if selection == self.selection:
            return Redraw.NOTHING
        self.selection = selection
        return Redraw.MARKS | Redraw.SELECTION

    def show_layer(self, layer: str, shown: bool) -> Redraw:
        """Switch a layer of the book, or one of :data:`LAYER_ORDER`, on or off."""
        return self.set_book(self.book.shown(layer, shown))

    def set_book(self, book: LayerBook) -> Redraw:
        """Take another layer book: order, visibility, opacity, options, class breaks."""
        if book == self.book:
            return Redraw.NOTHING
        change = Redraw.GROUND | Redraw.MARKS
        if book.breaks != self.book.breaks:
            self.area_layer = self.area_layer.with_breaks(book.breaks)
            change |= Redraw.LEGEND
        self.book = book
        return change

    def set_legend_off(self, off: frozenset[int]) -> Redraw:
        """Dim the areas of these classes of the fill."""
        if off == self.legend_off:
            return Redraw.NOTHING
        self.legend_off = off
        return Redraw.FILL | Redraw.LEGEND

    def set_offline(self, offline: bool, text: str) -> Redraw:
        """Note that positions and figures are no longer fresh, with the sentence to show."""
        if (offline, text) == (self.offline, self.offline_text):
            return Redraw.NOTHING
        self.offline, self.offline_text = offline, text
        return Redraw.GROUND | Redraw.MARKS

    def shows(self, layer: str) -> bool:
        """Tell whether a layer is switched on."""
        return self.book.shows(layer)

    @property
    def hidden(self) -> frozenset[str]:
        """Which of :data:`LAYER_ORDER` are switched off."""
        return frozenset(name for name in LAYER_ORDER if not self.book.shows(name))

    @property
    def case_mode(self) -> str:
        """How cases are drawn, one of :data:`CASE_MODES`; a setting of the case layer."""
        mode = str(self.book.option("cases", "mode", CASE_MODES[0]))
        return mode if mode in CASE_MODES else CASE_MODES[0]

    def set_case_mode(self, mode: str) -> Redraw:
        """Draw cases as clusters, dots or heat; another word changes nothing."""
        if mode not in CASE_MODES:
            return Redraw.NOTHING
        return self.set_book(self.book.with_option("cases", "mode", mode))

    @property
    def shows_dots(self) -> bool:
        """Whether every case is a small mark of its own."""
        return self.shows("cases") and self.case_mode == "dots"

    @property
    def shows_heat(self) -> bool:
        """Whether the density of the cases is drawn: as their mode, or as a layer below them."""
        return self.shows("heat") or (self.shows("cases") and self.case_mode == "heat")

    @property
    def fill_opacity(self) -> float:
        """Opacity of the fill of the areas."""
        return self.book.opacity("fill")

    def area_at(self, x: float, y: float) -> str:
        """Code of the finest cell at a world point, empty outside."""
        if self.areas is None or self.picker is None:
            return ""
        at = self.picker.pick(x, y)
        return self.areas.cells.codes[at] if at >= 0 else ""
