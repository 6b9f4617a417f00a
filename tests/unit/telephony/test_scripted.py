"""The drill's telephone and the book of calls behind every adapter."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.caller_number import caller_number
from services.ports.telephony import CallChanged, CallState, Ending, Event, LineState, TelephoneError
from services.telephony.call_book import CallBook
from services.telephony.scripted import Ring, ScriptedTelephone
from tests.support.sip import Ear
from tests.support.waiting import until

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def phone(ear: Ear) -> Iterator[ScriptedTelephone]:
    telephone = ScriptedTelephone("8001")
    telephone.start(ear)
    yield telephone
    telephone.stop()


def test_a_call_from_ringing_to_its_end(phone: ScriptedTelephone, ear: Ear) -> None:
    call_id = phone.ring("+8613812342716", "580")
    assert [(call.state, call.queue, call.caller.digits) for call in phone.calls] == [
        (CallState.RINGING, "580", "13812342716")
    ]
    phone.answer(call_id)
    phone.record(call_id, True)
    phone.send_digits(call_id, "1#")
    phone.mute(True)
    assert phone.line.muted and phone.tones == {call_id: "1#"}
    assert ear.calls[call_id].recording
    phone.hang_up(call_id)
    done = ear.calls[call_id]
    assert (done.ending, done.recording, phone.calls) == (Ending.HERE, False, ())
    states = [event.call.state for event in ear.events if isinstance(event, CallChanged)]
    assert states == [CallState.RINGING, CallState.TALKING, CallState.TALKING, CallState.ENDED]
    with pytest.raises(TelephoneError, match="已经结束"):
        phone.answer(call_id)


def test_a_script_rings_and_impatient_callers_give_up(phone: ScriptedTelephone, ear: Ear) -> None:
    phone.play([Ring(0.02, "13800000001", patience_s=0.05), Ring(0.03, "13800000002")])
    assert until(lambda: len(ear.calls) == 2 and any(call.over for call in ear.calls.values()))
    by_number = {call.caller.digits: call for call in ear.calls.values()}
    assert by_number["13800000001"].ending is Ending.ABANDONED
    assert by_number["13800000002"].state is CallState.RINGING


def test_taking_a_second_call_lets_the_first_wait(phone: ScriptedTelephone, ear: Ear) -> None:
    first, second = phone.ring("13800000001"), phone.ring("13800000002")
    phone.answer(first)
    phone.answer(second)
    assert [ear.calls[one].state for one in (first, second)] == [CallState.HELD, CallState.TALKING]
    phone.join(first, second)
    assert [ear.calls[one].state for one in (first, second)] == [CallState.TALKING, CallState.TALKING]
    phone.transfer(first, "8002")
    assert ear.calls[first].ending is Ending.TRANSFERRED
    phone.hold(second)
    phone.resume(second)
    phone.caller_hangs_up(second)
    assert ear.calls[second].ending is Ending.THERE


def test_a_broken_line_loses_calls_aloud_and_takes_none(phone: ScriptedTelephone, ear: Ear) -> None:
    call_id = phone.ring("13800000001")
    phone.answer(call_id)
    phone.breaks("中继线中断。")
    assert (ear.calls[call_id].ending, phone.line.state) == (Ending.LOST, LineState.FAILED)
    with pytest.raises(TelephoneError, match="中继线中断"):
        phone.dial("8002")
    phone.mends()
    assert ear.calls[phone.dial("8002")].incoming is False


def test_what_is_asked_wrongly_is_refused_in_words(phone: ScriptedTelephone) -> None:
    call_id = phone.ring("13800000001")
    other = phone.ring("13800000002")
    for wrong in (
        lambda: phone.transfer(call_id, "nobody"),
        lambda: phone.send_digits(call_id, "x"),
        lambda: phone.join(call_id, other),
        lambda: phone.dial("/"),
    ):
        with pytest.raises(TelephoneError, match=r"。$"):
            wrong()
    assert len(phone.calls) == 2


def test_not_disturbed_calls_count_as_missed(phone: ScriptedTelephone, ear: Ear) -> None:
    phone.do_not_disturb(True)
    assert ear.calls[phone.ring("13800000001")].ending is Ending.MISSED


# --- the book -----------------------------------------------------------------------------------------


def test_an_answered_call_was_not_missed_and_an_unanswered_one_not_talked() -> None:
    book = CallBook("8001", lambda: NOON)
    for call_id, answered, ending, expected in (
        ("a", True, Ending.ABANDONED, Ending.THERE),
        ("b", False, Ending.THERE, Ending.ABANDONED),
        ("c", False, Ending.HERE, Ending.REFUSED),
        ("d", True, Ending.HERE, Ending.HERE),
    ):
        book.begin(call_id, caller_number("13800000001"))
        if answered:
            book.talk(call_id)
        done = book.end(call_id, ending)
        assert done is not None and done.ending is expected


def test_a_late_word_about_an_ended_call_begins_nothing() -> None:
    book = CallBook("8001", lambda: NOON)
    assert book.begin("a", caller_number("1")) is not None
    assert book.begin("a", caller_number("1")) is None
    book.end("a", Ending.THERE)
    assert book.begin("a", caller_number("1")) is None
    assert book.talk("a") is None and book.end("a", Ending.HERE) is None and book.calls == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["begin", "talk", "hold", "end"])), max_size=30))
def test_every_call_told_of_ends_once_and_times_run_forward(steps: list[tuple[int, str]]) -> None:
    clock = iter(NOON + timedelta(seconds=n) for n in range(1000))
    book, told = CallBook("8001", lambda: next(clock)), list[Event]()
    book.listen(told.append)
    for number, step in steps:
        call_id = str(number)
        if step == "begin":
            book.begin(call_id, caller_number("13800000001"))
        elif step == "talk":
            book.talk(call_id)
        elif step == "hold":
            book.change(call_id, state=CallState.HELD)
        else:
            book.end(call_id, Ending.THERE)
    book.lose("end of the test")
    calls = [event.call for event in told if isinstance(event, CallChanged)]
    for call_id in {call.id for call in calls}:
        history = [call for call in calls if call.id == call_id]
        assert [call.over for call in history].count(True) == 1
        assert history[-1].over
        assert history[-1].ended_at is not None and history[-1].ended_at > history[-1].began_at


def test_events_are_told_in_order_from_many_threads() -> None:
    book, told = CallBook("8001"), list[Event]()
    book.listen(told.append)

    def ring(begin: int) -> None:
        for number in range(begin, begin + 50):
            book.begin(str(number), caller_number("13800000001"))
            book.talk(str(number))
            book.end(str(number), Ending.THERE)

    threads = [threading.Thread(target=ring, args=(begin,)) for begin in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert until(lambda: len(told) == 3 * 150)
    for number in (*range(50), *range(100, 150), *range(200, 250)):
        states = [e.call.state for e in told if isinstance(e, CallChanged) and e.call.id == str(number)]
        assert states == [CallState.RINGING, CallState.TALKING, CallState.ENDED]
