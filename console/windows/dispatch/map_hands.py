"""What the hand does on the map, for the one filter: areas that are clicked, regions, legend classes, Esc."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from console.viewmodels.case_filter import BOX, LASSO, Region
from console.viewmodels.filter_model import FilterModel
from maps.canvas.legend_filter import LegendFiltered
from maps.canvas.widget import GridMapWidget
from maps.layers.region import RubberSelection

LEGEND_BANDS = ("ok", "soon", "over1", "over2", "over3", "suspended")
"""Time-limit bands the legend explains and switches, in its order."""


class MapHands(QObject):
    """Listens to a map. A click on an area asks for its cases, with Ctrl beside the areas asked for already."""

    def __init__(self, grid_map: GridMapWidget, filters: FilterModel) -> None:
        """Belong to the map."""
        super().__init__(grid_map)
        self._map, self.filters = grid_map, filters
        self._clicked: Qt.KeyboardModifier | None = None
        grid_map.installEventFilter(self)
        grid_map.area_clicked.connect(self._on_area)
        grid_map.rubber_selected.connect(self._on_region)
        grid_map.legend_filtered.connect(self._on_legend)
        grid_map.view_changed.connect(self.follow_legend)
        grid_map.measure_changed.connect(self._on_measure)
        filters.changed.connect(self._on_filter)
        self._show_bands()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note whether a choice comes from a click or a key; Esc takes back what the map asked for."""
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease:
            left = event.button() == Qt.MouseButton.LeftButton
            self._clicked = event.modifiers() if left else None
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            self._clicked = None
            if event.key() == Qt.Key.Key_Escape and self._map.tools.active is None:
                self.filters.clear_map()
        return super().eventFilter(watched, event)

    def toggle_chosen_area(self) -> bool:
        """Ask for the cases of the chosen area, or no longer (a key does this); False without one."""
        code = self._map.selection.area_code
        if code:
            self.filters.toggle_area(code)
        return bool(code)

    def _on_area(self, code: str) -> None:
        """A click asks for an area; a key only chooses it."""
        clicked, self._clicked = self._clicked, None
        if code and clicked is not None:
            self.filters.toggle_area(code, add=bool(clicked & Qt.KeyboardModifier.ControlModifier))

    def _on_region(self, chosen: object) -> None:
        """Ask for the cases of a region that was drawn."""
        assert isinstance(chosen, RubberSelection)
        if chosen.empty:
            self.filters.set_part(region=None)
            return
        drawn = BOX if is_box(chosen.ring) else LASSO
        self.filters.set_part(region=Region(chosen.ring, drawn))

    def _on_filter(self) -> None:
        """Forget the region and the classes on the map when the filter no longer asks for them."""
        wanted = self.filters.filter
        if wanted.region is None and not self._map.region.empty:
            self._map.set_region(None)
        if wanted.legend is None and self._map.state.legend_off:
            self._map.set_legend_off(frozenset())
        self._show_bands()

    # --- legend -----------------------------------------------------------------------------------------

    def _on_legend(self, filtered: object) -> None:
        """Leave the areas of the classes that are off out, and the cases of the bands that are off."""
        assert isinstance(filtered, LegendFiltered)
        shown = tuple(band for band in LEGEND_BANDS if band not in filtered.bands_off)
        self.filters.set_part(bands=shown if filtered.bands_off else ())
        self.follow_legend()

    def _show_bands(self) -> None:
        """The legend strikes out the bands the filter does not ask for, wherever that was chosen."""
        wanted = self.filters.filter.bands
        self._map.legend_filter.set_bands_off(
            frozenset(LEGEND_BANDS) - set(wanted) if wanted else frozenset()
        )

    def _on_measure(self, _measure: str) -> None:
        """Classes of another measure mean something else."""
        self.follow_legend()

    def follow_legend(self) -> None:
        """Ask anew which areas are in the classes that are off: figures or the level that is filled are others."""
        state, off = self._map.state, self._map.state.legend_off
        if not off or state.areas is None:
            self.filters.hide_classes((), "")
            return
        tokens = self._map.scene.palette.tokens
        zoom = tokens.band_at(self._map.nav.goal.metres_per_pixel)
        level = state.area_layer.fill_level(state.areas, zoom.id)
        classes = state.area_layer.area_classes(state.areas, level, tokens)
        codes = state.areas.levels[level].codes
        hidden = [code for code, one in zip(codes, classes.tolist(), strict=True) if one in off]
        names = [self._map.legend_filter.name(one) for one in sorted(off)]
        # nothing may lie in a class that is off: the part stays, so that the chip tells why
        self.filters.hide_classes(hidden or ("-",), self.tr("不含 {names}").format(names="、".join(names)))


def is_box(ring: tuple[tuple[float, float], ...]) -> bool:
    """Tell whether a ring is an upright rectangle."""
    return len(ring) == 4 and len({x for x, _ in ring}) == 2 and len({y for _, y in ring}) == 2
