"""Writing batches of shaped rows quickly: plain `executemany` on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from sqlalchemy import Connection, func, select, text

from services.backend.db.tables import callers, cases, changes
from services.backend.demo.bulk import Batch
from services.backend.demo.shapes import COLUMNS, Shapes
from services.sql.engine import is_sqlite

#: indexes that large histories are written without, and that are made again at the end
SLOW_INDEXES = tuple(
    sorted((index for table in (cases, callers) for index in table.indexes), key=lambda i: str(i.name))
)
_COPY_LINES = 500


class Sink(Protocol):
    """Where batches go."""

    shapes: Shapes

    def write(self, conn: Connection, batch: Batch) -> None:
        """Write one batch in the caller's transaction."""
        ...

    def done(self, conn: Connection) -> None:
        """Bring the database's own counters up to the ids that were given."""
        ...


def sink_for(conn: Connection) -> Sink:
    """Return the sink of a connection's database; it must hold no cases yet."""
    return SqliteSink() if is_sqlite(conn) else PostgresSink()


class SqliteSink:
    """Writes with the driver's `executemany`."""

    def __init__(self) -> None:
        """Prepare the statements."""
        self.shapes = Shapes(sqlite=True)
        self._statements = {table: _insert(table, names) for table, names in COLUMNS.items()}
        self._statements["case_words"] = "INSERT INTO case_words (rowid, words) VALUES (?, ?)"
        self._statements["counters"] += " ON CONFLICT (day) DO UPDATE SET value = excluded.value"

    def write(self, conn: Connection, batch: Batch) -> None:
        """Write one batch."""
        cursor: Any = conn.connection.cursor()
        try:
            for table in ("cases", "commands", "dispatches", "callers", "case_words"):
                cursor.executemany(self._statements[table], batch.tables.get(table, ()))
            numbered = [(seq, seq, *row) for seq, row in batch.changes]
            cursor.executemany(self._statements["changes"], numbered)
            cursor.executemany(self._statements["seals"], [self.shapes.seals(row) for row in batch.seals])
            cursor.executemany(self._statements["counters"], list(batch.counters.items()))
        finally:
            cursor.close()

    def done(self, conn: Connection) -> None:
        """SQLite keeps its counters by itself."""


def _insert(table: str, names: tuple[str, ...]) -> str:
    """Return the INSERT of a table; names come from the table's own definition, never from outside."""
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


class PostgresSink:
    """Writes with COPY in text form."""

    def __init__(self) -> None:
        """Prepare the statements."""
        self.shapes = Shapes(sqlite=False)
        self._statements = {
            table: f"COPY {table} ({', '.join(names)}) FROM STDIN" for table, names in COLUMNS.items()
        }
        self._statements["case_words"] = "COPY case_words (ref, words) FROM STDIN"

    def write(self, conn: Connection, batch: Batch) -> None:
        """Write one batch."""
        raw: Any = conn.connection.driver_connection
        with raw.cursor() as cursor:
            for table in ("cases", "commands", "dispatches", "callers", "case_words"):
                self._copy(cursor, table, batch.tables.get(table, ()))
            self._copy(cursor, "changes", (f"{seq}\t{seq}\t{row}" for seq, row in batch.changes))
            self._copy(cursor, "seals", map(self.shapes.seals, batch.seals))
            if batch.counters:
                cursor.executemany(
                    "INSERT INTO counters (day, value) VALUES (%s, %s)"
                    " ON CONFLICT (day) DO UPDATE SET value = excluded.value",
                    list(batch.counters.items()),
                )

    def done(self, conn: Connection) -> None:
        """Set the sequences behind the ids that were given, and let the planner look at the tables."""
        for column in (cases.c.ref, changes.c.id):
            sequence = func.pg_get_serial_sequence(column.table.name, column.name)
            conn.execute(select(func.setval(sequence, func.greatest(1, func.max(column)))))
        conn.execute(text("ANALYZE cases, changes, commands, dispatches, callers, case_words"))

    def _copy(self, cursor: Any, table: str, lines: Iterable[str]) -> None:
        """Run one COPY; nothing to do for no lines."""
        some: list[str] = []
        with cursor.copy(self._statements[table]) as copy:
            for line in lines:
                some.append(line)
                if len(some) >= _COPY_LINES:
                    copy.write("\n".join(some) + "\n")
                    some.clear()
            if some:
                copy.write("\n".join(some) + "\n")


__all__ = ["SLOW_INDEXES", "PostgresSink", "Sink", "SqliteSink", "sink_for"]
