"""The softphone against real callers: sipp rings, baresip tells, answers, holds, hands over, dies and comes back."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ports.telephony import CallState, Ending, LineState, TelephoneError
from services.telephony.baresip import Baresip
from services.telephony.free_ports import free_port
from tests.support.kamailio import kamailio, needs_kamailio
from tests.support.sip import Ear, Sipp, needs_sip, softphone
from tests.support.waiting import until

pytestmark = needs_sip


@pytest.fixture
def sipp() -> Iterator[Sipp]:
    callers = Sipp()
    yield callers
    callers.close()


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Baresip]:
    telephone = Baresip(softphone(tmp_path_factory.mktemp("phone")))
    telephone.start(lambda _event: None)
    assert until(lambda: telephone.line.state is LineState.READY, 15), telephone.line
    yield telephone
    telephone.stop()


@pytest.fixture
def ear(phone: Baresip) -> Iterator[Ear]:
    heard = Ear()
    phone._book.listen(heard)
    yield heard
    for call in phone.calls:
        phone.hang_up(call.id)
    assert until(lambda: not phone.calls, 10)


def test_a_call_rings_is_answered_and_ends_there(phone: Baresip, ear: Ear, sipp: Sipp) -> None:
    sipp.call(phone.sip_address, "13812342716", talk_ms=300)
    (call,) = ear.wait_ringing()
    assert (call.caller.digits, call.caller.kind, call.incoming) == ("13812342716", "mobile", True)
    phone.answer(call.id)
    done = ear.wait_ended(call.id)
    assert done.ending is Ending.THERE
    assert done.answered_at is not None and done.ended_at is not None
    assert done.began_at <= done.answered_at <= done.ended_at


def test_a_caller_who_gives_up_is_told_as_abandoned(phone: Baresip, ear: Ear, sipp: Sipp) -> None:
    sipp.call(phone.sip_address, "02088886666", ends="gives_up", talk_ms=200)
    (call,) = ear.wait_ringing()
    done = ear.wait_ended(call.id)
    assert (done.ending, done.answered_at) == (Ending.ABANDONED, None)
    with pytest.raises(TelephoneError, match="已经结束"):
        phone.answer(call.id)


def test_two_ring_at_once_and_each_can_be_taken(phone: Baresip, ear: Ear, sipp: Sipp) -> None:
    """The first that rang is answered first, then the other, while the first waits."""
    sipp.call(phone.sip_address, "13800000001", ends="callee")
    ear.wait_ringing()
    sipp.call(phone.sip_address, "13800000002", ends="callee")
    first, second = ear.wait_ringing(2)
    phone.answer(first.id)
    assert ear.calls[first.id].state is CallState.TALKING
    assert ear.calls[second.id].state is CallState.RINGING
    phone.answer(second.id)
    assert [ear.calls[call.id].state for call in (first, second)] == [CallState.HELD, CallState.TALKING]
    phone.resume(first.id)
    assert [ear.calls[call.id].state for call in (first, second)] == [CallState.TALKING, CallState.HELD]
    phone.hang_up(second.id)
    phone.hang_up(first.id)
    assert [ear.wait_ended(call.id).ending for call in (first, second)] == [Ending.HERE, Ending.HERE]


def test_refused_and_not_disturbed(phone: Baresip, ear: Ear, sipp: Sipp) -> None:
    sipp.call(phone.sip_address, "13800000003")
    (call,) = ear.wait_ringing()
    phone.refuse(call.id)
    assert ear.wait_ended(call.id).ending is Ending.REFUSED
    phone.do_not_disturb(True)
    sipp.call(phone.sip_address, "13800000004")
    assert until(lambda: any(c.caller.digits == "13800000004" and c.over for c in ear.calls.values()), 10)
    missed = next(c for c in ear.calls.values() if c.caller.digits == "13800000004")
    assert missed.ending is Ending.MISSED
    phone.do_not_disturb(False)


def test_mute_and_tones(phone: Baresip, ear: Ear, sipp: Sipp) -> None:
    with pytest.raises(TelephoneError, match="没有正在进行"):
        phone.mute(True)
    sipp.call(phone.sip_address, "13800000005", ends="callee")
    (call,) = ear.wait_ringing()
    phone.answer(call.id)
    phone.mute(True)
    phone.mute(True)
    assert phone.line.muted
    phone.mute(False)
    assert not phone.line.muted
    phone.send_digits(call.id, "12#")
    with pytest.raises(TelephoneError, match="按键"):
        phone.send_digits(call.id, "1;quit")


@pytest.mark.parametrize(
    ("user", "display", "digits", "kind"),
    [
        ("anonymous", "", "", "hidden"),
        ("+8613812342716", "", "13812342716", "mobile"),
        ("0208888/6666", "", "02088886666", "landline"),
        ("9" * 300, "", "", "odd"),
        ("anonymous", "13812342716", "13812342716", "mobile"),
    ],
    ids=["anonymous", "plus86", "slash", "long", "display"],
)
def test_odd_callers(
    phone: Baresip, ear: Ear, sipp: Sipp, user: str, display: str, digits: str, kind: str
) -> None:
    sipp.call(phone.sip_address, user, display, ends="gives_up", talk_ms=100)
    assert until(lambda: bool(ear.calls), 10)
    (call,) = ear.calls.values()
    assert (call.caller.digits, call.caller.kind) == (digits, kind)
    assert ear.wait_ended(call.id).ending is Ending.ABANDONED


def test_a_softphone_that_dies_loses_no_call_silently_and_comes_back(
    phone: Baresip, ear: Ear, sipp: Sipp
) -> None:
    sipp.call(phone.sip_address, "13800000006", ends="callee")
    (call,) = ear.wait_ringing()
    phone.answer(call.id)
    pid = phone.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert ear.wait_ended(call.id).ending is Ending.LOST
    assert until(lambda: phone.line.state is LineState.READY and phone.pid not in (None, pid), 15)
    assert LineState.RESTARTING in [line.state for line in ear.lines]
    sipp.call(phone.sip_address, "13800000007", talk_ms=100)
    (again,) = ear.wait_ringing()
    phone.answer(again.id)
    assert ear.wait_ended(again.id).ending is Ending.THERE


def test_a_dead_registrar_is_told_in_a_sentence(tmp_path: Path) -> None:
    heard = Ear()
    telephone = Baresip(softphone(tmp_path, f"127.0.0.1:{free_port()}", register=True))
    telephone.start(heard)
    try:
        assert until(lambda: telephone.line.state is LineState.FAILED, 20), heard.events
        assert "电话线路没有接通" in telephone.line.sentence
        written = [path for path in (tmp_path / "line").rglob("*") if path.is_file()]
        assert written and not any(b"geheim" in path.read_bytes() for path in written)
        assert (tmp_path / "line").stat().st_mode & 0o777 == 0o700
    finally:
        telephone.stop()
    assert telephone.line.state is LineState.OFF


@needs_kamailio
def test_three_seats_register_ring_and_one_takes_the_call(tmp_path: Path, sipp: Sipp) -> None:
    """A wrong password is told; the hotline's call rings at every seat, the others hear that it is gone."""
    registrar = kamailio()
    registrar.start()
    ears, phones = [Ear() for _ in range(3)], []
    try:
        for number, ear in enumerate(ears):
            phone = Baresip(
                softphone(tmp_path / str(number), registrar.address, register=True, user=f"800{number}")
            )
            phones.append(phone)
            phone.start(ear)
        assert until(lambda: all(p.line.state is LineState.READY for p in phones), 20), [
            p.line for p in phones
        ]
        sipp.call(registrar.address, "13812342716", service="580", ends="callee")
        calls = [ear.wait_ringing()[0] for ear in ears]
        assert {call.caller.digits for call in calls} == {"13812342716"}
        phones[1].answer(calls[1].id)
        # one call, one id at every seat; a seat alone cannot tell a caller who gave up from one taken elsewhere
        assert len({call.id for call in calls}) == 1
        assert all(ears[n].wait_ended(calls[n].id).answered_at is None for n in (0, 2))
        phones[1].hang_up(calls[1].id)
        assert ears[1].calls[calls[1].id].ending is Ending.HERE
        stranger = Baresip(softphone(tmp_path / "x", registrar.address, register=True, password="falsch"))
        phones.append(stranger)
        stranger.start(lambda _event: None)
        assert until(lambda: stranger.line.state is LineState.FAILED, 15)
        assert "分机号或密码不对" in stranger.line.sentence
    finally:
        for phone in phones:
            phone.stop()
        registrar.close()
