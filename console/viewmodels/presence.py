"""Who is looking at or working on a case. Presence refuses nothing: it only lets people see each other.

The console beats for the case in the panel (`look`), for the case in an open dialog and for what was claimed from a
pool (`hold`), and asks for everybody's presence with one question every few seconds while its window can be seen; all
of it on a lane. A hold that went silent is told of by the centre and can be taken over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from services.ports.centre import Presence
from services.ports.errors import GatewayError, NeverValid

if TYPE_CHECKING:
    from console.viewmodels.seat import SeatViewModel

LANE = "presence"
POLL_S, BEAT_S, SLOWEST_S = 4.0, 20.0, 30.0
#: whoever runs through a list with J looks at nothing
SETTLE_MS = 1500
#: more than this is no claim but a wish
MOST_CLAIMS = 30
HOLD, LOOK = "hold", "look"


def tr(text: str) -> str:
    """Translate a word of presence."""
    return QCoreApplication.translate("Presence", text)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody else at a case: name, `hold` or `look`, the last beat, whether the hold went silent."""

    user_id: str
    name: str
    kind: str
    at: datetime | None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class _Round:
    """What a round on the lane is to do, and what it brought."""

    beats: tuple[tuple[str, str], ...]
    drops: tuple[str, ...]
    found: tuple[Presence, ...] = ()
    gone: tuple[str, ...] = ()


class PresenceViewModel(QObject):
    """Presence of one seat. `changed(frozenset)` names the cases whose people are others now.

    `opened(str)` says which case came into a panel, at once.
    """

    changed = Signal(object)
    opened = Signal(str)

    def __init__(self, seat: SeatViewModel, clock: Callable[[], float] = monotonic) -> None:
        """Rest until a window can be seen (`set_visible`)."""
        super().__init__(seat)
        self.seat, self._clock = seat, clock
        self.heard_at: datetime | None = None
        self.failed = False
        self._others: dict[str, tuple[Holder, ...]] = {}
        self._looked, self._wished = "", ""
        self._dialogs: Counter[str] = Counter()
        self._claims: dict[str, str] = {}
        self._beaten: dict[str, tuple[str, float]] = {}
        self._asking = False
        self._visible = False
        self._wait_s = POLL_S
        self._first = True
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self.ask)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._looks)
        seat.rows_changed.connect(self._on_rows)
        seat.connection_changed.connect(self._on_connection)

    # --- who is there -----------------------------------------------------------------------------------

    def of(self, case_id: str) -> tuple[Holder, ...]:
        """Return the others at a case: who works on it first, who went silent next, who looks last."""
        return self._others.get(case_id, ())

    def lock(self, case_id: str) -> tuple[str, bool]:
        """Return the name in the row of a case that is held, and whether that hold went silent; others come first."""
        holds = [one for one in self.of(case_id) if one.kind == HOLD]
        if holds and not (holds[0].silent and self.claimed(case_id)):
            return holds[0].name, holds[0].silent
        return (tr("本席"), False) if self.claimed(case_id) else ("", False)

    def claimed(self, case_id: str) -> bool:
        """Tell whether this seat has claimed a case."""
        return case_id in self._claims

    @property
    def claims(self) -> tuple[str, ...]:
        """The cases this seat has claimed."""
        return tuple(self._claims)

    @property
    def stale(self) -> bool:
        """Whether what is known of the others may be old: the last question had no answer."""
        return self.failed

    # --- what this seat does ----------------------------------------------------------------------------

    def look_at(self, case_id: str) -> None:
        """The panel shows a case; it counts once the eye has rested on it."""
        self._wished = case_id
        self.opened.emit(case_id)
        if case_id != self._looked:
            self._settle.start()

    @property
    def shown(self) -> str:
        """The case in the panel, empty for none."""
        return self._wished

    def _looks(self) -> None:
        """Take the case in the panel as looked at."""
        self._looked = self._wished
        self.ask()

    def begin_hold(self, case_id: str) -> None:
        """A dialog about a case was opened."""
        self._dialogs[case_id] += 1
        self.ask()

    def end_hold(self, case_id: str) -> None:
        """It was closed."""
        self._dialogs[case_id] -= 1
        if self._dialogs[case_id] <= 0:
            del self._dialogs[case_id]
        self.ask()

    def claim(self, case_id: str) -> bool:
        """Claim a case or take it over (认领, 接手); False when this seat has claimed too many already."""
        entry = self.seat.case(case_id)
        if entry is None or (len(self._claims) >= MOST_CLAIMS and case_id not in self._claims):
            return False
        self._claims[case_id] = entry.case.state
        self._beaten.pop(case_id, None)
        self.changed.emit(frozenset({case_id}))
        self.ask()
        return True

    def let_go(self, case_id: str) -> None:
        """Give a claimed case back (放开)."""
        if self._claims.pop(case_id, None) is not None:
            self.changed.emit(frozenset({case_id}))
            self.ask()

    def set_visible(self, on: bool) -> None:
        """Say whether a window can be seen; nothing is asked or looked at while none is. Claims go on."""
        if on != self._visible:
            self._visible = on
            self.ask()

    def leave(self) -> None:
        """The seat is left: everything is given back."""
        self._visible, self._looked, self._wished = False, "", ""
        self._dialogs.clear()
        self._claims.clear()
        self._settle.stop()
        self._asking = False
        self.ask()

    def _wanted(self) -> dict[str, str]:
        """Return what this seat is at: case to kind."""
        wanted = {self._looked: LOOK} if self._looked and self._visible else {}
        wanted.update(dict.fromkeys(self._claims, HOLD))
        wanted.update(dict.fromkeys(self._dialogs, HOLD))
        return wanted

    # --- the line ---------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Do a round on the lane: beats that are due, what was given back, and one question."""
        if self._asking:
            return  # the round under way is followed by another
        wanted, now = self._wanted(), self._clock()
        due = tuple(
            (case_id, kind)
            for case_id, kind in wanted.items()
            if self._beaten.get(case_id, ("", 0.0))[0] != kind or now - self._beaten[case_id][1] >= BEAT_S
        )
        drops = tuple(case_id for case_id in self._beaten if case_id not in wanted)
        if not (self._visible or due or drops or wanted):
            self._next.stop()
            return
        self._asking = True
        gateway, asks = self.seat.services.gateway, self._visible
        work = _Round(due, drops)

        def do() -> _Round:
            gone = []
            for case_id, kind in work.beats:
                try:
                    gateway.claim(case_id, kind)
                except NeverValid:  # out of scope, or not at the centre yet
                    gone.append(case_id)
            for case_id in work.drops:
                try:
                    gateway.unclaim(case_id)
                except NeverValid:
                    gone.append(case_id)
            return _Round(work.beats, work.drops, gateway.presence() if asks else (), tuple(gone))

        self.seat.background.submit(LANE, "presence", do, self._answered, self._not_answered)

    def _answered(self, done: _Round) -> None:
        """Take everybody's presence over."""
        now = self._clock()
        for case_id, kind in done.beats:
            self._beaten[case_id] = (kind, now)
        for case_id in done.drops:
            self._beaten.pop(case_id, None)
        self._asking, self._wait_s = False, POLL_S
        was_stale, self.failed = self.failed, False
        if self._visible:
            self.heard_at = self.seat.now()
            if self._first:
                self._first = False
                self._adopt(done.found)
            self._take(done.found, everything=was_stale)
        self._again()

    def _not_answered(self, error: Exception) -> None:
        """What is known grows old; the question is asked more and more seldom."""
        self._asking = False
        if not isinstance(error, GatewayError):
            self.seat.background.failed.emit(("presence", error))
        was_stale, self.failed = self.failed, True
        self._wait_s = min(self._wait_s * 2, SLOWEST_S)
        if not was_stale:
            self.changed.emit(frozenset(self._others))
        self._next.start(int(self._wait_s * 1000))

    def _again(self) -> None:
        """Ask again in a moment; at once when something new is to be said."""
        wanted = self._wanted()
        new = any(self._beaten.get(case_id, ("",))[0] != kind for case_id, kind in wanted.items())
        if new or any(case_id not in wanted for case_id in self._beaten):
            self._next.start(0)
        elif self._visible:
            self._next.start(int(POLL_S * 1000))
        elif wanted:
            self._next.start(int(BEAT_S * 1000))

    def _adopt(self, found: tuple[Presence, ...]) -> None:
        """After a new start: what this user still holds at the centre is held on."""
        for one in found:
            entry = self.seat.case(one.case_id)
            mine = one.user_id == self.seat.actor.id and one.kind == HOLD
            if mine and entry is not None and entry.case.open and len(self._claims) < MOST_CLAIMS:
                self._claims.setdefault(one.case_id, entry.case.state)

    def _take(self, found: tuple[Presence, ...], *, everything: bool) -> None:
        """Put the others in place, and tell whose people changed."""
        fresh: dict[str, list[Holder]] = {}
        for one in found:
            if one.user_id != self.seat.actor.id:
                holder = Holder(one.user_id, one.user_name, one.kind, one.beat_at, one.silent)
                fresh.setdefault(one.case_id, []).append(holder)
        others = {
            case_id: tuple(sorted(people, key=lambda p: (p.kind != HOLD, p.silent, p.name)))
            for case_id, people in fresh.items()
        }
        before, self._others = self._others, others
        ids = before.keys() | others.keys()
        changed = ids if everything else {i for i in ids if _look(before.get(i)) != _look(others.get(i))}
        if changed:
            self.changed.emit(frozenset(changed))

    # --- hearing ----------------------------------------------------------------------------------------

    def _on_rows(self, _change: object) -> None:
        """A claim ends when the case has gone on: it waits for somebody else now."""
        for case_id, state in list(self._claims.items()):
            entry = self.seat.case(case_id)
            # claimed on top of an own operation without an answer, the case comes to that state yet
            if entry is None or entry.cached is None or state not in (entry.cached.state, entry.case.state):
                self.let_go(case_id)

    def _on_connection(self, connection: object) -> None:
        """When the line is back, ask at once."""
        if self.failed and getattr(connection, "state", "") in ("online", "syncing"):
            self._wait_s = POLL_S
            self._next.start(0)


def _look(people: tuple[Holder, ...] | None) -> object:
    """Return what of some people is seen in a row; the age of a beat is read when it is drawn."""
    return [(p.user_id, p.name, p.kind, p.silent) for p in people or ()]


def presence_words(people: tuple[Holder, ...], ago: Callable[[datetime], str]) -> str:
    """Return who is at a case, in one line: 顾怀舟 正在办理 · 40 秒前."""
    if not people:
        return ""
    first = people[0]
    verb = tr("正在查看") if first.kind == LOOK else tr("认领后没有动静") if first.silent else tr("正在办理")
    same = [p.name for p in people if (p.kind, p.silent) == (first.kind, first.silent)]
    parts = ["、".join(same[:3]) + " " + verb]
    if first.kind == HOLD and first.at is not None:
        parts.append(ago(first.at))
    rest = len(people) - len(same)
    if rest:
        parts.append(tr("另有 {n} 人在看").format(n=rest))
    return " · ".join(parts)


def seat_presence(seat: SeatViewModel) -> PresenceViewModel:
    """Return the one presence of a seat; rows ask for it, so it is kept with the seat itself."""
    known = seat.__dict__.get("_presence")
    if not isinstance(known, PresenceViewModel):
        known = seat.__dict__["_presence"] = PresenceViewModel(seat)
    return known
