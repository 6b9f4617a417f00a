"""Reads the documents of the district's things and people (部件, cameras, officers, activity) into values.

The documents come from the centre as they are and lie in the cache as they came, so that everything here works
offline. An entry that cannot be read (a newer centre, a slip of an importer) is left out, the others stay.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from services.domain.silence import OBSERVED_DAYS
from services.ports.cache import CaseCache
from services.ports.field import (
    COMPONENTS,
    Camera,
    Component,
    GridActivity,
    GridReports,
    OfficerPosition,
    OfficerPositions,
    component_part,
)

Doc = Mapping[str, Any]
T = TypeVar("T")
_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


def components_from(doc: Doc | None) -> tuple[Component, ...]:
    """Read `GET /components`; empty without a document."""
    return _each(doc, "components", _component)


def stored_components(cache: CaseCache) -> tuple[Component, ...]:
    """Read the components from the copy, part by part, so that other threads have their turn in between."""
    head = cache.document(COMPONENTS).doc
    if head is None or "parts" not in head:
        return components_from(head)
    found: list[Component] = []
    for part in range(int(head["parts"])):
        found += components_from(cache.document(component_part(str(head["side"]), part)).doc)
    return tuple(found)


def cameras_from(doc: Doc | None) -> tuple[Camera, ...]:
    """Read `GET /cameras`; empty without a document."""
    return _each(doc, "cameras", _camera)


def officers_from(doc: Doc | None) -> OfficerPositions:
    """Read `GET /officers`; nobody without a document."""
    if doc is None:
        return OfficerPositions()
    lost = doc.get("lost_after_s")
    return OfficerPositions(
        _each(doc, "officers", _officer),
        _moment_or_none(doc.get("server_time")),
        float(lost) if isinstance(lost, int | float) and lost > 0 else 600.0,
    )


def activity_from(doc: Doc | None) -> GridActivity:
    """Read `GET /grids/activity` and work out the mean rate of every community; empty without a document."""
    if doc is None:
        return GridActivity()
    days = float(doc.get("days") or OBSERVED_DAYS)
    grids = dict(_each(doc, "grids", _grid))
    return GridActivity(grids, days, _moment_or_none(doc.get("as_of")), _means(grids, days))


def _means(grids: Mapping[str, GridReports], days: float) -> dict[str, float]:
    """Return the mean reports a day and grid by community code."""
    sums: dict[str, list[int]] = defaultdict(list)
    for code, entry in grids.items():
        sums[code[:12]].append(entry.reports)
    return {code: sum(counts) / len(counts) / days for code, counts in sums.items()}


def _each(doc: Doc | None, name: str, read: Callable[[Any], T]) -> tuple[T, ...]:
    """Read the entries of a list that can be read."""
    entries = doc.get(name) if isinstance(doc, Mapping) else None
    return tuple(_readable(entries if isinstance(entries, list) else (), read))


def _readable(entries: Iterable[Any], read: Callable[[Any], T]) -> Iterable[T]:
    """Yield what can be read."""
    for entry in entries:
        try:
            yield read(entry)
        except _UNREADABLE:
            continue


def _component(doc: Any) -> Component:
    """Read one component."""
    return Component(
        str(doc["code"]), str(doc["category"]), str(doc["name"]), str(doc.get("dept") or ""),
        str(doc.get("maintainer") or ""), str(doc.get("status") or "intact"), _degree(doc["lon"], 180.0),
        _degree(doc["lat"], 90.0), str(doc.get("grid") or ""), str(doc.get("address") or ""),
    )  # fmt: skip


def _camera(doc: Any) -> Camera:
    """Read one camera."""
    heading = doc.get("heading")
    return Camera(
        str(doc["code"]), str(doc["name"]), _degree(doc["lon"], 180.0), _degree(doc["lat"], 90.0),
        None if heading is None else float(heading) % 360.0, str(doc.get("state") or "on"),
        str(doc.get("grid") or ""),
    )  # fmt: skip


def _officer(doc: Any) -> OfficerPosition:
    """Read one officer; a position is whole or not there."""
    at, lon, lat = _moment_or_none(doc.get("at")), doc.get("lon"), doc.get("lat")
    known = at is not None and lon is not None and lat is not None
    accuracy = doc.get("accuracy_m")
    return OfficerPosition(
        str(doc["user"]), str(doc.get("name") or doc["user"]), str(doc.get("role") or ""),
        str(doc.get("area_code") or ""), bool(doc.get("on_duty")),
        at if known else None, _degree(lon, 180.0) if known else None, _degree(lat, 90.0) if known else None,
        None if accuracy is None else float(accuracy), str(doc.get("grid") or ""),
    )  # fmt: skip


def _grid(doc: Any) -> tuple[str, GridReports]:
    """Read one grid."""
    return str(doc["code"]), GridReports(max(0, int(doc["reports"])), _moment_or_none(doc.get("last_at")))


def _degree(value: Any, most: float) -> float:
    """Return a coordinate; raises ValueError for one that lies on no map."""
    found = float(value)
    if not math.isfinite(found) or abs(found) > most:
        raise ValueError("not a position")
    return found


def _moment_or_none(value: Any) -> datetime | None:
    """Return a moment with its zone, None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
