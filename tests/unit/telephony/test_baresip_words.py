"""What the softphone's telephone makes of baresip's events, with no program behind it: calls, line, refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.ports.telephony import Ability, CallState, Ending, LineState, TelephoneError
from services.telephony.baresip import Baresip
from services.telephony.baresip_folder import Account, forget
from services.telephony.baresip_process import Softphone
from tests.support.sip import Ear
from tests.support.waiting import until

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


class Clock:
    """A second passes with every look."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def phone(tmp_path: Path, ear: Ear) -> Baresip:
    """A telephone that hears, but has no program that could be told anything."""
    account = Account("8001", "10.0.0.5:5060", register=False)
    made = Baresip(Softphone(account, tmp_path / "line"), Clock())
    made._book.listen(ear)
    return made


def rings(phone: Baresip, call_id: str = "a", caller: str = "sip:13812342716@10.0.0.5", **more: Any) -> str:
    phone.heard(
        {
            "event": True,
            "type": "CALL_INCOMING",
            "id": call_id,
            "direction": "incoming",
            "peeruri": caller,
            **more,
        }
    )
    return call_id


def says(phone: Baresip, kind: str, call_id: str = "a", **more: Any) -> None:
    phone.heard({"event": True, "type": kind, "id": call_id, **more})


def test_a_call_from_its_ring_to_its_end(phone: Baresip, ear: Ear) -> None:
    rings(phone)
    says(phone, "CALL_ESTABLISHED")
    talked = ear.calls["a"]
    assert (talked.state, talked.caller.digits, talked.incoming) == (CallState.TALKING, "13812342716", True)
    says(phone, "CALL_CLOSED", param="Connection reset by peer")
    done = ear.calls["a"]
    assert (done.ending, done.cause, phone.calls) == (Ending.THERE, "Connection reset by peer", ())
    assert done.answered_at is not None and done.ended_at is not None
    assert done.began_at < done.answered_at < done.ended_at


@pytest.mark.parametrize(
    ("cause", "answered", "ending"),
    [
        ("", False, Ending.ABANDONED),  # who called hung up before anybody answered
        ("", True, Ending.THERE),
        ("Connection reset by peer", True, Ending.THERE),
        ("Call completed elsewhere", False, Ending.ELSEWHERE),
        ('SIP;cause=200;text="Call completed ELSEWHERE"', False, Ending.ELSEWHERE),
        ("480 Temporarily Unavailable", False, Ending.MISSED),
        ("408 Request Timeout", False, Ending.MISSED),
        ("Local timer timed out", False, Ending.MISSED),
        ("Connection timed out", True, Ending.THERE),  # an answered call was not missed
        ("486 Busy Here", False, Ending.BUSY),
        ("487 Request Terminated", False, Ending.ABANDONED),
    ],
    ids=range(11),
)
def test_how_an_incoming_call_ended(
    phone: Baresip, ear: Ear, cause: str, answered: bool, ending: Ending
) -> None:
    rings(phone)
    if answered:
        says(phone, "CALL_ESTABLISHED")
    says(phone, "CALL_CLOSED", param=cause)
    assert (ear.calls["a"].ending, ear.calls["a"].cause) == (ending, cause)


@pytest.mark.parametrize(
    ("cause", "answered", "ending"),
    [
        ("486 Busy Here", False, Ending.BUSY),
        ("404 Not Found", False, Ending.NO_ANSWER),
        ("", False, Ending.NO_ANSWER),
        ("", True, Ending.THERE),
    ],
    ids=range(4),
)
def test_how_a_dialled_call_ended(
    phone: Baresip, ear: Ear, cause: str, answered: bool, ending: Ending
) -> None:
    says(phone, "CALL_OUTGOING", direction="outgoing", peeruri="sip:02088886666@10.0.0.5")
    assert (ear.calls["a"].state, ear.calls["a"].incoming) == (CallState.DIALLING, False)
    if answered:
        says(phone, "CALL_ESTABLISHED", direction="outgoing")
    says(phone, "CALL_CLOSED", direction="outgoing", param=cause)
    assert ear.calls["a"].ending is ending


def test_one_dialled_call_told_of_twice_is_one(phone: Baresip, ear: Ear) -> None:
    for kind in ("CALL_OUTGOING", "CALL_LOCAL_SDP"):
        says(phone, kind, direction="outgoing", peeruri="sip:8002@10.0.0.5")
    says(phone, "CALL_LOCAL_SDP", "b", direction="incoming", peeruri="sip:8003@10.0.0.5")
    assert [call.id for call in phone.calls] == ["a"], "the description of an incoming call begins none"


@pytest.mark.parametrize(
    ("uri", "name", "digits", "shown"),
    [
        ("sip:13812342716@10.0.0.5", "", "13812342716", "138 1234 2716"),
        ("sip:anonymous@anonymous.invalid", "13812342716", "13812342716", "138 1234 2716"),
        ("sip:anonymous@anonymous.invalid", "Anonymous", "", ""),
        ("sip:anonymous@anonymous.invalid", "", "", ""),
        ("sip:front-desk@pbx", "13812342716", "", "front-desk"),  # the address says who it is
        ("", "", "", ""),
    ],
    ids=range(6),
)
def test_who_calls(phone: Baresip, uri: str, name: str, digits: str, shown: str) -> None:
    rings(phone, caller=uri, peerdisplayname=name)
    (call,) = phone.calls
    assert (call.caller.digits, call.caller.shown) == (digits, shown)


def test_a_late_ring_of_an_ended_call_begins_nothing(phone: Baresip, ear: Ear) -> None:
    rings(phone)
    says(phone, "CALL_CLOSED")
    rings(phone)
    says(phone, "CALL_ESTABLISHED")
    says(phone, "CALL_CLOSED", param="486")
    assert phone.calls == () and ear.calls["a"].ending is Ending.ABANDONED
    assert len([e for e in ear.events if getattr(getattr(e, "call", None), "over", False)]) == 1


@pytest.mark.parametrize("kind", ["", "VU_RX", "CALL_RTCP", "MWI_NOTIFY", "SHUTDOWN", "CALL_TRANSFER"])
def test_other_events_change_nothing(phone: Baresip, ear: Ear, kind: str) -> None:
    rings(phone)
    before = list(ear.events)
    says(phone, kind, param="x")
    phone.heard({"event": True, "type": kind})
    assert ear.events == before


# --- the line ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("detail", "word"),
    [
        ("401 Unauthorized", "分机号或密码不对"), ("403 Forbidden", "分机号或密码不对"),
        ("404 Not Found", "没有这个分机"), ("503 Service Unavailable", "停止服务"),
        ("Connection refused", "没有答复"), ("", "没有答复"),
    ],
    ids=range(6),
)  # fmt: skip
def test_why_the_switch_did_not_take_the_line(phone: Baresip, ear: Ear, detail: str, word: str) -> None:
    says(phone, "REGISTER_FAIL", "", param=detail)
    assert phone.line.state is LineState.FAILED
    assert word in phone.line.sentence and phone.line.sentence.endswith("正在重试。")
    says(phone, "REGISTER_OK", "", param="200 OK")
    assert (phone.line.state, phone.line.sentence) == (LineState.READY, "")
    assert [line.state for line in ear.lines] == [LineState.FAILED, LineState.READY]


@pytest.mark.parametrize("kind", ["REGISTERING", "UNREGISTERING", "REGISTER_OTHER"])
def test_a_try_is_no_news(phone: Baresip, ear: Ear, kind: str) -> None:
    says(phone, kind, "", param="200")
    assert ear.lines == []


def test_a_line_without_a_registrar_is_ready_at_once(phone: Baresip) -> None:
    phone.came_up()
    assert phone.line.state is LineState.READY


def test_a_switch_that_says_nothing_is_told_of(tmp_path: Path, ear: Ear) -> None:
    silent = Baresip(Softphone(Account("8001", "10.0.0.5", "x"), tmp_path / "line"), Clock())
    silent._book.listen(ear)
    silent._book.set_line(state=LineState.CONNECTING)
    silent._silent()
    assert "没有答复" in silent.line.sentence
    says(silent, "REGISTER_OK", "")
    silent._silent()  # it answered meanwhile
    assert [line.state for line in ear.lines] == [LineState.CONNECTING, LineState.FAILED, LineState.READY]


def test_a_dead_program_loses_every_call_aloud(phone: Baresip, ear: Ear) -> None:
    rings(phone, "a")
    rings(phone, "b")
    says(phone, "CALL_ESTABLISHED", "a")
    phone.died()
    assert {call.ending for call in ear.calls.values()} == {Ending.LOST}
    assert {call.cause for call in ear.calls.values()} == {"软电话中断"}
    assert (phone.line.state, phone.line.sentence) == (LineState.RESTARTING, "软电话中断，正在重新启动。")
    phone.came_up()
    assert phone.calls == () and phone.line.state is LineState.READY


def test_a_program_that_cannot_run_says_why(phone: Baresip) -> None:
    phone.cannot_run("这台电脑没有装软电话。")
    assert (phone.line.state, phone.line.sentence) == (LineState.FAILED, "这台电脑没有装软电话。")


def test_a_microphone_that_was_off_is_on_after_a_new_start(phone: Baresip) -> None:
    phone._book.set_line(muted=True)
    phone.came_up()
    assert not phone.line.muted


# --- what is asked ------------------------------------------------------------------------------------------


def test_what_it_cannot_do_is_not_offered_and_refused_in_words(phone: Baresip) -> None:
    assert Ability.JOIN not in phone.abilities and Ability.RECORD not in phone.abilities
    rings(phone, "a")
    rings(phone, "b")
    with pytest.raises(TelephoneError, match=r"^这部软电话不能三方通话.*。$"):
        phone.join("a", "b")
    with pytest.raises(TelephoneError, match=r"^这部软电话不录音.*。$"):
        phone.record("a", True)


@pytest.mark.parametrize("number", ["", "/", "anonymous", "张三", "sip:@x"])
def test_what_is_no_number_is_neither_dialled_nor_handed_to(phone: Baresip, number: str) -> None:
    rings(phone)
    with pytest.raises(TelephoneError, match="号码写得不对。"):
        phone.dial(number)
    with pytest.raises(TelephoneError, match="号码写得不对。"):
        phone.transfer("a", number)


@pytest.mark.parametrize("digits", ["", "x", "12 3", "1\n2", "１", "+86"])
def test_what_is_no_key_is_not_sent(phone: Baresip, digits: str) -> None:
    rings(phone)
    with pytest.raises(TelephoneError, match="按键只能是"):
        phone.send_digits("a", digits)


def test_a_number_goes_to_the_switch_of_the_line_whatever_was_pasted(phone: Baresip) -> None:
    assert phone._address("sip:8002@evil.example;transport=tcp") == "sip:8002@10.0.0.5:5060"
    assert phone._address("+86 138-1234-2716") == "sip:13812342716@10.0.0.5:5060"
    assert phone._address("8002\nquit") == "sip:8002@10.0.0.5:5060"


def test_without_its_program_every_act_says_so_and_changes_nothing(phone: Baresip, ear: Ear) -> None:
    rings(phone)
    before = phone.calls
    acts: tuple[Callable[[], object], ...] = (
        lambda: phone.answer("a"), lambda: phone.refuse("a"), lambda: phone.hang_up("a"),
        lambda: phone.dial("8002"), lambda: phone.transfer("a", "8002"), lambda: phone.send_digits("a", "1"),
    )  # fmt: skip
    for act in acts:
        with pytest.raises(TelephoneError, match="软电话没有连接。"):
            act()
    assert phone.calls == before and len(ear.events) == 1


def test_a_call_that_is_over_is_told_so(phone: Baresip) -> None:
    rings(phone)
    says(phone, "CALL_CLOSED")
    for act in (phone.answer, phone.refuse, phone.hang_up, phone.hold, phone.resume):
        with pytest.raises(TelephoneError, match="这个电话已经结束。"):
            act("a")


def test_the_microphone_follows_a_talk(phone: Baresip) -> None:
    rings(phone)
    with pytest.raises(TelephoneError, match="没有正在进行的通话。"):
        phone.mute(True)
    assert not phone.line.muted


def test_closing_down_ends_what_goes_on_and_switches_the_line_off(phone: Baresip, ear: Ear) -> None:
    rings(phone)
    phone.stop()
    assert ear.calls["a"].ending is Ending.LOST and phone.line.state is LineState.OFF
    forget(phone._process._setup.folder)


# --- not disturbed --------------------------------------------------------------------------------------------


def test_only_a_call_that_was_sent_away_counts_as_missed(phone: Baresip, ear: Ear) -> None:
    rings(phone)
    phone.do_not_disturb(True)
    assert phone.line.do_not_disturb
    rings(phone, "b")
    assert until(lambda: "b" in phone._sent_away), "a call that comes now is sent away on a thread of its own"
    says(phone, "CALL_CLOSED", "b", param="486 Busy Here")
    assert ear.calls["b"].ending is Ending.MISSED
    says(phone, "CALL_CLOSED")
    assert ear.calls["a"].ending is Ending.ABANDONED, "it rang before, and its caller gave up"
    phone.do_not_disturb(False)
    rings(phone, "c")
    says(phone, "CALL_CLOSED", "c")
    assert ear.calls["c"].ending is Ending.ABANDONED and not phone._sent_away
