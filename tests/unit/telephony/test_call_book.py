"""The book of calls: what is told, in which order, how often, and what it says of a call's end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from services.domain.caller_number import caller_number
from services.ports.telephony import Call, CallChanged, CallState, Ending, Event, LineState, TelephoneError
from services.telephony.call_book import REMEMBERED, CallBook

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
CALLER = caller_number("13812342716")


def at(second: int) -> datetime:
    return NOON + timedelta(seconds=second)


@pytest.fixture
def told() -> list[Event]:
    return []


@pytest.fixture
def book(told: list[Event]) -> Iterator[CallBook]:
    """A book whose clock strikes a second with every look."""
    seconds = count()
    made = CallBook("8001", lambda: at(next(seconds)))
    made.listen(told.append)
    yield made
    made.listen(None)


def calls_of(told: list[Event]) -> list[Call]:
    return [event.call for event in told if isinstance(event, CallChanged)]


def test_it_begins_with_no_calls_and_the_line_off(book: CallBook, told: list[Event]) -> None:
    assert (book.calls, book.line.state, book.line.name, told) == ((), LineState.OFF, "8001", [])


@pytest.mark.parametrize(
    ("incoming", "answered", "given", "expected"),
    [
        (True, False, Ending.THERE, Ending.ABANDONED),
        (True, False, Ending.HERE, Ending.REFUSED),
        (True, False, Ending.MISSED, Ending.MISSED),
        (True, False, Ending.ABANDONED, Ending.ABANDONED),
        (True, False, Ending.ELSEWHERE, Ending.ELSEWHERE),
        (True, False, Ending.LOST, Ending.LOST),
        (True, True, Ending.THERE, Ending.THERE),
        (True, True, Ending.HERE, Ending.HERE),
        (True, True, Ending.MISSED, Ending.THERE),
        (True, True, Ending.ABANDONED, Ending.THERE),
        (True, True, Ending.BUSY, Ending.THERE),
        (True, True, Ending.NO_ANSWER, Ending.THERE),
        (True, True, Ending.TRANSFERRED, Ending.TRANSFERRED),
        (True, True, Ending.LOST, Ending.LOST),
        (False, False, Ending.THERE, Ending.NO_ANSWER),
        (False, False, Ending.HERE, Ending.HERE),
        (False, False, Ending.BUSY, Ending.BUSY),
        (False, True, Ending.BUSY, Ending.THERE),
    ],
    ids=range(18),
)
def test_an_end_fits_what_was_seen_of_the_call(
    book: CallBook, incoming: bool, answered: bool, given: Ending, expected: Ending
) -> None:
    book.begin("a", CALLER, incoming=incoming)
    if answered:
        book.talk("a")
    done = book.end("a", given, "cause")
    assert done is not None and (done.ending, done.cause, done.over) == (expected, "cause", True)


def test_the_first_talk_is_the_answer_and_a_resume_is_not(book: CallBook) -> None:
    book.begin("a", CALLER)
    first = book.talk("a")
    book.change("a", state=CallState.HELD)
    again = book.talk("a")
    assert first is not None and again is not None
    assert first.answered_at == again.answered_at == at(1)
    done = book.end("a", Ending.HERE)
    assert done is not None and done.began_at == at(0) and done.ended_at == at(2)


def test_a_call_keeps_its_queue_and_who_called(book: CallBook) -> None:
    made = book.begin("a", CALLER, queue="580")
    assert made is not None and (made.queue, made.caller, made.state) == ("580", CALLER, CallState.RINGING)
    assert book.call("a") == made and book.calls == (made,)


def test_calls_stand_in_the_order_they_came(book: CallBook) -> None:
    for name in "cab":
        book.begin(name, CALLER)
    book.talk("a")
    assert [call.id for call in book.calls] == ["c", "a", "b"]


def test_nothing_new_is_not_told(book: CallBook, told: list[Event]) -> None:
    book.begin("a", CALLER)
    book.set_line(state=LineState.READY)
    before = list(told)
    book.begin("a", CALLER)
    book.change("a", state=CallState.RINGING)
    book.set_line(state=LineState.READY, sentence="")
    assert told == before
    book.talk("a")
    book.talk("a")
    assert len(told) == len(before) + 1


@pytest.mark.parametrize("call_id", ["", "nobody"])
def test_an_unknown_call_is_told_in_words(book: CallBook, told: list[Event], call_id: str) -> None:
    with pytest.raises(TelephoneError, match="这个电话已经结束。"):
        book.call(call_id)
    assert book.talk(call_id) is None and book.change(call_id, queue="x") is None
    assert book.end(call_id, Ending.HERE) is None and told == []


def test_losing_ends_each_call_once(book: CallBook, told: list[Event]) -> None:
    for name in "ab":
        book.begin(name, CALLER)
    book.talk("a")
    book.lose("程序中断")
    book.lose("程序中断")
    ends = [call for call in calls_of(told) if call.over]
    assert [(call.id, call.ending, call.cause) for call in ends] == [
        ("a", Ending.LOST, "程序中断"),
        ("b", Ending.LOST, "程序中断"),
    ]
    assert book.calls == ()


def test_an_ended_call_is_not_recorded_any_more(book: CallBook) -> None:
    book.begin("a", CALLER)
    book.talk("a")
    book.change("a", recording=True, recorded="/x.wav")
    done = book.end("a", Ending.HERE)
    assert done is not None and (done.recording, done.recorded) == (False, "/x.wav")


def test_late_words_are_known_for_the_last_calls_only(book: CallBook) -> None:
    for n in range(REMEMBERED + 1):
        book.begin(str(n), CALLER)
        book.end(str(n), Ending.THERE)
    assert book.begin("1", CALLER) is None, "still known as over"
    assert book.begin("0", CALLER) is not None, "so old that its number may come again"
    assert len(book._ended) <= REMEMBERED


def test_who_stops_listening_hears_nothing_and_who_comes_later_only_what_is_new(
    book: CallBook, told: list[Event]
) -> None:
    book.begin("a", CALLER)
    book.listen(None)
    book.begin("b", CALLER)
    later: list[Event] = []
    book.listen(later.append)
    book.begin("c", CALLER)
    assert [call.id for call in calls_of(told)] == ["a"]
    assert [call.id for call in calls_of(later)] == ["c"]


def test_a_listener_that_acts_on_an_event_hears_of_its_own_act_after_it(book: CallBook) -> None:
    """Refusing at once, from within the event, keeps the order: ringing first, then its end."""
    heard: list[tuple[str, CallState]] = []

    def refuse_at_once(event: Event) -> None:
        if isinstance(event, CallChanged):
            heard.append((event.call.id, event.call.state))
            if event.call.state is CallState.RINGING:
                book.end(event.call.id, Ending.HERE)

    book.listen(refuse_at_once)
    book.begin("a", CALLER)
    book.begin("b", CALLER)
    assert heard == [
        ("a", CallState.RINGING), ("a", CallState.ENDED), ("b", CallState.RINGING), ("b", CallState.ENDED),
    ]  # fmt: skip


def test_a_listener_that_fails_does_not_hold_up_what_comes_after(book: CallBook, told: list[Event]) -> None:
    def stumble(_event: Event) -> None:
        raise RuntimeError("stumbled")

    book.listen(stumble)
    with pytest.raises(RuntimeError, match="stumbled"):
        book.begin("a", CALLER)
    book.listen(told.append)
    book.talk("a")
    assert [call.state for call in calls_of(told)] == [CallState.TALKING]


def test_an_ended_value_stays_as_it_ended(book: CallBook) -> None:
    book.begin("a", CALLER)
    done = book.end("a", Ending.MISSED, "first")
    assert done is not None and done.ended(at(99), Ending.HERE, "second") is done
