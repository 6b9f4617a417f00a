"""The figures of a trial: counted, not made."""

from __future__ import annotations

from typing import Any

import pytest

from services.domain.auto_trial import BY_RULE, OPEN, OTHER, SAME, Tried, figures, same


def one(verdict: str, day: str = "20261120", **more: Any) -> Tried:
    return Tried("c", "n", day, "t", more.pop("payload", {}), None, verdict, **more)


def test_what_counts_as_the_same() -> None:
    assert same("accept", {}, "accept", {}) and not same("accept", {}, "reject", {"reason": "x"})
    assert same("dispatch", {"lead_dept": "a", "note": "x"}, "dispatch", {"lead_dept": "a"})
    assert not same("dispatch", {"lead_dept": "a"}, "dispatch", {"lead_dept": "b"})
    assert same("file", {"category": "c", "condition": 0}, "file", {"category": "c", "condition": 0})
    assert not same("file", {"category": "c", "condition": 0}, "file", {"category": "c", "condition": 1})


def test_agreement_is_over_what_people_decided() -> None:
    found = figures([one(SAME), one(SAME), one(OTHER), one(OPEN), one(BY_RULE)], {"unsure": 3}, 9)
    assert (found["looked"], found["acted"], found["open"], found["by_rule"]) == (9, 5, 1, 1)
    assert found["agreement"] == pytest.approx(0.6667)
    assert found["passed"] == {"unsure": 3}
    assert figures([one(OPEN)], {}, 1)["agreement"] is None
    assert figures([], {}, 0)["days"] == []


def test_what_came_back_counts_where_people_did_the_same() -> None:
    found = figures([one(SAME, undone=True), one(SAME, again=True), one(OTHER, undone=True)], {}, 3)
    assert (found["bounced"], found["reworked"]) == (1, 1)


def test_who_was_right_in_the_end() -> None:
    to = {"payload": {"lead_dept": "a"}}
    found = figures(
        [
            one(SAME, did={"lead_dept": "a"}, final="a", **to), one(OTHER, did={"lead_dept": "b"}, final="a", **to),
            one(OTHER, did={"lead_dept": "b"}, final="b", **to), one(OPEN, **to),
            one(BY_RULE, did={"lead_dept": "a"}, final="a", **to),
        ],
        {}, 5,
    )  # fmt: skip
    assert (found["judged"], found["right"], found["people_right"]) == (3, 2, 2)


def test_days_come_in_order() -> None:
    found = figures(
        [one(SAME, "20261121"), one(OTHER, "20261120"), one(SAME, "20261120", undone=True)], {}, 3
    )
    assert found["days"] == [
        {"day": "20261120", "acted": 2, "same": 1, "bounced": 1},
        {"day": "20261121", "acted": 1, "same": 1, "bounced": 0},
    ]
