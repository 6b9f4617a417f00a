"""A city's 立案、处置和结案标准 (CSV or XLSX) as categories with filing conditions.

The flaws of real files are met, not repaired first: codes that restart per 大类 and lost leading zeros, cells left
blank on follow-on rows, and limits in mixed units (`1天`, `4小时`, `2紧急工作时`, `2紧急工作日`; in these workbooks 天
and 小时 mean working time, domain section 4.2). Every row ends up as a filing condition or is refused with its line
and the reason; whatever was understood rather than read is said in the notes.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

from services.backend.imports.standard_file import MAX_CELL, Line, StandardFileError, read_lines
from services.backend.reference.departments import department, pinyin
from services.backend.reference.load import ReferenceDoc, seal
from services.domain.errors import LimitError
from services.domain.limits import Limit, parse_limit

__all__ = ["Refused", "Standard", "StandardFileError", "merge_standard", "read_standard"]

COLUMNS = (
    "类别", "大类代码", "大类名称", "小类代码", "小类名称", "处置单位", "主管部门", "立案条件", "结案条件", "处置时限",
)  # fmt: skip
_OPTIONAL = frozenset({"主管部门", "处置单位", "结案条件"})
_KINDS = {"部件": "component", "事件": "event"}
_LIMIT_AND_MORE = re.compile(
    r"(?P<limit>[0-9.]+\s*(?:紧急工作时|紧急工作日|工作时|工作日|自然日|小时|天))(?P<more>[一-鿿]+)"
)
_SPLIT = re.compile(r"[、，,;；\s]+|及")


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken over: its line in the file and a Chinese sentence that says why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Standard:
    """What a file holds: categories and new departments in the form of the reference document.

    `rows` is the number of data rows; `taken` of them became filing conditions, the others stand in `refused`.
    """

    categories: tuple[dict[str, Any], ...]
    departments: tuple[dict[str, Any], ...]
    refused: tuple[Refused, ...]
    notes: tuple[str, ...]
    rows: int

    @property
    def taken(self) -> int:
        """Return how many rows became filing conditions."""
        return sum(len(category["conditions"]) for category in self.categories)


class _RowError(Exception):
    """A row cannot be taken over; `str()` says why."""


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    units: _Units
    categories: dict[str, dict[str, Any]] = field(default_factory=dict)
    majors: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    padded: int = 0
    filled: int = 0
    rows: int = 0


class _Units:
    """Names of units in a standard, mapped to department ids by the words of `unit_words.csv`."""

    def __init__(self, departments: Sequence[Mapping[str, Any]]) -> None:
        self._words = _unit_words()
        self._by_name = {entry["name"]: entry["id"] for entry in departments}
        self._taken = {entry["id"] for entry in departments}
        self.made: dict[str, dict[str, Any]] = {}
        self.mapped: Counter[tuple[str, str]] = Counter()

    def ids(self, text: str) -> list[str]:
        """Return the department ids of the units a cell names, in order, each once; new ones are made."""
        names = [name.removeprefix("各").removeprefix("和") for name in _SPLIT.split(text)]
        return list(dict.fromkeys(self._id(name) for name in names if name))

    def _id(self, name: str) -> str:
        """Return the id of one unit."""
        known = self._by_name.get(name) or next((d for w, d in self._words if w in name), None)
        if known is None:
            known = self._made(name)
        self.mapped[name, known] += 1
        return known

    def _made(self, name: str) -> str:
        """Make a department for a unit nobody knows; its id is its pinyin."""
        base = re.sub(r"[^a-z0-9]", "", pinyin(name))[:56] or "unit"
        base = base if base[0].isalpha() else f"u{base}"
        id_, n = base, 2
        while id_ in self._taken:
            id_, n = f"{base}-{n}", n + 1
        self._taken.add(id_)
        self._by_name[name] = id_
        self.made[id_] = department(id_, name)
        return id_


def _unit_words() -> list[tuple[str, str]]:
    """Return the words of the shipped table, in order: the first that occurs in a name decides."""
    text = (files("resources") / "reference" / "unit_words.csv").read_text(encoding="utf-8")
    return [(row["word"], row["dept"]) for row in csv.DictReader(StringIO(text))]


def read_standard(path: Path, departments: Sequence[Mapping[str, Any]] = ()) -> Standard:
    """Read a city's standard; `departments` are those already known, in the form of the reference document.

    Raises StandardFileError when the file is no such table; a bad row is refused, not raised.
    """
    lines = read_lines(path)
    header_line, at = _header(path.name, lines)
    reading = _Reading(_Units(departments))
    for line, cells in lines:
        reading.rows += 1
        try:
            _take(reading, line, {name: _cell(cells, at.get(name)) for name in COLUMNS})
        except _RowError as error:
            reading.refused.append(Refused(line, str(error)))
    if not reading.rows:
        raise StandardFileError(f"{path.name}：第 {header_line} 行的表头之后没有任何数据")
    categories = tuple(entry for entry in reading.categories.values() if entry["conditions"])
    made = tuple(reading.units.made.values())
    return Standard(categories, made, tuple(reading.refused), tuple(_notes(reading)), reading.rows)


def _header(name: str, lines: Iterator[Line]) -> tuple[int, dict[str, int]]:
    """Return the line of the header and the column of each name; titles above the header are passed over."""
    for tried, (line, cells) in enumerate(lines):
        head = [re.sub(r"\s", "", cell) for cell in cells]
        missing = [column for column in COLUMNS if column not in head and column not in _OPTIONAL]
        if not missing:
            return line, {column: head.index(column) for column in COLUMNS if column in head}
        if tried >= 5:
            break
    raise StandardFileError(f"{name}：没有找到表头，应有 {'、'.join(COLUMNS)} 这些列")


def _cell(cells: list[str], column: int | None) -> str:
    """Return a cell, inner runs of white space as one blank; missing cells and columns are blank."""
    text = re.sub(r"\s+", " ", cells[column]) if column is not None and column < len(cells) else ""
    if len(text) > MAX_CELL:
        raise _RowError(f"有一格超过 {MAX_CELL} 个字")
    return text


def _take(reading: _Reading, line: int, row: dict[str, str]) -> None:
    """Take one row over as a filing condition; raises _RowError."""
    # a refused row still says to which category the blank cells below it belong
    row = reading.last = _filled(reading, row)
    kind = _KINDS.get(row["类别"])
    if kind is None:
        raise _RowError(f"类别“{row['类别'][:20]}”应为 部件 或 事件")
    major, minor = _code(row, "大类代码"), _code(row, "小类代码")
    code = f"{kind}-{major}{minor}"
    if not row["大类名称"] or not row["小类名称"]:
        raise _RowError("大类名称、小类名称不能为空")
    entry = reading.categories.get(code)
    if entry is not None and entry["name"] != row["小类名称"]:
        raise _RowError(f"编码 {code} 前面是“{entry['name']}”，这里是“{row['小类名称'][:30]}”")
    if not row["立案条件"]:
        raise _RowError("立案条件为空")
    if entry is not None and any(c["text"] == row["立案条件"] for c in entry["conditions"]):
        raise _RowError(f"{code} {row['小类名称']} 已有同样的立案条件")
    limit = _limit(reading, line, row["处置时限"])
    reading.padded += sum(len(row[name]) < 2 for name in ("大类代码", "小类代码"))
    if entry is None:
        entry = reading.categories[code] = _category(reading, row, code, f"{kind}-{major}")
    _add(reading, entry, row, limit)


def _filled(reading: _Reading, row: dict[str, str]) -> dict[str, str]:
    """Fill blank cells of merged rows from the row above; units only within one category."""
    above = reading.last
    filled = dict(row)
    for name in ("类别", "大类代码", "大类名称"):
        if not filled[name] and above:
            filled[name] = above[name]
    if above and not filled["小类代码"] and filled["小类名称"] in ("", above["小类名称"]):
        filled["小类代码"], filled["小类名称"] = above["小类代码"], above["小类名称"]
    elif above and not filled["小类名称"] and filled["小类代码"] == above["小类代码"]:
        filled["小类名称"] = above["小类名称"]
    same = all(filled[name] == above.get(name) for name in COLUMNS[:5])
    if same and not filled["处置单位"]:
        filled["处置单位"] = above["处置单位"]
    reading.filled += any(filled[name] != row[name] for name in filled)
    return filled


def _code(row: Mapping[str, str], name: str) -> str:
    """Return a two-digit code; leading zeros get lost in workbooks."""
    text = row[name]
    if not re.fullmatch(r"[0-9]{1,2}", text) or int(text) == 0:
        raise _RowError(f"{name}“{text[:20]}”应为 1 到 99")
    return text.zfill(2)


def _limit(reading: _Reading, line: int, text: str) -> Limit:
    """Return the limit; words after a complete limit are passed over, and noted."""
    if not text:
        raise _RowError("处置时限为空")
    more = _LIMIT_AND_MORE.fullmatch(text)
    try:
        if more is None:
            return parse_limit(text)
        try:
            return parse_limit(text)
        except LimitError:
            limit = parse_limit(more["limit"])
    except LimitError as error:
        raise _RowError(f"处置时限“{text[:30]}”：{error.title}") from None
    reading.notes.append(f"第 {line} 行：处置时限“{text}”按“{limit.words}”导入，“{more['more']}”未采用。")
    return limit


def _category(reading: _Reading, row: Mapping[str, str], code: str, major: str) -> dict[str, Any]:
    """Start a category; a 大类 keeps the name it came with first."""
    name = reading.majors.setdefault(major, row["大类名称"])
    if name != row["大类名称"]:
        reading.notes.append(f"{major} 的大类名称有两种：采用“{name}”，未采用“{row['大类名称'][:30]}”。")
    units = reading.units.ids(row["处置单位"])
    return {
        "code": code,
        "name": row["小类名称"],
        "major": major,
        "major_name": name,
        "dept": units[0] if units else None,
        "safety": False,
        "conditions": [],
    }


def _add(reading: _Reading, entry: dict[str, Any], row: Mapping[str, str], limit: Limit) -> None:
    """Add a filing condition; its unit is named only where the row names another than the category's."""
    units = reading.units.ids(row["处置单位"])
    if units and entry["dept"] is None:
        entry["dept"] = units[0]
    entry["conditions"].append(
        {
            "text": row["立案条件"],
            "limit": {"amount": limit.amount, "unit": limit.unit},
            "closing": row["结案条件"],
            "dept": units[0] if units and units[0] != entry["dept"] else None,
        }
    )


def _notes(reading: _Reading) -> list[str]:
    """Return what was understood rather than read, as sentences."""
    notes = list(reading.notes)
    if reading.padded:
        notes.append(f"有 {reading.padded} 处代码缺少前导零，已补足两位。")
    if reading.filled:
        notes.append(f"有 {reading.filled} 行的空白单元格按上一行补齐。")
    if reading.rows:
        notes.append("“天”“小时”按工作日、工作时导入；处置单位有多个时，第一个作为主办单位；主管部门未导入。")
    by_id: dict[str, list[str]] = {}
    for name, id_ in reading.units.mapped:
        by_id.setdefault(id_, []).append(name)
    for id_, names in by_id.items():
        made = "新增单位" if id_ in reading.units.made else "对应到单位"
        notes.append(f"{'、'.join(names)}：{made} {id_}。")
    without = [entry["code"] for entry in reading.categories.values() if entry["dept"] is None]
    if without:
        notes.append(f"没有处置单位的类别：{'、'.join(without)}，派遣时需人工选择。")
    return notes


def merge_standard(doc: ReferenceDoc, standard: Standard) -> ReferenceDoc:
    """Return a reference document with the standard's categories instead of its own of the same tables.

    A table (component, event) the standard holds replaces the old one as a whole; the others stay. The safety mark
    of a category that keeps code and name is kept. The version follows the content.
    """
    tables = {category["code"].partition("-")[0] for category in standard.categories}
    old = {category["code"]: category for category in doc["categories"]}
    fresh = []
    for category in standard.categories:
        before = old.get(category["code"])
        safe = before is not None and before["name"] == category["name"] and before["safety"]
        fresh.append({**category, "safety": bool(safe)})
    kept = [entry for code, entry in old.items() if code.partition("-")[0] not in tables]
    known = {entry["id"] for entry in doc["departments"]}
    units = [entry for entry in standard.departments if entry["id"] not in known]
    return seal({**doc, "categories": [*fresh, *kept], "departments": [*doc["departments"], *units]})
