"""The answers behind the map's layers: pages put together to one document, and the track of an officer."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from services.api.codec import WireError, known_moment, listing, record, text
from services.ports.centre import Tagged
from services.ports.errors import Unknown
from services.ports.field import Track, TrackPoint

#: pages of one document; more is not a layer of one district any more
MOST_PAGES = 200
#: how often a document that changed between two pages is begun anew
TRIES = 3

Page = Callable[[str | None, str | None], Tagged]


def whole(page: Page, name: str, etag: str | None) -> Tagged:
    """Return all pages of a document as one, or "unchanged".

    `page(cursor, etag)` gives one page with the list `name`, `next_cursor` and the `version` of the whole; pages
    of two states are never mixed. Raises Unknown when the document does not stand still or has no end.
    """
    for _ in range(TRIES):
        first = page(None, etag)
        if first.doc is None:
            return first
        joined = _joined(page, first, name)
        if joined is not None:
            return joined
    raise Unknown("中心的数据正在更新，稍后再取。", code="moving", reached=True)


def _joined(page: Page, first: Tagged, name: str) -> Tagged | None:
    """Return the first page with all that follow; None when the document changed meanwhile."""
    doc = dict(first.doc or {})
    entries = list(_entries(doc, name))
    cursor, seen = doc.get("next_cursor"), {None}
    while cursor is not None:
        if cursor in seen or len(seen) >= MOST_PAGES:
            raise Unknown("中心的答复没有尽头。", code="bad_answer", reached=True)
        seen.add(cursor)
        more = page(str(cursor), None).doc or {}
        if more.get("version") != doc.get("version"):
            return None
        entries += _entries(dict(more), name)
        cursor = more.get("next_cursor")
    return Tagged(first.etag, {**doc, name: entries, "next_cursor": None})


def _entries(doc: dict[str, Any], name: str) -> list[Any]:
    """Return the list of a page; Unknown when there is none."""
    found = doc.get(name)
    if not isinstance(found, list):
        raise Unknown("中心的答复读不懂。", code="bad_answer", reached=True)
    return found


def track_from(value: Any) -> Track:
    """Read `GET /officers/{user}/track`; points come oldest first whatever the answer's order."""
    doc = record(value, "track")
    points = sorted((_point(entry) for entry in listing(doc.get("points"), "points")), key=lambda p: p.at)
    who = record(doc.get("user") or {}, "user")
    return Track(
        text(who, "id"), str(who.get("name") or who.get("id")), known_moment(doc.get("from")),
        known_moment(doc.get("to")), tuple(points),
    )  # fmt: skip


def _point(value: Any) -> TrackPoint:
    """Read one point; raises WireError for a position that lies on no map."""
    doc = record(value, "point")
    lon, lat = float(doc["lon"]), float(doc["lat"])
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise WireError("a position that lies on no map")
    accuracy = doc.get("accuracy_m")
    return TrackPoint(known_moment(doc.get("at")), lon, lat, None if accuracy is None else float(accuracy))


def moment_text(moment: datetime) -> str:
    """Return a moment for a query string: UTC with a Z, for a plus sign would arrive as a blank."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
