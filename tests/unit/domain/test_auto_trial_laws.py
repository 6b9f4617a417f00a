"""Laws of a trial's figures: whatever was found, they add up, and order changes nothing but what is listed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.auto_rules import STATES_OF
from services.domain.auto_trial import BY_RULE, OPEN, OTHER, SAME, Tried, figures, same

UNITS = ("sani", "muni", "water")


def tried(
    n: int,
    verdict: str,
    day: str,
    undone: bool,
    again: bool,
    wanted: str,
    did: str | None,
    final: str | None,
) -> Tried:
    return Tried(
        f"case-{n}", None, day, "t", {"lead_dept": wanted}, 0.5, verdict, "dispatch", "甲",
        {} if did is None else {"lead_dept": did}, undone, again, final,
    )  # fmt: skip


FOUND = st.lists(
    st.builds(
        tried,
        st.integers(0, 99),
        st.sampled_from([SAME, OTHER, OPEN, BY_RULE]),
        st.sampled_from(["20261118", "20261119", "20261120"]),
        st.booleans(),
        st.booleans(),
        st.sampled_from(UNITS),
        st.sampled_from([*UNITS, None]),
        st.sampled_from([*UNITS, None]),
    ),
    max_size=30,
)


@settings(max_examples=50, deadline=None)
@given(FOUND, st.integers(0, 50))
def test_everything_adds_up(found: list[Tried], left: int) -> None:
    made = figures(found, {"special": left}, len(found) + left)
    assert made["acted"] == len(found) == made["same"] + made["other"] + made["open"] + made["by_rule"]
    assert made["looked"] == made["acted"] + sum(made["passed"].values())
    assert 0 <= made["bounced"] <= made["same"] and 0 <= made["reworked"] <= made["same"]
    assert 0 <= made["right"] <= made["judged"] <= made["same"] + made["other"]
    assert made["people_right"] <= made["judged"]
    for name in ("acted", "same", "bounced"):
        assert sum(day[name] for day in made["days"]) == made[name], name
    assert [day["day"] for day in made["days"]] == sorted({one.day for one in found})
    decided = made["same"] + made["other"]
    assert (made["agreement"] is None) == (decided == 0)
    if decided:
        assert made["agreement"] == pytest.approx(made["same"] / decided, abs=5e-5)
    assert json.loads(json.dumps(made)) == made, "plain values, as they go over the line"


@settings(max_examples=40, deadline=None)
@given(FOUND, st.randoms(use_true_random=False))
def test_order_does_not_matter(found: list[Tried], random: Any) -> None:
    mixed = list(found)
    random.shuffle(mixed)
    passed = {"b": 2, "a": 1}
    assert figures(mixed, passed, 9) == figures(iter(found), dict(reversed(passed.items())), 9)
    assert list(figures(found, passed, 9)["passed"]) == ["a", "b"]


@pytest.mark.parametrize(
    ("wanted", "final", "right"),
    [("sani", "sani", True), ("sani", "muni", False), ("sani", None, None)],
)
def test_right_is_who_handled_it_in_the_end(wanted: str, final: str | None, right: bool | None) -> None:
    assert tried(1, OTHER, "20261120", False, False, wanted, "muni", final).right is right


def test_a_rule_that_names_no_unit_is_never_right_about_one() -> None:
    one = Tried("c", None, "20261120", "t", {}, None, SAME, final="sani")
    assert one.right is False and one.did == {} and one.undone is one.again is False


def test_people_who_agree_are_right_as_often_as_the_rule() -> None:
    found = [tried(n, SAME, "20261120", False, False, u, u, "sani") for n, u in enumerate(UNITS)]
    made = figures(found, {}, 3)
    assert made["right"] == made["people_right"] == 1 and made["judged"] == 3


@pytest.mark.parametrize("action", sorted(STATES_OF))
def test_another_action_is_never_the_same(action: str) -> None:
    payload = {"lead_dept": "sani", "category": "event-0110", "condition": 0}
    assert same(action, payload, action, payload)
    for other in ("reject", "cancel", "return_to_filing", "send_verify"):
        assert not same(action, payload, other, payload)


@pytest.mark.parametrize(
    ("action", "payload", "did", "alike"),
    [
        ("dispatch", {"lead_dept": "sani"}, {"lead_dept": "sani", "co_depts": ["muni"], "note": "急"}, True),
        ("dispatch", {"lead_dept": "sani"}, {"lead_dept": "muni", "co_depts": ["sani"]}, False),
        ("dispatch", {"lead_dept": "sani"}, {}, False),
        ("file", {"category": "a", "condition": 0}, {"category": "a", "condition": 0, "note": "x"}, True),
        ("file", {"category": "a", "condition": 0}, {"category": "b", "condition": 0}, False),
        ("file", {"category": "a", "condition": 0}, {"category": "a"}, False),
        ("close", {"closing_condition": "清理"}, {"closing_condition": "恢复"}, True),
        ("self_close", {"result": "当场"}, {"result": "其他"}, True),
        ("accept", {}, {"note": "x"}, True),
    ],
)
def test_what_counts_is_the_choice_not_the_words(
    action: str, payload: dict[str, Any], did: dict[str, Any], alike: bool
) -> None:
    assert same(action, payload, action, did) is alike
