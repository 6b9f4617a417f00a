"""Small pictures of symbols and labels, painted once and then copied: marks are many and mostly alike."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from maps.canvas.palette import MapPalette
from maps.canvas.symbols import paint_band, paint_cluster, paint_officer, paint_single
from maps.layers.cases import Mark, Marks
from maps.layers.tokens import BANDS, MapTokens

SINGLE_PX = 16.0
OFFICER_PX = 20.0
STAGED_PX = 19.0
"""Half of the picture of a single shape with its stage below."""
HALO_EM = 0.22
"""Width of the stroke below a label, in em."""
MOST_BYTES = 24 * 2**20
"""Memory of the pictures kept at one device pixel a logical pixel; beyond it the longest unused go."""
_MOST_SIZES = 20_000


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
        self._made: OrderedDict[Hashable, Sprite] = OrderedDict()
        self._metrics: dict[tuple[int, bool], QFontMetricsF] = {}
        self._sizes: dict[tuple[str, float, bool], tuple[float, float]] = {}
        self.nbytes = 0
        """Memory of the pictures kept."""
        self.painted = 0
        """How many pictures have been painted; watched by tests and benches."""

    def __len__(self) -> int:
        """How many pictures are kept."""
        return len(self._made)

    @property
    def palette(self) -> MapPalette:
        """Colours the pictures are painted in."""
        return self._palette

    @property
    def tokens(self) -> MapTokens:
        """Tokens of the palette."""
        return self._palette.tokens

    def mark(self, mark: Mark, staged: bool = False) -> Sprite:
        """Single shape or cluster disc, anchored at its centre; ``staged`` puts the stage below a single one."""
        if mark.count == 1:
            return self.single(mark.bands[0][0], mark.stage if staged else 0)
        return self.cluster(mark.bands)

    def mark_at(self, marks: Marks, at: int, staged: bool = False) -> Sprite:
        """The picture of one of many marks, without making a value of it."""
        if marks.counts[at] == 1:
            return self.single(BANDS[marks.worst[at]], int(marks.stage[at]) if staged else 0)
        return self.cluster(marks.bands_of(at))

    def cluster(self, bands: tuple[tuple[str, int], ...]) -> Sprite:
        """Disc with the count, its ring divided by band."""
        radius = self._palette.tokens.cluster_radius(sum(count for _, count in bands))
        return self._centred(
            ("cluster", bands),
            radius + 3.0,
            lambda p, c: paint_cluster(p, bands, c, radius, self._palette),
        )

    def single(self, band: str, stage: int = 0) -> Sprite:
        """Single shape of a band, with its stage as pips below where one is given."""
        return self._centred(
            ("single", band, stage),
            STAGED_PX if stage else SINGLE_PX / 2 + 2.5,
            lambda p, c: paint_single(p, band, stage, c, SINGLE_PX, self._palette),
        )

    def band(self, band: str, size: float = SINGLE_PX) -> Sprite:
        """Shape of a band in any size."""
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
        return self._found(key) or self._keep(key, self._paint_label(text, pixels, bold, token, angle))

    def label_size(self, text: str, pixels: float, bold: bool) -> QSizeF:
        """Room a label takes, without painting it."""
        return QSizeF(*self.text_size(text, pixels, bold))

    def text_size(self, text: str, pixels: float, bold: bool) -> tuple[float, float]:
        """Width and height of a label in logical pixels; remembered, for texts are measured again and again."""
        key = (text, pixels, bold)
        size = self._sizes.get(key)
        if size is None:
            metrics = self._metrics_of(pixels, bold)
            height = metrics.ascent() * 0.86 + metrics.descent() * 0.6 + 2
            size = (metrics.horizontalAdvance(text) + 4, height)
            if len(self._sizes) >= _MOST_SIZES:
                self._sizes.clear()
            self._sizes[key] = size
        return size

    def _metrics_of(self, pixels: float, bold: bool) -> QFontMetricsF:
        key = (max(round(pixels), 1), bold)
        if key not in self._metrics:
            self._metrics[key] = QFontMetricsF(self._palette.font(pixels, bold))
        return self._metrics[key]

    def _centred(self, key: Hashable, half: float, paint: Callable[[QPainter, QPointF], None]) -> Sprite:
        made = self._found(key)
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

    def _found(self, key: Hashable) -> Sprite | None:
        made = self._made.get(key)
        if made is not None:
            self._made.move_to_end(key)
        return made

    def _keep(self, key: Hashable, sprite: Sprite) -> Sprite:
        self.painted += 1
        self._made[key] = sprite
        self.nbytes += _bytes(sprite)
        most = MOST_BYTES * max(self.ratio, 1.0) ** 2
        while self.nbytes > most and len(self._made) > 1:
            self.nbytes -= _bytes(self._made.popitem(last=False)[1])
        return sprite


def _bytes(sprite: Sprite) -> int:
    return sprite.pixmap.width() * sprite.pixmap.height() * 4
