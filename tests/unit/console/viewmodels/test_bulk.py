"""Acts on many cases: what is offered, the preview by the law, what is left out, and the way to the outbox."""

from __future__ import annotations

from typing import Any

import pytest

from console.viewmodels.bulk import BulkViewModel
from console.viewmodels.bulk_actions import ACTS, MOST, ONE, OWN, act_of, offers
from console.viewmodels.bulk_hold import second_thoughts
from console.viewmodels.bulk_wishes import Plan, usual_category, wishes
from console.viewmodels.seat import SeatViewModel
from services.domain.experience import Experience
from services.domain.lifecycle import MOVES
from services.ports.picture import Projected
from tests.support.fakes import World, settled, world_for
from tests.unit.console.viewmodels.conftest import Start


def bulk(seat: SeatViewModel, action: str, ids: list[str], qtbot: Any, **more: Any) -> BulkViewModel:
    model = BulkViewModel(seat, action, ids, **more)
    model.look_ahead()
    settled(seat, qtbot)
    assert model.preview is not None
    return model


def ids_in(world: World, *states: str) -> list[str]:
    return [world.walk(state).case_id for state in states]


def returned(world: World) -> str:
    """A case its unit sent back."""
    case = world.walk("pending_sign")
    back = world.apply("return_case", case.case_id, reason="不属本职责", basis="权责清单第 3 条")
    assert back.state == "returned"
    return back.case_id


# --- what is offered --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "state", "first"),
    [
        ("dispatcher", "pending_dispatch", "dispatch"),
        ("dispatcher", "returned", "dispatch"),
        ("dispatcher", "feedback_review", "send_check"),
        ("acceptor", "reported", "accept"),
        ("shift_leader", "pending_filing", "file"),
        ("shift_leader", "pending_close", "close"),
    ],
)
def test_the_first_act_is_the_posts_own_step(role: str, state: str, first: str) -> None:
    world = world_for(role)
    found = offers({state: 3}, world.actor, world.rules)
    assert (found[0].act.id, found[0].count) == (first, 3)


def test_offers_count_the_cases_whose_state_allows_them() -> None:
    world = world_for("dispatcher")
    states = {"pending_dispatch": 2, "returned": 1, "closed": 4}
    by_act = {offer.act.id: offer.count for offer in offers(states, world.actor, world.rules)}
    assert by_act["dispatch"] == 3
    assert by_act["comment"] == 7
    assert "accept" not in by_act and "close" not in by_act
    assert offers({}, world.actor, world.rules) == ()


def test_every_act_is_an_action_of_the_law() -> None:
    for act in ACTS.values():
        for action in act.actions.values():
            assert action in MOVES
        assert act.word and act.spec.meaning
    assert act_of("redispatch") is ACTS["dispatch"]
    assert act_of("split") is None


# --- wishes -----------------------------------------------------------------------------------------------------


def test_a_dispatch_goes_to_each_ones_own_unit_or_to_one(world: World) -> None:
    cases = [world.walk("pending_dispatch"), world.cases[returned(world)]]
    shown = tuple(Projected(case, case) for case in cases)
    own = wishes(
        Plan(ACTS["dispatch"], shown, {"way": OWN, "reason": "改由责任单位"}, world.rules, Experience())
    )
    assert [wish.action for wish in own] == ["dispatch", "redispatch"]
    duty = world.rules.lead_of(cases[0].category, cases[0].condition, cases[0].area_path)
    assert own[0].payload["lead_dept"] == duty
    assert "reason" not in own[0].payload and own[1].payload["reason"] == "改由责任单位"
    one = wishes(Plan(ACTS["dispatch"], shown, {"way": ONE, "lead_dept": "green"}, world.rules, Experience()))
    assert [wish.payload["lead_dept"] for wish in one] == ["green", "green"]


def test_a_case_without_a_suggestion_is_left_for_the_hand(world: World) -> None:
    case = world.register()
    [wish] = wishes(Plan(ACTS["dispatch"], (Projected(case, case),), {"way": OWN}, world.rules, Experience()))
    assert wish.against if case.category is None else wish.payload["lead_dept"]


def test_filing_takes_the_category_most_have(world: World) -> None:
    one, other = list(world.rules.categories)[:2]
    kinds: tuple[str | None, ...] = (one, one, other, None)
    cases = [
        world.walk("pending_filing", category=kind) if kind else world.walk("pending_filing")
        for kind in kinds
    ]
    shown = tuple(Projected(case, case) for case in cases)
    assert usual_category(shown) == one
    made = wishes(Plan(ACTS["file"], shown, {"condition": 0}, world.rules, Experience()))
    assert [bool(wish.against) for wish in made] == [False, False, True, True]
    assert made[0].payload == {"category": one, "condition": 0}
    assert made[2].against != made[3].against


def test_closing_uses_each_cases_own_condition(world: World) -> None:
    case = world.walk("pending_close")
    own = world.rules.condition(case.category, case.condition)
    assert own is not None
    shown = (Projected(case, case),)
    [wish] = wishes(Plan(ACTS["close"], shown, {}, world.rules, Experience()))
    assert wish.payload["closing_condition"] == own.closing
    [typed] = wishes(Plan(ACTS["close"], shown, {"closing_condition": "已恢复"}, world.rules, Experience()))
    assert typed.payload["closing_condition"] == "已恢复"


# --- the preview ------------------------------------------------------------------------------------------------


def test_who_accepts_and_who_refuses_and_why(world: World, start: Start, qtbot: Any) -> None:
    ids = ids_in(world, "pending_dispatch", "pending_sign", "pending_sign", "closed")
    seat = start(world)
    model = bulk(seat, "dispatch", ids, qtbot)
    assert model.preview is not None
    assert model.preview.accepted == (ids[0],)
    assert [len(cases) for _, cases in model.preview.groups] == [2, 1]
    assert all(why for why, _ in model.preview.groups)
    line = model.preview.lines[0]
    assert line.follows.startswith("→ ") and line.number and line.category
    assert model.chosen == (ids[0],)


def test_what_the_form_lacks_is_named_by_its_label(world: World, start: Start, qtbot: Any) -> None:
    ids = [*ids_in(world, "pending_dispatch"), returned(world)]
    seat = start(world)
    model = bulk(seat, "dispatch", ids, qtbot)
    assert model.asks("reason") and not model.asks("lead_dept")
    assert model.preview is not None and model.preview.groups == (("还没有填改派理由", (ids[1],)),)
    model.set_value("reason", "原单位说明不属本职责")
    qtbot.waitUntil(lambda: model.preview is not None and not model.preview.refused)
    assert set(model.chosen) == set(ids)


def test_a_case_can_be_left_out_and_taken_in_again(world: World, start: Start, qtbot: Any) -> None:
    ids = ids_in(world, "pending_dispatch", "pending_dispatch")
    model = bulk(start(world), "dispatch", ids, qtbot)
    model.leave_out(ids[0])
    assert model.chosen == (ids[1],)
    model.leave_out(ids[0], False)
    assert set(model.chosen) == set(ids)


def test_a_thousand_is_too_many_only_beyond_the_most(world: World, start: Start, qtbot: Any) -> None:
    [one] = ids_in(world, "pending_dispatch")
    model = bulk(start(world), "dispatch", [one, one], qtbot)
    assert len(model.cases) == 1 and not model.too_many
    model.case_ids = model.case_ids * (MOST + 1)
    assert model.too_many


@pytest.mark.parametrize(
    ("action", "state", "values", "field"),
    [
        ("urge", "handling", {}, "text"),
        ("dispatch", "pending_dispatch", {"way": ONE}, "lead_dept"),
        ("decide_extension", "handling", {"approve": "no"}, "note"),
        ("file", "pending_filing", {}, "condition"),
    ],
)
def test_what_is_asked_for_is_asked_before_saving(
    start: Start, qtbot: Any, action: str, state: str, values: dict[str, Any], field: str
) -> None:
    world = world_for("dispatcher", "shift_leader")
    [one] = ids_in(world, state)
    model = bulk(start(world), action, [one], qtbot, values=values)
    told: list[Any] = []
    model.errors_changed.connect(told.append)
    assert not model.confirm()
    assert field in told[-1] and told[-1][field]
    assert world.commands == []


# --- saving -----------------------------------------------------------------------------------------------------


def test_confirmed_it_is_saved_staged_and_counts(world: World, start: Start, qtbot: Any) -> None:
    ids = ids_in(world, "pending_dispatch", "pending_dispatch")
    seat = start(world)
    model = bulk(seat, "dispatch", ids, qtbot)
    with qtbot.waitSignal(model.saved) as kept:
        assert model.confirm()
    [name] = kept.args
    assert [(c.batch, c.staged, c.case_id) for c in world.commands] == [(name, True, i) for i in ids]
    assert second_thoughts(seat).acts[name].count == 2
    assert second_thoughts(seat).latest == name


def test_no_seconds_means_it_leaves_at_once(world: World, start: Start, qtbot: Any) -> None:
    ids = ids_in(world, "pending_dispatch", "pending_dispatch")
    seat = start(world)
    second_thoughts(seat).set_seconds(bulk=0)
    model = bulk(seat, "dispatch", ids, qtbot)
    with qtbot.waitSignal(model.saved):
        model.confirm()
    assert [c.staged for c in world.commands] == [False, False]
    assert second_thoughts(seat).acts == {}


def test_a_confirmation_behind_the_last_letter_waits_for_the_law(
    world: World, start: Start, qtbot: Any
) -> None:
    ids = ids_in(world, "handling", "handling")
    model = bulk(start(world), "urge", ids, qtbot)
    model.set_value("text", "请今日内处置")
    with qtbot.waitSignal(model.saved):
        assert model.confirm()
    assert [c.payload["text"] for c in world.commands] == ["请今日内处置"] * 2


def test_a_full_disk_keeps_form_and_selection(world: World, start: Start, qtbot: Any) -> None:
    ids = ids_in(world, "pending_dispatch", "pending_dispatch")
    model = bulk(start(world), "dispatch", ids, qtbot)
    world.full = True
    with qtbot.waitSignal(model.refused) as refused:
        model.confirm()
    assert "空间不足" in refused.args[0]
    assert world.commands == [] and not model.busy
    world.full = False
    settled(model.seat, qtbot)
    with qtbot.waitSignal(model.saved):
        model.confirm()


def test_a_case_that_moved_on_since_the_preview_is_looked_at_again(
    world: World, start: Start, qtbot: Any
) -> None:
    ids = ids_in(world, "pending_dispatch", "pending_dispatch")
    seat = start(world)
    model = bulk(seat, "dispatch", ids, qtbot)
    world.actor = world_for("acceptor").actor  # the post was taken away meanwhile
    with qtbot.waitSignal(model.refused):
        model.confirm()
    settled(seat, qtbot)
    assert world.commands == []
    assert model.preview is not None and model.preview.accepted == ()
