"""The control port: commands and their answers, events, and every way the other side may misbehave.

A small server on the loopback plays the softphone's part; what it says is decided by each test.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from services.ports.telephony import TelephoneError
from services.telephony import baresip_control
from services.telephony.baresip_control import Control
from services.telephony.netstrings import Unframer, framed
from tests.support.waiting import until

Answer = Callable[[dict[str, Any]], "list[bytes]"]


def answer(asked: dict[str, Any], data: str = "", *, ok: bool = True) -> bytes:
    """An answer as baresip frames it."""
    body = {"response": True, "ok": ok, "data": data, "token": asked["token"]}
    return framed(json.dumps(body).encode())


def event(**facts: Any) -> bytes:
    return framed(json.dumps({"event": True, **facts}).encode())


class FakeSoftphone:
    """Listens on the loopback, keeps what was asked, and says what it is told to say."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.asked: list[dict[str, Any]] = []
        self.says: Answer = lambda asked: [answer(asked)]
        self._line: socket.socket | None = None
        self._connected = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            self._line, _ = self._listening.accept()
        except OSError:
            return
        self._connected.set()
        frames = Unframer()
        try:
            while data := self._line.recv(4096):
                for body in frames.feed(data):
                    asked = json.loads(body)
                    self.asked.append(asked)
                    for piece in self.says(asked):
                        self._line.sendall(piece)
        except OSError:
            return

    def say(self, *pieces: bytes) -> None:
        """Say something unasked."""
        assert self._connected.wait(10) and self._line is not None
        for piece in pieces:
            self._line.sendall(piece)

    def hang_up(self) -> None:
        """End the connection from this side."""
        assert self._connected.wait(10) and self._line is not None
        self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()

    def close(self) -> None:
        """End everything; a wait for a connection or for words is woken."""
        for line in (self._listening, self._line):
            if line is not None:
                with suppress(OSError):  # it had gone already
                    line.shutdown(socket.SHUT_RDWR)
                line.close()
        self._thread.join(5)


class Listener:
    """Hears a control connection."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.lost = 0
        self.fails = False

    def event(self, message: Any) -> None:
        self.heard.append(message)
        if self.fails:
            raise RuntimeError("the listener stumbles")

    def gone(self) -> None:
        self.lost += 1


@pytest.fixture
def other() -> Iterator[FakeSoftphone]:
    made = FakeSoftphone()
    yield made
    made.close()


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def control(other: FakeSoftphone, listener: Listener) -> Iterator[Control]:
    made = Control(other.port, listener.event, listener.gone)
    yield made
    made.close()


def test_a_command_goes_out_with_its_words_and_its_answer_comes_back(
    control: Control, other: FakeSoftphone
) -> None:
    other.says = lambda asked: [answer(asked, f"done {asked['command']}")]
    assert control.ask("dial", "sip:8002@10.0.0.1") == "done dial"
    assert control.ask("callfind", "一个 “呼叫”") == "done callfind"
    first, second = other.asked
    assert (first["command"], first["params"]) == ("dial", "sip:8002@10.0.0.1")
    assert second["params"] == "一个 “呼叫”"
    assert first["token"] != second["token"], "each command has its own"


def test_an_answer_without_words_is_empty(control: Control, other: FakeSoftphone) -> None:
    other.says = lambda asked: [
        framed(json.dumps({"response": True, "ok": True, "token": asked["token"]}).encode())
    ]
    assert control.ask("hold") == ""


def test_a_refusal_is_told_in_words(control: Control, other: FakeSoftphone) -> None:
    other.says = lambda asked: [answer(asked, "no such command", ok=False)]
    with pytest.raises(TelephoneError, match="没有办成这一步。"):
        control.ask("fly")


def test_answers_find_who_asked_even_in_the_wrong_order(control: Control, other: FakeSoftphone) -> None:
    kept: list[dict[str, Any]] = []

    def both_at_once(asked: dict[str, Any]) -> list[bytes]:
        kept.append(asked)
        if len(kept) < 2:
            return []
        return [answer(one, one["command"]) for one in reversed(kept)]

    other.says = both_at_once
    found: dict[str, str] = {}

    def ask(word: str) -> None:
        found[word] = control.ask(word)

    threads = [threading.Thread(target=ask, args=(word,)) for word in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == {"first": "first", "second": "second"}


def test_silence_is_told_after_a_while_and_a_late_answer_goes_to_nobody(
    control: Control, other: FakeSoftphone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baresip_control, "ANSWER_S", 0.05)
    other.says = lambda _asked: []
    with pytest.raises(TelephoneError, match="没有答复"):
        control.ask("hold")
    monkeypatch.setattr(baresip_control, "ANSWER_S", 10.0)
    assert until(lambda: bool(other.asked))
    late = dict(other.asked[0])
    other.says = lambda asked: [answer(late, "late"), answer(asked, "right")]
    assert control.ask("resume") == "right"
    assert control._answers == {}, "nothing is kept for who has gone"


def test_events_come_between_answers_and_cut_anywhere(
    control: Control, other: FakeSoftphone, listener: Listener
) -> None:
    def with_an_event(asked: dict[str, Any]) -> list[bytes]:
        whole = event(type="CALL_RINGING", id="a") + answer(asked, "ok") + event(type="CALL_CLOSED", id="a")
        return [whole[n : n + 7] for n in range(0, len(whole), 7)]

    other.says = with_an_event
    assert control.ask("hold") == "ok"
    assert until(lambda: len(listener.heard) == 2)
    assert [(one["type"], one["id"]) for one in listener.heard] == [
        ("CALL_RINGING", "a"),
        ("CALL_CLOSED", "a"),
    ]


@pytest.mark.allow_log(containing="no JSON")
@pytest.mark.parametrize(
    "noise",
    [
        b"no json", b"[1, 2]", b'"text"', b"17", b"null", b"{}", b'{"event": false, "type": "X"}', b"\xff\xfe",
        b'{"response": true}', b'{"response": true, "token": ["g1"], "ok": true}',
    ],
    ids=range(10),
)  # fmt: skip
def test_noise_in_whole_frames_is_read_over(
    control: Control, other: FakeSoftphone, listener: Listener, noise: bytes
) -> None:
    other.says = lambda asked: [framed(noise), answer(asked, "still there")]
    assert control.ask("hold") == "still there"
    assert listener.heard == [] and listener.lost == 0


def test_control_signs_in_a_name_do_not_hide_an_event(
    control: Control, other: FakeSoftphone, listener: Listener
) -> None:
    other.say(framed(b'{"event": true, "type": "CALL_INCOMING", "peerdisplayname": "a\tb\x01"}'))
    assert until(lambda: bool(listener.heard)), control
    assert listener.heard[0]["peerdisplayname"] == "a\tb\x01"


@pytest.mark.allow_log(containing="could not be taken")
def test_a_listener_that_stumbles_does_not_end_the_line(
    control: Control, other: FakeSoftphone, listener: Listener
) -> None:
    listener.fails = True
    other.says = lambda asked: [event(type="CALL_CLOSED", id="a"), answer(asked, "ok")]
    assert control.ask("hold") == "ok" and control.ask("resume") == "ok"
    assert len(listener.heard) == 2 and listener.lost == 0


@pytest.mark.parametrize("stream", [b"x:", b"99999999:", b"3:abcd"], ids=["no number", "too long", "no end"])
def test_a_stream_that_is_none_of_ours_is_left_and_told(
    control: Control, other: FakeSoftphone, listener: Listener, stream: bytes
) -> None:
    other.say(stream)
    assert until(lambda: listener.lost == 1), control


def test_an_end_from_the_other_side_is_told_once_and_nothing_can_be_asked(
    control: Control, other: FakeSoftphone, listener: Listener
) -> None:
    other.hang_up()
    assert until(lambda: listener.lost == 1)
    for _ in range(2):
        with pytest.raises(TelephoneError, match=r"软电话没有(连接|答复)"):
            control.ask("hold")
    control.close()
    assert listener.lost == 1


def test_who_waits_is_freed_at_once_when_the_other_side_goes(
    control: Control, other: FakeSoftphone, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baresip_control, "ANSWER_S", 60.0)

    def leave(_asked: dict[str, Any]) -> list[bytes]:
        other.hang_up()
        return []

    other.says = leave
    with pytest.raises(TelephoneError, match="没有答复"):
        control.ask("hold")
    assert until(lambda: listener.lost == 1)


def test_letting_go_is_no_loss(control: Control, other: FakeSoftphone, listener: Listener) -> None:
    assert control.ask("hold") == ""
    control.close()
    control.close()  # twice does no harm
    control._thread.join(10)
    assert not control._thread.is_alive() and listener.lost == 0
    with pytest.raises(TelephoneError):
        control.ask("resume")
    assert len(other.asked) == 1


def test_nobody_there_is_an_error_of_the_system(other: FakeSoftphone, listener: Listener) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    with pytest.raises(OSError, match=r"refused|Connection"):
        Control(port, listener.event, listener.gone)
    assert other.asked == [] and listener.lost == 0
