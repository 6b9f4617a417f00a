"""F23, F24: wrong clocks and a machine that slept. The console's own date orders nothing and decides nothing."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.backend.db.tables import changes
from services.domain.case_doc import to_doc
from services.ports.errors import Unknown
from services.ports.picture import NO_ANSWER, OFFLINE, ONLINE
from services.sql.engine import glancing
from services.sync.engine import SyncEngine
from tests.integration.faults.ground import Hall, act, born, engine_of, say
from tests.support.console_core import ConsoleCore

DAY = timedelta(days=1)


class SkewedClock:
    """A clock moved by hand: `pass_` is time that passes, `jump` a hand that turns the machine's date."""

    def __init__(self, wall: datetime) -> None:
        self.date = wall
        self.mono = 5000.0

    def wall(self) -> datetime:
        return self.date

    def monotonic(self) -> float:
        return self.mono

    def pass_(self, seconds: float) -> None:
        self.date += timedelta(seconds=seconds)
        self.mono += seconds

    def jump(self, by: timedelta) -> None:
        self.date += by


class FixedCentre:
    """The centre's clock in the hand of the test."""

    def __init__(self, hall: Hall) -> None:
        self.at = datetime.now(UTC).replace(microsecond=0)
        hall.backend.centre.now = lambda: self.at

    def pass_(self, seconds: float, *clocks: SkewedClock) -> None:
        """Time passes everywhere alike."""
        self.at += timedelta(seconds=seconds)
        for clock in clocks:
            clock.pass_(seconds)


def dated(skew: str, now: datetime) -> datetime:
    """The date a machine believes in."""
    return {
        "right": now,
        "a day ahead": now + DAY, "a day behind": now - DAY,
        "the epoch": datetime(1970, 1, 1, tzinfo=UTC),
        "beyond 2038": datetime(2038, 2, 1, tzinfo=UTC),
    }[skew]  # fmt: skip


def a_shift(
    hall: Hall, core: ConsoleCore, clock: SkewedClock, centre: FixedCentre, jump: timedelta
) -> list[Any]:
    """A case from its report to its dispatch, saved offline with pauses and a jump of the date, then sent."""
    clicks = [born(core)]
    case_id = clicks[0].case_id
    for n, (action, payload) in enumerate(
        (
            ("accept", {}),
            ("file", {"category": "event-0110", "condition": 0}),
            ("dispatch", {"lead_dept": "muni"}),
        )
    ):
        centre.pass_(20, clock)
        if n == 1:
            clock.jump(jump)
        clicks.append(act(core, action, case_id, **payload))
    centre.pass_(5, clock)
    clicks.append(say(core, case_id, "备注"))
    return clicks


@pytest.mark.parametrize(
    "jump", [timedelta(0), timedelta(hours=-1), timedelta(days=400)], ids=["steady", "back", "leap"]
)
@pytest.mark.parametrize("skew", ["a day ahead", "a day behind", "the epoch", "beyond 2038"])
def test_a_console_with_a_wrong_date_works_as_one_with_the_right_date(
    hall: Hall, skew: str, jump: timedelta
) -> None:
    centre = FixedCentre(hall)
    right, wrong = SkewedClock(centre.at), SkewedClock(dated(skew, centre.at))
    one, other = hall.sit_down(clock=right), hall.sit_down(clock=wrong)
    begun = centre.at
    twin = a_shift(hall, one, right, centre, timedelta(0))
    assert hall.settled(twin) == {"applied": 5}
    ended, centre.at = centre.at, begun  # the same shift once more, at the same time of day
    one.time.heard(begun)
    other.time.heard(begun)
    clicks = a_shift(hall, other, wrong, centre, jump)
    assert centre.at == ended
    assert [row.command_id for row in other.outbox.waiting()] == [click.command_id for click in clicks]
    assert hall.settled(clicks) == {"applied": 5}, "an order or an age was judged by the machine's date"
    with glancing(hall.backend.engine) as conn:
        query = changes.select().where(changes.c.case_id == clicks[0].case_id).order_by(changes.c.seq)
        assert [row["command_id"] for row in conn.execute(query).mappings()] == [c.command_id for c in clicks]
    cases = [
        core.cache.get(case_id) for core, case_id in ((one, twin[0].case_id), (other, clicks[0].case_id))
    ]
    first, second = ({**to_doc(case)} for case in cases if case is not None)
    for doc in (first, second):
        for name in ("case_id", "number"):
            doc.pop(name)
    assert first == second, "deadlines or clocks differ"
    assert cases[0] is not None and cases[0].due_at is not None and cases[0].due_at > centre.at


@pytest.mark.parametrize("skew", ["right", "a day ahead", "a day behind", "the epoch", "beyond 2038"])
def test_the_time_on_the_screen_is_the_centres(hall: Hall, skew: str) -> None:
    centre = FixedCentre(hall)
    clock = SkewedClock(dated(skew, centre.at))
    core = hall.sit_down(clock=clock)
    for seconds, jump in ((0, 0), (59, 0), (3600, -3600), (1, 86400 * 3), (600, 0)):
        centre.pass_(seconds, clock)
        clock.jump(timedelta(seconds=jump))
        shown = core.time.now()
        assert shown is not None and abs((shown - centre.at).total_seconds()) <= 1.0
        assert core.desk._seen_at() == shown
    core.restart()
    shown = core.time.now()
    assert shown is not None and shown <= centre.at, "before the first answer a lower bound, never the future"


def test_the_centre_steps_back_five_seconds(hall: Hall) -> None:
    """A console that is ahead of the centre by as much is not refused, and the log stays in order."""
    centre = FixedCentre(hall)
    clock = SkewedClock(centre.at)
    core = hall.sit_down(clock=clock)
    clicks = [born(core)]
    hall.drain(core)
    hall.catch_up(core)
    for action, payload in (("accept", {}), ("file", {"category": "event-0110", "condition": 0})):
        centre.at -= timedelta(seconds=5)
        clicks.append(act(core, action, clicks[0].case_id, **payload))
        hall.drain(core)
    assert hall.settled(clicks) == {"applied": 3}
    story = core.gateway.case_detail(clicks[0].case_id)
    assert [entry.version for entry in story.timeline] == [1, 2, 3]
    assert story.case.due_at is None or story.case.due_at > centre.at


# --- a machine that slept (F24) --------------------------------------------------------------------------------


class Rounds:
    """The engine's four workers run by an injected clock: what each asks for, and when."""

    def __init__(self, engine: SyncEngine, clock: SkewedClock, core: ConsoleCore) -> None:
        self.clock, self.engine = clock, engine
        self.asked: list[tuple[float, str, str]] = []
        self.down = False
        line = core.gateway._transport
        ask = line.exchange

        def exchange(method: str, path: str, **more: Any) -> Any:
            self.asked.append((clock.monotonic(), method, path))
            if self.down:
                raise Unknown("没有到达。")
            return ask(method, path, **more)

        line.exchange = exchange
        self._poked: set[str] = set()
        self._due = [(clock.monotonic(), name) for name in engine._workers]
        for name, worker in engine._workers.items():
            worker.poke = self._poke(name)  # type: ignore[method-assign] # the threads do not run

    def _poke(self, name: str) -> Callable[[], None]:
        return lambda: self._poked.add(name)

    def run(self, seconds: float) -> None:
        """Let the workers do their rounds for a while."""
        ends = self.clock.monotonic() + seconds
        heapq.heapify(self._due)
        while self._due and self._due[0][0] <= ends:
            at, name = heapq.heappop(self._due)
            self.clock.pass_(max(0.0, at - self.clock.monotonic()))
            delay = self.engine._workers[name]._safely()
            # a long poll that waits for news comes back after its time; the one here answers at once
            pause = 8.0 if name == "feed" and delay == 0.0 else delay
            if pause is not None:
                heapq.heappush(self._due, (self.clock.monotonic() + pause, name))
            for poked in sorted(self._poked):
                self._due = [entry for entry in self._due if entry[1] != poked]
                heapq.heappush(self._due, (self.clock.monotonic(), poked))
            heapq.heapify(self._due)
            self._poked.clear()
        self.clock.pass_(max(0.0, ends - self.clock.monotonic()))


def test_after_ten_minutes_asleep_the_age_is_told_and_nothing_bursts(hall: Hall) -> None:
    centre = FixedCentre(hall)
    clock = SkewedClock(centre.at)
    [case] = hall.cases(1)
    core = hall.sit_down(clock=clock)
    engine = engine_of(core)
    rounds = Rounds(engine, clock, core)
    rounds.run(30)
    centre.at += timedelta(seconds=30)
    assert engine.connection.state == ONLINE
    since = engine.connection.since_mono
    assert since is not None and clock.monotonic() - since < 15
    clicks = [say(core, case["case_id"], "睡前")]
    # --- asleep: no round runs, the clock of the machine goes on, the line dies
    clock.pass_(600)
    centre.at += timedelta(seconds=600)
    since = engine.connection.since_mono
    assert since is not None and clock.monotonic() - since >= 600, "the data pass for fresh after the sleep"
    rounds.down = True
    rounds.asked.clear()
    rounds.run(2)
    assert engine.connection.state in (OFFLINE, NO_ANSWER), "the line is shown as good"
    rounds.run(60)
    dead = Counter(int(at) for at, _, _ in rounds.asked)
    assert max(dead.values()) <= 5, f"a burst into a dead line: {dead}"
    rounds.down = False
    rounds.asked.clear()
    rounds.run(20)
    assert engine.connection.state == ONLINE
    live = Counter(int(at) for at, _, _ in rounds.asked)
    assert max(live.values()) <= 5, f"a burst after the wake: {live}"
    documents = ("/reference", "/cameras", "/components", "/experience", "/activity")
    once = Counter(path for _, _, path in rounds.asked if path.endswith(documents))
    assert set(once.values()) == {1}, f"a document was asked for again and again: {once}"
    assert hall.settled(clicks) == {"applied": 1}
    fresh = core.desk.submit("accept", core.overlay.project(case["case_id"]), {})
    assert hall.settled([fresh]) == {"applied": 1}, (
        "after the wake the picture was fetched before it was acted on"
    )
