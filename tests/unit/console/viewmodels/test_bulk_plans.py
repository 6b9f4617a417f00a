"""From a form to one wish a case: units, reasons, conditions, categories; and which acts a selection offers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.viewmodels.bulk_actions import ACTS, ONE, ORDER, OWN, act_of, act_word, offers
from console.viewmodels.bulk_wishes import Plan, usual_category, what_follows, wishes
from services.domain.case import Case
from services.domain.decide import role_for
from services.domain.experience import Experience
from services.domain.lifecycle import MOVES
from services.domain.roles import ROLES
from services.domain.states import STATES
from services.ports.picture import Projected
from services.usecases.bulk import Wish
from tests.support.fakes import World, shipped_rules, world_for

STATE_COUNTS = st.dictionaries(st.sampled_from(sorted(STATES)), st.integers(0, 50), max_size=8)


@pytest.fixture
def world() -> World:
    return world_for("dispatcher", "shift_leader")


def returned(world: World) -> Case:
    case = world.walk("pending_sign")
    return world.apply("return_case", case.case_id, reason="不属本职责", basis="权责清单第 3 条")


def planned(world: World, act: str, *cases: Case, **values: Any) -> tuple[Wish, ...]:
    entries = tuple(Projected(case, case) for case in cases)
    return wishes(Plan(ACTS[act], entries, values, world.rules, Experience()))


class TestDispatch:
    """派遣 of several: each its own unit or all one, 改派 where a unit sent it back."""

    def test_one_unit_for_all(self, world: World) -> None:
        cases = [world.walk("pending_dispatch") for _ in range(2)]
        found = planned(world, "dispatch", *cases, way=ONE, lead_dept="green", note="请尽快")
        assert [(wish.action, dict(wish.payload)) for wish in found] == [
            ("dispatch", {"lead_dept": "green", "note": "请尽快"})
        ] * 2

    def test_one_unit_that_is_not_chosen_is_a_refusal(self, world: World) -> None:
        [wish] = planned(world, "dispatch", world.walk("pending_dispatch"), way=ONE)
        assert wish.against and wish.payload["lead_dept"] == ""

    def test_each_goes_to_the_unit_that_suggests_itself(self, world: World) -> None:
        case = world.walk("pending_dispatch")
        [wish] = planned(world, "dispatch", case, way=OWN, lead_dept="green")
        assert wish.against == "" and wish.payload["lead_dept"] in world.rules.departments

    def test_one_that_came_back_is_redispatched_with_its_reason_and_to_another(self, world: World) -> None:
        back, fresh = returned(world), world.walk("pending_dispatch")
        found = planned(world, "dispatch", back, fresh, way=OWN, reason="职责不符")
        assert [wish.action for wish in found] == ["redispatch", "dispatch"]
        assert found[0].payload["reason"] == "职责不符" and "reason" not in found[1].payload
        assert found[0].payload["lead_dept"] != back.lead_dept

    def test_what_steers_the_form_is_no_part_of_a_payload(self, world: World) -> None:
        [wish] = planned(world, "dispatch", world.walk("pending_dispatch"), way=ONE, lead_dept="muni")
        assert set(wish.payload) == {"lead_dept"}

    def test_what_follows_is_the_unit(self, world: World) -> None:
        before = world.walk("pending_dispatch")
        plan = Plan(ACTS["dispatch"], (), {}, world.rules, Experience())
        after = replace(before, state="pending_sign", lead_dept="muni")
        assert what_follows(plan, before, after) == "→ 市政"
        assert what_follows(plan, before, replace(before, state="cancelled")).startswith("→ ")
        assert what_follows(plan, before, before) == "记入流转记录"
        unknown = what_follows(plan, before, replace(before, lead_dept="nobody"))
        assert unknown.startswith("→ ")


class TestFile:
    """立案 of several: one category at a time."""

    def test_the_others_are_left_to_be_filed_alone(self, world: World) -> None:
        def filing(category: str | None) -> Case:
            return replace(world.walk("pending_filing"), category=category)

        cases = [filing("component-0101"), filing("component-0101"), filing("event-0110"), filing(None)]
        found = planned(world, "file", *cases, condition=1)
        assert [bool(wish.against) for wish in found] == [False, False, True, True]
        assert found[0].payload == {"category": "component-0101", "condition": 1}
        name = world.rules.categories["component-0101"].name
        assert name in found[2].against and "还没有类别" in found[3].against

    def test_the_usual_category_is_the_most_frequent_one_and_of_equals_the_first_code(
        self, world: World
    ) -> None:
        def of(*codes: str | None) -> str:
            case = world.register()
            return usual_category([Projected(replace(case, category=code), None) for code in codes])

        assert of("b", "a", "b") == "b"
        assert of("b", "a") == of("a", "b") == "a"
        assert of(None, None, "c") == "c"
        assert of(None) == of() == ""


class TestClose:
    """结案 of several."""

    def test_each_closes_with_the_condition_of_its_own_filing(self, world: World) -> None:
        case = world.walk("pending_close")
        [wish] = planned(world, "close", case)
        condition = world.rules.condition(case.category, case.condition)
        assert condition is not None
        assert (wish.payload["closing_condition"], wish.against) == (condition.closing, "")

    def test_one_condition_may_be_written_for_all(self, world: World) -> None:
        [wish] = planned(world, "close", world.walk("pending_close"), closing_condition="已恢复")
        assert wish.payload["closing_condition"] == "已恢复"

    def test_a_case_without_a_condition_refuses(self, world: World) -> None:
        case = replace(world.walk("pending_close"), condition=None)
        [wish] = planned(world, "close", case)
        assert wish.against


def test_wishes_stand_in_the_order_of_the_cases_and_name_what_they_replace(world: World) -> None:
    cases = [world.walk("pending_dispatch") for _ in range(3)]
    entries = tuple(Projected(case, case) for case in cases)
    plan = Plan(
        ACTS["urge"], entries, {"text": "请尽快"}, world.rules, Experience(),
        replaces={cases[1].case_id: "cmd-7"},
    )  # fmt: skip
    found = wishes(plan)
    assert [wish.case.case.case_id for wish in found] == [case.case_id for case in cases]
    assert [wish.replaces for wish in found] == [None, "cmd-7", None]


@settings(max_examples=60)
@given(role=st.sampled_from(sorted(ROLES)), states=STATE_COUNTS)
def test_an_offer_is_possible_in_some_state_and_of_the_post(role: str, states: dict[str, int]) -> None:
    world = world_for(role)
    found = offers(states, world.actor, world.rules)
    places = [ORDER.index(offer.act.id) for offer in found]
    assert places == sorted(places)
    for offer in found:
        counted = sum(n for state, n in states.items() if state in MOVES[offer.act.action_in(state)])
        assert offer.count == counted > 0
        assert any(role_for(None, name, world.actor, world.rules)[0] for name in offer.act.actions.values())


def test_nobody_is_offered_anything_for_no_case() -> None:
    world = world_for("shift_leader")
    assert offers({}, world.actor, world.rules) == ()
    closed = offers({"closed": 3}, world_for("leader").actor, shipped_rules())
    assert [offer.act.id for offer in closed] == ["comment"], "who only reads may still remark"


def test_an_act_has_a_word_an_icon_and_labelled_fields() -> None:
    for act, found in ACTS.items():
        assert found.word and not found.word.isascii() and found.spec.icon
        assert all(field.label and not field.label.isascii() for field in found.spec.fields)
        assert act_of(act) is found and act_word(act) == found.word


def test_redispatch_is_part_of_the_dispatch_and_single_actions_are_none() -> None:
    assert act_of("redispatch") is ACTS["dispatch"] and act_word("redispatch") == "派遣"
    assert act_of("split") is None and act_word("split") not in ("", "split")
