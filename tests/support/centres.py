"""Real centres for tests: furnished databases of both kinds, `griddesk serve` processes that die and return."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.support.centre import PASSWORD, Seat, command, furnish_url
from tests.support.served import Served


class Server:
    """One `griddesk serve` that keeps its port over its deaths. `workers` > 1 forks that many processes."""

    def __init__(self, data: Path, url: str | None, workers: int = 1) -> None:
        self._data, self._url, self._workers = data, url, workers
        self._served: Served | None = None
        #: what all its lives have written to standard error
        self.written: list[str] = []
        self.port = 0
        self.start()

    def start(self) -> float:
        """Start (again); the moment (monotonic) at which it said that it listens."""
        self._served = Served(
            self._data, "--port", str(self.port), "--workers", str(self._workers), url=self._url
        )
        self.port = int(self._served.base.rpartition(":")[2])
        return time.monotonic()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def served(self) -> Served:
        assert self._served is not None, "the server is down"
        return self._served

    def processes(self) -> list[int]:
        """Ids of the processes that answer requests."""
        if self._workers == 1:
            return [self.served.pid]
        children = psutil.Process(self.served.pid).children()
        return [child.pid for child in children if child.status() != psutil.STATUS_ZOMBIE]

    def kill(self) -> None:
        """kill -9 of the parent; its workers end with it."""
        children = psutil.Process(self.served.pid).children()
        self.served.kill()
        self._forget()
        psutil.wait_procs(children, timeout=5)

    def kill_worker(self, rng: random.Random) -> float:
        """kill -9 of one worker, which the supervisor replaces; the moment of the kill."""
        with suppress(ProcessLookupError):
            os.kill(rng.choice(self.processes()), signal.SIGKILL)
        return time.monotonic()

    def client(self) -> httpx.Client:
        """A connection of its own; plain http needs no certificates, and loading those takes a tenth of a second."""
        return httpx.Client(base_url=self.base, timeout=30, trust_env=False, verify=False)

    def end(self) -> None:
        """Tell it to stop."""
        if self._served is not None:
            os.kill(self._served.pid, signal.SIGTERM)

    def close(self) -> None:
        """Stop it gently, or wait until it has."""
        if self._served is not None:
            try:
                self._served.stop()
            finally:
                self._forget()

    def _forget(self) -> None:
        self.written += self.served.errors
        self._served = None


class Hall:
    """A furnished centre and the servers in front of it. `url` is its database."""

    def __init__(self, url: str, servers: list[Server]) -> None:
        self.url, self.servers = url, servers
        self._sessions: dict[str, dict[str, Any]] = {}
        self._clients: list[httpx.Client] = []

    @property
    def kind(self) -> str:
        return self.url.partition("+")[0].partition(":")[0]

    def base(self, place: int = 0) -> str:
        """Address of a server; places beyond the last begin anew."""
        return self.servers[place % len(self.servers)].base

    def seat(self, username: str, place: int = 0) -> Seat:
        """A signed-in user over plain HTTP, with a connection of its own; one session a user for all processes."""
        client = self.servers[place % len(self.servers)].client()
        self._clients.append(client)
        if username not in self._sessions:
            asked = {"username": username, "password": PASSWORD, "console_id": "t"}
            answer = client.post("/v1/session", json=asked)
            assert answer.status_code == 200, answer.text
            self._sessions[username] = answer.json()
        return Seat(client, self._sessions[username])

    def process_count(self) -> int:
        return sum(len(server.processes()) for server in self.servers)

    def close(self) -> None:
        """Hang up."""
        for client in self._clients:
            client.close()


@contextmanager
def open_hall(
    kind: str, request: pytest.FixtureRequest, folder: Path, workers: tuple[int, ...] = (1,)
) -> Iterator[Hall]:
    """A furnished centre on `sqlite` or `postgresql`; one server a number in `workers` (SQLite: one only)."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    name = None
    if kind == "sqlite":
        assert len(workers) == 1, "one server a data folder"
        url, given = f"sqlite:///{data / 'centre.db'}", None
        furnish_url(url)
    else:
        cluster = request.getfixturevalue("pg_cluster")
        name = cluster.create(cluster.template("furnished", furnish_url))
        url = given = cluster.url(name)
    servers: list[Server] = []
    try:
        for count in workers:
            servers.append(Server(data, given, count))
        hall = Hall(url, servers)
        yield hall
        hall.close()
    finally:
        for server in servers:
            server.end()
        for server in servers:
            server.close()
        if name is not None:
            request.getfixturevalue("pg_cluster").drop(name)
        written = "".join(line for server in servers for line in server.written)
        print(written)  # shown by pytest where the test fails
    # consoles ask again after a 5xx, so nothing else would tell
    assert "Traceback" not in written, written[-3000:]


def send_all(seat: Seat, bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Commands in batches, all of which must be applied; the cases after them."""
    cases = []
    for at in range(0, len(bodies), 100):
        answer = seat.post("/commands/batch", {"commands": bodies[at : at + 100]})
        assert answer.status_code == 200, answer.text
        for outcome in answer.json()["outcomes"]:
            assert outcome["outcome"] == "applied", outcome
            cases.append(outcome["case"])
    return cases


def cases_to_dispatch(leader: Seat, birth: dict[str, Any], category: str, count: int) -> list[dict[str, Any]]:
    """`count` filed cases that wait for their dispatch."""
    cases = send_all(leader, [command("register", None, **birth) for _ in range(count)])
    cases = send_all(leader, [command("accept", case) for case in cases])
    return send_all(leader, [command("file", case, category=category, condition=0) for case in cases])


__all__ = ["PASSWORD", "Hall", "Server", "cases_to_dispatch", "open_hall", "send_all"]
