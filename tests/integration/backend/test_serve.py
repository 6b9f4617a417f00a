"""`griddesk serve` as a program: readiness, several workers, signals, and sentences for what is wrong."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from services.backend import serve
from services.backend.serve import ServeError, _address, _listen
from tests.support.centre import Seat, command, furnish_url
from tests.support.postgres import Cluster
from tests.support.served import ROOT, Served
from tests.support.waiting import rest
from tests.support.waiting import until as waited


def furnished(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    furnish_url(f"sqlite:///{folder / 'centre.db'}")
    return folder


Refused = Callable[..., tuple[int, str]]


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Refused]:
    """A function that gives exit code and error text of a serve that cannot be, run in this process."""
    monkeypatch.setattr("logging.basicConfig", lambda **_: None)
    mask = os.umask(0o022)

    def call(*arguments: str) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        serve.add_arguments(parser)
        code = serve.run(parser.parse_args(arguments))
        said = capsys.readouterr()
        assert said.out == ""
        return code, said.err

    yield call
    os.umask(mask)


def until(true: Callable[[], Any], seconds: float = 15.0) -> None:
    assert waited(true, seconds, 0.05), "it did not come about in time"


def test_one_process_serves_keeps_and_ends(tmp_path: Path, refused: Refused) -> None:
    data = furnished(tmp_path / "data")
    first = Served(data)
    assert first.base.startswith("http://127.0.0.1:")
    seat = first.sign_in("acceptor1")
    case = seat.register()
    assert psutil.Process(first.pid).children() == []
    waiting = httpx.Client(base_url=first.base, timeout=30, trust_env=False)
    code, line = refused("--data", str(data))
    assert code == 1 and "正被另一个中心服务使用" in line
    code, line = refused("--data", str(tmp_path / "other"), "--port", first.base.rpartition(":")[2])
    assert code == 1 and "端口可能已被占用" in line
    begun = time.monotonic()
    assert first.stop() == 0 and time.monotonic() - begun < 10
    assert first.lines.empty()  # the address was told once
    waiting.close()
    second = Served(data, "--port", "0")
    again = Seat(second.client(), seat.session)
    assert again.get(f"/cases/{case['case_id']}").json()["number"] == case["number"]  # the token held
    second.kill()
    third = Served(data)
    assert Seat(third.client(), seat.session).get("/me").status_code == 200
    third.stop()
    assert (data / "centre.db").stat().st_mode & 0o077 in (0, 0o044)


def test_a_long_poll_is_answered_at_shutdown(tmp_path: Path) -> None:
    served = Served(furnished(tmp_path / "data"))
    seat = served.sign_in("leader1")
    took: list[float] = []

    def wait() -> None:
        begun = time.monotonic()
        answer = seat.get("/changes", wait=25)
        assert answer.status_code == 200 and answer.json()["changes"] == []
        took.append(time.monotonic() - begun)

    thread = threading.Thread(target=wait)
    thread.start()
    rest(0.7)
    assert served.stop() == 0
    thread.join(10)
    assert took and took[0] < 8


def test_serve_imports_no_qt() -> None:
    code = (
        "import sys, services.backend.serve, services.backend.worker, services.backend.supervisor;"
        "bad = [m for m in sys.modules if m.startswith(('PySide6', 'shiboken6', 'pyqtgraph'))];"
        "sys.exit(repr(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.postgres
def test_workers_share_a_socket_and_are_replaced(pg_cluster: Cluster, tmp_path: Path) -> None:
    name = pg_cluster.create(pg_cluster.template("furnished", furnish_url))
    served = Served(tmp_path / "data", "--workers", "2", url=pg_cluster.url(name))
    try:
        parent = psutil.Process(served.pid)
        workers = {child.pid for child in parent.children()}
        assert len(workers) == 2
        seats = [served.sign_in("acceptor1") for _ in range(4)]
        case = seats[0].register()
        for seat in seats:  # every process knows every token and every case
            assert seat.get(f"/cases/{case['case_id']}").status_code == 200
            assert seat.send(command("comment", case, text="x"))["outcome"] == "applied"
        victim = min(workers)
        os.kill(victim, signal.SIGKILL)
        until(
            lambda: (
                len(alive := {c.pid for c in parent.children() if c.status() != "zombie"}) == 2
                and victim not in alive
            )
        )
        until(lambda: all(ok(served) for _ in range(6)))
        assert {child.pid for child in parent.children()} != workers
        children = parent.children()
        served.kill()  # the parent dies without a word: nobody stays behind
        until(lambda: not any(child.is_running() and child.status() != "zombie" for child in children))
    finally:
        served.kill()
        pg_cluster.drop(name)


def ok(served: Served) -> bool:
    try:
        return httpx.get(f"{served.base}/v1/meta", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def test_workers_on_sqlite_end_gently(tmp_path: Path) -> None:
    served = Served(furnished(tmp_path / "data"), "--workers", "2")
    children = psutil.Process(served.pid).children()
    seat = served.sign_in("acceptor1")
    assert len(children) == 2 and seat.register()["number"]
    assert served.stop() == 0
    assert not any(child.is_running() and child.status() != "zombie" for child in children)
    assert served.lines.empty()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--db", "mysql://x/y"), "数据库地址不对"),
        (("--db", "nonsense"), "数据库地址不对"),
        (("--db", "postgresql+psycopg://nobody@127.0.0.1:1/none"), "数据库打不开"),
        (("--port", "70000"), "端口应在"),
        (("--workers", "0"), "进程数应在"),
        (("--workers", "2", "--parent", "1"), "只能与单个进程同用"),
        (("--host", "203.0.113.7"), "不能在 203.0.113.7"),
        (("--allow-network", "everywhere"), "网段 everywhere"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(
    tmp_path: Path, refused: Refused, arguments: tuple[str, ...], words: str
) -> None:
    code, line = refused("--data", str(tmp_path / "data"), *arguments)
    assert code == 1 and words in line and line.count("\n") == 1


def test_a_folder_that_cannot_be_written(tmp_path: Path, refused: Refused) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("x")
    code, line = refused("--data", str(blocked / "data"))
    assert code == 1 and "不能写入" in line


def test_the_socket_may_be_ipv6(tmp_path: Path) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6 loopback to listen on")
    try:
        with _listen("::1", 0) as listening:
            assert _address(listening).startswith("[::1]:")
    except ServeError as error:  # a machine without ::1
        pytest.skip(str(error))
