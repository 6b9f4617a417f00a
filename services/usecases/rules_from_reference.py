"""Turns the centre's `/reference` document into the `Rules` that predictions rest on.

Own reading of the wire, on purpose not shared with the centre. Unknown fields are ignored; a table that
contradicts itself raises ReferenceDataError, and the rules known so far stay in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from typing import Any

from services.domain.calendar import WorkCalendar
from services.domain.errors import DomainError, ReferenceDataError
from services.domain.limits import Limit
from services.domain.reference import (
    STAGE_LIMITS,
    Category,
    Department,
    ExclusionWindow,
    FilingCondition,
    Rules,
    Settings,
)

Doc = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """Somebody on the roster: whom work can be offered to, with the last position reported."""

    user: str
    name: str
    role: str
    dept: str | None = None
    area_code: str | None = None
    phone_masked: str = ""
    on_duty: bool = False
    lon: float | None = None
    lat: float | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A department as a picker shows it: searchable by full pinyin and by initials."""

    department: Department
    pinyin: str = ""
    initials: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference data in domain form."""

    rules: Rules
    units: tuple[Unit, ...] = ()
    roster: tuple[RosterEntry, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()


def reference_from(doc: Doc) -> Reference:
    """Read a `/reference` document. Raises ReferenceDataError."""
    try:
        units = tuple(_unit(entry) for entry in doc["departments"])
        sources = tuple((str(entry["id"]), str(entry["name"])) for entry in doc.get("sources", ()))
        return Reference(
            rules_from_reference(doc),
            units,
            tuple(_person(entry) for entry in doc.get("roster", ())),
            sources,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReferenceDataError(f"中心的基础数据读不懂：{error}") from error


def rules_from_reference(doc: Doc) -> Rules:
    """Return the rules in a `/reference` document. Raises ReferenceDataError."""
    try:
        stages = doc.get("settings", {}).get("stage_limits", {})
        return Rules(
            version=str(doc["version"]),
            categories={entry["code"]: _category(entry) for entry in doc["categories"]},
            departments={entry["id"]: _unit(entry).department for entry in doc["departments"]},
            calendar=_calendar(doc["calendar"]),
            sources={str(entry["id"]): str(entry["name"]) for entry in doc.get("sources", ())},
            stage_limits={**STAGE_LIMITS, **{clock: _limit(limit) for clock, limit in stages.items()}},
            settings=_settings(doc.get("settings", {})),
            windows=tuple(_window(entry) for entry in doc.get("windows", ())),
        )
    except ReferenceDataError:
        raise
    except DomainError as error:
        raise ReferenceDataError(f"中心的基础数据有误：{error.title}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReferenceDataError(f"中心的基础数据读不懂：{error}") from error


def _limit(doc: Doc) -> Limit:
    """Read `{"amount", "unit"}`."""
    return Limit(doc["amount"], doc["unit"])


def _category(doc: Doc) -> Category:
    """Read a category with its filing conditions."""
    conditions = tuple(
        FilingCondition(entry["text"], _limit(entry["limit"]), entry.get("closing") or "", entry.get("dept"))
        for entry in doc.get("conditions", ())
    )
    return Category(
        doc["code"], doc["name"], doc["major"], doc["major_name"], doc.get("dept"), conditions,
        bool(doc.get("safety", False)),
    )  # fmt: skip


def _unit(doc: Doc) -> Unit:
    """Read a department."""
    department = Department(
        doc["id"], doc["name"], doc.get("short") or "", doc.get("kind") or "dept", doc.get("area_code"),
        bool(doc.get("active", True)),
    )  # fmt: skip
    return Unit(department, doc.get("pinyin") or "", doc.get("initials") or "")


def _person(doc: Doc) -> RosterEntry:
    """Read somebody on the roster."""
    seen = doc.get("seen_at")
    return RosterEntry(
        doc["user"], doc["name"], doc["role"], doc.get("dept"), doc.get("area_code"),
        doc.get("phone_masked") or "", bool(doc.get("on_duty", False)), doc.get("lon"), doc.get("lat"),
        datetime.fromisoformat(seen) if seen else None,
    )  # fmt: skip


def _calendar(doc: Doc) -> WorkCalendar:
    """Read the working calendar."""
    return WorkCalendar(
        tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in doc["slots"]),
        holidays=frozenset(date.fromisoformat(entry["date"]) for entry in doc.get("holidays", ())),
        workdays=frozenset(date.fromisoformat(entry["date"]) for entry in doc.get("workdays", ())),
        week=frozenset(doc["week"]),
        day_hours=doc["day_hours"],
        zone=doc["zone"],
    )


def _window(doc: Doc) -> ExclusionWindow:
    """Read an exclusion window."""
    return ExclusionWindow(
        doc["id"], datetime.fromisoformat(doc["start"]), datetime.fromisoformat(doc["end"]), doc["document"],
        doc.get("area_code") or "", doc.get("dept") or "", doc.get("clock") or "",
    )  # fmt: skip


def _settings(doc: Doc) -> Settings:
    """Read the switches this program knows; what a newer centre adds is ignored."""
    known = {field.name for field in fields(Settings)}
    return Settings(**{name: value for name, value in doc.items() if name in known})
