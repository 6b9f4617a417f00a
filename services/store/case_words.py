"""The text index of `cache.db`: what every cached case can be found by, open or closed.

One FTS5 table of trigrams over the number (without its year), address and description, and the first letters of the
address in pinyin (中山路 is found by `zsl`). It keeps no text of its own, and is written in the transaction that
writes the case. Names of categories, units and areas are not in it: they are few and may change, so whoever asks
gives their codes (`CaseQuery.names`).

Trigrams know nothing shorter than three characters. Every text is therefore indexed with two marks behind it, so
that each of its characters begins a trigram; a shorter word is answered by all trigrams that begin with it.

A copy taken whole, or a file of an older version, is indexed in portions (`fill`): the place `words_next` says which
row comes next, so that a kill in between loses one portion.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    column,
    literal_column,
    or_,
    select,
    table,
)

from services.domain.case import Case

#: the first rows of a file are indexed at once: a small copy is never half indexed
AT_ONCE = 2000
#: so many trigrams are asked for in one question
PORTION = 400
MIN_INDEXED = 3
_PAD = "\n\u2028\u2028"
_LAST = "\U0010ffff"
_NEXT = "words_next"
_DATED = re.compile(r"\d{8}-")
_HAN = re.compile("[\u3400-\u9fff]+")

_PUT = "INSERT OR REPLACE INTO case_words (rowid, number, text, initials) VALUES (?, ?, ?, ?)"
_FED = "id, number, address, description"
_BY_CASE = "SELECT " + _FED + " FROM cases WHERE case_id IN (SELECT value FROM json_each(?))"
_BY_ROW = "SELECT " + _FED + " FROM cases WHERE id >= ? ORDER BY id LIMIT ?"
_TERMS = "SELECT DISTINCT term FROM case_terms WHERE term >= ? AND term < ?"
_WORDS = table("case_words", column("rowid"), column("case_words"))


def words_of(number: str | None, address: str, description: str) -> tuple[str, str, str]:
    """Return what is indexed of a case: number, text and initials."""
    return short_number(number) + _PAD, f"{address}\n{description}{_PAD}", initials(address) + _PAD


def short_number(number: str | None) -> str:
    """Return a number without its year: the year stands in every one of them and would only cost time."""
    return number[4:] if number and _DATED.match(number) else number or ""


def initials(text: str) -> str:
    """Return a text with the first letter of its pinyin in place of each Chinese character, lower case."""
    return _HAN.sub(lambda run: _letters(run.group()), text).lower()


@lru_cache(maxsize=50_000)  # roads and villages come again and again
def _letters(run: str) -> str:
    """Return the first letters of Chinese characters; one a character."""
    from pypinyin import Style, lazy_pinyin  # a large dictionary: read when it is first needed

    return "".join(letter[:1] for letter in lazy_pinyin(run, style=Style.FIRST_LETTER))


# --- writing ---------------------------------------------------------------------------------------------


def put(conn: Connection, case_ids: Iterable[str]) -> None:
    """Index cases that were just written."""
    wanted = json.dumps(list(case_ids))
    _put_rows(conn, conn.exec_driver_sql(_BY_CASE, (wanted,)).fetchall())


def drop(conn: Connection, case_ids: Sequence[str]) -> None:
    """Take cases out that are about to be deleted."""
    conn.exec_driver_sql(
        "DELETE FROM case_words WHERE rowid IN"
        " (SELECT id FROM cases WHERE case_id IN (SELECT value FROM json_each(?)))",
        (json.dumps(list(case_ids)),),
    )


def clear(conn: Connection, left: bool = False) -> None:
    """Empty the index; `left` says that there are cases to be indexed anew."""
    conn.exec_driver_sql("INSERT INTO case_words (case_words) VALUES ('delete-all')")
    conn.exec_driver_sql("DELETE FROM place WHERE name = ?", (_NEXT,))
    if left:
        conn.exec_driver_sql("INSERT INTO place (name, value) VALUES (?, '0')", (_NEXT,))


def fill(conn: Connection, limit: int = AT_ONCE) -> bool:
    """Index the next rows of a copy; True when nothing is left to be indexed."""
    place = next_row(conn)
    if place is None:
        return True
    rows = conn.exec_driver_sql(_BY_ROW, (place, limit)).fetchall()
    _put_rows(conn, rows)
    if len(rows) < limit:
        conn.exec_driver_sql("DELETE FROM place WHERE name = ?", (_NEXT,))
        return True
    conn.exec_driver_sql("UPDATE place SET value = ? WHERE name = ?", (str(rows[-1][0] + 1), _NEXT))
    return False


def next_row(conn: Connection) -> int | None:
    """Return the row that is indexed next, None when all are."""
    found = conn.exec_driver_sql("SELECT value FROM place WHERE name = ?", (_NEXT,)).scalar()
    return None if found is None else int(found)


def _put_rows(conn: Connection, rows: Sequence[Any]) -> None:
    """Index rows of (id, number, address, description)."""
    if rows:
        conn.exec_driver_sql(_PUT, [(row[0], *words_of(row[1], row[2], row[3])) for row in rows])


def changed_words(case: Case, known: Sequence[Any]) -> bool:
    """Tell whether a case says other words than its cached (number, address, description)."""
    return tuple(known) != (case.number, case.location.address, case.description)


# --- asking ----------------------------------------------------------------------------------------------


def matching(conn: Connection, text: str) -> ColumnElement[bool]:
    """Return the condition "the words of this row contain the text" on the column `id`; any length above none."""
    folded = text.lower()
    if len(folded) >= MIN_INDEXED:
        return _in(_hits(_quoted(folded)))
    terms = [row[0] for row in conn.exec_driver_sql(_TERMS, (folded, folded + _LAST))]
    portions = (terms[at : at + PORTION] for at in range(0, len(terms), PORTION))
    found = [_in(_hits(" OR ".join(map(_quoted, part)))) for part in portions]
    return or_(*found) if found else literal_column("0").is_(None)


def _hits(expression: str) -> Select[Any]:
    """Return the rows that match an FTS expression."""
    wanted: Any = bindparam(None, expression)
    return select(_WORDS.c.rowid).where(_WORDS.c.case_words.op("MATCH")(wanted))


def _in(hits: Select[Any]) -> ColumnElement[bool]:
    """Return "is one of these rows"."""
    return column("id").in_(hits)


def _quoted(word: str) -> str:
    """Return a word as a string of FTS5's language."""
    return '"' + word.replace('"', '""') + '"'
