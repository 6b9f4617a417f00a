"""WFS 1.1 and 2.0, read-only: what a service offers, and the requests for its features page by page."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from services.basemaps.errors import AnswerError
from services.basemaps.sources import MapSource
from services.basemaps.urls import with_params
from services.basemaps.xml import children, exception_words, local, read_xml, words

_JSON_FORMATS = ("application/json", "json", "geojson", "application/geo+json", "application/vnd.geo+json")


@dataclass(frozen=True, slots=True)
class FeatureType:
    """A type of features: qualified name, title, its own CRS."""

    id: str
    title: str
    crs: str


@dataclass(frozen=True, slots=True)
class WfsService:
    """What a service offers; `json_format` is empty when it gives GML only."""

    version: str
    types: tuple[FeatureType, ...]
    json_format: str = ""
    paging: bool = True

    def named(self, source: MapSource) -> FeatureType:
        """Return the type a source names, with or without its prefix. Raises AnswerError naming what there is."""
        for entry in self.types:
            if entry.id == source.layer:
                return entry
        for entry in self.types:
            if entry.id.rpartition(":")[2] == source.layer:
                return entry
        known = "、".join(entry.id for entry in self.types[:12]) or "无"
        raise AnswerError(f"服务里没有要素类型“{source.layer}”，现有：{known}。")


def wfs_capabilities_url(source: MapSource) -> str:
    """Return the request for what the service offers; a version written in the address is kept."""
    wanted = {"service": "WFS", "request": "GetCapabilities"}
    if "version=" not in source.address.lower():
        wanted["version"] = "2.0.0"
    return with_params(source.address, wanted)


def parse_wfs_capabilities(data: bytes) -> WfsService:
    """Read a capabilities document. Raises AnswerError with a sentence."""
    root = read_xml(data)
    said = exception_words(root)
    if said is not None:
        raise AnswerError(f"服务拒绝了请求：{said}")
    if local(root) != "WFS_Capabilities":
        raise AnswerError("答复不是 WFS 服务说明。")
    version = root.get("version", "")
    if version not in ("2.0.0", "2.0.2", "1.1.0"):
        raise AnswerError(f"WFS 版本 {version or '未写明'} 不支持，只支持 1.1.0 和 2.0.0。")
    types = tuple(
        FeatureType(
            words(entry, "Name"),
            words(entry, "Title") or words(entry, "Name"),
            words(entry, "DefaultCRS") or words(entry, "DefaultSRS"),
        )
        for group in children(root, "FeatureTypeList")
        for entry in children(group, "FeatureType")
    )
    if not types:
        raise AnswerError("服务里没有任何要素类型。")
    formats = _formats(root)
    picked = next((f for f in formats if f.split(";")[0].strip().lower() in _JSON_FORMATS), "")
    return WfsService("2.0.0" if version.startswith("2") else version, types, picked, version.startswith("2"))


def _formats(root: Element) -> tuple[str, ...]:
    """Return the formats GetFeature offers."""
    for operation in root.iter():
        if local(operation) == "Operation" and operation.get("name") == "GetFeature":
            for parameter in operation.iter():
                if local(parameter) == "Parameter" and parameter.get("name") == "outputFormat":
                    return tuple((e.text or "").strip() for e in parameter.iter() if local(e) == "Value")
    return ()


def feature_url(source: MapSource, service: WfsService, entry: FeatureType, start: int, count: int) -> str:
    """Return the request for a page from feature `start` (from 0) on."""
    newer = service.version.startswith("2")
    wanted = {
        "service": "WFS",
        "request": "GetFeature",
        "version": service.version,
        ("typeNames" if newer else "typeName"): entry.id,
        ("count" if newer else "maxFeatures"): str(count),
    }
    if start or newer:
        wanted["startIndex"] = str(start)
    if entry.crs:
        wanted["srsName"] = entry.crs
    if service.json_format:
        wanted["outputFormat"] = service.json_format
    return with_params(source.address, wanted)
