"""F17, F22, F29: long queues, many stale screens, and files of the first version before today's centre."""

from __future__ import annotations

import json
import random
import shutil
import time
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from services.backend.db.tables import changes, commands
from services.ports.picture import CaseQuery
from services.sql.engine import glancing
from services.store.stores import open_stores
from tests.integration.faults import first_schema
from tests.integration.faults.ground import HERE, KEY, Hall, act, born, command, say
from tests.support.centre import birth
from tests.support.centres import send_all
from tests.support.console_core import quick_folder

SEED = 20261123


# --- a long queue (F17) ----------------------------------------------------------------------------------------


@pytest.mark.timeout(300)
def test_a_thousand_commands_saved_offline_drain_once_each(hall: Hall) -> None:
    """Kept over a restart, some answers lost on the way, in order for each case."""
    rng = random.Random(SEED)
    print(f"seed {SEED}")
    cases = [case["case_id"] for case in send_all(hall.backend.seat("acceptor1"),
             [command("register", None, **birth(HERE)) for _ in range(80)])]  # fmt: skip
    core = hall.sit_down()
    clicks = [say(core, rng.choice(cases), f"{n}") for n in range(1000)]
    core.restart()
    core.time.heard(core.gateway.meta().server_time)
    assert [row.command_id for row in core.outbox.waiting()] == [click.command_id for click in clicks]
    began, rounds = time.process_time(), 0
    while core.outbox.waiting():
        if rounds in (3, 9):
            core.gateway.faults = ["lost_reply"]
        report = core.push()
        core.sender.line_is_back()
        rounds += 1
        assert report.failure is None or rounds in (4, 10), report.failure
        assert rounds < 200, "the queue does not come to its end"
    print(f"1,000 commands in {rounds} rounds, {time.process_time() - began:.1f} s of processor time")
    assert hall.settled(clicks) == {"applied": 1000}
    with glancing(hall.backend.engine) as conn:
        log = list(conn.execute(select(changes.c.case_id, changes.c.command_id).order_by(changes.c.seq)))
    for case_id in cases:
        mine = [click.command_id for click in clicks if click.case_id == case_id]
        told = [row.command_id for row in log if row.case_id == case_id][1:]
        assert told == mine, "the order of a case was not kept"


# --- many stale screens (F22) ----------------------------------------------------------------------------------


@pytest.mark.timeout(300)
def test_twenty_consoles_with_stale_screens_apply_nothing_on_a_wrong_base(hall: Hall) -> None:
    """Copies 0 to 900 s old, all acting on the same cases: what is applied rests on the state that was there."""
    rng = random.Random(SEED)
    print(f"seed {SEED}")
    leader = hall.backend.seat("shift_leader1")
    cases = send_all(leader, [command("register", None, **birth(HERE)) for _ in range(40)])
    ids = [case["case_id"] for case in send_all(leader, [command("accept", case) for case in cases])]
    consoles = [hall.sit_down() for _ in range(20)]
    clicks: list[Any] = []
    for wave in range(4):
        for n, core in enumerate(consoles):
            if rng.random() < 0.35:  # the others keep looking at what they fetched in an earlier wave
                hall.catch_up(core)
            now = core.gateway.meta().server_time
            age = rng.choice((0, 0, 20, 120, 599, 660, 900))
            assert now is not None
            core.time.heard(now.__class__.fromtimestamp(now.timestamp() - age, tz=now.tzinfo))
            for case_id in rng.sample(ids, 2):
                shown = core.overlay.project(case_id)
                if shown is None or shown.refused or shown.pending:
                    continue
                clicks.append(_click(core, shown, wave * 20 + n, rng))
        for core in rng.sample(consoles, len(consoles)):
            hall.drain(core)
    told = hall.settled(clicks)
    print(told)
    assert told["applied"] > 20 and told["conflict"] > 20 and told["needs_confirm"] > 0, (
        f"no race took place: {told}"
    )
    with glancing(hall.backend.engine) as conn:
        stored = {row["command_id"]: row for row in conn.execute(select(commands)).mappings()}
        order = list(conn.execute(select(changes.c.case_id, changes.c.command_id, changes.c.xver)
                                  .order_by(changes.c.seq)))  # fmt: skip
    by_id = {click.command_id: click for click in clicks}
    before: dict[str, int] = {}
    wrong = 0
    for row in order:
        click = by_id.get(row.command_id)
        if click is not None and click.base_xver is not None and click.base_xver != before[row.case_id]:
            wrong += 1
        before[row.case_id] = row.xver
    assert wrong == 0, f"{wrong} actions were applied to a state nobody had seen"
    assert all(click.command_id in stored for click in clicks)


def _click(core: Any, shown: Any, n: int, rng: random.Random) -> Any:
    """An exclusive action that the console's own picture allows."""
    allowed = core.desk.allowed(shown)
    if "file" in allowed and rng.random() < 0.6:
        return core.desk.submit("file", shown, {"category": "event-0110", "condition": 0})
    if "dispatch" in allowed and rng.random() < 0.6:
        return core.desk.submit("dispatch", shown, {"lead_dept": rng.choice(("muni", "sani"))})
    return core.desk.submit("amend", shown, {"reason": f"{n}", "description": f"改 {n}"})


# --- files of the first version (F29) ----------------------------------------------------------------------------


def test_files_of_the_first_version_before_todays_centre(hall: Hall) -> None:
    """What a console of the first version left: all of it is there, valid commands are taken, the feed goes on."""
    cases = hall.cases(3)
    core = hall.sit_down()
    done = [act(core, "accept", cases[0]["case_id"])]
    hall.drain(core)
    hall.catch_up(core)
    waiting = [
        say(core, cases[1]["case_id"], "旧程序存的"),
        act(core, "accept", cases[2]["case_id"]),
        born(core, "新报"),
    ]
    rows = [(row.n, row.command_id, row.status, dict(row.payload)) for row in core.outbox.history()]
    shown = core.cache.rows(CaseQuery())
    place = core.cache.position()
    core.stores.close()
    then = quick_folder()
    first_schema.as_first_shipped(core.folder / "outbox.db", then / "outbox.db", first_schema.OUTBOX, KEY)
    first_schema.as_first_shipped(core.folder / "cache.db", then / "cache.db", first_schema.CACHE, KEY)
    shutil.rmtree(core.folder)
    core.folder = then
    leader = hall.backend.seat("shift_leader1")
    leader.do("comment", cases[0]["case_id"], text="期间发生的")
    core.open()
    assert not core.stores.cache_was_reset
    assert [(row.n, row.command_id, row.status, dict(row.payload)) for row in core.outbox.history()] == rows
    assert core.cache.rows(CaseQuery()) == shown and core.cache.position() == place
    assert core.cache.search(str(cases[0]["number"])[-4:])
    assert not core.feed.copying, "a copy of the first version is thrown away without need"
    core.time.heard(core.gateway.meta().server_time)
    assert hall.settled([*done, *waiting]) == {"applied": 4}


def test_fields_and_words_of_a_later_centre_are_passed_over(hall: Hall) -> None:
    """Every object of every answer has more fields than today; numbers, order and outcomes are the same."""
    cases = hall.cases(2)
    core = hall.sit_down()
    send, added = core.gateway.line._send, Counter[str]()

    def later(method: str, path: str, *more: Any) -> Any:
        reply = send(method, path, *more)
        if "json" not in reply.headers.get("content-type", ""):
            return reply
        added[path] += 1
        return reply.__class__(
            reply.status, reply.headers, json.dumps(_with_more(json.loads(reply.body))).encode()
        )

    core.gateway.line._send = later
    clicks = [act(core, "accept", cases[0]["case_id"]), say(core, cases[1]["case_id"], "好")]
    core.feed.refetch()
    assert hall.settled(clicks) == {"applied": 2}
    detail = core.gateway.case_detail(cases[0]["case_id"])
    assert detail.case == core.cache.get(cases[0]["case_id"])
    assert len(added) >= 4, added


def _with_more(value: Any) -> Any:
    """The same answer of a centre that knows more."""
    if isinstance(value, dict):
        return {"a_later_field": {"x": [1, None]}, **{key: _with_more(item) for key, item in value.items()}}
    return [_with_more(item) for item in value] if isinstance(value, list) else value


def test_todays_first_files_can_be_opened_again_and_again(hall: Hall) -> None:
    """Opening is no upgrade twice: a second start changes nothing more."""
    core = hall.sit_down()
    clicks = [born(core, f"{n}") for n in range(3)]
    for _ in range(3):
        core.stores.close()
        stores = open_stores(core.folder, KEY)
        assert [row.command_id for row in stores.outbox.waiting()] == [click.command_id for click in clicks]
        stores.close()
        core.open()
    assert hall.settled(clicks) == {"applied": 3}
