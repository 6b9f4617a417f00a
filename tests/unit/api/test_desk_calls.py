"""Answers of the desk routes: read strictly, refused when they are not what they should be."""

from __future__ import annotations

from typing import Any

import pytest

from services.api.codec import WireError
from services.api.desk_calls import facts_from, handover_from, line_from, mark_from

AT = "2026-11-20T01:30:00+00:00"
HEAD = {
    "n": 1, "handover_id": "h", "area_code": "990101", "post": "dispatcher", "from": {"id": "u", "name": "江予安"},
    "at": AT, "said_at": AT, "began_at": AT, "hash": "ab" * 32,
}  # fmt: skip
LINE = {
    "kind": "claim",
    "text": "在办",
    "case_id": "c",
    "number": "20261120-0001",
    "due_at": AT,
    "remark": "急",
}


def sheet(**more: Any) -> dict[str, Any]:
    return {
        **HEAD,
        "drafted_at": AT,
        "lines": [LINE],
        "remarks": "好",
        "prev_hash": "",
        "taken_over": None,
        **more,
    }


def test_a_whole_sheet_is_read() -> None:
    taken = {"id": "v", "name": "卢见青", "at": AT, "note": "收到", "moved": ["c"], "hash": "x"}
    found = handover_from(sheet(taken_over=taken))
    assert found.head.left.name == "江予安" and found.lines[0].remark == "急"
    assert found.head.taken_over is not None and found.head.taken_over.moved == ("c",)
    assert handover_from(sheet()).head.taken_over is None


@pytest.mark.parametrize(
    "wrong",
    [
        [], {}, sheet(lines={}), sheet(lines=[{"kind": "claim"}]), sheet(lines=[{**LINE, "kind": "gossip"}]),
        sheet(at="gestern"), sheet(taken_over={}), {**sheet(), "from": None}, sheet(drafted_at=None),
    ],
    ids=["list", "empty", "no_lines", "bare_line", "kind", "time", "signature", "nobody", "undrafted"],
)  # fmt: skip
def test_what_is_no_sheet_is_refused(wrong: Any) -> None:
    with pytest.raises((WireError, KeyError, TypeError, ValueError, AttributeError)):
        handover_from(wrong)


def test_a_line_without_facts_is_read() -> None:
    line = line_from({"kind": "note", "text": "看好抢修"})
    assert (line.case_id, line.number, line.due_at, line.remark) == (None, None, None, "")


def test_facts_of_the_log() -> None:
    found = facts_from(
        {
            "as_of_seq": 7, "server_time": AT,
            "contacts": [
                {"case_id": "c", "number": None, "address": "路", "at": AT, "reached": False, "text": "", "by": "我"}
            ],
            "callbacks": [{"case_id": "d", "number": "n", "address": "", "due_at": None}],
            "claims": [{"case_id": "c", "user": {"id": "u", "name": "x"}, "kind": "hold"}],
        }
    )  # fmt: skip
    assert found.as_of_seq == 7 and not found.contacts[0].reached
    assert found.callbacks[0].due_at is None and dict(found.held) == {"c": "u"}


@pytest.mark.parametrize("name", ["contacts", "callbacks", "claims"])
def test_facts_that_lack_a_list_are_refused(name: str) -> None:
    doc: dict[str, Any] = {"as_of_seq": 1, "contacts": [], "callbacks": [], "claims": []}
    assert facts_from(doc).contacts == ()
    with pytest.raises(WireError):
        facts_from({**doc, name: None})


def test_a_mark_is_read() -> None:
    doc = {
        "mark_id": "m",
        "last4": "9911",
        "reason": "谩骂",
        "calls": 3,
        "until": AT,
        "by": {"id": "u", "name": "顾"},
        "at": AT,
    }
    found = mark_from(doc)
    assert (found.last4, found.calls, found.by) == ("9911", 3, "顾")
    with pytest.raises(WireError):
        mark_from({**doc, "calls": "viele"})
