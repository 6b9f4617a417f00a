"""The operator's own undecided commands on top of the cached cases, predicted by the same `decide`.

Nothing predicted is ever stored; what a screen shows as done is what the log says. A decided command's own
answer is shown until the feed brings the same version.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime

from services.domain.case import Case
from services.domain.commands import Applied, Command, Rejected
from services.domain.decide import decide
from services.domain.lifecycle import ADDITIVE, BIRTH
from services.domain.payloads import locations_in
from services.domain.reference import Facts, Position, Rules
from services.ports.cache import CaseCache
from services.ports.centre import APPLIED, Change, Outcome
from services.ports.outbox import Outbox, SavedCommand
from services.ports.picture import CaseQuery, CaseRow, DeskPicture, Projected
from services.ports.surroundings import Surroundings
from services.sync.row_order import matches, sorted_rows

#: projections that are kept; what is looked at again soon is among them, a whole district is not
KEPT = 1024
_NO_RULES = Rejected("no_reference", "还没有从中心取到基础数据，暂时不能判断这项操作。")


class Overlay:
    """The `Picture`: cached cases with the own commands on top. Safe from several threads."""

    def __init__(self, outbox: Outbox, cache: CaseCache, surroundings: Surroundings) -> None:
        """Read the stores through their ports."""
        self._outbox = outbox
        self._cache = cache
        self._around = surroundings
        self._lock = threading.RLock()
        self._settled: dict[str, Outcome] = {}
        self._left: dict[str, int] = {}
        self._memo: OrderedDict[str, Projected | None] = OrderedDict()
        self._touches = 0

    # --- what happened ------------------------------------------------------------------------------

    def touch(self, case_ids: Iterable[str]) -> None:
        """Forget projections of cases whose cached version or commands have changed."""
        with self._lock:
            self._touches += 1
            for case_id in case_ids:
                self._memo.pop(case_id, None)

    def touch_all(self) -> None:
        """Forget every projection (new copy, new rules, another actor)."""
        with self._lock:
            self._touches += 1
            self._memo.clear()

    def copied(self) -> None:
        """The copy was replaced: it stands behind every answer that was under way."""
        with self._lock:
            self._touches += 1
            self._settled.clear()
            self._left.clear()
            self._memo.clear()

    def decided(self, outcomes: Iterable[Outcome]) -> None:
        """Show applied answers until the feed brings them."""
        with self._lock:
            self._touches += 1
            for outcome in outcomes:
                self._memo.pop(outcome.case_id, None)
                if outcome.outcome != APPLIED or outcome.case is None:
                    continue
                known = self._settled.get(outcome.case_id)
                newest = known.version if known is not None else self._left.get(outcome.case_id, 0)
                if outcome.version > newest:
                    self._settled[outcome.case_id] = outcome

    def arrived(self, changes: Iterable[Change]) -> None:
        """The feed brought changes: answers they overtake are no longer shown.

        A case that left the scope is remembered, so that no answer that is still on its way brings it back.
        """
        with self._lock:
            self._touches += 1
            for change in changes:
                self._memo.pop(change.case_id, None)
                settled = self._settled.get(change.case_id)
                if change.left_scope:
                    self._left[change.case_id] = change.version
                if settled is not None and (change.left_scope or change.version >= settled.version):
                    del self._settled[change.case_id]

    # --- what is shown ------------------------------------------------------------------------------

    def project(self, case_id: str) -> Projected | None:
        """Return a case with the own commands on top, None when neither is known."""
        with self._lock:
            if case_id not in self._memo:
                self._remember(case_id, self._project(case_id, self._cache.get(case_id)))
            return self._memo[case_id]

    def projects(self, case_ids: Iterable[str]) -> dict[str, Projected]:
        """Return several cases with the own commands on top, read in one go; unknown ones are left out."""
        wanted = tuple(dict.fromkeys(case_ids))
        with self._lock:
            found = {case_id: self._memo[case_id] for case_id in wanted if case_id in self._memo}
            touches = self._touches
        unread = [case_id for case_id in wanted if case_id not in found]
        if unread:
            own, cached = (
                self._own_ids(),
                self._cache.many(unread),
            )  # no lock: the window must not wait for the file
            with self._lock:
                for case_id in unread:
                    case = cached.get(case_id)
                    plain = None if case is None else Projected(case, case)
                    found[case_id] = self._project(case_id, case) if case_id in own else plain
                    if (
                        touches == self._touches
                    ):  # else it may be old already; the announcement of that is under way
                        self._remember(case_id, found[case_id])
        return {case_id: entry for case_id, entry in found.items() if entry is not None}

    def desk(self, since: datetime) -> DeskPicture:
        """Return the desk as the cache has it, and the cases on top of it that look different."""
        columns, own = self._cache.desk(since), self._own_ids()
        return DeskPicture(columns, own, self.projects(own))

    def _remember(self, case_id: str, entry: Projected | None) -> None:
        """Keep a projection while it is among the latest."""
        self._memo[case_id] = entry
        while len(self._memo) > KEPT:
            self._memo.popitem(last=False)

    def _project(self, case_id: str, cached: Case | None) -> Projected | None:
        """Work out a projection."""
        case = self._base(case_id, cached)
        pending = self._outbox.waiting(case_id)
        refused: str | None = None
        rests_on: list[str] = []
        for command in pending:
            if not _fits(case, command):
                continue
            verdict = self.predict(case, command)
            if isinstance(verdict, Rejected):
                refused = verdict.title
                break
            case = verdict.case
            rests_on.append(command.command_id)
        return None if case is None else Projected(case, cached, pending, refused, tuple(rests_on))

    def _base(self, case_id: str, cached: Case | None) -> Case | None:
        """Return the newest decided case: the cached one, or the own command's answer while it is newer."""
        outcome = self._settled.get(case_id)
        if outcome is None or outcome.case is None:
            return cached
        if cached is not None and cached.version >= outcome.version:
            del self._settled[case_id]
            return cached
        return outcome.case

    def predict(self, case: Case | None, command: SavedCommand) -> Applied | Rejected:
        """Ask the law what a command would do to a case, as far as this console can know the facts."""
        rules, actor = self._around.rules(), self._around.actor()
        if rules is None or actor is None:
            return _NO_RULES
        asked = Command(
            command.command_id, command.case_id, command.action, command.payload, command.base_xver,
            command.seen_at,
        )  # fmt: skip
        now = command.seen_at or command.saved_at
        facts = self._facts(case, command, rules, actor.area_code or "")
        return decide(case, asked, actor, now.astimezone(UTC), rules.with_facts(facts))

    def _facts(self, case: Case | None, command: SavedCommand, rules: Rules, area: str) -> Facts:
        """Gather what the centre would look up. What only the centre can know counts as in order."""
        payload = command.payload
        positions = {}
        for case_id, (lon, lat) in locations_in(command.case_id, payload).items():
            found = self._around.position(lon, lat)
            positions[case_id] = found if found is not None else Position(area, ())
        users: dict[str, str | None] = {}
        to = payload.get("to")
        if isinstance(to, str):
            known, dept = self._around.user_dept(to)
            users = {to: dept if known else (case.lead_dept if case is not None else None)}
        target = payload.get("duplicate_of")
        cases = {name: None for name in (target, to) if isinstance(name, str)}
        return Facts(positions=positions, users=users, cases=cases)

    def rows(self, query: CaseQuery) -> list[CaseRow]:
        """Return the rows of a queue, projected ones included (and removed where they left it)."""
        own = self._own_ids()
        rows = self._cache.rows(query)
        if not own:
            return rows
        kept = [row for row in rows if row.case_id not in own]
        shown = [self.project(case_id) for case_id in sorted(own)]
        mine = [p.row for p in shown if p is not None and matches(p.case, query)]
        return sorted_rows(kept + mine, query.order)[: query.limit]

    def row(self, case_id: str) -> CaseRow | None:
        """Return one row, None when the case is not known."""
        if case_id not in self._own_ids():
            return self._cache.row(case_id)
        projected = self.project(case_id)
        return None if projected is None else projected.row

    def _own_ids(self) -> frozenset[str]:
        """Return the cases that look different from their cached row."""
        with self._lock:
            settled = frozenset(self._settled)
        return self._outbox.waiting_cases() | settled


def _fits(case: Case | None, command: SavedCommand) -> bool:
    """Tell whether a waiting command can be put on top of a case.

    When its answer was lost, the feed may have brought its effect already; or somebody else was quicker. Either
    way the exclusive version has gone past its base, and on top of that it would be a step nobody will ever see.
    """
    if command.action in BIRTH:
        return case is None
    return case is None or command.action in ADDITIVE or command.base_xver == case.xver
