"""Plans an import of areas: which features become areas, which were repaired, which are refused and why.

Nothing is written here; the caller stores `AreaImport.areas` in one transaction.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely

from services.domain.codes import check_area_code, parent_code
from services.domain.errors import CodeError
from services.geo.areas import LEVEL_LABEL, Area, upper_level
from services.geo.coords import WGS84, CoordinateSystem, to_wgs84
from services.geo.errors import AreaError, CoordinateError
from services.geo.features import AreaFeature, FeatureFile, open_features
from services.geo.geojson_text import Limits
from services.geo.local_grid import find_system
from services.geo.polygons import Refused, repair_polygon

CodeRule = Literal["national", "cjt213", "any"]
"""`national`: 6/9/12/15 digits; `cjt213`: grids of the older 14 digits 6+2+2+4, written as 15; `any`: kept as is."""
_LONGEST_CODE, _LONGEST_NAME = 32, 80
_CJT213 = re.compile(r"([0-9]{6})([0-9]{2})([0-9]{2})0([0-9]{3})")


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What `griddesk import areas` was told.

    `code_field` and `name_field` are property names. `parent` is the one parent of all areas; without it, the
    parent follows from the code (national rule) or stays empty. `crs` overrides what the file says; a GeoJSON
    that says nothing is WGS84. `known_codes` are the areas the centre has already, where parents are looked
    up (None: not looked up), so import from the top down. With `code_rule` `any`, foreign codes are kept as
    they are.
    """

    level: str
    code_field: str
    name_field: str
    parent: str | None = None
    crs: str | None = None
    code_rule: CodeRule = "national"
    officer_field: str | None = None
    layer: str | None = None
    encoding: str | None = None
    known_codes: Collection[str] | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class AreaImport:
    """What an import would do: areas in file order, and per feature name the note or the reason."""

    areas: list[Area]
    repaired: list[tuple[str, str]]
    refused: list[tuple[str, str]]


class _RefusedError(Exception):
    """One feature can't become an area; the text is the reason."""


Progress = Callable[[int, int], None]
"""Called with features done and features in all, every hundred or so."""


def plan_areas(source: bytes | Path, options: ImportOptions, progress: Progress | None = None) -> AreaImport:
    """Read a file and plan its import.

    Raises:
        AreaError: The level or the given parent is not known or does not fit.
        FeatureFileError: The file is wrong as a whole, or its coordinate system is not known.
        CoordinateError: `crs` is not understood.
    """
    upper_level(options.level)
    if (
        options.parent is not None
        and options.known_codes is not None
        and options.parent not in options.known_codes
    ):
        raise AreaError(f"上级区域 {options.parent} 不存在，请先导入上级。")
    file = open_features(source, limits=options.limits, layer=options.layer, encoding=options.encoding)
    planner = _Planner(options, _system(file, options))
    for done, feature in enumerate(file, 1):
        planner.take(feature)
        if progress is not None and (done % 100 == 0 or done == file.total):
            progress(done, file.total)
    return AreaImport(planner.areas, planner.repaired, planner.refused)


def _system(file: FeatureFile, options: ImportOptions) -> CoordinateSystem:
    if options.crs is not None:
        return find_system(options.crs)
    if file.crs is not None:
        return find_system(file.crs)
    if file.format == "geojson":
        return WGS84
    raise CoordinateError("文件没有说明坐标系（缺少 .prj），请用 --crs 指明。")


class _Planner:
    """Collects areas, notes and refusals feature by feature."""

    def __init__(self, options: ImportOptions, system: CoordinateSystem) -> None:
        self.areas: list[Area] = []
        self.repaired: list[tuple[str, str]] = []
        self.refused: list[tuple[str, str]] = []
        self._options = options
        self._system = system
        self._first_with: dict[str, str] = {}
        self._known = None if options.known_codes is None else frozenset(options.known_codes)

    def take(self, feature: AreaFeature) -> None:
        """Make an area of one feature, or say why not."""
        label = _label(feature, self._options)
        try:
            area, note = self._area(feature, label)
        except _RefusedError as refusal:
            self.refused.append((label, str(refusal)))
            return
        self._first_with[area.code] = label
        self.areas.append(area)
        if note:
            self.repaired.append((label, note))

    def _area(self, feature: AreaFeature, label: str) -> tuple[Area, str | None]:
        if feature.problem is not None:
            raise _RefusedError(f"{label}{feature.problem}。")
        options, properties = self._options, feature.properties
        code = found = _code(properties, options.code_field, label)
        if options.code_rule == "cjt213" and options.level == "grid":
            code = _from_cjt213(found)
        self._check_code(code, label)
        parent = self._parent(code, label)
        name = _text(properties, options.name_field, label)
        officer = _text(properties, options.officer_field, label) if options.officer_field else None
        geometry = feature.geometry
        if geometry is not None and np.isfinite(shapely.get_coordinates(geometry)).all():
            geometry = to_wgs84(geometry, self._system)
            if not np.isfinite(shapely.get_coordinates(geometry)).all():
                raise _RefusedError(f"{label}的坐标不在坐标系 {self._system.name} 的范围内。")
        checked = repair_polygon(geometry, label, most_vertices=options.limits.most_vertices)
        if isinstance(checked, Refused):
            raise _RefusedError(checked.reason)
        notes = [f"{label}的旧编码 {found} 已写为 {code}。"] if code != found else []
        notes += [f"{label}{feature.note}。"] if feature.note else []
        notes += [checked.note] if checked.note else []
        area = Area(code, name, options.level, parent, checked.geometry, officer)
        return area, "".join(notes) or None

    def _check_code(self, code: str, label: str) -> None:
        if self._options.code_rule != "any":
            try:
                check_area_code(code, self._options.level)
            except CodeError as error:
                raise _RefusedError(f"{label}的{error}。") from error
        if code in self._first_with:
            raise _RefusedError(f"{label}的编码 {code} 与{self._first_with[code]}重复。")

    def _parent(self, code: str, label: str) -> str | None:
        """The parent's code: the one given, else by the code; it must be known to the centre."""
        parent, above = self._options.parent, upper_level(self._options.level)
        if self._options.code_rule != "any":
            by_code = parent_code(code)
            if parent is not None and by_code is not None and by_code != parent:
                raise _RefusedError(f"{label}的编码 {code} 不属于上级 {parent}。")
            parent = parent or by_code
        if parent is None:
            return None
        if self._known is not None and parent not in self._known:
            if self._options.level == "district":  # a district is a top of its own where no 市 is kept
                return None
            raise _RefusedError(
                f"{label}的上级{LEVEL_LABEL[above or 'city']} {parent} 不存在，请先导入上级。"
            )
        return parent


def _label(feature: AreaFeature, options: ImportOptions) -> str:
    """How a feature is called in a sentence: its number, and its name or code when it has one."""
    for key in (options.name_field, options.code_field):
        value = feature.properties.get(key)
        if isinstance(value, str | int) and str(value).strip():
            return f"第 {feature.index} 个要素“{_clean(str(value))[:30]}”"
    return f"第 {feature.index} 个要素"


def _clean(text: str) -> str:
    """Normal form without control characters: what was pasted from a table may hold any."""
    return "".join(
        c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in ("Cc", "Cf")
    ).strip()


def _code(properties: Mapping[str, Any], key: str, label: str) -> str:
    """The code as text; a table may hold it as a whole number."""
    value = properties.get(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _RefusedError(
            f"{label}缺少编码字段 {key}。" if value is None else f"{label}的编码字段 {key} 不是编码。"
        )
    code = _clean(
        unicodedata.normalize("NFKC", str(value))
    )  # full-width digits come from Chinese input methods
    if not code:
        raise _RefusedError(f"{label}的编码字段 {key} 为空。")
    if len(code) > _LONGEST_CODE:
        raise _RefusedError(f"{label}的编码超过 {_LONGEST_CODE} 个字符。")
    return code


def _from_cjt213(code: str) -> str:
    """A 14-digit code 6+2+2+4 as 6+3+3+3, where its sequence has room; anything else comes back as it is."""
    old = _CJT213.fullmatch(code)
    return f"{old[1]}0{old[2]}0{old[3]}{old[4]}" if old else code


def _text(properties: Mapping[str, Any], key: str, label: str) -> str:
    value = properties.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _RefusedError(
            f"{label}缺少字段 {key}。" if value is None else f"{label}的字段 {key} 不是文字。"
        )
    text = _clean(str(int(value) if isinstance(value, float) and value.is_integer() else value))
    if not text:
        raise _RefusedError(f"{label}的字段 {key} 为空。")
    if len(text) > _LONGEST_NAME:
        raise _RefusedError(f"{label}的字段 {key} 超过 {_LONGEST_NAME} 个字。")
    return text
