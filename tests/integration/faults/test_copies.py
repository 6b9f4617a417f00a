"""F25, F26, F27: another history, other rights, silent drift. A copy is never wrong for long, and never in silence."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.backend.access.accounts import change_rights
from services.backend.backup import make_backup
from services.backend.db.opening import write_meta
from services.backend.restoring import restore
from services.ports.errors import Unknown
from services.ports.outbox import SavedCommand
from services.ports.picture import SIGN_IN, CaseQuery, Changes
from services.sql.cipher import cipher_engine, reading
from services.sql.engine import open_engine, writing
from services.sync.digest import DigestCheck, Drift
from services.sync.engine import SyncEngine
from services.usecases.lost import LostDesk
from tests.integration.faults.ground import (
    HERE,
    KEY,
    LEADER,
    PASSWORD,
    Hall,
    act,
    born,
    diverged,
    engine_of,
    say,
)
from tests.support.centre import STREETS, THERE, Backend, birth, command, running
from tests.support.centres import send_all
from tests.support.console_core import ConsoleCore
from tests.support.waiting import until

SEED = 20261123


# --- another history (F25) -----------------------------------------------------------------------------------


@contextmanager
def restored(hall: Hall, backup: Path, *, new_epoch: bool) -> Iterator[Backend]:
    """The centre again, from a backup; every console of the hall speaks to it from now on."""
    if new_epoch:
        engine = open_engine(f"sqlite:///{backup}")
        with writing(engine) as conn:
            write_meta(conn, "feed_epoch", str(uuid.uuid4()))
        engine.dispose()
    with running(f"sqlite:///{backup}", backup.parent, light=True) as backend:
        hall.backend = backend
        for core in hall.consoles:
            core.gateway.line._backend = backend
        yield backend


def backup_of(backend: Backend, folder: Path) -> Path:
    """A backup as an administrator would make it, beside the running centre."""
    folder.mkdir()
    path = folder / "centre.db"
    with writing(backend.engine) as conn:
        raw = conn.connection.dbapi_connection
        assert raw is not None
        conn.exec_driver_sql("COMMIT")
        raw.execute("VACUUM INTO ?", (str(path),))
        conn.exec_driver_sql("BEGIN")
    return path


@pytest.mark.parametrize("new_epoch", [True, False])
def test_yesterdays_backup_under_a_running_console(hall: Hall, tmp_path: Path, new_epoch: bool) -> None:
    """Today's work is gone at the centre; the console must not go on showing it, nor lose what is not sent yet.

    With a new epoch everything is fetched anew. Where the restored centre kept its epoch and has gone on beyond the
    console's cursor, only the digest can tell; it compares versions, so there a version reached twice is not used.
    """
    cases = hall.cases(3)
    core = hall.sit_down()
    backup = backup_of(hall.backend, tmp_path / "backup")
    today = [act(core, "accept", cases[0]["case_id"]), say(core, cases[1]["case_id"], "今天")]
    hall.drain(core)
    hall.catch_up(core)
    cursor = core.cache.position().cursor
    waiting = [say(core, cases[2]["case_id"], "还没有发送")]
    with ExitStack() as stack:
        backend = stack.enter_context(restored(hall, backup, new_epoch=new_epoch))
        # the restored centre has gone on: its log is longer than the cursor of the console
        for case in cases if new_epoch else cases[2:]:
            backend.seat("acceptor2").do("comment", case, text="恢复之后")
        hall.cases(2)
        assert backend.settle() > cursor
        engine = engine_of(core)
        heard: list[Changes] = []
        engine.subscribe(heard.append)
        rounds = 0
        while rounds < 40 and (rounds < 2 or diverged(core, backend)):
            engine._feed_round()
            rounds += 1
        assert diverged(core, backend) == 0, "the copy differs in silence"
        assert any("all" in changes.kinds or changes.ids for changes in heard), "nobody was told"
        assert core.cache.position().epoch == backend.centre.facts.epoch
        case = core.cache.get(cases[0]["case_id"])
        assert case is not None and case.state == "reported", "a dispatch that no longer exists is shown"
        kept = {row.command_id: row.status for row in core.outbox.history(100)}
        assert [kept[click.command_id] for click in (*today, *waiting)] == ["applied", "applied", "waiting"]
        for click in today:  # what the centre forgot can be offered again, word for word and under its own id
            found = core.outbox.get(click.command_id)
            assert found is not None
            answer = core.gateway.send(found.wire())
            assert answer.command_id == click.command_id and answer.outcome in (
                "applied",
                "needs_confirm",
                "conflict",
            )
        hall.settled(waiting)
        for console in hall.consoles:
            console.close()
        hall.consoles.clear()


def signed_in_again(core: ConsoleCore, username: str = LEADER) -> None:
    """The sessions of the backup have ended: the operator signs in anew."""
    core.gateway.sign_in(username, PASSWORD, "console-0")


def lookups(engine: SyncEngine) -> list[float | None]:
    """Run the comparison with the centre's history to its end; the pauses between the cases."""
    pauses = [engine._history_round()]
    while pauses[-1] is not None:
        assert len(pauses) < 50
        pauses.append(engine._history_round())
    return pauses


@pytest.mark.parametrize("answer", ["again", "never"])
def test_what_a_restored_centre_does_not_know_is_offered_again(
    hall: Hall, tmp_path: Path, answer: str
) -> None:
    """F25 with the product's own backup: what was done since is found, asked about, and has one effect at most."""
    cases = hall.cases(4)
    core = hall.sit_down()
    kept = [act(core, "accept", cases[3]["case_id"])]
    hall.drain(core)
    make_backup(hall.backend.url, hall.backend.centre.data_dir, tmp_path / "one.backup", datetime.now(UTC))
    today = [act(core, "accept", cases[0]["case_id"])]
    hall.drain(core)
    hall.catch_up(core)
    today.append(act(core, "file", cases[0]["case_id"], category="event-0110", condition=0))
    today += [say(core, cases[1]["case_id"], "今天"), born(core, "今天登记的案件")]
    hall.drain(core)
    hall.catch_up(core)
    waiting = [say(core, cases[2]["case_id"], "还没有发送")]
    fresh = tmp_path / "restored"
    fresh.mkdir()
    restore(tmp_path / "one.backup", fresh, None, datetime.now(UTC))
    with ExitStack() as stack:
        backend = stack.enter_context(running(f"sqlite:///{fresh / 'centre.db'}", fresh, light=True))
        point_to(hall, backend)
        engine = engine_of(core)
        heard: list[Changes] = []
        engine.subscribe(heard.append)
        engine._feed_round()
        assert engine.connection.state == SIGN_IN, "a session of the backup is no session"
        signed_in_again(core)
        engine.signed_in()
        while core.cache.position().epoch != backend.centre.facts.epoch or engine.feed.copying:
            engine._feed_round()
        assert lookups(engine)[-1] is None
        lost = core.stores.lost.lost()
        assert [c.command_id for c in lost] == [c.command_id for c in today]
        assert {status(core, click) for click in kept} == {"applied"}
        assert any("restored" in changes.kinds for changes in heard), "nobody was told"
        assert engine._history_round() is None and core.stores.lost.lost() == lost
        desk = LostDesk(core.stores.lost, core.time, core._saved)
        ids = [c.command_id for c in lost]
        if answer == "again":
            assert [c.command_id for c in desk.send_again(ids)] == ids
            assert hall.settled([*kept, *today, *waiting]) == {"applied": 6}
        else:
            assert len(desk.let_go(ids)) == len(ids) and desk.waiting_for_word() == ()
            assert hall.settled([*kept, *today, *waiting], stay=frozenset(ids))["discarded"] == len(ids)
        for console in hall.consoles:
            console.close()
        hall.consoles.clear()


def test_a_backup_put_back_by_hand_is_noticed_though_its_epoch_is_the_same(
    hall: Hall, tmp_path: Path
) -> None:
    """Head behind our cursor, or gone on beyond it: the copy is made anew either way, and today's work asked about."""
    cases = hall.cases(3)
    core = hall.sit_down()
    engine = engine_of(core)
    core.feed = engine.feed  # one feed: what it took last is what it asks about after a silence
    backup = backup_of(hall.backend, tmp_path / "backup")
    today = [say(core, case["case_id"], "今天") for case in cases]
    hall.drain(core)
    hall.catch_up(core)
    cursor = core.cache.position().cursor
    with running(f"sqlite:///{backup}", backup.parent, light=True) as backend:
        for case in cases:  # the same cases reach the same versions again: no digest can tell
            backend.seat("acceptor2").do("comment", case, text="恢复之后")
        assert backend.settle() >= cursor
        core.gateway.page_limit = 500
        with no_line(core), pytest.raises(Unknown):  # the centre was away for a moment
            core.feed.step(0)
        point_to(hall, backend)
        reports = [engine._feed_round() for _ in range(4)]
        assert len(reports) == 4 and not engine.feed.copying
        assert core.cache.position().epoch == backend.centre.facts.epoch
        assert lookups(engine)[-1] is None
        assert [c.command_id for c in core.stores.lost.lost()] == [c.command_id for c in today]
        assert diverged(core, backend) == 0
        for console in hall.consoles:
            console.close()
        hall.consoles.clear()


def point_to(hall: Hall, backend: Backend) -> None:
    """Every console of the hall speaks to another centre from now on."""
    hall.backend = backend
    for core in hall.consoles:
        core.gateway.line._backend = backend


@contextmanager
def no_line(core: ConsoleCore) -> Iterator[None]:
    """Nothing reaches the centre."""
    line = core.gateway._transport

    class Dead:
        def exchange(self, *_words: object, **_more: object) -> None:
            raise Unknown("没有到达。")

    core.gateway._transport = Dead()  # type: ignore[assignment] # a line that is down
    try:
        yield
    finally:
        core.gateway._transport = line


def status(core: ConsoleCore, click: SavedCommand) -> str:
    """What became of a click."""
    found = core.outbox.get(click.command_id)
    assert found is not None
    return found.status


def test_an_epoch_that_changes_in_the_middle_of_a_copy(hall: Hall) -> None:
    """Two halves of two histories are never put together."""
    hall.cases(2)
    core = hall.sit_down()
    core.feed.refetch()
    facts, pages = hall.backend.centre.facts, []
    snapshot = core.gateway.snapshot

    def one_case_a_page(_page: str | None = None) -> object:
        found = snapshot()
        pages.append(found)
        if len(pages) == 1:  # the first page claims that more follow, and then the centre is another
            return found.__class__(
                found.as_of_seq, found.epoch, found.cases[:1], "next", 2, found.server_time
            )
        return found.__class__(
            found.as_of_seq, str(uuid.UUID(int=7)), found.cases, None, 2, found.server_time
        )

    before = sorted(row.case_id for row in core.cache.rows(CaseQuery()))
    core.gateway.snapshot = one_case_a_page
    assert core.pull().progress is not None
    assert core.pull().refetch
    assert sorted(row.case_id for row in core.cache.rows(CaseQuery())) == before
    assert core.cache.position().epoch == facts.epoch
    core.gateway.snapshot = snapshot
    assert hall.settled([]) == {}


# --- other rights (F26) --------------------------------------------------------------------------------------


def cached(core: ConsoleCore) -> set[str]:
    """What really lies in cache.db, in any table that holds cases: the file itself is opened and read."""
    engine = cipher_engine(core.folder / "cache.db", KEY)
    with reading(engine) as conn:
        found = {row[0] for row in conn.exec_driver_sql("SELECT case_id FROM cases")}
        found |= {row[0] for row in conn.exec_driver_sql("SELECT case_id FROM cases_copy")}
        texts = conn.exec_driver_sql(
            "SELECT count(*) FROM case_words WHERE case_words MATCH ?", ('"别的街道"',)
        ).scalar_one()
    engine.dispose()
    assert texts == 0, "the text index still finds a foreign case"
    return found


def places(hall: Hall) -> tuple[set[str], set[str]]:
    """Cases of the console's street, and of the other one."""
    seat = hall.backend.seat("acceptor1")
    mine = {seat.register(HERE)["case_id"] for _ in range(4)}
    theirs = {seat.register(THERE, description="别的街道的事")["case_id"] for _ in range(5)}
    return mine, theirs


def test_a_user_who_is_moved_from_the_city_to_a_street(hall: Hall) -> None:
    core = hall.sit_down("acceptor1")
    mine, theirs = places(hall)
    hall.catch_up(core)
    assert {row.case_id for row in core.cache.rows(CaseQuery())} == mine | theirs
    clicks = [say(core, sorted(mine)[0], "仍在范围"), say(core, sorted(theirs)[0], "已不在范围")]
    with writing(hall.backend.engine) as conn:
        change_rights(conn, "u-acceptor1", area_code=STREETS[0])
    assert until(lambda: core.pull().refetch, 10), "the feed goes on under the old rights"
    hall.catch_up(core)
    assert cached(core) == mine, "foreign rows are left"
    assert hall.settled(clicks) == {"applied": 1, "rejected": 1}
    refused = core.outbox.get(clicks[1].command_id)
    assert refused is not None and refused.reason is not None and refused.reason.code == "not_found"
    assert cached(core) == mine, "an answer brought a foreign case back"


def test_a_case_that_is_moved_out_of_the_area_in_mid_feed(hall: Hall) -> None:
    core = hall.sit_down("acceptor_street")
    mine, theirs = places(hall)
    hall.catch_up(core)
    assert cached(core) == mine
    leader = hall.backend.seat("shift_leader1")
    gone, stays = sorted(mine)[0], sorted(mine)[1:]
    page = core.gateway.page_limit
    core.gateway.page_limit = 1  # the move lies between two pages
    leader.do("comment", gone, text="之前")
    leader.do(
        "amend",
        leader.get(f"/cases/{gone}").json(),
        reason="地址有误",
        location=THERE,
        description="别的街道",
    )
    leader.do("comment", gone, text="之后")
    leader.do("comment", stays[0], text="还在")
    click = say(core, gone, "已经看不到")
    hall.catch_up(core)
    core.gateway.page_limit = page
    assert cached(core) == set(stays)
    assert core.overlay.project(gone) is None or core.outbox.waiting(gone)
    assert hall.settled([click]) == {"rejected": 1}
    assert cached(core) == set(stays)
    back = leader.do(
        "amend", leader.get(f"/cases/{gone}").json(), reason="又改回", location=HERE, description="回来"
    )
    assert back["outcome"] == "applied"
    hall.catch_up(core)
    assert cached(core) == mine and not cached(core) & theirs


# --- drift (F27) ---------------------------------------------------------------------------------------------


def flip(core: ConsoleCore, case_id: str) -> None:
    """Spoil one row by hand: an older version with another state, as a bug or a bad disk would leave it."""
    with core.cache._file.write() as conn:
        conn.exec_driver_sql(
            "UPDATE cases SET version = version + 7, state = 'closed', open = 0 WHERE case_id = ?", (case_id,)
        )


def test_one_wrong_version_among_thousands_is_found_and_only_its_bucket_read_again(hall: Hall) -> None:
    rng = random.Random(SEED)
    hall.cases(1)
    core = hall.sit_down()
    leader = hall.backend.seat("acceptor1")
    send_all(leader, [command("register", None, **birth(HERE)) for _ in range(200)])
    hall.catch_up(core)
    rows = core.cache.rows(CaseQuery(limit=10_000))
    assert len(rows) == 201
    engine = engine_of(core)
    engine._feed_round()
    asked: list[str] = []
    detail = core.gateway.case_detail
    core.gateway.case_detail = lambda case_id: asked.append(case_id) or detail(case_id)
    for n in range(5):
        victim = rng.choice(rows).case_id
        with core.cache._file.write() as conn:
            conn.exec_driver_sql("UPDATE cases SET version = version + 7 WHERE case_id = ?", (victim,))
        assert diverged(core, hall.backend) > 0, "the fault was not planted"
        asked.clear()
        report = DigestCheck(core.cache, core.gateway).check(core.cache.position().cursor)
        assert (report.drift, victim in report.changed) == (Drift.REPAIRED, True), f"seed {SEED}, round {n}"
        assert victim in asked and len(asked) <= 10, "more than its bucket was read"
        assert diverged(core, hall.backend) == 0
    print(f"seed {SEED}")


def test_a_case_that_vanished_from_the_copy_comes_back(hall: Hall) -> None:
    """What is lacking cannot be read again by its id: the copy is made anew, and the operator's clicks stay."""
    cases = hall.cases(3)
    core = hall.sit_down()
    click = say(core, cases[0]["case_id"], "保留")
    flip(core, cases[1]["case_id"])
    with core.cache._file.write() as conn:
        conn.exec_driver_sql("DELETE FROM cases WHERE case_id = ?", (cases[2]["case_id"],))
    engine = engine_of(core)
    for _ in range(12):
        engine._next_digest = 0.0
        engine._feed_round()
    assert diverged(core, hall.backend) == 0
    assert [row.command_id for row in core.outbox.waiting()] == [click.command_id]
    assert hall.settled([click]) == {"applied": 1}
