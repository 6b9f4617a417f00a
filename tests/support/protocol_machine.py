"""The protocol between console and centre as a hypothesis state machine over the real outbox, cache and sync.

Two consoles work on the same cases against a model centre with several backends. Between their clicks requests
and replies get lost, come twice, backends die before and after commit or commit out of order, consoles are
killed between any two steps. The oracle: nothing lost, nothing doubled, no wrong answer, nothing applied on a
picture nobody saw, and at the end both copies equal the centre's.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.domain.lifecycle import ADDITIVE
from services.domain.roles import Actor
from services.ports.centre import Change, ChangesPage, Outcome, WireCommand
from services.ports.errors import ActionRefused, NeverValid
from services.ports.outbox import APPLIED, WAITING, SavedCommand
from services.ports.picture import CaseQuery
from services.store.cache import SqlCaseCache
from services.store.outbox import SqlOutbox
from services.sync.feed import Feed
from services.usecases.rules_from_reference import rules_from_reference
from tests.support.console_core import (
    LEADER,
    REFERENCE,
    REGISTER,
    ConsoleCore,
    CountedIds,
    HandClock,
    quick_folder,
)
from tests.support.model_centre import Bugs, Locked, ModelCentre, ModelGateway, Transaction

RULES = rules_from_reference(REFERENCE)
CONSOLES = 2
THIRD = Actor("lead9", "第三席", ("shift_leader",), LEADER.area_code)
#: rounds after the line has healed within which everything must be decided and equal
HEAL_ROUNDS = 300


class Killed(BaseException):
    """The process is gone at this very point."""


@dataclass(frozen=True)
class Planted:
    """Which mistakes are planted; the default is the product as it is."""

    centre: Bugs = field(default_factory=Bugs)
    outbox: type[SqlOutbox] = SqlOutbox
    cache: type[SqlCaseCache] = SqlCaseCache
    feed: type[Feed] = Feed


@dataclass
class Click:
    """One press of a key: what the operator wanted, and the exclusive step their picture ended with."""

    console: int
    command_id: str
    case_id: str
    action: str
    text: str
    seen: str | None


class ProtocolMachine(RuleBasedStateMachine):
    """See the module. `planted` is set by subclasses."""

    planted: Planted = Planted()

    def __init__(self) -> None:
        super().__init__()
        self.centre = ModelCentre(RULES, self.planted.centre)
        self.consoles = [self._console(i) for i in range(CONSOLES)]
        self.clicks: list[Click] = []
        self.slow: list[Transaction] = []
        self.versions: list[dict[str, int]] = [{} for _ in range(CONSOLES)]
        self.serial = 0

    def _console(self, i: int) -> ConsoleCore:
        actor = Actor(f"lead{i}", f"值班长{i}", ("shift_leader",), LEADER.area_code)
        return ConsoleCore(
            quick_folder(), ModelGateway(self.centre, actor), actor, HandClock(), CountedIds(i + 1), REFERENCE,
            outbox_class=self.planted.outbox, cache_class=self.planted.cache, feed_class=self.planted.feed,
        )  # fmt: skip

    def gateway(self, i: int) -> ModelGateway:
        gateway = self.consoles[i].gateway
        assert isinstance(gateway, ModelGateway)
        return gateway

    @initialize(copied=st.sampled_from([True, True, False]))
    def first_copy(self, copied: bool) -> None:
        """Some shifts begin with an empty copy, some with one that is up to date."""
        if copied:
            for console in self.consoles:
                console.catch_up()

    # --- clicks -------------------------------------------------------------------------------------

    def _cases(self, i: int) -> list[str]:
        return sorted(row.case_id for row in self.consoles[i].overlay.rows(CaseQuery()))

    def _click(self, i: int, action: str, case_id: str | None, payload: dict[str, Any]) -> None:
        console = self.consoles[i]
        projected = console.overlay.project(case_id) if case_id else None
        seen = self._last_exclusive_seen(projected)
        try:
            saved = console.desk.submit(action, projected, payload, case_id=case_id)
        except ActionRefused:
            return  # the console itself saw that the centre would refuse: nothing was saved
        text = payload.get("text") or payload.get("reason") or payload.get("description")
        self.clicks.append(Click(i, saved.command_id, saved.case_id, action, text, seen))

    def _last_exclusive_seen(self, projected: Any) -> str | None:
        """The exclusive step the picture on the screen ends with, by its text."""
        if projected is None:
            return None
        for command in reversed(projected.pending):
            if command.action not in ADDITIVE and command.command_id in projected.rests_on:
                return text_of(command.payload)
        case_id, xver = projected.case.case_id, projected.case.xver
        for entry in self.centre.log:
            if (
                entry.case.case_id == case_id
                and entry.case.xver == xver
                and entry.command.action not in ADDITIVE
            ):
                return text_of(entry.command.payload)
        return None

    def _text(self) -> str:
        self.serial += 1
        return f"click-{self.serial}"

    @rule(i=st.integers(0, CONSOLES - 1))
    def a_new_case(self, i: int) -> None:
        self.register(i)

    def register(self, i: int) -> None:
        text = self._text()
        saved = self.consoles[i].desk.register({**REGISTER, "description": text})
        self.clicks.append(Click(i, saved.command_id, saved.case_id, "register", text, None))

    @rule(i=st.integers(0, CONSOLES - 1), pick=st.integers(0, 9))
    def comment(self, i: int, pick: int) -> None:
        cases = self._cases(i)
        if not cases:
            return self.register(i)
        self._click(i, "comment", cases[pick % len(cases)], {"text": self._text()})
        return None

    @rule(i=st.integers(0, CONSOLES - 1), pick=st.integers(0, 9))
    def amend(self, i: int, pick: int) -> None:
        cases = self._cases(i)
        if not cases:
            return self.register(i)
        text = self._text()
        self._click(i, "amend", cases[pick % len(cases)], {"reason": text, "description": text})
        return None

    @rule(
        pick=st.integers(0, 9),
        actions=st.lists(st.sampled_from(["comment", "amend"]), min_size=1, max_size=3),
    )
    def somebody_else_works(self, pick: int, actions: list[str]) -> None:
        """A third seat, whose line is good, takes a case one or more steps on."""
        free = sorted(case_id for case_id in self.centre.cases if case_id not in self.centre.locks)
        if not free:
            return
        case_id = free[pick % len(free)]
        for action in actions:
            text = self._text()
            payload = {"text": text} if action == "comment" else {"reason": text, "description": text}
            xver = self.centre.cases[case_id].xver
            self.centre.handle(WireCommand(f"third-{text}", case_id, action, payload, xver, None), THIRD)

    # --- sending ------------------------------------------------------------------------------------

    @rule(
        i=st.integers(0, CONSOLES - 1),
        fault=st.sampled_from(["", "", "lost_request", "lost_reply", "lost_reply", "twice", "kill_before"]),
    )
    def send(self, i: int, fault: str) -> None:
        self.gateway(i).faults = [fault]
        self.consoles[i].push()
        self.gateway(i).faults = []

    @rule(i=st.integers(0, CONSOLES - 1))
    def killed_before_the_answer_is_stored(self, i: int) -> None:
        console = self.consoles[i]

        def die(outcomes: Any) -> Any:
            raise Killed

        console.outbox.decided = die  # type: ignore[method-assign]
        with contextlib.suppress(Killed):
            console.push()
        console.restart()

    @rule(i=st.integers(0, CONSOLES - 1))
    def request_hangs_in_a_slow_backend(self, i: int) -> None:
        """The console gives up waiting, while a backend holds its transaction open."""
        heads = self.consoles[i].outbox.heads(1)
        for command in self.consoles[i].outbox.leaving([head.command_id for head in heads]):
            try:
                begun = self.centre.begin(command.wire(), self.consoles[i].actor)
            except (Locked, NeverValid):
                return
            if isinstance(begun, Transaction):
                self.slow.append(begun)

    @precondition(lambda self: self.slow)
    @rule(pick=st.integers(0, 9), lives=st.booleans())
    def slow_backend_ends(self, pick: int, lives: bool) -> None:
        transaction = self.slow.pop(pick % len(self.slow))
        if lives:
            self.centre.commit(transaction)
            self.centre.sequence()
        else:
            self.centre.roll_back(transaction)

    # --- pulling ------------------------------------------------------------------------------------

    @rule(i=st.integers(0, CONSOLES - 1), limit=st.sampled_from([1, 1, 2, 500]))
    def pull(self, i: int, limit: int) -> None:
        self.gateway(i).page_limit = limit
        if self.consoles[i].pull().copied:
            self.versions[i].clear()

    @rule(i=st.integers(0, CONSOLES - 1), limit=st.sampled_from([1, 500]), after_rows=st.booleans())
    def killed_while_pulling(self, i: int, limit: int, after_rows: bool) -> None:
        console = self.consoles[i]
        self.gateway(i).page_limit = limit
        take = console.cache._take

        def die(conn: Any, changes: Any) -> Any:
            if after_rows:
                take(conn, changes)
            raise Killed

        console.cache._take = die  # type: ignore[method-assign]
        with contextlib.suppress(Killed):
            console.pull()
        console.restart()

    @rule(i=st.integers(0, CONSOLES - 1), pick=st.integers(0, 9))
    def look_at_a_case(self, i: int, pick: int) -> None:
        """A case read on its own is newer than the cursor."""
        known = sorted(self.centre.cases)
        if known:
            case = self.centre.cases[known[pick % len(known)]]
            self.consoles[i].cache.put(case)
            self.consoles[i].overlay.touch([case.case_id])

    @rule(i=st.integers(0, CONSOLES - 1))
    def restart(self, i: int) -> None:
        self.consoles[i].restart()

    @rule(now=st.sampled_from([False, False, False, True]))
    def log_is_cut(self, now: bool) -> None:
        """The log keeps nothing before its head: consoles behind it fetch anew."""
        if now:
            self.centre.keep_from = self.centre.head

    # --- what must always hold ----------------------------------------------------------------------

    @invariant()
    def nothing_doubled(self) -> None:
        texts = [text_of(entry.command.payload) for entry in self.centre.log]
        assert len(texts) == len(set(texts)), "a click took effect twice"

    def nothing_saved_is_gone(self) -> None:
        for i, console in enumerate(self.consoles):
            kept = {command.command_id for command in console.outbox.history(10_000)}
            gone = {click.command_id for click in self.clicks if click.console == i} - kept
            assert not gone, "a saved command has gone, or goes under another id"

    @invariant()
    def no_copy_goes_back(self) -> None:
        for i, console in enumerate(self.consoles):
            seen = self.versions[i]
            for case_id, version in console.cache.open_versions():  # nothing is closed in this game
                assert version >= seen.get(case_id, 0), "a cached case went back in time"
                seen[case_id] = version

    def teardown(self) -> None:
        try:
            self._heal()
            self._check()
        finally:
            for console in self.consoles:
                console.close()

    def _heal(self) -> None:
        """The line is good again: everything must be decided and every copy catch up."""
        for transaction in self.slow:
            self.centre.commit(transaction)
        self.centre.sequence()
        for console in self.consoles:
            for _ in range(HEAL_ROUNDS):
                console.push()
                if not console.outbox.waiting():
                    break
        self.centre.sequence()
        for i, console in enumerate(self.consoles):
            self.gateway(i).page_limit = 500
            for _ in range(HEAL_ROUNDS):
                if console.pull().caught_up:
                    break

    def _check(self) -> None:
        self.nothing_doubled()
        self.nothing_saved_is_gone()
        effects = {text_of(entry.command.payload): entry for entry in self.centre.log}
        for click in self.clicks:
            command = self.consoles[click.console].outbox.get(click.command_id)
            assert command is not None
            assert command.status != WAITING, "the outbox did not drain"
            applied = click.text in effects
            assert (command.status == APPLIED) == applied, (
                f"wrong answer: {command.status}, applied: {applied}"
            )
        self._check_bases()
        self._check_copies()

    def _check_copies(self) -> None:
        """Both copies equal the centre's, and so does what the screens show."""
        for console in self.consoles:
            mine = {
                row.case_id: (row.version, row.state)
                for row in console.cache.rows(CaseQuery(open_only=False))
            }
            theirs = {case.case_id: (case.version, case.state) for case in self.centre.cases.values()}
            assert mine == theirs, "a copy has diverged"
            for case_id in theirs:
                projected = console.overlay.project(case_id)
                assert projected is not None
                assert projected.case.version == theirs[case_id][0]

    def _check_bases(self) -> None:
        """Every exclusive step rests on the step its operator saw."""
        clicks = {click.text: click for click in self.clicks}
        last: dict[str, str] = {}
        for entry in self.centre.log:
            text = text_of(entry.command.payload)
            if entry.command.action in ADDITIVE:
                continue
            click = clicks.get(text)  # None: the third seat, which always sees the truth
            seen = click.seen if click is not None else last.get(entry.case.case_id)
            assert seen == last.get(entry.case.case_id), "applied on a picture nobody saw"
            last[entry.case.case_id] = text


def text_of(payload: Any) -> str:
    """The text by which a click is known."""
    return str(payload.get("reason") or payload.get("text") or payload.get("description"))


# --- planted mistakes of the console ------------------------------------------------------------------


class RemovesBeforeAck(SqlOutbox):
    """Takes commands out when they leave instead of when they are decided."""

    def leaving(self, command_ids: Any) -> tuple[SavedCommand, ...]:
        leaving = super().leaving(command_ids)
        self.decided([Outcome(c.command_id, c.case_id, APPLIED) for c in leaving])
        return leaving


class NewIdOnRetry(SqlOutbox):
    """Gives a command a new id when it goes a second time."""

    def leaving(self, command_ids: Any) -> tuple[SavedCommand, ...]:
        found = []
        for command in super().leaving(command_ids):
            if command.tries > 1:
                fresh = f"{command.command_id[:-8]}{command.n:03d}{command.tries:05d}"
                with self._file.write() as conn:
                    conn.exec_driver_sql(
                        "UPDATE command SET command_id = ? WHERE command_id = ?", (fresh, command.command_id)
                    )
                command = replace(command, command_id=fresh)
            found.append(command)
        return tuple(found)


class CursorFirst(SqlCaseCache):
    """Moves the cursor in a transaction of its own before the rows."""

    def apply(self, page: ChangesPage) -> Any:
        with self._file.write() as conn:
            self._move(conn, page)
        with self._file.write() as conn:
            return self._take(conn, page.changes)


class NoVersionGuard(SqlCaseCache):
    """Applies whatever comes."""

    def newer(self, change: Change, cached: int | None) -> bool:
        return True


class CursorIsHead(Feed):
    """Takes the highest number there is for the highest that was examined."""

    def _store(self, page: ChangesPage) -> Any:
        return super()._store(replace(page, next=page.head))


MISTAKES: dict[str, Planted] = {
    "no dedup": Planted(centre=Bugs(no_dedup=True)),
    "number at begin": Planted(centre=Bugs(number_at_begin=True)),
    "remove before ack": Planted(outbox=RemovesBeforeAck),
    "no version check": Planted(centre=Bugs(no_version_check=True)),
    "cursor first": Planted(cache=CursorFirst),
    "new id on retry": Planted(outbox=NewIdOnRetry),
    "apply without version guard": Planted(cache=NoVersionGuard),
    "cursor is the highest there is": Planted(feed=CursorIsHead),
}


def machine(planted: Planted, name: str = "Planted") -> type[ProtocolMachine]:
    """The machine with mistakes planted."""
    return type(name, (ProtocolMachine,), {"planted": planted})
