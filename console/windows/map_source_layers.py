"""Puts the sources of a seat onto a map: tiles below the cells, features above, loaded for what is in view.

Tiles that come are shown together a few times a second; what is wanted follows the view. Layers that the layer book
hides load nothing.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer

from console.viewmodels.map_sources import MapSources
from console.viewmodels.tile_feed import TileFeed
from console.windows.dialogs.map_sources import MapSourcesDialog
from maps.canvas.menu import MenuPlace
from maps.canvas.tiles import TileLayer
from maps.canvas.widget import GridMapWidget
from maps.geometry.mercator import unproject
from maps.layers.base import FeatureLayer
from maps.layers.book import FILL
from services.basemaps.features import FeatureSet
from services.basemaps.sources import MapSource
from services.usecases.map_tiles import TileAnswer
from widgets.theme import theme, theme_store

LOOK_MS = 120
"""So often tiles that came are shown and a moving view is looked at."""
FILL_OVER_TILES = 0.6
"""Opacity the cells get when the first tiles come below them."""


class SourceLayers(QObject):
    """The layers of all sources on one map; belongs to the map."""

    def __init__(self, grid_map: GridMapWidget, sources: MapSources) -> None:
        """Show what is known and follow both."""
        super().__init__(grid_map)
        self._map, self._sources = grid_map, sources
        self._tiles: dict[str, TileLayer] = {}
        self._feeds: dict[str, TileFeed] = {}
        self._shown: dict[str, FeatureSet] = {}
        self._known: dict[str, MapSource] = {}
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self.look)
        sources.changed.connect(self._on_sources)
        sources.features_ready.connect(self._on_features)
        sources.state_changed.connect(self._on_state)
        grid_map.view_changed.connect(self.look)
        grid_map.nav.moved.connect(self._soon)
        grid_map.layers_changed.connect(self._on_book)
        theme_store().changed.connect(self._on_theme)
        self._on_theme(None)
        self._on_sources()

    # --- sources ------------------------------------------------------------------------------------

    def _on_sources(self) -> None:
        """Bring the layers of the map in line with the list."""
        now = {source.layer_id: source for source in self._sources.sources}
        for layer_id in [key for key in self._known if key not in now]:
            self._forget(layer_id)
            self._map.drop_ground_layer(layer_id)
        for layer_id, source in now.items():
            self._place(layer_id, source)
        self._known = now
        self._soon()

    def _place(self, layer_id: str, source: MapSource) -> None:
        """Give a source its line in the book and, for tiles, its layer."""
        fresh = self._map.book.get(layer_id) is None
        if source.is_tiles:
            feed = self._sources.feed(source.id)
            if feed is not None and feed is not self._feeds.get(layer_id):
                self._forget(layer_id)
                self._follow(layer_id, source, feed)
            layer = self._tiles.get(layer_id)
            if layer is not None:
                self._map.put_ground_layer(layer, source.title)
        else:
            self._map.set_book(self._map.book.with_source(layer_id, source.title))
        if fresh:
            self._first_look(layer_id, source)

    def _first_look(self, layer_id: str, source: MapSource) -> None:
        """A layer the book did not know is shown as its source says; cells let tiles shine through."""
        book = self._map.book.shown(layer_id, source.shown).with_opacity(layer_id, source.opacity)
        if source.is_tiles and source.shown and book.opacity(FILL) == 1.0:
            book = book.with_opacity(FILL, FILL_OVER_TILES)
        self._map.set_book(book)

    def _follow(self, layer_id: str, source: MapSource, feed: TileFeed) -> None:
        """Make the layer of a tile source and take its tiles."""
        layer = TileLayer(layer_id, source.datum)
        self._tiles[layer_id], self._feeds[layer_id] = layer, feed
        if feed.grid is not None:
            layer.set_grid(feed.grid)
        feed.opened.connect(partial(self._on_opened, layer))
        feed.arrived.connect(partial(self._on_tile, layer))

    def _forget(self, layer_id: str) -> None:
        """Drop what is kept for a layer."""
        self._tiles.pop(layer_id, None)
        self._shown.pop(layer_id, None)
        feed = self._feeds.pop(layer_id, None)
        if feed is not None:
            feed.forget(self)

    def _on_state(self, source_id: str) -> None:
        """Say in the panel of layers when a source does not answer; why stands in the dialog."""
        source = self._sources.source(source_id)
        if source is not None:
            self._map.set_source_fault(source.layer_id, self._sources.faulty(source_id))

    # --- tiles --------------------------------------------------------------------------------------

    def _on_opened(self, layer: TileLayer, grid: Any) -> None:
        """Take the levels of a source."""
        layer.set_grid(grid)
        self.look()

    def _on_tile(self, layer: TileLayer, answer: object) -> None:
        """Take a tile; it is shown with the next look."""
        assert isinstance(answer, TileAnswer)
        layer.put(answer.tile, answer.patch, answer.stale)
        self._soon()

    def _soon(self) -> None:
        """Look in a moment, together with what comes meanwhile."""
        if not self._look.isActive():
            self._look.start()

    def _on_book(self, _book: object) -> None:
        """A layer may have been switched on."""
        self.look()

    def look(self) -> None:
        """Show what has come, and ask for what the view lacks."""
        changed = False
        view, ratio = self._map.nav.goal, self._map.devicePixelRatioF()
        for layer_id, layer in self._tiles.items():
            feed, spec = self._feeds[layer_id], self._map.book.get(layer_id)
            if spec is None or not spec.visible:
                feed.forget(self)
                continue
            feed.want(self, layer.aim(view, ratio))
            changed |= layer.commit()
        for layer_id, source in self._known.items():
            spec = self._map.book.get(layer_id)
            if not source.is_tiles and spec is not None and spec.visible:
                self._ask_features(layer_id, source)
        if changed:
            self._map.ground_layer_changed()

    # --- features -----------------------------------------------------------------------------------

    def _ask_features(self, layer_id: str, source: MapSource) -> None:
        """Fetch features once they are to be seen; make them ready away from the main thread."""
        found = self._sources.features(source.id)
        if found is None or self._shown.get(layer_id) is found:
            return
        self._shown[layer_id] = found
        work = partial(_feature_layer, source, found)
        self._sources.in_background(f"features-{source.id}", work, self._on_prepared)

    def _on_features(self, _source_id: str) -> None:
        """Features came."""
        self._soon()

    def _on_prepared(self, layer: FeatureLayer) -> None:
        """Put prepared features onto the map."""
        if layer.key in self._known:
            self._map.set_features(layer)

    # --- theme --------------------------------------------------------------------------------------

    def _on_theme(self, _theme: object) -> None:
        """Ask for tiles in the look of the theme."""
        dark = theme().name != "light"
        if dark is not self._sources.dark or not self._known:
            self._sources.set_dark(dark)
        for layer in self._tiles.values():
            layer.clear()
        self._soon()


class SourcesVerb(QObject):
    """The verb 底图与图层来源… of the map's menu; opens the dialog."""

    def __init__(self, grid_map: GridMapWidget, sources: MapSources) -> None:
        """Follow the menu of the map."""
        super().__init__(grid_map)
        self._map, self._sources = grid_map, sources
        self.dialog: MapSourcesDialog | None = None
        grid_map.menu_opening.connect(self._on_menu)

    def _on_menu(self, place: MenuPlace) -> None:
        """Add the verb."""
        place.menu.addSeparator()
        place.menu.addAction(QCoreApplication.translate("MapSources", "底图与图层来源…")).triggered.connect(
            self.open
        )

    def open(self) -> MapSourcesDialog:
        """Open the dialog; a trial looks for tiles in the middle of the view."""
        view = self._map.nav.goal
        lon, lat = (float(v) for v in unproject((view.cx, view.cy)))
        areas = self._map.state.areas
        extent = areas.extent if areas is not None else view.bounds
        self.dialog = MapSourcesDialog(self._sources, (lon, lat), self._map, extent)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.show()
        return self.dialog


def attach_sources(grid_map: GridMapWidget, sources: MapSources) -> SourceLayers:
    """Show the sources of a seat on a map, with the verb to change them; the map owns both."""
    SourcesVerb(grid_map, sources)
    return SourceLayers(grid_map, sources)


def _feature_layer(source: MapSource, found: FeatureSet) -> FeatureLayer:
    """Make features ready to be drawn (worker)."""
    shapes = np.empty(len(found.features), dtype=object)
    shapes[:] = [feature.geometry for feature in found.features]
    return FeatureLayer.of(source.id, source.title, shapes, [feature.name for feature in found.features])
