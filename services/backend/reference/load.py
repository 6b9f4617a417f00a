"""Reading a folder of reference tables into the `/reference` document.

The folder holds `categories.csv`, `departments.csv`, `sources.csv`, `calendar.toml`, `settings.toml` in the
layout of `resources/reference`; a centre replaces any of them. It may also hold `kpis.toml` and `measures.toml`
(figures, see `services.backend.reference.kpis`) and `map_sources.json`: the base maps and layers every seat gets
(see `_map_sources`). Every complaint is a ReferenceDataError that
names file, line and column.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import fields
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from services.backend.reference.calendar_table import load_calendar
from services.backend.reference.departments import department
from services.backend.reference.kpis import load_kpis
from services.backend.reference.rules import rules_from
from services.backend.reference.tables import Row, Table, flag, read_csv, read_toml
from services.domain.clocks import CLOCKS
from services.domain.errors import LimitError, ReferenceDataError
from services.domain.limits import Limit, parse_limit
from services.domain.reference import Settings

__all__ = ["ReferenceDoc", "load_calendar", "load_reference", "rules_from", "seal"]

#: the document of `GET /reference`: plain JSON values
ReferenceDoc = dict[str, Any]

_CATEGORY = (
    "kind", "code", "name", "major", "major_name", "dept", "condition", "limit", "closing", "safety", "basis",
)  # fmt: skip
_CODE = re.compile(r"(component|event|grid|service)-[A-Za-z0-9]{2,12}")
_ID = re.compile(r"[a-z][a-z0-9_-]{0,63}")


def load_reference(folder: Path | None = None) -> ReferenceDoc:
    """Read the tables of a folder (default: the ones shipped) and return the reference document.

    Roster and exclusion windows are not tables of the centre but of its days: they come empty. The document
    is proved by `rules_from` before it is given out. Raises ReferenceDataError.
    """
    if folder is None:
        with as_file(files("resources") / "reference") as shipped:
            return load_reference(Path(shipped))
    departments = _departments(folder / "departments.csv")
    sources, verify = _sources(folder / "sources.csv")
    known = {entry["id"] for entry in departments}
    doc: ReferenceDoc = {
        "version": "",
        "categories": _categories(folder / "categories.csv", known),
        "departments": departments,
        "roster": [],
        "calendar": load_calendar(folder / "calendar.toml"),
        "windows": [],
        "sources": sources,
        "settings": {**_settings(read_toml(folder / "settings.toml")), "needs_verify": verify},
        **load_kpis(folder),
    }
    sources_file = folder / "map_sources.json"
    if sources_file.exists():
        doc["map_sources"] = _map_sources(sources_file)
    rules_from(doc)
    return seal(doc)


def _map_sources(path: Path) -> list[dict[str, Any]]:
    """Return the base maps and layers a centre gives to all seats: JSON objects with `id`, `kind`, `address`.

    What a kind needs beside is checked by the seat, which leaves a wrong one out with a sentence. A `key` in an
    object is handed to every signed-in seat.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ReferenceDataError(f"{path.name}：不是正确的 JSON") from error
    if not isinstance(found, list):
        raise ReferenceDataError(f"{path.name}：应为列表")
    for number, entry in enumerate(found, 1):
        whole = isinstance(entry, dict) and all(
            isinstance(entry.get(k), str) for k in ("id", "kind", "address")
        )
        if not whole:
            raise ReferenceDataError(f"{path.name}：第 {number} 项应有文字 id、kind、address")
    ids = [entry["id"] for entry in found]
    if len(set(ids)) < len(ids):
        raise ReferenceDataError(f"{path.name}：id 重复")
    return found


def seal(doc: ReferenceDoc) -> ReferenceDoc:
    """Return the document with `version` set from its content: equal content, equal version."""
    content = {key: value for key, value in doc.items() if key not in ("version", "roster", "basemap")}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {**doc, "version": hashlib.sha256(text.encode()).hexdigest()[:16]}


def _id(text: str) -> str:
    """Check an identifier of a table."""
    if not _ID.fullmatch(text):
        raise ValueError("只能用小写字母、数字、下划线和连字符，以字母开头")
    return text


def _categories(path: Path, departments: set[str]) -> list[dict[str, Any]]:
    """Read categories: rows of one code stand together, each is one filing condition."""
    found: dict[str, dict[str, Any]] = {}
    last = ""
    for row in read_csv(path, _CATEGORY):
        code = _category_code(row)
        dept = row.need("dept")
        if dept not in departments and dept != "street":
            raise row.wrong("dept", f"departments.csv 中没有 {dept}")
        entry = found.get(code)
        if entry is None:
            entry = found[code] = _category(row, code, dept)
        elif code != last:
            raise row.wrong("code", f"{code} 的各行应连在一起")
        _same(row, entry)
        entry["conditions"].append(_condition(row, entry, dept))
        last = code
    if not found:
        raise ReferenceDataError(f"{path.name}：没有任何类别")
    return list(found.values())


def _category_code(row: Row) -> str:
    """Return the code of a row after comparing it with kind and major."""
    code = row.need("code")
    if not _CODE.fullmatch(code):
        raise row.wrong("code", f"{code[:24]} 应为 component-0101 这样的编码")
    if code.partition("-")[0] != row.need("kind"):
        raise row.wrong("kind", f"{row['kind']} 与编码 {code} 不一致")
    if not code.startswith(row.need("major")):
        raise row.wrong("major", f"{row['major']} 不是编码 {code} 的前缀")
    return code


def _category(row: Row, code: str, dept: str) -> dict[str, Any]:
    """Return a category entry without conditions yet."""
    return {
        "code": code,
        "name": row.need("name"),
        "major": row["major"],
        "major_name": row.need("major_name"),
        "dept": dept,
        "safety": row.read("safety", flag),
        "conditions": [],
    }


def _same(row: Row, entry: dict[str, Any]) -> None:
    """Refuse rows of one code that disagree about what belongs to the category."""
    for column in ("name", "major", "major_name"):
        if row[column] != entry[column]:
            raise row.wrong(column, f"{row[column]} 与同一编码前面的 {entry[column]} 不一致")
    if row.read("safety", flag) != entry["safety"]:
        raise row.wrong("safety", "与同一编码前面的行不一致")


def _condition(row: Row, entry: dict[str, Any], dept: str) -> dict[str, Any]:
    """Return one filing condition; its department is named only where it is another than the category's."""
    text = row.need("condition")
    if any(condition["text"] == text for condition in entry["conditions"]):
        raise row.wrong("condition", f"{entry['code']} 已有同样的立案条件")
    limit = row.read("limit", parse_limit)
    return {
        "text": text,
        "limit": {"amount": limit.amount, "unit": limit.unit},
        "closing": row["closing"],
        "dept": dept if dept != entry["dept"] else None,
    }


#: how a unit is reached: by day, at night and on holidays, and who is on duty; a centre may leave them out
CONTACTS = ("day_phone", "night_phone", "duty_officer")


def _departments(path: Path) -> list[dict[str, Any]]:
    """Read departments; `street` is a word of the category table, not a unit."""
    found: dict[str, dict[str, Any]] = {}
    for row in read_csv(path, ("id", "name", "short", "kind"), CONTACTS):
        id_ = row.read("id", _id)
        if id_ == "street":
            raise row.wrong("id", "street 指案件所在街道，不能作为单位编号")
        if id_ in found:
            raise row.wrong("id", f"{id_} 重复")
        unit = department(id_, row.need("name"), short=row["short"], kind=row.read("kind", _id))
        contacts = {name: row[name][:60] for name in CONTACTS if row[name]}
        found[id_] = {**unit, **contacts}
    if not found:
        raise ReferenceDataError(f"{path.name}：没有任何单位")
    return list(found.values())


def _sources(path: Path) -> tuple[list[dict[str, Any]], dict[str, bool]]:
    """Read sources and the flag `needs_verify` of each."""
    found: dict[str, str] = {}
    verify: dict[str, bool] = {}
    for row in read_csv(path, ("id", "name", "needs_verify")):
        id_ = row.read("id", _id)
        if id_ in found:
            raise row.wrong("id", f"{id_} 重复")
        found[id_] = row.need("name")
        verify[id_] = row.read("needs_verify", flag)
    if not found:
        raise ReferenceDataError(f"{path.name}：没有任何来源")
    return [{"id": id_, "name": name} for id_, name in found.items()], verify


def _settings(table: Table) -> dict[str, Any]:
    """Return settings and stage limits; what the file leaves out keeps the shipped value of the code."""
    shipped = Settings()
    known = {field.name: getattr(shipped, field.name) for field in fields(Settings)} | {"needs_verify": None}
    table.only(*known, "stage_limits")
    settings: dict[str, Any] = {}
    for name, default in known.items():
        if name == "needs_verify":
            if name in table.values:
                raise table.wrong(name, "在 sources.csv 中按来源设置")
        elif name == "photos_required":
            settings[name] = dict(table.values.get(name, {}))
        else:
            settings[name] = table.values.get(name, default)
    settings["stage_limits"] = _stage_limits(table)
    return settings


def _stage_limits(table: Table) -> dict[str, dict[str, Any]]:
    """Return the limits of the stages as amount and unit."""
    stages = Table(table.file, table.need("stage_limits", dict, "一组时限"), "stage_limits.")
    names = [clock for clock in CLOCKS if clock != "handle"]
    stages.only(*names)
    return {clock: _amount(_limit(stages, clock)) for clock in names}


def _limit(stages: Table, clock: str) -> Limit:
    """Read one limit."""
    try:
        return parse_limit(stages.need(clock, str, "时限，例如 30min"))
    except LimitError as error:
        raise stages.wrong(clock, error.title) from None


def _amount(limit: Limit) -> dict[str, Any]:
    """Return a limit in document form."""
    return {"amount": limit.amount, "unit": limit.unit}
