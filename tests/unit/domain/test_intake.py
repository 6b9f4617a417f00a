"""Register, import, accept, verify, reject, file, self_close, amend, split, cancel: what each step leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.domain.case import Case, Location, Owner
from services.domain.commands import Applied
from services.domain.decide import decide
from services.domain.limits import Limit
from services.domain.reference import Position, Rules
from services.domain.roles import SYSTEM, Actor
from tests.unit.domain.ground import (
    ACCEPTOR,
    CASE_ID,
    DISPATCHER,
    GRID,
    GRID_WORKER,
    LEADER_OF_SHIFT,
    NOW,
    OTHER_GRID,
    OTHER_ID,
    RULES,
    SUPERVISOR,
    THIRD_ID,
    act,
    at,
    case_in,
    command,
    path_of,
    refused,
    rules,
    utc,
)

NEAR = rules(positions={CASE_ID: Position(GRID, path_of(GRID), near=OTHER_GRID)})
NOWHERE = rules(positions={})


def test_a_registered_case_carries_everything_it_was_told() -> None:
    case = act(
        None,
        "register",
        ACCEPTOR,
        {
            "source": "hotline",
            "kind": "hotline",
            "category": "event-0110",
            "caller": {"name": "张三丰", "phone": "13812345678"},
            "need_callback": True,
            "level": 2,
            "upper_id": "U-1",
            "upper_due": "2026-11-24T10:00:00+08:00",
        },
    )
    assert (case.state, case.stage, case.owner) == ("reported", "intake", Owner("acceptor"))
    assert (case.number, case.grid, case.area_path) == ("20261123-0001", GRID, path_of(GRID))
    assert case.location == Location(113.361, 23.124, "示例路 1 号")
    assert (case.caller_masked, case.need_callback, case.level, case.urgent) == (
        "张** 138****5678",
        True,
        2,
        False,
    )
    assert (case.upper_id, case.upper_due) == ("U-1", utc(at("2026-11-24 10:00")))
    assert (case.reporter, case.created_at, case.version, case.xver, case.round) == (
        "acceptor1",
        NOW,
        1,
        1,
        1,
    )
    assert case.clocks["accept"].due_at == at("2026-11-23 09:30")
    assert case.due_at == at("2026-11-23 09:30")
    assert case.flags == frozenset()


def test_an_urgent_case_is_of_the_highest_level() -> None:
    assert act(None, "register", ACCEPTOR, {"urgent": True, "level": 1}).level == 3


def test_a_confidential_caller_is_not_even_masked() -> None:
    case = act(
        None, "register", ACCEPTOR, {"confidential": True, "caller": {"name": "张三", "phone": "13812345678"}}
    )
    assert case.caller_masked is None
    assert case.flags == {"confidential"}


def test_a_point_near_a_boundary_is_flagged_and_one_outside_refused() -> None:
    assert act(None, "register", ACCEPTOR, under=NEAR).flags == {"near_boundary"}
    assert refused(None, "register", ACCEPTOR, under=NOWHERE) == "outside_area"
    assert (
        refused(None, "register", ACCEPTOR, under=rules(positions={CASE_ID: Position(None)}))
        == "outside_area"
    )


def test_register_knows_its_source_and_category() -> None:
    assert refused(None, "register", ACCEPTOR, {"source": "pigeon"}) == "unknown_source"
    assert refused(None, "register", ACCEPTOR, {"category": "event-9999"}) == "unknown_category"


# --- accept, verify, reject, file --------------------------------------------------------------------


def test_accepting_stops_one_clock_and_starts_the_next() -> None:
    case = act(case_in("reported"), "accept", ACCEPTOR, now=NOW + timedelta(minutes=5))
    assert case.clocks["accept"].stopped_at == NOW + timedelta(minutes=5)
    assert case.clocks["file"].started_at == NOW + timedelta(minutes=5)
    assert case.owner == Owner("shift_leader")


def test_verification_goes_to_a_named_supervisor_or_to_the_pool() -> None:
    named = act(case_in("reported"), "send_verify", ACCEPTOR, {"to": "sup1"})
    assert named.owner == Owner("supervisor", None, "sup1")
    assert act(named, "comment", ACCEPTOR).owner.user == "sup1"
    assert act(case_in("reported"), "send_verify", ACCEPTOR).owner == Owner("supervisor")
    assert refused(case_in("reported"), "send_verify", ACCEPTOR, {"to": "nobody"}) == "unknown_user"


@pytest.mark.parametrize("result", ["true", "false", "not_found"])
def test_the_result_of_a_verification_is_kept(result: str) -> None:
    case = replace(case_in("verifying"), marks=frozenset({"verified_false", "contacted"}))
    after = act(case, "verify_result", SUPERVISOR, {"result": result})
    assert after.marks == {f"verified_{result}", "contacted"}
    assert after.state == "pending_filing"
    assert after.owner == Owner("shift_leader")


def test_nothing_refuses_filing_for_want_of_a_verification() -> None:
    under = rules(needs_verify={"patrol": True})
    assert act(case_in("reported", under=under), "accept", ACCEPTOR, under=under).state == "pending_filing"


@pytest.mark.parametrize(
    ("state", "actor", "end"),
    [("reported", ACCEPTOR, "not_accepted"), ("pending_filing", LEADER_OF_SHIFT, "not_filed")],
)
def test_a_rejected_case_ends_without_a_running_clock(state: str, actor: Actor, end: str) -> None:
    case = act(case_in(state), "reject", actor)
    assert (case.state, case.stage, case.closed_at, case.clock, case.due_at) == (end, None, NOW, None, None)
    assert not case.open
    assert all(not clock.live for clock in case.clocks.values())


def test_filing_fixes_category_and_condition() -> None:
    case = act(
        case_in("pending_filing"), "file", LEADER_OF_SHIFT, {"category": "component-0101", "condition": 1}
    )
    assert (case.category, case.condition, case.state) == ("component-0101", 1, "pending_dispatch")
    for payload, code in (
        ({"category": "event-9999"}, "unknown_category"),
        ({"condition": 2}, "unknown_condition"),
    ):
        assert refused(case_in("pending_filing"), "file", LEADER_OF_SHIFT, payload) == code


def test_a_case_without_a_position_is_located_before_it_is_filed() -> None:
    lost = act(None, "import", SYSTEM, {"state": "pending_filing", "location": None}, under=NOWHERE)
    assert lost.flags == {"unlocated"}
    assert refused(lost, "file", LEADER_OF_SHIFT) == "unlocated"
    found = act(lost, "amend", ACCEPTOR, {"location": {"lon": 113.3, "lat": 23.1}})
    assert (found.flags, found.grid) == (frozenset(), GRID)
    assert act(found, "file", LEADER_OF_SHIFT).state == "pending_dispatch"


def test_self_handled_cases_close_at_once() -> None:
    case = act(case_in("pending_filing"), "self_close", ACCEPTOR)
    assert (case.state, case.closed_at, case.stage) == ("closed", NOW, "close")


def test_reporters_close_their_own_reports_by_setting() -> None:
    under = rules(self_close_by_reporter=True)
    own = act(None, "register", GRID_WORKER, under=under)
    assert act(own, "self_close", GRID_WORKER, under=under).state == "closed"
    assert refused(own, "self_close", GRID_WORKER) == "not_allowed"
    assert refused(own, "self_close", SUPERVISOR, under=under) == "not_allowed"


# --- photos ------------------------------------------------------------------------------------------


def test_photos_that_are_not_stored_or_missing_are_refused() -> None:
    photo = ["b" * 64]
    missing = rules(missing=frozenset(photo))
    case = case_in("checking")
    assert refused(case, "check_pass", SUPERVISOR, {"photos": photo}, under=missing) == "attachment_missing"
    wanted = rules(photos_required={"check_pass": True})
    assert refused(case, "check_pass", SUPERVISOR, under=wanted) == "photos_required"
    assert refused(case, "check_pass", SUPERVISOR, {"photos": []}, under=wanted) == "photos_required"
    assert act(case, "check_pass", SUPERVISOR, {"photos": photo}, under=wanted).state == "pending_close"
    off = rules(photos_required={"check_pass": False})
    assert act(case, "check_pass", SUPERVISOR, under=off).state == "pending_close"
    assert refused(None, "register", ACCEPTOR, under=missing) == "attachment_missing"


# --- amend -------------------------------------------------------------------------------------------


def test_amending_needs_something_to_amend() -> None:
    assert refused(case_in("reported"), "amend", ACCEPTOR, {"description": None}) == "nothing_to_amend"


def test_amending_words_and_kind() -> None:
    case = act(case_in("reported"), "amend", ACCEPTOR, {"kind": "component", "description": "井盖破了"})
    assert (case.kind, case.description, case.state, case.xver) == ("component", "井盖破了", "reported", 2)


def test_a_new_position_finds_its_grid_and_keeps_the_address_unless_told() -> None:
    under = rules(positions={CASE_ID: Position(OTHER_GRID, path_of(OTHER_GRID), near=GRID)})
    case = act(case_in("reported"), "amend", ACCEPTOR, {"location": {"lon": 113.4, "lat": 23.2}}, under=under)
    assert (case.grid, case.area_path) == (OTHER_GRID, path_of(OTHER_GRID))
    assert case.location == Location(113.4, 23.2, "示例路 1 号")
    assert case.flags == {"near_boundary"}
    told = {"location": {"lon": 113.4, "lat": 23.2, "address": "新址"}}
    assert act(case, "amend", ACCEPTOR, told).location.address == "新址"
    assert act(case, "amend", ACCEPTOR, told).flags == frozenset()
    assert refused(case, "amend", ACCEPTOR, told, under=NOWHERE) == "outside_area"


def test_a_new_condition_counts_from_the_clocks_own_start() -> None:
    case = act(case_in("handling"), "amend", DISPATCHER, {"condition": 1}, now=NOW + timedelta(hours=3))
    assert case.clocks["handle"].limit == Limit(2, "work_day")
    assert case.due_at == at("2026-11-25 09:00")


def test_a_filed_case_keeps_a_valid_pair_of_category_and_condition() -> None:
    case = case_in("handling")
    assert refused(case, "amend", DISPATCHER, {"category": "component-0101"}) == "condition_required"
    assert refused(case, "amend", DISPATCHER, {"category": "event-9999"}) == "unknown_category"
    assert refused(case, "amend", DISPATCHER, {"condition": 5}) == "unknown_condition"
    both = {"category": "component-0101", "condition": 0}
    assert act(case, "amend", DISPATCHER, both).due_at == at("2026-11-23 11:00")


def test_before_filing_a_category_may_come_alone() -> None:
    case = act(case_in("reported"), "amend", ACCEPTOR, {"category": "component-0101"})
    assert (case.category, case.condition) == ("component-0101", None)
    assert refused(case_in("reported"), "amend", ACCEPTOR, {"condition": 0}) == "unknown_category"


def test_a_category_without_a_limit_for_an_open_clock_changes_no_clock() -> None:
    """An imported case may be handled without a filing condition; amending its category alone keeps the clock."""
    case = act(None, "import", SYSTEM, {"category": None, "condition": None})
    assert refused(case, "amend", DISPATCHER, {"category": "event-0110"}) == "condition_required"
    amended = act(case, "amend", DISPATCHER, {"category": "event-0110", "condition": 0})
    assert amended.clocks["handle"].limit == Limit(4, "work_hour")
    unclocked = replace(case, clocks={})
    assert act(unclocked, "amend", DISPATCHER, {"category": "event-0110", "condition": 0}).clocks == {}


# --- split and cancel --------------------------------------------------------------------------------


def parts_of(case: Case, part: dict[str, object], under: Rules = RULES) -> tuple[Case, Case]:
    answer = decide(case, command("split", {"parts": [part]}, case), ACCEPTOR, NOW, under)
    assert isinstance(answer, Applied)
    return answer.case, answer.births[0]


@pytest.mark.parametrize(
    ("state", "born"),
    [("reported", "reported"), ("verifying", "reported"), ("pending_filing", "pending_filing")],
)
def test_parts_are_cases_of_their_own_in_the_right_state(state: str, born: str) -> None:
    whole = replace(case_in(state), flags=frozenset({"confidential", "reply_due", "near_boundary"}))
    under = rules(numbers={THIRD_ID: "20261123-0002"})
    after, part = parts_of(whole, {"case_id": THIRD_ID, "description": "另一处"}, under)
    assert (after.state, after.xver, after.clocks) == (state, whole.xver + 1, whole.clocks)
    assert (part.state, part.parent, part.number, part.version, part.xver) == (
        born,
        CASE_ID,
        "20261123-0002",
        1,
        1,
    )
    assert (part.grid, part.location, part.description, part.condition) == (
        GRID,
        whole.location,
        "另一处",
        None,
    )
    assert part.flags == {"confidential", "near_boundary"}
    assert part.clock is not None and part.clock.running
    assert part.created_at == NOW


def test_a_part_may_lie_elsewhere_and_have_its_own_category() -> None:
    part = {
        "case_id": THIRD_ID,
        "description": "d",
        "category": "component-0101",
        "location": {"lon": 1, "lat": 2},
    }
    elsewhere = rules(positions={THIRD_ID: Position(OTHER_GRID, path_of(OTHER_GRID), near=GRID)})
    _, born = parts_of(case_in("reported"), part, elsewhere)
    assert (born.grid, born.category, born.location) == (
        OTHER_GRID,
        "component-0101",
        Location(1, 2, "示例路 1 号"),
    )
    assert born.flags == {"near_boundary"}
    case = case_in("reported")
    assert refused(case, "split", ACCEPTOR, {"parts": [part]}, under=NOWHERE) == "outside_area"
    wrong = {**part, "category": "event-9999"}
    assert refused(case, "split", ACCEPTOR, {"parts": [wrong]}) == "unknown_category"


def test_a_merge_points_to_the_surviving_case_and_never_makes_a_ring() -> None:
    case = case_in("handling")
    merged = act(case, "cancel", LEADER_OF_SHIFT)
    assert (merged.state, merged.parent, merged.closed_at, merged.assignee) == (
        "cancelled",
        OTHER_ID,
        NOW,
        None,
    )
    assert refused(case, "cancel", LEADER_OF_SHIFT, {"duplicate_of": CASE_ID}) == "duplicate_of_itself"
    assert refused(case, "cancel", LEADER_OF_SHIFT, {"duplicate_of": THIRD_ID}) == "unknown_case"
    ring = rules(cases={OTHER_ID: CASE_ID})
    assert refused(case, "cancel", LEADER_OF_SHIFT, under=ring) == "duplicate_chain"


def test_cancelling_without_a_merge_keeps_the_parent() -> None:
    part = replace(case_in("pending_filing"), parent=THIRD_ID)
    assert act(part, "cancel", LEADER_OF_SHIFT, {"duplicate_of": None}).parent == THIRD_ID


# --- import ------------------------------------------------------------------------------------------


def test_an_import_keeps_the_sources_times_and_state() -> None:
    case = act(None, "import", SYSTEM, {"state": "closed", "closed_at": "2026-11-21T09:00:00+08:00"})
    assert (case.created_at, case.closed_at) == (utc(at("2026-11-20 09:00")), utc(at("2026-11-21 09:00")))
    assert (case.state, case.clocks, case.marks) == ("closed", {}, {"imported"})
    handling = act(None, "import", SYSTEM, {"due_at": "2026-12-01T09:00:00+08:00"})
    assert handling.due_at == utc(at("2026-12-01 09:00"))
    assert handling.owner == Owner("dept_user", "sani")
    by_rule = act(None, "import", SYSTEM)
    assert by_rule.due_at == at("2026-11-20 15:00")


def test_an_import_without_place_is_unlocated_and_keeps_its_address() -> None:
    case = act(None, "import", SYSTEM, {"location": None, "address": "某街某号"}, under=NOWHERE)
    assert (case.grid, case.area_path, case.flags) == (None, (), {"unlocated"})
    assert case.location == Location(None, None, "某街某号")


def test_imports_that_contradict_themselves_are_refused() -> None:
    for payload, code in (
        ({"state": "draft"}, "unknown_state"),
        ({"category": "event-9999"}, "unknown_category"),
        ({"lead_dept": "nobody"}, "unknown_dept"),
        ({"state": "closed", "closed_at": "2026-11-19T09:00:00+08:00"}, "closed_before_opened"),
    ):
        assert refused(None, "import", SYSTEM, payload) == code


def test_without_any_limit_an_imported_case_has_no_clock() -> None:
    bare = rules(stage_limits={})
    assert act(None, "import", SYSTEM, {"category": None, "condition": None}, under=bare).clocks == {}
    assert act(None, "register", ACCEPTOR, under=bare).clocks == {}


def test_a_stage_without_a_limit_runs_without_a_clock() -> None:
    """Settings cannot leave a stage without a limit (see the reference tables); the step itself must not break."""
    case = act(case_in("reported"), "accept", ACCEPTOR, under=rules(stage_limits={}))
    assert (case.state, set(case.clocks), case.due_at) == ("pending_filing", {"accept"}, None)
    assert not case.clocks["accept"].live
