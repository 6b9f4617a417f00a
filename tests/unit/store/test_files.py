"""Opening files: schema steps that may be killed at any statement, errors in words, drafts and settings."""

from __future__ import annotations

import errno
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError, ResourceClosedError

from services.ports.cache import Draft
from services.ports.errors import StorageFull, StoreBroken, StoreError, StoreTooNew
from services.sql.cipher import cipher_engine, error_number, reading, writing
from services.sql.steps import TooNewError, schema_version, upgrade
from services.store.files import EncryptedFile, translated
from services.store.schema import CACHE_STEPS, OUTBOX_STEPS
from services.store.stores import Stores, open_stores
from tests.unit.store.ground import KEY, T0, command

NEXT = (
    "ALTER TABLE command ADD COLUMN later TEXT",
    "CREATE TABLE another (id INTEGER PRIMARY KEY)",
    "INSERT INTO another (id) VALUES (1)",
    "UPDATE command SET later = 'moved'",
)


class Killed(BaseException):
    """The process is gone."""


def tables(path: Path) -> set[str]:
    engine = cipher_engine(path, KEY)
    with reading(engine) as conn:
        names = {
            row[0] for row in conn.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
    engine.dispose()
    return names


@pytest.mark.parametrize("at", range(len(NEXT) + 1))
def test_an_upgrade_killed_at_any_statement_is_old_or_new(folder: Path, at: int) -> None:
    stores = open_stores(folder, KEY)
    saved = [stores.outbox.save(command()) for _ in range(3)]
    stores.close()
    engine = cipher_engine(folder / "outbox.db", KEY)
    steps = (*OUTBOX_STEPS, NEXT)
    ran: list[str] = []

    def trace(*args: Any) -> None:
        ran.append(args[2])
        if ran[-1] in (*NEXT, f"PRAGMA user_version = {len(steps)}") and len(ran) > at + _before(ran):
            raise Killed

    from sqlalchemy import event

    event.listen(engine, "before_cursor_execute", trace)
    with pytest.raises(Killed):
        upgrade(engine, steps)
    event.remove(engine, "before_cursor_execute", trace)
    with reading(engine) as conn:
        assert schema_version(conn) == len(OUTBOX_STEPS)
    engine.dispose()
    assert "another" not in tables(folder / "outbox.db")
    again = open_stores(folder, KEY)
    assert [c.command_id for c in again.outbox.waiting()] == [c.command_id for c in saved]
    again.close()
    engine = cipher_engine(folder / "outbox.db", KEY)
    assert upgrade(engine, steps) == 1
    assert upgrade(engine, steps) == 0
    with reading(engine) as conn:
        assert conn.exec_driver_sql("SELECT count(*) FROM command WHERE later = 'moved'").scalar_one() == 3
    engine.dispose()


def _before(ran: list[str]) -> int:
    """How many statements ran before the first of the step."""
    return next(i for i, statement in enumerate(ran) if statement in NEXT)


def test_a_process_killed_in_the_middle_of_the_first_step_leaves_an_empty_file(folder: Path) -> None:
    script = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        from services.sql.cipher import cipher_engine
        from services.sql.steps import upgrade
        from services.store.schema import OUTBOX_STEPS
        from sqlalchemy import event
        engine = cipher_engine(Path(sys.argv[1]), bytes(range(32)))
        def die(*args):
            if "CREATE TABLE draft" in args[2]:
                os.kill(os.getpid(), 9)
        event.listen(engine, "before_cursor_execute", die)
        upgrade(engine, OUTBOX_STEPS)
        """
    )
    path = folder / "outbox.db"
    done = subprocess.run([sys.executable, "-c", script, str(path)], timeout=60, check=False)
    assert done.returncode == -9
    assert tables(path) == set()
    stores = open_stores(folder, KEY)
    assert stores.outbox.waiting() == ()
    stores.close()


def test_two_programs_upgrading_at_once_run_each_step_once(folder: Path) -> None:
    engine = cipher_engine(folder / "x.db", KEY)
    seen: list[int] = []
    steps = (("CREATE TABLE one (a)",),)
    from services.sql import steps as module

    version = module.schema_version

    def slow(conn: Any) -> int:
        found = version(conn)
        seen.append(found)
        if len(seen) == 1:
            other = cipher_engine(folder / "x.db", KEY)
            assert upgrade(other, steps) == 1
            other.dispose()
        return found

    module.schema_version = slow
    try:
        assert upgrade(engine, steps) == 0
    finally:
        module.schema_version = version
    engine.dispose()


def test_a_newer_programs_file_is_left_alone(folder: Path) -> None:
    open_stores(folder, KEY).close()
    engine = cipher_engine(folder / "outbox.db", KEY)
    with writing(engine) as conn:
        conn.exec_driver_sql("PRAGMA user_version = 99")
    with pytest.raises(TooNewError):
        upgrade(engine, OUTBOX_STEPS)
    engine.dispose()
    with pytest.raises(StoreTooNew) as newer:
        open_stores(folder, KEY)
    assert "升级" in newer.value.title


def test_a_newer_cache_is_only_a_copy(folder: Path) -> None:
    open_stores(folder, KEY).close()
    engine = cipher_engine(folder / "cache.db", KEY)
    with writing(engine) as conn:
        conn.exec_driver_sql("PRAGMA user_version = 99")
    engine.dispose()
    stores = open_stores(folder, KEY)
    assert stores.cache_was_reset
    stores.close()


def test_a_foreign_file_is_not_harmed(folder: Path) -> None:
    path = folder / "outbox.db"
    foreign = cipher_engine(path, None, wal=False)
    with writing(foreign) as conn:
        conn.exec_driver_sql("CREATE TABLE theirs (a)")
    foreign.dispose()
    before = path.read_bytes()
    with pytest.raises(StoreBroken):
        open_stores(folder, KEY)
    assert path.read_bytes() == before


def test_files_are_for_their_owner(folder: Path) -> None:
    open_stores(folder, KEY).close()
    for name in ("outbox.db", "cache.db"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_the_outbox_flushes_and_the_cache_need_not(folder: Path) -> None:
    stores = open_stores(folder, KEY)
    with stores.outbox._file.read() as conn:
        assert conn.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert conn.connection.dbapi_connection.isolation_level is None
    with stores.cache._file.read() as conn:
        assert conn.exec_driver_sql("PRAGMA synchronous").scalar_one() == 1
    stores.close()


def test_a_key_has_32_bytes(folder: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        cipher_engine(folder / "x.db", b"short")


def test_a_folder_that_is_a_file(folder: Path) -> None:
    (folder / "attachments").write_text("in the way")
    with pytest.raises(StoreError) as odd:
        open_stores(folder, KEY)
    assert not isinstance(odd.value, StorageFull)


# --- errors in words -------------------------------------------------------------------------------------------


def _raise(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        with translated():
            raise error

    return work


class DriverError(Exception):
    """What the driver raises."""


def _sqlite(code: int | None) -> OperationalError:
    origin = DriverError("x")
    if code is not None:
        origin.sqlite_errorcode = code  # type: ignore[attr-defined] # as the driver does it
    return OperationalError("SELECT 1", {}, origin)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (_sqlite(13), StorageFull, "storage_full"),
        (_sqlite(10 | 5 << 8), StorageFull, "storage_full"),
        (_sqlite(11), StoreBroken, "store_broken"),
        (_sqlite(26), StoreBroken, "store_broken"),
        (_sqlite(8), StoreError, "store_read_only"),
        (_sqlite(5), StoreError, "store_busy"),
        (_sqlite(None), StoreBroken, "store_broken"),
        (ResourceClosedError(), StoreError, "store_busy"),
        (OSError(errno.ENOSPC, "full"), StorageFull, "storage_full"),
        (OSError(errno.EACCES, "denied"), StoreError, "store"),
    ],
)
def test_every_failure_has_a_sentence(error: BaseException, kind: type[StoreError], code: str) -> None:
    with pytest.raises(StoreError) as told:
        _raise(error)()
    assert type(told.value) is kind
    assert told.value.code == code
    assert told.value.title.endswith(("。", "）"))


def test_result_codes_are_found_behind_exceptions() -> None:
    assert error_number(_sqlite(13)) == 13
    assert error_number(ValueError()) is None


def test_a_file_that_cannot_be_upgraded_is_closed(folder: Path) -> None:
    with pytest.raises(StoreBroken):
        EncryptedFile(folder / "x.db", KEY, (("THIS IS NOT SQL",),), synchronous="OFF")
    file = EncryptedFile(folder / "x.db", KEY, CACHE_STEPS, synchronous="OFF")
    assert not file.closed
    file.close()
    assert file.closed


# --- drafts and settings ------------------------------------------------------------------------------------


def test_drafts_are_kept_replaced_and_dropped(stores: Stores, folder: Path) -> None:
    first = Draft("case-1", {"description": "路边有", "location": {"lon": 113.3}}, T0, "路边有")
    second = Draft("case-2", {}, T0 + timedelta(seconds=5))
    for draft in (first, second):
        stores.drafts.keep(draft)
    later = Draft("case-1", {"description": "路边有垃圾"}, T0 + timedelta(seconds=9), "路边有垃圾")
    stores.drafts.keep(later)
    stores.close()
    again = open_stores(folder, KEY)
    assert again.drafts.drafts() == (later, second)
    assert again.drafts.draft("case-2") == second
    again.drafts.drop("case-2")
    again.drafts.drop("case-2")
    assert again.drafts.draft("case-2") is None
    assert again.outbox.waiting() == (), "a draft is no command"
    again.close()


def test_settings_are_json_values(stores: Stores) -> None:
    assert stores.settings.value("theme", "dark") == "dark"
    stores.settings.put_value("theme", {"name": "浅色", "scale": 1.25})
    stores.settings.put_value("theme", ["浅色", None])
    assert stores.settings.value("theme") == ["浅色", None]
    with pytest.raises(ValueError, match="Out of range"):
        stores.settings.put_value("odd", float("nan"))
