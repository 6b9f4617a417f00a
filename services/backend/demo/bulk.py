"""Stories as database rows: the same rows that their commands would leave, without asking the database anything.

`encode` turns a story into rows by the functions of `services.backend.rows` and shapes them for one kind of
database; `Stream` brings the rows of many stories into the order of time, numbers them without gaps and seals
them, with memory for what is still to come of the cases already born, not for the whole history.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from services.backend.demo.shapes import Shapes
from services.backend.demo.telling import CaseStory, Step
from services.backend.payload_mask import caller_row, shown_payload
from services.backend.rows import Entry, Row, case_row, change_row, command_row, dispatch_steps, fingerprint
from services.backend.sequencer import ALGO, GENESIS, seal_hash
from services.backend.words import case_terms
from services.domain.case import Case
from services.sql.types import to_ms

#: a change before it has its number: (moment in ms, place of the case, version, row hash, shaped row)
Waiting = tuple[int, int, int, bytes, Any]
_ORDER = itemgetter(0, 1, 2)


@dataclass(slots=True)
class Encoded:
    """The rows of one story, shaped for a database; `rank` is the case's place in the order of birth."""

    rank: int
    born_ms: int
    day: str
    number: int
    changes: list[Waiting] = field(default_factory=list)
    tables: dict[str, list[Any]] = field(default_factory=dict)


class Encoder:
    """Makes the rows of stories for one database.

    `rules` is the number of the reference document they were decided under, `phone_key` the hex key of the
    phone index, `first_ref` the `ref` of the oldest case.
    """

    def __init__(self, rules: int, phone_key: str, shapes: Shapes, first_ref: int = 1) -> None:
        """Keep what all stories share."""
        self._rules, self._phone_key, self._shapes, self._first_ref = rules, phone_key, shapes, first_ref

    def encode(self, rank: int, story: CaseStory) -> Encoded:
        """Make the rows of the story at a place in the order of birth."""
        last = story.case
        day, _, number = (last.number or "").partition("-")
        made = Encoded(rank, to_ms(story.steps[0].at), day, int(number))
        commands: list[Row] = []
        dispatches: list[Row] = []
        callers: list[Row] = []
        before: Case | None = None
        for step in story.steps:
            row, entry = self._change(before, step)
            made.changes.append((row["at"], rank, row["version"], row["row_hash"], self._shapes.changes(row)))
            commands.append(self._command(step))
            _dispatch(dispatches, entry, row["at"])
            command = step.command
            caller = caller_row(
                command.case_id, command.command_id, command.action, command.payload, step.at, self._phone_key
            )
            if caller is not None:
                callers.append(caller)
            before = step.case
        self._shape(made, last, commands, dispatches, callers)
        return made

    def _shape(
        self, made: Encoded, last: Case, commands: list[Row], dispatches: list[Row], callers: list[Row]
    ) -> None:
        """Put the rows besides the changes into the form of the database."""
        shapes, ref = self._shapes, self._first_ref + made.rank
        made.tables = {
            "cases": [shapes.cases({**case_row(last), "ref": ref})],
            "commands": [shapes.commands(row) for row in commands],
            "dispatches": [shapes.dispatches(row) for row in dispatches],
            "callers": [shapes.callers(row) for row in callers],
            "case_words": [shapes.words(ref, case_terms(last))],
        }

    def _change(self, before: Case | None, step: Step) -> tuple[Row, Entry]:
        """Return the row of one change and what it was made from."""
        command, after = step.command, step.case
        shown = shown_payload(command.action, command.payload, "confidential" in after.flags)
        entry = Entry(
            before,
            after,
            command.action,
            step.actor,
            step.role,
            step.at,
            command.command_id,
            shown,
            self._rules,
        )
        return change_row(entry), entry

    def _command(self, step: Step) -> Row:
        """Return the row of one command."""
        command = step.command
        seen = None if command.seen_at is None else command.seen_at.isoformat()
        mark = fingerprint(command.case_id, command.action, command.base_xver, seen, 1, command.payload)
        version = step.case.version
        return command_row(
            command.command_id, step.actor.id, mark, command.case_id, step.at, self._rules, version=version
        )


def _dispatch(dispatches: list[Row], entry: Entry, at: int) -> None:
    """Bring the dispatches of a case up to one more change."""
    ended, begun = dispatch_steps(entry)
    if ended:
        dispatches[-1]["ended_at"] = at
    if begun is not None:
        dispatches.append(begun)


@dataclass(slots=True)
class Batch:
    """Rows ready to be written in one transaction; `changes` are (number, shaped row) in ascending order."""

    cases: int = 0
    tables: dict[str, list[Any]] = field(default_factory=dict)
    changes: list[tuple[int, Any]] = field(default_factory=list)
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
            batch.cases += 1
            for table, rows in story.tables.items():
                batch.tables.setdefault(table, []).extend(rows)
            self._waiting += story.changes
            self._counters[story.day] = max(self._counters.get(story.day, 0), story.number)
            batch.counters[story.day] = self._counters[story.day]
        self._release(batch, until)
        return batch

    def finish(self) -> Batch:
        """Return what still waits, when no story comes any more."""
        batch = Batch()
        self._release(batch, None)
        return batch

    def _release(self, batch: Batch, until: int | None) -> None:
        """Move changes before `until` from waiting to the batch, numbered and sealed."""
        self._waiting.sort(key=_ORDER)
        count = len(self._waiting)
        if until is not None:
            count = next((i for i, waiting in enumerate(self._waiting) if waiting[0] >= until), count)
        due, self._waiting = self._waiting[:count], self._waiting[count:]
        first = self.seq + 1
        batch.changes = [(first + n, waiting[4]) for n, waiting in enumerate(due)]
        for at in range(0, len(due), self._seal_every):
            self._seal(batch, due[at : at + self._seal_every])

    def _seal(self, batch: Batch, due: list[Waiting]) -> None:
        """Chain a seal over some changes."""
        first, last = self.seq + 1, self.seq + len(due)
        seal = seal_hash(self.hash, first, last, [waiting[3] for waiting in due])
        row: Row = {"to_seq": last, "from_seq": first, "hash": seal, "prev_hash": self.hash}
        batch.seals.append({**row, "algo": ALGO, "at": due[-1][0]})
        self.hash, self.seq = seal, last


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
