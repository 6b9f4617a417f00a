"""The protocol machine against the real centre: its application, its database, its sequencer, the real wire.

The rules, the clicks and the oracle are those of `protocol_machine`; the model centre is replaced by a view of
the real one. Faults are put into the line (requests and replies lost, requests twice) and into the database
(the transaction fails at its commit). What only a model can do, holding a transaction open at will, is left to it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule
from sqlalchemy import event

from services.api.exchange import Reply
from services.api.gateway import HttpCentreGateway
from services.domain.case import Case
from services.domain.ids import uuid7
from services.domain.lifecycle import ADDITIVE
from services.domain.roles import Actor
from services.ports.centre import Change, WireCommand
from services.ports.errors import Unknown
from services.ports.picture import CaseQuery
from services.sync.centre_time import CentreTimeKeeper
from tests.support.centre import HERE, PASSWORD, Backend
from tests.support.console_core import ConsoleCore, quick_folder
from tests.support.protocol_machine import CONSOLES, Click, ProtocolMachine

WHO = ("shift_leader1", "shift_leader1")


class BackendDiedError(Exception):
    """The database connection broke at the commit."""


class Line:
    """The transport into a centre in this process, with faults for the next posted commands."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.faults: list[str] = []

    def exchange(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_limits: Any,
    ) -> Reply:
        fault = self.faults.pop(0) if self.faults and "/commands" in path else ""
        if fault == "lost_request":
            raise Unknown("没有到达。")
        if fault == "kill_before":
            with failing_commits(self._backend):
                self._send(method, path, params, body, headers)
            raise Unknown("中心断开。")
        if fault == "twice":
            self._send(method, path, params, body, headers)
        reply = self._send(method, path, params, body, headers)
        if fault == "lost_reply":
            raise Unknown("没有收到答复。")
        return reply

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: bytes | None,
        headers: Mapping[str, str] | None,
    ) -> Reply:
        answer = self._backend.client.request(
            method, path, params=dict(params or {}), content=body, headers=dict(headers or {})
        )
        return Reply(answer.status_code, dict(answer.headers), answer.content)

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def failing_commits(backend: Backend) -> Iterator[None]:
    """Every transaction of the centre fails at its commit, as when the database goes away."""

    def die(_connection: Any) -> None:
        raise BackendDiedError

    event.listen(backend.engine, "commit", die)
    try:
        yield
    finally:
        event.remove(backend.engine, "commit", die)


class RealGateway(HttpCentreGateway):
    """The console's own gateway over the line; `page_limit` cuts the pages of the feed."""

    def __init__(self, backend: Backend) -> None:
        super().__init__("http://127.0.0.1:1")
        self.line = Line(backend)
        self._transport.close()
        self._transport = self.line  # type: ignore[assignment] # a transport in this process
        self.page_limit = 500

    @property
    def faults(self) -> list[str]:
        return self.line.faults

    @faults.setter
    def faults(self, wanted: list[str]) -> None:
        self.line.faults = [fault for fault in wanted if fault]

    def changes(self, epoch: str, since: int, limit: int = 500, wait: float = 0) -> Any:
        return super().changes(epoch, since, min(limit, self.page_limit), 0)


class Entry:
    """A change as the oracle of the machine reads the model's log."""

    def __init__(self, change: Change) -> None:
        assert change.case is not None
        self.case: Case = change.case
        self.seq = change.seq
        self.command = WireCommand(
            change.command_id, change.case_id, change.action, dict(change.payload), None, None
        )


class RealCentre:
    """What the machine looks at: the log since this shift began, followed through the feed of a third seat."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.gateway = RealGateway(backend)
        self.gateway.sign_in(WHO[0], PASSWORD, "third")
        self.epoch = backend.centre.facts.epoch
        self.since = backend.settle()
        self._log: list[Entry] = []
        self.locks: dict[str, Any] = {}

    @property
    def log(self) -> list[Entry]:
        self.backend.settle()
        while True:
            page = self.gateway.changes(self.epoch, self.since)
            self._log += [Entry(change) for change in page.changes]
            self.since = page.next
            if not page.changes:
                return self._log

    @property
    def cases(self) -> dict[str, Case]:
        return {entry.case.case_id: entry.case for entry in self.log}

    def handle(self, command: WireCommand, _actor: Actor) -> Any:
        """The third seat's command over a good line."""
        return self.gateway.send(command)

    def sequence(self) -> None:
        self.backend.settle()


class Ids:
    """Real ids: many shifts share one centre."""

    def new_id(self) -> str:
        return uuid7()


class RealClock:
    """This machine's clocks."""

    def __init__(self) -> None:
        import time
        from datetime import UTC, datetime

        self.monotonic = time.monotonic
        self._now = lambda: datetime.now(UTC)

    def wall(self) -> Any:
        return self._now()


_serials = itertools.count(1)


class RealMachine(ProtocolMachine):
    """See the module. `backend` is set by `real_machine`."""

    backend: Backend

    def __init__(self) -> None:
        self.shift = next(_serials)
        self.reference = self.backend.seat(WHO[0]).get("/reference").json()
        super().__init__()
        for console in self.consoles:
            self._tell_time(console)
        self.centre = RealCentre(self.backend)  # type: ignore[assignment] # what the machine reads of it

    def _console(self, i: int) -> ConsoleCore:
        gateway = RealGateway(self.backend)
        session = gateway.sign_in(WHO[i], PASSWORD, f"console-{i}")
        return ConsoleCore(
            quick_folder(), gateway, session.actor, RealClock(), Ids(), self.reference,
            outbox_class=self.planted.outbox, cache_class=self.planted.cache, feed_class=self.planted.feed,
        )  # fmt: skip

    def _tell_time(self, console: ConsoleCore) -> None:
        assert isinstance(console.time, CentreTimeKeeper)
        console.time.heard(console.gateway.meta().server_time)

    def gateway(self, i: int) -> Any:
        return self.consoles[i].gateway

    @initialize(copied=st.just(True))
    def first_copy(self, copied: bool) -> None:
        """The centre has seen other shifts before: the copy is fetched first."""
        for console in self.consoles:
            console.catch_up()

    def _text(self) -> str:
        return f"shift-{self.shift}-{super()._text()}"

    def _cases(self, i: int) -> list[str]:
        mine = self.centre.cases.keys() | {click.case_id for click in self.clicks if click.console == i}
        return sorted(
            row.case_id for row in self.consoles[i].overlay.rows(CaseQuery()) if row.case_id in mine
        )

    def register(self, i: int) -> None:
        text = self._text()
        payload = {"kind": "event", "source": "hotline", "description": text, "location": HERE}
        saved = self.consoles[i].desk.register(payload)
        self.clicks.append(Click(i, saved.command_id, saved.case_id, "register", text, None))

    @rule(
        pick=st.integers(0, 9),
        actions=st.lists(st.sampled_from(["comment", "amend"]), min_size=1, max_size=3),
    )
    def somebody_else_works(self, pick: int, actions: list[str]) -> None:
        """A third seat, whose line is good, takes a case one or more steps on."""
        cases = self.centre.cases
        if not cases:
            return
        case_id = sorted(cases)[pick % len(cases)]
        xver = cases[case_id].xver
        for action in actions:
            text = self._text()
            payload = {"text": text} if action == "comment" else {"reason": text, "description": text}
            now = self.centre.gateway.meta().server_time
            outcome = self.centre.handle(WireCommand(uuid7(), case_id, action, payload, xver, now), WHO[0])  # type: ignore[arg-type] # the seat that is signed in
            assert outcome.outcome == "applied", outcome
            xver += action not in ADDITIVE

    # what only a model can do
    def request_hangs_in_a_slow_backend(self) -> None:  # type: ignore[override]
        raise NotImplementedError

    def slow_backend_ends(self) -> None:  # type: ignore[override]
        raise NotImplementedError

    def log_is_cut(self) -> None:  # type: ignore[override]
        raise NotImplementedError

    @rule(i=st.integers(0, CONSOLES - 1))
    def restart(self, i: int) -> None:
        self.consoles[i].restart()
        self._tell_time(self.consoles[i])

    def _check_copies(self) -> None:
        theirs = {case_id: (case.version, case.state) for case_id, case in self.centre.cases.items()}
        for console in self.consoles:
            mine = {
                row.case_id: (row.version, row.state)
                for row in console.cache.rows(CaseQuery(open_only=False, limit=100_000))
                if row.case_id in theirs
            }
            assert mine == theirs, "a copy has diverged"


def real_machine(backend: Backend) -> type[RealMachine]:
    """The machine against one centre."""
    return type("Shift", (RealMachine,), {"backend": backend})
