"""A temporary PostgreSQL cluster made by the tests, and fixtures that hand out fresh databases.

The server listens on loopback on a free port, keeps its files in a temporary folder and is stopped by its
process id. The server refuses to run as root, so as root it is given to the user ``postgres``
(or ``nobody``). Without fsync by default; fault runs that kill the server ask for ``durable=True``.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

ROLE = "griddesk"
START_TIMEOUT_S = 30.0
_PR_SET_PDEATHSIG = 1


class PostgresMissingError(RuntimeError):
    """No PostgreSQL of this machine could be started; the message says what was tried."""


def server_folders() -> list[Path]:
    """Folders that hold ``initdb`` and ``postgres``, newest Debian version first, then the PATH."""

    def version(folder: Path) -> float:
        try:
            return float(folder.parent.name)
        except ValueError:
            return 0.0

    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=version, reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return [
        folder
        for folder in dict.fromkeys(found)
        if (folder / "initdb").exists() and (folder / "postgres").exists()
    ]


def _server_user() -> dict[str, Any]:
    """Arguments for ``subprocess`` that make the child an ordinary user; none when we already are one."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise PostgresMissingError("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _die_with_parent() -> None:
    """Have the kernel stop the server (fast shutdown) should the test run be killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


def free_port() -> int:
    """A port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """One PostgreSQL server in a temporary folder.

    Args:
        durable: fsync and synchronous commit as in production; for tests that kill the server.
        settings: further server settings, ``{"max_connections": "300"}``.

    Raises:
        PostgresMissingError: no binaries, or none that could make and start a cluster.
    """

    def __init__(self, *, durable: bool = False, settings: dict[str, str] | None = None) -> None:
        self._user = _server_user()
        self._settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "jit": "off",
            "log_min_messages": "warning",
            "fsync": "on" if durable else "off",
            "synchronous_commit": "on" if durable else "off",
            "full_page_writes": "on" if durable else "off",
            **(settings or {}),
        }
        self._names = itertools.count(1)
        self._templates: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.folder = Path(tempfile.mkdtemp(prefix="griddesk-pg-"))
        try:
            if self._user:
                os.chown(self.folder, self._user["user"], self._user["group"])
            self._bin = self._init()
            self.start()
        except BaseException:
            self.close()
            raise

    # --- the server -------------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        """Process id of the server.

        Raises:
            RuntimeError: the server is not running.
        """
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    @property
    def log(self) -> str:
        """What the server has written so far."""
        path = self.folder / "server.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _init(self) -> Path:
        tried = []
        for folder in server_folders():
            done = subprocess.run(
                [
                    folder / "initdb", "--pgdata", self.folder / "data", "--username", ROLE,
                    "--encoding", "UTF8", "--locale", "C", "--auth", "trust", "--no-sync",
                ],
                cwd=self.folder, env=self._env(), stdin=subprocess.DEVNULL, capture_output=True,
                text=True, check=False, **self._user,
            )  # fmt: skip
            if done.returncode == 0:
                return folder
            tried.append(f"{folder}: {done.stderr.strip().splitlines()[-1:]}")
        raise PostgresMissingError(
            "no PostgreSQL server could be made (Debian: apt-get install postgresql); tried "
            + ("; ".join(tried) or "nothing, none is installed")
        )

    def _env(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        return {**kept, "LC_ALL": "C", "HOME": str(self.folder)}

    def start(self) -> None:
        """Start the server and wait until it answers; a stopped or killed one starts on the same data.

        Raises:
            PostgresMissingError: it did not come up within 30 seconds; the message has its log.
        """
        for _attempt in range(3):
            if self.port == 0:
                self.port = free_port()
            arguments = [str(self._bin / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port)]
            for key, value in self._settings.items():
                arguments += ["-c", f"{key}={value}"]
            with (self.folder / "server.log").open("ab") as log:
                self._process = subprocess.Popen(
                    arguments, cwd=self.folder, env=self._env(), stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, preexec_fn=_die_with_parent, **self._user,
                )  # fmt: skip
            if self._wait_until_ready():
                return
            self.stop()
            if "Address already in use" not in self.log:
                break
            self.port = 0  # somebody took the port in between
        raise PostgresMissingError(f"the server in {self.folder} did not start:\n{self.log[-2000:]}")

    def _wait_until_ready(self) -> bool:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                return False
            try:
                psycopg.connect(self.dsn("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT is its fast shutdown, SIGQUIT its crash without clean-up."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)

    def close(self) -> None:
        """Stop the server and remove its files."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- databases --------------------------------------------------------------------------------

    def dsn(self, database: str) -> str:
        """Connection string for psycopg."""
        return f"host=127.0.0.1 port={self.port} user={ROLE} dbname={database}"

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database of this server."""
        return f"postgresql+psycopg://{ROLE}@127.0.0.1:{self.port}/{database}"

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]  # constants only

    def create(self, template: str = "template0") -> str:
        """Make a fresh database, empty or as a copy of ``template``; return its name."""
        name = f"t{os.getpid()}_{next(self._names)}"
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Remove a database, cutting off whoever is still connected."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def template(self, key: str, build: Callable[[str], None]) -> str:
        """Name of a database built once by ``build(url)``, to be copied by ``create(template=...)``.

        Copying takes some 40 ms where migrations take seconds; ``build`` must close its connections.
        """
        if key not in self._templates:
            name = self.create()
            build(self.url(name))
            self._templates[key] = name
        return self._templates[key]


def _unavailable(reason: str) -> None:
    """An error where PostgreSQL must be there (CI, or root who could install it), a skip elsewhere."""
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"} or os.geteuid() == 0:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def pg_cluster() -> Iterator[Cluster]:
    """The PostgreSQL server of this test run."""
    try:
        cluster = Cluster()
    except PostgresMissingError as missing:
        _unavailable(str(missing))
        raise  # not reached; both ways out raise
    yield cluster
    cluster.close()


@pytest.fixture
def pg_url(pg_cluster: Cluster) -> Iterator[str]:
    """SQLAlchemy URL of a fresh, empty PostgreSQL database."""
    name = pg_cluster.create()
    yield pg_cluster.url(name)
    pg_cluster.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLAlchemy URL of a fresh, empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'centre.db'}"
    return str(request.getfixturevalue("pg_url"))
