"""Stories as database rows: the same rows that their commands would leave, without asking the database anything.

`encode` turns a story into rows by the functions of `services.backend.rows`; `Stream` brings the rows of many
stories into the order of time, numbers them without gaps and seals them, with memory for what is still to
come of the cases already born, not for the whole history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from services.backend.demo.telling import CaseStory, Step
from services.backend.payload_mask import caller_row, shown_payload
from services.backend.rows import Entry, Row, case_row, change_row, command_row, dispatch_steps, fingerprint
from services.backend.sequencer import ALGO, GENESIS, seal_hash
from services.backend.words import case_terms
from services.domain.case import Case
from services.sql.types import to_ms

#: a change before it has its number: (moment in ms, place of the case, version, row)
Waiting = tuple[int, int, int, Row]


@dataclass(slots=True)
class Encoded:
    """The rows of one story; `rank` is its place in the order of birth."""

    rank: int
    born_ms: int
    case: Row
    terms: list[str]
    day: str
    number: int
    changes: list[Waiting]
    commands: list[Row]
    dispatches: list[Row]
    callers: list[Row]


def encode(rank: int, story: CaseStory, rules: int, phone_key: str) -> Encoded:
    """Make the rows of a story; `rules` is the number of the reference document it was decided under."""
    last = story.case
    day, _, number = (last.number or "").partition("-")
    made = Encoded(rank, to_ms(story.steps[0].at), case_row(last), case_terms(last), day, int(number), [], [], [], [])
    before: Case | None = None
    for step in story.steps:
        _encode_step(made, before, step, rules, phone_key)
        before = step.case
    return made


def _encode_step(made: Encoded, before: Case | None, step: Step, rules: int, phone_key: str) -> None:
    """Add the rows of one step."""
    command = step.command
    confidential = "confidential" in step.case.flags
    shown = shown_payload(command.action, command.payload, confidential)
    entry = Entry(before, step.case, command.action, step.actor, step.role, step.at, command.command_id, shown, rules)
    at = to_ms(step.at)
    made.changes.append((at, made.rank, step.case.version, change_row(entry)))
    seen = None if command.seen_at is None else command.seen_at.isoformat()
    mark = fingerprint(command.case_id, command.action, command.base_xver, seen, 1, dict(command.payload))
    made.commands.append(
        command_row(
            command.command_id, step.actor.id, mark, command.case_id, step.at, rules, version=step.case.version
        )
    )
    ended, begun = dispatch_steps(entry)
    if ended:
        made.dispatches[-1]["ended_at"] = at
    if begun is not None:
        made.dispatches.append(begun)
    caller = caller_row(command.case_id, command.command_id, command.action, command.payload, step.at, phone_key)
    if caller is not None:
        made.callers.append(caller)


@dataclass(slots=True)
class Batch:
    """Rows ready to be written in one transaction, changes in the order of their numbers."""

    cases: list[tuple[int, Row, list[str]]] = field(default_factory=list)
    changes: list[Row] = field(default_factory=list)
    commands: list[Row] = field(default_factory=list)
    dispatches: list[Row] = field(default_factory=list)
    callers: list[Row] = field(default_factory=list)
    seals: list[Row] = field(default_factory=list)
    counters: dict[str, int] = field(default_factory=dict)


class Stream:
    """Brings encoded stories into the order of time and gives them numbers and seals.

    `seal_every` is how many changes one seal covers. Stories must come in the order of birth.
    """

    def __init__(self, seal_every: int = 5000) -> None:
        """Start an empty log."""
        self.seq = 0
        self.hash = GENESIS
        self._seal_every = seal_every
        self._waiting: list[Waiting] = []
        self._counters: dict[str, int] = {}

    def feed(self, stories: Iterable[Encoded]) -> Batch:
        """Take some stories and return what can be written: changes older than the last of their births."""
        batch = Batch()
        until = 0
        for story in stories:
            until = story.born_ms
            batch.cases.append((story.rank, story.case, story.terms))
            batch.commands += story.commands
            batch.dispatches += story.dispatches
            batch.callers += story.callers
            self._waiting += story.changes
            self._counters[story.day] = batch.counters[story.day] = max(self._counters.get(story.day, 0), story.number)
        self._release(batch, until)
        return batch

    def finish(self) -> Batch:
        """Return what still waits, when no story comes any more."""
        batch = Batch()
        self._release(batch, None)
        return batch

    def _release(self, batch: Batch, until: int | None) -> None:
        """Move changes before `until` from waiting to the batch, numbered and sealed."""
        self._waiting.sort(key=_moment)
        count = len(self._waiting)
        if until is not None:
            count = next((i for i, waiting in enumerate(self._waiting) if waiting[0] >= until), count)
        due, self._waiting = self._waiting[:count], self._waiting[count:]
        for _, _, _, row in due:
            self.seq += 1
            row["seq"] = self.seq
            batch.changes.append(row)
        for at in range(0, len(due), self._seal_every):
            self._seal(batch, [row for _, _, _, row in due[at : at + self._seal_every]])

    def _seal(self, batch: Batch, rows: list[Row]) -> None:
        """Chain a seal over some rows."""
        first, last = rows[0]["seq"], rows[-1]["seq"]
        seal = seal_hash(self.hash, first, last, [row["row_hash"] for row in rows])
        batch.seals.append(
            {
                "to_seq": last, "from_seq": first, "hash": seal, "prev_hash": self.hash, "algo": ALGO,
                "at": rows[-1]["at"],
            }  # fmt: skip
        )
        self.hash = seal


def _moment(waiting: Waiting) -> tuple[int, int, int]:
    """Return what a change is ordered by."""
    return waiting[:3]


def batches(stories: Iterator[Encoded], size: int, stream: Stream) -> Iterator[Batch]:
    """Cut a run of encoded stories into batches of about `size` stories, the rest of the log last."""
    some: list[Encoded] = []
    for story in stories:
        some.append(story)
        if len(some) >= size:
            yield stream.feed(some)
            some = []
    if some:
        yield stream.feed(some)
    yield stream.finish()


__all__ = ["Batch", "Encoded", "Stream", "batches", "encode"]
