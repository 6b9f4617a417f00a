"""Commands from JSON values, without a database."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backend.commands.parsing import check_key, named_id, parse_command
from services.backend.problems import Problem
from services.domain.ids import uuid7
from services.domain.lifecycle import ACTIONS, ADDITIVE, BIRTH

CASE, COMMAND = "0193d6c1-0000-7000-8000-000000000001", "0193d6c1-0000-7000-8000-000000000002"


def body(**more: Any) -> dict[str, Any]:
    return {
        "command_id": COMMAND, "case_id": CASE, "action": "dispatch", "base_xver": 3,
        "seen_at": "2026-11-20T09:30:00+08:00",
        "payload_v": 1, "payload": {"lead_dept": "muni", "co_depts": [], "note": " 请尽快 "}, "console_id": "c-1",
        "console_n": 17, "client_time": "2026-11-20T09:29:58+08:00", **more,
    }  # fmt: skip


def fields_of(raw: Any) -> dict[str, str]:
    with pytest.raises(Problem) as caught:
        parse_command(raw)
    assert (caught.value.status, caught.value.code) == (422, "invalid")
    return caught.value.fields


def test_a_command_as_the_contract_shows_it() -> None:
    parsed = parse_command(body())
    command = parsed.command
    assert (command.command_id, command.case_id, command.action, command.base_xver) == (
        COMMAND,
        CASE,
        "dispatch",
        3,
    )
    assert command.payload == {"lead_dept": "muni", "co_depts": [], "note": "请尽快"}
    assert command.seen_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    assert json.loads(parsed.diag or "") == {
        "console_id": "c-1", "client_time": "2026-11-20T09:29:58+08:00", "console_n": 17,
    }  # fmt: skip


@pytest.mark.parametrize(
    "same",
    [
        {"console_id": "other"}, {"console_n": None}, {"client_time": "1970-01-01"}, {"payload_v": 1.0},
        {"seen_at": "2026-11-20T01:30:00Z"}, {"case_id": CASE.upper()},
        {"payload": {"note": " 请尽快 ", "co_depts": [], "lead_dept": "muni"}},
    ],
)  # fmt: skip
def test_what_is_not_compared_does_not_count(same: dict[str, Any]) -> None:
    assert parse_command(body(**same)).mark == parse_command(body()).mark


@pytest.mark.parametrize(
    "other",
    [
        {"case_id": uuid7()}, {"base_xver": 4}, {"base_xver": None}, {"seen_at": "2026-11-20T01:30:01Z"},
        {"action": "redispatch", "payload": {"lead_dept": "muni", "reason": "x"}},
        {"payload": {"lead_dept": "sani", "co_depts": [], "note": " 请尽快 "}},
        {"payload": {"lead_dept": "muni", "co_depts": [], "note": "请尽快"}},
    ],
)  # fmt: skip
def test_what_is_compared_counts(other: dict[str, Any]) -> None:
    assert parse_command(body(**other)).mark != parse_command(body()).mark


def test_the_age_of_the_picture_may_be_unknown_but_must_be_said() -> None:
    assert parse_command(body(seen_at=None)).command.seen_at is None
    short = body()
    del short["seen_at"], short["base_xver"]
    assert set(fields_of(short)) == {"seen_at", "base_xver"}
    additive = {**short, "action": "comment", "payload": {"text": "x"}}
    assert parse_command(additive).command.base_xver is None


def test_every_wrong_field_is_named_at_once() -> None:
    wrong = fields_of(
        body(command_id=5, case_id="x", base_xver="3", seen_at=7, payload_v="1", console_n=-1, more=1)
    )
    assert set(wrong) == {"command_id", "case_id", "base_xver", "seen_at", "payload_v", "console_n", "more"}
    assert all(wrong.values())


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_wants_an_object(action: str) -> None:
    assert "payload" in fields_of(body(action=action, payload=[]))
    assert any(
        name.startswith("payload.") or name == "payload"
        for name in fields_of(body(action=action, payload={"no_such": {}}))
    )


@pytest.mark.parametrize("action", ACTIONS)
def test_unknown_fields_of_a_payload_are_refused_everywhere_but_in_the_facts_of_a_call(action: str) -> None:
    wrong = fields_of(body(action=action, payload={"No-Such": 1}))
    assert any("No-Such" in name for name in wrong), wrong


def test_additive_actions_and_births_need_no_base() -> None:
    assert {"register", "import"} == BIRTH and "comment" in ADDITIVE and "dispatch" not in ADDITIVE


@pytest.mark.parametrize("raw", [None, 5, "x", [], [1], True, 1.5])
def test_only_objects_are_commands(raw: Any) -> None:
    assert fields_of(raw) == {"": "应为对象"}
    assert named_id(raw) is None


def test_an_undecidable_entry_is_named_where_it_can_be() -> None:
    assert named_id({"command_id": COMMAND.upper()}) == COMMAND and named_id({"command_id": 5}) is None


def test_the_key_of_the_header() -> None:
    check_key(None, COMMAND)
    check_key(f" {COMMAND.upper()} ", COMMAND)
    for wrong in ("", "x", CASE):
        with pytest.raises(Problem) as caught:
            check_key(wrong, COMMAND)
        assert caught.value.code == "idempotency_key_differs"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*body(), "more"]), _JSON, max_size=8))
def test_anything_is_parsed_or_refused(change: dict[str, Any]) -> None:
    """Whatever stands in the fields: a command or a 422 that can be written down, never another error."""
    try:
        parsed = parse_command(body(**change))
    except Problem as problem:
        assert problem.status == 422 and problem.body("t")
    else:
        assert len(parsed.mark) == 16 and parsed.command.action in ACTIONS
