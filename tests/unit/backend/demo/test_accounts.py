"""Who of the roster gets an account to sign in with: those with most to do, each role its seats."""

from __future__ import annotations

import json
import stat
from collections import Counter
from pathlib import Path

import pytest

from services.backend.demo.accounts import SEATS, Work, chosen, write_file
from services.backend.demo.geometry import District
from services.backend.demo.roster import Roster, make_roster
from services.domain.reference import Rules
from services.domain.roles import ROLES


@pytest.fixture(scope="module")
def roster(district: District, rules: Rules) -> Roster:
    return make_roster(district, rules.departments.values(), 3)


def _work(**counts: dict[object, int]) -> Work:
    return Work(
        Counter(counts.get("community", {})),
        Counter(counts.get("dept", {})),
        Counter(counts.get("assignee", {})),
    )  # type: ignore[arg-type]  # keys are pairs


def test_every_role_has_its_seats(roster: Roster) -> None:
    found = chosen(roster, _work())
    assert Counter(person.role for person in found) == Counter(SEATS)
    assert set(SEATS) == set(ROLES)
    assert len({person.id for person in found}) == len(found)


def test_without_work_the_first_of_each_role_sits(roster: Roster) -> None:
    found = chosen(roster, _work())
    for role in ("acceptor", "supervisor", "leader"):
        assert next(person for person in found if person.role == role) == roster.of(role)[0]


def test_the_supervisor_of_the_busiest_community(roster: Roster) -> None:
    busy, less = roster.of("supervisor")[4].area_code, roster.of("supervisor")[2].area_code
    work = _work(community={("checking", busy): 3, ("checking", less): 1, ("handling", less): 50})
    supervisor = next(p for p in chosen(roster, work) if p.role == "supervisor")
    assert supervisor.area_code == busy
    # somebody with something to verify as well goes before
    both = _work(community={("checking", busy): 2, ("checking", less): 1, ("verifying", less): 1})
    assert next(p for p in chosen(roster, both) if p.role == "supervisor").area_code == less


def test_departments_differ_and_something_waits_to_be_signed(roster: Roster) -> None:
    work = _work(
        dept={
            ("handling", "sani"): 40,
            ("pending_sign", "muni"): 1,
            ("pending_sign", "drain"): 2,
            ("pending_sign", "green"): 3,
        }
    )
    users = [p for p in chosen(roster, work) if p.role == "dept_user"]
    assert [p.dept for p in users] == ["green", "drain", "muni"]


def test_the_street_with_most_to_sign(roster: Roster) -> None:
    street = roster.of("street_user")[-1].dept
    work = _work(dept={("pending_sign", street): 2})
    assert next(p for p in chosen(roster, work) if p.role == "street_user").dept == street


def test_the_handler_with_most_tasks(roster: Roster) -> None:
    busy = roster.of("handler")[7]
    work = _work(assignee={busy.id: 4, roster.of("handler")[0].id: 1})
    assert next(p for p in chosen(roster, work) if p.role == "handler") == busy


def test_the_grid_worker_of_the_fullest_community(roster: Roster) -> None:
    worker = roster.of("grid_worker")[3]
    work = _work(community={("handling", worker.area_code): 9, ("closed", "x"): 99})
    assert next(p for p in chosen(roster, work) if p.role == "grid_worker") == worker


def test_the_field_accounts_can_take_one_case_all_the_way(roster: Roster) -> None:
    """The handler works where the supervisor checks, for a unit that has an account; the office is theirs."""
    far = [roster.of("handler")[n] for n in (0, 5, -1)]
    works = [_work()] + [
        _work(
            assignee={person.id: 9},
            community={("checking", roster.of("supervisor")[n].area_code): 7},
            dept={("pending_sign", unit): 4, ("handling", street): 2},
        )
        for n, person in enumerate(far)
        for unit in ("law", "water", "sani")
        for street in (roster.of("street_user")[0].dept, roster.of("street_user")[-1].dept)
    ]
    for work in works:
        found = {p.role: p for p in chosen(roster, work)}
        units = {p.dept for p in chosen(roster, work) if p.role == "dept_user"}
        home = found["supervisor"].area_code
        assert found["handler"].area_code == found["grid_worker"].area_code == home
        assert found["street_user"].area_code == home[:9]
        assert found["handler"].dept in units


def test_the_file_is_written_in_one_step_and_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "demo-accounts.json"
    path.write_text("old")
    path.chmod(0o644)
    (tmp_path / "demo-accounts.json.part").write_text("left over from a power cut")
    write_file(path, [{"username": "甲"}])
    assert json.loads(path.read_text(encoding="utf-8")) == [{"username": "甲"}]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["demo-accounts.json"]
