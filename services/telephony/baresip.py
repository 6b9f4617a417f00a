"""A softphone of our own: baresip as a child process, told what to do over its control port.

baresip runs as a separate program (nothing of it is imported). It is started again when it dies; calls that went on
then end as lost, none vanishes. What it cannot do (three callers at once) is not among the abilities.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from datetime import datetime

from services.domain.caller_number import caller_number
from services.ports.telephony import (
    Ability,
    Call,
    CallState,
    Ending,
    Line,
    LineState,
    Listener,
    TelephoneError,
)
from services.telephony.baresip_control import Message
from services.telephony.baresip_process import Softphone, SoftphoneProcess
from services.telephony.call_book import CallBook, utc_now

logger = logging.getLogger(__name__)
#: how long one attempt to answer waits for the call to be talked on
TAKEN_S = 0.5
ATTEMPTS = 8
#: SIP itself gives up after 32 seconds; the operator is told sooner that the switch does not answer
SILENT_S = 5.0
_DIGITS = frozenset("0123456789*#ABCD")
_REASONS = {
    "401": "分机号或密码不对",
    "403": "分机号或密码不对",
    "404": "电话系统里没有这个分机",
    "503": "电话系统停止服务",
}


class Baresip:
    """The telephone of one seat by baresip. See `services.ports.telephony.Telephone`."""

    abilities = frozenset(
        {
            Ability.ANSWER, Ability.REFUSE, Ability.HOLD, Ability.TRANSFER, Ability.DIGITS, Ability.MUTE,
            Ability.DND, Ability.DIAL,
        }
    )  # fmt: skip

    def __init__(self, setup: Softphone, now: Callable[[], datetime] = utc_now) -> None:
        """Take the set-up; nothing runs before `start`."""
        self._account = setup.account
        self._book = CallBook(setup.account.user, now)
        self._process = SoftphoneProcess(setup, self)
        self._acting = threading.RLock()
        self._changed = threading.Condition()
        self._ours: set[str] = set()
        self._handed_over: set[str] = set()
        self._sent_away: set[str] = set()
        self._patience: threading.Timer | None = None

    # --- state --------------------------------------------------------------------------------------

    @property
    def line(self) -> Line:
        """Return how the line stands."""
        return self._book.line

    @property
    def calls(self) -> tuple[Call, ...]:
        """Return the calls that go on."""
        return self._book.calls

    @property
    def sip_address(self) -> str:
        """Return where the softphone takes calls, `address:port`; empty before the start."""
        return self._process.sip_address

    @property
    def pid(self) -> int | None:
        """Return the process id of the softphone while it runs."""
        return self._process.pid

    # --- life ---------------------------------------------------------------------------------------

    def start(self, listener: Listener) -> None:
        """Start the softphone and keep it alive; failures are told as the line's state."""
        self._book.listen(listener)
        self._book.set_line(state=LineState.CONNECTING, sentence="")
        self._process.start()

    def stop(self) -> None:
        """Hang up, end the process, remove the password."""
        for call in self._book.calls:
            with contextlib.suppress(TelephoneError):
                self.hang_up(call.id)
        if self._patience is not None:
            self._patience.cancel()
        self._process.stop()
        self._book.lose("软电话已关闭")
        self._book.set_line(state=LineState.OFF, sentence="")

    def came_up(self) -> None:
        """The process runs; without a registrar the line is ready now."""
        self._book.set_line(muted=False)
        if not self._account.register:
            self._book.set_line(state=LineState.READY, sentence="")
            return
        if self._patience is not None:
            self._patience.cancel()
        self._patience = threading.Timer(SILENT_S, self._silent)
        self._patience.daemon = True
        self._patience.start()

    def _silent(self) -> None:
        """The switch has not answered for a while; SIP itself goes on trying."""
        if self._book.line.state in (LineState.CONNECTING, LineState.RESTARTING):
            self._book.set_line(
                state=LineState.FAILED, sentence="电话线路没有接通：电话系统没有答复，正在重试。"
            )

    def died(self) -> None:
        """The process is gone: what went on is lost, and said so."""
        self._book.lose("软电话中断")
        self._book.set_line(state=LineState.RESTARTING, sentence="软电话中断，正在重新启动。")

    def cannot_run(self, sentence: str) -> None:
        """The softphone cannot be started at all."""
        self._book.set_line(state=LineState.FAILED, sentence=sentence)

    # --- acts ---------------------------------------------------------------------------------------

    def answer(self, call_id: str) -> None:
        """Take a ringing call; who is talked to already waits."""
        with self._acting:
            if self._book.call(call_id).state is not CallState.RINGING:
                return
            for other in self._book.calls:
                if other.state is CallState.TALKING:
                    self.hold(other.id)
            # With two calls ringing, baresip's `accept` first sets the other aside and answers only when it is
            # told again; the event says when it did.
            for _ in range(ATTEMPTS):
                self._on(call_id, "accept")
                if self._wait_for(call_id, CallState.TALKING, CallState.ENDED):
                    break
            if self._state(call_id) is not CallState.TALKING:
                raise TelephoneError("没有接通：对方可能已挂断。")
            self._on(call_id, "resume")

    def refuse(self, call_id: str) -> None:
        """Send a ringing call away."""
        self.hang_up(call_id)

    def hang_up(self, call_id: str) -> None:
        """End a call."""
        with self._acting:
            self._book.call(call_id)
            self._ours.add(call_id)
            self._on(call_id, "hangup")
            self._wait_for(call_id, CallState.ENDED)

    def hold(self, call_id: str) -> None:
        """Let a call wait."""
        with self._acting:
            if self._book.call(call_id).state is CallState.TALKING:
                self._on(call_id, "hold")
                self._book.change(call_id, state=CallState.HELD)

    def resume(self, call_id: str) -> None:
        """Talk again; another call that is talked on waits."""
        with self._acting:
            if self._book.call(call_id).state is not CallState.HELD:
                return
            for other in self._book.calls:
                if other.state is CallState.TALKING:
                    self.hold(other.id)
            self._on(call_id, "resume")
            self._book.talk(call_id)

    def transfer(self, call_id: str, number: str) -> None:
        """Hand a call over to a number of the switch (blind); the switch ends our part."""
        target = self._address(number)
        with self._acting:
            self._book.call(call_id)
            self._handed_over.add(call_id)
            self._on(call_id, "transfer", target)

    def join(self, call_id: str, other_id: str) -> None:
        """Not among the abilities: this softphone mixes no calls."""
        raise TelephoneError("这部软电话不能三方通话，请用电话系统的会议功能。")

    def dial(self, number: str) -> str:
        """Call a number; returns the id of the call."""
        with self._acting:
            before = {call.id for call in self._book.calls}
            self._ask("dial", self._address(number))
            with self._changed:
                self._changed.wait_for(lambda: {call.id for call in self._book.calls} - before, 2.0)
            made = [call.id for call in self._book.calls if call.id not in before and not call.incoming]
            if not made:
                raise TelephoneError("电话没有拨出，请检查号码和线路。")
            return made[0]

    def send_digits(self, call_id: str, digits: str) -> None:
        """Send tones one by one."""
        if not digits or set(digits) - _DIGITS:
            raise TelephoneError("按键只能是数字、* 和 #。")
        with self._acting:
            self._book.call(call_id)
            self._ask("callfind", call_id)
            for digit in digits:
                self._ask("sndcode", digit)

    def mute(self, on: bool) -> None:
        """Switch the microphone; it follows the call that is talked on."""
        with self._acting:
            talked = next((call for call in self._book.calls if call.state is CallState.TALKING), None)
            if talked is None:
                raise TelephoneError("没有正在进行的通话。")
            if on != self._book.line.muted:  # baresip only turns it over
                self._on(talked.id, "mute")
                self._book.set_line(muted=on)

    def do_not_disturb(self, on: bool) -> None:
        """Send calls away from now on, or take them again."""
        self._book.set_line(do_not_disturb=on)

    def record(self, call_id: str, on: bool) -> None:
        """Not among the abilities: the switch records."""
        raise TelephoneError("这部软电话不录音，请用电话系统的录音。")

    # --- hearing ------------------------------------------------------------------------------------

    def heard(self, event: Message) -> None:
        """Take an event of baresip; runs on the control port's thread and asks nothing back."""
        kind, call_id = str(event.get("type")), str(event.get("id") or "")
        if kind.startswith("REGISTER") or kind.startswith("UNREGISTER"):
            self._registered(kind, str(event.get("param") or ""))
        elif kind == "CALL_INCOMING":
            self._rings(call_id, event)
        elif kind in ("CALL_OUTGOING", "CALL_LOCAL_SDP") and event.get("direction") == "outgoing":
            self._book.begin(call_id, caller_number(str(event.get("peeruri") or "")), incoming=False)
        elif kind == "CALL_ESTABLISHED":
            self._book.talk(call_id)
        elif kind == "CALL_CLOSED":
            self._closed(call_id, str(event.get("param") or ""))
        with self._changed:
            self._changed.notify_all()

    def _rings(self, call_id: str, event: Message) -> None:
        """Note a call that rings; while nothing is taken it is sent away and counts as missed."""
        caller = caller_number(str(event.get("peeruri") or ""))
        if caller.hidden and not caller.shown:
            name = caller_number(str(event.get("peerdisplayname") or ""))
            caller = name if name.digits else caller
        self._book.begin(call_id, caller)
        if self._book.line.do_not_disturb:
            threading.Thread(target=self._send_away, args=(call_id,), daemon=True).start()

    def _send_away(self, call_id: str) -> None:
        """Refuse a call because nothing is taken now: for the caller it is one that nobody answered."""
        self._sent_away.add(call_id)
        try:
            with self._acting:
                self._on(call_id, "hangup")
        except TelephoneError:
            logger.info("a call ended before it was sent away")

    def _closed(self, call_id: str, cause: str) -> None:
        """Note the end of a call and why."""
        ending = Ending.THERE
        if call_id in self._handed_over:
            ending = Ending.TRANSFERRED
        elif call_id in self._ours:
            ending = Ending.HERE
        elif call_id in self._sent_away:
            ending = Ending.MISSED
        elif cause.startswith("486"):
            ending = Ending.BUSY
        elif "elsewhere" in cause.lower():
            ending = Ending.ELSEWHERE
        elif "timed out" in cause.lower() or cause.startswith(("480", "408")):
            ending = Ending.MISSED
        self._handed_over.discard(call_id)
        self._ours.discard(call_id)
        self._sent_away.discard(call_id)
        self._book.end(call_id, ending, cause)

    def _registered(self, kind: str, detail: str) -> None:
        """Note how the registrar answered."""
        if kind == "REGISTER_OK":
            self._book.set_line(state=LineState.READY, sentence="")
        elif kind == "REGISTER_FAIL":
            why = _REASONS.get(detail[:3], "电话系统没有答复")
            self._book.set_line(state=LineState.FAILED, sentence=f"电话线路没有接通：{why}，正在重试。")

    # --- asking -------------------------------------------------------------------------------------

    def _ask(self, command: str, params: str = "") -> str:
        """Tell baresip something; raises TelephoneError."""
        return self._process.ask(command, params)

    def _on(self, call_id: str, command: str, params: str = "") -> None:
        """Make a call the present one and tell baresip something about it."""
        if "not found" in self._ask("callfind", call_id):
            raise TelephoneError("这个电话已经结束。")
        self._ask(command, params)

    def _state(self, call_id: str) -> CallState:
        """Return where a call stands; one that is not there has ended."""
        return next((call.state for call in self._book.calls if call.id == call_id), CallState.ENDED)

    def _wait_for(self, call_id: str, *states: CallState) -> bool:
        """Wait a moment until a call stands in one of some states."""
        with self._changed:
            return self._changed.wait_for(lambda: self._state(call_id) in states, TAKEN_S)

    def _address(self, number: str) -> str:
        """Return where a number is called; raises TelephoneError for what is no number."""
        digits = caller_number(number).digits
        if not digits:
            raise TelephoneError("号码写得不对。")
        return f"sip:{digits}@{self._account.host}"
