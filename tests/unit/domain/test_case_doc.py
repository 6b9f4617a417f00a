"""Documents and deltas: replay folds changes and never decides again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.domain.case import Case, Location
from services.domain.case_doc import apply_delta, delta, fold, from_doc, time_text, to_doc
from services.domain.states import STATES
from tests.unit.domain.ground import DISPATCHER, LEADER, NOW, SANI, SUPERVISOR, act, case_in


@pytest.mark.parametrize("state", sorted(STATES))
def test_a_case_in_every_state_survives_json(state: str) -> None:
    case = case_in(state)
    assert from_doc(json.loads(json.dumps(to_doc(case)))) == case


def test_a_delta_holds_what_changed_and_nothing_else() -> None:
    before = case_in("pending_dispatch")
    after = act(before, "dispatch", DISPATCHER)
    changed = delta(before, after)
    assert set(changed) == {"state", "lead_dept", "co_depts", "owner", "clocks", "version", "xver"}
    assert set(changed["clocks"]) == {"dispatch", "handle"}
    assert set(delta(after, act(after, "comment", LEADER))) == {"version"}


def test_a_birth_is_a_whole_document() -> None:
    case = case_in("reported")
    assert delta(None, case) == to_doc(case)
    assert apply_delta(None, {"a": 1}) == {"a": 1}


def test_applying_changes_neither_side() -> None:
    before = case_in("pending_dispatch")
    doc, change = to_doc(before), delta(before, act(before, "dispatch", DISPATCHER))
    copies = json.dumps([doc, change])
    merged = apply_delta(doc, change)
    assert json.dumps([doc, change]) == copies
    assert set(merged["clocks"]) == {"accept", "file", "dispatch", "handle"}
    assert from_doc(merged) == act(before, "dispatch", DISPATCHER)


def test_a_case_has_at_least_one_change() -> None:
    with pytest.raises(ValueError, match="at least one"):
        fold([])


def test_a_document_of_an_older_log_takes_the_defaults() -> None:
    short = {
        "case_id": "c", "kind": "event", "source": "patrol", "state": "reported", "description": "d",
        "location": [None, None, ""], "created_at": "2026-11-23T01:00:00Z",
    }  # fmt: skip
    case = from_doc(short)
    assert case == Case(
        "c", "event", "patrol", "reported", "d", Location(None, None), datetime(2026, 11, 23, 1, tzinfo=UTC)
    )


@pytest.mark.parametrize("micros", [0, 1000, 250_000, 1, 999_999])
def test_moments_are_as_exact_in_the_document_as_in_the_case(micros: int) -> None:
    moment = NOW + timedelta(microseconds=micros)
    text = time_text(moment)
    assert text is not None and text.endswith("Z")
    assert datetime.fromisoformat(text) == moment
    case = replace(case_in("closed"), closed_at=moment)
    assert from_doc(to_doc(case)) == case


def test_moments_in_words() -> None:
    assert time_text(None) is None
    assert time_text(NOW) == "2026-11-23T01:00:00Z"
    assert time_text(NOW + timedelta(milliseconds=5)) == "2026-11-23T01:00:00.005Z"


def test_open_applications_and_frozen_clocks_are_in_the_document() -> None:
    asked = act(case_in("handling"), "apply_extension", SANI)
    assert to_doc(asked)["pending"]["extension"]["reason"] == "缺材料"
    assert from_doc(to_doc(asked)) == asked
    frozen = to_doc(case_in("suspended"))["clocks"]["handle"]
    assert (frozen["left"], "due" in frozen, frozen["gaps"][0][0]) == (4 * 3600, False, "suspend")
    assert to_doc(act(case_in("checking"), "check_fail", SUPERVISOR))["counts"][0] == 1


def test_replay_folds_the_changes_of_a_case() -> None:
    first = case_in("pending_dispatch")
    second = act(first, "dispatch", DISPATCHER)
    third = act(second, "sign", SANI)
    log = [delta(None, first), delta(first, second), delta(second, third)]
    assert fold(log) == third
    assert fold(log[:2]) == second
