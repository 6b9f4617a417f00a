"""The combined history oracle: what consoles showed and kept, against what the centre's log and answers say.

Consoles append to a history file: `saved` once a click was on disk, `told` once its fate was announced. The
centre's side is read from its database. Demanded of every run, whatever was killed: lost = 0, double = 0, wrong
answer = 0, diverged = 0, log without gaps, nothing made up, every queue empty. Availability is counted, not judged.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from services.backend.db.tables import changes, commands, dispatches
from services.backend.verify import verify
from services.sql.engine import open_engine, reading

#: outcomes of the centre; an outbox row in one of them was answered
DECIDED = ("applied", "conflict", "rejected", "needs_confirm")
#: an outbox row that never became an effect, and must not be found in the log
NOT_SENT = ("held", "discarded", "invalid")


class HistoryFile:
    """An append-only file of JSON lines; `durable` lines are fsynced before `append` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        _end_torn_line(path)
        self._file = path.open("ab", buffering=0)

    def append(self, kind: str, *, durable: bool = False, **facts: Any) -> None:
        self._file.write(json.dumps({"kind": kind, **facts}).encode() + b"\n")
        if durable:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def _end_torn_line(path: Path) -> None:
    """Close off a line that a kill has cut short; it never was shown."""
    if path.exists() and (text := path.read_bytes()) and not text.endswith(b"\n"):
        with path.open("ab") as file:
            file.write(b"\n")


def read_history(path: Path) -> list[dict[str, Any]]:
    """Every whole line of a history file."""
    found = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of an outbox at the end: what the console believes of a command."""

    command_id: str
    status: str
    version: int = 0
    replaced_by: str | None = None


@dataclass(slots=True)
class ConsoleStory:
    """One console: what it showed as saved and told, what its outbox holds, what it found to differ."""

    name: str
    saved: list[str] = field(default_factory=list)
    told: list[tuple[str, str, int]] = field(default_factory=list)
    outbox: list[Kept] = field(default_factory=list)
    #: open cases of the copy that differ from the centre at the same number of the log
    diverged: int = 0
    #: digests that did not agree while the run was under way (the console repairs those by itself)
    drifts: int = 0

    def read(self, path: Path) -> None:
        """Take in a history file."""
        for line in read_history(path):
            if line["kind"] == "saved":
                self.saved.append(line["id"])
            elif line["kind"] == "told":
                self.told.append((line["id"], line["status"], line["version"]))


@dataclass(frozen=True, slots=True)
class Logged:
    """A change of the log."""

    seq: int | None
    case_id: str
    version: int
    command_id: str
    action: str
    actor_id: str


@dataclass(slots=True)
class CentreStory:
    """The centre's side: the log, the stored answers, cases with more than one active dispatch, the chain."""

    log: list[Logged] = field(default_factory=list)
    answers: dict[str, tuple[str, int]] = field(default_factory=dict)
    crowded: int = 0
    chain: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, url: str) -> CentreStory:
        """Read it from the database in one reading transaction, and check the sealed chain."""
        engine = open_engine(url)
        try:
            with reading(engine) as conn:
                wanted = (
                    changes.c.seq, changes.c.case_id, changes.c.version, changes.c.command_id,
                    changes.c.action, changes.c.actor_id,
                )  # fmt: skip
                log = [Logged(*row) for row in conn.execute(select(*wanted).order_by(changes.c.id))]
                answers = {
                    row.command_id: (row.outcome, row.version or 0)
                    for row in conn.execute(
                        select(commands.c.command_id, commands.c.outcome, commands.c.version)
                    )
                }
                crowded = (
                    select(dispatches.c.case_id)
                    .where(dispatches.c.ended_at.is_(None))
                    .group_by(dispatches.c.case_id)
                    .having(func.count() > 1)
                )
                found = verify(conn)
                return cls(log, answers, len(conn.execute(crowded).all()), list(found.wrong))
        finally:
            engine.dispose()


@dataclass(slots=True)
class Verdict:
    """What is wrong, by kind; `sentence` is one line with the seed for the report."""

    seed: int
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    diverged: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    made_up: list[str] = field(default_factory=list)
    queued: list[str] = field(default_factory=list)
    chain: list[str] = field(default_factory=list)
    saved: int = 0
    applied: int = 0
    changes: int = 0

    @property
    def good(self) -> bool:
        return not any(self.kinds().values())

    def kinds(self) -> dict[str, list[str]]:
        return {
            "lost": self.lost, "doubled": self.doubled, "wrong answer": self.wrong, "diverged": self.diverged,
            "gaps": self.gaps, "made up": self.made_up, "still queued": self.queued, "chain": self.chain,
        }  # fmt: skip

    def sentence(self) -> str:
        figures = ", ".join(f"{name} {len(found)}" for name, found in self.kinds().items())
        return (
            f"saved {self.saved}, applied {self.applied}, changes {self.changes}; {figures}; seed {self.seed}"
        )

    def check(self) -> Verdict:
        """Raise AssertionError with what was found; the verdict itself when all is well."""
        told = [f"{name}: {line}" for name, found in self.kinds().items() for line in found[:8]]
        assert self.good, "\n".join([self.sentence(), *told])
        return self


def judge(consoles: Iterable[ConsoleStory], centre: CentreStory, seed: int, before: int = 0) -> Verdict:
    """Compare what every console showed with what the centre did; `before` changes are older than the run."""
    verdict = Verdict(seed, changes=len(centre.log), chain=list(centre.chain))
    effects: dict[str, list[Logged]] = {}
    for entry in centre.log:
        effects.setdefault(entry.command_id, []).append(entry)
    known: set[str] = set()
    for console in consoles:
        verdict.saved += len(console.saved)
        _judge_saved(verdict, console, centre, effects)
        _judge_outbox(verdict, console, centre, effects)
        _judge_told(verdict, console, effects)
        known.update(row.command_id for row in console.outbox)
        if console.diverged:
            verdict.diverged.append(f"{console.name}: {console.diverged} cases differ from the centre's")
        if console.drifts:
            verdict.diverged.append(f"{console.name}: {console.drifts} digests differed on the way")
    _judge_log(verdict, centre, effects)
    _judge_origin(verdict, centre.log[before:], known)
    return verdict


def _judge_saved(
    verdict: Verdict, console: ConsoleStory, centre: CentreStory, effects: dict[str, list[Logged]]
) -> None:
    """Everything shown as saved is in the outbox, or decided at the centre."""
    held = {row.command_id for row in console.outbox}
    for command_id in console.saved:
        if command_id not in held and command_id not in centre.answers:
            verdict.lost.append(f"{console.name} {command_id}: shown as saved, and nowhere")
    for command_id, count in Counter(console.saved).items():
        if count > 1:
            verdict.doubled.append(f"{console.name} {command_id}: shown as saved {count} times")


def _judge_outbox(
    verdict: Verdict, console: ConsoleStory, centre: CentreStory, effects: dict[str, list[Logged]]
) -> None:
    """What a console believes of a command is what the centre answered."""
    for row in console.outbox:
        answer = centre.answers.get(row.command_id)
        if row.status == "waiting":
            verdict.queued.append(f"{console.name} {row.command_id}")
        elif row.status in DECIDED:
            if row.status == "applied":
                verdict.applied += 1
                if row.command_id not in effects:
                    verdict.lost.append(
                        f"{console.name} {row.command_id}: answered as applied, not in the log"
                    )
            if answer is None:
                verdict.wrong.append(
                    f"{console.name} {row.command_id}: {row.status}, the centre knows nothing"
                )
            elif answer[0] != row.status or (row.status == "applied" and answer[1] != row.version):
                verdict.wrong.append(
                    f"{console.name} {row.command_id}: {row.status} v{row.version}, answered {answer}"
                )
        elif row.status in NOT_SENT and row.command_id in effects:
            verdict.wrong.append(f"{console.name} {row.command_id}: {row.status}, and in the log")


def _judge_told(verdict: Verdict, console: ConsoleStory, effects: dict[str, list[Logged]]) -> None:
    """What the operator was told stays true."""
    final = {row.command_id: row for row in console.outbox}
    for command_id, status, version in console.told:
        if status == "applied" and command_id not in effects:
            verdict.lost.append(f"{console.name} {command_id}: told as applied, not in the log")
        row = final.get(command_id)
        if row is not None and row.status in DECIDED and (row.status, row.version) != (status, version):
            verdict.wrong.append(
                f"{console.name} {command_id}: told {status} v{version}, now {row.status} v{row.version}"
            )


def _judge_log(verdict: Verdict, centre: CentreStory, effects: dict[str, list[Logged]]) -> None:
    """Each command one effect a case, each case versions without a hole, each change a number, no number twice."""
    for command_id, entries in effects.items():
        if len({entry.case_id for entry in entries}) < len(entries):
            verdict.doubled.append(f"{command_id}: {len(entries)} changes of one case")
        if centre.answers.get(command_id, ("applied", 0))[0] != "applied":
            verdict.wrong.append(f"{command_id}: answered {centre.answers[command_id]}, and in the log")
    for command_id, (outcome, _) in centre.answers.items():
        if outcome == "applied" and command_id not in effects:
            verdict.lost.append(f"{command_id}: answered as applied, not in the log")
    versions: dict[str, list[int]] = {}
    for entry in centre.log:
        versions.setdefault(entry.case_id, []).append(entry.version)
    for case_id, found in versions.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            verdict.gaps.append(f"case {case_id}: versions {sorted(found)}")
    verdict.gaps += sequence_faults([entry.seq for entry in centre.log])
    if centre.crowded:
        verdict.doubled.append(f"{centre.crowded} cases have more than one active dispatch")


def _judge_origin(verdict: Verdict, log: Sequence[Logged], known: set[str]) -> None:
    """Nothing is in the log that no console of the run has in its outbox (`known` empty: not asked)."""
    if not known:
        return
    users = {entry.actor_id for entry in log if entry.command_id in known}
    for entry in log:
        if entry.actor_id in users and entry.command_id not in known:
            verdict.made_up.append(f"{entry.command_id}: {entry.action} of {entry.actor_id}")


def sequence_faults(numbers: Sequence[int | None]) -> list[str]:
    """What is wrong with the numbers of a log: rows without one, missing ones, ones given twice."""
    given = [number for number in numbers if number is not None]
    faults = []
    if len(given) < len(numbers):
        faults.append(f"{len(numbers) - len(given)} changes have no number")
    twice = [number for number, count in Counter(given).items() if count > 1]
    if twice:
        faults.append(f"numbers given twice: {sorted(twice)[:10]}")
    missing = set(range(1, max(given, default=0) + 1)) - set(given)
    if missing:
        faults.append(f"{len(missing)} numbers missing: {sorted(missing)[:10]}")
    return faults
