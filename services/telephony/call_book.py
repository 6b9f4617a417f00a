"""The calls of one line and who listens: kept by every adapter, so that none of them can lose one.

Thread-safe. Listeners are called outside the lock, in the order of the events, never twice for the same value.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.domain.caller_number import CallerNumber
from services.ports.telephony import (
    Call,
    CallChanged,
    CallState,
    Ending,
    Event,
    Line,
    LineChanged,
    LineState,
    Listener,
    TelephoneError,
)

#: ended calls remembered, so that a late event of a switch does not begin them anew
REMEMBERED = 200


def utc_now() -> datetime:
    """Return this machine's time."""
    return datetime.now(UTC)


class CallBook:
    """Line and calls of a telephone."""

    def __init__(self, name: str, now: Callable[[], datetime] = utc_now) -> None:
        """Begin with no calls and the line off."""
        self._now = now
        self._lock = threading.RLock()
        self._calls: dict[str, Call] = {}
        self._ended: dict[str, None] = {}
        self._line = Line(name, LineState.OFF)
        self._listener: Listener | None = None
        self._events: list[Event] = []
        self._telling = False

    # --- reading ------------------------------------------------------------------------------------

    @property
    def line(self) -> Line:
        """Return how the line stands."""
        with self._lock:
            return self._line

    @property
    def calls(self) -> tuple[Call, ...]:
        """Return the calls that go on, oldest first."""
        with self._lock:
            return tuple(self._calls.values())

    def call(self, call_id: str) -> Call:
        """Return a call that goes on; raises TelephoneError."""
        with self._lock:
            found = self._calls.get(call_id)
        if found is None:
            raise TelephoneError("这个电话已经结束。")
        return found

    # --- telling ------------------------------------------------------------------------------------

    def listen(self, listener: Listener | None) -> None:
        """Tell events to a listener from now on (None: to nobody)."""
        with self._lock:
            self._listener = listener

    def set_line(self, **facts: Any) -> None:
        """Change facts of the line."""
        with self._lock:
            line = replace(self._line, **facts)
            if line == self._line:
                return
            self._line = line
            self._events.append(LineChanged(line))
        self._tell()

    def begin(
        self, call_id: str, caller: CallerNumber, *, incoming: bool = True, queue: str = ""
    ) -> Call | None:
        """Note a new call; None when it is known already, or is over."""
        with self._lock:
            if call_id in self._calls or call_id in self._ended:
                return None
            state = CallState.RINGING if incoming else CallState.DIALLING
            call = Call(call_id, caller, incoming, state, self._now(), queue=queue)
            self._keep(call)
        self._tell()
        return call

    def change(self, call_id: str, **facts: Any) -> Call | None:
        """Change facts of a call that goes on; None when there is none of that id."""
        with self._lock:
            changed = self._changed(call_id, facts)
        self._tell()
        return changed

    def talk(self, call_id: str) -> Call | None:
        """Note that a call is talked on; the first time is the answer."""
        with self._lock:
            call = self._calls.get(call_id)
            at = call.answered_at if call is not None and call.answered_at else self._now()
            changed = self._changed(call_id, {"state": CallState.TALKING, "answered_at": at})
        self._tell()
        return changed

    def end(self, call_id: str, ending: Ending, cause: str = "") -> Call | None:
        """Note the end of a call; a call that was answered cannot have been missed."""
        with self._lock:
            call = self._calls.get(call_id)
            if call is None:
                return None
            done = call.ended(self._now(), _true_ending(call, ending), cause)
            self._keep(done)
        self._tell()
        return done

    def lose(self, cause: str) -> None:
        """End all calls as lost: the program behind the line is gone."""
        for call in self.calls:
            self.end(call.id, Ending.LOST, cause)

    # --- inside -------------------------------------------------------------------------------------

    def _changed(self, call_id: str, facts: dict[str, Any]) -> Call | None:
        """Change facts of a call under the lock."""
        call = self._calls.get(call_id)
        if call is None:
            return None
        changed = replace(call, **facts)
        if changed != call:
            self._keep(changed)
        return changed

    def _keep(self, call: Call) -> None:
        """Keep a call and queue the news of it."""
        if call.over:
            self._calls.pop(call.id, None)
            self._ended[call.id] = None
            while len(self._ended) > REMEMBERED:
                self._ended.pop(next(iter(self._ended)))
        else:
            self._calls[call.id] = call
        self._events.append(CallChanged(call))

    def _tell(self) -> None:
        """Tell what is queued, one thread at a time, in order."""
        while True:
            with self._lock:
                if self._telling or not self._events:
                    return
                event, listener = self._events.pop(0), self._listener
                self._telling = True
            try:
                if listener is not None:
                    listener(event)
            finally:
                with self._lock:
                    self._telling = False


def _true_ending(call: Call, ending: Ending) -> Ending:
    """Return the ending that fits what was seen of the call."""
    answered = call.answered_at is not None
    if answered and ending in (Ending.ABANDONED, Ending.MISSED, Ending.NO_ANSWER, Ending.BUSY):
        return Ending.THERE
    if not answered and ending is Ending.THERE:
        return Ending.ABANDONED if call.incoming else Ending.NO_ANSWER
    if not answered and ending is Ending.HERE and call.incoming:
        return Ending.REFUSED
    return ending
