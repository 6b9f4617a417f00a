"""`griddesk demo`: sizes, refusals, and that a broken run leaves nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from sqlalchemy import func, select

from console.cli import main
from services.backend.db.opening import open_database, read_meta
from services.backend.db.tables import areas, cases
from services.backend.demo import cli as cli_module
from services.backend.demo import tellers
from services.backend.demo.seed import DEMO_KEY
from services.sql.engine import glancing

SMALL = ["--grids", "60", "--cases", "80", "--days", "10", "--seed", "3"]


def _run(*words: str) -> int:
    return main(["demo", *words])


def test_a_district_of_the_asked_size_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--out", str(tmp_path), *SMALL) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert "100% 80/80 件" in told.err and "demo-accounts.json" in told.err
    engine = open_database(f"sqlite:///{tmp_path / 'centre.db'}")
    try:
        with glancing(engine) as conn:
            assert conn.execute(select(func.count()).select_from(cases)).scalar_one() == 80
            grids = select(func.count()).select_from(areas).where(areas.c.level == "grid")
            assert conn.execute(grids).scalar_one() == 60
            facts = json.loads(read_meta(conn, DEMO_KEY) or "{}")
            assert (facts["cases"], facts["days"], facts["seed"]) == (80, 10, 3)
            assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    finally:
        engine.dispose()
    assert {p.name for p in tmp_path.iterdir()} <= {
        "centre.db", "centre.db-wal", "centre.db-shm", "demo-accounts.json",
    }  # fmt: skip


def test_into_a_named_database(db_url: str, tmp_path: Path) -> None:
    assert _run("--out", str(tmp_path / "out"), "--db", db_url, *SMALL) == 0
    engine = open_database(db_url)
    try:
        with glancing(engine) as conn:
            assert conn.execute(select(func.count()).select_from(cases)).scalar_one() == 80
    finally:
        engine.dispose()
    assert (tmp_path / "out" / "demo-accounts.json").exists()
    assert _run("--out", str(tmp_path / "again"), "--db", db_url, *SMALL) == 1  # it is not empty any more


def test_an_existing_database_is_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "centre.db").write_bytes(b"something")
    assert _run("--out", str(tmp_path), *SMALL) == 1
    assert "已经存在" in capsys.readouterr().err
    assert (tmp_path / "centre.db").read_bytes() == b"something"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cases", "0"], "案件数"),
        (["--cases", "10000001"], "案件数"),
        (["--days", "1"], "天数"),
        (["--seed", "-1"], "种子"),
        (["--grids", "10"], "网格数"),
    ],
)
def test_senseless_sizes_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert _run("--out", str(tmp_path), "--cases", "20", "--days", "5", *words) == 1
    told = capsys.readouterr().err
    assert told.startswith("没有生成示例区：") and said in told
    assert not (tmp_path / "centre.db").exists()


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://x/y", "postgresql+psycopg://nobody:secret@127.0.0.1:9/none"]
)
def test_a_database_that_cannot_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str], url: str) -> None:
    assert _run("--out", str(tmp_path), "--db", url, *SMALL) == 1
    told = capsys.readouterr().err
    assert told.startswith("没有生成示例区：") and "secret" not in told


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("x")
    assert _run("--out", str(tmp_path / "file"), *SMALL) == 1
    assert "没有生成示例区" in capsys.readouterr().err


def test_a_broken_run_leaves_nothing_and_can_be_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_module, "make_demo", power_cut)
    with pytest.raises(KeyboardInterrupt):
        _run("--out", str(tmp_path), *SMALL)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    assert _run("--out", str(tmp_path), *SMALL) == 0


def test_few_cases_or_other_threads_need_no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tellers.sensible_workers(100) == 0
    monkeypatch.setattr(tellers.threading, "active_count", lambda: 1)
    assert tellers.sensible_workers(1_000_000) >= 1
    monkeypatch.setattr(tellers.threading, "active_count", lambda: 2)
    assert tellers.sensible_workers(1_000_000) == 0


def test_the_collector_is_only_at_rest_for_a_while() -> None:
    import gc

    assert gc.isenabled()
    with tellers.collector_at_rest():
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with tellers.collector_at_rest():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    """A first start that is killed must not leave processes that hold its files and ports."""
    words = [
        "demo",
        "--out",
        str(tmp_path),
        "--cases",
        "30000",
        "--days",
        "3000",
        "--grids",
        "60",
        "--workers",
        "2",
    ]
    code = f"import sys\nfrom console.cli import main\nsys.exit(main({words!r}))"
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "1,000/30,000" in process.stderr.readline()
        workers = psutil.Process(process.pid).children()
        assert len(workers) == 2
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    _, alive = psutil.wait_procs(workers, timeout=10)
    for worker in alive:
        worker.kill()
    assert alive == []
    assert _run("--out", str(tmp_path), *SMALL) == 0  # what the killed run left is cleared away
