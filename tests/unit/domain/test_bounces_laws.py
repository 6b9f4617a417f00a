"""Laws of bounces over any way a case may go between its units, and of the marks of a joint meeting."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.bounces import (
    ASKED,
    BOUNCE_LIMIT,
    DECIDED,
    MARKS,
    between,
    bounces,
    meeting_mark,
    meeting_text,
    needs_meeting,
)
from services.domain.facts import RECALLED, REDISPATCHED, RETURNED
from services.domain.payloads import check_payload
from services.domain.reference import Settings
from services.domain.roles import Actor
from tests.unit.domain.ground import DISPATCHER, LEADER_OF_SHIFT, MUNI, SANI, WATER
from tests.unit.domain.test_facts import Story

PEOPLE: dict[str, Actor] = {"sani": SANI, "muni": MUNI, "water": WATER}
MOVES = st.lists(
    st.tuples(st.sampled_from(["return", "redispatch", "recall", "sign"]), st.sampled_from(sorted(PEOPLE))),
    max_size=8,
)


def told(moves: list[tuple[str, str]]) -> tuple[Story, int]:
    """A case that goes the way of some moves as far as they are possible, and how often it was sent on."""
    story = Story().to_dispatch()
    story.do("dispatch", DISPATCHER, lead_dept="sani", co_depts=[])
    sent_on = 0
    for move, unit in moves:
        state, lead = story.case.state, story.case.lead_dept or ""
        if state == "pending_dispatch":
            story.do("dispatch", DISPATCHER, lead_dept=unit, co_depts=[])
        elif state == "returned":
            if unit == lead:
                continue
            story.do("redispatch", DISPATCHER, lead_dept=unit, co_depts=[])
        elif move == "return":
            story.do("return_case", PEOPLE[lead])
            sent_on += 1
        elif move == "redispatch" and unit != lead:
            story.do("redispatch", LEADER_OF_SHIFT, lead_dept=unit, co_depts=[])
            sent_on += 1
        elif move == "sign" and state == "pending_sign":
            story.do("sign", PEOPLE[lead])
        elif move == "recall" and state == "pending_sign":
            story.do("recall", DISPATCHER)
    return story, sent_on


@settings(max_examples=30, deadline=None)
@given(MOVES)
def test_every_step_has_a_giver_and_only_the_last_may_have_no_taker(moves: list[tuple[str, str]]) -> None:
    story, sent_on = told(moves)
    found = bounces(story.facts)
    assert len(found) <= sent_on
    assert [step.at for step in found] == sorted(step.at for step in found), "oldest first"
    assert all(step.taker for step in found[:-1])
    standing = [stint.dept for stint in story.facts.standing]
    assert all(step.giver in standing for step in found)
    for step in found:
        assert step.taker == "" or step.taker in standing
    if story.case.state == "returned":
        assert found and found[-1].taker == "" and found[-1].returned
        assert found[-1].giver == story.case.lead_dept


@settings(max_examples=30, deadline=None)
@given(MOVES)
def test_what_counts_is_what_ended_by_return_or_redispatch(moves: list[tuple[str, str]]) -> None:
    facts = told(moves)[0].facts
    outcomes = Counter(stint.outcome for stint in facts.standing)
    found = bounces(facts)
    assert len(found) == outcomes[RETURNED] + outcomes[REDISPATCHED]
    assert sum(step.returned for step in found) == outcomes[RETURNED]
    assert RECALLED not in outcomes, "a recall takes the dispatch back"


@settings(max_examples=30, deadline=None)
@given(MOVES, st.integers(0, 6))
def test_the_limit_is_reached_once_and_stays_reached(moves: list[tuple[str, str]], limit: int) -> None:
    facts = told(moves)[0].facts
    assert needs_meeting(facts, limit) == (len(bounces(facts)) >= limit)
    assert not needs_meeting(facts, len(bounces(facts)) + 1)
    if needs_meeting(facts, limit + 1):
        assert needs_meeting(facts, limit)


def test_the_shipped_limit_is_that_of_the_settings() -> None:
    assert Settings().bounce_limit == BOUNCE_LIMIT == 3


@settings(max_examples=30, deadline=None)
@given(st.lists(MOVES, max_size=4))
def test_pairs_are_the_sum_over_cases(many: list[list[tuple[str, str]]]) -> None:
    cases = [told(moves)[0].facts for moves in many]
    whole = between(cases)
    parts: Counter[tuple[str, str]] = Counter()
    for facts in cases:
        parts += between([facts])
    assert whole == parts
    assert whole.total() == sum(bool(step.taker) for facts in cases for step in bounces(facts))
    assert all(giver and taker for giver, taker in whole)


def test_nobody_bounces_before_anybody_had_it() -> None:
    for story in (Story(), Story().to_dispatch(), Story().to_dispatch().do("dispatch", DISPATCHER)):
        assert bounces(story.facts) == () and between([story.facts]) == Counter()


# --- marks ---------------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([ASKED, DECIDED]), st.text(max_size=60))
def test_a_mark_is_read_back_with_its_words(word: str, text: str) -> None:
    assert meeting_mark(meeting_text(word, text)) == (word, text.strip())


@pytest.mark.parametrize("word", [ASKED, DECIDED])
def test_a_marked_text_is_a_comment_the_centre_takes(word: str) -> None:
    payload = {"text": meeting_text(word, " 两家都说不归自己 ")}
    kept = check_payload("comment", payload)
    assert meeting_mark(kept["text"]) == (word, "两家都说不归自己")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "【提请会商",
        "提请会商】两家",
        " 【提请会商】两家",
        "[提请会商]两家",
        "【会商】两家",
        "见【会商决定】",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert meeting_mark(text) is None


def test_no_mark_begins_like_another() -> None:
    marks = list(MARKS.values())
    assert len(set(marks)) == 2
    assert not any(one != other and one.startswith(other) for one in marks for other in marks)
    both = meeting_text(ASKED, meeting_text(DECIDED, "由市政承办"))
    assert meeting_mark(both) == (ASKED, "【会商决定】由市政承办"), "the first mark is the one that counts"
