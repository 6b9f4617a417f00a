"""The files of a console with half a million cached cases, and a plain copy for the peer; made in bulk, once a run."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from services.ports.centre import Tagged
from services.store import case_words
from services.store.case_rows import INSERT_COPY
from services.store.stores import Stores, open_stores
from tests.bench.case_rows import ALL, NOW, OPEN, rows
from tests.support.fakes import invented_areas, reference_doc

KEY = bytes(range(32))
PEER_COLUMNS = (
    "case_id", "number", "category", "grid", "address", "source", "stage", "state", "due_ms", "lead_dept", "open",
    "description",
)  # fmt: skip
_PLACES = {name: at for at, name in enumerate(INSERT_COPY.split("(")[1].split(")")[0].split(", "))}
_PORTION = 20_000


def build(folder: Path, total: int = ALL, still_open: int = OPEN, now: datetime = NOW) -> None:
    """Write `cache.db` and `outbox.db` into a folder, and `peer.db` (no cipher) beside them."""
    stores = open_stores(folder, KEY, synchronous="OFF")
    made = list(rows(total, still_open))
    _copy(stores, made)
    documents(stores)
    stores.close()
    _peer(folder / "peer.db", made)


def documents(stores: Stores) -> None:
    """Store reference data and areas as the centre would have given them."""
    stores.cache.put_document("reference", "r1", reference_doc())
    for level, doc in invented_areas().items():
        stores.cache.put_document(f"areas/{level}", "a1", doc)
    assert stores.cache.document("reference") != Tagged(None, None)


def _copy(stores: Stores, made: list[tuple[Any, ...]]) -> None:
    """Take the rows as a whole copy, the way the feed does, and index every word."""
    cache = stores.cache
    cache.begin_copy("bench", 1)
    with cache._file.write() as conn:
        conn.exec_driver_sql("PRAGMA cache_size = -262144")
        for at in range(0, len(made), _PORTION):
            conn.exec_driver_sql(INSERT_COPY, made[at : at + _PORTION])
    cache.finish_copy(NOW)
    done = False
    while not done:
        with cache._file.write() as conn:
            done = case_words.fill(conn, _PORTION)


def _peer(path: Path, made: list[tuple[Any, ...]]) -> None:
    """Write the columns of a queue into a plain table."""
    places = [_PLACES[name] for name in PEER_COLUMNS]
    raw = sqlite3.connect(path)
    raw.execute("PRAGMA synchronous = OFF")
    raw.execute("CREATE TABLE cases (" + ", ".join(PEER_COLUMNS) + ")")
    marks = ", ".join("?" * len(PEER_COLUMNS))
    raw.executemany("INSERT INTO cases VALUES (" + marks + ")", ([row[at] for at in places] for row in made))
    raw.commit()
    raw.close()
