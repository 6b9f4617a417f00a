"""The story of a call at its edges: moments, silence, seats that contradict each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.call_story import (
    ANSWERED,
    ENDINGS,
    REPORTED,
    SETTLE_S,
    SILENT_S,
    UNANSWERED,
    CallStory,
    Part,
    Report,
    answer_s,
    told,
)

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def heard(*reports: tuple[str, str, float] | tuple[str, str, float, str]) -> CallStory:
    """A story from `seat, state, second[, ending]`, each heard of when it happened."""
    found = CallStory()
    for seat, state, second, *ending in reports:
        found = told(found, Report(seat, state, at(second), at(second), *ending))
    return found


def test_a_call_nobody_spoke_of_is_no_call() -> None:
    nothing = CallStory()
    assert (nothing.began_at, nothing.answered_at, nothing.taker) == (None, None, "")
    assert (nothing.outcome(at(1000)), nothing.over_at(at(1000))) == ("", None)
    assert answer_s(nothing) is None


@pytest.mark.parametrize("ending", ENDINGS)
def test_whatever_one_seat_says_of_its_end_gives_one_outcome(ending: str) -> None:
    unanswered = heard(("a", "ringing", 0), ("a", "ended", 5, ending))
    found = unanswered.outcome(at(100))
    assert found in UNANSWERED
    expected = {"abandoned": "abandoned", "missed": "missed", "refused": "refused", "lost": "lost"}
    assert found == expected.get(ending, "missed")
    answered = heard(("a", "ringing", 0), ("a", "talking", 2), ("a", "ended", 5, ending))
    assert answered.outcome(at(5)) == ANSWERED, "an answered call is answered whoever says otherwise"


def test_an_answered_call_is_over_at_once_and_an_unanswered_one_after_a_moment() -> None:
    talked = heard(("a", "talking", 0), ("a", "ended", 30, "here"))
    assert talked.over_at(at(30)) == at(30)
    rang = heard(("a", "ringing", 0), ("a", "ended", 30, "abandoned"))
    assert rang.over_at(at(30 + SETTLE_S - 0.1)) is None
    assert rang.over_at(at(30 + SETTLE_S)) == at(30)


def test_silence_counts_from_the_last_word() -> None:
    talking = heard(("a", "talking", 0), ("a", "talking", 40))
    assert talking.over_at(at(40 + SILENT_S - 0.1)) is None
    assert talking.over_at(at(40 + SILENT_S)) == at(40)
    assert talking.state(at(40 + SILENT_S)) == "ended"


def test_one_silent_seat_does_not_end_what_another_talks_on() -> None:
    """Two talk (三方通话); one seat is killed."""
    both = heard(("a", "talking", 0), ("b", "talking", 10), ("b", "talking", 100))
    assert both.over_at(at(105)) is None and both.state(at(105)) == "talking"
    done = told(both, Report("b", "ended", at(110), at(110), "here"))
    assert done.over_at(at(111)) == at(110), "the last end is the end of the call"


def test_a_seat_that_only_rang_does_not_keep_an_answered_call_open() -> None:
    story = heard(("a", "ringing", 0), ("b", "ringing", 0), ("b", "talking", 5), ("b", "ended", 20, "here"))
    assert story.outcome(at(21)) == ANSWERED and story.over_at(at(21)) == at(20)


def test_a_call_is_held_while_all_who_talk_let_it_wait() -> None:
    story = heard(("a", "talking", 0), ("b", "talking", 5), ("a", "held", 10))
    assert story.state(at(11)) == "talking"
    story = told(story, Report("b", "held", at(12), at(12)))
    assert story.state(at(13)) == "held"
    story = told(story, Report("b", "ended", at(14), at(14), "here"))
    assert story.state(at(15)) == "held", "who has gone is not asked"
    assert told(story, Report("a", "talking", at(16), at(16))).state(at(17)) == "talking"


def test_of_two_who_say_they_took_it_the_first_did_and_equal_ones_are_told_apart_by_name() -> None:
    assert heard(("b", "talking", 5), ("a", "talking", 6)).taker == "b"
    assert heard(("b", "talking", 5), ("a", "talking", 5)).taker == "a"


def test_the_earliest_of_several_ends_stands_and_of_equal_ones_the_same_word_always() -> None:
    for order in ((0, 1), (1, 0)):
        ends = [("a", "ended", 9.0, "missed"), ("a", "ended", 5.0, "refused")]
        story = heard(("a", "ringing", 0), *(ends[n] for n in order))
        assert (story.parts["a"].ended_at, story.parts["a"].ending) == (at(5), "refused")
        twice = [("a", "ended", 5.0, "refused"), ("a", "ended", 5.0, "abandoned")]
        story = heard(("a", "ringing", 0), *(twice[n] for n in order))
        assert story.parts["a"].ending == "abandoned"


def test_a_call_that_was_only_heard_ending_began_then() -> None:
    story = heard(("a", "ended", 5, "missed"))
    assert story.began_at == at(5) and story.outcome(at(20)) == "missed"


@pytest.mark.parametrize(
    ("rang", "talked", "seconds"), [(0, 8, 8.0), (0, 0, 0.0), (8, 0, 0.0), (None, 4, 0.0)], ids=range(4)
)
def test_the_time_to_the_answer_is_never_negative(rang: float | None, talked: float, seconds: float) -> None:
    reports = [("a", "ringing", float(rang))] if rang is not None else []
    assert answer_s(heard(*reports, ("a", "talking", talked))) == seconds


stories = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.sampled_from(REPORTED), st.integers(0, 300), st.sampled_from(ENDINGS)
    ),
    min_size=1,
    max_size=10,
).map(lambda rows: heard(*(row if row[1] == "ended" else row[:3] for row in rows)))


@given(stories, st.integers(0, 1000), st.integers(0, 1000))
def test_what_is_over_stays_over_until_somebody_speaks_again(
    story: CallStory, first: int, second: int
) -> None:
    now, later = at(min(first, second)), at(max(first, second))
    if story.outcome(now):
        assert story.outcome(later), "time alone opens nothing"
        assert story.state(later) == "ended"
        if story.taker:
            assert story.outcome(later) == story.outcome(now) == ANSWERED
    assert (story.over_at(now) is None) == (story.outcome(now) == "") == (story.state(now) != "ended")


@given(stories, st.integers(0, 2000))
def test_moments_of_a_call_stand_in_order(story: CallStory, second: int) -> None:
    began, answered, over = story.began_at, story.answered_at, story.over_at(at(second))
    assert began is not None
    assert answered is None or answered >= began
    assert over is None or over >= began


@given(stories)
def test_hearing_the_same_again_changes_no_fact(story: CallStory) -> None:
    for seat, part in story.parts.items():
        again = story
        for state, moment, ending in (
            ("ringing", part.rang_at, ""), ("ended", part.ended_at, part.ending),
        ):  # fmt: skip
            if moment is not None:
                again = told(again, Report(seat, state, moment, moment, ending))
        assert again.parts[seat].rang_at == part.rang_at and again.parts[seat].ending == part.ending
        assert again.parts[seat].ended_at == part.ended_at


def test_the_story_before_is_not_touched() -> None:
    before = heard(("a", "ringing", 0))
    parts = dict(before.parts)
    told(before, Report("b", "talking", at(1), at(1)))
    assert before.parts == parts == {"a": Part(rang_at=at(0), heard_at=at(0))}
