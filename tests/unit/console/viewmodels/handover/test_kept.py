"""Briefs and sheets as JSON values: nothing is lost on the way, and what is no brief is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.viewmodels.handover.kept import (
    Draft,
    draft_doc,
    draft_from,
    handover_doc,
    handover_from,
    redrafted,
    with_remark,
)
from services.domain.handover import KINDS
from services.ports.handover import BriefLine, Handover, HandoverHead, Person
from tests.support.fakes import NOW

TEXTS = st.text(max_size=12)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
LINES = st.builds(
    BriefLine,
    st.sampled_from(sorted(KINDS)),
    TEXTS,
    st.none() | st.uuids().map(str),
    st.none() | TEXTS,
    st.none() | MOMENTS,
    TEXTS,
)
DRAFTS = st.builds(
    Draft,
    st.uuids().map(str),
    st.sampled_from(["dispatcher", "acceptor", "shift_leader"]),
    MOMENTS,
    MOMENTS,
    st.lists(LINES, max_size=4).map(tuple),
    TEXTS,
    st.booleans(),
    st.sampled_from(["draft", "signed", "kept", "refused"]),
    st.none() | MOMENTS,
    TEXTS,
)
PERSONS = st.builds(
    Person, TEXTS, TEXTS, MOMENTS, TEXTS, st.lists(st.uuids().map(str), max_size=3).map(tuple)
)
SHEETS = st.builds(
    Handover,
    st.builds(
        HandoverHead, st.uuids().map(str), TEXTS, PERSONS, MOMENTS, MOMENTS, TEXTS, st.just({}),
        st.none() | PERSONS,
    ),
    st.lists(LINES, max_size=4).map(tuple),
    TEXTS,
    MOMENTS,
)  # fmt: skip


@settings(max_examples=25)
@given(DRAFTS)
def test_a_draft_survives_the_store(draft: Draft) -> None:
    assert draft_from(json.loads(json.dumps(draft_doc(draft)))) == draft


@settings(max_examples=25)
@given(SHEETS)
def test_a_sheet_survives_the_store(sheet: Handover) -> None:
    assert handover_from(json.loads(json.dumps(handover_doc(sheet)))) == sheet


@settings(max_examples=25)
@given(DRAFTS, st.sampled_from(["handover_id", "post", "began_at", "drafted_at", "lines", "said_at", "why"]))
def test_a_draft_that_lacks_a_part_is_none(draft: Draft, name: str) -> None:
    doc = draft_doc(draft)
    del doc[name]
    assert draft_from(doc) is None


@pytest.mark.parametrize(
    "doc",
    [None, 3, "x", [], {}, [1], {"handover_id": "h"}, {"lines": 3}],
    ids=["none", "int", "text", "list", "map", "ints", "bare", "lines"],
)
def test_what_is_no_brief_is_none(doc: Any) -> None:
    assert draft_from(doc) is None and handover_from(doc) is None


def made(*lines: BriefLine) -> Draft:
    return Draft("h-1", "dispatcher", NOW - timedelta(hours=8), NOW, lines, "都好", said_at=NOW)


def test_a_wrong_moment_is_no_draft() -> None:
    assert draft_from({**draft_doc(made()), "began_at": "heute früh"}) is None
    assert draft_from({**draft_doc(made()), "lines": [{"kind": "note"}]}) is None


def test_what_is_sent_holds_the_moments_of_writing_and_signing() -> None:
    sent = made(BriefLine("urgent", "处置中", "c-1", "n-1", NOW, "盯住")).brief()
    assert (sent["handover_id"], sent["post"], sent["remarks"]) == ("h-1", "dispatcher", "都好")
    assert datetime.fromisoformat(sent["said_at"]) == NOW
    assert sent["lines"] == [
        {
            "kind": "urgent", "text": "处置中", "case_id": "c-1", "number": "n-1", "due_at": NOW.isoformat(),
            "remark": "盯住",
        }
    ]  # fmt: skip
    assert "status" not in sent and "why" not in sent, "what this machine knows of it is not the centre's"


def test_moments_of_another_zone_are_the_same_moments() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=8)))
    again = draft_from(draft_doc(Draft("h", "dispatcher", there, there)))
    assert again is not None and again.began_at == NOW


def test_a_remark_is_put_on_its_line_alone() -> None:
    first, second = BriefLine("urgent", "甲", "c-1"), BriefLine("breach", "乙", "c-2")
    draft = with_remark(made(first, second), 1, "已催")
    assert [line.remark for line in draft.lines] == ["", "已催"]
    with pytest.raises(IndexError):
        with_remark(draft, 2, "没有这一行")


class TestDraftedAnew:
    """A fresh draft on top of one that was worked on."""

    LATER = NOW + timedelta(minutes=20)

    def anew(self, before: Draft, *lines: BriefLine) -> Draft:
        return redrafted(before, lines, self.LATER, log_known=True)

    def test_a_remark_follows_its_case_though_the_words_change(self) -> None:
        before = made(BriefLine("breach", "还剩 20 分", "c-1", remark="已催两次"))
        [line] = self.anew(before, BriefLine("breach", "还剩 5 分", "c-1")).lines
        assert (line.text, line.remark) == ("还剩 5 分", "已催两次")

    def test_a_remark_does_not_pass_to_another_case_or_kind(self) -> None:
        before = made(BriefLine("breach", "甲", "c-1", remark="已催"))
        fresh = self.anew(before, BriefLine("breach", "乙", "c-2"), BriefLine("urgent", "甲", "c-1"))
        assert [line.remark for line in fresh.lines] == ["", ""]

    def test_notes_by_hand_stay_once_and_behind(self) -> None:
        note = BriefLine("note", "对讲机 3 号没电", remark="已充")
        before = made(note, BriefLine("urgent", "甲", "c-1"))
        once = self.anew(before, BriefLine("urgent", "甲", "c-1"))
        assert once.lines[-1] == note and len(once.lines) == 2
        assert self.anew(once, BriefLine("urgent", "甲", "c-1")).lines == once.lines

    def test_a_watched_case_is_drafted_not_kept(self) -> None:
        before = made(BriefLine("note", "关注：旧词", "c-9"))
        assert self.anew(before).lines == ()

    def test_a_note_that_is_drafted_with_the_same_words_stands_once(self) -> None:
        before = made(BriefLine("note", "值班手机在抽屉"))
        assert len(self.anew(before, BriefLine("note", "值班手机在抽屉")).lines) == 1

    def test_the_moment_is_new_and_the_rest_stays(self) -> None:
        before = made()
        after = self.anew(before)
        assert (after.drafted_at, after.log_known) == (self.LATER, True)
        assert (after.handover_id, after.began_at, after.remarks) == ("h-1", before.began_at, "都好")
