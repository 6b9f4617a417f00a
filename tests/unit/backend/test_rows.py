"""Rows of the log: what they say, and that their hash covers all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.backend.db.packing import unpack
from services.backend.db.tables import NO_DUE, cases, changes, commands
from services.backend.rows import (
    Entry,
    case_row,
    change_row,
    command_row,
    dispatch_steps,
    file_rows,
    fingerprint,
    row_hash,
    scope_text,
)
from services.domain import case_doc
from services.domain.case import Case, Location
from services.domain.clocks import Clock
from services.domain.ids import uuid7
from services.domain.limits import Limit
from services.domain.roles import Actor

NOW = datetime(2026, 11, 20, 9, 30, 0, 123_000, UTC)
ACTOR = Actor("u-1", "张三", ("dispatcher",), "990101")


def case(**more: Any) -> Case:
    values: dict[str, Any] = {
        "case_id": uuid7(), "kind": "event", "source": "app", "state": "pending_dispatch", "description": "井盖",
        "location": Location(113.0, 23.0, "人民路"), "created_at": NOW, "number": "20261120-0001", "version": 3,
        "xver": 3, "grid": "990101001001001",
    }  # fmt: skip
    return Case(**{**values, **more})


def entry(before: Case | None, after: Case, action: str = "dispatch", **payload: Any) -> Entry:
    return Entry(before, after, action, ACTOR, "dispatcher", NOW, uuid7(), payload, 7)


def test_a_change_row_has_every_column_and_the_difference() -> None:
    before = case()
    after = replace(before, state="pending_sign", lead_dept="muni", co_depts=("sani",), version=4, xver=4)
    row = change_row(entry(before, after, lead_dept="muni"))
    assert set(row) == {column.name for column in changes.c} - {"id"}
    assert (row["seq"], row["version"], row["state"], row["rules"]) == (None, 4, "pending_sign", 7)
    assert (row["depts"], row["was"]) == ("muni,sani", "990101001001001|")
    body = unpack(row["body"])
    assert body["p"] == {"lead_dept": "muni"} and body["n"] == "张三"
    assert body["d"] == {
        "state": "pending_sign",
        "lead_dept": "muni",
        "co_depts": ["sani"],
        "version": 4,
        "xver": 4,
    }
    assert case_doc.fold([case_doc.to_doc(before), body["d"]]) == after


def test_scope_before_is_kept_only_where_it_differs() -> None:
    before = case(lead_dept="muni")
    assert change_row(entry(before, replace(before, version=4)))["was"] is None
    assert change_row(entry(None, before, "register"))["was"] is None
    moved = replace(before, grid=None)
    assert change_row(entry(before, moved))["was"] == "990101001001001|muni" == scope_text(before)
    assert scope_text(moved) == "|muni"


@pytest.mark.parametrize("name", [c.name for c in changes.c if c.name not in ("id", "seq", "row_hash")])
def test_the_hash_covers_every_column(name: str) -> None:
    row = change_row(entry(None, case(), "register"))
    value = row[name]
    row[name] = (
        b"\x00{}"
        if name == "body"
        else 99
        if isinstance(value, int)
        else "else"
        if value is None
        else f"{value}x"
    )
    assert row_hash(row) != row["row_hash"] and len(row["row_hash"]) == 16


def test_null_and_empty_hash_differently() -> None:
    row = change_row(entry(None, case(), "register"))
    assert row_hash({**row, "was": ""}) != row_hash({**row, "was": None})


def test_a_case_row_is_what_is_searched_and_sorted_by() -> None:
    due = datetime(2026, 11, 21, tzinfo=UTC)
    clock = Clock("handle", NOW, Limit(1, "natural_day"), due)
    one = case(state="handling", clocks={"handle": clock}, co_depts=("a", "b"), lead_dept="muni")
    row = case_row(one)
    assert set(row) == {column.name for column in cases.c} - {"ref"}
    assert (row["open"], row["co_depts"], row["due_at"]) == (True, ",a,b,", 1_795_219_200_000)
    assert case_doc.from_doc(unpack(row["doc"])) == one
    ended = case_row(replace(one, state="closed", closed_at=NOW))
    assert (ended["open"], ended["due_at"], ended["closed_at"]) == (False, NO_DUE, row["created_at"])
    waiting = case_row(replace(one, state="suspended", marks=frozenset({"until:2026-12-01T00:00:00+00:00"})))
    assert waiting["wake_at"] == 1_796_083_200_000 and row["wake_at"] is None


def test_a_command_row_keeps_the_answer_small() -> None:
    row = command_row(
        uuid7(), "u-1", b"m" * 16, uuid7(), NOW, 7, outcome="rejected", head={"reason": {"code": "x"}}
    )
    assert set(row) == {column.name for column in commands.c}
    assert row["head"] == '{"reason":{"code":"x"}}' and row["version"] is None and row["render"] == 1


def test_fingerprints_tell_bodies_apart_but_not_spellings() -> None:
    one = fingerprint("c", "comment", None, None, 1, {"text": "a", "x": [1, 2]})
    assert one == fingerprint("c", "comment", None, None, 1, {"x": [1, 2], "text": "a"}) and len(one) == 16
    others = [
        fingerprint("d", "comment", None, None, 1, {"text": "a", "x": [1, 2]}),
        fingerprint("c", "urge", None, None, 1, {"text": "a", "x": [1, 2]}),
        fingerprint("c", "comment", 0, None, 1, {"text": "a", "x": [1, 2]}),
        fingerprint("c", "comment", None, "2026", 1, {"text": "a", "x": [1, 2]}),
        fingerprint("c", "comment", None, None, 2, {"text": "a", "x": [1, 2]}),
        fingerprint("c", "comment", None, None, 1, {"text": "a", "x": [2, 1]}),
    ]
    assert one not in others and len(set(others)) == 6
    assert fingerprint("c", "comment", None, None, 1, {"text": "\ud800"})


@pytest.mark.parametrize(
    ("before", "after", "action", "ends", "begins"),
    [
        ("pending_dispatch", "pending_sign", "dispatch", False, True),
        ("pending_sign", "handling", "sign", False, False),
        ("handling", "pending_sign", "redispatch", True, True),
        ("returned", "pending_sign", "redispatch", False, True),
        ("pending_sign", "pending_dispatch", "recall", True, False),
        ("pending_close", "closed", "close", True, False),
        ("handling", "suspended", "decide_suspend", False, False),
        ("reported", "cancelled", "cancel", False, False),
        ("closed", "pending_dispatch", "reopen", False, False),
    ],
)
def test_dispatches_begin_and_end(before: str, after: str, action: str, ends: bool, begins: bool) -> None:
    old = case(state=before, lead_dept="muni")
    ended, row = dispatch_steps(entry(old, replace(old, state=after, round=2), action))
    assert (ended, row is not None) == (ends, begins)
    if row is not None:
        assert (row["lead_dept"], row["round"], row["ended_at"]) == ("muni", 2, None)


def test_an_imported_case_may_begin_dispatched() -> None:
    assert dispatch_steps(entry(None, case(state="handling", lead_dept="muni"), "import"))[1] is not None
    assert dispatch_steps(entry(None, case(state="handling"), "import")) == (False, None)


def test_files_named_by_a_change() -> None:
    one = case()
    assert [row["sha256"] for row in file_rows(entry(one, one, photos=["a", "b"]))] == ["a", "b"]
    assert file_rows(entry(one, one, sha256="c")) == [{"sha256": "c", "case_id": one.case_id}]
    assert file_rows(entry(one, one)) == []
