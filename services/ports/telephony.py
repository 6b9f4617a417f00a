"""The telephone of a seat as a port: calls as plain values, and what can be done with them.

An adapter (a softphone, a hall's switch, a drill) tells events on its own thread; the console takes them to its main
thread. A call that was told of is told of until it has ended, whatever becomes of the adapter: nothing vanishes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from services.domain.caller_number import CallerNumber


class LineState(StrEnum):
    """How the line of this seat stands."""

    OFF = "off"
    CONNECTING = "connecting"
    READY = "ready"
    #: the registrar or switch refuses or does not answer; the sentence says which
    FAILED = "failed"
    #: the program behind the line died and is started again
    RESTARTING = "restarting"


class CallState(StrEnum):
    """Where a call stands."""

    RINGING = "ringing"
    DIALLING = "dialling"
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"


class Ending(StrEnum):
    """How a call ended."""

    #: the caller gave up before anybody answered (放弃)
    ABANDONED = "abandoned"
    #: it rang out, or was refused here (未接)
    MISSED = "missed"
    REFUSED = "refused"
    #: another seat took it (他席接听)
    ELSEWHERE = "elsewhere"
    #: answered and hung up, here or there
    HERE = "here"
    THERE = "there"
    TRANSFERRED = "transferred"
    #: dialled out and not answered, or busy
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    #: the line was lost while it went on
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Line:
    """The line of this seat: its number or name, its state, and a sentence for the operator when something is wrong."""

    name: str
    state: LineState
    sentence: str = ""
    do_not_disturb: bool = False
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call. Times are UTC; `queue` is the number or queue that was called where the switch tells it."""

    id: str
    caller: CallerNumber
    incoming: bool
    state: CallState
    began_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ending: Ending | None = None
    queue: str = ""
    recording: bool = False
    #: where the recording lies when there is one: a file of this machine or an address of the switch
    recorded: str = ""
    #: what the switch said of the ending, for the log
    cause: str = ""

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self.state is CallState.ENDED

    def ended(self, at: datetime, ending: Ending, cause: str = "") -> Call:
        """Return the call as ended; an ended call stays as it is."""
        if self.over:
            return self
        return replace(self, state=CallState.ENDED, ended_at=at, ending=ending, recording=False, cause=cause)


@dataclass(frozen=True, slots=True)
class LineChanged:
    """The line stands otherwise."""

    line: Line


@dataclass(frozen=True, slots=True)
class CallChanged:
    """A call is new or stands otherwise."""

    call: Call


Event = LineChanged | CallChanged
Listener = Callable[[Event], None]


class Ability(StrEnum):
    """What a telephone may be able to do; the console offers no more than it has."""

    ANSWER = "answer"
    REFUSE = "refuse"
    HOLD = "hold"
    TRANSFER = "transfer"
    JOIN = "join"
    DIGITS = "digits"
    MUTE = "mute"
    DND = "dnd"
    RECORD = "record"
    DIAL = "dial"


class TelephoneError(Exception):
    """What was asked could not be done; the text is a sentence for the operator."""


class Telephone(Protocol):
    """The telephone of one seat. Every act may block for up to two seconds and raises TelephoneError.

    Used by one thread at a time; events come on a thread of the adapter.
    """

    @property
    def abilities(self) -> frozenset[Ability]:
        """Return what this telephone can do."""
        ...

    @property
    def line(self) -> Line:
        """Return how the line stands."""
        ...

    @property
    def calls(self) -> tuple[Call, ...]:
        """Return the calls that have not ended, oldest first."""
        ...

    def start(self, listener: Listener) -> None:
        """Connect and tell events from now on; comes back at once, failures are told as the line's state."""
        ...

    def stop(self) -> None:
        """Hang up what goes on and let go of the line."""
        ...

    def answer(self, call_id: str) -> None:
        """Take a ringing call; a call that goes on is put on hold first."""
        ...

    def refuse(self, call_id: str) -> None:
        """Send a ringing call away."""
        ...

    def hang_up(self, call_id: str) -> None:
        """End a call."""
        ...

    def hold(self, call_id: str) -> None:
        """Let a call wait."""
        ...

    def resume(self, call_id: str) -> None:
        """Talk again to a call that waits."""
        ...

    def transfer(self, call_id: str, number: str) -> None:
        """Hand a call over to a number."""
        ...

    def join(self, call_id: str, other_id: str) -> None:
        """Talk with two callers at once (三方通话)."""
        ...

    def dial(self, number: str) -> str:
        """Call a number; returns the id of the call."""
        ...

    def send_digits(self, call_id: str, digits: str) -> None:
        """Send tones (0-9, *, #)."""
        ...

    def mute(self, on: bool) -> None:
        """Switch the microphone off or on."""
        ...

    def do_not_disturb(self, on: bool) -> None:
        """Take no calls (示忙) or take them again; calls that come meanwhile count as missed."""
        ...

    def record(self, call_id: str, on: bool) -> None:
        """Begin or end a recording; the caller is told first where an announcement is set."""
        ...
