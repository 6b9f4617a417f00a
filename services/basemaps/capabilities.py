"""WMTS capabilities: layers, tile matrix sets on the two planes we draw, and where tiles are asked for.

What the field gets wrong is put right here: axis order of TopLeftCorner (told by the CRS, checked against where
the world is), scale denominators at 96 dots an inch, addresses that name a host nobody outside can reach.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from services.basemaps.errors import AnswerError
from services.basemaps.matrices import (
    MOST_MATRICES,
    MOST_TILE_PX,
    Plane,
    TileGrid,
    TileMatrix,
    pixel_size,
    plane_of,
)
from services.basemaps.sources import MapSource
from services.basemaps.xml import child, children, exception_words, read_xml, words

_PICTURES = ("image/png", "image/jpeg", "image/jpg", "image/webp", "tiles", "image/png8")
#: scale denominators and corners beyond these are slips: a world in one pixel, a pixel of a hair
_SCALES = (1e-4, 1e12)
_FARTHEST = 1e9
Limits = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class WmtsLayer:
    """A layer as the service tells it: `sets` it is offered in, with limits by set and matrix id."""

    id: str
    title: str
    styles: tuple[str, ...]
    formats: tuple[str, ...]
    sets: tuple[str, ...]
    templates: tuple[tuple[str, str], ...] = ()
    limits: Mapping[str, Mapping[str, Limits]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WmtsPlan:
    """How to ask one layer for tiles; `template` is empty for key-value requests."""

    grid: TileGrid
    layer: str
    matrix_set: str
    style: str
    format: str
    template: str = ""


@dataclass(frozen=True, slots=True)
class WmtsService:
    """What a service offers; `left_out` says of each set that cannot be drawn why."""

    title: str
    layers: tuple[WmtsLayer, ...]
    grids: Mapping[str, TileGrid]
    left_out: tuple[str, ...] = ()
    kvp: bool = True

    def plan(self, source: MapSource) -> WmtsPlan:
        """Choose layer, set, style and format for a source. Raises AnswerError naming what there is."""
        layer = next((entry for entry in self.layers if entry.id == source.layer), None)
        if layer is None:
            known = "、".join(entry.id for entry in self.layers[:12]) or "无"
            raise AnswerError(f"服务里没有图层“{source.layer}”，现有：{known}。")
        usable = [name for name in layer.sets if name in self.grids]
        if source.matrix_set and source.matrix_set not in usable:
            raise AnswerError(
                f"图层没有可用的矩阵集“{source.matrix_set}”，现有：{'、'.join(usable) or '无'}。"
            )
        if not usable:
            raise AnswerError(f"图层的矩阵集都不能使用：{'；'.join(self.left_out) or '没有声明'}。")
        # Mercator needs no warping, so it is taken where both are offered
        chosen = source.matrix_set or min(usable, key=lambda n: self.grids[n].plane is not Plane.MERCATOR)
        limits = layer.limits.get(chosen, {})
        matrices = tuple(replace(m, limits=limits.get(m.id)) for m in self.grids[chosen].matrices)
        if limits:
            matrices = tuple(m for m in matrices if m.limits is not None)
        grid = TileGrid(self.grids[chosen].plane, matrices)
        picture = source.format or _best_format(layer.formats)
        template = "" if self.kvp else _template(layer, picture)
        style = source.style or (layer.styles[0] if layer.styles else "default")
        return WmtsPlan(grid, layer.id, chosen, style, picture, template)


def _best_format(formats: tuple[str, ...]) -> str:
    """Choose a picture format we read."""
    for wanted in _PICTURES:
        if wanted in formats:
            return wanted
    return formats[0] if formats else "image/png"


def _template(layer: WmtsLayer, picture: str) -> str:
    """Return the address template of a layer for a format."""
    found = dict(layer.templates)
    made = found.get(picture) or next(iter(found.values()), "")
    if not made:
        raise AnswerError("服务没有给出可用的取图方式（KVP 或 RESTful）。")
    return made


def parse_capabilities(data: bytes) -> WmtsService:
    """Read a capabilities document. Raises AnswerError with a sentence."""
    root = read_xml(data)
    said = exception_words(root)
    if said is not None:
        raise AnswerError(f"服务拒绝了请求：{said}")
    contents = child(root, "Contents")
    if contents is None:
        raise AnswerError("答复不是 WMTS 服务说明（缺少 Contents）。")
    grids: dict[str, TileGrid] = {}
    left_out = []
    for element in children(contents, "TileMatrixSet"):
        name = words(element, "Identifier")
        try:
            grids[name] = _grid(element)
        except AnswerError as error:
            left_out.append(f"矩阵集 {name}：{error.title}")
    layers = tuple(_layer(element) for element in children(contents, "Layer"))
    if not layers:
        raise AnswerError("服务里没有任何图层。")
    title = words(root, "ServiceIdentification", "Title")
    rest = all(layer.templates for layer in layers)
    return WmtsService(title, layers, grids, tuple(left_out), _offers_kvp(root) or not rest)


def _offers_kvp(root: Element) -> bool:
    """Tell whether tiles may be asked for by key and value; a document that says nothing means yes."""
    operations = child(root, "OperationsMetadata")
    if operations is None:
        return False
    for operation in children(operations, "Operation"):
        if operation.get("name") != "GetTile":
            continue
        values = [(e.text or "").strip().upper() for e in operation.iter() if e.tag.endswith("}Value")]
        return not values or "KVP" in values
    return False


def _layer(element: Element) -> WmtsLayer:
    """Read a layer; the default style comes first."""
    styles = sorted(children(element, "Style"), key=lambda s: s.get("isDefault", "false") != "true")
    limits: dict[str, dict[str, Limits]] = {}
    sets = []
    for link in children(element, "TileMatrixSetLink"):
        name = words(link, "TileMatrixSet")
        sets.append(name)
        for entry in (e for group in children(link, "TileMatrixSetLimits") for e in group):
            made = _limit(entry)
            if made is not None:
                limits.setdefault(name, {})[words(entry, "TileMatrix")] = made
    templates = tuple(
        (url.get("format", ""), url.get("template", ""))
        for url in children(element, "ResourceURL")
        if url.get("resourceType") == "tile" and _is_address(url.get("template", ""))
    )
    return WmtsLayer(
        words(element, "Identifier"),
        words(element, "Title") or words(element, "Identifier"),
        tuple(text for style in styles if (text := words(style, "Identifier"))),
        tuple((e.text or "").strip() for e in children(element, "Format")),
        tuple(sets),
        templates,
        limits,
    )


def _is_address(text: str) -> bool:
    """Tell whether a template can be taken apart as an address."""
    try:
        return bool(urlsplit(text).path)
    except ValueError:
        return False


def _limit(entry: Element) -> Limits | None:
    """Read the limits of one matrix, None when they are none."""
    try:
        first_c, last_c, first_r, last_r = (
            int(words(entry, name)) for name in ("MinTileCol", "MaxTileCol", "MinTileRow", "MaxTileRow")
        )
    except ValueError:
        return None
    return (first_c, last_c, first_r, last_r) if first_c <= last_c and first_r <= last_r else None


@dataclass(frozen=True, slots=True)
class _RawMatrix:
    """A matrix as written."""

    id: str
    scale: float
    corner: tuple[float, float]
    width: int
    height: int
    columns: int
    rows: int


def _grid(element: Element) -> TileGrid:
    """Read a tile matrix set. Raises AnswerError for a plane we do not draw or senseless numbers."""
    crs = words(element, "SupportedCRS")
    plane = plane_of(crs)
    if plane is None:
        raise AnswerError(f"坐标系 {crs[:60] or '未写明'} 不支持")
    raws = [_raw(entry) for entry in children(element, "TileMatrix")]
    if not raws or len(raws) > MOST_MATRICES:
        raise AnswerError("没有级别，或级别过多")
    size = pixel_size(plane[0], ((raw.scale, raw.width) for raw in raws))
    north_first = _north_first(plane[0], plane[1], raws)
    matrices = [_matrix(plane[0], raw, size, north_first) for raw in raws]
    return TileGrid(plane[0], tuple(sorted(matrices, key=lambda m: -m.resolution)))


def _raw(entry: Element) -> _RawMatrix:
    """Read one matrix. Raises AnswerError for what is no number."""
    try:
        first, second = (float(part) for part in words(entry, "TopLeftCorner").replace(",", " ").split())
        raw = _RawMatrix(
            words(entry, "Identifier"),
            float(words(entry, "ScaleDenominator")),
            (first, second),
            *(int(words(entry, n)) for n in ("TileWidth", "TileHeight", "MatrixWidth", "MatrixHeight")),
        )
    except ValueError:
        raise AnswerError("有级别缺少数值或写法有误") from None
    placed = _SCALES[0] <= raw.scale <= _SCALES[1] and all(abs(v) <= _FARTHEST for v in raw.corner)
    if not placed or raw.columns < 1 or raw.rows < 1:
        raise AnswerError("有级别的数值不合理")
    if not (16 <= raw.width <= MOST_TILE_PX and 16 <= raw.height <= MOST_TILE_PX):
        raise AnswerError(f"瓦片边长应在 16 到 {MOST_TILE_PX} 像素之间")
    return raw


def _north_first(plane: Plane, by_crs: bool, raws: list[_RawMatrix]) -> bool:
    """Tell in which order corners are written: as the CRS says unless the corner then lies off the world."""
    west, south, east, north = plane.world

    def fits(flip: bool) -> bool:
        slack = 1.0 if plane is Plane.DEGREES else 1e5
        for raw in raws:
            x, y = (raw.corner[1], raw.corner[0]) if flip else raw.corner
            # nothing lies east of the world's right edge or below its lower edge: a top left corner there is turned
            inside = west - slack <= x < east - slack and south + slack < y <= north + slack
            if not inside:
                return False
        return True

    if fits(by_crs) or not fits(not by_crs):
        return by_crs
    return not by_crs


def _matrix(plane: Plane, raw: _RawMatrix, size: float, north_first: bool) -> TileMatrix:
    """Make a matrix of our own: east first, units of the plane, no tiles outside the world."""
    left, top = (raw.corner[1], raw.corner[0]) if north_first else raw.corner
    resolution = raw.scale * size / plane.metres_per_unit
    _, south, east, _ = plane.world
    most_c = math.ceil((east - left) / (resolution * raw.width) - 1e-6)
    most_r = math.ceil((top - south) / (resolution * raw.height) - 1e-6)
    return TileMatrix(
        raw.id,
        resolution,
        left,
        top,
        raw.width,
        raw.height,
        max(min(raw.columns, most_c), 1),
        max(min(raw.rows, most_r), 1),
    )
