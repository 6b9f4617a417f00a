"""`griddesk backup` and `griddesk restore`: a backup made at work, restored whole with a history of its own."""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from services.backend import backup_cli, pg_tools, restore_cli
from services.backend.attachments_store import file_path
from services.backend.backup import make_backup
from services.backend.db.access_tables import audit, sessions
from services.backend.db.opening import HEAD_REVISION, open_database, read_meta
from services.backend.db.tables import attachments, cases
from services.backend.restoring import restore
from services.backend.serve import take_folder
from services.backend.verify import ANCHORS, verify
from services.sql.engine import glancing, open_engine, writing
from tests.integration.backend.conftest import fresh_url
from tests.support.centre import Backend, running

PHOTO = b"\xff\xd8 a picture"


def cli(module: Any, capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """Run a verb; exit code and everything it said."""
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    code = module.run(parser.parse_args([str(word) for word in words]))
    said = capsys.readouterr()
    return code, said.out + said.err


def facts(url: str) -> dict[str, Any]:
    """What a restore is judged by."""
    engine = open_engine(url)
    try:
        with glancing(engine) as conn:
            return {
                "epoch": read_meta(conn, "feed_epoch"),
                "cases": conn.execute(text("SELECT count(*) FROM cases")).scalar(),
                "sessions": conn.execute(text("SELECT count(*) FROM sessions")).scalar(),
                "wrong": verify(conn, []).wrong,
            }
    finally:
        engine.dispose()


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(backend: Backend, data: bytes) -> str:
    """Bytes stored at the centre."""
    answer = backend.seat("acceptor1").client.request(
        "PUT",
        f"/v1/attachments/{hash_of(data)}",
        content=data,
        headers={**backend.seat("acceptor1").headers, "Content-Type": "image/jpeg"},
    )
    assert answer.status_code in (200, 201), answer.text
    return hash_of(data)


@pytest.fixture
def worked(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A data folder whose centre went on after its backup `one.backup`: two cases then, three now; two photos."""
    data = tmp_path / "data"
    data.mkdir()
    url, _ = fresh_url(request, "sqlite", data)
    with running(url, data, light=True) as backend:
        seat = backend.seat("acceptor1")
        seat.register()
        seat.register()
        put(backend, PHOTO)
        code, said = cli(backup_cli, capsys, tmp_path / "one.backup", "--data", data)
        assert code == 0 and "已备份" in said, said
        seat.register()
        put(backend, b"after the backup")
    return data


def test_a_restored_centre_is_a_history_of_its_own(worked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url, source = f"sqlite:///{worked / 'centre.db'}", worked.parent / "one.backup"
    before = facts(url)
    assert before["cases"] == 3 and before["sessions"] > 0
    file_path(worked, hash_of(PHOTO)).unlink()
    (worked / ANCHORS).write_text("{}\n", encoding="utf-8")
    code, said = cli(restore_cli, capsys, source, "--data", worked)
    assert code == 0 and "已恢复" in said and "补回附件 1 个" in said and "重新登录" in said, said
    after = facts(url)
    assert (after["cases"], after["sessions"], after["wrong"]) == (2, 0, [])
    assert after["epoch"] != before["epoch"]
    kept = [path.name for path in worked.glob("centre.db.before-*")]
    assert len(kept) == 1 and kept[0] in said
    assert facts(f"sqlite:///{worked / kept[0]}") == before, "what was there before is kept as it was"
    assert not (worked / ANCHORS).exists() and list(worked.glob(f"{ANCHORS}.before-*"))
    engine = open_engine(url)
    with glancing(engine) as conn:
        booked = {row.sha256: row.mime for row in conn.execute(select(attachments))}
        told = conn.execute(select(audit.c.action).where(audit.c.action == "backup_restored")).all()
    engine.dispose()
    assert booked == {hash_of(PHOTO): "image/jpeg", hash_of(b"after the backup"): "application/octet-stream"}
    assert len(told) == 1 and file_path(worked, hash_of(PHOTO)).read_bytes() == PHOTO
    with running(url, worked, light=True) as backend:
        assert backend.seat("acceptor1").register()["number"]


def test_a_restore_into_an_empty_folder(
    worked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = tmp_path / "fresh"
    assert cli(restore_cli, capsys, tmp_path / "one.backup", "--data", fresh)[0] == 0
    assert facts(f"sqlite:///{fresh / 'centre.db'}")["cases"] == 2
    assert file_path(fresh, hash_of(PHOTO)).read_bytes() == PHOTO
    assert not list(fresh.glob("*.before-*"))


def test_nothing_is_restored_under_a_running_centre(worked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = facts(f"sqlite:///{worked / 'centre.db'}")
    with take_folder(worked, shared=False):
        code, said = cli(restore_cli, capsys, worked.parent / "one.backup", "--data", worked)
    assert code == 1 and "先停止中心服务" in said
    assert facts(f"sqlite:///{worked / 'centre.db'}") == before


def rewritten(source: Path, target: Path, **changes: bytes) -> Path:
    """A backup with members replaced, or added under names that are not ours."""
    with tarfile.open(source, "r:") as old, tarfile.open(target, "w") as new:
        names = {**{entry.name: None for entry in old.getmembers()}, **changes}
        for name, given in names.items():
            opened = old.extractfile(name) if given is None else None
            body = given if opened is None else opened.read()
            assert body is not None
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            new.addfile(entry, io.BytesIO(body))
    return target


def bad_backups(source: Path, folder: Path) -> dict[str, tuple[Path, str]]:
    """Files that must be refused, and a word of the sentence."""
    whole = source.read_bytes()
    with tarfile.open(source, "r:") as tar:
        opened = tar.extractfile("manifest.json")
        assert opened is not None
        manifest = json.loads(opened.read())

    def with_manifest(name: str, **changes: Any) -> Path:
        return rewritten(
            source, folder / name, **{"manifest.json": json.dumps({**manifest, **changes}).encode()}
        )

    (folder / "text").write_bytes(b"no backup at all" * 100)
    (folder / "cut").write_bytes(whole[: len(whole) // 2])
    flipped = bytearray(whole)
    flipped[len(whole) // 3] ^= 1
    (folder / "flipped").write_bytes(bytes(flipped))
    return {
        "no tar": (folder / "text", "不是"),
        "not there": (folder / "nowhere", "不是"),
        "cut short": (folder / "cut", "备份文件"),
        "a byte flipped": (folder / "flipped", "已损坏"),
        "a newer program": (with_manifest("newer", revision="9999"), "更新版本"),
        "fields we do not know": (with_manifest("fields", colour="red"), "更新版本"),
        "of PostgreSQL": (with_manifest("pg", kind="postgresql"), "PostgreSQL"),
        "something foreign": (rewritten(source, folder / "foreign", **{"../escape": b"x"}), "不认识"),
        "a wrong photo": (
            rewritten(source, folder / "photo", **{f"attachments/ab/{'ab' * 32}": b"x"}),
            "附件",
        ),
        "no database": (rewritten(source, folder / "nodb", **{"database": b""}), "已损坏"),
    }


def test_what_is_no_whole_backup_changes_nothing(
    worked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = facts(f"sqlite:///{worked / 'centre.db'}")
    for name, (path, word) in bad_backups(tmp_path / "one.backup", tmp_path).items():
        code, said = cli(restore_cli, capsys, path, "--data", worked)
        assert code == 1 and word in said and "\n" not in said.strip(), (name, said)
        assert facts(f"sqlite:///{worked / 'centre.db'}") == before, name
        assert not list(worked.glob("*.before-*")) and not list(worked.glob(".griddesk-*")), name
    assert not (tmp_path / "escape").exists()


def test_a_backup_overwrites_nothing_and_needs_a_centre(
    worked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = (tmp_path / "one.backup").read_bytes()
    code, said = cli(backup_cli, capsys, tmp_path / "one.backup", "--data", worked)
    assert code == 1 and "已经存在" in said and (tmp_path / "one.backup").read_bytes() == made
    code, said = cli(backup_cli, capsys, tmp_path / "two.backup", "--data", tmp_path / "nowhere")
    assert code == 1 and "没有中心数据库" in said and not (tmp_path / "two.backup").exists()
    assert (tmp_path / "one.backup").stat().st_mode & 0o077 == 0, "people's data: nobody else reads it"


def test_a_backup_of_an_earlier_schema_is_upgraded_at_the_next_start(
    worked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli(restore_cli, capsys, tmp_path / "one.backup", "--data", worked)[0] == 0
    open_database(f"sqlite:///{worked / 'centre.db'}").dispose()


@pytest.mark.postgres
def test_postgresql_there_and_back(
    request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, name = fresh_url(request, "postgresql", tmp_path)
    target = tmp_path / "pg.backup"
    try:
        with running(url, tmp_path, light=True) as backend:
            backend.seat("acceptor1").register()
            epoch = backend.centre.facts.epoch
            code, said = cli(backup_cli, capsys, target, "--data", tmp_path, "--db", url)
            assert code == 0, said
            backend.seat("acceptor1").register()
        assert cli(restore_cli, capsys, target, "--data", tmp_path)[0] == 1, "another kind of database"
        code, said = cli(restore_cli, capsys, target, "--data", tmp_path, "--db", url)
        assert code == 0, said
        after = facts(url)
        assert (after["cases"], after["sessions"], after["wrong"]) == (1, 0, []) and after["epoch"] != epoch
        with running(url, tmp_path, light=True) as backend:
            assert backend.seat("acceptor1").register()["number"]
            engine = backend.engine
            with writing(engine) as conn:
                assert conn.execute(select(cases.c.case_id)).all() and conn.execute(select(sessions)).all()
    finally:
        request.getfixturevalue("pg_cluster").drop(name)


@pytest.mark.postgres
def test_a_backup_of_an_earlier_schema_leaves_nothing_of_the_later_one_in_postgresql(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """An upgrade is gone back on by the backup made before it, and the next start upgrades once more."""
    url, name = fresh_url(request, "postgresql", tmp_path)
    source, now = tmp_path / "earlier.backup", datetime.now(UTC)
    try:
        engine = open_engine(url)
        with writing(engine) as conn:  # as version 0008 left it
            for table in ("kpi_signatures", "kpi_objections", "kpi_months"):
                conn.execute(text(f"DROP TABLE {table}"))
            conn.execute(text("UPDATE alembic_version SET version_num = '0008'"))
        engine.dispose()
        make_backup(url, tmp_path, source, now)
        open_database(url).dispose()
        restore(source, tmp_path, url, now)
        engine = open_database(url)
        with glancing(engine) as conn:
            assert conn.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD_REVISION
            assert conn.execute(text("SELECT count(*) FROM kpi_months")).scalar() == 0
        engine.dispose()
    finally:
        request.getfixturevalue("pg_cluster").drop(name)


def test_a_missing_tool_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pg_tools.ToolError, match="没有找到 pg_dump"):
        pg_tools.dump("postgresql+psycopg://nobody@127.0.0.1:1/none", tmp_path / "x")


def test_a_tool_that_fails_is_told_and_no_password_stands_in_its_arguments(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tool = tmp_path / "pg_dump"
    tool.write_text(
        '#!/bin/sh\necho "$@" > "$0.args"\necho "$PGPASSWORD $PGDATABASE" > "$0.env"\necho broken >&2\nexit 3\n'
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(pg_tools.ToolError, match="broken"):
        pg_tools.dump("postgresql+psycopg://me:Geheim1@127.0.0.1:5/base?host=/run/x", tmp_path / "x")
    assert "Geheim1" not in (tmp_path / "pg_dump.args").read_text()
    assert (tmp_path / "pg_dump.env").read_text() == "Geheim1 base\n"
