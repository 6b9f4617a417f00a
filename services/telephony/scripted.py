"""A telephone that follows a script: for drills, for training, and for the console's own tests.

It obeys the same port as a real one and can do everything, so that a newcomer sees a call without a switch. Nothing it
says reaches a telephone network.
"""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

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
from services.telephony.call_book import CallBook, utc_now

_TONES = frozenset("0123456789*#ABCD")


@dataclass(frozen=True, slots=True)
class Ring:
    """One call of a script: when it rings after the start of the script, who calls what, how patient the caller is."""

    after_s: float
    number: str
    queue: str = ""
    patience_s: float = 45.0


class ScriptedTelephone:
    """A telephone of one seat without a network. See `services.ports.telephony.Telephone`."""

    abilities = frozenset(Ability)

    def __init__(self, name: str, now: Callable[[], datetime] = utc_now) -> None:
        """Begin without calls."""
        self._book = CallBook(name, now)
        self._stopping = threading.Event()
        self._timers: list[threading.Timer] = []
        self._count = itertools.count(1)
        self._run = uuid.uuid4().hex[:12]
        self.tones: dict[str, str] = {}

    @property
    def line(self) -> Line:
        """Return how the line stands."""
        return self._book.line

    @property
    def calls(self) -> tuple[Call, ...]:
        """Return the calls that go on."""
        return self._book.calls

    def start(self, listener: Listener) -> None:
        """Be ready at once."""
        self._stopping.clear()
        self._book.listen(listener)
        self._book.set_line(state=LineState.READY, sentence="演练线路，没有接电话系统。")

    def stop(self) -> None:
        """End the script and every call."""
        self._stopping.set()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._book.lose("演练结束")
        self._book.set_line(state=LineState.OFF, sentence="")

    # --- the script ---------------------------------------------------------------------------------

    def play(self, script: Sequence[Ring]) -> None:
        """Let callers ring as a script says, from now on."""
        for ring in script:
            self._later(ring.after_s, partial(self.ring, ring.number, ring.queue, ring.patience_s))

    def ring(self, number: str, queue: str = "", patience_s: float = 0.0) -> str:
        """Let somebody call now; returns the id. After `patience_s` (0: never) the caller gives up."""
        call_id = f"drill-{self._run}-{next(self._count)}"
        self._book.begin(call_id, caller_number(number), queue=queue)
        if self._book.line.do_not_disturb:
            self._book.end(call_id, Ending.MISSED, "do not disturb")
        elif patience_s:
            self._later(patience_s, lambda: self._give_up(call_id))
        return call_id

    def caller_hangs_up(self, call_id: str) -> None:
        """Let the other side end a call."""
        self._book.end(call_id, Ending.THERE)

    def breaks(self, sentence: str) -> None:
        """Let the line fail: what goes on is lost."""
        self._book.lose("line failed")
        self._book.set_line(state=LineState.FAILED, sentence=sentence)

    def mends(self) -> None:
        """Let the line come back."""
        self._book.set_line(state=LineState.READY, sentence="")

    def _give_up(self, call_id: str) -> None:
        """The caller waits no longer, if nobody answered."""
        if any(call.id == call_id and call.state is CallState.RINGING for call in self._book.calls):
            self._book.end(call_id, Ending.ABANDONED, "gave up")

    def _later(self, seconds: float, act: Callable[[], object]) -> None:
        """Do something later, unless the script ended."""

        def due() -> None:
            if not self._stopping.is_set():
                act()

        timer = threading.Timer(seconds, due)
        timer.daemon = True
        self._timers = [old for old in self._timers if old.is_alive()]
        self._timers.append(timer)
        timer.start()

    # --- acts ---------------------------------------------------------------------------------------

    def answer(self, call_id: str) -> None:
        """Take a ringing call."""
        self._ready()
        if self._book.call(call_id).state is CallState.RINGING:
            self._set_aside(call_id)
            self._book.talk(call_id)

    def refuse(self, call_id: str) -> None:
        """Send a ringing call away."""
        self._book.call(call_id)
        self._book.end(call_id, Ending.REFUSED)

    def hang_up(self, call_id: str) -> None:
        """End a call."""
        self._book.call(call_id)
        self._book.end(call_id, Ending.HERE)

    def hold(self, call_id: str) -> None:
        """Let a call wait."""
        if self._book.call(call_id).state is CallState.TALKING:
            self._book.change(call_id, state=CallState.HELD)

    def resume(self, call_id: str) -> None:
        """Talk again."""
        if self._book.call(call_id).state is CallState.HELD:
            self._set_aside(call_id)
            self._book.talk(call_id)

    def transfer(self, call_id: str, number: str) -> None:
        """Hand a call over."""
        self._number(number)
        self._book.call(call_id)
        self._book.end(call_id, Ending.TRANSFERRED, number)

    def join(self, call_id: str, other_id: str) -> None:
        """Talk with two at once."""
        for each in (call_id, other_id):
            if self._book.call(each).state not in (CallState.TALKING, CallState.HELD):
                raise TelephoneError("两个电话都接通后才能三方通话。")
        for each in (call_id, other_id):
            self._book.talk(each)

    def dial(self, number: str) -> str:
        """Call a number; who is called answers at once."""
        self._ready()
        found = self._number(number)
        call_id = f"drill-{self._run}-{next(self._count)}"
        self._set_aside(call_id)
        self._book.begin(call_id, caller_number(found), incoming=False)
        self._book.talk(call_id)
        return call_id

    def send_digits(self, call_id: str, digits: str) -> None:
        """Note tones."""
        if not digits or set(digits) - _TONES:
            raise TelephoneError("按键只能是数字、* 和 #。")
        self._book.call(call_id)
        self.tones[call_id] = self.tones.get(call_id, "") + digits

    def mute(self, on: bool) -> None:
        """Switch the microphone."""
        self._book.set_line(muted=on)

    def do_not_disturb(self, on: bool) -> None:
        """Take no calls, or take them again."""
        self._book.set_line(do_not_disturb=on)

    def record(self, call_id: str, on: bool) -> None:
        """Mark a call as recorded; a drill keeps no sound."""
        if self._book.call(call_id).state is CallState.TALKING:
            self._book.change(call_id, recording=on)

    def _ready(self) -> None:
        """Raise TelephoneError while the line does not stand."""
        if self._book.line.state is not LineState.READY:
            raise TelephoneError(self._book.line.sentence or "电话线路没有接通。")

    def _set_aside(self, call_id: str) -> None:
        """Let whoever is talked to wait."""
        for other in self._book.calls:
            if other.id != call_id and other.state is CallState.TALKING:
                self._book.change(other.id, state=CallState.HELD)

    def _number(self, number: str) -> str:
        """Return the digits of a number; raises TelephoneError for what is none."""
        digits = caller_number(number).digits
        if not digits:
            raise TelephoneError("号码写得不对。")
        return digits
