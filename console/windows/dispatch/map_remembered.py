"""What a map remembers for its user: layers, view, measure, coordinate system. Put back once, then noted."""

from __future__ import annotations

from PySide6.QtCore import QObject

from console.viewmodels.map_memory import MapMemoryKeeper
from maps.canvas.widget import GridMapWidget
from maps.layers.areas import Measure
from maps.layers.book import LayerBook
from maps.layers.drawings import DrawingLayer


class MapRemembered(QObject):
    """Puts the remembered values into a map and notes what the operator changes by hand."""

    def __init__(self, grid_map: GridMapWidget, keeper: MapMemoryKeeper) -> None:
        """Belong to the map; the view waits until there are areas."""
        super().__init__(grid_map)
        self._map, self._keeper = grid_map, keeper
        self._view_back = False
        memory = keeper.memory
        if memory.layers is not None:
            grid_map.set_book(LayerBook.from_doc(memory.layers))
        if memory.drawings is not None:
            grid_map.set_drawings(DrawingLayer.from_doc(memory.drawings)[0])
        grid_map.operator = keeper.seat.actor.name
        grid_map.set_measure(Measure(memory.measure))
        grid_map.set_coordinate_system(memory.system)
        grid_map.measure_changed.connect(lambda measure: keeper.keep(measure=measure))
        grid_map.coordinate_system_changed.connect(lambda system: keeper.keep(system=system))
        grid_map.view_changed.connect(self._note_view)
        grid_map.layers_changed.connect(self._note_layers)
        grid_map.drawings_changed.connect(self._note_drawings)

    def restore_view(self) -> None:
        """Show what was shown last; a view that does not touch the district is not put back."""
        if self._view_back:
            return
        self._view_back = True
        view, areas = self._keeper.memory.view, self._map.state.areas
        if view is None or areas is None:
            return
        x, y, scale = view
        west, south, east, north = areas.extent
        if west <= x <= east and south <= y <= north:
            goal = self._map.nav.goal.centred_on(x, y)
            self._map.nav.jump(goal.zoomed_at(goal.scale / scale, goal.width / 2, goal.height / 2))

    def _note_view(self) -> None:
        """Note where the view has come to rest."""
        if self._view_back:
            view = self._map.view
            self._keeper.keep(view=(view.cx, view.cy, view.scale))

    def _note_layers(self, book: object) -> None:
        """Note order, visibility, opacity and breaks of the layers."""
        assert isinstance(book, LayerBook)
        self._keeper.keep(layers=book.to_doc())

    def _note_drawings(self, drawings: object) -> None:
        """Note the marks that were drawn."""
        assert isinstance(drawings, DrawingLayer)
        self._keeper.keep(drawings=drawings.to_doc())
