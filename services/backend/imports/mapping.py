"""The mapping file of a case import (TOML): which columns make which field, and what is refused.

    [source]                        # where the table comes from
    id = "boston-311"               # part of the case ids: the same id and external number give the same case
    zone = "America/New_York"       # zone of wall times without an offset
    times = ["%Y-%m-%d %H:%M:%S"]   # formats tried in order; "iso" takes ISO 8601
    repeated_hour = "first"         # first | second | refuse: the hour that the clock change repeats
    missing_hour = "forward"        # forward | refuse: the hour that it skips
    encoding = "utf-8-sig"          # of CSV; delimiter and sheet likewise
    crs = "wgs84"                   # of the coordinates: wgs84 | cgcs2000 | gcj02 | EPSG:n | parameter file

    [values.ward]                   # a helper that templates may name
    column = "ward"
    pattern = '(?:Ward )?([0-9]+)'  # the first group is taken; no match counts as empty

    [fields.external_id]            # the source's own number; needed
    column = "case_enquiry_id"

Fields: external_id, at, state, source, description (needed); kind, category, condition, lead_dept, address,
lon, lat, due_at, closed_at, note. A field is `column`, `columns` + `join`, `value` (constant) or `template`
("{ward}" names a helper or a column), with `pattern`, `width` (digits), `map` + `other`, `blank`, `limit`.
A plain string stands for `column`. `[[void]]` names stand-in coordinates that mean "no position".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.backend.imports.errors import ImportFileError
from services.backend.imports.tables import TableOptions
from services.backend.imports.values import Value, Zone

NEEDED = ("external_id", "at", "state", "source", "description")
OPTIONAL = (
    "kind", "category", "condition", "lead_dept", "address", "lon", "lat", "due_at", "closed_at", "note",
)  # fmt: skip
_MAX_BYTES = 1 << 20
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_VALUE_KEYS = {
    "column", "columns", "join", "value", "template", "pattern", "width", "map", "other", "blank", "limit",
}  # fmt: skip
_SOURCE_KEYS = {
    "id", "zone", "times", "repeated_hour", "missing_hour", "encoding", "delimiter", "sheet", "crs",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Void:
    """A stand-in position: within `tolerance` degrees of it a case counts as unlocated.

    With `blank`, only where that column is empty as well.
    """

    lon: float
    lat: float
    tolerance: float = 1e-6
    blank: str | None = None


@dataclass(frozen=True, slots=True)
class CaseMapping:
    """A read mapping; `values` are helpers in the order of the file."""

    source_id: str
    zone: Zone
    table: TableOptions
    crs: str
    values: Mapping[str, Value]
    fields: Mapping[str, Value]
    voids: tuple[Void, ...]

    def check_columns(self, columns: Mapping[str, object] | tuple[str, ...] | list[str]) -> None:
        """Raise ImportFileError when the table lacks a column the mapping reads."""
        known = set(columns)
        for where, value in (*self.values.items(), *self.fields.items()):
            named = [name for name in value.placeholders() if name not in self.values]
            missing = next((c for c in (*value.used_columns(), *named) if c not in known), None)
            if missing is not None:
                raise ImportFileError(f"文件里没有“{missing}”这一列（映射 {where} 要用）。")
        for void in self.voids:
            if void.blank is not None and void.blank not in known:
                raise ImportFileError(f"文件里没有“{void.blank}”这一列（映射 void 要用）。")


def read_mapping(path: Path) -> CaseMapping:
    """Read a mapping file; raises ImportFileError with the key that is wrong."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ImportFileError(f"{path.name}：映射文件超过 1 MB。")
        return parse_mapping(path.read_text(encoding="utf-8-sig"), path.name)
    except OSError:
        raise ImportFileError(f"没有找到映射文件 {path}。") from None
    except UnicodeDecodeError:
        raise ImportFileError(f"{path.name}：不是 UTF-8 编码。") from None


def parse_mapping(text: str, name: str = "mapping") -> CaseMapping:
    """Read the text of a mapping; raises ImportFileError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ImportFileError(f"{name}：格式有误（{error}）。") from None
    try:
        _only("", table, {"source", "values", "fields", "void"})
        source = table.get("source", {})
        _only("source.", source, _SOURCE_KEYS)
        fields = {key: _value(f"fields.{key}", entry) for key, entry in table.get("fields", {}).items()}
        _only("fields.", fields, {*NEEDED, *OPTIONAL})
        missing = next((key for key in NEEDED if key not in fields), None)
        if missing is not None:
            raise _Wrong(f"fields.{missing}", "不能缺少")
        return CaseMapping(
            _source_id(source),
            _zone(source),
            TableOptions(
                str(source.get("encoding", "utf-8-sig")),
                str(source.get("delimiter", ",")),
                source.get("sheet"),
            ),
            str(source.get("crs", "wgs84")),
            {key: _value(f"values.{key}", entry) for key, entry in table.get("values", {}).items()},
            fields,
            tuple(_void(entry) for entry in table.get("void", [])),
        )
    except _Wrong as wrong:
        raise ImportFileError(f"{name} 的 {wrong.key}：{wrong.sentence}。") from None


class _Wrong(Exception):  # noqa: N818  # private, never leaves this module
    """A key of the mapping is wrong."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(key)
        self.key, self.sentence = key, sentence


def _only(where: str, table: Mapping[str, Any], known: set[str]) -> None:
    """Refuse keys nobody reads: a slip of the pen must not pass in silence."""
    if not isinstance(table, Mapping):
        raise _Wrong(where.rstrip("."), "应为一组设置")
    for key in table:
        if key not in known:
            raise _Wrong(f"{where}{key}", "不认识的项")


def _source_id(source: Mapping[str, Any]) -> str:
    """Return the id of the source."""
    found = source.get("id")
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise _Wrong("source.id", "应为小写字母、数字、下划线和连字符，最多 40 个")
    return found


def _zone(source: Mapping[str, Any]) -> Zone:
    """Return how moments are written."""
    name = source.get("zone", "Asia/Shanghai")
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise _Wrong("source.zone", f"没有时区 {str(name)[:40]}") from None
    times = source.get("times", ["iso"])
    if not isinstance(times, list) or not times or not all(isinstance(form, str) for form in times):
        raise _Wrong("source.times", '应为格式的列表，例如 ["%Y-%m-%d %H:%M:%S"]')
    repeated, missing = source.get("repeated_hour", "first"), source.get("missing_hour", "forward")
    if repeated not in ("first", "second", "refuse"):
        raise _Wrong("source.repeated_hour", "应为 first、second 或 refuse")
    if missing not in ("forward", "refuse"):
        raise _Wrong("source.missing_hour", "应为 forward 或 refuse")
    return Zone(zone, tuple(times), repeated, missing)


def _value(where: str, entry: Any) -> Value:
    """Read one value."""
    if isinstance(entry, str):
        return Value(column=entry)
    if not isinstance(entry, Mapping):
        raise _Wrong(where, "应为列名或一组设置")
    _only(f"{where}.", entry, _VALUE_KEYS)
    made_from = [key for key in ("column", "columns", "value", "template") if key in entry]
    if len(made_from) != 1:
        raise _Wrong(where, "应恰好写明 column、columns、value、template 之一")
    for key, kind, words in _KINDS:
        if key in entry and (not isinstance(entry[key], kind) or isinstance(entry[key], bool)):
            raise _Wrong(f"{where}.{key}", f"应为{words}")
    table = {str(key): str(word) for key, word in entry.get("map", {}).items()}
    try:
        pattern = re.compile(entry["pattern"]) if "pattern" in entry else None
        value = Value(
            entry.get("column"),
            tuple(str(name) for name in entry.get("columns", ())),
            entry.get("join", " "),
            None if "value" not in entry else str(entry["value"]),
            entry.get("template"),
            pattern,
            entry.get("width"),
            table,
            "map" in entry,
            entry.get("other"),
            entry.get("blank"),
            entry.get("limit"),
        )
        value.placeholders()
    except re.error as error:
        raise _Wrong(f"{where}.pattern", f"不是正确的正则表达式（{error}）") from None
    except ValueError:
        raise _Wrong(f"{where}.template", "花括号不成对") from None
    return value


_KINDS: tuple[tuple[str, type | tuple[type, ...], str], ...] = (
    ("column", str, "列名"),
    ("columns", list, "列名的列表"),
    ("join", str, "文字"),
    ("value", (str, int, float), "文字或数字"),
    ("template", str, "文字"),
    ("pattern", str, "正则表达式"),
    ("width", int, "位数"),
    ("map", dict, "对照表"),
    ("other", str, "文字"),
    ("blank", str, "文字"),
    ("limit", int, "字数"),
)


def _void(entry: Any) -> Void:
    """Read a stand-in position."""
    if not isinstance(entry, Mapping):
        raise _Wrong("void", "应为一组设置")
    _only("void.", entry, {"lon", "lat", "tolerance", "blank"})
    for key in ("lon", "lat"):
        if not isinstance(entry.get(key), int | float) or isinstance(entry.get(key), bool):
            raise _Wrong(f"void.{key}", "应为数字")
    return Void(
        float(entry["lon"]), float(entry["lat"]), float(entry.get("tolerance", 1e-6)), entry.get("blank")
    )
