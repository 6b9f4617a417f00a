"""Benches of the centre (`make bench ONLY=centre`): decided commands a second, and commit to a waiting console.

`centre.commands`: eight clients over HTTP against `griddesk serve --workers 2` on PostgreSQL with fsync. The peer:
the very statements the centre issues for the same commands, recorded once and played back by eight bare psycopg
processes on a copy of the same database. `centre.feed`: fifty consoles in long polls, twenty commands a second.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import multiprocessing
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import event

from services.domain.ids import uuid7
from tests.support.centre import CATEGORY, PASSWORD, birth, command, furnish_url, running
from tests.support.postgres import Cluster
from tests.support.served import Served

AREA = "centre"
CLIENTS = 8
BATCH = 50
ROUNDS = 9  # the first two warm up
BATCHES = 3  # of one client in one round
SINGLES = 40
CONSOLES = 50
RATE = 20.0
FEED_S = 15.0
Statement = tuple[str, Any, bool]


def tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def life(case_id: str) -> list[dict[str, Any]]:
    """Five commands of one new case, as a shift leader may give them."""
    steps: list[tuple[str, dict[str, Any]]] = [
        ("register", birth()),
        ("accept", {}),
        ("file", {"category": CATEGORY, "condition": 0}),
        ("dispatch", {"lead_dept": "muni", "note": "请尽快处理"}),
        ("comment", {"text": "已电话通知承办单位"}),
    ]
    return [
        command(action, case_id, **payload) | {"base_xver": n} for n, (action, payload) in enumerate(steps)
    ]


def batch() -> list[dict[str, Any]]:
    """Fifty commands: ten new cases and four steps of each."""
    return [body for _ in range(BATCH // 5) for body in life(uuid7())]


# --- the same statements through bare psycopg ------------------------------------------------------------


def record(url: str, folder: Path, bodies: list[list[dict[str, Any]]], path: str) -> list[list[Statement]]:
    """Give each list of commands to a centre in this process and note the statements of its transactions."""
    with running(url, folder) as backend:
        backend.centre.ticker.stop()
        seat = backend.fresh_seat("shift_leader1")
        noted: list[Statement] = []

        @event.listens_for(backend.engine, "before_cursor_execute")
        def _note(
            _conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
        ) -> None:
            noted.append((statement, parameters, many))

        found = []
        for body in bodies:
            noted.clear()
            answer = seat.post(path, {"commands": body} if path.endswith("batch") else body[0])
            assert answer.status_code == 200, answer.text
            # what finds out the caller belongs to the centre's side of the balance
            found.append([entry for entry in noted if "sessions" not in entry[0]])
    return found


def play(dsn: str, transactions: list[list[Statement]], ready: Any, go: Any, done: Any) -> None:
    """Issue recorded statements, one transaction each (a process of its own)."""
    with psycopg.connect(dsn) as connection:
        ready.release()
        go.wait()
        for statements in transactions:
            with connection.transaction(), connection.cursor() as cursor:
                for statement, parameters, many in statements:
                    if many:
                        cursor.executemany(statement, parameters)
                    else:
                        cursor.execute(statement, parameters)
                        if cursor.description is not None:
                            cursor.fetchall()
        done.release()


def bare_seconds(cluster: Cluster, template: str, recorded: list[list[list[Statement]]]) -> float:
    """Time of eight bare processes for what was recorded, each with its own share."""
    name = cluster.create(template)
    context = multiprocessing.get_context("fork")
    ready, done, go = context.Semaphore(0), context.Semaphore(0), context.Event()
    workers = [
        context.Process(target=play, args=(cluster.dsn(name), share, ready, go, done)) for share in recorded
    ]
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.acquire()
    begun = time.perf_counter()
    go.set()
    for _ in workers:
        done.acquire()
    took = time.perf_counter() - begun
    for worker in workers:
        worker.join()
    cluster.drop(name)
    return took


# --- over HTTP ---------------------------------------------------------------------------------------------


class Client:
    """One console's connection; sends ready bytes, reads the answer, believes the status."""

    def __init__(self, base: str, username: str) -> None:
        self.host = base.removeprefix("http://")
        self.connection = http.client.HTTPConnection(self.host, timeout=60)
        body = json.dumps({"username": username, "password": PASSWORD}).encode()
        answer = json.loads(self.send("/v1/session", body))
        self.token = answer["token"]

    def send(self, path: str, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json"}
        if hasattr(self, "token"):
            headers["Authorization"] = f"Bearer {self.token}"
        self.connection.request("POST", path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content[:300]
        return content


def http_seconds(clients: list[Client], path: str, shares: list[list[bytes]]) -> float:
    """Time of eight clients for their bodies, all at once."""
    barrier = threading.Barrier(len(clients) + 1)

    def work(client: Client, bodies: list[bytes]) -> None:
        barrier.wait()
        for body in bodies:
            client.send(path, body)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(clients, shares, strict=True)]
    for thread in threads:
        thread.start()
    barrier.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begun


def commands(cluster: Cluster) -> Iterator[dict[str, Any]]:
    """Batches of fifty and single commands, each against its bare peer."""
    template = cluster.template("furnished", furnish_url)
    name = cluster.create(template)
    made: dict[str, tuple[list[float], list[float], int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder), "--workers", "2", url=cluster.url(name))
        clients = [Client(served.base, "shift_leader1") for _ in range(CLIENTS)]
        for kind, path, per_client in (
            ("batch", "/v1/commands/batch", BATCHES),
            ("single", "/v1/commands", SINGLES),
        ):
            ours, bare = [], []
            for place in range(ROUNDS):
                shares = [[_body(kind) for _ in range(per_client)] for _ in clients]
                ours.append(http_seconds(clients, path, _encoded(kind, shares)))
                flat = [body for share in shares for body in share]
                recorded = _recorded(cluster, template, Path(folder), flat, path)
                bare.append(bare_seconds(cluster, template, _shared(recorded, per_client)))
                tell(f"{kind} round {place}: {ours[-1]:.3f} s over HTTP, {bare[-1]:.3f} s bare")
            made[kind] = (ours[2:], bare[2:], CLIENTS * per_client * (BATCH if kind == "batch" else 1))
        served.stop()
    cluster.drop(name)
    yield _line(made)


def _body(kind: str) -> list[dict[str, Any]]:
    if kind == "batch":
        return batch()
    return [command("register", **birth())]


def _encoded(kind: str, shares: list[list[list[dict[str, Any]]]]) -> list[list[bytes]]:
    return [
        [json.dumps({"commands": bodies} if kind == "batch" else bodies[0]).encode() for bodies in share]
        for share in shares
    ]


def _recorded(
    cluster: Cluster, template: str, folder: Path, flat: list[list[dict[str, Any]]], path: str
) -> list[list[Statement]]:
    """Record on a database of its own; what the sequencer does belongs to both and is left out of both."""
    name = cluster.create(template)
    try:
        return record(cluster.url(name), folder, flat, path.removeprefix("/v1"))
    finally:
        cluster.drop(name)


def _shared(recorded: list[list[Statement]], per_client: int) -> list[list[list[Statement]]]:
    return [recorded[n : n + per_client] for n in range(0, len(recorded), per_client)]


def _line(made: dict[str, tuple[list[float], list[float], int]]) -> dict[str, Any]:
    ours, bare, count = made["batch"]
    one, one_bare, singles = made["single"]
    batch_s, batch_bare = statistics.median(ours), statistics.median(bare)
    single_s, single_bare = statistics.median(one), statistics.median(one_bare)
    return {
        "bench": "centre.commands",
        "ours_ms": round(batch_s / count * 1000, 4),
        "peer": "the same statements through psycopg, 8 processes",
        "peer_ms": round(batch_bare / count * 1000, 4),
        "ratio": round(batch_s / batch_bare, 2),
        "ratio_single": round(single_s / single_bare, 2),
        "commands_per_s": round(count / batch_s),
        "singles_per_s": round(singles / single_s),
        "n": count,
    }


# --- the feed ------------------------------------------------------------------------------------------------


class Polls:
    """Fifty consoles in long polls on one event loop; notes when each first saw each command."""

    def __init__(self, base: str, tokens: list[str], epoch: str, since: int) -> None:
        host, _, port = base.removeprefix("http://").partition(":")
        self.host, self.port = host, int(port)
        self.tokens, self.epoch, self.since = tokens, epoch, since
        self.seen: list[tuple[str, float]] = []
        self.stopping = False

    async def console(self, token: str) -> None:
        reader, writer = await asyncio.open_connection(self.host, self.port)
        at = self.since
        while not self.stopping:
            request = (
                f"GET /v1/changes?epoch={self.epoch}&since={at}&limit=500&wait=2 HTTP/1.1\r\nHost: {self.host}\r\n"
                f"Authorization: Bearer {token}\r\n\r\n"
            )
            writer.write(request.encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            document = json.loads(await reader.readexactly(length))
            now = time.time()
            self.seen += [(change["command_id"], now) for change in document["changes"]]
            at = document["next"]
        writer.close()

    async def run(self) -> None:
        await asyncio.gather(*(self.console(token) for token in self.tokens))


def feed(cluster: Cluster) -> Iterator[dict[str, Any]]:
    """From a command's commit, by PostgreSQL's own record of it, to the moment a waiting console has read it."""
    name = cluster.create(cluster.template("furnished", furnish_url))
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder), "--workers", "2", url=cluster.url(name))
        tokens = [Client(served.base, "leader1").token for _ in range(CONSOLES)]
        clients = [Client(served.base, "shift_leader1") for _ in range(4)]
        meta = json.loads(http_get(served.base, "/v1/meta"))
        polls = Polls(served.base, tokens, meta["feed_epoch"], 0)
        context = threading.Thread(target=lambda: asyncio.run(polls.run()))
        context.start()
        time.sleep(1.0)
        sent = _send_at_rate(clients)
        time.sleep(2.5)
        polls.stopping = True
        context.join()
        served.stop()
    committed = commit_times(cluster.dsn(name))
    cluster.drop(name)
    assert committed.keys() == sent.keys()
    lags = sorted((moment - committed[key]) * 1000 for key, moment in polls.seen)
    whole = sorted((moment - sent[key]) * 1000 for key, moment in polls.seen)
    assert len(lags) == len(sent) * CONSOLES, f"{len(lags)} of {len(sent) * CONSOLES} deliveries"
    yield {
        "bench": "centre.feed",
        "ours_ms": round(statistics.median(lags), 1),
        "p99_ms": round(lags[int(len(lags) * 0.99)], 1),
        "max_ms": round(lags[-1], 1),
        "p99_from_send_ms": round(whole[int(len(whole) * 0.99)], 1),
        "peer": "",
        "consoles": CONSOLES,
        "rate": RATE,
        "n": len(lags),
    }


def commit_times(dsn: str) -> dict[str, float]:
    """When each command was committed, in seconds since 1970, by command id."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT command_id::text, extract(epoch FROM pg_xact_commit_timestamp(xmin)) FROM commands"
        )
        return {command_id: float(at) for command_id, at in rows}


def http_get(base: str, path: str) -> bytes:
    connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=30)
    connection.request("GET", path)
    content = connection.getresponse().read()
    connection.close()
    return content


def _send_at_rate(clients: list[Client]) -> dict[str, float]:
    """Send commands at a steady rate for a while; when each was sent, by id."""
    sent: dict[str, float] = {}
    begun = time.perf_counter()
    bodies = [command("register", **birth()) for _ in range(int(FEED_S * RATE))]

    def work(place: int) -> None:
        for n in range(place, len(bodies), len(clients)):
            pause = begun + n / RATE - time.perf_counter()
            if pause > 0:
                time.sleep(pause)
            sent[bodies[n]["command_id"]] = time.time()
            clients[place].send("/v1/commands", json.dumps(bodies[n]).encode())

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sent


def run() -> Iterator[dict[str, Any]]:
    """Yield the results of the area."""
    cluster = Cluster(durable=True, settings={"track_commit_timestamp": "on"})
    try:
        parts: tuple[Callable[[Cluster], Iterator[dict[str, Any]]], ...] = (commands, feed)
        for part in parts:
            yield from part(cluster)
    finally:
        cluster.close()
