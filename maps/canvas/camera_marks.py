"""Cameras on the map: squares, and from the grid zoom on the cones they look into."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from maps.canvas import layer_words
from maps.canvas.card_box import CardLine
from maps.canvas.mark_stack import MarkHit, StampSheet
from maps.canvas.mark_symbols import CAMERA_PX, CONE_PX, paint_camera, paint_cone
from maps.canvas.sprites import Sprite, SpriteBook
from maps.geometry.areas import IntArray
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport
from maps.layers.book import CAMERAS
from maps.layers.cameras import CameraLayer, MapCamera, usable_heading
from maps.layers.state import MapState

HIT_PX = 12.0
MOST_DRAWN = 600
"""More symbols than this in view would be a carpet; then only those are drawn that hide no other."""


class CameraMarks:
    """Layout and painting of the cameras; nothing below the street zoom."""

    key = CAMERAS

    def __init__(self) -> None:
        self._layer = CameraLayer()
        self._drawn = np.empty(0, dtype=np.int64)
        self._stamps: tuple[StampSheet, ...] = ()

    def lay_out(self, state: MapState, view: Viewport, book: SpriteBook) -> None:
        """Choose what is in view, a screen around it for a drag; crowded symbols are thinned."""
        zoom = book.tokens.band_at(view.metres_per_pixel)
        self._layer, self._stamps = state.cameras, ()
        self._drawn = np.empty(0, dtype=np.int64)
        if zoom.id in ("city", "district") or not len(self._layer):
            return
        west, south, east, north = view.bounds
        dx, dy = (east - west) / 2, (north - south) / 2
        x, y = self._layer.xy.T
        near = np.flatnonzero((x > west - dx) & (x < east + dx) & (y > south - dy) & (y < north + dy))
        self._drawn = near if len(near) <= MOST_DRAWN else _thinned(self._layer.xy, near, view.scale)
        self._stamps = self._sheets(zoom.id in ("grid", "place"), book)

    def _sheets(self, cones: bool, book: SpriteBook) -> tuple[StampSheet, ...]:
        """Cones first, so that none lies over a symbol."""
        cameras = [self._layer.cameras[i] for i in self._drawn.tolist()]
        xy = self._layer.xy[self._drawn]
        symbols = StampSheet(xy, [_symbol(book, camera) for camera in cameras])
        if not cones:
            return (symbols,)
        headings = [None if c.lost else usable_heading(c.heading) for c in cameras]
        looking = [i for i, heading in enumerate(headings) if heading is not None]
        sprites = [_cone(book, headings[i] or 0.0, cameras[i].watched) for i in looking]
        return (StampSheet(xy[looking], sprites), symbols)

    def paint(self, painter: QPainter, view: Viewport, book: SpriteBook) -> None:
        """Copy what was laid out."""
        del book
        for sheet in self._stamps:
            sheet.paint(painter, view)

    def hit(self, view: Viewport, px: float, py: float) -> MarkHit | None:
        """The camera below a pixel."""
        if not len(self._drawn):
            return None
        at = view.to_screen(self._layer.xy[self._drawn])
        gap = np.hypot(at[:, 0] - px, at[:, 1] - py)
        best = int(np.argmin(gap))
        if gap[best] > HIT_PX:
            return None
        i = int(self._drawn[best])
        camera = self._layer.cameras[i]
        x, y = self._layer.xy[i].tolist()
        return MarkHit(self.key, camera.camera_id, x, y, tuple(camera_card(camera)))

    def places(self) -> FloatArray:
        """Where the squares stand."""
        return self._layer.xy[self._drawn]

    def boxes(self, view: Viewport) -> list[QRectF]:
        """Room of the squares."""
        half = CAMERA_PX / 2 + 2
        at = view.to_screen(self._layer.xy[self._drawn])
        seen = np.all((at > -half) & (at < (view.width + half, view.height + half)), axis=1)
        return [QRectF(px - half, py - half, 2 * half, 2 * half) for px, py in at[seen].tolist()]


def camera_card(camera: MapCamera) -> list[CardLine]:
    """Name and state."""
    state = layer_words.camera_state(camera.watched, camera.lost, camera.since)
    return [CardLine(camera.name or camera.camera_id, "text.primary", True), CardLine(state)]


def _symbol(book: SpriteBook, camera: MapCamera) -> Sprite:
    watched, lost = camera.watched and not camera.lost, camera.lost
    return book.symbol(
        ("camera", watched, lost), 11.0, lambda p, c: paint_camera(p, c, watched, lost, book.palette)
    )


def _cone(book: SpriteBook, heading: float, watched: bool) -> Sprite:
    turned = round(heading / 3.0) * 3 % 360
    return book.symbol(
        ("cone", turned, watched),
        CONE_PX + 2,
        lambda p, c: paint_cone(p, c, float(turned), watched, book.palette),
    )


def _thinned(xy: FloatArray, near: IntArray, scale: float) -> IntArray:
    """One camera of each square of the world; the squares grow until the symbols are few enough."""
    side = CAMERA_PX * scale
    while len(near) > MOST_DRAWN:
        column, row = np.floor(xy[near].T / side).astype(np.int64)
        _, first = np.unique(row * (1 << 31) + column, return_index=True)
        near = near[np.sort(first)]
        side *= 1.5
    return near
