"""Small pictures of symbols and labels, painted once and then copied: marks are many and mostly alike."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from maps.canvas.palette import MapPalette
from maps.canvas.symbols import paint_band, paint_cluster, paint_officer
from maps.layers.cases import Mark
from maps.layers.tokens import MapTokens

SINGLE_PX = 16.0
OFFICER_PX = 20.0
HALO_EM = 0.22
"""Width of the stroke below a label, in em."""
_MOST = 4000
"""Pictures kept at most; then all are dropped, which costs one slow frame."""


@dataclass(frozen=True, slots=True)
class Sprite:
    """A picture and where its anchor lies in it, in logical pixels."""

    pixmap: QPixmap
    anchor: QPointF
    size: QSizeF


class SpriteBook:
    """Pictures by what they show, for one palette and one device pixel ratio."""

    def __init__(self, palette: MapPalette, ratio: float) -> None:
        self._palette = palette
        self.ratio = ratio
        self._made: dict[Hashable, Sprite] = {}

    @property
    def palette(self) -> MapPalette:
        """Colours the pictures are painted in."""
        return self._palette

    @property
    def tokens(self) -> MapTokens:
        """Tokens of the palette."""
        return self._palette.tokens

    def mark(self, mark: Mark) -> Sprite:
        """Single shape or cluster disc, anchored at its centre."""
        if mark.count == 1:
            return self.band(mark.bands[0][0])
        radius = self._palette.tokens.cluster_radius(mark.count)
        return self._centred(
            ("cluster", mark.bands),
            radius + 3.0,
            lambda p, c: paint_cluster(p, mark.bands, c, radius, self._palette),
        )

    def band(self, band: str, size: float = SINGLE_PX) -> Sprite:
        """Single shape of a band."""
        return self._centred(
            ("band", band, size), size / 2 + 2.5, lambda p, c: paint_band(p, band, c, size, self._palette)
        )

    def officer(self, busy: bool, lost: bool) -> Sprite:
        """Officer disc."""
        return self._centred(
            ("officer", busy, lost),
            13.0,
            lambda p, c: paint_officer(p, c, busy, lost, self._palette, OFFICER_PX),
        )

    def symbol(self, key: Hashable, half: float, paint: Callable[[QPainter, QPointF], None]) -> Sprite:
        """Any other symbol, painted once by ``paint`` around the middle of a square of twice ``half``."""
        return self._centred(("symbol", key), half, paint)

    def label(self, text: str, pixels: float, bold: bool, token: str, angle: float = 0.0) -> Sprite:
        """Text with halo, anchored at its middle; turned by ``angle`` degrees clockwise."""
        key = ("label", text, pixels, bold, token, round(angle))
        made = self._made.get(key)
        if made is None:
            made = self._keep(key, self._paint_label(text, pixels, bold, token, angle))
        return made

    def label_size(self, text: str, pixels: float, bold: bool) -> QSizeF:
        """Room a label takes, without painting it."""
        metrics = QFontMetricsF(self._palette.font(pixels, bold))
        return QSizeF(
            metrics.horizontalAdvance(text) + 4, metrics.ascent() * 0.86 + metrics.descent() * 0.6 + 2
        )

    def _centred(self, key: Hashable, half: float, paint: Callable[[QPainter, QPointF], None]) -> Sprite:
        made = self._made.get(key)
        if made is None:
            pixmap = self._blank(2 * half, 2 * half)
            painter = QPainter(pixmap)
            try:
                paint(painter, QPointF(half, half))
            finally:
                painter.end()
            made = self._keep(key, Sprite(pixmap, QPointF(half, half), QSizeF(2 * half, 2 * half)))
        return made

    def _paint_label(self, text: str, pixels: float, bold: bool, token: str, angle: float) -> Sprite:
        font = self._palette.font(pixels, bold)
        metrics = QFontMetricsF(font)
        halo = HALO_EM * pixels
        width = metrics.horizontalAdvance(text) + 2 * halo + 2
        height = metrics.height() + 2 * halo
        turned = QRectF(-width / 2, -height / 2, width, height)
        if angle:
            reach = (width**2 + height**2) ** 0.5
            turned = QRectF(-reach / 2, -reach / 2, reach, reach)
        pixmap = self._blank(turned.width(), turned.height())
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-turned.left(), -turned.top())
        painter.rotate(angle)
        base = QPointF(-metrics.horizontalAdvance(text) / 2, (metrics.ascent() - metrics.descent()) / 2)
        path = QPainterPath()
        path.addText(base, font, text)
        pen = QPen(self._palette.color("map.halo"), 2 * halo * 0.75)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, pen)
        painter.fillPath(path, self._palette.color(token))
        painter.end()
        return Sprite(pixmap, QPointF(-turned.left(), -turned.top()), turned.size())

    def _blank(self, width: float, height: float) -> QPixmap:
        pixmap = QPixmap(max(round(width * self.ratio), 1), max(round(height * self.ratio), 1))
        pixmap.setDevicePixelRatio(self.ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        return pixmap

    def _keep(self, key: Hashable, sprite: Sprite) -> Sprite:
        if len(self._made) >= _MOST:
            self._made.clear()
        self._made[key] = sprite
        return sprite
