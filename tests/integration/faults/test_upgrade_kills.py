"""F28: an upgrade that is killed at any statement leaves the old schema or the new one; commands keep their ids."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from services.backend.db.opening import HEAD_REVISION, open_database
from services.sql.driver import sqlite_driver
from services.store.files import EncryptedFile
from services.store.schema import CACHE_STEPS, OUTBOX_STEPS
from services.store.stores import open_stores
from tests.integration.faults import first_schema
from tests.integration.faults.upgrade_kills import KEY, REBUILD
from tests.support.console_core import quick_folder
from tests.unit.store.ground import command

ROOT = Path(__file__).resolve().parents[3]
State = tuple[int, tuple[tuple[str, str], ...]]


def killed(kind: str, source: Path | None, folder: Path, stride: int = 1) -> list[Path]:
    """Files of an upgrade killed at one statement after the other; the last was not killed."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.faults.upgrade_kills", kind, str(source or "-"), str(folder),
         str(stride)], cwd=ROOT, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    files = sorted(folder.glob("*/file.db"))
    assert len(files) == int(done.stdout) + 1
    return files


def state(path: Path, key: bytes | None) -> State:
    """Schema version and the whole schema of a file, opened as any program would after the crash."""
    raw = sqlite_driver.connect(str(path), isolation_level=None)
    if key is not None:
        raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    version = raw.execute("PRAGMA user_version").fetchone()[0]
    master = raw.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
    assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    raw.close()
    return version, tuple((name, " ".join(sql.split())) for name, sql in master)


@pytest.fixture
def folder() -> Path:
    return quick_folder()


def states_of(steps: tuple[tuple[str, ...], ...], folder: Path, start: Path | None = None) -> list[State]:
    """What a file may look like: before, and after each version."""
    path = folder / "whole.db"
    if start is not None:
        shutil.copy(start, path)
    seen = [state(path, KEY) if start is not None else (0, ())]
    for upto in range(seen[0][0] + 1, len(steps) + 1):
        EncryptedFile(path, KEY, steps[:upto], synchronous="OFF").close()
        seen.append(state(path, KEY))
    assert len(set(seen)) == len(seen) > 1
    return seen


def first_outbox(folder: Path) -> tuple[Path, list[str]]:
    """An outbox of the first version with forty commands; their ids."""
    stores = open_stores(folder / "user", KEY)
    ids = [stores.outbox.save(command(f"case-{n % 7}")).command_id for n in range(40)]
    stores.close()
    path = folder / "first.db"
    first_schema.as_first_shipped(folder / "user" / "outbox.db", path, first_schema.OUTBOX, KEY)
    return path, ids


def ids_in(path: Path) -> list[str]:
    """The commands of an outbox in order."""
    raw = sqlite_driver.connect(str(path), isolation_level=None)
    raw.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    ids = [row[0] for row in raw.execute("SELECT command_id FROM command ORDER BY n")]
    raw.close()
    return ids


@pytest.mark.parametrize(("kind", "steps"), [("outbox", OUTBOX_STEPS), ("cache", CACHE_STEPS)])
def test_a_new_file_killed_at_any_statement(
    kind: str, steps: tuple[tuple[str, ...], ...], folder: Path
) -> None:
    allowed = states_of(steps, folder)
    files = killed(kind, None, folder / "kills")
    found = [state(path, KEY) for path in files]
    between = [n for n, seen in enumerate(found) if seen not in allowed]
    assert between == [], f"neither old nor new after statement {between}"
    assert found[-1] == allowed[-1] and found.count(allowed[0]) >= len(steps[0])
    for path in files:
        EncryptedFile(path, KEY, steps, synchronous="OFF").close()
        assert state(path, KEY) == allowed[-1]
    shutil.rmtree(folder)


def test_an_outbox_with_commands_killed_at_any_statement_keeps_them(folder: Path) -> None:
    start, ids = first_outbox(folder)
    steps = (*OUTBOX_STEPS, REBUILD)
    allowed = states_of(steps, folder, start)
    files = killed("rebuild", start, folder / "kills")
    found = [state(path, KEY) for path in files]
    assert [n for n, seen in enumerate(found) if seen not in allowed] == []
    assert found.count(allowed[-2]) >= len(REBUILD) and found[-1] == allowed[-1]
    for path in files:
        assert ids_in(path) == ids, "a command was lost, doubled or moved"
        EncryptedFile(path, KEY, steps, synchronous="OFF").close()
        assert (state(path, KEY), ids_in(path)) == (allowed[-1], ids)
    shutil.rmtree(folder)


def centre_at(revision: str, path: Path) -> None:
    """A centre's database at a revision, with the facts of its history."""
    from alembic import command as alembic
    from alembic.config import Config

    from services.backend.db import opening
    from services.sql.engine import open_engine, writing

    config = Config()
    config.set_main_option("script_location", str(ROOT / "services" / "backend" / "migrations"))
    engine = open_engine(f"sqlite:///{path}")
    with writing(engine) as conn:
        config.attributes["connection"] = conn
        alembic.upgrade(config, revision)
        opening._first_facts(conn)
    engine.dispose()


def meta_of(path: Path) -> dict[str, str]:
    """The facts of a centre's history."""
    raw = sqlite_driver.connect(str(path), isolation_level=None)
    found = dict(raw.execute("SELECT key, value FROM meta").fetchall())
    raw.close()
    return found


def revision_of(path: Path) -> str:
    raw = sqlite_driver.connect(str(path), isolation_level=None)
    [(found,)] = raw.execute("SELECT version_num FROM alembic_version").fetchall()
    raw.close()
    return str(found)


def test_a_centre_of_the_first_version_killed_at_any_statement(folder: Path) -> None:
    start, whole = folder / "first.db", folder / "whole.db"
    centre_at("0001", start)
    facts = meta_of(start)
    shutil.copy(start, whole)
    open_database(f"sqlite:///{whole}").dispose()
    old, new = (state(path, None) for path in (start, whole))
    files = killed("centre", start, folder / "kills")
    found = [(revision_of(path), state(path, None)) for path in files]
    wrong = [n for n, seen in enumerate(found) if seen not in (("0001", old), (HEAD_REVISION, new))]
    assert wrong == [], f"neither old nor new after statement {wrong}"
    assert found.count(("0001", old)) >= 8 and found[-1] == (HEAD_REVISION, new)
    for path in files[:: max(1, len(files) // 8)]:
        open_database(f"sqlite:///{path}").dispose()
        assert (revision_of(path), state(path, None), meta_of(path)) == (HEAD_REVISION, new, facts)
    shutil.rmtree(folder)


def test_the_first_version_is_as_it_was_shipped() -> None:
    """A shipped step is never edited: files of that version would become something nobody has tried."""
    for frozen, today in ((first_schema.OUTBOX, OUTBOX_STEPS[0]), (first_schema.CACHE, CACHE_STEPS[0])):
        assert ["".join(step.split()) for step in frozen] == ["".join(step.split()) for step in today]
