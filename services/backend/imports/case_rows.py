"""From a row of a table to the payload of an `import` command: mapping, checks, and what was remarkable."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.backend.imports.errors import RowRefusedError
from services.backend.imports.mapping import CaseMapping
from services.backend.imports.tables import Cell
from services.backend.imports.values import Moment, evaluate, moment_of, number_of, text_of
from services.domain.errors import PayloadError
from services.domain.payloads import KINDS, check_payload
from services.domain.reference import Rules
from services.domain.states import STATES
from services.geo.coords import as_system
from services.geo.local_grid import find_system

#: the namespace of imported cases: UUIDv5 of source and external number under it
NAMESPACE = uuid.UUID("5d0b3f5e-5a57-5c64-9a0e-0b7c1d3f6a21")
_ENDS_WITH_TIME = frozenset({"closed", "archived", "cancelled", "not_accepted", "not_filed"})
_FUTURE = timedelta(days=1)
_NAMES = {
    "external_id": "外部编号", "at": "上报时间", "state": "状态", "source": "来源", "description": "描述",
    "kind": "类型", "category": "类别", "condition": "立案条件", "lead_dept": "主办单位", "address": "地址",
    "lon": "经度", "lat": "纬度", "due_at": "到期时间", "closed_at": "结案时间", "note": "备注",
}  # fmt: skip
_TEXTS = ("state", "source", "description", "kind", "category", "lead_dept", "address", "note")


def imported_case_id(source_id: str, external_id: str) -> str:
    """Return the case id of an imported case: always the same for one source and external number."""
    return str(uuid.uuid5(NAMESPACE, f"{source_id}|{external_id}"))


def import_command_id(case_id: str) -> str:
    """Return the id of the command that imports a case."""
    return str(uuid.uuid5(uuid.UUID(case_id), "import"))


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row ready to be imported; `marks` names what was remarkable (keys of `Tally`)."""

    line: int
    external_id: str
    case_id: str
    payload: dict[str, Any]
    marks: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """What an import met: counts by word."""

    counts: Counter[str] = field(default_factory=Counter)

    def __getitem__(self, word: str) -> int:
        """Return a count."""
        return self.counts[word]


class RowMaker:
    """Makes payloads from rows by a mapping, under the rules of a centre.

    `now` bounds what a source may claim: a report from the future is refused.
    """

    def __init__(self, mapping: CaseMapping, rules: Rules, now: datetime) -> None:
        """Keep mapping and rules; raises CoordinateError for an unknown coordinate system."""
        self._mapping, self._rules, self._now = mapping, rules, now
        self._system = as_system(find_system(mapping.crs))

    def make(self, line: int, cells: Mapping[str, Cell]) -> ImportRow:
        """Return the command's facts for one row; raises RowRefusedError with the reason."""
        named: dict[str, str] = {}
        for name, value in self._mapping.values.items():
            named[name] = evaluate(value, cells, named, name)[0]
        texts, marks = self._texts(cells, named)
        external_id = evaluate(self._mapping.fields["external_id"], cells, named, "外部编号")[0]
        if not external_id:
            raise RowRefusedError("没有外部编号")
        payload = self._basics(texts)
        payload["external_id"] = external_id[:100]
        self._times(payload, cells, named, texts["state"], marks)
        self._place(payload, cells, named, texts, marks)
        try:
            cleaned = check_payload("import", payload)
        except PayloadError as error:
            key, sentence = next(iter(error.fields.items()))
            raise RowRefusedError(f"{_NAMES.get(key.partition('.')[0], key)}：{sentence}") from None
        case_id = imported_case_id(self._mapping.source_id, external_id)
        return ImportRow(line, external_id, case_id, cleaned, tuple(marks))

    def external_id(self, cells: Mapping[str, Cell]) -> str:
        """Return the external number of a row for the report, empty when it has none."""
        value = self._mapping.fields["external_id"]
        return text_of(cells.get(value.column or ""))

    def _texts(self, cells: Mapping[str, Cell], named: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
        """Return the plain fields and the marks of fall-backs."""
        texts, marks = dict.fromkeys(_TEXTS, ""), []
        for name in _TEXTS:
            value = self._mapping.fields.get(name)
            if value is not None:
                texts[name], fallback = evaluate(value, cells, named, _NAMES[name])
                if fallback:
                    marks.append(f"other_{name}")
        return texts, marks

    def _basics(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """Check the words of a row against the rules and return the payload so far."""
        state, source, category = texts["state"], texts["source"], texts["category"]
        if state not in STATES:
            raise RowRefusedError(f"没有“{state[:40]}”这个状态" if state else "没有状态")
        if source not in self._rules.sources:
            raise RowRefusedError(f"没有“{source[:40]}”这个来源" if source else "没有来源")
        if not texts["description"]:
            raise RowRefusedError("没有描述")
        prefix = category.partition("-")[0]
        payload: dict[str, Any] = {
            "kind": texts["kind"] or (prefix if prefix in KINDS else "event"),
            "source": source,
            "description": texts["description"],
            "state": state,
        }
        if category:
            if category not in self._rules.categories:
                raise RowRefusedError(f"没有“{category[:40]}”这个类别")
            payload["category"] = category
        if texts["lead_dept"]:
            if texts["lead_dept"] not in self._rules.departments:
                raise RowRefusedError(f"没有“{texts['lead_dept'][:40]}”这个单位")
            payload["lead_dept"] = texts["lead_dept"]
        if texts["note"]:
            payload["note"] = texts["note"]
        return payload

    # -- time and place -------------------------------------------------------------------------------

    def _times(
        self,
        payload: dict[str, Any],
        cells: Mapping[str, Cell],
        named: Mapping[str, str],
        state: str,
        marks: list[str],
    ) -> None:
        """Put the source's times into the payload after checking that they make sense together."""
        at, due, closed = (self._moment(name, cells, named, marks) for name in ("at", "due_at", "closed_at"))
        if at is None:
            raise RowRefusedError("没有上报时间")
        if at.at > self._now + _FUTURE:
            raise RowRefusedError("上报时间在将来")
        payload["at"] = at.at.isoformat()
        if due is None:
            marks.append("no_due")
        else:
            payload["due_at"] = due.at.isoformat()
        self._closed(payload, at, closed, state)

    def _closed(self, payload: dict[str, Any], at: Moment, closed: Moment | None, state: str) -> None:
        """Check the closing time against state and birth."""
        if state not in _ENDS_WITH_TIME:
            if closed is not None:
                raise RowRefusedError("案件未结，却有结案时间")
            return
        if closed is None:
            raise RowRefusedError("案件已结，却没有结案时间")
        moment = closed.at
        if moment < at.at and closed.repeated and closed.second is not None:
            moment = closed.second  # the hour came twice; only its second pass lies behind the report
        if moment < at.at:
            raise RowRefusedError("结案时间早于上报时间")
        payload["closed_at"] = moment.isoformat()

    def _moment(
        self, name: str, cells: Mapping[str, Cell], named: Mapping[str, str], marks: list[str]
    ) -> Moment | None:
        """Return one of the row's moments."""
        value = self._mapping.fields.get(name)
        if value is None:
            return None
        plain = value.column is not None and value.pattern is None and not value.mapped
        cell = cells.get(value.column or "") if plain else evaluate(value, cells, named, _NAMES[name])[0]
        found = moment_of(cell if text_of(cell) else value.blank, self._mapping.zone, _NAMES[name])
        if found is not None and found.repeated:
            marks.append("repeated_hour")
        if found is not None and found.missing:
            marks.append("missing_hour")
        return found

    def _place(
        self,
        payload: dict[str, Any],
        cells: Mapping[str, Cell],
        named: Mapping[str, str],
        texts: Mapping[str, str],
        marks: list[str],
    ) -> None:
        """Put the position into the payload, or only the address where there is none."""
        lon, lat = (self._number(name, cells, named) for name in ("lon", "lat"))
        condition = self._number("condition", cells, named) if texts["category"] else None
        if condition is not None:
            payload["condition"] = self._condition(condition, texts["category"])
        if (lon is None) != (lat is None):
            raise RowRefusedError("经度和纬度只有一个")
        if lon is None or lat is None:
            marks.append("no_point")
        elif self._void(lon, lat, cells):
            marks.append("void_point")
        else:
            payload["location"] = self._located(lon, lat, texts["address"])
            return
        if texts["address"]:
            payload["address"] = texts["address"]

    def _condition(self, condition: float, category: str) -> int:
        """Return a filing condition the category has."""
        found = self._rules.categories.get(category)
        if not condition.is_integer() or found is None or not 0 <= condition < len(found.conditions):
            raise RowRefusedError(f"类别没有第 {condition:g} 个立案条件")
        return int(condition)

    def _located(self, lon: float, lat: float, address: str) -> dict[str, Any]:
        """Return a location in WGS84."""
        if not -1e8 < lon < 1e8 or not -1e8 < lat < 1e8:
            raise RowRefusedError("坐标超出范围")
        east, north = (float(v) for v in self._system.to_wgs84(_array(lon), _array(lat)))
        if not -180 <= east <= 180 or not -90 <= north <= 90:
            raise RowRefusedError("坐标超出范围，请检查坐标系和经纬度是否颠倒")
        return {"lon": round(east, 7), "lat": round(north, 7), **({"address": address} if address else {})}

    def _void(self, lon: float, lat: float, cells: Mapping[str, Cell]) -> bool:
        """Tell whether a position is a stand-in."""
        return any(
            abs(lon - void.lon) <= void.tolerance
            and abs(lat - void.lat) <= void.tolerance
            and (void.blank is None or not text_of(cells.get(void.blank)))
            for void in self._mapping.voids
        )

    def _number(self, name: str, cells: Mapping[str, Cell], named: Mapping[str, str]) -> float | None:
        """Return one of the row's numbers."""
        value = self._mapping.fields.get(name)
        return (
            None if value is None else number_of(evaluate(value, cells, named, _NAMES[name])[0], _NAMES[name])
        )


def _array(value: float) -> Any:
    """Return a number as the coordinate systems take it."""
    import numpy as np

    return np.asarray(value, dtype=float)
