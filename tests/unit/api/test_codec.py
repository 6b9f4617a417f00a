"""The wire in domain form: every field, and what happens when one is not as promised."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api import codec, replies
from services.api.codec import WireError
from services.api.strict_json import NotJson, dumps, loads
from services.domain.case import Counts, Location, Owner
from services.domain.case_doc import from_doc, to_doc
from services.domain.clocks import Clock, Pause
from services.domain.digest import digest
from services.domain.limits import Limit
from services.ports.centre import Winner

T0 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CASE: dict[str, Any] = {
    "case_id": "0193", "number": "20261123-0001", "kind": "event", "source": "patrol", "state": "suspended",
    "stage": "handle", "category": "event-0110", "condition": 1, "description": "路边有垃圾",
    "location": {"lon": 113.3, "lat": 23, "address": "示例路 1 号"}, "grid": "440106001001001",
    "area_path": ["440106", "440106001"], "urgent": True, "level": 3, "lead_dept": "sani", "co_depts": ["muni"],
    "owner": {"role": "dept_user", "dept": "sani", "user": "hand1"},
    "clocks": [
        {
            "clock": "handle", "started_at": "2026-11-23T09:00:00+08:00", "due_at": None, "remaining_s": 600,
            "paused": True, "limit": {"amount": 4, "unit": "work_hour"},
            "extensions": [{"amount": 1, "unit": "work_day", "at": "2026-11-23T01:30:00Z"}],
            "pauses": [{"kind": "suspend", "from": "2026-11-23T02:00:00Z", "to": None, "ref": ""}],
            "stopped_at": None, "fixed_due": None,
        }
    ],
    "due_at": None, "counts": {"rework": 1, "return": 2, "extension": 3, "suspend": 4, "supervise": 5, "urge": 6},
    "round": 2, "parent": "0192", "flags": ["reply_due", "override"],
    "upper": {"id": "U-1", "due_at": "2026-11-30T10:00:00Z"}, "caller_masked": "张** 138****8000",
    "created_at": "2026-11-23T01:00:00Z", "closed_at": None, "version": 9, "xver": 7, "need_callback": True,
    "assignee": "hand1", "reporter": "sup1", "pending": {"extension": {"amount": 1}}, "marks": ["called"],
    "a_field_of_next_year": {"x": 1},
}  # fmt: skip


def without(*names: str) -> dict[str, Any]:
    return {key: value for key, value in CASE.items() if key not in names}


def test_every_field_of_a_case_is_read() -> None:
    case = codec.case_from(CASE)
    assert case.location == Location(113.3, 23.0, "示例路 1 号")
    assert case.owner == Owner("dept_user", "sani", "hand1")
    assert case.counts == Counts(1, 2, 3, 4, 5, 6)
    assert case.clocks == {
        "handle": Clock(
            "handle", T0, Limit(4, "work_hour"), None, None, (Limit(1, "work_day"),),
            (Pause("suspend", T0 + timedelta(hours=1), None),), None, 600, None, (T0 + timedelta(minutes=30),),
        )
    }  # fmt: skip
    assert case.clock is not None
    assert case.clock.paused
    assert (case.upper_id, case.upper_due) == ("U-1", datetime(2026, 11, 30, 10, 0, tzinfo=UTC))
    assert case.flags == {"reply_due", "override"}
    assert (case.version, case.xver, case.round, case.condition, case.level) == (9, 7, 2, 1, 3)
    assert (case.need_callback, case.assignee, case.reporter, case.marks) == (
        True,
        "hand1",
        "sup1",
        {"called"},
    )
    assert case.pending == {"extension": {"amount": 1}}
    assert from_doc(to_doc(case)) == case, "what was read can be kept"


def test_a_contract_case_without_extras_is_enough() -> None:
    bare = {
        **without("need_callback", "assignee", "reporter", "pending", "marks", "condition", "a_field_of_next_year"),
        "upper": None, "state": "handling",
        "clocks": [{
            "clock": "handle", "started_at": "2026-11-23T01:00:00Z", "due_at": "2026-11-23T06:00:00Z",
            "remaining_s": 900, "paused": False, "limit": {"amount": 4, "unit": "work_hour"},
        }],
    }  # fmt: skip
    case = codec.case_from(bare)
    assert case.due_at == T0 + timedelta(hours=5)
    assert (case.upper_id, case.condition, case.marks) == (None, None, frozenset())
    assert from_doc(to_doc(case)) == case


def test_a_clock_whose_moments_are_not_told() -> None:
    clock = copy.deepcopy(CASE["clocks"][0])
    del clock["extensions"][0]["at"]
    clock |= {
        "paused": False,
        "remaining_s": 5,
        "due_at": "2026-11-24T01:00:00Z",
        "fixed_due": "2026-11-24T01:00:00Z",
    }
    read = codec.clock_from(clock)
    assert (read.extended_at, read.fixed_at, read.frozen_s) == ((T0,), T0, None)
    assert codec.clock_from({**clock, "fixed_at": "2026-11-23T03:00:00Z"}).fixed_at == T0 + timedelta(hours=2)


def test_an_unlocated_case() -> None:
    case = codec.case_from({**CASE, "location": {"lon": None, "lat": None}, "grid": None})
    assert (case.location, case.grid) == (Location(None, None), None)


@pytest.mark.parametrize(
    "broken",
    [
        [], None, "x", {}, without("case_id"), without("version"), without("created_at"),
        {**CASE, "state": "on_holiday"}, {**CASE, "version": "9"}, {**CASE, "version": True},
        {**CASE, "description": None}, {**CASE, "number": 7}, {**CASE, "location": [1, 2]},
        {**CASE, "location": {"lon": "113", "lat": 23}}, {**CASE, "location": {"lon": True, "lat": 23}},
        {**CASE, "clocks": {"x": 1}}, {**CASE, "clocks": [3]}, {**CASE, "clocks": [{"clock": "handle"}]},
        {**CASE, "clocks": [{**CASE["clocks"][0], "limit": {"amount": -1, "unit": "minute"}}]},
        {**CASE, "clocks": [{**CASE["clocks"][0], "limit": None}]},
        {**CASE, "clocks": [{**CASE["clocks"][0], "remaining_s": None}]},
        {**CASE, "flags": "override"}, {**CASE, "pending": {"x": 1}}, {**CASE, "created_at": 5},
    ],
)  # fmt: skip
def test_a_case_that_is_none(broken: Any) -> None:
    with pytest.raises(WireError):
        codec.case_from(broken)


def test_an_outcome_with_all_its_words() -> None:
    outcome = codec.outcome_from(
        {
            "command_id": "c", "case_id": "k", "outcome": "conflict", "version": 4, "xver": 3, "number": "n",
            "decided_at": "2026-11-23T01:00:00Z", "case": CASE, "reason": {"code": "conflict", "title": "别人先办了。"},
            "winner": {"actor": {"id": "u", "name": "江予安"}, "at": "2026-11-23T01:00:00Z", "action": "dispatch",
                       "summary": "派给环卫"},
        }
    )  # fmt: skip
    assert outcome.winner == Winner("江予安", T0, "dispatch", "派给环卫")
    assert outcome.reason is not None
    assert outcome.reason.title == "别人先办了。"
    assert outcome.case == codec.case_from(CASE)
    plain = {"command_id": "c", "outcome": "conflict", "winner": {"actor": "江予安", "at": None}}
    assert codec.outcome_from(plain).winner == Winner("江予安", None, "", "")


def test_a_change_and_one_that_leaves() -> None:
    doc = {
        "seq": 5, "case_id": "0193", "version": 9, "xver": 7, "action": "amend",
        "actor": {"id": "u", "name": "江予安", "role": "dispatcher"}, "at": "2026-11-23T01:00:00Z",
        "command_id": "c", "payload": {"reason": "更正"}, "case": CASE,
    }  # fmt: skip
    change = codec.change_from(doc)
    assert (change.seq, change.actor_name, change.actor_role, change.payload["reason"]) == (
        5,
        "江予安",
        "dispatcher",
        "更正",
    )
    gone = codec.change_from({"seq": 6, "case_id": "0193", "left_scope": True, "version": 10})
    assert (gone.left_scope, gone.case, gone.version) == (True, None, 10)
    with pytest.raises(WireError):
        codec.change_from({**doc, "case": None})
    with pytest.raises(WireError):
        codec.change_from({**doc, "seq": 1.5})


def test_pages_of_feed_and_copy() -> None:
    page = codec.changes_from({"epoch": "e", "changes": [], "next": 4, "head": 9, "server_time": None})
    assert (page.next, page.head, page.server_time) == (4, 9, None)
    copy_ = codec.snapshot_from({"as_of_seq": 4, "epoch": "e", "cases": [CASE], "next_page": 2})
    assert (copy_.next_page, copy_.total, len(copy_.cases)) == ("2", 0, 1)
    last = codec.snapshot_from({"as_of_seq": 4, "epoch": "e", "cases": [], "next_page": None, "total": 7})
    assert (last.next_page, last.total) == (None, 7)
    for broken in ({"epoch": "e"}, {"epoch": "e", "changes": {}, "next": 1, "head": 1}):
        with pytest.raises(WireError):
            codec.changes_from(broken)


def test_a_problem_is_read_from_anything() -> None:
    assert codec.problem_from("what", 404).status == 404
    assert codec.problem_from({"status": "odd", "fields": [1]}, 0).status == 422
    assert codec.problem_from({"status": 413}, 0).status == 413


# --- the smaller answers ----------------------------------------------------------------------------------


def test_meta() -> None:
    meta = replies.meta_from(
        {"feed_epoch": "e", "server_version": "0.1", "contract": 1, "server_time": "2026-11-23T01:00:00Z",
         "centre": {"code": "990101", "name": "示例区"}}
    )  # fmt: skip
    assert (meta.feed_epoch, meta.contract, meta.centre_name, meta.demo) == ("e", 1, "示例区", False)
    with pytest.raises(WireError):
        replies.meta_from({"feed_epoch": "e", "contract": 1})


def test_a_digest_has_256_buckets() -> None:
    buckets = [{"count": b.count, "xor": b.xor} for b in digest([("a", 1), ("b", 2)])]
    read = replies.digest_from({"as_of": 7, "epoch": "e", "buckets": buckets}, 3)
    assert (read.as_of_seq, read.epoch) == (7, "e")
    assert list(read.buckets) == digest([("a", 1), ("b", 2)])
    assert replies.digest_from({"buckets": buckets}, 3).as_of_seq == 3
    with pytest.raises(WireError):
        replies.digest_from({"as_of": 7, "buckets": buckets[:-1]}, 3)


def test_a_detail_keeps_live_clocks_in_the_case_and_shows_all() -> None:
    earlier = {
        **CASE["clocks"][0],
        "stopped_at": "2026-11-22T01:00:00Z",
        "paused": False,
        "remaining_s": None,
    }
    detail = replies.detail_from(
        {
            **CASE,
            "clocks": [CASE["clocks"][0], earlier],
            "timeline": [{"seq": 1, "version": 1, "action": "register", "actor": {"name": "方知夏"}, "at": None,
                          "payload": {}, "flags": ["override"]}],
            "attachments": [{"sha256": "ab", "name": "现场.jpg", "mime": "image/jpeg", "size": 7}, "cd"],
            "allowed": ["comment"],
        }
    )  # fmt: skip
    assert detail.case == codec.case_from(CASE)
    assert len(detail.clocks) == 2
    assert (detail.timeline[0].actor_name, detail.timeline[0].flags) == ("方知夏", ("override",))
    assert [a.sha256 for a in detail.attachments] == ["ab", "cd"]
    assert detail.allowed == ("comment",)
    assert detail.extra["a_field_of_next_year"] == {"x": 1}


def test_candidates_presence_and_search() -> None:
    entry = {"case": CASE, "distance_m": 12.5, "age_s": 7200, "score": 0.9, "why": ["相距 13 米"]}
    [found] = replies.similar_from({"candidates": [entry]})
    assert (found.distance_m, found.age_h, found.score, found.why) == (12.5, 2.0, 0.9, ("相距 13 米",))
    claim = {"case_id": "k", "user": {"id": "u", "name": "江予安"}, "kind": "look", "since": "2026-11-23T01:00:00Z",
             "at": "2026-11-23T01:00:30Z"}  # fmt: skip
    [presence] = replies.presence_from({"claims": [claim]})
    assert (presence.user_name, presence.kind, presence.since) == ("江予安", "look", T0)
    both = replies.presence_from({"claims": [claim], "silent": [{**claim, "kind": "hold"}]})
    assert [(entry.kind, entry.silent) for entry in both] == [("look", False), ("hold", True)]
    page = replies.cases_from({"cases": [CASE], "next_cursor": None})
    assert (len(page.cases), page.next_cursor) == (1, None)
    for broken in ({}, {"claims": {}}, []):
        with pytest.raises(WireError):
            replies.presence_from(broken)


# --- strict JSON --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b"NaN",
        b'{"a": Infinity}',
        b"[-Infinity]",
        b"",
        b"{",
        b"\xff",
        b"[" * 200_000,
        b"9" * 10_000,
        b'{"a":1}x',
        b"'a'",
    ],
)
def test_what_is_not_json(raw: bytes) -> None:
    with pytest.raises(NotJson):
        loads(raw)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists, max_leaves=10
    )
)
def test_what_was_written_is_read(value: Any) -> None:
    if json.dumps(value).count("\\ud") and not _fits(value):
        return
    assert loads(dumps(value)) == value


def _fits(value: Any) -> bool:
    try:
        dumps(value)
    except UnicodeEncodeError:
        return False
    return True


def test_nan_is_never_sent() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        dumps({"a": float("nan")})


@given(
    st.dictionaries(
        st.sampled_from(sorted(CASE)), st.none() | st.integers() | st.text() | st.lists(st.integers())
    )
)
def test_a_spoiled_case_is_read_or_refused_never_a_crash(spoiled: dict[str, Any]) -> None:
    try:
        codec.case_from({**CASE, **spoiled})
    except (WireError, TypeError, ValueError, AttributeError, OverflowError):
        return


def test_a_command_is_written_without_what_is_not_known() -> None:
    from tests.unit.api.test_gateway import COMMAND

    bare = replace(COMMAND, console_id="", client_time=None, seen_at=None)
    assert set(codec.command_doc(bare)) == {
        "command_id", "case_id", "action", "base_xver", "seen_at", "payload_v", "payload",
    }  # fmt: skip
