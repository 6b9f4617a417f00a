"""The overlay: what the operator sees while commands wait, and when it goes away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.domain.reference import Position
from services.ports.centre import Change, Outcome, WireCommand
from services.ports.picture import CaseQuery
from services.usecases.world import World
from tests.support.console_core import LEADER, REGISTER, SANI
from tests.unit.sync.ground import Ground, ground


def test_an_unknown_case_is_none(g: Ground) -> None:
    assert g.core.overlay.project("nobody") is None
    assert g.core.overlay.row("nobody") is None


def test_a_birth_is_shown_before_it_is_sent(g: Ground) -> None:
    saved = g.core.desk.register(REGISTER)
    projected = g.core.overlay.project(saved.case_id)
    assert projected is not None
    assert (projected.cached, projected.case.state, projected.case.number) == (None, "reported", None)
    assert [row.case_id for row in g.core.overlay.rows(CaseQuery())] == [saved.case_id]
    row = g.core.overlay.row(saved.case_id)
    assert row is not None
    assert row.pending == 1


def test_without_own_commands_the_queue_is_the_cached_one(g: Ground) -> None:
    case_id = g.born()
    assert g.core.overlay.rows(CaseQuery()) == g.core.cache.rows(CaseQuery())
    assert g.core.overlay.row(case_id) == g.core.cache.row(case_id)


def test_several_own_commands_stand_on_each_other(g: Ground) -> None:
    case_id = g.born()
    g.click("accept", case_id)
    g.click("file", case_id, {"category": "event-0110", "condition": 0})
    g.click("dispatch", case_id, {"lead_dept": "sani"})
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    assert (projected.case.state, projected.case.xver, projected.case.lead_dept) == (
        "pending_sign",
        4,
        "sani",
    )
    assert projected.cached is not None
    assert projected.cached.state == "reported"
    assert projected.row.pending == 3
    clock = projected.case.clock
    assert clock is not None
    assert clock.limit.code == "4wh"


def test_queues_follow_the_projection(g: Ground) -> None:
    case_id, other = g.born(), g.born()
    g.click("accept", case_id)
    overlay = g.core.overlay
    assert [row.case_id for row in overlay.rows(CaseQuery(states=("reported",)))] == [other]
    assert [row.case_id for row in overlay.rows(CaseQuery(states=("pending_filing",)))] == [case_id]
    g.click("cancel", case_id, {"reason": "重复"})
    assert [row.case_id for row in overlay.rows(CaseQuery())] == [other]
    assert {row.case_id for row in overlay.rows(CaseQuery(open_only=False))} == {case_id, other}
    assert len(overlay.rows(CaseQuery(open_only=False, limit=1))) == 1


def test_an_answer_is_shown_until_the_feed_brings_it(g: Ground) -> None:
    case_id = g.born()
    g.click("accept", case_id)
    g.core.push()
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    assert projected.cached is not None
    assert (projected.cached.version, projected.case.version, projected.pending) == (1, 2, ())
    assert [row.state for row in g.core.overlay.rows(CaseQuery())] == ["pending_filing"]
    g.core.catch_up()
    after = g.core.overlay.project(case_id)
    assert after is not None
    assert after.cached == after.case
    assert g.core.overlay._settled == {}


def test_an_older_change_does_not_end_an_answer(g: Ground) -> None:
    case_id = g.born()
    case = replace(g.centre.cases[case_id], version=5)
    overlay = g.core.overlay
    overlay.decided([Outcome("a", case_id, "applied", 5, 5, case=case)])
    overlay.arrived([Change(9, case_id, 4, 4, "amend", case=replace(case, version=4))])
    projected = overlay.project(case_id)
    assert projected is not None
    assert projected.case.version == 5
    overlay.arrived([Change(10, case_id, 5, 5, "amend", case=case)])
    assert overlay._settled == {}


def test_a_copy_that_is_as_new_by_another_way_ends_an_answer(g: Ground) -> None:
    case_id = g.born()
    case = replace(g.centre.cases[case_id], version=5)
    g.core.overlay.decided([Outcome("a", case_id, "applied", 5, 5, case=case)])
    g.core.cache.put(replace(case, version=6))
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    assert projected.case.version == 6
    assert g.core.overlay._settled == {}


def test_an_older_answer_does_not_take_the_place_of_a_newer(g: Ground) -> None:
    case_id = g.born()
    case = g.centre.cases[case_id]
    overlay = g.core.overlay
    newer, older = replace(case, version=5), replace(case, version=4)
    overlay.decided([Outcome("a", case_id, "applied", 5, 5, case=newer)])
    overlay.decided([Outcome("b", case_id, "applied", 4, 4, case=older)])
    projected = overlay.project(case_id)
    assert projected is not None
    assert projected.case.version == 5


@pytest.mark.parametrize(
    "outcome", [Outcome("x", "", "conflict", 3, 3), Outcome("x", "", "applied", 3, 3, case=None)]
)
def test_only_an_applied_case_is_shown(g: Ground, outcome: Outcome) -> None:
    case_id = g.born()
    g.core.overlay.decided([replace(outcome, case_id=case_id)])
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    assert projected.case.version == 1


def test_a_case_that_left_does_not_come_back(g: Ground) -> None:
    case_id = g.born()
    case = replace(g.centre.cases[case_id], version=3)
    outcome = Outcome("x", case_id, "applied", 3, 3, case=case)
    gone = Change(9, case_id, 3, 3, "amend", left_scope=True)
    stays = Change(9, "other", 3, 3, "amend", case=case)
    overlay = g.core.overlay
    overlay.decided([outcome])
    g.core.cache.replace_cases([], [case_id])
    overlay.arrived([stays, gone])
    assert overlay.project(case_id) is None
    overlay.decided([outcome])
    assert overlay.project(case_id) is None, "the answer was slower than the feed"
    overlay.copied()
    overlay.decided([outcome])
    assert overlay.project(case_id) is not None


def test_a_refused_prediction_stops_there_and_says_why(g: Ground) -> None:
    case_id = g.born()
    mine = g.click("accept", case_id)
    g.core.world.sign_in(SANI)
    g.core.overlay.touch_all()
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    assert projected.case.state == "reported"
    assert projected.pending[0].command_id == mine.command_id
    assert projected.refused == "您的岗位不能对这件案件受理。"
    assert projected.rests_on == ()
    view = g.core.desk.view(case_id)
    assert view is not None
    assert view.allowed == ()


@pytest.mark.parametrize("action", ["register", "amend", "accept"])
def test_an_effect_the_feed_brought_before_the_answer_is_not_shown_twice(g: Ground, action: str) -> None:
    if action == "register":
        mine = g.core.desk.register(REGISTER)
    else:
        payload = {"reason": "更正", "description": "新的说明"} if action == "amend" else {}
        mine = g.click(action, g.born(), payload)
    g.gateway.faults = ["lost_reply"]
    g.core.push()
    g.core.catch_up()
    projected = g.core.overlay.project(mine.case_id)
    assert projected is not None
    assert projected.case == projected.cached == g.centre.cases[mine.case_id]
    assert [c.command_id for c in projected.pending] == [mine.command_id]
    assert (projected.rests_on, projected.refused) == ((), None)
    more = g.click("amend", mine.case_id, {"reason": "再更正", "description": "更新的说明"})
    assert more.base_xver == g.centre.cases[mine.case_id].xver
    g.drain()
    assert g.status(more) == "applied"


def test_a_lost_race_is_not_shown_on_top_of_the_winner(g: Ground) -> None:
    case_id = g.born()
    g.click("accept", case_id)
    rival = WireCommand("rival", case_id, "cancel", {"reason": "重复"}, 1, None)
    g.centre.handle(rival, LEADER)
    g.core.catch_up()
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    assert (projected.case.state, projected.refused, projected.rests_on) == ("cancelled", None, ())
    assert len(projected.pending) == 1


def test_without_rules_or_actor_nothing_is_predicted(g: Ground) -> None:
    case_id = g.born()
    g.click("accept", case_id)
    g.core.world.sign_in(None)
    g.core.overlay.touch_all()
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    assert projected.case.state == "reported"
    assert projected.refused is not None
    with ground() as bare:
        bare.core.cache.forget()
        bare.core.world = World(bare.core.cache, bare.core.clock, bare.core.time)
        bare.core.overlay._around = bare.core.world
        bare.core.world.sign_in(LEADER)
        assert bare.core.world.rules() is None
        assert bare.core.overlay.predict(None, g.core.outbox.waiting()[0]).code == "no_reference"


def test_places_and_people_are_asked_of_the_world(g: Ground) -> None:
    g.core.world.locate_by(lambda lon, lat: Position("440106001001007", ("440106",), "440106001001008"))
    saved = g.core.desk.register(REGISTER)
    projected = g.core.overlay.project(saved.case_id)
    assert projected is not None
    assert projected.case.grid == "440106001001007"
    assert "near_boundary" in projected.case.flags
    g.core.world.locate_by(None)
    saved = g.core.desk.register(REGISTER)
    projected = g.core.overlay.project(saved.case_id)
    assert projected is not None
    assert projected.case.grid == "440106", "without a grid index: somewhere in the own area"


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("send_verify", {"to": "sup1"}),
        ("send_verify", {"to": "not-on-the-roster"}),
        ("link", {"to": "01930000-0000-7000-8000-00000000ffff", "relation": "同一地点"}),
        ("cancel", {"reason": "重复", "duplicate_of": "01930000-0000-7000-8000-00000000ffff"}),
    ],
)
def test_what_only_the_centre_can_know_counts_as_in_order(
    g: Ground, action: str, payload: dict[str, Any]
) -> None:
    case_id = g.born()
    g.click(action, case_id, payload)
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    assert projected.refused is None


def test_a_birth_that_names_somebody_is_no_trouble(g: Ground) -> None:
    saved = g.core.desk.register(REGISTER)
    asked = replace(saved, payload={**saved.payload, "to": "nobody"})
    assert g.core.overlay.predict(None, asked).role == "shift_leader"


def test_projections_are_kept_until_they_are_touched(g: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = g.born()
    first = g.core.overlay.project(case_id)
    assert g.core.overlay.project(case_id) is first
    g.core.overlay.touch([case_id])
    assert g.core.overlay.project(case_id) is not first


def test_several_cases_are_read_in_one_go(g: Ground) -> None:
    first, second, third = g.born(), g.born(), g.born()
    g.click("accept", second)
    overlay = g.core.overlay
    found = overlay.projects([first, second, "nobody", third, first])
    assert set(found) == {first, second, third}
    assert found == {case_id: overlay.project(case_id) for case_id in (first, second, third)}
    assert found[second].case.state == "pending_filing"
    assert overlay.projects([]) == {}


def test_what_changes_while_it_is_read_is_not_remembered(g: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read without the lock: what came in between is announced, and must then be read anew."""
    case_id = g.born()
    overlay, many = g.core.overlay, g.core.cache.many
    overlay.touch_all()

    def slow(ids: Any) -> Any:
        found = many(ids)
        overlay.touch([case_id])
        g.core.cache.replace_cases([replace(found[case_id], description="变了", version=99)])
        return found

    monkeypatch.setattr(g.core.cache, "many", slow)
    assert overlay.projects([case_id])[case_id].case.description != "变了"
    monkeypatch.setattr(g.core.cache, "many", many)
    assert overlay.projects([case_id])[case_id].case.description == "变了"


def test_the_desk_is_the_cache_with_the_own_cases_beside_it(g: Ground) -> None:
    case_id, other = g.born(), g.born()
    saved = g.core.desk.register(REGISTER)
    g.click("accept", other)
    desk = g.core.overlay.desk(g.core.clock.wall())
    assert set(desk.columns.case_id) == {case_id, other}
    assert desk.own == {other, saved.case_id}
    assert {i: entry.case.state for i, entry in desk.shown.items()} == {
        other: "pending_filing", saved.case_id: "reported",
    }  # fmt: skip


def test_only_the_latest_projections_are_kept(g: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.sync.overlay.KEPT", 2)
    ids = [g.born() for _ in range(4)]
    assert set(g.core.overlay.projects(ids)) == set(ids)
    assert list(g.core.overlay._memo) == ids[2:]
    assert g.core.overlay.project(ids[0]) is not None
