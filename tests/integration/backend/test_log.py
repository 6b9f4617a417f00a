"""The log itself: rows beside their projections, numbering, seals, tampering found, upgrade of the schema."""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.backend import log, sequencer, verify_cli
from services.backend.db.opening import (
    HEAD_REVISION,
    create_for_comparison,
    database_url,
    migrate,
    open_database,
    read_meta,
)
from services.backend.db.tables import cases, changes, commands, dispatches, metadata, seals
from services.backend.history import case_at, cases_as_of, current, from_packed, timeline, versions
from services.backend.log import Bulk, StaleCaseError, append, insert_commands, insert_rows
from services.backend.rows import Entry, case_row, change_row, command_row, dispatch_steps, file_rows
from services.backend.verify import anchor, read_anchors, verify
from services.backend.words import words_param
from services.domain.case import Case, Location
from services.domain.ids import uuid7
from services.domain.roles import Actor
from services.sql.engine import glancing, is_sqlite, open_engine, reading, writing

ACTOR = Actor("u-1", "张三", ("dispatcher",), "990101")
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture
def engine(db_url: str) -> Iterator[Engine]:
    found = open_database(db_url)
    yield found
    found.dispose()


def born(n: int = 1, **more: Any) -> Case:
    values: dict[str, Any] = {
        "case_id": uuid7(), "kind": "event", "source": "app", "state": "pending_dispatch", "description": f"井盖{n}",
        "location": Location(113.0, 23.0, "人民路"), "created_at": NOW, "number": f"20261120-{n:04d}", "version": 1,
        "xver": 1, "grid": "990101001001001",
    }  # fmt: skip
    return Case(**{**values, **more})


def entry(before: Case | None, after: Case, action: str = "comment", **payload: Any) -> Entry:
    return Entry(before, after, action, ACTOR, "dispatcher", NOW, uuid7(), payload, 1)


def moved(case: Case, **more: Any) -> Case:
    return replace(case, version=case.version + 1, xver=case.xver + 1, **more)


def life(n: int) -> list[Entry]:
    """Five changes of one case, one of them a dispatch with a photo."""
    one = born(n)
    two = moved(one, state="pending_sign", lead_dept="muni")
    three = moved(two, state="handling")
    four = moved(three, state="pending_sign", lead_dept="sani", description=f"路灯{n}")
    five = moved(four, state="cancelled", closed_at=NOW)
    return [
        entry(None, one, "register"), entry(one, two, "dispatch", lead_dept="muni"), entry(two, three, "sign"),
        entry(three, four, "redispatch", lead_dept="sani", photos=["f" * 64]), entry(four, five, "cancel"),
    ]  # fmt: skip


def write(engine: Engine, entries: list[Entry], *, together: bool = True) -> None:
    parts = [entries] if together else [[one] for one in entries]
    for part in parts:
        with writing(engine) as conn:
            append(conn, part)
            sequencer.number_all(conn)


def tables(conn: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Everything the log and its projections hold, without surrogate keys."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for name, without in (
        ("changes", {"id", "seq"}),
        ("cases", {"ref"}),
        ("dispatches", {"id"}),
        ("case_files", set()),
    ):
        table = metadata.tables[name]
        columns = [column for column in table.c if column.name not in without]
        found[name] = sorted((tuple(map(_plain, row)) for row in conn.execute(select(*columns))), key=repr)
    words = "SELECT count(*) FROM case_words"
    found["words"] = [(conn.execute(text(words)).scalar_one(),)]
    return found


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


# --- writing -------------------------------------------------------------------------------------------


def test_one_transaction_or_many_leave_the_same_rows(engine: Engine, tmp_path: Path) -> None:
    story = life(1)
    write(engine, story, together=False)
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    write(other, story)
    with reading(engine) as one, reading(other) as two:
        left, right = tables(one), tables(two)
    other.dispose()
    assert left == right
    assert [row[4] for row in left["dispatches"]] == [row[4] for row in right["dispatches"]]


def test_bulk_rows_are_the_same_rows(engine: Engine, tmp_path: Path) -> None:
    stories = [life(n) for n in (1, 2, 3)]
    write(engine, [one for story in stories for one in story])
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    bulk = Bulk()
    for story in stories:
        last = story[-1].after
        bulk.cases.append(case_row(last))
        bulk.words.append(words_param(last, True))
        active: dict[str, Any] | None = None
        for one in story:
            bulk.changes.append(change_row(one))
            bulk.files += file_rows(one)
            ends, row = dispatch_steps(one)
            if ends and active is not None:
                active["ended_at"] = change_row(one)["at"]
            if row is not None:
                active = row
                bulk.dispatches.append(row)
            bulk.commands.append(
                command_row(one.command_id, "u-1", b"m" * 16, last.case_id, NOW, 1, version=one.after.version)
            )
    with writing(other) as conn:
        insert_rows(conn, bulk)
        assert sequencer.number_all(conn) == 15
    with reading(engine) as one, reading(other) as two:
        assert tables(one) == tables(two)
        assert two.execute(select(func.count()).select_from(commands)).scalar_one() == 15
        assert verify(two).good
    other.dispose()


def test_the_state_on_disk_is_the_replay_of_the_log(engine: Engine) -> None:
    story = life(1)
    write(engine, story, together=False)
    case_id = story[0].after.case_id
    with reading(engine) as conn:
        replayed = [case for _, _, case in timeline(conn, case_id)]
        assert replayed == [one.after for one in story]
        stored = from_packed(conn.execute(select(cases.c.doc)).scalar_one())
        assert stored == replayed[-1] == current(conn, [case_id])[case_id]
        wanted = {case_id: {2, 4, 9}}
        assert versions(conn, wanted) == {(case_id, 2): replayed[1], (case_id, 4): replayed[3]}
        assert case_at(conn, case_id, 5) == replayed[-1] and case_at(conn, case_id, 3) == replayed[2]
        assert case_at(conn, case_id, 9) is None and case_at(conn, uuid7(), 1) is None
        assert (
            cases_as_of(conn, [case_id], 3) == {case_id: replayed[2]}
            and cases_as_of(conn, [case_id], 0) == {}
        )


def test_a_stale_write_changes_nothing(engine: Engine) -> None:
    one = born()
    write(engine, [entry(None, one)])
    two = moved(one, state="pending_sign", lead_dept="muni")
    write(engine, [entry(one, two, "dispatch")])
    with pytest.raises(StaleCaseError), writing(engine) as conn:
        append(conn, [entry(one, moved(one, state="cancelled"), "cancel")])
    with glancing(engine) as conn:
        assert conn.execute(select(cases.c.state)).scalar_one() == "pending_sign"
        assert conn.execute(select(func.count()).select_from(changes)).scalar_one() == 2


def test_the_database_holds_one_active_dispatch_and_one_of_each_command(engine: Engine) -> None:
    one = born()
    write(
        engine,
        [entry(None, one), entry(one, two := moved(one, state="pending_sign", lead_dept="muni"), "dispatch")],
    )
    with pytest.raises(IntegrityError), writing(engine) as conn:
        conn.execute(
            dispatches.insert().values(
                case_id=one.case_id, command_id=uuid7(), round=1, lead_dept="x", at=1, ended_at=None
            )
        )
    write(engine, [entry(two, moved(two, state="pending_dispatch", lead_dept=None), "recall")])
    with glancing(engine) as conn:
        ended = conn.execute(select(dispatches.c.ended_at)).scalars().all()
    assert len(ended) == 1 and ended[0] is not None
    row = command_row(uuid7(), "u", b"m" * 16, one.case_id, NOW, 1, version=1)
    with writing(engine) as conn:
        insert_commands(conn, [row])
    with pytest.raises(IntegrityError), writing(engine) as conn:
        insert_commands(conn, [row])


# --- numbering and seals ---------------------------------------------------------------------------------


def test_numbers_run_without_gaps_and_every_batch_is_sealed(engine: Engine) -> None:
    for n in range(1, 4):
        write(engine, life(n), together=n % 2 == 0)
    with writing(engine) as conn:
        assert sequencer.number(conn) == 0 and sequencer.head_of(conn) == 15
        assert list(conn.execute(select(changes.c.seq).order_by(changes.c.id)).scalars()) == list(
            range(1, 16)
        )
        chain = conn.execute(select(seals).order_by(seals.c.to_seq)).all()
    assert [(seal.from_seq, seal.to_seq) for seal in chain][:2] == [(1, 1), (2, 2)] and chain[-1].to_seq == 15
    assert bytes(chain[0].prev_hash) == sequencer.GENESIS and {seal.algo for seal in chain} == {"sha256"}
    for before, after in pairwise(chain):
        assert bytes(after.prev_hash) == bytes(before.hash) and after.from_seq == before.to_seq + 1


def test_a_large_backlog_is_numbered_in_batches(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "BATCH", 4)
    monkeypatch.setattr(sequencer, "_WAITING", sequencer._WAITING.limit(4))
    with writing(engine) as conn:
        append(conn, [one for n in (1, 2) for one in life(n)])
        assert sequencer.number(conn) == 4 and sequencer.number_all(conn) == 6
    with reading(engine) as conn:
        assert verify(conn).good


@pytest.mark.postgres
def test_one_sequencer_at_a_time(pg_url: str) -> None:
    engine = open_database(pg_url)
    with writing(engine) as conn:
        append(conn, life(1))
    with writing(engine) as conn:
        assert conn.execute(text(f"SELECT pg_try_advisory_xact_lock({sequencer.LOCK})")).scalar()
        with writing(engine) as other:
            assert sequencer.anything_waits(other) and sequencer.number(other) == 0
    with writing(engine) as conn:
        assert sequencer.number(conn) == 5
    engine.dispose()


def test_numbered_rows_can_no_longer_be_touched(engine: Engine) -> None:
    write(engine, life(1))
    for statement in (
        "UPDATE changes SET action = 'x'",
        "DELETE FROM changes",
        "UPDATE seals SET algo = 'x'",
        "DELETE FROM seals",
    ):
        with pytest.raises(DBAPIError, match="only appended"), writing(engine) as conn:
            conn.execute(text(statement))


# --- tampering ---------------------------------------------------------------------------------------------


def tamper(engine: Engine, *statements: str) -> None:
    """Change rows as the owner of the database could, past the triggers."""
    with writing(engine) as conn:
        if is_sqlite(conn):
            for (name,) in conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                conn.execute(text(f"DROP TRIGGER {name}"))
        else:
            conn.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            conn.execute(text(statement))


@pytest.mark.parametrize(
    ("statements", "word"),
    [
        (("UPDATE changes SET actor_id = 'u-2' WHERE seq = 3",), "序号 3 的记录被改动过"),
        (("UPDATE changes SET body = (SELECT body FROM changes WHERE seq = 2) WHERE seq = 3",), "序号 3 的记录被改动"),
        (("DELETE FROM changes WHERE seq = 4",), "序号 4 的记录不见了"),
        (
            ("UPDATE changes SET seq = 100 WHERE seq = 2", "UPDATE changes SET seq = 2 WHERE seq = 3",
             "UPDATE changes SET seq = 3 WHERE seq = 100"),
            "封印不符",
        ),
        (("DELETE FROM changes WHERE seq > 8",), "序号 9 的记录不见了"),
        (("DELETE FROM changes WHERE seq > 5", "DELETE FROM seals WHERE to_seq > 5"), "日志里是"),
        (("DELETE FROM seals WHERE to_seq = 10",), "没有封存"),
        (("DELETE FROM seals WHERE to_seq = 5",), "封存链在 1 处中断"),
        (("UPDATE seals SET prev_hash = hash WHERE to_seq = 10",), "不衔接"),
    ],
)  # fmt: skip
def test_tampering_is_found(engine: Engine, statements: tuple[str, ...], word: str) -> None:
    write(engine, life(1))
    write(engine, life(2))
    with reading(engine) as conn:
        assert verify(conn).good
    tamper(engine, *statements)
    with reading(engine) as conn:
        found = verify(conn)
    assert not found.good and any(word in sentence for sentence in found.wrong), found.wrong


def test_a_whole_rewrite_is_found_by_the_anchor(engine: Engine, tmp_path: Path) -> None:
    write(engine, life(1))
    path = tmp_path / "anchors.jsonl"
    with reading(engine) as conn:
        kept = anchor(conn, path, "now")
    assert kept is not None and kept["seq"] == 5 and read_anchors(path) == [kept]
    tamper(engine, "UPDATE changes SET actor_id = 'u-2' WHERE seq = 3")
    _reseal(engine)
    with reading(engine) as conn:
        assert verify(conn).good
        found = verify(conn, read_anchors(path))
    assert not found.good and "整体改写" in found.wrong[0]
    tamper(engine, "DELETE FROM seals WHERE to_seq = 5", "DELETE FROM changes", "DELETE FROM cases")
    with reading(engine) as conn:
        assert verify(conn).good and "末尾被截断" in verify(conn, read_anchors(path)).wrong[0]


def _reseal(engine: Engine) -> None:
    """Make hashes and seals fit again, as somebody with the code and the database could."""
    from services.backend.rows import row_hash

    with writing(engine) as conn:
        if not is_sqlite(conn):
            conn.execute(text("SET session_replication_role = replica"))
        marks = []
        for row in conn.execute(select(changes).order_by(changes.c.seq)).mappings().all():
            mark = row_hash({**row, "body": bytes(row["body"])})
            conn.execute(update(changes).where(changes.c.id == row["id"]).values(row_hash=mark))
            marks.append(mark)
        conn.execute(update(seals).values(hash=sequencer.seal_hash(sequencer.GENESIS, 1, len(marks), marks)))


def test_many_findings_are_counted(engine: Engine) -> None:
    for n in range(30):
        write(engine, life(n))
    tamper(engine, "UPDATE changes SET role = 'x'")
    with reading(engine) as conn:
        found = verify(conn)
    assert len(found.wrong) == 100 and found.more > 50


def test_the_command_line_tells_and_keeps_anchors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        verify_cli.add_arguments(parser)
        code = verify_cli.run(parser.parse_args(["--data", str(tmp_path), *arguments]))
        said = capsys.readouterr()
        return code, said.out + said.err

    assert run() == (2, f"griddesk verify-log: {tmp_path} 里没有中心数据库。\n")
    engine = open_database(database_url(tmp_path))
    assert run("--anchor")[0] == 0 and not (tmp_path / "anchors.jsonl").exists()
    write(engine, life(1))
    code, said = run("--anchor")
    assert code == 0 and "已校验 5 条记录、1 段封存" in said and "日志完整" in said
    assert json.loads((tmp_path / "anchors.jsonl").read_text())["seq"] == 5
    tamper(engine, "UPDATE changes SET actor_id = 'u-2' WHERE seq = 3")
    engine.dispose()
    code, said = run()
    assert code == 1 and "序号 3" in said and "1 个库外封印" in said
    (tmp_path / "anchors.jsonl").write_text("{}\n")
    assert run()[0] == 2
    assert run("--db", "nonsense", "--anchors", str(tmp_path / "none"))[0] == 2
    assert run("--db", "postgresql://u@127.0.0.1:1/x", "--anchors", str(tmp_path / "none"))[0] == 2


# --- the schema ---------------------------------------------------------------------------------------------


def shape(engine: Engine) -> dict[str, Any]:
    """Tables, columns, indexes and unique constraints of a database."""
    found: dict[str, Any] = {}
    inspector = inspect(engine)
    for name in sorted(set(inspector.get_table_names()) & set(metadata.tables)):
        found[name] = {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)],
            "indexes": sorted(
                (i["name"], i["unique"], tuple(i["column_names"])) for i in inspector.get_indexes(name)
            ),
            "unique": sorted(tuple(u["column_names"]) for u in inspector.get_unique_constraints(name)),
            "key": inspector.get_pk_constraint(name)["constrained_columns"],
        }
    return found


def test_the_revisions_make_what_the_code_means(
    db_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    migrated = open_database(db_url)
    if is_sqlite(migrated):
        direct = open_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    else:
        cluster = request.getfixturevalue("pg_cluster")
        direct = open_engine(cluster.url(cluster.create()))
    with writing(direct) as conn:
        create_for_comparison(conn)
    assert shape(migrated) == shape(direct) and set(shape(migrated)) == set(metadata.tables)
    migrated.dispose()
    direct.dispose()


def test_the_newest_revision_is_the_one_the_code_names() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "services/backend/migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD_REVISION]


def test_an_upgrade_cut_short_leaves_nothing(db_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.backend.db import opening

    def broken(_conn: Connection) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(opening, "_first_facts", broken)
    with pytest.raises(RuntimeError):
        open_database(db_url)
    engine = open_engine(db_url)
    assert not set(inspect(engine).get_table_names()) & {*metadata.tables, "alembic_version"}
    monkeypatch.undo()
    migrate(engine)
    with glancing(engine) as conn:
        first = {key: read_meta(conn, key) for key in ("feed_epoch", "phone_key", "first_seq")}
    assert all(first.values())
    migrate(engine)
    with glancing(engine) as conn:
        assert {key: read_meta(conn, key) for key in first} == first
    engine.dispose()


def test_upgrades_at_once_wait_for_each_other(db_url: str) -> None:
    errors: list[Exception] = []

    def start() -> None:
        try:
            open_database(db_url).dispose()
        except Exception as error:  # noqa: BLE001 - told below, whatever it is
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_the_entry_points_are_documented() -> None:
    assert log.__doc__ and "insert_rows" in log.__doc__ and "append(conn, entries)" in log.__doc__
