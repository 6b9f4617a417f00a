"""Experience and suggestions: the duty table first, precedents as they come, reasons for and against."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.experience import Experience, Record, learned
from services.domain.facts import HANDLED, RETURNED, CaseFacts, Stint
from services.domain.suggestion import Ask, Reason, Suggestion, estimate, suggest
from tests.unit.domain.ground import DISPATCHER, GRID, NOW, RULES, SANI, STREET, WATER, case_in
from tests.unit.domain.test_facts import Story

OFFICE = f"street-{STREET}"
ASK = Ask("event-0110", 0, GRID)
HOUR = 3600.0


def closed(*depts: str, category: str = "event-0110", grid: str = GRID, late: bool = False) -> CaseFacts:
    """A closed case that went from unit to unit; the last one handled it."""
    base = Story().facts
    stints = []
    for n, dept in enumerate(depts, 1):
        last = n == len(depts)
        end = NOW + timedelta(hours=n)
        due = end - timedelta(seconds=1) if late else end
        stints.append(
            Stint(n, 1, dept, depts[n - 2] if n > 1 else "", "d", NOW, None, HANDLED if last else RETURNED, end, due)
        )  # fmt: skip
    return replace(base, category=category, grid=grid, stints=tuple(stints), state="closed")


def knows(*cases: tuple[CaseFacts, float | None]) -> Experience:
    return learned(cases)


def first(ask: Ask, experience: Experience, **more: object) -> Suggestion:
    return suggest(ask, RULES, experience, **more)[0]  # type: ignore[arg-type] # load only


# --- experience -------------------------------------------------------------------------------------


def test_a_closed_case_teaches_who_was_right_and_who_sent_it_back() -> None:
    made = knows((closed("sani", "water"), 2 * HOUR))
    assert made.record("sani", "event-0110") == Record(1, 1, 0, 0)
    assert made.record("water", "event-0110").handled == 1
    assert made.handled_by("event-0110") == made.handled_by("event-0110", STREET) == {"water": 1}
    assert made.record("sani", "event-0110").return_rate == 1.0
    assert made.record("muni", "event-0110").return_rate is None


def test_what_has_no_category_or_was_never_handled_teaches_nothing_of_right() -> None:
    made = Experience()
    made.learn(replace(closed("sani"), category=None), 1.0)
    assert made.to_doc() == {"units": [], "right": [], "filed": []}
    back = closed("sani", "water")
    made.learn(replace(back, stints=back.stints[:1]), None)
    assert made.handled_by("event-0110") == {} and made.record("sani", "event-0110").returned == 1


def test_the_real_story_of_a_case_is_learned() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("return_case", SANI)
    story.do("redispatch", DISPATCHER, lead_dept="water").do("sign", WATER).do("feed_back", WATER).to_close()
    made = knows((story.facts, 600.0))
    assert made.handled_by("event-0110", STREET) == {"water": 1}
    assert made.record("water", "event-0110").in_time == 1


chains = st.lists(
    st.tuples(st.lists(st.sampled_from(["sani", "water", "muni", OFFICE]), min_size=1, max_size=3, unique=True),
              st.sampled_from(["event-0110", "component-0101"]), st.booleans(),
              st.one_of(st.none(), st.floats(60, 1e6))),
    max_size=12,
)  # fmt: skip


@given(chains, chains)
def test_taking_back_is_the_opposite_of_learning(one: list, two: list) -> None:  # type: ignore[type-arg] # drawn
    def cases(drawn: list) -> list[tuple[CaseFacts, float | None]]:  # type: ignore[type-arg] # drawn
        return [(closed(*depts, category=category, late=late), used) for depts, category, late, used in drawn]

    made = knows(*cases(one), *cases(two))
    for facts, used in cases(two):
        made.learn(facts, used, -1)
    assert made.to_doc() == knows(*cases(one)).to_doc()
    assert Experience.from_doc(made.to_doc()).to_doc() == made.to_doc()


def test_usual_times_fall_back_to_the_category() -> None:
    made = knows(*[(closed("sani"), 2 * HOUR)] * 6, (closed("water"), 40 * HOUR))
    assert made.usual_s("sani", "event-0110") == pytest.approx(2 * HOUR, rel=0.1)
    assert made.usual_s("water", "event-0110") == pytest.approx(2 * HOUR, rel=0.1)
    assert made.usual_s("sani", "component-0101") is None


# --- suggestions --------------------------------------------------------------------------------------


def test_a_new_centre_follows_its_duty_table() -> None:
    found = suggest(ASK, RULES, Experience())
    assert found[0].dept == "sani" and found[0].reasons[0] == Reason("duty")
    assert {one.dept for one in found} == {"sani", OFFICE}
    assert found[0].score == pytest.approx(0.75)
    by_condition = suggest(replace(ASK, condition=1), RULES, Experience())
    assert by_condition[0].dept == OFFICE and by_condition[0].score == pytest.approx(0.90)
    assert [r.kind for r in by_condition[0].reasons] == ["duty", "territory"]


def test_precedents_overrule_the_table_as_they_come() -> None:
    scores = []
    for count in (0, 5, 20, 200):
        made = knows(*[(closed("sani", "water"), None)] * count)
        scores.append(estimate(ASK, RULES, made).get("water", 0.0))
    assert scores == sorted(scores) and scores[0] == 0.0 and scores[-1] > 0.9
    assert first(ASK, knows(*[(closed("sani", "water"), None)] * 20)).dept == "water"


def test_a_street_has_its_own_ways() -> None:
    elsewhere = "440106002001001"
    made = knows(*[(closed("sani", grid=elsewhere), None)] * 60, *[(closed("sani", OFFICE), None)] * 30)
    assert first(ASK, made).dept == OFFICE
    assert first(replace(ASK, grid=elsewhere), made).dept == "sani"
    (precedent,) = [r for r in first(ASK, made).reasons if r.kind == "precedent"]
    assert (precedent.count, precedent.of, precedent.street) == (30, 30, STREET)


def test_without_a_grid_the_district_speaks() -> None:
    made = knows(*[(closed("water"), None)] * 30)
    found = first(replace(ASK, grid=None), made)
    assert found.dept == "water"
    assert next(r for r in found.reasons if r.kind == "precedent").street == ""


def test_who_sent_this_case_back_comes_last() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("return_case", SANI)
    found = suggest(replace(ASK, facts=story.facts), RULES, Experience())
    assert found[-1].dept == "sani" and found[-1].against[0] == Reason("returned_this")
    assert found[0].dept == OFFICE


def test_reasons_against() -> None:
    made = knows(*[(closed("sani", "water", late=True), 30 * HOUR)] * 6, *[(closed("sani"), HOUR)] * 20)
    kinds = {
        one.dept: {r.kind for r in one.against} for one in suggest(ASK, RULES, made, {"sani": 9, "water": 1})
    }
    assert kinds["sani"] == {"often_returns", "loaded"}
    assert kinds["water"] == {"slow"}
    roomy = suggest(replace(ASK, left_s=100 * HOUR), RULES, made)
    assert "late" in {r.kind for one in roomy if one.dept == "water" for r in one.against}
    assert "quick" in {r.kind for one in roomy if one.dept == "sani" for r in one.reasons}


def test_near_the_edge_the_neighbouring_office_is_named() -> None:
    ask = replace(ASK, condition=1, neighbour="440106002", boundary_m=12.0)
    found = first(ask, Experience())
    assert Reason("boundary", seconds=12.0, street="440106002") in found.against


def test_nothing_is_suggested_for_nothing_and_nobody_inactive() -> None:
    assert suggest(replace(ASK, category=None), RULES, Experience()) == ()
    assert suggest(replace(ASK, category="event-9999"), RULES, Experience()) == ()
    made = knows(*[(closed("gone"), None)] * 50)
    assert all(one.dept != "gone" for one in suggest(ASK, RULES, made))
    bare = suggest(Ask("service-01", 5, None), RULES, Experience())
    assert bare == ()


@given(chains)
def test_chances_are_chances(drawn: list) -> None:  # type: ignore[type-arg] # drawn
    made = knows(*((closed(*depts, category=category), used) for depts, category, _, used in drawn))
    chances = estimate(ASK, RULES, made)
    assert all(0 <= chance <= 1 for chance in chances.values())
    assert sum(chances.values()) <= 1 + 1e-9
    found = suggest(ASK, RULES, made, most=9)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_a_case_in_the_hall_gets_a_suggestion() -> None:
    case = case_in("pending_dispatch")
    assert first(Ask(case.category, case.condition, case.grid), Experience()).dept == "sani"
