"""Writing batches of rows quickly: plain `executemany` on SQLite, COPY on PostgreSQL.

The statements go past SQLAlchemy's row handling, which would cost more than the database itself; columns and
values are the tables' own (`services.backend.db.tables`), UUIDs as each database stores them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection, Table, text

from services.backend.db.tables import callers, cases, changes, commands, counters, dispatches, seals
from services.backend.demo.bulk import Batch
from services.backend.rows import Row
from services.sql.engine import is_sqlite
from services.sql.types import Uid

#: indexes that large histories are written without, and that are made again at the end
SLOW_INDEXES = tuple(sorted((i for table in (cases, callers) for i in table.indexes), key=lambda i: str(i.name)))


class Sink(Protocol):
    """Where batches go."""

    def write(self, conn: Connection, batch: Batch) -> None:
        """Write one batch in the caller's transaction."""
        ...

    def done(self, conn: Connection) -> None:
        """Bring the database's own counters up to the ids that were given."""
        ...


def sink_for(conn: Connection) -> Sink:
    """Return the sink of a connection's database; it must hold no cases yet."""
    return SqliteSink() if is_sqlite(conn) else PostgresSink()


def _names(table: Table, *, without: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the columns of a table."""
    return tuple(column.name for column in table.c if column.name not in without)


def _uids(table: Table, names: Sequence[str]) -> tuple[int, ...]:
    """Return which places hold UUIDs."""
    return tuple(i for i, name in enumerate(names) if isinstance(table.c[name].type, Uid))


class _Shape:
    """How rows of one table become tuples."""

    def __init__(self, table: Table, *, without: Sequence[str] = ()) -> None:
        self.table = table.name
        self.names = _names(table, without=without)
        self.uids = _uids(table, self.names)

    def raw(self, row: Row) -> list[Any]:
        """Return the values in the order of the columns."""
        return [row[name] for name in self.names]


_CASES, _CHANGES, _COMMANDS = _Shape(cases), _Shape(changes), _Shape(commands)
_DISPATCHES, _CALLERS = _Shape(dispatches, without=("id",)), _Shape(callers, without=("id",))
_SEALS, _COUNTERS = _Shape(seals), _Shape(counters)


def _shaped(batch: Batch) -> list[tuple[_Shape, list[Row]]]:
    """Return the rows of a batch by table; ids follow from the order of birth and of the log."""
    for rank, row, _ in batch.cases:
        row["ref"] = rank + 1
    for row in batch.changes:
        row["id"] = row["seq"]
    return [
        (_CASES, [row for _, row, _ in batch.cases]),
        (_CHANGES, batch.changes),
        (_COMMANDS, sorted(batch.commands, key=lambda row: str(row["command_id"]))),
        (_DISPATCHES, batch.dispatches),
        (_CALLERS, batch.callers),
        (_SEALS, batch.seals),
    ]


class SqliteSink:
    """Writes with the driver's `executemany`."""

    def __init__(self) -> None:
        """Prepare the statements."""
        shapes = (_CASES, _CHANGES, _COMMANDS, _DISPATCHES, _CALLERS, _SEALS)
        self._statements = {shape.table: _insert(shape) for shape in shapes}

    def write(self, conn: Connection, batch: Batch) -> None:
        """Write one batch."""
        cursor = conn.connection.cursor()
        try:
            for shape, rows in _shaped(batch):
                if rows:
                    cursor.executemany(self._statements[shape.table], _bound(shape, rows))
            words = ((rank + 1, " ".join(terms)) for rank, _, terms in batch.cases)
            cursor.executemany("INSERT INTO case_words (rowid, words) VALUES (?, ?)", words)
            put = "INSERT INTO counters (day, value) VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET value = excluded.value"
            cursor.executemany(put, batch.counters.items())
        finally:
            cursor.close()

    def done(self, conn: Connection) -> None:
        """SQLite keeps its counters by itself."""


def _insert(shape: _Shape) -> str:
    """Return the INSERT of a table; names come from the table's own definition, never from outside."""
    return f"INSERT INTO {shape.table} ({', '.join(shape.names)}) VALUES ({', '.join('?' * len(shape.names))})"


def _bound(shape: _Shape, rows: Iterable[Row]) -> Iterable[list[Any]]:
    """Yield rows as SQLite takes them: UUIDs as 16 bytes."""
    for row in rows:
        values = shape.raw(row)
        for at in shape.uids:
            values[at] = bytes.fromhex(values[at].replace("-", ""))
        yield values


class PostgresSink:
    """Writes with COPY in text form."""

    def write(self, conn: Connection, batch: Batch) -> None:
        """Write one batch."""
        raw: Any = conn.connection.driver_connection
        with raw.cursor() as cursor:
            for shape, rows in _shaped(batch):
                if rows:
                    _copy(cursor, f"COPY {shape.table} ({', '.join(shape.names)}) FROM STDIN", map(shape.raw, rows))
            words = ([rank + 1, _vector(terms)] for rank, _, terms in batch.cases)
            _copy(cursor, "COPY case_words (ref, words) FROM STDIN", words)
            put = "INSERT INTO counters (day, value) VALUES (%s, %s) ON CONFLICT (day) DO UPDATE SET value = excluded.value"
            if batch.counters:
                cursor.executemany(put, list(batch.counters.items()))

    def done(self, conn: Connection) -> None:
        """Set the sequences behind the ids that were given."""
        for table, column in (("cases", "ref"), ("changes", "id")):
            conn.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'),"
                    f" GREATEST(1, (SELECT max({column}) FROM {table})))"
                )
            )


def _copy(cursor: Any, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """Run one COPY."""
    with cursor.copy(statement) as copy:
        lines: list[str] = []
        for row in rows:
            lines.append("\t".join([_FORMS[type(value)](value) for value in row]))
            if len(lines) >= 500:
                copy.write("\n".join(lines) + "\n")
                lines.clear()
        if lines:
            copy.write("\n".join(lines) + "\n")


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_FORMS: dict[type, Callable[[Any], str]] = {
    str: lambda value: value.translate(_ESCAPES),
    int: str,
    float: repr,
    bool: lambda value: "t" if value else "f",
    bytes: lambda value: f"\\\\x{value.hex()}",
    type(None): lambda _: "\\N",
}


def _vector(terms: Sequence[str]) -> str:
    """Return index terms as a tsvector literal; terms hold letters and digits only, quotes are for safety."""
    return " ".join("'" + term.replace("\\", "\\\\").replace("'", "''") + "'" for term in terms)
