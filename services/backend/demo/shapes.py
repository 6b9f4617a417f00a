"""The form in which rows go to a database past SQLAlchemy: tuples for SQLite, lines of COPY for PostgreSQL.

Columns and types are the tables' own; UUIDs are written as each database stores them. Shaping a row here costs
a few microseconds, and may be done in another process than the one that writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Table

from services.backend.db.tables import callers, cases, changes, commands, counters, dispatches, seals
from services.sql.types import Uid

Shape = Callable[[Mapping[str, Any]], Any]


def columns(table: Table, without: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the columns of a table in order."""
    return tuple(column.name for column in table.c if column.name not in without)


#: table -> its columns as they are written; the two numbers of a change are put in front by the sink
COLUMNS: dict[str, tuple[str, ...]] = {
    "cases": columns(cases),
    "changes": ("id", "seq", *columns(changes, ("id", "seq"))),
    "commands": columns(commands),
    "dispatches": columns(dispatches, ("id",)),
    "callers": columns(callers, ("id",)),
    "seals": columns(seals),
    "counters": columns(counters),
}


class Shapes:
    """Shapes the rows of every table for SQLite or PostgreSQL."""

    def __init__(self, sqlite: bool) -> None:
        """Prepare one function a table."""
        self.sqlite = sqlite
        make = _tuples if sqlite else _lines
        self.cases: Shape = make(cases, COLUMNS["cases"])
        self.changes: Shape = make(changes, COLUMNS["changes"][2:])
        self.commands: Shape = make(commands, COLUMNS["commands"])
        self.dispatches: Shape = make(dispatches, COLUMNS["dispatches"])
        self.callers: Shape = make(callers, COLUMNS["callers"])
        self.seals: Shape = make(seals, COLUMNS["seals"])

    def words(self, ref: int, terms: Sequence[str]) -> Any:
        """Shape a row of the word index."""
        if self.sqlite:
            return ref, " ".join(terms)
        quoted = " ".join("'" + term.replace("'", "''") + "'" for term in terms)
        return f"{ref}\t{_text(quoted)}"


def _tuples(table: Table, names: Sequence[str]) -> Shape:
    """Return a function that makes tuples, UUIDs as 16 bytes."""
    values = itemgetter(*names)
    uids = [i for i, name in enumerate(names) if isinstance(table.c[name].type, Uid)]

    def shape(row: Mapping[str, Any]) -> list[Any]:
        found = list(values(row))
        for at in uids:
            found[at] = bytes.fromhex(found[at].replace("-", ""))
        return found

    return shape


def _lines(_: Table, names: Sequence[str]) -> Shape:
    """Return a function that makes lines of COPY in text form, without the line end."""
    values = itemgetter(*names)

    def shape(row: Mapping[str, Any]) -> str:
        return "\t".join([_FORMS[type(value)](value) for value in values(row)])

    return shape


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _text(value: str) -> str:
    """Escape a text for COPY."""
    return value.translate(_ESCAPES) if not value.isalnum() else value


_FORMS: dict[type, Callable[[Any], str]] = {
    str: _text,
    int: str,
    float: repr,
    bool: lambda value: "t" if value else "f",
    bytes: lambda value: f"\\\\x{value.hex()}",
    type(None): lambda _: "\\N",
}
