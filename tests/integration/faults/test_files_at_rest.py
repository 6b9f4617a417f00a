"""F41, F46: what lies on the disk of a console. No secret in plain text anywhere; a wrong key harms nothing."""

from __future__ import annotations

import base64
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.app.crash import CrashHooks
from console.app.main import set_up_logging
from console.app.paths import Paths
from services.ports.cache import Draft
from services.ports.errors import StorageFull, StoreBroken, StoreError, WrongPassword
from services.ports.picture import CaseQuery
from services.store.keys import Argon2Cost, KeyFile
from services.store.stores import open_stores
from services.usecases.desk import attachment
from tests.integration.faults.ground import KEY, PASSWORD, Disk, Hall, born, engine_of, say
from tests.support.console_core import ConsoleCore

PHONES = [f"1390{n:07d}" for n in range(1234000, 1234050)]
NAMES = ["欧阳端木", "司徒南宫"]


# --- no secret in plain text (F41) ---------------------------------------------------------------------------


@pytest.fixture
def logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Paths]:
    """The console's own log, at its most talkative, and a temporary folder of its own."""
    paths = Paths(tmp_path / "home").make()
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setenv("GRIDDESK_LOG", "DEBUG")
    monkeypatch.setenv("TMPDIR", str(temp))
    monkeypatch.setattr(tempfile, "tempdir", None)
    root = logging.getLogger()
    level = root.level
    set_up_logging(paths)
    yield paths
    for handler in [h for h in root.handlers if getattr(h, "griddesk", False)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def hits(folder: Path, secrets: list[str]) -> dict[str, list[str]]:
    """Which secrets stand in which file, in the spellings in which text ends up on disks."""
    spelled = {
        spelling: secret
        for secret in secrets
        for spelling in (
            secret.encode(),
            secret.encode("utf-16-le"),
            secret.encode("unicode_escape"),
            base64.b64encode(secret.encode())[:-4],
        )
    }
    found: dict[str, list[str]] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        raw = path.read_bytes()
        seen = sorted({secret for spelling, secret in spelled.items() if spelling in raw})
        if seen:
            found[path.relative_to(folder).as_posix()] = seen
    return found


def a_days_work(hall: Hall, core: ConsoleCore) -> None:
    """Callers with names and phones in every place they can come to on this machine."""
    for n, phone in enumerate(PHONES):
        caller = {"name": NAMES[n % 2], "phone": phone}
        if n < 20:
            born(core, f"第 {n} 处", caller=caller)
        elif n < 30:
            core.stores.drafts.keep(Draft(f"draft-{n}", {"caller_phone": phone}, core.clock.wall(), NAMES[0]))
        elif n < 40:
            data = f"来电 {phone} {NAMES[1]}".encode() * 50
            target = core.overlay.rows(CaseQuery())[0].case_id
            projected = core.overlay.project(target)
            assert projected is not None
            core.desk.attach(projected, attachment(data, f"{phone}.txt", "text/plain"))
        else:
            core.stores.settings.put_value(f"last-{n}", phone)
    hall.drain(core)
    hall.catch_up(core)
    shown = core.overlay.rows(CaseQuery())[0].case_id
    core.gateway.caller(shown, "回访")
    core.cache.search(PHONES[0])


def accidents(core: ConsoleCore, hooks: CrashHooks) -> None:
    """Errors at the worst moment: while the statement holds a caller. Each ends in the log with its whole story."""
    disk = Disk(core.outbox._file._open())
    disk.fill()
    caller = {"name": NAMES[0], "phone": PHONES[0]}
    for _ in range(60):
        try:
            born(core, "长" * 900, caller=caller)
        except StorageFull:
            hooks._on_error(*sys.exc_info())
            break
    disk.clear()
    waiting = core.outbox.waiting()[0]
    with core.outbox._file.write() as conn:
        conn.exec_driver_sql(
            "CREATE TRIGGER no_more BEFORE INSERT ON command BEGIN SELECT RAISE(ABORT, 'x'); END"
        )
    try:
        born(core, "再来", caller=caller)
    except StoreError:
        hooks._on_error(*sys.exc_info())
        logging.getLogger("services.sync").exception("a round failed")
    with core.outbox._file.write() as conn:
        conn.exec_driver_sql("DROP TRIGGER no_more")
    assert core.outbox.get(waiting.command_id) is not None


@pytest.mark.allow_log
def test_no_secret_lies_anywhere_in_plain_text(hall: Hall, logged: Paths, tmp_path: Path) -> None:
    hall.cases(2)
    core = hall.sit_down(folder=logged.console / "users" / "u1")
    token = core.gateway._token
    assert token
    a_days_work(hall, core)
    engine = engine_of(core)
    engine._feed_round()
    engine._documents_round()
    accidents(core, CrashHooks(logged.logs))
    secrets = [*PHONES, *NAMES, token, PASSWORD, KEY.hex()]
    home = Path(os.environ["HOME"])
    for place in (tmp_path / "home", tmp_path / "temp", home):
        assert hits(place, secrets) == {}
    log = (logged.logs / "console.log").read_text("utf-8")
    assert "a round failed" in log and log.count("E-") >= 2, (
        "the accidents were not logged, so nothing was tried"
    )
    core.stores.close()
    assert hits(tmp_path / "home", secrets) == {}
    core.open()
    assert len(core.stores.drafts.drafts()) == 10


def test_the_search_for_secrets_finds_them_where_nothing_is_encrypted(tmp_path: Path) -> None:
    stores = open_stores(tmp_path / "plain", None)
    for phone in PHONES[:3]:
        stores.settings.put_value(f"last-{phone}", phone)
    (tmp_path / "dump").write_bytes(NAMES[0].encode("utf-16-le"))
    found = hits(tmp_path, [*PHONES, *NAMES])
    stores.close()
    assert found.pop("dump") == [NAMES[0]]
    assert {secret for secrets in found.values() for secret in secrets} == set(PHONES[:3])


# --- a wrong key, a foreign program (F46) ----------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    """Every byte of a user's folder (but for the index of the log, which any reader may touch)."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("-shm"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def user(tmp_path: Path) -> tuple[Path, list[str]]:
    """A user's folder with commands, an attachment and a key under a password; the ids of the commands."""
    folder = tmp_path / "user"
    key = KeyFile(folder, Argon2Cost(1, 64, 1)).create("Right-Password-1")
    stores = open_stores(folder, key)
    from tests.unit.store.ground import bytes_of, command

    ids = [stores.outbox.save(command(attachments=(bytes_of("照片"),))).command_id for _ in range(5)]
    stores.close()
    return folder, ids


def test_a_wrong_password_is_told_and_changes_nothing(user: tuple[Path, list[str]]) -> None:
    folder, ids = user
    before, keys = contents(folder), KeyFile(folder, Argon2Cost(1, 64, 1))
    for wrong in ("", "right-password-1", "Right-Password-1 ", "Ｒight-Password-1", "x" * 5000):
        with pytest.raises(WrongPassword) as told:
            keys.unlock(wrong)
        assert told.value.title == "密码不对，打不开本机数据。"
        with pytest.raises(StoreError):
            keys.rewrap(wrong, "New-Password-1")
    assert contents(folder) == before
    stores = open_stores(folder, keys.unlock("Right-Password-1"))
    assert [row.command_id for row in stores.outbox.waiting()] == ids
    stores.close()


@pytest.mark.parametrize("key", [bytes(32), None, bytes(range(32))])
def test_a_wrong_key_is_told_and_neither_file_is_harmed(
    user: tuple[Path, list[str]], key: bytes | None
) -> None:
    """The cache is only a copy, but a wrong key is no reason to throw it away."""
    folder, ids = user
    before = contents(folder)
    with pytest.raises(StoreBroken) as told:
        open_stores(folder, key)
    assert "没有改动" in told.value.title
    assert contents(folder) == before
    stores = open_stores(folder, KeyFile(folder).unlock("Right-Password-1"))
    assert not stores.cache_was_reset
    assert [row.command_id for row in stores.outbox.waiting()] == ids
    stores.close()


FOREIGN = """
import sqlite3, sys
told = []
for statement in ("SELECT * FROM command", "PRAGMA journal_mode = DELETE", "CREATE TABLE x (a)", "VACUUM",
                  "PRAGMA user_version = 7", "PRAGMA wal_checkpoint(TRUNCATE)", "DELETE FROM command"):
    conn = sqlite3.connect(sys.argv[1], timeout=0.2)
    try:
        conn.execute(statement).fetchall()
        conn.commit()
        told.append(statement)
    except sqlite3.DatabaseError as error:
        print(error)
    finally:
        conn.close()
sys.exit(len(told))
"""


def sums(folder: Path) -> str:
    """Sums of files that are in use, made by another process: to close such a file here would drop its locks."""
    names = sorted(str(path) for path in folder.glob("*.db*") if not path.name.endswith("-shm"))
    return subprocess.run(["sha256sum", *names], capture_output=True, text=True, check=True).stdout


def test_another_program_cannot_read_or_harm_the_files(hall: Hall) -> None:
    """A foreign SQLite in another process, while the console works on the very file."""
    [case] = hall.cases(1)
    core = hall.sit_down()
    clicks = [say(core, case["case_id"], f"{n}") for n in range(5)]
    before = sums(core.folder)
    for name in ("outbox.db", "cache.db"):
        done = subprocess.run(
            [sys.executable, "-c", FOREIGN, str(core.folder / name)], capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        assert done.returncode <= 2, f"it got through: {done.stdout}"
        assert "not a database" in done.stdout, done.stdout + done.stderr
    assert sums(core.folder) == before
    clicks.append(say(core, case["case_id"], "之后"))
    with core.outbox._file.read() as conn:
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        assert conn.exec_driver_sql("PRAGMA user_version").scalar_one() > 0
    core.restart()
    assert hall.settled(clicks) == {"applied": 6}
