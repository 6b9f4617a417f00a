"""A centre in memory for tests of the console's core: one log, several backends, a sequencer after commit.

It judges with the real `judge()`. Transactions are begun and committed apart, so that they can overlap; rows are
numbered after commit. `Bugs` plants the known mistakes of such systems one by one: the protocol tests must
find each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.domain.case import Case, sees
from services.domain.commands import Applied, Command, Conflict, NeedsConfirm, Rejected
from services.domain.decide import NOT_FOUND, allowed_actions, judge
from services.domain.digest import digest
from services.domain.payloads import locations_in, photos_in
from services.domain.reference import Facts, Position, Rules
from services.domain.roles import Actor
from services.ports import centre as wire
from services.ports.errors import (
    GatewayError,
    MustRefetch,
    NeverValid,
    Problem,
    SignInNeeded,
    TooOld,
    Unknown,
)

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
GRID = "440106001001001"
AREAS = ("440106", "440106001", "440106001001", GRID)
CLOSED = frozenset({"closed", "cancelled", "archived", "not_accepted", "not_filed"})


@dataclass(frozen=True)
class Bugs:
    """Mistakes of a centre; all off is the centre as the contract wants it."""

    no_dedup: bool = False
    number_at_begin: bool = False
    no_version_check: bool = False


@dataclass
class Entry:
    """A committed row of the log; `seq` is None until the sequencer has numbered it."""

    seq: int | None
    command: wire.WireCommand
    actor: Actor
    case: Case
    at: datetime
    depts_before: tuple[str, ...] = ()


@dataclass
class Transaction:
    """A command that was judged and is not committed yet; its case is locked by it."""

    command: wire.WireCommand
    actor: Actor
    outcome: wire.Outcome
    case: Case | None
    seq: int | None = None


class Locked(Exception):  # noqa: N818 - a state of a row, not an error
    """Another transaction holds the case; a real backend would wait."""


@dataclass
class ModelCentre:
    """The centre's state. `now` is moved by the tests."""

    rules: Rules
    bugs: Bugs = Bugs()
    now: datetime = START
    epoch: str = "epoch-1"
    cases: dict[str, Case] = field(default_factory=dict)
    log: list[Entry] = field(default_factory=list)
    stored: dict[str, tuple[str, tuple[Any, ...], wire.Outcome]] = field(default_factory=dict)
    attachments: set[str] = field(default_factory=set)
    locks: dict[str, Transaction] = field(default_factory=dict)
    claims: dict[str, str] = field(default_factory=dict)
    _next_seq: int = 1
    _numbers: int = 0
    keep_from: int = 0

    # --- commands -----------------------------------------------------------------------------------

    def begin(self, command: wire.WireCommand, actor: Actor) -> Transaction | wire.Outcome:
        """Judge a command; an outcome when it is known or needs no commit. Raises Locked, NeverValid."""
        known = self.stored.get(command.command_id)
        if known is not None and not self.bugs.no_dedup:
            user, body, outcome = known
            if user != actor.id or body != body_of(command):
                code = "id_taken" if user != actor.id else "id_reused"
                raise NeverValid(Problem(422, code, "这个编号已经用过。"))
            return outcome
        if command.case_id in self.locks:
            raise Locked
        outcome, case = self._judge(command, actor)
        transaction = Transaction(command, actor, outcome, case)
        self.locks[command.case_id] = transaction
        if self.bugs.number_at_begin and case is not None:
            transaction.seq = self._take_seq()
        return transaction

    def _judge(self, command: wire.WireCommand, actor: Actor) -> tuple[wire.Outcome, Case | None]:
        """Judge by the law, in the order of contract section 4."""
        case = self.cases.get(command.case_id)
        base = command.base_xver
        if self.bugs.no_version_check and case is not None:
            base = case.xver
        asked = Command(
            command.command_id, command.case_id, command.action, command.payload, base, command.seen_at
        )
        missing = frozenset(photos_in(command.payload)) - self.attachments
        number = f"20261123-{self._numbers + 1:04d}" if case is None else None
        positions = {
            case_id: Position(GRID, AREAS) for case_id in locations_in(command.case_id, command.payload)
        }
        rules = self.rules.with_facts(Facts(number=number, positions=positions, missing=missing))
        verdict = judge(case, asked, actor, self.now, rules)
        return self._outcome(command, case, verdict)

    def _outcome(
        self, command: wire.WireCommand, case: Case | None, verdict: Any
    ) -> tuple[wire.Outcome, Case | None]:
        """Put a verdict into words."""
        version, xver = (case.version, case.xver) if case is not None else (0, 0)
        base = wire.Outcome(
            command.command_id, command.case_id, "", version, xver, decided_at=self.now, case=case
        )
        if isinstance(verdict, Applied):
            after = verdict.case
            if case is None:
                self._numbers += 1
            return (
                replace(
                    base,
                    outcome=wire.APPLIED,
                    version=after.version,
                    xver=after.xver,
                    number=after.number,
                    case=after,
                ),
                after,
            )
        if isinstance(verdict, Conflict):
            last = next(e for e in reversed(self.log) if e.command.case_id == command.case_id)
            winner = wire.Winner(last.actor.name, last.at, last.command.action, "先一步办理")
            return replace(base, outcome=wire.CONFLICT, winner=winner), None
        if isinstance(verdict, NeedsConfirm):
            return replace(
                base, outcome=wire.NEEDS_CONFIRM, reason=wire.Reason("stale", "画面已旧，请确认。")
            ), None
        assert isinstance(verdict, Rejected)
        shown = None if verdict == NOT_FOUND else case
        return (
            replace(base, outcome=wire.REJECTED, case=shown, reason=wire.Reason(verdict.code, verdict.title)),
            None,
        )

    def commit(self, transaction: Transaction) -> wire.Outcome:
        """Make a transaction durable: outcome, case and log row in one."""
        command = transaction.command
        del self.locks[command.case_id]
        self.stored[command.command_id] = (transaction.actor.id, body_of(command), transaction.outcome)
        if transaction.case is not None:
            self.cases[command.case_id] = transaction.case
            self.log.append(Entry(transaction.seq, command, transaction.actor, transaction.case, self.now))
        return transaction.outcome

    def roll_back(self, transaction: Transaction) -> None:
        """The backend died before commit; a number given at begin is a hole for ever."""
        del self.locks[transaction.command.case_id]

    def sequence(self) -> None:
        """Number the committed rows that have none, in the order of their commit."""
        for entry in self.log:
            if entry.seq is None:
                entry.seq = self._take_seq()

    def _take_seq(self) -> int:
        self._next_seq += 1
        return self._next_seq - 1

    def handle(self, command: wire.WireCommand, actor: Actor) -> wire.Outcome:
        """Begin, commit and number in one go."""
        begun = self.begin(command, actor)
        outcome = begun if isinstance(begun, wire.Outcome) else self.commit(begun)
        self.sequence()
        return outcome

    # --- reading ------------------------------------------------------------------------------------

    @property
    def head(self) -> int:
        """The highest number that can be seen."""
        return max((entry.seq for entry in self.log if entry.seq is not None), default=0)

    def changes(self, actor: Actor, epoch: str, since: int, limit: int) -> wire.ChangesPage:
        """The feed, filtered by scope; `next` is the highest number examined."""
        if epoch != self.epoch or since < self.keep_from:
            raise MustRefetch("数据已换，请重新取。")
        rows = sorted((e for e in self.log if e.seq is not None and e.seq > since), key=lambda e: e.seq or 0)[
            :limit
        ]
        found = tuple(change_of(entry) for entry in rows if sees(actor, entry.case))
        last = rows[-1].seq if rows else None
        return wire.ChangesPage(self.epoch, found, since if last is None else last, self.head, self.now)

    def open_cases(self, actor: Actor) -> list[Case]:
        """Every case in scope, by id."""
        return [case for _, case in sorted(self.cases.items()) if sees(actor, case)]


def body_of(command: wire.WireCommand) -> tuple[Any, ...]:
    """What is compared when an id comes again."""
    return (
        command.case_id, command.action, command.base_xver, command.seen_at, command.payload_v,
        repr(sorted(command.payload.items())),
    )  # fmt: skip


def change_of(entry: Entry) -> wire.Change:
    """A row of the log as the feed gives it."""
    return wire.Change(
        entry.seq or 0, entry.case.case_id, entry.case.version, entry.case.xver, entry.command.action,
        entry.actor.id, entry.actor.name, entry.actor.roles[0], entry.at, entry.command.command_id,
        entry.command.payload, entry.case,
    )  # fmt: skip


class ModelGateway:
    """A `CentreGateway` straight into a `ModelCentre`, with faults put in its way.

    `faults` is taken from the left, one a call of `send`/`send_batch`/`changes`/`put_attachment`: a GatewayError
    is raised before anything is done; `"lost_reply"` does the work and then has no answer; `"twice"` delivers
    twice; `"kill_before"` begins and never commits. `page_limit` cuts the feed's pages.
    """

    def __init__(self, centre: ModelCentre, actor: Actor) -> None:
        self.centre = centre
        self.actor = actor
        self.faults: list[str | GatewayError] = []
        self.calls: list[str] = []
        self.page_limit = 500
        self.snapshot_size = 50
        self.documents: dict[str, wire.Tagged] = {}
        self.token: str | None = "token"
        self.details: dict[str, Exception] = {}

    def _fault(self, call: str) -> str | None:
        self.calls.append(call)
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, GatewayError):
            raise fault
        if fault == "lost_request":
            raise Unknown("没有到达。")
        if self.token is None:
            raise SignInNeeded("请登录。")
        return fault

    # --- commands -----------------------------------------------------------------------------------

    def send(self, command: wire.WireCommand) -> wire.Outcome:
        return self._deliver((command,), self._fault("send"))[0]

    def send_batch(self, commands: Sequence[wire.WireCommand]) -> tuple[wire.Outcome, ...]:
        return self._deliver(commands, self._fault("send_batch"))

    def _deliver(self, commands: Sequence[wire.WireCommand], fault: str | None) -> tuple[wire.Outcome, ...]:
        if fault == "kill_before":
            for command in commands:
                try:
                    begun = self.centre.begin(command, self.actor)
                except (Locked, NeverValid):
                    continue
                if isinstance(begun, Transaction):
                    self.centre.roll_back(begun)
            raise Unknown("中心断开。")
        if fault == "twice":
            for command in commands:
                self._one(command)
        outcomes = tuple(self._one(command) for command in commands)
        if fault == "lost_reply":
            raise Unknown("没有收到答复。")
        return outcomes

    def _one(self, command: wire.WireCommand) -> wire.Outcome:
        try:
            return self.centre.handle(command, self.actor)
        except Locked as error:
            raise Unknown("中心忙。", reached=True) from error

    # --- copies -------------------------------------------------------------------------------------

    def changes(self, epoch: str, since: int, limit: int = 500, wait: float = 0) -> wire.ChangesPage:
        self._fault("changes")
        return self.centre.changes(self.actor, epoch, since, min(limit, self.page_limit))

    def snapshot(self, page: str | None = None) -> wire.SnapshotPage:
        self._fault("snapshot")
        as_of, start = (self.centre.head, 0) if page is None else tuple(map(int, page.split(":")))
        seen: dict[str, Case] = {}
        for entry in sorted((e for e in self.centre.log if e.seq is not None), key=lambda e: e.seq or 0):
            if (entry.seq or 0) <= as_of and sees(self.actor, entry.case):
                seen[entry.case.case_id] = entry.case
        cases = [case for _, case in sorted(seen.items())]
        end = start + self.snapshot_size
        more = f"{as_of}:{end}" if end < len(cases) else None
        return wire.SnapshotPage(
            as_of, self.centre.epoch, tuple(cases[start:end]), more, len(cases), self.centre.now
        )

    def digest(self, as_of: int) -> wire.DigestReply:
        self._fault("digest")
        if as_of < self.centre.keep_from:
            raise TooOld("太久以前。")
        seen: dict[str, Case] = {}
        for entry in sorted((e for e in self.centre.log if e.seq is not None), key=lambda e: e.seq or 0):
            if (entry.seq or 0) <= as_of and sees(self.actor, entry.case):
                seen[entry.case.case_id] = entry.case
        open_now = ((case.case_id, case.version) for case in seen.values() if case.open)
        return wire.DigestReply(as_of, tuple(digest(open_now)), self.centre.epoch)

    def case_detail(self, case_id: str) -> wire.CaseDetail:
        self._fault("case_detail")
        if case_id in self.details:
            raise self.details[case_id]
        case = self.centre.cases.get(case_id)
        if case is None or not sees(self.actor, case):
            raise NeverValid(Problem(404, "not_found", "没有找到。"))
        return wire.CaseDetail(case, allowed=allowed_actions(case, self.actor, self.centre.rules))

    # --- the rest -----------------------------------------------------------------------------------

    def meta(self) -> wire.Meta:
        self._fault("meta")
        return wire.Meta(self.centre.epoch, "model", 1, self.centre.now, "440106", "示例区")

    @property
    def signed_in(self) -> bool:
        return self.token is not None

    def sign_in(self, username: str, password: str, console_id: str) -> wire.SessionInfo:
        self.token = "token"
        return self.me()

    def sign_out(self) -> None:
        self.token = None

    def me(self) -> wire.SessionInfo:
        self._fault("me")
        return wire.SessionInfo(self.token or "", self.actor, self.centre.now + timedelta(hours=12))

    def change_password(self, old: str, new: str) -> None:
        self._fault("change_password")

    def reference(self, etag: str | None = None) -> wire.Tagged:
        return self._document("reference", etag)

    def areas(self, level: str, etag: str | None = None) -> wire.Tagged:
        return self._document(f"areas/{level}", etag)

    def components(self, etag: str | None = None) -> wire.Tagged:
        return self._layer("components", etag)

    def cameras(self, etag: str | None = None) -> wire.Tagged:
        return self._layer("cameras", etag)

    def officers(self, etag: str | None = None) -> wire.Tagged:
        return self._layer("officers", etag)

    def grid_activity(self, etag: str | None = None) -> wire.Tagged:
        return self._layer("grids/activity", etag)

    def experience(self, etag: str | None = None) -> wire.Tagged:
        return self._layer("experience", etag)

    def _layer(self, name: str, etag: str | None) -> wire.Tagged:
        """A layer of the map; one the test did not give is a route this centre does not know."""
        if name not in self.documents:
            raise NeverValid(Problem(404, "no_such_route", "没有这个地址。"))
        return self._document(name, etag)

    def _document(self, name: str, etag: str | None) -> wire.Tagged:
        self._fault(name)
        found = self.documents.get(name, wire.Tagged("none", {}))
        return wire.Tagged(found.etag, None) if found.etag == etag else found

    def search_cases(
        self, filters: Mapping[str, Any], cursor: str | None = None, limit: int = 50
    ) -> wire.CasePage:
        self._fault("search_cases")
        return wire.CasePage(tuple(self.centre.open_cases(self.actor)[:limit]))

    def caller(self, case_id: str, reason: str) -> wire.Caller:
        self._fault("caller")
        return wire.Caller("张三", "13800138000")

    def similar(
        self, lon: float, lat: float, category: str | None, text: str
    ) -> tuple[wire.SimilarCase, ...]:
        self._fault("similar")
        return ()

    def claim(self, case_id: str, kind: str = "hold") -> None:
        self._fault("claim")
        self.centre.claims[case_id] = self.actor.id

    def unclaim(self, case_id: str) -> None:
        self._fault("unclaim")
        self.centre.claims.pop(case_id, None)

    def presence(self) -> tuple[wire.Presence, ...]:
        self._fault("presence")
        return tuple(wire.Presence(case_id, user, user) for case_id, user in self.centre.claims.items())

    def put_attachment(self, sha256: str, data: bytes, mime: str) -> None:
        fault = self._fault("put_attachment")
        self.centre.attachments.add(sha256)
        if fault == "lost_reply":
            raise Unknown("没有收到答复。")

    def get_attachment(self, sha256: str) -> bytes:
        self._fault("get_attachment")
        return b""

    def close(self) -> None:
        self.token = None
