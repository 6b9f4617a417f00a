"""One call as several seats tell it: in any order, twice, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain import call_story as calls
from services.domain.call_story import CallStory, Report, answer_s, told

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
LATE = NOON + timedelta(hours=1)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def story(*reports: tuple[str, str, float, str]) -> CallStory:
    found = CallStory()
    for seat, state, seconds, ending in reports:
        found = told(found, Report(seat, state, at(seconds), at(seconds), ending))
    return found


def test_rings_at_three_is_taken_by_one_and_ends() -> None:
    ringing = story(("a", "ringing", 0, ""), ("b", "ringing", 0, ""), ("c", "ringing", 1, ""))
    assert (ringing.state(at(2)), ringing.taker, ringing.outcome(at(2))) == ("ringing", "", "")
    taken = told(ringing, Report("b", "talking", at(8), at(8)))
    taken = told(taken, Report("a", "ended", at(8), at(8), "abandoned"))
    taken = told(taken, Report("c", "ended", at(8), at(8), "abandoned"))
    assert (taken.state(at(20)), taken.taker, answer_s(taken)) == ("talking", "b", 8.0)
    held = told(taken, Report("b", "held", at(21), at(21)))
    assert held.state(at(22)) == "held"
    over = told(held, Report("b", "ended", at(60), at(60), "there"))
    assert (over.state(at(61)), over.outcome(at(61)), over.over_at(at(61))) == ("ended", "answered", at(60))


@pytest.mark.parametrize(
    ("endings", "outcome"),
    [
        (("abandoned", "abandoned"), "abandoned"),
        (("refused", "abandoned"), "abandoned"),
        (("refused", "missed"), "missed"),
        (("refused", "refused"), "refused"),
        (("lost", "lost"), "lost"),
        (("lost", "busy"), "missed"),
    ],
)
def test_what_nobody_took(endings: tuple[str, str], outcome: str) -> None:
    found = story(("a", "ringing", 0, ""), ("b", "ringing", 0, ""))
    found = told(found, Report("a", "ended", at(5), at(5), endings[0]))
    assert found.outcome(at(30)) == ""
    found = told(found, Report("b", "ended", at(9), at(9), endings[1]))
    assert found.outcome(at(10)) == "", "another seat may still say that it took it"
    assert found.outcome(at(12)) == outcome


def test_a_killed_seat_leaves_no_call_open() -> None:
    rang = story(("a", "ringing", 0, ""))
    assert rang.outcome(at(59)) == ""
    assert (rang.outcome(at(70)), rang.over_at(at(70))) == ("lost", at(0))
    talked = story(("a", "ringing", 0, ""), ("a", "talking", 5, ""), ("a", "talking", 40, ""))
    assert talked.outcome(at(90)) == ""
    assert (talked.outcome(at(101)), talked.over_at(at(101))) == ("answered", at(40))


def test_an_answer_heard_of_late_wins() -> None:
    settled = story(("a", "ringing", 0, ""), ("a", "ended", 4, "abandoned"))
    assert settled.outcome(at(10)) == "abandoned"
    mended = told(settled, Report("b", "talking", at(4), at(300)))
    assert (mended.outcome(at(301)), mended.taker) == ("", "b")


reports = st.builds(
    lambda seat, state, second, ending: Report(
        seat, state, at(second), at(second), ending if state == "ended" else ""
    ),
    st.sampled_from("abc"),
    st.sampled_from(calls.REPORTED),
    st.integers(0, 50),
    st.sampled_from(calls.ENDINGS),
)


@given(st.lists(reports, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_any_order_and_any_doubling_gives_one_story(heard: list[Report], shuffle: object) -> None:
    """Who held when is of the present moment; what the log keeps does not hang on the order."""
    again = [*heard, *heard[:3]]
    shuffle.shuffle(again)  # type: ignore[attr-defined]  # random.Random
    first, second = CallStory(), CallStory()
    for report in heard:
        first = told(first, report)
    for report in again:
        second = told(second, report)
    for asked in (calls.CallStory.outcome, calls.CallStory.over_at):
        assert asked(first, LATE) == asked(second, LATE)
    assert (first.taker, first.answered_at, first.began_at) == (
        second.taker,
        second.answered_at,
        second.began_at,
    )


@given(st.lists(reports, min_size=1, max_size=12))
def test_every_call_told_of_is_answered_or_not_in_the_end(heard: list[Report]) -> None:
    found = CallStory()
    for report in heard:
        found = told(found, report)
    outcome = found.outcome(LATE)
    assert outcome == calls.ANSWERED or outcome in calls.UNANSWERED
    assert (outcome == calls.ANSWERED) == any(r.state in ("talking", "held") for r in heard)
    waited = answer_s(found)
    assert waited is None or waited >= 0
