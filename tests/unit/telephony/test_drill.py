"""The drill's telephone, act by act: what is refused, what changes nothing, and that no call is left at its end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.ports.telephony import Ability, CallState, Ending, LineState, TelephoneError
from services.telephony.scripted import Ring, ScriptedTelephone
from tests.support.sip import Ear


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def phone(ear: Ear) -> Iterator[ScriptedTelephone]:
    made = ScriptedTelephone("8001")
    made.start(ear)
    yield made
    made.stop()


def states(phone: ScriptedTelephone) -> list[CallState]:
    return [call.state for call in phone.calls]


def test_it_says_that_it_is_a_drill_and_offers_everything(phone: ScriptedTelephone) -> None:
    assert (phone.line.state, phone.line.sentence) == (LineState.READY, "演练线路，没有接电话系统。")
    assert phone.abilities == frozenset(Ability) and phone.line.name == "8001"


def test_ids_of_two_drills_never_meet(ear: Ear) -> None:
    one, two = ScriptedTelephone("a"), ScriptedTelephone("b")
    assert one.ring("13800000001") != two.ring("13800000001")
    assert len({one.ring("13800000001") for _ in range(20)}) == 20


def test_its_end_loses_what_goes_on_and_stops_the_script(phone: ScriptedTelephone, ear: Ear) -> None:
    call_id = phone.ring("13800000001")
    phone.play([Ring(3600.0, "13800000002")])
    phone.stop()
    assert ear.calls[call_id].ending is Ending.LOST and phone.calls == ()
    assert phone.line.state is LineState.OFF and phone._timers == []
    with pytest.raises(TelephoneError, match="没有接通"):
        phone.dial("8002")


@pytest.mark.parametrize("act", ["answer", "refuse", "hang_up", "hold", "resume"])
def test_acts_on_no_call_are_refused_in_words(phone: ScriptedTelephone, act: str) -> None:
    with pytest.raises(TelephoneError, match="这个电话已经结束。"):
        getattr(phone, act)("nobody")


def test_acts_that_do_not_fit_the_state_change_nothing(phone: ScriptedTelephone, ear: Ear) -> None:
    ringing, talking = phone.ring("13800000001"), phone.ring("13800000002")
    phone.answer(talking)
    before = len(ear.events)
    phone.hold(ringing)
    phone.resume(ringing)
    phone.record(ringing, True)
    phone.answer(talking)
    phone.resume(talking)
    assert states(phone) == [CallState.RINGING, CallState.TALKING] and len(ear.events) == before


def test_refused_and_hung_up_are_told_apart(phone: ScriptedTelephone, ear: Ear) -> None:
    refused, dropped, talked = (phone.ring(f"1380000000{n}") for n in range(3))
    phone.refuse(refused)
    phone.hang_up(dropped)
    phone.answer(talked)
    phone.hang_up(talked)
    assert [ear.calls[one].ending for one in (refused, dropped, talked)] == [
        Ending.REFUSED, Ending.REFUSED, Ending.HERE,
    ]  # fmt: skip


def test_dialling_lets_whoever_is_talked_to_wait(phone: ScriptedTelephone) -> None:
    first = phone.ring("13800000001")
    phone.answer(first)
    phone.dial("02088886666")
    assert states(phone) == [CallState.HELD, CallState.TALKING]
    phone.resume(first)
    assert states(phone) == [CallState.TALKING, CallState.HELD], "never two at once but by joining"


def test_tones_are_noted_by_call_and_wrong_ones_not_at_all(phone: ScriptedTelephone) -> None:
    one, two = phone.dial("8002"), phone.dial("8003")
    phone.send_digits(one, "12")
    phone.send_digits(one, "*#")
    phone.send_digits(two, "9")
    with pytest.raises(TelephoneError, match="按键"):
        phone.send_digits(one, "1x")
    assert phone.tones == {one: "12*#", two: "9"}


def test_calls_that_come_while_nothing_is_taken_never_ring_on(phone: ScriptedTelephone, ear: Ear) -> None:
    ringing = phone.ring("13800000001")
    phone.do_not_disturb(True)
    missed = phone.ring("13800000002")
    assert [call.id for call in phone.calls] == [ringing], "what rings already rings on"
    assert ear.calls[missed].ending is Ending.MISSED
    phone.do_not_disturb(False)
    assert phone.ring("13800000003") in [call.id for call in phone.calls]


def test_a_caller_who_hung_up_cannot_be_joined_or_transferred(phone: ScriptedTelephone) -> None:
    one, two = phone.dial("8002"), phone.dial("8003")
    phone.caller_hangs_up(one)
    with pytest.raises(TelephoneError, match="已经结束"):
        phone.join(one, two)
    with pytest.raises(TelephoneError, match="已经结束"):
        phone.transfer(one, "8004")
    assert states(phone) == [CallState.TALKING]
