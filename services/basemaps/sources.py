"""A map source (底图与图层来源) as a value: what it is, where it is, how it is drawn. Keys are not part of it.

A source is stored as a small JSON object, by the console for a user and by the centre as a default for all
(`map_sources` of the reference settings). What is wrong is told field by field; one bad source never spoils
the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from services.basemaps.errors import SourceError

MOST_SOURCES = 40
MOST_TEXT = 2_000
MOST_ZOOM = 24
_MOST_NUMBER = 1e300
_ID = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")


class Kind(StrEnum):
    """What kind of service or file a source is."""

    XYZ = "xyz"
    WMTS = "wmts"
    MBTILES = "mbtiles"
    FILE = "file"
    WFS = "wfs"
    ARCGIS = "arcgis"
    SUPERMAP = "supermap"


TILE_KINDS = frozenset((Kind.XYZ, Kind.WMTS, Kind.MBTILES))
LOCAL_KINDS = frozenset((Kind.MBTILES, Kind.FILE))


class Datum(StrEnum):
    """On which system the pictures or shapes lie: WGS84 (CGCS2000 is taken as equal) or the shifted GCJ-02."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"


class Dark(StrEnum):
    """What the dark theme does with the tiles: nothing, darker, or light and dark exchanged."""

    NONE = "none"
    DIM = "dim"
    INVERT = "invert"


@dataclass(frozen=True, slots=True)
class MapSource:
    """One source.

    `address` is an URL template (`{z} {x} {y} {-y} {s}`), the address of a service, or the path of a file;
    `layer` names what is wanted inside it (WMTS layer, WFS type, layer number, `datasource:dataset`);
    `tile_crs` is the plane of XYZ tiles; `crs` that of features when the service does not tell;
    `key_name` is the parameter that carries the key (`tk` of 天地图), the key itself is kept elsewhere.
    """

    id: str
    title: str
    kind: Kind
    address: str
    layer: str = ""
    matrix_set: str = ""
    style: str = ""
    format: str = ""
    tile_crs: str = "EPSG:3857"
    tile_size: int = 256
    subdomains: tuple[str, ...] = ()
    key_name: str = ""
    datum: Datum = Datum.WGS84
    crs: str = ""
    name_field: str = ""
    min_zoom: int = 0
    max_zoom: int = 18
    opacity: float = 1.0
    shown: bool = True
    dark: Dark = Dark.DIM
    attribution: str = ""

    @property
    def is_tiles(self) -> bool:
        """Whether it gives pictures; else it gives features."""
        return self.kind in TILE_KINDS

    @property
    def is_local(self) -> bool:
        """Whether it is a file of this machine."""
        return self.kind in LOCAL_KINDS

    @property
    def layer_id(self) -> str:
        """Name of its layer in the map's layer book."""
        return f"{'tiles' if self.is_tiles else 'features'}:{self.id}"

    def to_doc(self) -> dict[str, Any]:
        """Return the JSON object; what has its usual value is left out."""
        usual = asdict(_USUAL)
        doc = {name: value for name, value in asdict(self).items() if value != usual[name]}
        doc |= {"id": self.id, "kind": str(self.kind)}
        return {name: list(v) if isinstance(v, tuple) else v for name, v in doc.items()}

    def checked(self) -> MapSource:
        """Return itself when the fields fit together. Raises SourceError."""
        problems = _problems(self)
        if problems:
            raise SourceError(problems)
        return self


_USUAL = MapSource("", "", Kind.XYZ, "")
_WORDS = {
    Kind.XYZ: "XYZ 瓦片",
    Kind.WMTS: "WMTS 瓦片（天地图等）",
    Kind.MBTILES: "MBTiles 文件",
    Kind.FILE: "GeoJSON / GeoPackage 文件",
    Kind.WFS: "WFS 要素服务",
    Kind.ARCGIS: "ArcGIS REST 要素图层",
    Kind.SUPERMAP: "超图 iServer 数据服务",
}


def kind_word(kind: Kind) -> str:
    """Return the name of a kind."""
    return _WORDS[kind]


def source_from(doc: Any) -> MapSource:
    """Read one JSON object. Raises SourceError with a sentence for each wrong field; unknown fields are left."""
    if not isinstance(doc, Mapping):
        raise SourceError({"": "来源应是一个 JSON 对象。"})
    problems: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, usual in asdict(_USUAL).items():
        if name not in doc:
            continue
        try:
            values[name] = _value(name, doc[name], usual)
        except (ValueError, TypeError) as error:
            problems[name] = str(error)
    for name in ("id", "kind", "address"):
        if name not in values and name not in problems:
            problems[name] = f"缺少 {name}。"
    if problems:
        raise SourceError(problems)
    values.setdefault("title", values["id"])
    return MapSource(**values).checked()


@dataclass(frozen=True, slots=True)
class SourceList:
    """Sources in their order (from below), and a sentence for each that was left out."""

    sources: tuple[MapSource, ...] = ()
    problems: tuple[str, ...] = field(default=())


def sources_from(doc: Any) -> SourceList:
    """Read a list of sources; a wrong one is left out with a sentence, a doubled id too. Raises nothing."""
    if doc is None:
        return SourceList()
    if not isinstance(doc, Sequence) or isinstance(doc, str | bytes):
        return SourceList((), ("底图与图层来源的设置不是列表，没有采用。",))
    sources: dict[str, MapSource] = {}
    problems = []
    for number, raw in enumerate(doc, 1):
        if len(sources) >= MOST_SOURCES:
            problems.append(f"来源超过 {MOST_SOURCES} 个，后面的没有采用。")
            break
        try:
            source = source_from(raw)
        except SourceError as error:
            problems.append(f"第 {number} 个来源没有采用：{error.title}")
            continue
        if source.id in sources:
            problems.append(f"第 {number} 个来源没有采用：编号 {source.id} 重复。")
            continue
        sources[source.id] = source
    return SourceList(tuple(sources.values()), tuple(problems))


def merged(own: Sequence[MapSource], centre: Sequence[MapSource]) -> tuple[MapSource, ...]:
    """Return the user's own sources above the centre's; where both have an id, the user's stands in its place."""
    mine = {source.id: source for source in own}
    below = [mine.pop(source.id, source) for source in centre]
    return (*below, *mine.values())


def fresh_id(title: str, taken: Sequence[str]) -> str:
    """Return an id for a new source: letters of its title, else `source`, with a number when taken."""
    stem = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:30] or "source"
    number, made = 1, stem
    while made in taken:
        number += 1
        made = f"{stem}-{number}"
    return made


def _value(name: str, raw: Any, usual: Any) -> Any:
    """Bring one raw field to its type. Raises ValueError with a sentence."""
    if isinstance(usual, StrEnum):
        try:
            return type(usual)(str(raw))
        except ValueError:
            known = "、".join(str(entry) for entry in type(usual))
            raise ValueError(f"{name} 不认识“{str(raw)[:30]}”，应为 {known}。") from None
    if isinstance(usual, tuple):
        if not isinstance(raw, list | tuple) or not all(isinstance(v, str) for v in raw) or len(raw) > 32:
            raise ValueError(f"{name} 应是文字的列表。")
        return tuple(raw)
    if isinstance(usual, bool) or isinstance(raw, bool):
        if not (isinstance(usual, bool) and isinstance(raw, bool)):
            raise ValueError(f"{name} 的类型不对。")
        return raw
    if isinstance(usual, int):
        if not isinstance(raw, int):
            raise ValueError(f"{name} 应是整数。")
        return raw
    if isinstance(usual, float):
        # JSON may hold a whole number that no float can
        if not isinstance(raw, int | float) or abs(raw) > _MOST_NUMBER:
            raise ValueError(f"{name} 应是数值。")
        return float(raw)
    if not isinstance(raw, str) or len(raw) > MOST_TEXT:
        raise ValueError(f"{name} 应是文字，且不超过 {MOST_TEXT} 字。")
    return raw.strip()


def _problems(source: MapSource) -> dict[str, str]:
    """Return a sentence for each field that does not fit."""
    found: dict[str, str] = {}
    if not _ID.match(source.id):
        found["id"] = "编号应由小写字母、数字、- 和 _ 组成，最长 40 个字符。"
    if not source.title:
        found["title"] = "请填写名称。"
    if not 0 <= source.min_zoom <= source.max_zoom <= MOST_ZOOM:
        found["max_zoom"] = f"级别应在 0 到 {MOST_ZOOM} 之间，且最小级不大于最大级。"
    if source.tile_size not in (128, 256, 512, 1024):
        found["tile_size"] = "瓦片边长应为 128、256、512 或 1024。"
    if not 0.0 <= source.opacity <= 1.0:
        found["opacity"] = "不透明度应在 0 到 1 之间。"
    if source.tile_crs not in ("EPSG:3857", "EPSG:4326", "EPSG:4490"):
        found["tile_crs"] = "瓦片坐标系应为 EPSG:3857、EPSG:4326 或 EPSG:4490。"
    if source.key_name and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]{0,29}", source.key_name):
        found["key_name"] = "密钥参数名应由字母和数字组成，例如 tk。"
    address = _address_problem(source)
    if address:
        found["address"] = address
    if source.kind in (Kind.WMTS, Kind.WFS, Kind.SUPERMAP) and not source.layer:
        found["layer"] = "请选择或填写图层名称。"
    if source.kind is Kind.SUPERMAP and source.layer and source.layer.count(":") != 1:
        found["layer"] = "图层应写成“数据源:数据集”。"
    return found


def _address_problem(source: MapSource) -> str:
    """Return what is wrong with the address, empty when nothing."""
    text = source.address
    if not text:
        return "请选择文件。" if source.is_local else "请填写地址。"
    if source.is_local:
        return _file_problem(source)
    try:
        parts = urlsplit(text.replace("{s}", "s"))
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "地址写法有误。"
    if parts.scheme not in ("http", "https") or not host:
        return "地址应以 http:// 或 https:// 开头。"
    if parts.username or parts.password:
        return "地址里不能写用户名和密码。"
    if "{" in host.replace("{s}", "") or any(c.isspace() for c in text):
        return "地址写法有误。"
    if source.kind is Kind.XYZ:
        wanted = ("{z}", "{x}")
        if not all(mark in text for mark in wanted) or not ("{y}" in text or "{-y}" in text):
            return "XYZ 地址里应有 {z}、{x} 和 {y}（或 {-y}）。"
    return ""


def _file_problem(source: MapSource) -> str:
    """Return what is wrong with a path, empty when nothing; the file itself is not looked at."""
    name = source.address.lower()
    if "://" in name:
        return "请选择本机文件，不是网址。"
    if source.kind is Kind.MBTILES:
        return "" if name.endswith((".mbtiles", ".db", ".sqlite")) else "请选择 .mbtiles 文件。"
    ends = (".geojson", ".json", ".geojson.gz", ".json.gz", ".gpkg", ".shp")
    return "" if name.endswith(ends) else "请选择 .geojson、.gpkg 或 .shp 文件。"


def shown_as(source: MapSource, shown: bool) -> MapSource:
    """Return the source switched on or off."""
    return replace(source, shown=shown)
