"""Laws of acts on many cases: what is foreseen is what is saved, in order, and nothing leaves by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.domain.errors import PayloadError
from services.ports.errors import ActionRefused
from services.ports.outbox import APPLIED, DISCARDED, WAITING
from services.usecases.bulk import Foreseen, Wish
from tests.unit.sync.ground import Ground

ACT = "act-1"


def wish(g: Ground, case_id: str, action: str = "accept", **payload: object) -> Wish:
    shown = g.core.overlay.project(case_id)
    assert shown is not None
    return Wish(shown, action, payload)


def test_who_is_foreseen_as_accepted_is_taken_and_the_others_stop_the_whole_act(g: Ground) -> None:
    fresh, gone_on = g.born("第一处"), g.born("第二处")
    g.click("accept", gone_on)
    g.drain()
    asked = [wish(g, fresh), wish(g, gone_on)]
    found = g.core.desk.bulk.foresee(asked)
    assert [one.accepted for one in found] == [True, False]
    before = len(g.core.outbox.history())
    with pytest.raises(ActionRefused) as refused:
        g.core.desk.bulk.submit(asked, ACT)
    assert (refused.value.code, refused.value.title) == (found[1].code, found[1].title), (
        "the same words twice"
    )
    assert len(g.core.outbox.history()) == before
    [saved] = g.core.desk.bulk.submit([one.wish for one in found if one.accepted], ACT)
    assert saved.case_id == fresh


def test_foreseeing_keeps_the_order_and_the_wish_itself(g: Ground) -> None:
    asked = [wish(g, g.born(f"第 {n} 处"), text=f"请快办 {n}", action="urge") for n in range(3)]
    found = g.core.desk.bulk.foresee(asked)
    assert [one.wish for one in found] == asked
    assert [one.case_id for one in found] == [one.case.case.case_id for one in asked]
    assert g.core.desk.bulk.foresee([]) == ()


def test_a_lacking_field_is_named_and_refuses_the_act(g: Ground) -> None:
    asked = wish(g, g.born(), "reject")
    [told] = g.core.desk.bulk.foresee([asked])
    assert not told.accepted and "reason" in told.fields and told.fields["reason"]
    with pytest.raises(PayloadError):
        g.core.desk.bulk.submit([asked], ACT)
    assert g.core.outbox.batch(ACT) == ()


def test_a_case_whose_earlier_act_was_refused_says_so(g: Ground) -> None:
    asked = wish(g, g.born())
    stuck = Wish(replace(asked.case, refused="类别不在有效期内"), "accept")
    [told] = g.core.desk.bulk.foresee([stuck])
    assert (told.accepted, told.code) == (False, "earlier_refused")
    assert "类别不在有效期内" in told.title


def test_a_refusal_known_before_stands_before_every_other(g: Ground) -> None:
    asked = wish(g, g.born(), "reject")
    both = Wish(replace(asked.case, refused="前一项"), "reject", against="没有建议单位")
    assert g.core.desk.bulk.foresee([both]) == (Foreseen(both, None, "not_meant", "没有建议单位"),)


def test_every_act_has_a_name_of_its_own(g: Ground) -> None:
    names = [g.core.desk.bulk.name() for _ in range(20)]
    assert len(set(names)) == 20


def test_acts_side_by_side_are_released_and_taken_back_one_by_one(g: Ground) -> None:
    one, two = g.born("第一处"), g.born("第二处")
    g.core.desk.bulk.submit([wish(g, one)], "act-1")
    g.core.desk.bulk.submit([wish(g, two)], "act-2")
    assert [saved.case_id for saved in g.core.desk.bulk.release("act-1")] == [one]
    assert [saved.case_id for saved in g.core.desk.bulk.take_back("act-2")] == [two]
    g.drain()
    assert [saved.status for saved in g.core.outbox.batch("act-1")] == [APPLIED]
    assert [saved.status for saved in g.core.outbox.batch("act-2")] == [DISCARDED]
    assert (g.centre.cases[one].state, g.centre.cases[two].state) == ("pending_filing", "reported")


def test_an_act_that_is_over_cannot_be_taken_back(g: Ground) -> None:
    case_id = g.born()
    g.core.desk.bulk.submit([wish(g, case_id)], ACT, staged=False)
    g.drain()
    assert g.core.desk.bulk.take_back(ACT) == ()
    assert [saved.status for saved in g.core.outbox.batch(ACT)] == [APPLIED]
    assert g.core.desk.bulk.release("nobody") == () == g.core.desk.bulk.take_back("nobody")


def test_a_held_act_stays_over_a_restart_under_its_name(g: Ground) -> None:
    ids = [g.born(f"第 {n} 处") for n in range(2)]
    g.core.desk.bulk.submit([wish(g, case_id) for case_id in ids], ACT)
    g.core.restart()
    kept = g.core.outbox.batch(ACT)
    assert [saved.case_id for saved in kept] == ids
    assert all(saved.staged and saved.status == WAITING for saved in kept)
    assert len(g.core.desk.bulk.take_back(ACT)) == 2
    g.drain()
    assert {g.centre.cases[case_id].state for case_id in ids} == {"reported"}
