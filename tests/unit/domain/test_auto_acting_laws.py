"""What a rule would do: the order of its reasons, the edges of its clock, and that `decide()` takes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.auto_acting import FEW, PASSED, Proposal, Sight, entered, next_within, propose, within
from services.domain.auto_rules import STATES_OF, AutoRule, rule_command_id, rule_from
from services.domain.case import Case, sees
from services.domain.commands import Applied, Command
from services.domain.decide import decide
from services.domain.experience import Experience
from services.domain.payloads import check_payload
from services.domain.reference import Rules
from services.domain.suggestion import Ask, suggest
from tests.unit.domain.ground import (
    CALENDAR,
    CATEGORIES,
    DISTRICT,
    GRID,
    NOW,
    OTHER_GRID,
    RULES,
    STREET,
    WAYS,
    at,
    case_in,
)

NOTHING = Experience()
MINUTE = timedelta(minutes=1)


def rule(action: str = "accept", then: dict[str, Any] | None = None, **when: Any) -> AutoRule:
    asked = {"areas": [DISTRICT], **when}
    return rule_from({"id": "r1", "name": "试", "action": action, "when": asked, "then": then or {}})


def plain(state: str, **changes: Any) -> Case:
    """A case without anything special about it."""
    return replace(case_in(state), **{"flags": frozenset(), "urgent": False, "level": 0, **changes})


def ask(
    one: AutoRule, case: Case, *, under: Rules = RULES, known: Experience = NOTHING, **sight: Any
) -> Proposal | str:
    return propose(one, Sight(case, sight.pop("now", NOW), **sight), under, known)


# --- reasons ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", sorted(STATES_OF))
def test_a_rule_acts_in_its_states_and_in_no_other(action: str) -> None:
    thens: dict[str, dict[str, Any]] = {
        "file": {"condition": 0}, "dispatch": {"lead_dept": "sani"}, "self_close": {"result": "好"},
    }  # fmt: skip
    then = thens.get(action, {})
    one = rule(action, then, **({"min_photos": 1} if action == "self_close" else {}))
    for state in WAYS:
        found = ask(one, plain(state, category="event-0110"), photos=1)
        assert (found != "state") == (state in STATES_OF[action]), (action, state)


#: what a case may lack, in the order in which a rule says so: where it stands, what it is, who is at it, when
LADDER: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("state", {}, {"state": "handling"}, {}),
    ("kind", {"kinds": ["component"]}, {}, {}),
    ("category", {"categories": ["component-01"]}, {}, {}),
    ("area", {"areas": ["440106009"]}, {}, {}),
    ("source", {"sources": ["upper"]}, {}, {}),
    ("special", {}, {"urgent": True}, {}),
    ("acted", {}, {}, {"acted": True}),
    ("held", {}, {}, {"held": True}),
    ("waiting", {"wait_s": 3600}, {}, {}),
    ("hours", {"hours": ["22:00", "23:00"]}, {}, {}),
    ("words", {"words": ["已当场"]}, {}, {}),
    ("photos", {"min_photos": 3}, {}, {}),
    ("reporter", {"own_report": True}, {}, {}),
]


@pytest.mark.parametrize("place", range(len(LADDER)), ids=[row[0] for row in LADDER])
def test_of_several_reasons_the_first_is_told(place: int) -> None:
    """Counting reasons of a trial makes sense only when a case always gives the same one."""
    when: dict[str, Any] = {}
    changes: dict[str, Any] = {"category": "event-0110"}
    sight: dict[str, Any] = {}
    for _, asked, about, seen in LADDER[place:]:
        when |= asked
        changes |= about
        sight |= seen
    assert ask(rule(**when), replace(plain("reported"), **changes), **sight) == LADDER[place][0]


def test_every_reason_has_words_for_people() -> None:
    for reason in [row[0] for row in LADDER] + ["street", "callback", "unknown", "unsure"]:
        assert not PASSED[reason].isascii()
    assert len(set(PASSED.values())) == len(PASSED), "no two reasons read alike"


@pytest.mark.parametrize(
    ("flags", "urgent", "level", "category", "needed"),
    [
        ((), False, 0, "event-0110", set()), ((), True, 0, "event-0110", {"urgent"}),
        ((), True, 3, "event-0110", {"urgent"}), ((), False, 1, "event-0110", {"level"}),
        (("confidential",), False, 0, "event-0110", {"confidential"}),
        (("near_boundary",), False, 0, "event-0110", {"near_boundary"}),
        ((), False, 0, "component-0101", {"safety"}), ((), False, 0, None, set()),
        (("confidential", "near_boundary"), True, 2, "component-0101",
         {"confidential", "near_boundary", "urgent", "safety"}),
    ],
)  # fmt: skip
def test_special_cases_need_every_permission(
    flags: tuple[str, ...], urgent: bool, level: int, category: str | None, needed: set[str]
) -> None:
    case = plain("reported", flags=frozenset(flags), urgent=urgent, level=level, category=category)
    assert isinstance(ask(rule(include=sorted(needed)), case), Proposal)
    for one in sorted(needed):
        assert ask(rule(include=sorted(needed - {one})), case) == "special", f"without {one}"


@pytest.mark.parametrize(
    ("grid", "areas", "inside"),
    [
        (GRID, [DISTRICT], True), (GRID, [STREET], True), (GRID, [GRID], True), (OTHER_GRID, [STREET], False),
        (GRID, ["440106002", STREET], True), (None, [DISTRICT], False), (GRID, [GRID[:-1] + "9"], False),
    ],
)  # fmt: skip
def test_where_a_case_lies(grid: str | None, areas: list[str], inside: bool) -> None:
    found = ask(rule(areas=areas), plain("reported", grid=grid))
    assert found == (Proposal({}) if inside else "area")


def test_words_are_any_of_them_anywhere() -> None:
    case = plain("reported", description="占道杂物，已当场清理完毕")
    assert ask(rule(words=["没有的", "当场清理"]), case) == Proposal({})
    assert ask(rule(words=["当场清扫"]), case) == "words"


@pytest.mark.parametrize(("photos", "taken"), [(0, False), (1, False), (2, True), (9, True)])
def test_photos_are_counted(photos: int, taken: bool) -> None:
    assert (ask(rule(min_photos=2), plain("reported"), photos=photos) == "photos") != taken


@pytest.mark.parametrize(
    ("lead", "taken"), [(f"street-{STREET}", True), ("street-440106002", False), ("sani", False)]
)
def test_only_the_street_of_the_case_itself(lead: str, taken: bool) -> None:
    case = plain("pending_close", lead_dept=lead)
    assert (ask(rule("close", street_handled=True), case) == "street") != taken


# --- the clock ------------------------------------------------------------------------------------------------------


def test_people_have_the_case_exactly_so_long_first() -> None:
    case = plain("reported")
    one = rule(wait_s=600)
    since = entered(case)
    assert ask(one, case, now=since + timedelta(seconds=599, microseconds=999_999)) == "waiting"
    assert ask(one, case, now=since + timedelta(seconds=600)) == Proposal({})


def test_waiting_counts_from_this_state_not_from_birth() -> None:
    filed = plain("pending_filing", category="event-0110")
    assert filed.clock is not None and entered(filed) == filed.clock.started_at
    later = replace(filed, created_at=filed.created_at - timedelta(days=3))
    assert ask(rule("file", {"condition": 0}, wait_s=60), later, now=entered(filed)) == "waiting"
    bare = replace(later, clocks={})
    assert entered(bare) == bare.created_at
    assert isinstance(ask(rule("file", {"condition": 0}, wait_s=60), bare, now=NOW), Proposal)


CLOCK = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda pair: f"{pair[0]:02d}:{pair[1]:02d}")
SPANS = st.lists(CLOCK, min_size=2, max_size=2, unique=True).map(tuple)
MOMENTS = st.integers(0, 3 * 24 * 60 * 60).map(lambda s: at("2026-11-20 00:00") + timedelta(seconds=s))


@settings(max_examples=50, deadline=None)
@given(SPANS, MOMENTS)
def test_the_next_moment_lies_within_and_none_before_it(hours: tuple[str, ...], now: datetime) -> None:
    found = next_within(hours, now, CALENDAR)
    assert within(hours, found, CALENDAR) and now <= found < now + timedelta(days=1)
    if found > now:
        assert not within(hours, now, CALENDAR)
        assert not within(hours, found - timedelta(microseconds=1), CALENDAR), "it has just begun"
        assert CALENDAR.local(found).strftime("%H:%M:%S") == f"{hours[0]}:00"
    assert next_within(hours, found, CALENDAR) == found


@settings(max_examples=30, deadline=None)
@given(SPANS, MOMENTS)
def test_hours_and_their_opposite_share_the_day(hours: tuple[str, ...], now: datetime) -> None:
    start, end = hours
    assert within((start, end), now, CALENDAR) != within((end, start), now, CALENDAR)


def test_the_whole_day_and_from_midnight_on() -> None:
    for clock in ("00:00", "06:30", "23:59"):
        moment = at(f"2026-11-20 {clock}")
        assert within(("00:00", "24:00"), moment, CALENDAR)
        assert next_within(("00:00", "24:00"), moment, CALENDAR) == moment
    assert within(("24:00", "06:00"), at("2026-11-20 05:59"), CALENDAR)
    assert not within(("24:00", "06:00"), at("2026-11-20 23:59"), CALENDAR)
    found = next_within(("24:00", "06:00"), at("2026-11-20 12:00"), CALENDAR)
    assert CALENDAR.local(found).strftime("%d %H:%M") == "21 00:00"


def test_the_clock_is_that_of_the_centre() -> None:
    """The database gives UTC; the hours of a rule are on the wall of the hall."""
    local = at("2026-11-20 23:30")
    for moment in (local, local.astimezone(tz=None), datetime.fromisoformat("2026-11-20T15:30:00+00:00")):
        assert within(("23:00", "23:59"), moment, CALENDAR)
    utc = datetime.fromisoformat("2026-11-20T15:30:00+00:00")
    assert next_within(("06:00", "07:00"), utc, CALENDAR).utcoffset() == timedelta(0), "it stays in UTC"


# --- choosing ---------------------------------------------------------------------------------------------------------


def filed(**counts: int) -> Experience:
    made = Experience()
    made.filed["event-0110"] = {int(key.removeprefix("c")): count for key, count in counts.items()}
    return made


def filing(**changes: Any) -> Case:
    return plain("pending_filing", **{"category": "event-0110", **changes})


@pytest.mark.parametrize(
    ("counts", "chosen"),
    [
        ({}, None), ({"c0": 4}, None), ({"c0": 5}, 0), ({"c1": 5}, 1), ({"c0": 2, "c1": 3}, 1),
        ({"c0": 3, "c1": 3}, 0), ({"c1": 3, "c0": 3}, 0), ({"c7": 9}, None),
    ],
)  # fmt: skip
def test_the_usual_condition_needs_enough_cases(counts: dict[str, int], chosen: int | None) -> None:
    found = ask(rule("file", {"condition": "usual"}), filing(), known=filed(**counts))
    if chosen is None:
        assert found == "unknown"
    else:
        assert isinstance(found, Proposal)
        assert found.payload == {"category": "event-0110", "condition": chosen}
        seen = sum(counts.values())
        assert seen >= FEW and found.confidence == pytest.approx(counts[f"c{chosen}"] / (seen + 1))


def test_a_sole_condition_is_certain_without_precedents() -> None:
    case = filing(category="event-0401")
    assert len(CATEGORIES["event-0401"].conditions) == 1
    for condition in ("usual", 0):
        found = ask(rule("file", {"condition": condition}, min_confidence=1.0), case)
        assert found == Proposal({"category": "event-0401", "condition": 0}, 1.0)
    assert ask(rule("file", {"condition": 1}), case) == "unknown", "there is no second one"


def test_a_fixed_condition_is_weighed_by_how_often_it_was_it() -> None:
    known = filed(c0=9, c1=1)
    assert ask(rule("file", {"condition": 1}), filing(), known=known) == Proposal(
        {"category": "event-0110", "condition": 1}, 1 / 11
    )
    assert ask(rule("file", {"condition": 1}, min_confidence=0.2), filing(), known=known) == "unsure"
    assert ask(rule("file", {"condition": 0}), filing(grid=None), known=known) == "area"


def test_exactly_sure_enough_is_enough() -> None:
    share = 9 / 11
    known = filed(c0=9, c1=1)
    enough = rule("file", {"condition": "usual"}, min_confidence=share)
    assert isinstance(ask(enough, filing(), known=known), Proposal)
    assert (
        ask(rule("file", {"condition": "usual"}, min_confidence=share + 1e-9), filing(), known=known)
        == "unsure"
    )


def test_accepting_by_confidence_looks_at_the_unit() -> None:
    case = plain("reported", category="event-0110")
    best = suggest(Ask("event-0110", None, GRID), RULES, NOTHING, most=1)[0]
    found = ask(rule(min_confidence=best.score), case)
    assert found == Proposal({}, best.score)
    assert ask(rule(min_confidence=min(1.0, best.score + 0.01)), case) == "unsure"
    assert ask(rule(min_confidence=0.1), replace(case, category=None)) == "unknown"


def dispatching(**changes: Any) -> Case:
    return plain("pending_dispatch", **changes)


@pytest.mark.parametrize("lack", ["category", "condition"])
def test_a_dispatch_needs_to_know_what_it_is(lack: str) -> None:
    for unit in ("suggested", "street", "sani"):
        assert ask(rule("dispatch", {"lead_dept": unit}), dispatching(**{lack: None})) == "unknown"


def test_a_street_without_an_office_is_unknown() -> None:
    one = rule("dispatch", {"lead_dept": "street"})
    found = ask(one, dispatching())
    assert isinstance(found, Proposal) and found.payload == {"lead_dept": f"street-{STREET}"}
    assert ask(one, dispatching(grid=OTHER_GRID)) == "unknown"


def test_a_unit_closed_down_after_the_rule_was_written_gets_nothing() -> None:
    """Else every case would be refused, and the rule would never touch it again."""
    assert ask(rule("dispatch", {"lead_dept": "gone"}), dispatching()) == "unknown"
    units = {**RULES.departments, "sani": replace(RULES.departments["sani"], active=False)}
    closed = replace(RULES, departments=units)
    assert ask(rule("dispatch", {"lead_dept": "sani"}), dispatching(), under=closed) == "unknown"
    found = ask(rule("dispatch", {"lead_dept": "suggested"}), dispatching(), under=closed)
    assert not isinstance(found, Proposal) or found.payload["lead_dept"] != "sani"


def test_a_note_goes_along_only_when_there_is_one() -> None:
    for note, more in (("", {}), ("夜间直派", {"note": "夜间直派"})):
        found = ask(rule("dispatch", {"lead_dept": "sani", "note": note}), dispatching())
        assert isinstance(found, Proposal) and found.payload == {"lead_dept": "sani", **more}


def test_closing_words_of_the_rule_come_before_those_of_the_condition() -> None:
    case = plain("pending_close")
    own = RULES.condition(case.category, case.condition)
    assert own is not None and own.closing
    assert ask(rule("close"), case) == Proposal({"closing_condition": own.closing})
    assert ask(rule("close", {"closing_condition": "按规则"}), case) == Proposal(
        {"closing_condition": "按规则"}
    )
    silent = replace(case, category="event-0401", condition=0)
    assert ask(rule("close"), silent) == "unknown", "the condition has no words, the rule has none"
    assert ask(rule("close", {"closing_condition": "按规则"}), silent) == Proposal(
        {"closing_condition": "按规则"}
    )


# --- and the decision takes it ----------------------------------------------------------------------------------

RULES_OF_ALL: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("accept", {}, {}),
    ("file", {"condition": 1}, {}),
    ("file", {"condition": "usual"}, {}),
    ("dispatch", {"lead_dept": "sani", "note": "自动"}, {}),
    ("dispatch", {"lead_dept": "suggested"}, {}),
    ("dispatch", {"lead_dept": "street"}, {}),
    ("self_close", {"result": "当场处置完毕"}, {"min_photos": 1}),
    ("close", {}, {}),
    ("close", {"closing_condition": "已看过"}, {}),
]


@pytest.mark.parametrize(
    ("action", "then", "when"), RULES_OF_ALL, ids=[f"{n}-{row[0]}" for n, row in enumerate(RULES_OF_ALL)]
)
def test_what_is_proposed_is_a_command_that_is_applied(
    action: str, then: dict[str, Any], when: dict[str, Any]
) -> None:
    """The rule's own actor, its one role, its area: nothing else lets it through."""
    one = rule(action, then, **when)
    for state in STATES_OF[action]:
        case = plain(state, category="event-0110" if state != "reported" else None)
        found = ask(one, case, known=filed(c0=9), photos=1)
        assert isinstance(found, Proposal), (state, found)
        payload = check_payload(action, dict(found.payload))
        command_id = rule_command_id(one.id, case.case_id, action, case.version)
        command = Command(command_id, case.case_id, action, payload, case.xver, None)
        answer = decide(case, command, one.actor, NOW + MINUTE, RULES)
        assert isinstance(answer, Applied), (state, answer)
        assert answer.case.state != state
        again = propose(one, Sight(answer.case, NOW + MINUTE), RULES, NOTHING)
        assert isinstance(again, str), "done, it is none of the rule's any more"


def test_a_rule_of_another_area_cannot_reach_the_case_at_all() -> None:
    one = rule(areas=["440106002"])
    case = plain("reported")
    assert ask(one, case) == "area"
    assert not sees(one.actor, case), "nor could its actor see it"
    assert sees(rule(areas=["440106001"]).actor, case)


UNITS = st.dictionaries(
    st.sampled_from(["sani", "muni", "water", "gone", f"street-{STREET}"]), st.integers(1, 60)
)


@settings(max_examples=30, deadline=None)
@given(UNITS, UNITS, st.floats(0, 1))
def test_the_suggested_unit_is_the_best_and_at_least_as_sure_as_asked(
    wide: dict[str, int], here: dict[str, int], least: float
) -> None:
    known = Experience()
    known.right[("event-0110", "")] = wide
    known.right[("event-0110", STREET)] = here
    case = dispatching()
    found = ask(rule("dispatch", {"lead_dept": "suggested"}, min_confidence=least), case, known=known)
    best = suggest(Ask(case.category, case.condition, case.grid), RULES, known, most=1)[0]
    if best.score >= least:
        assert found == Proposal({"lead_dept": best.dept}, best.score)
        assert RULES.departments[best.dept].active
    else:
        assert found == "unsure"
    fixed = ask(rule("dispatch", {"lead_dept": best.dept}), case, known=known)
    assert fixed == Proposal({"lead_dept": best.dept}, best.score), "named or found, it is as sure"
