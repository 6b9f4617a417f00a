"""What automatic rules remember, on both databases: edits and switches, acts and their days, what a rule looks at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from services.backend.auto import store, watching
from services.backend.auto.looking import FIRST, HELD_MS, candidates, field_reporters, photo_counts, sights
from services.backend.auto.store import (
    Kept,
    all_rules,
    find_rule,
    keep_trial,
    put_rule,
    read_rule,
    rule_wire,
    stop_by_itself,
    switch,
)
from services.backend.auto.watching import acts_of, day_and_start, days_of, today
from services.backend.db.access_tables import audit, claims
from services.backend.db.auto_tables import auto_acts, auto_rules
from services.backend.db.packing import pack
from services.backend.db.tables import case_files
from services.backend.problems import Problem
from services.domain.auto_rules import AutoRule, rule_from
from services.domain.ids import uuid7
from services.domain.roles import Actor
from services.sql.engine import glancing, writing
from services.sql.types import to_ms
from tests.support.centre import CATEGORY, DISTRICT, HERE, STREETS, THERE, Backend, grid_code

LEADER = Actor("u-shift_leader1", "值班长", ("shift_leader",), DISTRICT)
STREET_LEADER = Actor("u-street-leader", "街道值班长", ("shift_leader",), STREETS[0])
TRIAL: dict[str, Any] = {
    "acted": 3,
    "agreement": 0.9,
    "bounced": 0,
    "reworked": 0,
    "cases": [{"case_id": "x"}],
}


@pytest.fixture(autouse=True)
def emptied(backend: Backend) -> Iterator[None]:
    """No rules of other tests; the centre's own thread stands still."""
    backend.centre.auto.stop()
    with writing(backend.engine) as conn:
        conn.execute(delete(auto_acts))
        conn.execute(delete(auto_rules))
    yield


@pytest.fixture
def conn(backend: Backend) -> Iterator[Connection]:
    """One transaction that is kept."""
    with writing(backend.engine) as open_conn:
        yield open_conn


def rule(rule_id: str = "a1", action: str = "accept", cap: int = 50, **when: Any) -> AutoRule:
    then = {"dispatch": {"lead_dept": "sani"}, "file": {"condition": 0}}.get(action, {})
    asked = {"areas": [DISTRICT], **when}
    return rule_from(
        {"id": rule_id, "name": rule_id, "action": action, "when": asked, "then": then, "cap": cap}
    )


def put(
    conn: Connection, backend: Backend, one: AutoRule, edit: int | None = None, actor: Actor = LEADER
) -> Kept:
    return put_rule(conn, actor, one, backend.centre.now(), edit, "t")[0]


def tried(conn: Connection, backend: Backend, kept: Kept) -> Kept:
    assert keep_trial(conn, LEADER, kept, TRIAL, backend.centre.now(), "t")
    return find_rule(conn, LEADER, kept.rule.id)


def flip(conn: Connection, backend: Backend, rule_id: str, on: bool, why: str = "") -> Kept:
    return switch(conn, LEADER, rule_id, on, why, backend.centre.now(), "t")


def noted(conn: Connection, rule_id: str) -> list[tuple[str, str]]:
    rows = conn.execute(
        select(audit.c.actor_id, audit.c.action).where(audit.c.target == rule_id).order_by(audit.c.id)
    )
    return [(row.actor_id, row.action) for row in rows]


# --- edits --------------------------------------------------------------------------------------------------


def test_edits_are_counted_and_an_old_one_is_refused(conn: Connection, backend: Backend) -> None:
    first = put(conn, backend, rule("count"), edit=0)
    assert (first.edit, first.active, first.tried) == (1, False, False)
    assert put(conn, backend, rule("count", cap=9), edit=1).edit == 2
    for stale in (0, 1, 3):
        with pytest.raises(Problem) as caught:
            put(conn, backend, rule("count", cap=8), edit=stale)
        assert (caught.value.status, caught.value.code) == (409, "edited")
    assert find_rule(conn, LEADER, "count").rule.cap == 9
    assert put(conn, backend, rule("count", cap=8)).edit == 3, "who does not say what was seen is not asked"


def test_a_new_rule_over_one_that_is_there_is_refused(conn: Connection, backend: Backend) -> None:
    put(conn, backend, rule("there"), edit=0)
    with pytest.raises(Problem) as caught:
        put(conn, backend, rule("there", cap=1), edit=0)
    assert caught.value.status == 409


def test_the_same_again_is_no_edit_and_keeps_the_switch(conn: Connection, backend: Backend) -> None:
    tried(conn, backend, put(conn, backend, rule("same")))
    flip(conn, backend, "same", True)
    before = noted(conn, "same")
    kept, was_active = put_rule(conn, LEADER, rule("same"), backend.centre.now(), 1, "t")
    assert kept.active and kept.tried and kept.edit == 1 and was_active is False
    assert noted(conn, "same") == before, "nothing happened, nothing is noted"


def test_an_edit_switches_off_and_asks_for_another_trial(conn: Connection, backend: Backend) -> None:
    tried(conn, backend, put(conn, backend, rule("off")))
    flip(conn, backend, "off", True)
    kept, was_active = put_rule(conn, LEADER, rule("off", cap=1), backend.centre.now(), 1, "t")
    assert was_active and not kept.active and not kept.tried
    wire = rule_wire(kept)
    assert wire["switched_why"] == "规则已修改" and wire["switched_by"] == "值班长"
    assert wire["trial"]["acted"] == 3, "what the last edit did in its trial is still there to see"
    with pytest.raises(Problem) as caught:
        flip(conn, backend, "off", True)
    assert caught.value.code == "not_tried"


def test_a_trial_of_what_was_edited_meanwhile_counts_for_nothing(conn: Connection, backend: Backend) -> None:
    old = put(conn, backend, rule("race"))
    put(conn, backend, rule("race", cap=1))
    assert not keep_trial(conn, LEADER, old, TRIAL, backend.centre.now(), "t")
    kept = find_rule(conn, LEADER, "race")
    assert not kept.tried and kept.row["trial"] is None


def test_cases_of_a_trial_go_out_only_with_the_whole_rule(conn: Connection, backend: Backend) -> None:
    kept = tried(conn, backend, put(conn, backend, rule("whole")))
    assert "cases" not in rule_wire(kept)["trial"]
    assert rule_wire(kept, whole=True)["trial"]["cases"] == [{"case_id": "x"}]
    assert rule_wire(put(conn, backend, rule("fresh")))["trial"] is None


def test_there_is_an_end_to_rules(
    conn: Connection, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_RULES", 2)
    put(conn, backend, rule("one-of"))
    put(conn, backend, rule("two-of"))
    with pytest.raises(Problem) as caught:
        put(conn, backend, rule("three-of"))
    assert caught.value.code == "too_many" and "2" in caught.value.title
    assert put(conn, backend, rule("two-of", cap=3)).edit == 2, "those that are there may still be edited"


# --- areas ----------------------------------------------------------------------------------------------------


def test_a_rule_belongs_to_the_area_that_holds_all_of_its_own(conn: Connection, backend: Backend) -> None:
    put(conn, backend, rule("wide"))
    put(conn, backend, rule("both", areas=list(STREETS)))
    put(conn, backend, rule("first", areas=[STREETS[0]]))
    put(conn, backend, rule("grids", areas=[grid_code(0, 0), grid_code(1, 0)]))
    put(conn, backend, rule("second", areas=[STREETS[1]]))

    def seen(area: str) -> list[str]:
        return [kept.rule.id for kept in all_rules(conn, area)]

    assert seen("") == seen(DISTRICT) == ["both", "first", "grids", "second", "wide"]
    assert seen(STREETS[0]) == ["first", "grids"] and seen(STREETS[1]) == ["second"]
    assert seen(grid_code(0, 0)) == [] and seen("110101") == []
    for rule_id in ("wide", "both", "second"):
        with pytest.raises(Problem) as caught:
            find_rule(conn, STREET_LEADER, rule_id)
        assert caught.value.status == 404
    assert find_rule(conn, STREET_LEADER, "grids").rule.id == "grids"


def test_who_has_no_area_has_no_rules(conn: Connection, backend: Backend) -> None:
    put(conn, backend, rule("some"))
    for area in (None, ""):
        with pytest.raises(Problem):
            find_rule(conn, Actor("u", "x", ("shift_leader",), area), "some")


@pytest.mark.parametrize(
    ("areas", "kept"),
    [
        ([], [STREETS[0]]), (None, [STREETS[0]]), ([grid_code(0, 0)], [grid_code(0, 0)]), ([DISTRICT], None),
        ([STREETS[1]], None), ([STREETS[0], STREETS[1]], None), (["9901"], None),
    ],
)  # fmt: skip
def test_what_a_street_writes_stays_in_the_street(
    backend: Backend, areas: list[str] | None, kept: list[str] | None
) -> None:
    when: dict[str, Any] = {} if areas is None else {"areas": areas}
    doc = {"name": "试", "action": "accept", "when": when, "then": {}}
    rules = backend.centre.reference.rules
    if kept is not None:
        assert list(read_rule(doc, "ab", STREET_LEADER, rules).when.areas) == kept
        return
    with pytest.raises(Problem) as caught:
        read_rule(doc, "ab", STREET_LEADER, rules)
    assert caught.value.status == 422 and list(caught.value.fields or {}) == ["when.areas"]


def test_the_name_in_the_address_is_the_name(backend: Backend) -> None:
    doc = {"id": "other", "name": "试", "action": "accept", "when": {}, "then": {}}
    with pytest.raises(Problem) as caught:
        read_rule(doc, "mine", LEADER, backend.centre.reference.rules)
    assert caught.value.fields == {"id": "与地址里的不同"}
    assert read_rule({**doc, "id": "mine"}, "mine", LEADER, backend.centre.reference.rules).id == "mine"


# --- the switch -------------------------------------------------------------------------------------------------


def test_switching_twice_is_noted_once(conn: Connection, backend: Backend) -> None:
    tried(conn, backend, put(conn, backend, rule("twice")))
    for _ in range(2):
        assert flip(conn, backend, "twice", True, "夜里人少").active
    for _ in range(2):
        assert not flip(conn, backend, "twice", False, "先停").active
    assert [action for _, action in noted(conn, "twice")][-2:] == ["rule_on", "rule_off"]
    assert rule_wire(find_rule(conn, LEADER, "twice"))["switched_why"] == "先停"


def test_a_rule_never_tried_may_be_switched_off_but_not_on(conn: Connection, backend: Backend) -> None:
    put(conn, backend, rule("never"))
    assert not flip(conn, backend, "never", False).active
    with pytest.raises(Problem):
        flip(conn, backend, "never", True)


def test_of_several_that_stop_a_rule_one_does(conn: Connection, backend: Backend) -> None:
    """Two processes see the same day; a person may have been quicker, or have edited it."""
    now = backend.centre.now()
    kept = tried(conn, backend, put(conn, backend, rule("stop")))
    assert not stop_by_itself(conn, "stop", kept.edit, "退回太多", now), "it does not act"
    flip(conn, backend, "stop", True)
    assert not stop_by_itself(conn, "stop", kept.edit + 1, "退回太多", now), "another edit"
    assert stop_by_itself(conn, "stop", kept.edit, "退回太多", now)
    assert not stop_by_itself(conn, "stop", kept.edit, "退回太多", now)
    assert noted(conn, "stop")[-1] == ("system", "rule_off")
    assert [who for who, _ in noted(conn, "stop")].count("system") == 1
    wire = rule_wire(find_rule(conn, LEADER, "stop"))
    assert (wire["active"], wire["switched_by"], wire["switched_why"]) == (False, "系统", "退回太多")


# --- what was done ------------------------------------------------------------------------------------------------


def act(
    conn: Connection, rule_id: str, day: str, slot: int, outcome: str | None = "applied", **more: Any
) -> str:
    case_id = str(more.pop("case_id", None) or uuid7())
    row = {
        "case_id": case_id, "action": "accept", "rule_id": rule_id, "edit": 1, "day": day, "slot": slot, "at": slot,
        "version": 1, "xver": 1, "doc": pack({"payload": {}, "confidence": 0.5}), "outcome": outcome, **more,
    }  # fmt: skip
    conn.execute(insert(auto_acts).values(**row))
    return case_id


def test_today_counts_what_was_done_and_what_came_back_today(conn: Connection) -> None:
    since = 1_000_000
    act(conn, "t", "20261120", 1)
    act(conn, "t", "20261120", 2, undone_at=since + 5)
    act(conn, "t", "20261119", 1, undone_at=since)  # comes back the morning after
    act(conn, "t", "20261119", 2, undone_at=since - 1)  # came back yesterday
    act(conn, "t", "20261119", 3)
    act(conn, "t", "20261120", 3, "refused", undone_at=since + 5)
    act(conn, "t", "20261120", 4, None)
    act(conn, "t", "20261120", 5, "dropped")
    act(conn, "other", "20261120", 1, undone_at=since + 5)
    found = today(conn, "t", "20261120", since)
    assert (found.concerned, found.bounced) == (3, 2)
    empty = today(conn, "nobody", "20261120", since)
    assert (empty.concerned, empty.bounced) == (0, 0)


def test_days_come_oldest_first_and_only_the_last_ones(
    conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n, day in enumerate(("20261118", "20261119", "20261120")):
        for slot in range(1, 3 + n):
            act(conn, "d", day, slot)
    act(conn, "d", "20261120", 20, "refused", undone_at=1, again=1)
    act(conn, "d", "20261120", 21, None)
    act(conn, "d", "20261120", 22, undone_at=1, again=2)
    assert days_of(conn, "d") == [
        {"day": "20261118", "applied": 2, "refused": 0, "bounced": 0, "reworked": 0},
        {"day": "20261119", "applied": 3, "refused": 0, "bounced": 0, "reworked": 0},
        {"day": "20261120", "applied": 5, "refused": 1, "bounced": 1, "reworked": 1},
    ]
    monkeypatch.setattr(watching, "DAYS", 2)
    assert [row["day"] for row in days_of(conn, "d")] == ["20261119", "20261120"]
    assert days_of(conn, "nobody") == []


def test_the_day_begins_at_the_centres_midnight(backend: Backend) -> None:
    now = backend.centre.now()
    day, since = day_and_start(backend.centre, now)
    local = backend.centre.calendar.local(now)
    assert day == local.strftime("%Y%m%d")
    assert 0 <= to_ms(now) - since < 86_400_000
    assert day_and_start(backend.centre, now + timedelta(days=1))[1] == since + 86_400_000


def test_acts_are_shown_newest_first_and_only_of_cases_in_scope(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = [backend.seat("acceptor1").register(HERE) for _ in range(2)]
    there = backend.seat("acceptor1").register(THERE)
    with writing(backend.engine) as conn:
        for slot, case in enumerate((*here, there), 1):
            act(conn, "seen", "20261120", slot, case_id=case["case_id"], undone_at=7 if slot == 2 else None)
    with glancing(backend.engine) as conn:
        whole = acts_of(conn, LEADER, "seen")
        street = acts_of(conn, STREET_LEADER, "seen")
        monkeypatch.setattr(watching, "ACTS", 1)
        last = acts_of(conn, LEADER, "seen")
    assert [one["case_id"] for one in whole] == [there["case_id"], here[1]["case_id"], here[0]["case_id"]]
    assert [one["case_id"] for one in street] == [here[1]["case_id"], here[0]["case_id"]]
    assert [one["number"] for one in street] == [here[1]["number"], here[0]["number"]]
    assert street[0]["undone_at"] is not None and street[1]["undone_at"] is None
    assert street[0]["confidence"] == 0.5 and street[0]["payload"] == {}
    assert last == whole[:1]


# --- what it looks at -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def many(backend: Backend) -> dict[str, str]:
    """Cases of every kind a rule tells apart; others of this module may stand beside them."""
    seat = backend.seat("acceptor1")
    return {
        "here": seat.register(HERE)["case_id"],
        "there": seat.register(THERE)["case_id"],
        "app": seat.register(HERE, source="app")["case_id"],
        "component": seat.register(HERE, kind="component", category="component-0101")["case_id"],
        "event": seat.register(HERE, category=CATEGORY)["case_id"],
        "filing": backend.reach("pending_filing", HERE)["case_id"],
    }


@pytest.mark.parametrize(
    ("action", "when", "found"),
    [
        ("accept", {}, {"here", "there", "app", "component", "event"}),
        ("accept", {"areas": [STREETS[0]]}, {"here", "app", "component", "event"}),
        ("accept", {"areas": [STREETS[1], grid_code(0, 1)]}, {"there"}),
        ("accept", {"areas": list(STREETS), "sources": ["app"]}, {"app"}),
        ("accept", {"sources": ["app", "hotline"], "kinds": ["component"]}, {"component"}),
        ("accept", {"categories": ["component", "event-01"]}, {"component", "event"}),
        ("accept", {"categories": ["event_0110"]}, set()),
        ("accept", {"categories": ["%"]}, set()),
        ("file", {}, {"filing"}),
        ("dispatch", {}, set()),
    ],
)  # fmt: skip
def test_columns_tell_which_cases(
    backend: Backend, many: dict[str, str], action: str, when: dict[str, Any], found: set[str]
) -> None:
    """What `%` and `_` mean to a database they do not mean here."""
    one = rule(action=action)
    asked: dict[str, Any] = {name: tuple(value) for name, value in when.items()}
    one = AutoRule(one.id, one.name, action, type(one.when)(**{"areas": (DISTRICT,), **asked}), one.then)
    with glancing(backend.engine) as conn:
        ids = {case.case_id for case in candidates(conn, one, FIRST, 400)}
    assert {name for name, case_id in many.items() if case_id in ids} == found


def test_a_rule_goes_through_its_cases_stretch_by_stretch(backend: Backend, many: dict[str, str]) -> None:
    one = rule()
    with glancing(backend.engine) as conn:
        whole = [case.case_id for case in candidates(conn, one, FIRST, 400)]
        walked: list[str] = []
        after = FIRST
        while part := candidates(conn, one, after, 2):
            assert len(part) <= 2
            walked += [case.case_id for case in part]
            after = part[-1].case_id
        anew = candidates(conn, one, "no id", 1)
    assert walked == whole == sorted(whole) and set(many.values()) - {many["filing"]} <= set(whole)
    assert anew[0].case_id == whole[0]


def test_a_case_a_rule_has_taken_is_not_looked_at_again(backend: Backend, many: dict[str, str]) -> None:
    with writing(backend.engine) as conn:
        act(conn, "earlier", "20261120", 1, None, case_id=many["here"])
        act(conn, "earlier", "20261120", 2, case_id=many["app"], action="file")
        ids = {case.case_id for case in candidates(conn, rule("later"), FIRST, 400)}
    assert many["here"] not in ids, "whichever rule took it, and however it came out"
    assert many["app"] in ids, "another action is another matter"


@pytest.mark.parametrize(
    ("kind", "age_ms", "held"),
    [("hold", 0, True), ("hold", HELD_MS, True), ("hold", HELD_MS + 1, False), ("look", 0, False)],
)
def test_a_claim_holds_as_long_as_it_beats(
    backend: Backend, many: dict[str, str], kind: str, age_ms: int, held: bool
) -> None:
    now = backend.centre.now()
    with writing(backend.engine) as conn:
        conn.execute(delete(claims))
        conn.execute(
            insert(claims).values(
                case_id=many["here"],
                user_id="u-acceptor2",
                name="乙",
                kind=kind,
                since=0,
                at=to_ms(now) - age_ms,
            )
        )
        found = [case for case in candidates(conn, rule(), FIRST, 400) if case.case_id in many.values()]
        seen = {sight.case.case_id: sight.held for sight in sights(conn, rule(), found, now)}
        conn.execute(delete(claims))
    assert seen.pop(many["here"]) is held
    assert seen and not any(seen.values())


def test_what_nobody_asks_is_not_looked_up(backend: Backend, many: dict[str, str]) -> None:
    now = backend.centre.now()
    with writing(backend.engine) as conn:
        conn.execute(delete(case_files))
        conn.execute(insert(case_files), [{"sha256": f"{n:064x}", "case_id": many["here"]} for n in range(3)])
        found = [case for case in candidates(conn, rule(), FIRST, 400) if case.case_id == many["here"]]
        assert photo_counts(conn, list(many.values())) == {many["here"]: 3}
        (plain,) = sights(conn, rule(), found, now)
        (asked,) = sights(conn, rule(min_photos=1), found, now)
        conn.execute(delete(case_files))
    assert (plain.photos, asked.photos) == (0, 3)
    assert plain.now == now and not plain.acted and not plain.field_report


def test_who_works_in_the_field(backend: Backend) -> None:
    with glancing(backend.engine) as conn:
        users = {"u-supervisor1", "u-grid_worker1", "u-acceptor1", "u-leader1", "", "u-nobody"}
        assert field_reporters(conn, users) == {"u-supervisor1", "u-grid_worker1"}
        assert field_reporters(conn, set()) == set()


def test_what_was_done_once_is_known_from_the_log_not_from_the_rule(backend: Backend) -> None:
    """A person accepted it, somebody sent it back: the rule leaves it alone though it stands there again."""
    case = backend.reach("pending_filing", HERE)
    now = backend.centre.now()
    with writing(backend.engine) as conn:
        found = [
            one for one in candidates(conn, rule("f1", "file"), FIRST, 400) if one.case_id == case["case_id"]
        ]
        (accepting,) = sights(conn, rule("a2"), found, now)
        (filing,) = sights(conn, rule("f1", "file"), found, now)
        assert sights(conn, rule(), [], now) == []
    assert accepting.acted and not filing.acted


def test_a_rule_that_can_no_longer_be_read_is_a_failure_not_a_guess(backend: Backend) -> None:
    """Nothing acts on what it does not understand: the thread logs it and waits."""
    with writing(backend.engine) as conn:
        put(conn, backend, rule("broken"))
        conn.execute(update(auto_rules).values(doc=pack({"id": "broken", "action": "later_action"})))
    with glancing(backend.engine) as conn, pytest.raises(ValueError, match=r"\S"):
        all_rules(conn)
