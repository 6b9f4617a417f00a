"""The brief of a hand-over as a document: what is let in, and what its hash covers."""

from __future__ import annotations

from typing import Any

import pytest

from services.domain import fields as f
from services.domain.handover import (
    KINDS,
    MOST_LINES,
    NO_HASH,
    brief_hash,
    check_brief,
    counts_by_kind,
    held_cases,
    signature_hash,
)

CASE = "0193d6c1-0000-7000-8000-000000000001"


def brief(**more: Any) -> dict[str, Any]:
    return {
        "handover_id": "0193d6c1-0000-7000-8000-0000000000aa",
        "post": "dispatcher",
        "began_at": "2026-11-20T00:00:00+00:00",
        "drafted_at": "2026-11-20T09:00:00+00:00",
        "said_at": "2026-11-20T09:05:00+00:00",
        "lines": [{"kind": "claim", "text": "在办", "case_id": CASE, "number": None, "due_at": None}],
        "remarks": "",
        **more,
    }


def line(**more: Any) -> dict[str, Any]:
    return {"kind": "note", "text": "巡查", **more}


def test_a_checked_brief_is_equal_when_checked_again() -> None:
    once = check_brief(brief(lines=[line(remark="  找李工 13800001234  ")]))
    assert once == check_brief(once)
    assert once["lines"][0]["remark"] == "找李工 138****1234"


def test_numbers_in_full_never_enter() -> None:
    checked = check_brief(brief(lines=[line(text="回 13912345678")], remarks="问 13712345678"))
    assert "12345678" not in str(checked)


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"post": "handler"}, ".post"),
        ({"said_at": "gestern"}, ".said_at"),
        ({"lines": [{"kind": "gossip", "text": "x"}]}, ".lines[0].kind"),
        ({"lines": [{"kind": "note", "text": " "}]}, ".lines[0].text"),
        ({"lines": [{"kind": "note", "text": "x", "case_id": "7"}]}, ".lines[0].case_id"),
        ({"lines": [{"kind": "note", "text": "x", "more": 1}]}, ".lines[0].more"),
        ({"lines": [line()] * (MOST_LINES + 1)}, ".lines"),
        ({"remarks": "x" * 4001}, ".remarks"),
        ({"signed": True}, ".signed"),
    ],
    ids=["post", "time", "kind", "empty", "case", "field", "many", "long", "more"],
)
def test_what_is_no_brief_is_refused_where_it_is_wrong(change: dict[str, Any], at: str) -> None:
    with pytest.raises(f.Bad) as caught:
        check_brief(brief(**change))
    assert caught.value.at == at


def test_equal_lines_may_stand_twice() -> None:
    assert len(check_brief(brief(lines=[line(), line()]))["lines"]) == 2


def test_the_hash_covers_everything_and_the_one_before() -> None:
    first = brief_hash(check_brief(brief()), "u-1", NO_HASH)
    assert first == brief_hash(dict(reversed(check_brief(brief()).items())), "u-1", NO_HASH)
    others = {
        brief_hash(check_brief(brief(remarks="更")), "u-1", NO_HASH),
        brief_hash(check_brief(brief()), "u-2", NO_HASH),
        brief_hash(check_brief(brief()), "u-1", first),
        brief_hash(check_brief(brief(lines=[])), "u-1", NO_HASH),
    }
    assert len(others | {first}) == 5
    signed = signature_hash(first, "u-3", 7, "")
    assert len({signed, signature_hash(first, "u-3", 8, ""), signature_hash(first, "u-4", 7, "")}) == 3


def test_counts_and_claims_in_the_order_of_the_sheet() -> None:
    lines = [line(), line(kind="claim", case_id=CASE), line(kind="claim", case_id=CASE), line(kind="urgent")]
    assert list(counts_by_kind(lines).items()) == [("urgent", 1), ("claim", 2), ("note", 1)]
    assert held_cases({"lines": lines}) == [CASE]
    assert next(iter(KINDS)) == "urgent"
