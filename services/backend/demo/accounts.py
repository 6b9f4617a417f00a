"""Accounts of the demo district: everybody of the roster is known, one account of every kind can sign in.

Passwords are random and stand only in `demo-accounts.json` (mode 0600). Who gets an account is chosen so that
everybody who signs in finds work.
"""

from __future__ import annotations

import json
import os
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from services.backend.access.accounts import set_password
from services.backend.access.passwords import hash_password, one_time_password
from services.backend.db.access_tables import accounts
from services.backend.db.packing import unpack
from services.backend.db.tables import cases
from services.backend.demo.roster import Person, Roster

ACCOUNTS_FILE = "demo-accounts.json"
#: how many sign-in accounts each role gets
SEATS = {
    "acceptor": 2, "dispatcher": 2, "shift_leader": 1, "supervisor": 1, "grid_worker": 1, "dept_user": 3,
    "street_user": 1, "handler": 1, "leader": 1, "evaluator": 1, "admin": 1, "auditor": 1,
}  # fmt: skip


#: roles that work in one community or for the street office over it
FIELD = ("supervisor", "grid_worker", "handler", "street_user")


@dataclass(frozen=True, slots=True)
class Work:
    """How many open cases wait where: by (state, community) and (state, department), and by assignee."""

    community: Counter[tuple[str, str]]
    dept: Counter[tuple[str, str]]
    assignee: Counter[str]


def count_work(conn: Connection) -> Work:
    """Count the open cases of a database."""
    work = Work(Counter(), Counter(), Counter())
    for row in conn.execute(
        select(cases.c.state, cases.c.grid, cases.c.lead_dept, cases.c.doc).where(cases.c.open)
    ):
        work.community[row.state, (row.grid or "")[:12]] += 1
        if row.lead_dept:
            work.dept[row.state, row.lead_dept] += 1
        assignee = unpack(bytes(row.doc)).get("assignee") if row.state == "handling" else None
        if assignee:
            work.assignee[assignee] += 1
    return work


def chosen(roster: Roster, work: Work) -> list[Person]:
    """Return who gets a sign-in account: in each role those with most to do, in the field all of one community.

    Whoever signs in with these accounts can take one case all the way: the handler belongs to a unit that has
    an account and works where the supervisor checks, and the street office is that of their community.
    """
    found: list[Person] = []
    for role, seats in SEATS.items():
        if role not in FIELD:
            found += _busiest(roster.of(role), work, seats)
    return found + _field(roster, work, [p.dept for p in found if p.role == "dept_user"])


def _busiest(people: Iterable[Person], work: Work, seats: int) -> list[Person]:
    """Return those with most to do, of different departments."""
    taken: list[Person] = []
    for person in sorted(people, key=lambda p: (-_load(p, work), p.id)):
        if len(taken) < seats and (person.dept is None or all(person.dept != p.dept for p in taken)):
            taken.append(person)
    return taken


def _field(roster: Roster, work: Work, units: list[str | None]) -> list[Person]:
    """Return the people of the field, of the community in which most of them find work."""
    by_home: dict[str, dict[str, list[Person]]] = {}
    for role in ("supervisor", "grid_worker", "handler"):
        for person in roster.of(role):
            if role != "handler" or person.dept in units:
                by_home.setdefault(person.area_code, {}).setdefault(role, []).append(person)
    offices = {p.area_code: p for p in reversed(roster.of("street_user"))}
    teams = [
        [_busiest(team[role], work, 1)[0] for role in ("supervisor", "grid_worker", "handler")]
        + [offices[home[:9]]]
        for home, team in sorted(by_home.items())
        if len(team) == len(FIELD) - 1 and home[:9] in offices
    ]
    if not teams:  # a district without such a community: each role for itself
        return [person for role in FIELD for person in _busiest(roster.of(role), work, SEATS[role])]
    return max(teams, key=lambda team: _team_load(team, work))


def _team_load(team: list[Person], work: Work) -> tuple[int, ...]:
    """Return how well a team is occupied: first whether each of them is, then how much."""
    supervisor, _, _, office = team
    loads = [_load(person, work) for person in team]
    idle = loads.count(0)
    to_verify = min(1, work.community["verifying", supervisor.area_code])
    in_hand = min(1, work.dept["handling", office.dept or ""])
    return (-idle, to_verify + in_hand, *loads)


def _load(person: Person, work: Work) -> int:
    """Return how much a person has to do; who sits in the hall has the whole district's."""
    if person.role == "supervisor":
        return 2 * min(1, work.community["verifying", person.area_code]) + sum(
            work.community[state, person.area_code] for state in ("checking", "verifying")
        )
    if person.role == "grid_worker":
        return sum(n for (_, community), n in work.community.items() if community == person.area_code)
    if person.role == "handler":
        return work.assignee[person.id]
    if person.dept is not None:
        waiting = work.dept["pending_sign", person.dept]
        return 50 * min(1, waiting) + waiting + work.dept["handling", person.dept]
    return 0


def write_accounts(conn: Connection, roster: Roster, at_ms: int) -> list[dict[str, Any]]:
    """Write an account for everybody and give some a password; returns the content of the accounts file.

    The others share the hash of a password that nobody knows.
    """
    nobody = hash_password(secrets.token_urlsafe(32))
    granted = {person.id: one_time_password() for person in chosen(roster, count_work(conn))}
    rows = [
        {
            "user_id": p.id,
            "username": p.username,
            "name": p.name,
            "password_hash": hash_password(granted[p.id]) if p.id in granted else nobody,
            "roles": p.role,
            "area_code": p.area_code,
            "dept": p.dept,
            "active": True,
            "must_change": False,
            "created_at": at_ms,
        }
        for p in roster.people
    ]
    conn.execute(insert(accounts), rows)
    return [
        _listed(p.username, granted[p.id], p.role, p.dept, p.area_code) for p in _in_order(roster, granted)
    ]


def _in_order(roster: Roster, granted: Iterable[str]) -> list[Person]:
    """Return people in the order of the roles' seats."""
    order = list(SEATS)
    return sorted((roster.by_id[user] for user in granted), key=lambda p: (order.index(p.role), p.username))


def _listed(
    username: str, password: str, role: str, dept: str | None, area_code: str | None
) -> dict[str, Any]:
    """Return one entry of the accounts file."""
    return {"username": username, "password": password, "roles": [role], "dept": dept, "area_code": area_code}


def renew_passwords(conn: Connection, users: Iterable[str]) -> list[dict[str, Any]]:
    """Give accounts new passwords (the file with the old ones is gone); returns the file's content."""
    found = []
    for row in conn.execute(select(accounts).where(accounts.c.user_id.in_(list(users)))).all():
        password = one_time_password()
        set_password(conn, row.user_id, hash_password(password), must_change=False)
        found.append(_listed(row.username, password, row.roles, row.dept, row.area_code))
    order = list(SEATS)
    return sorted(found, key=lambda entry: (order.index(entry["roles"][0]), entry["username"]))


def write_file(path: Path, entries: list[dict[str, Any]]) -> None:
    """Write the accounts file in one step, readable for its owner alone."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(entries, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


__all__ = ["ACCOUNTS_FILE", "chosen", "count_work", "renew_passwords", "write_accounts", "write_file"]
