"""What a map shows and when it is painted: values come in here, the picture follows. No hand moves it here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QPointF, QTimer, Signal
from PySide6.QtWidgets import QWidget

from maps.canvas.card_box import CardLine
from maps.canvas.cards import area_card
from maps.canvas.furniture import Furniture
from maps.canvas.navigator import Navigator
from maps.canvas.overlay import case_card
from maps.canvas.palette import MapPalette
from maps.canvas.scene import Scene
from maps.geometry.areas import AreaShape, RefusedArea
from maps.geometry.viewport import Viewport
from maps.layers.areas import AreaFigures, Measure
from maps.layers.base import BaseLayer, BaseShape
from maps.layers.cases import MapCase, PreparedCases
from maps.layers.figures import FigureTable
from maps.layers.legend import legend_of
from maps.layers.officers import MapOfficer
from maps.layers.state import MapState, PreparedDistrict, Redraw, Selection

FIRST_S = 0.03
"""Seconds of drawing before the first frame."""


class MapSurface(QWidget):
    """State, scene and view of one map. Data never moves the view; what changed is painted in the next turn.

    Args:
        palette: colours; the dark theme of the shipped tokens when left out.
        parent: owner.
        mini: the small map of a form: no boxes.
    """

    view_changed = Signal()
    """The view has come to rest somewhere else."""

    furniture: Furniture
    """The boxes; made by the widget that hears the hand, for they send it orders."""

    def __init__(
        self, palette: MapPalette | None = None, parent: QWidget | None = None, mini: bool = False
    ) -> None:
        super().__init__(parent)
        self.state = MapState()
        self.mini = mini
        self.scene = Scene(self.state, palette or MapPalette.load())
        self.nav = Navigator(self.scene.palette.tokens.zoom_ms, self)
        self.hover_card: tuple[QPointF, list[CardLine]] | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._refresh)
        self.nav.moved.connect(self._on_moved)
        self.nav.settled.connect(self._on_settled)

    @property
    def view(self) -> Viewport:
        """The present view."""
        return self.nav.view

    @property
    def selection(self) -> Selection:
        """Chosen case and area."""
        return self.state.selection

    # --- data in ----------------------------------------------------------------------------------

    def set_areas(self, shapes: Iterable[AreaShape]) -> tuple[RefusedArea, ...]:
        """Take the areas of every level known; the first set is fitted into the view, later ones leave it.

        Returns:
            The shapes that could not be drawn, with the reason. Nothing is raised for bad geometry.
        """
        return self._areas_taken(self.state.set_areas(shapes))

    def set_prepared(self, district: PreparedDistrict) -> tuple[RefusedArea, ...]:
        """Take areas that were made ready on another thread; else as ``set_areas``."""
        return self._areas_taken(self.state.set_prepared(district))

    def _areas_taken(self, change: Redraw) -> tuple[RefusedArea, ...]:
        self.nav.set_extent(self.state.areas.extent if self.state.areas else None)
        self._apply(change)
        return self.state.refused

    def set_base(
        self,
        roads: Iterable[BaseShape | Any] = (),
        water: Iterable[BaseShape | Any] = (),
        outside: Iterable[BaseShape | Any] = (),
    ) -> None:
        """Take the base map: shapely geometries in WGS84, bare or as :class:`BaseShape`."""
        self._apply(self.state.set_base(BaseLayer.of(roads, water, outside)))

    def set_metric(self, figures: Mapping[str, AreaFigures]) -> None:
        """Take the figures of the finest areas by code; a code that is missing has no data."""
        self._apply(self.state.set_figures(figures))

    def set_figure_table(self, table: FigureTable) -> None:
        """Take the figures of the finest areas as columns: quick however many areas there are."""
        self._apply(self.state.set_figure_table(table))

    def update_metric(self, changed: Mapping[str, AreaFigures | None]) -> None:
        """Take the figures of a few areas anew; None takes an area's figures away."""
        self._apply(self.state.update_figures(changed))

    def set_measure(self, measure: Measure | str) -> None:
        """Choose what the fill shows."""
        self._apply(self.state.set_measure(Measure(measure)))
        self.furniture.sync()

    def set_cases(self, cases: Iterable[MapCase]) -> None:
        """Take all open cases anew."""
        self._apply(self.state.set_cases(cases))

    def set_prepared_cases(self, prepared: PreparedCases) -> None:
        """Take all open cases anew, made ready on another thread."""
        self._apply(self.state.set_prepared_cases(prepared))

    def update_cases(self, changed: Iterable[MapCase], removed_ids: Iterable[str] = ()) -> None:
        """Take some cases anew and drop others."""
        self._apply(self.state.update_cases(changed, removed_ids))

    def set_officers(self, officers: Iterable[MapOfficer]) -> None:
        """Take all officers anew."""
        self._apply(self.state.set_officers(officers))

    def set_offline(self, offline: bool, text: str = "") -> None:
        """Show that the picture is not fresh, with the sentence of the badge."""
        self._apply(self.state.set_offline(offline, text))
        self.furniture.arrange()

    def set_legend_off(self, off: frozenset[int]) -> None:
        """Dim the areas of these classes of the fill; no signal is sent."""
        self._apply(self.state.set_legend_off(off))
        self.furniture.sync()

    def select_case(self, case_id: str) -> None:
        """Choose a case from outside; the view stays and no signal is sent."""
        self._apply(self.state.select_case(case_id))

    def select_area(self, code: str) -> None:
        """Choose an area from outside; the view stays and no signal is sent."""
        self._apply(self.state.select_area(code))

    def set_layer_visible(self, layer: str, shown: bool) -> None:
        """Switch a layer: base, grid, officers, cases, labels."""
        self._apply(self.state.show_layer(layer, shown))
        self.furniture.sync()

    def set_map_palette(self, palette: MapPalette) -> None:
        """Change the theme."""
        self.scene.set_palette(palette)
        self.furniture.set_map_palette(palette)
        self._apply(Redraw.EVERYTHING)

    def set_reduced_motion(self, reduced: bool) -> None:
        """Zoom at once instead of in a short movement."""
        self.nav.set_motion(0 if reduced else self.scene.palette.tokens.zoom_ms)

    # --- redrawing --------------------------------------------------------------------------------

    def show_card(self, at: QPointF | None, lines: list[CardLine] | None = None) -> None:
        """Show the hover card at a pixel, or hide it."""
        card = (at, lines) if at is not None and lines else None
        if card != self.hover_card:
            self.hover_card = card
            self.update()

    def refresh_now(self) -> None:
        """Paint what is out of date at once instead of in slices."""
        self._soon.stop()
        self.scene.refresh(self.nav.view, self.devicePixelRatioF(), self.furniture.obstacles(), self.mini)
        self.update()

    def _apply(self, change: Redraw) -> None:
        if change is Redraw.NOTHING:
            return
        self.scene.ground_stale |= bool(change & (Redraw.GROUND | Redraw.FILL))
        self.scene.marks_stale |= Redraw.MARKS in change
        if change & (Redraw.LEGEND | Redraw.GROUND | Redraw.FILL):
            self._update_legend()
        if Redraw.SELECTION in change:
            self._describe()
        if not self.nav.moving:
            self._soon.start()
        self.update()

    def _describe(self) -> None:
        """Give the screen reader what is chosen: the case, else the area."""
        lines = case_card(self.state) or area_card(self.state, self.state.selection.area_code)
        self.setAccessibleDescription("，".join(line.text for line in lines))

    def _refresh(self) -> None:
        """Work on the pictures for one slice, for the view where a movement ends; go on in the next turn."""
        if self._work_on_pictures():
            self._soon.start()
        if self.scene.fresh:
            self.update()

    def _work_on_pictures(self) -> bool:
        resting = not self.nav.moving
        ratio, boxes = self.devicePixelRatioF(), self.furniture.obstacles()
        return self.scene.advance(self.nav.goal, ratio, boxes, self.mini, resting)

    def _begin_pictures(self) -> None:
        """First frame, or another device pixel ratio: what can be done in the time of a frame is done now."""
        ratio, boxes = self.devicePixelRatioF(), self.furniture.obstacles()
        if self.scene.advance(self.nav.goal, ratio, boxes, self.mini, seconds=FIRST_S):
            self._soon.start()

    def ground_layer_changed(self) -> None:
        """A layer of the ground has something else to show (its revision has grown)."""
        self._soon.start()

    def _update_legend(self) -> None:
        state, tokens = self.state, self.scene.palette.tokens
        if state.areas is None:
            self.furniture.set_legend(None)
            return
        zoom = tokens.band_at(self.nav.goal.metres_per_pixel)
        level = state.area_layer.fill_level(state.areas, zoom.id)
        self.furniture.set_legend(legend_of(state.area_layer, state.areas, level, tokens))

    def _on_moved(self) -> None:
        self.hover_card = None
        self._soon.start()
        self.update()

    def _on_settled(self) -> None:
        self._update_legend()
        self._soon.start()
        self.view_changed.emit()
