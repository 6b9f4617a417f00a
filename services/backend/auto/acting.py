"""A rule acts: it takes a place within the day's cap, then gives its command like everybody.

The place is a row written first: no case twice (its key), no place twice (a unique index), so several processes stay
within the cap together. The command's id is made of rule, case, action and version, so a process that was killed in
between is finished by any other, and two that are at it at once make one.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from services.backend.auto.looking import FIRST, candidates, sights
from services.backend.auto.store import Kept
from services.backend.commands.deciding import decide_batch
from services.backend.commands.outcomes import Outcome
from services.backend.commands.parsing import PAYLOAD_V, Parsed
from services.backend.db.auto_tables import auto_acts, auto_rules
from services.backend.db.packing import pack, unpack
from services.backend.db.tables import commands
from services.backend.learned.following import read_experience
from services.backend.rows import fingerprint
from services.domain.auto_acting import Proposal, propose
from services.domain.auto_rules import AutoRule, rule_command_id
from services.domain.case import Case
from services.domain.commands import Command
from services.domain.experience import Experience
from services.domain.payloads import check_payload
from services.sql.engine import glancing, is_sqlite, writing
from services.sql.types import to_ms

if TYPE_CHECKING:
    from services.backend.centre import Centre

logger = logging.getLogger(__name__)
#: cases looked at in one step, and acts given in one batch
LOOKED, AT_ONCE = 400, 100
#: an act reserved so long ago and not decided was left by a process that is gone
ORPHAN_MS = 30_000
APPLIED, REFUSED, DROPPED = "applied", "refused", "dropped"


class Acting:
    """Lets rules act. `turn` goes on where the last one stopped; one object a process, one thread."""

    def __init__(self, centre: Centre) -> None:
        """Take the centre."""
        self._centre = centre
        self._after: dict[str, str] = {}

    def turn(self, kept: Sequence[Kept]) -> int:
        """Let every active rule look at its next cases; returns how many commands were given."""
        active = [one for one in kept if one.active]
        given = self._finish(kept)
        if not active:
            return given
        _, experience = read_experience(self._centre.engine)
        return given + sum(self._act(one, experience) for one in active)

    def _act(self, kept: Kept, experience: Experience) -> int:
        """Let one rule look at a stretch of its cases."""
        rule, now = kept.rule, self._centre.now()
        with glancing(self._centre.engine) as conn:
            after = self._after.get(rule.id, FIRST)
            found = candidates(conn, rule, after, LOOKED)
            seen = sights(conn, rule, found, now)
        self._after[rule.id] = found[-1].case_id if len(found) == LOOKED else FIRST
        rules = self._centre.reference.rules
        wanted: list[tuple[Case, Proposal]] = []
        for sight in seen:
            proposal = propose(rule, sight, rules, experience)
            if isinstance(proposal, Proposal):
                wanted.append((sight.case, proposal))
        given = 0
        for start in range(0, len(wanted), AT_ONCE):
            given += self._give(kept, wanted[start : start + AT_ONCE], now)
        return given

    def _give(self, kept: Kept, wanted: Sequence[tuple[Case, Proposal]], now: datetime) -> int:
        """Reserve places for some cases and give the commands."""
        with writing(self._centre.engine) as conn:
            rows = self._reserve(conn, kept, wanted, now)
        return self._decide(kept.rule, rows)

    def _reserve(
        self, conn: Connection, kept: Kept, wanted: Sequence[tuple[Case, Proposal]], now: datetime
    ) -> list[dict[str, Any]]:
        """Write the places taken, as far as the day's cap goes; those another process has taken are its own."""
        rule, day = kept.rule, day_of(self._centre, now)
        if not _still_acts(conn, kept):
            return []
        taken = conn.execute(
            select(func.max(auto_acts.c.slot)).where(auto_acts.c.rule_id == rule.id, auto_acts.c.day == day)
        ).scalar()
        first = int(taken or 0) + 1
        rows = [
            {
                "case_id": case.case_id, "action": rule.action, "rule_id": rule.id, "edit": kept.edit, "day": day,
                "slot": first + place, "at": to_ms(now), "version": case.version, "xver": case.xver,
                "doc": pack({"payload": dict(proposal.payload), "confidence": proposal.confidence}),
            }
            for place, (case, proposal) in enumerate(wanted[: max(0, rule.cap - first + 1)])
        ]  # fmt: skip
        if not rows:
            return []
        insert = sqlite_insert if is_sqlite(conn) else pg_insert
        statement = insert(auto_acts).values(rows).on_conflict_do_nothing().returning(auto_acts.c.case_id)
        taken_now = set(conn.execute(statement).scalars())
        return [row for row in rows if row["case_id"] in taken_now]

    def _finish(self, kept: Sequence[Kept]) -> int:
        """Decide what a process reserved and did not come to; what is no longer wanted is dropped."""
        before = to_ms(self._centre.now()) - ORPHAN_MS
        with glancing(self._centre.engine) as conn:
            rows = conn.execute(
                select(auto_acts)
                .where(auto_acts.c.outcome.is_(None), auto_acts.c.at <= before)
                .limit(AT_ONCE)
            ).mappings()
            left = [dict(row) for row in rows]
        known = {one.rule.id: one for one in kept}
        given = 0
        for row in left:
            one = known.get(row["rule_id"])
            if one is None or not one.active or one.edit != row["edit"]:
                self._note([row], [self._decided(row) or DROPPED])
            else:
                given += self._decide(one.rule, [row])
        return given

    def _decided(self, row: Mapping[str, Any]) -> str:
        """Return how the command of a reserved act came out, "" when it was never given."""
        command_id = rule_command_id(row["rule_id"], row["case_id"], row["action"], row["version"])
        with glancing(self._centre.engine) as conn:
            found = conn.execute(
                select(commands.c.outcome).where(commands.c.command_id == command_id)
            ).scalar()
        return "" if found is None else APPLIED if found == "applied" else REFUSED

    def _decide(self, rule: AutoRule, rows: Sequence[dict[str, Any]]) -> int:
        """Give the commands and note how they came out."""
        if not rows:
            return 0
        batch = [rule_command(rule, row) for row in rows]
        answers = decide_batch(self._centre.desk(), rule.actor, batch, self._centre.now())
        self._note(
            rows,
            [
                APPLIED if isinstance(one, Outcome) and one.row["outcome"] == "applied" else REFUSED
                for one in answers
            ],
        )
        self._centre.ticker.nudge()
        return len(batch)

    def _note(self, rows: Sequence[dict[str, Any]], words: Sequence[str]) -> None:
        """Write how acts came out; the first word stands."""
        with writing(self._centre.engine) as conn:
            for row, word in zip(rows, words, strict=True):
                conn.execute(
                    update(auto_acts)
                    .where(
                        auto_acts.c.case_id == row["case_id"],
                        auto_acts.c.action == row["action"],
                        auto_acts.c.outcome.is_(None),
                    )
                    .values(outcome=word)
                )


def _still_acts(conn: Connection, kept: Kept) -> bool:
    """Tell whether nobody has switched a rule off, or changed it, since it was read."""
    c = auto_rules.c
    asked = select(c.id).where(c.id == kept.rule.id, c.edit == kept.edit, c.active)
    return conn.execute(asked).first() is not None


def rule_command(rule: AutoRule, row: dict[str, Any]) -> Parsed:
    """Return a reserved act as a command, equal in every process."""
    payload = check_payload(rule.action, unpack(bytes(row["doc"]))["payload"])
    command_id = rule_command_id(rule.id, row["case_id"], rule.action, row["version"])
    mark = fingerprint(row["case_id"], rule.action, row["xver"], None, PAYLOAD_V, payload)
    return Parsed(Command(command_id, row["case_id"], rule.action, payload, row["xver"], None), mark, None)


def day_of(centre: Centre, now: datetime) -> str:
    """Return the centre's day of a moment, yyyyMMdd."""
    return centre.calendar.local(now).strftime("%Y%m%d")
