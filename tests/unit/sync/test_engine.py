"""The engine: announcements, the pill, reconnecting, digest times, threads that end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from services.ports.centre import ChangesPage, Tagged, WireCommand
from services.ports.errors import MustRefetch, StorageFull, Unknown
from services.ports.picture import NO_ANSWER, OFFLINE, ONLINE, SIGN_IN, STARTING, SYNCING, Changes
from services.sync import engine as engine_module
from services.sync.engine import Parts, SyncEngine
from services.sync.worker import Worker
from tests.support.console_core import REGISTER
from tests.support.model_centre import ModelGateway
from tests.unit.sync.ground import Ground, ground
from tests.unit.sync.test_digest import spoil

#: nobody waits longer than this for something that must happen
SOON_S = 10.0


class Heard:
    """A listener that keeps what it hears and lets a test wait for it."""

    def __init__(self) -> None:
        self.all: list[Changes] = []
        self._news = threading.Condition()

    def __call__(self, changes: Changes) -> None:
        with self._news:
            self.all.append(changes)
            self._news.notify_all()

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; looked at after every announcement."""
        with self._news:
            assert self._news.wait_for(holds, SOON_S), f"it did not come; heard {self.all}"

    def kinds(self) -> set[str]:
        return {kind for changes in self.all for kind in changes.kinds}


class WaitingGateway(ModelGateway):
    """A model gateway whose feed waits for news as the real one does."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.news = threading.Event()

    def changes(self, epoch: str, since: int, limit: int = 500, wait: float = 0) -> ChangesPage:
        page = super().changes(epoch, since, limit, wait)
        if not page.changes and self.news.wait(wait):
            self.news.clear()
            page = super().changes(epoch, since, limit, wait)
        return page

    def send(self, command: WireCommand) -> Any:
        outcome = super().send(command)
        self.news.set()
        return outcome


def engine_on(g: Ground, wait_s: float = 0.0) -> tuple[SyncEngine, Heard]:
    """An engine on a console's core, with a listener."""
    core = g.core
    parts = Parts(
        core.outbox, core.cache, g.gateway, core.overlay, core.clock, core.time, core.ids, lambda: 0.5
    )
    engine = SyncEngine(parts, wait_s=wait_s)
    core.feed, core.sender = engine.feed, engine.sender
    heard = Heard()
    engine.subscribe(heard)
    return engine, heard


@contextmanager
def running() -> Iterator[tuple[Ground, SyncEngine, Heard]]:
    """A started engine on a waiting gateway."""
    with ground(copied=False) as g:
        g.gateway = WaitingGateway(g.centre, g.core.actor)
        engine, heard = engine_on(g, wait_s=0.2)
        engine.start()
        try:
            yield g, engine, heard
        finally:
            g.gateway.news.set()
            assert engine.stop(SOON_S)


# --- rounds, one by one ------------------------------------------------------------------------------------


def test_first_copy_then_online() -> None:
    with ground(copied=False) as g:
        for _ in range(3):
            g.core.desk.register(REGISTER)
        while g.core.outbox.waiting():
            g.core.push()
        g.gateway.snapshot_size = 2
        engine, heard = engine_on(g)
        assert engine.connection.state == STARTING
        engine._feed_round()
        assert (engine.connection.state, engine.connection.progress) == (SYNCING, 2 / 3)
        engine._feed_round()
        assert Changes(frozenset({"all", "cases"})) in heard.all
        engine._feed_round()
        assert engine.connection.state == ONLINE
        assert "digest" in g.gateway.calls, "a new copy is checked"


def test_changes_are_announced_by_id_with_what_happened(g: Ground) -> None:
    case_id = g.born()
    engine, heard = engine_on(g)
    engine._feed_round()
    g.centre.handle(
        WireCommand("c-9", case_id, "flag_urgent", {}, None, None), replace(g.core.actor, id="other")
    )
    assert engine._feed_round() == 0.0
    [changes] = [c for c in heard.all if c.ids]
    assert changes == Changes(
        frozenset({"cases"}), frozenset({case_id}), ((case_id, "flag_urgent", "other"),)
    )


def test_a_centre_that_does_not_wait_is_not_asked_in_a_circle(g: Ground) -> None:
    engine, _ = engine_on(g)
    engine._feed_round()
    assert engine._feed_round() == engine_module.AFTER_SHORT_POLL_S
    g.core.clock.pass_(0)
    changes = g.gateway.changes

    def waits(*args: Any) -> Any:
        g.core.clock.pass_(8)
        return changes(*args)

    g.gateway.changes = waits  # type: ignore[method-assign]
    assert engine._feed_round() == 0.0


def test_a_cut_line_is_told_once_and_tried_again(g: Ground) -> None:
    engine, heard = engine_on(g)
    engine._feed_round()
    heard.all.clear()
    g.gateway.faults = [Unknown("连不上"), Unknown("连不上"), Unknown("忙", reached=True, retry_after_s=9)]
    assert engine._feed_round() == 0.375
    assert engine._feed_round() == 0.75
    assert [c.kinds for c in heard.all] == [frozenset({"connection"})]
    assert engine.connection.state == OFFLINE
    assert engine._feed_round() == 9
    assert engine.connection.state == NO_ANSWER


def test_a_centre_that_is_back_is_noticed_within_five_seconds(g: Ground) -> None:
    engine, _ = engine_on(g)
    g.gateway.faults = [Unknown("连不上")] * 30
    delays = [engine._feed_round() for _ in range(30)]
    assert max(delay or 0.0 for delay in delays) <= 4.0


def test_a_quiet_centre_is_heard_at_once_after_a_silence(g: Ground) -> None:
    engine, _ = engine_on(g, wait_s=8.0)
    changes, waits = g.gateway.changes, []

    def noted(epoch: str, since: int, limit: int = 500, wait: float = 0) -> ChangesPage:
        waits.append(wait)
        return changes(epoch, since, limit, wait)

    g.gateway.changes = noted  # type: ignore[method-assign]
    assert engine._feed_round() == 0.0, "the next question follows at once, and waits"
    assert engine.connection.state == ONLINE
    engine._feed_round()
    g.gateway.faults = [Unknown("断了")]
    engine._feed_round()
    engine._feed_round()
    engine._feed_round()
    assert waits == [0.0, 8.0, 8.0, 0.0, 8.0]


def test_when_the_line_is_back_everything_moves_at_once(g: Ground) -> None:
    engine, _ = engine_on(g)
    engine._feed_round()
    saved = g.core.desk.register(REGISTER)
    g.gateway.faults = ["lost_request"] * 6
    delays = [engine._sender_round() for _ in range(6)]
    assert delays[-1] == 7.5
    g.gateway.faults = [Unknown("断了")]
    engine._feed_round()
    digests = g.gateway.calls.count("digest")
    engine._feed_round()
    assert engine._workers["sender"]._wake.is_set()
    assert engine._workers["documents"]._wake.is_set()
    assert g.gateway.calls.count("digest") == digests + 1
    assert engine._sender_round() == 0.0
    assert g.status(saved) == "applied"


def test_a_lapsed_sign_in_waits_for_the_operator(g: Ground) -> None:
    engine, heard = engine_on(g)
    g.gateway.token = None
    saved = g.core.desk.register(REGISTER)
    assert engine._feed_round() is None
    assert engine._sender_round() is None
    assert engine._documents_round() is None
    assert engine.connection.state == SIGN_IN
    assert engine.connection.queued == 1
    g.gateway.token = "new"
    engine.signed_in()
    assert all(worker._wake.is_set() for worker in engine._workers.values())
    engine._sender_round()
    engine._feed_round()
    assert g.status(saved) == "applied"
    assert engine.connection.state == ONLINE
    assert "connection" in heard.kinds()


def test_sending_announces_and_shows_the_answer(g: Ground) -> None:
    case_id = g.born()
    engine, heard = engine_on(g)
    saved = g.click("accept", case_id)
    engine.saved(saved)
    assert heard.all[-1] == Changes(frozenset({"outbox", "cases"}), frozenset({case_id}))
    assert engine._workers["sender"]._wake.is_set()
    assert engine._sender_round() == 0.0
    assert Changes(frozenset({"outbox", "cases"}), frozenset({case_id})) in heard.all[1:]
    projected = g.core.overlay.project(case_id)
    assert projected is not None
    assert (projected.case.state, projected.pending) == ("pending_filing", ())
    assert engine._sender_round() is None


def test_commands_without_an_answer_show_in_the_pill(g: Ground) -> None:
    engine, _ = engine_on(g)
    engine._feed_round()
    g.core.desk.register(REGISTER)
    g.gateway.faults = ["lost_reply"]
    engine._sender_round()
    assert (engine.connection.state, engine.connection.queued) == (NO_ANSWER, 1)
    engine._sender_round()
    assert (engine.connection.state, engine.connection.queued) == (ONLINE, 0)


def test_send_now_forgets_delays(g: Ground) -> None:
    engine, _ = engine_on(g)
    g.core.desk.register(REGISTER)
    g.gateway.faults = ["lost_request"] * 5
    for _ in range(5):
        engine._sender_round()
    engine.send_now()
    g.gateway.faults = ["lost_request"]
    assert engine._sender_round() == 0.375
    assert engine._workers["sender"]._wake.is_set()


def test_a_digest_comes_every_quarter_of_an_hour_and_repairs(g: Ground) -> None:
    case_id = g.born()
    engine, heard = engine_on(g)
    engine._feed_round()
    assert g.gateway.calls.count("digest") == 1
    engine._feed_round()
    assert g.gateway.calls.count("digest") == 1
    spoil(g, case_id)
    g.core.clock.pass_(901)
    heard.all.clear()
    engine._feed_round()
    assert Changes(frozenset({"cases"}), frozenset({case_id})) in heard.all
    engine._feed_round()
    assert g.gateway.calls.count("digest") == 3, "a repair is checked at once"
    engine._feed_round()
    assert g.gateway.calls.count("digest") == 3


def test_drift_that_cannot_be_repaired_costs_a_copy_but_no_circle(g: Ground) -> None:
    engine, _ = engine_on(g)
    g.born()
    g.centre.keep_from = g.centre.head
    digest = g.gateway.digest
    g.gateway.digest = lambda as_of: digest(-1)  # type: ignore[method-assign]
    engine._feed_round()
    assert engine.feed.copying
    for _ in range(4):
        engine._feed_round()
    assert not engine.feed.copying
    assert g.gateway.calls.count("digest") == 1


def test_must_refetch_again_and_again_slows_down(g: Ground) -> None:
    engine, _ = engine_on(g)
    g.gateway.faults = [MustRefetch("换了。")] * 4
    assert [engine._feed_round() for _ in range(4)] == [0.375, 0.75, 1.5, 3.0]
    engine._feed_round()
    engine._feed_round()
    g.gateway.faults = [MustRefetch("换了。")]
    assert engine._feed_round() == 0.375


def test_a_wish_for_a_new_copy(g: Ground) -> None:
    engine, heard = engine_on(g)
    engine._feed_round()
    engine.refetch()
    assert engine._workers["feed"]._wake.is_set()
    engine._feed_round()
    assert "all" in heard.kinds()


def documents(engine: SyncEngine) -> list[float | None]:
    """A whole round of questions; the pauses between them."""
    pauses: list[float | None] = []
    while not pauses or pauses[-1] != engine_module.DOCUMENTS_EVERY_S:
        pauses.append(engine._documents_round())
    return pauses


def test_documents_are_announced_and_failures_slow_down(g: Ground) -> None:
    engine, heard = engine_on(g)
    assert documents(engine)[1:6] == [0.0] * 5, "what was never here is fetched without a pause"
    assert heard.kinds() == {"reference", "areas"}
    heard.all.clear()
    assert engine_module.DOCUMENT_PAUSE_S in documents(engine), (
        "what is here is only looked at, one after the other"
    )
    assert heard.all == []
    g.gateway.faults = ["lost_request"]
    assert engine._documents_round() == 1.5
    g.gateway.documents["reference"] = Tagged("r3", {"version": "r3"})
    engine._documents_round()
    assert heard.all == [Changes(frozenset({"reference"}))]


def test_no_document_is_asked_for_in_the_first_moments_after_a_silence(g: Ground) -> None:
    engine, _ = engine_on(g)
    engine._feed_round()
    documents(engine)
    g.gateway.faults = ["lost_request"]
    engine._feed_round()
    engine._feed_round()
    asked = len(g.gateway.calls)
    assert engine._documents_round() == engine_module.CALM_S
    assert len(g.gateway.calls) == asked
    g.core.clock.pass_(engine_module.CALM_S)
    documents(engine)
    assert len(g.gateway.calls) > asked


def test_a_listener_may_go(g: Ground) -> None:
    engine, heard = engine_on(g)
    more = Heard()
    stop = engine.subscribe(more)
    stop()
    stop()
    engine.saved()
    assert more.all == []
    assert heard.all


def test_a_late_answer_after_the_stop_is_thrown_away(g: Ground) -> None:
    engine, heard = engine_on(g)
    engine._workers["feed"].stop()
    assert engine._feed_round() is None
    assert heard.all == []


# --- threads -----------------------------------------------------------------------------------------------


def test_the_threads_keep_a_console_in_step() -> None:
    with running() as (g, engine, heard):
        heard.until(lambda: engine.connection.state == ONLINE)
        names = {thread.name for thread in threading.enumerate()}
        assert {"griddesk-feed", "griddesk-sender", "griddesk-documents"} <= names
        saved = g.core.desk.register(REGISTER)
        engine.saved(saved)
        heard.until(lambda: g.status(saved) == "applied" and g.core.cache.get(saved.case_id) is not None)
        assert engine.connection.queued == 0


def test_a_stopped_engine_may_leave_a_request_behind() -> None:
    with running() as (g, engine, heard):
        heard.until(lambda: engine.connection.state == ONLINE)
        blocked, entered = threading.Event(), threading.Event()

        def hangs(*args: Any) -> Any:
            entered.set()
            blocked.wait(SOON_S)
            raise Unknown("断了")

        g.gateway.changes = hangs  # type: ignore[method-assign]
        g.gateway.news.set()
        assert entered.wait(SOON_S)
        assert not engine.stop(0.05)
        blocked.set()


@pytest.mark.allow_log(logger="services.sync.worker")
@pytest.mark.parametrize("error", [StorageFull("磁盘已满"), RuntimeError("a bug of ours")])
def test_a_round_that_fails_does_not_end_the_thread(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.sync.worker.AFTER_A_BUG_S", 0.01)
    rounds: list[int] = []
    enough = threading.Event()

    def round_() -> float | None:
        rounds.append(1)
        if len(rounds) == 1:
            raise error
        enough.set()
        return None

    worker = Worker("griddesk-test", round_)
    worker.start()
    assert enough.wait(SOON_S)
    worker.stop()
    assert worker.join(SOON_S)
    assert worker.join(0.0)


def test_a_failure_after_the_stop_is_not_told() -> None:
    def round_() -> float | None:
        worker.stop()
        raise StorageFull("closed")

    worker = Worker("griddesk-test", round_)
    worker.start()
    assert worker.join(SOON_S)


def test_a_worker_that_never_started_has_ended() -> None:
    worker = Worker("griddesk-test", lambda: None)
    assert not worker.stopping
    worker.stop()
    assert worker.stopping
    assert worker.join(0.0)


def test_officers_are_announced_while_somebody_looks() -> None:
    with running() as (g, engine, heard):
        g.gateway.documents["officers"] = Tagged("o1", {"officers": []})
        assert "officers" not in heard.kinds()
        engine.watch_officers(True)
        heard.until(lambda: "officers" in heard.kinds())
        assert g.core.cache.document("officers").etag == "o1"
        engine.watch_officers(False)


def test_fresh_layers_leave_the_projected_cases_alone(g: Ground) -> None:
    engine, heard = engine_on(g)
    documents(engine)
    g.gateway.documents["components"] = Tagged("c1", {"components": []})
    before = list(heard.all)
    documents(engine)
    assert [changes.kinds for changes in heard.all[len(before) :]] == [frozenset({"components"})]
