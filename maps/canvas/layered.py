"""The map surface with its layer book: layers come in as values, the book says which are drawn, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, Signal
from PySide6.QtWidgets import QWidget

from maps.canvas.camera_marks import CameraMarks
from maps.canvas.card_box import CardLine
from maps.canvas.component_marks import ComponentMarks
from maps.canvas.drawing_marks import DrawingMarks
from maps.canvas.feature_ground import FeatureGround
from maps.canvas.mark_stack import MarkHit
from maps.canvas.officer_marks import OfficerMarks
from maps.canvas.palette import MapPalette
from maps.canvas.stack import GroundLayer
from maps.canvas.surface import MapSurface
from maps.canvas.track_marks import TrackMarks
from maps.layers.base import FeatureLayer
from maps.layers.book import OFFICERS, TRACKS, LayerBook
from maps.layers.cameras import CameraLayer, MapCamera
from maps.layers.components import ComponentLayer, MapComponent
from maps.layers.drawings import DrawingLayer, DrawnMark
from maps.layers.notes import layer_note
from maps.layers.state import Redraw
from maps.layers.tracks import OfficerTrack, TrackLayer

AGE_STEP_S = 15
"""The ages beside the symbols are renewed this often, seconds."""


class LayeredSurface(MapSurface):
    """Map surface that takes every layer but areas and cases, and keeps the layer book."""

    layers_changed = Signal(object)
    """The operator changed the layer book (a ``LayerBook``); ``to_doc()`` is what is remembered."""
    drawings_changed = Signal(object)
    """The operator drew, changed or undid (a ``DrawingLayer``); ``to_doc()`` is what is remembered."""
    mark_chosen = Signal(object)
    """An officer, a camera, a component, a stay or a drawn mark was clicked (a ``MarkHit``)."""
    track_changed = Signal(object)
    """Another track is replayed, or none (a ``TrackLayer``)."""
    track_moved = Signal(float)
    """The replay shows another moment (epoch seconds)."""

    def __init__(
        self, palette: MapPalette | None = None, parent: QWidget | None = None, mini: bool = False
    ) -> None:
        super().__init__(palette, parent, mini)
        self.operator = ""
        """Who draws: noted with every mark."""
        self._mark_at: tuple[float, float] | None = None
        self._given: dict[str, GroundLayer] = {}
        self._faults: frozenset[str] = frozenset()
        for layer in (ComponentMarks(), CameraMarks(), OfficerMarks(), TrackMarks(), DrawingMarks()):
            self.scene.others.add(layer)

    # --- the book ---------------------------------------------------------------------------------

    @property
    def book(self) -> LayerBook:
        """The present layer book."""
        return self.state.book

    def set_book(self, book: LayerBook) -> None:
        """Take a remembered layer book; no signal is sent. Layers of sources that are here are never lost."""
        for key in self._given:
            known = self.state.book.get(key)
            if known is not None and book.get(key) is None:
                book = book.with_source(key, known.title)
        self._apply(self.state.set_book(book))
        self.furniture.sync()

    def change_book(self, book: LayerBook) -> None:
        """Take a book the operator has changed: the signal is sent."""
        if book != self.state.book:
            self.set_book(book)
            self.layers_changed.emit(self.state.book)

    def layer_note(self, layer_id: str) -> str:
        """Why a layer shows nothing (a key of the words of the panel), empty when it has something to show."""
        if layer_id in self._faults:
            return "fault"
        return layer_note(self.state, layer_id, frozenset(self._given))

    def set_source_fault(self, layer_id: str, on: bool) -> None:
        """Note in the panel that the source of a layer does not answer at present, or does again."""
        faults = self._faults | {layer_id} if on else self._faults - {layer_id}
        if faults != self._faults:
            self._faults = faults
            self.furniture.sync()

    def changeEvent(self, event: QEvent) -> None:
        """Other language: the panel takes the new names."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.furniture.sync()

    # --- layers of the ground ---------------------------------------------------------------------

    def put_ground_layer(self, layer: GroundLayer, title: str) -> None:
        """Take a layer of a source (tiles, features) or replace the one of its key; the book gives its place."""
        self._given[layer.key] = layer
        self._apply(self.state.set_book(self.state.book.with_source(layer.key, title)))
        self._compose()

    def drop_ground_layer(self, key: str) -> None:
        """Take the layer of a source away, with its line in the book, which it has before it was ever loaded."""
        gone = self._given.pop(key, None) is not None
        if gone or self.state.book.get(key) is not None:
            self._apply(self.state.set_book(self.state.book.without_source(key)))
            self._compose()

    def ground_layers(self) -> tuple[GroundLayer, ...]:
        """The layers of sources that are here, for a page that is drawn anew."""
        return tuple(self._given.values())

    def set_features(self, layer: FeatureLayer) -> None:
        """Take an external vector layer (``features:<source>``), ready to be drawn."""
        ground = FeatureGround(layer, self.scene.palette)
        before = self._given.get(ground.key)
        if isinstance(before, FeatureGround):
            ground.revision = before.revision + 1
        self.put_ground_layer(ground, layer.title)

    def _compose(self) -> None:
        """Hand the layers to the scene; which side of the fill they are on is read from the book."""
        self.scene.set_over(tuple(self._given.values()))
        self._apply(Redraw.GROUND)
        self.furniture.sync()

    def set_map_palette(self, palette: MapPalette) -> None:
        """Change the theme, of the external layers too."""
        for layer in self._given.values():
            if isinstance(layer, FeatureGround):
                layer.set_palette(palette)
        super().set_map_palette(palette)

    # --- marks ------------------------------------------------------------------------------------

    def set_now(self, now: float) -> None:
        """Reckon the ages of positions to this moment (epoch seconds); call it as often as you like."""
        before = self.state.officers.now
        change = self.state.set_now(now)
        self._apply(change)
        if change is Redraw.NOTHING and (before is None or now // AGE_STEP_S != before // AGE_STEP_S):
            # Ages are words beside the symbols: nothing else is laid out anew for them.
            self.scene.renew_marks(OFFICERS)
            self.update()

    def set_components(self, components: ComponentLayer | Iterable[MapComponent]) -> None:
        """Take all components; a layer made ready elsewhere costs the main thread nothing."""
        ready = components if isinstance(components, ComponentLayer) else ComponentLayer.of(components)
        self._apply(self.state.set_components(ready))
        self.furniture.sync()

    def set_cameras(self, cameras: Iterable[MapCamera]) -> None:
        """Take all cameras anew."""
        self._apply(self.state.set_cameras(CameraLayer.of(cameras)))
        self.furniture.sync()

    def set_track(self, track: OfficerTrack | None, sentence: str = "") -> None:
        """Replay a track from its beginning and show its layer, or say why there is none."""
        self._apply(self.state.set_tracks(TrackLayer.of(track, sentence)))
        if track is not None and len(track):
            self._apply(self.state.set_book(self.state.book.shown("tracks", True)))
        self.track_changed.emit(self.state.tracks)
        self.furniture.sync()

    def set_track_moment(self, moment: float) -> None:
        """Show another moment of the replay (epoch seconds); nothing but the track is painted anew."""
        before = self.state.tracks
        self.state.set_tracks(before.moved(moment))
        if self.state.tracks.moment != before.moment:
            self.scene.renew_marks(TRACKS)
            self.update()
            self.track_moved.emit(self.state.tracks.moment)

    def next_mark(self, forward: bool) -> bool:
        """Go to the next officer, camera, component or drawn mark in view by key; False after the last one."""
        boxes = self.furniture.obstacles()
        hit = self.scene.others.next_hit(self.view, self._mark_at, forward, boxes)
        self._mark_at = (hit.x, hit.y) if hit is not None else None
        if hit is None:
            self.show_card(None)
            return False
        self.choose_mark(hit, QPointF(*self.view.to_screen((hit.x, hit.y)).tolist()))
        return True

    def show_card(self, at: QPointF | None, lines: list[CardLine] | None = None) -> None:
        """Show the hover card at a pixel, or hide it; a ring around a chosen mark goes with its card."""
        if self.scene.others.chosen is not None:
            self.scene.others.chosen = None
            self.update()
        super().show_card(at, lines)

    def choose_mark(self, hit: MarkHit, at: QPointF) -> None:
        """Show the card of a mark that was clicked and tell which one it was; the chosen case stays."""
        self.show_card(at, list(hit.lines))
        self._mark_at = self.scene.others.chosen = (hit.x, hit.y)
        self.update()
        self.setAccessibleDescription("，".join(line.text for line in hit.lines))
        self.mark_chosen.emit(hit)

    def set_drawings(self, drawings: DrawingLayer) -> None:
        """Take remembered drawn marks; no signal is sent."""
        self._apply(self.state.set_drawings(drawings))

    def change_drawings(self, drawings: DrawingLayer) -> None:
        """Take marks the operator has drawn, changed or undone: the signal is sent."""
        change = self.state.set_drawings(drawings)
        if change is not Redraw.NOTHING:
            self._apply(change)
            self.drawings_changed.emit(self.state.drawings)

    def draw(self, mark: DrawnMark, by: str = "", at: str = "") -> None:
        """Put a mark on the map as the operator does, noting who and when.

        Raises:
            DrawingError: it cannot be drawn, or there are too many.
        """
        self.change_drawings(self.state.drawings.put(replace(mark, by=by or mark.by, at=at or mark.at)))
