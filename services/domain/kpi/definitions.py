"""Definitions of figures (口径) as data: what stands above and below the line, and everything printed beside a figure.

A definition is read from the reference document, so a centre may replace any of them; its version is a hash of all that
decides the figure, the measures it uses included. Every base count is a figure of its own as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.domain.errors import ReferenceDataError
from services.domain.kpi.formulas import Formula, parse_formula
from services.domain.kpi.measures import Counter, CountRules, Measure, measure_from

#: `ratio` and `mean` divide; `count` does not; `entered` figures are entered by hand with a document; `areas` counts
#: the area table; `stated` figures are qualitative: a sentence, not a number
KINDS = ("ratio", "mean", "count", "top", "entered", "areas", "stated")
UNITS = ("%", "件", "分钟", "小时", "分", "次", "")
DIRECTIONS = ("up", "down", "")
_FIELDS = frozenset(
    [
        "id",
        "zh",
        "en",
        "kind",
        "numerator",
        "denominator",
        "unit",
        "target",
        "direction",
        "basis",
        "exclusions",
        "source",
        "note",
        "levels",
        "open",
        "alternatives",
        "override",
    ]
)
#: a duration is summed in thousandths of a second; a figure tells it in its unit
_SECONDS = {"分钟": 60, "小时": 3600}


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure. `target` is text such as `>= 95`, "" for none; `open`: the standard leaves it to the centre."""

    id: str
    zh: str
    en: str
    kind: str
    numerator: Formula | None
    denominator: Formula | None
    unit: str
    target: str
    direction: str
    basis: str
    exclusions: str
    source: str
    note: str
    levels: tuple[str, ...]
    open: bool
    version: str

    @property
    def measures(self) -> tuple[str, ...]:
        """Return the measures its figure rests on."""
        sides = (side for side in (self.numerator, self.denominator) if side is not None)
        return tuple(dict.fromkeys(name for side in sides for name in side.measures))

    @property
    def seconds_a_unit(self) -> int:
        """Return how many seconds one of its unit is: 1 for what is no duration."""
        return _SECONDS.get(self.unit, 1) if self.kind == "mean" else 1


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All definitions of a centre with the measures they rest on and the numbers of the counting."""

    definitions: Mapping[str, Definition]
    measures: Mapping[str, Measure]
    rules: CountRules
    fingerprint: str
    counter: Counter

    def get(self, name: str) -> Definition | None:
        """Return a definition by its id."""
        return self.definitions.get(name)


def catalogue_from(
    kpis: Iterable[Mapping[str, Any]], measures: Iterable[Mapping[str, Any]], settings: Mapping[str, Any]
) -> Catalogue:
    """Read a catalogue; raises ReferenceDataError with a sentence that names what is wrong."""
    measures = list(measures)
    read: dict[str, Measure] = {}
    for entry in measures:
        measure = measure_from(entry)
        if measure.id in read:
            raise ReferenceDataError(f"计数 {measure.id} 重复")
        read[measure.id] = measure
    rules = _rules(settings)
    raw = {str(entry["id"]): dict(entry) for entry in measures}
    definitions: dict[str, Definition] = {}
    for entry in kpis:
        made = _definition(entry, read, raw, settings)
        if made.id in definitions or made.id in read:
            raise ReferenceDataError(f"指标 {made.id} 重复")
        definitions[made.id] = made
    for measure in read.values():
        definitions[measure.id] = _base(measure, raw, settings)
    fingerprint = _hash([raw, _counting(settings)])
    return Catalogue(definitions, read, rules, fingerprint, Counter(read.values(), rules))


def _counting(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that decide what is counted."""
    return {key: settings[key] for key in ("contact_hours", "co_share") if key in settings}


def _rules(settings: Mapping[str, Any]) -> CountRules:
    """Read the numbers of the counting."""
    hours, share = settings.get("contact_hours", 24), settings.get("co_share", 0)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= 8760:
        raise ReferenceDataError("指标设置 contact_hours 应为大于 0 的小时数")
    if isinstance(share, bool) or not isinstance(share, int) or not 0 <= share <= 1000:
        raise ReferenceDataError("指标设置 co_share（协办单位合计分担的千分数）应为 0 到 1000 的整数")
    return CountRules(round(hours * 3600), share)


def _definition(
    doc: Mapping[str, Any],
    measures: Mapping[str, Measure],
    raw: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> Definition:
    """Read one definition."""
    name = str(doc.get("id", ""))
    unknown = sorted(set(doc) - _FIELDS)
    if not name or unknown:
        raise ReferenceDataError(f"指标 {name or '（没有编号）'}：不认识 {'、'.join(unknown) or '空编号'}")
    kind = _word(doc, "kind", KINDS, "ratio")
    unit = _word(doc, "unit", UNITS, "%" if kind in ("ratio", "top") else "件")
    if not doc.get("zh") or not doc.get("en"):
        raise ReferenceDataError(f"指标 {name}：缺少中文名 zh 或英文名 en")
    above, below = (_side(doc, side, kind, measures) for side in ("numerator", "denominator"))
    used = {m: raw[m] for side in (above, below) if side is not None for m in side.measures}
    content = {key: doc.get(key) for key in ("id", "kind", "numerator", "denominator", "unit")}
    return Definition(
        name, str(doc["zh"]), str(doc["en"]), kind, above, below, unit, str(doc.get("target", "")),
        _word(doc, "direction", DIRECTIONS, ""), str(doc.get("basis", "")), str(doc.get("exclusions", "")),
        str(doc.get("source", "")), str(doc.get("note", "")), tuple(map(str, doc.get("levels", ()))),
        bool(doc.get("open", False)), _hash([content, used, _counting(settings)])[:12],
    )  # fmt: skip


def _base(measure: Measure, raw: Mapping[str, Any], settings: Mapping[str, Any]) -> Definition:
    """Return the figure a base count is by itself."""
    kind, unit = ("count", "件") if measure.amount == "cases" else ("count", "小时")
    version = _hash([raw[measure.id], _counting(settings)])[:12]
    return Definition(
        measure.id, measure.zh, measure.en, kind, Formula(measure.id, ((measure.id, 1),)), None, unit, "", "",
        "", "", "", str(raw[measure.id].get("note", "")), (), False, version,
    )  # fmt: skip


def _side(doc: Mapping[str, Any], side: str, kind: str, measures: Mapping[str, Measure]) -> Formula | None:
    """Read one side of the line and check that it fits the kind."""
    name, text = doc.get("id"), doc.get(side)
    wanted = kind in ("ratio", "mean", "top") or (kind == "count" and side == "numerator")
    if bool(text) != wanted:
        raise ReferenceDataError(f"指标 {name}：{side} {'缺少' if wanted else '不应填写'}")
    if not text:
        return None
    formula = parse_formula(str(text))
    for used in formula.measures:
        if used not in measures:
            raise ReferenceDataError(f"指标 {name}：{side} 用到的计数 {used} 没有定义")
        seconds = measures[used].amount == "seconds"
        if seconds != (kind == "mean" and side == "numerator"):
            raise ReferenceDataError(f"指标 {name}：{side} 里的 {used} 单位不合（件数与时长不能混用）")
    return formula


def _word(doc: Mapping[str, Any], key: str, known: tuple[str, ...], default: str) -> str:
    """Read one of some words."""
    value = str(doc.get(key, default))
    if value not in known:
        raise ReferenceDataError(
            f"指标 {doc.get('id')}：{key} 应为 {'、'.join(w or '（空）' for w in known)} 之一"
        )
    return value


def _hash(content: Any) -> str:
    """Return a hash of JSON values."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
