"""Building a demo centre: areas, people, reference document and history into an empty database.

The history may be told by worker processes; this process brings it into order and writes it. Progress is
reported in cases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.schema import CreateIndex, DropIndex

from services.backend.db.opening import read_meta, write_meta
from services.backend.db.tables import areas as area_table
from services.backend.demo.bulk import Encoder, Stream, batches
from services.backend.demo.field_things import make_cameras, make_components
from services.backend.demo.geometry import District
from services.backend.demo.history import History
from services.backend.demo.patrol import make_patrol
from services.backend.demo.roster import Person, Roster
from services.backend.demo.sinks import SLOW_INDEXES, sink_for
from services.backend.demo.tellers import collector_at_rest, encoded
from services.backend.field.duties import ROUTES_KEY
from services.backend.field.things import write_cameras, write_components
from services.backend.places import touch_areas
from services.backend.reference.departments import with_streets
from services.backend.reference.load import load_reference, seal
from services.backend.reference_store import publish

Progress = Callable[[int, int], None]
BASEMAP_KEY = "basemap"
#: who is out in the district and reports a position
FIELD_ROLES = frozenset({"supervisor", "grid_worker"})
#: a demo is looked at at any hour, and its tracks are of no use to anybody after some days
DEMO_FIELD = {"hours": ["00:00", "24:00"], "retention_days": 3}
#: above this the slow indexes are made at the end
MANY = 20_000
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What to build: how many cases in how many days before `now`, from which seed.

    `seal_every` is how many changes one seal covers; `workers` how many processes tell the history.
    """

    now: datetime
    cases: int
    days: int
    seed: int
    seal_every: int = 5000
    workers: int = 0


def with_invented_phones(doc: dict[str, Any]) -> dict[str, Any]:
    """Return a reference document whose units can be reached: numbers that nobody can have, and a duty room."""
    units = [
        {
            **unit, "day_phone": f"0000-5500{n:03d}", "night_phone": f"0000-6600{n:03d}",
            "duty_officer": f"{unit['short']}值班室",
        }
        for n, unit in enumerate(doc["departments"], 1)
    ]  # fmt: skip
    return {**doc, "departments": units}


def demo_reference(district: District) -> dict[str, object]:
    """Return the reference document of a district: the shipped tables and its street offices, sealed."""
    streets = [(area.code, area.name) for area in district.areas if area.level == "street"]
    doc = with_invented_phones(with_streets(load_reference(), streets))
    return seal({**doc, "field": DEMO_FIELD})


def roster_doc(roster: Roster, district: District, now: datetime) -> list[dict[str, object]]:
    """Return the people as the reference document lists them; those in the field with a last position."""
    places = Random(f"roster {district.code}")
    return [_listed(person, district, now, places) for person in roster.people]


def _listed(person: Person, district: District, now: datetime, places: Random) -> dict[str, object]:
    """Return one person; every seventh in the field is off duty and has not been heard of for hours."""
    entry: dict[str, object] = {
        "user": person.id,
        "name": person.name,
        "role": person.role,
        "dept": person.dept,
        "area_code": person.area_code,
        "on_duty": True,
    }
    if person.role in FIELD_ROLES:
        away = places.random() < 1 / 7
        lon, lat = district.random_point(person.area_code, places)
        seen = now - timedelta(hours=3 if away else 0, seconds=places.randrange(20, 400))
        at = seen.astimezone(UTC).isoformat(timespec="seconds")
        entry |= {"on_duty": not away, "lon": round(lon, 6), "lat": round(lat, 6), "seen_at": at}
    return entry


def write_ground(
    conn: Connection, district: District, roster: Roster, doc: dict[str, object], now: datetime
) -> int:
    """Write areas, base map and reference document; returns the number of the document."""
    officers = {p.area_code: p.name for p in roster.of("supervisor")}
    rows = [
        {
            "code": area.code,
            "level": area.level,
            "parent": area.parent,
            "name": area.name,
            "officer": officers.get(area.code[:12]) if len(area.code) >= 12 else None,
            "registered": True,
            "wkb": None if area.geometry is None else area.geometry.wkb,
        }
        for area in district.areas
    ]
    conn.execute(insert(area_table), rows)
    touch_areas(conn)
    write_meta(conn, "centre_code", district.code)
    write_meta(conn, "centre_name", f"{district.name}网格调度中心")
    extras = {"roster": roster_doc(roster, district, now), BASEMAP_KEY: district.base_map()}
    return publish(conn, {**doc, **extras}, now)


def write_field(
    conn: Connection, district: District, roster: Roster, doc: Mapping[str, Any], now: datetime
) -> None:
    """Write components, cameras, the ways of the people in the field, and their tracks of this shift.

    Who is off duty by the roster of the reference document does not walk.
    """
    write_components(conn, make_components(district, doc))
    write_cameras(conn, make_cameras(district))
    off = {entry["user"] for entry in roster_doc(roster, district, now) if not entry["on_duty"]}
    walking = [p for p in roster.people if p.role in FIELD_ROLES and p.id not in off]
    patrol = make_patrol(district, walking, district.seed)
    write_meta(conn, ROUTES_KEY, patrol.text())
    patrol.fill(conn, now)


def write_history(conn: Connection, history: History, rules: int, plan: Plan, progress: Progress) -> None:
    """Write a whole history into a database without cases, in the caller's transaction."""
    sink = sink_for(conn)
    encoder = Encoder(rules, read_meta(conn, "phone_key") or "", sink.shapes)
    late_indexes = SLOW_INDEXES if plan.cases > MANY else ()
    for index in late_indexes:
        conn.execute(DropIndex(index))
    done = 0
    with collector_at_rest():
        for batch in batches(encoded(history, encoder, plan.workers), _BATCH, Stream(plan.seal_every)):
            sink.write(conn, batch)
            done += batch.cases
            progress(done, len(history))
    sink.done(conn)
    for index in late_indexes:
        conn.execute(CreateIndex(index))
