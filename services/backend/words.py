"""The word index over cases: pairs of neighbouring characters, because Chinese has no blanks to cut at.

Every text is stored as the set of its pairs, plus each run's last character alone; a search for `井盖破损`
asks for all of `井盖 盖破 破损`, and the few hits are checked against the text itself. SQLite holds them in
FTS5, PostgreSQL in a `tsvector` with a GIN index: neither needs an extension.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import Connection, TextClause, text

from services.domain.case import Case
from services.sql.engine import is_sqlite

_RUN = re.compile(r"[^\W_]+")
MAX_PAIRS = 2000


def runs(source: str) -> list[str]:
    """Return the runs of letters, digits and characters of a text, in lower case."""
    return _RUN.findall(source.lower())


def pairs(source: str) -> list[str]:
    """Return the index terms of a text, sorted, each once, at most `MAX_PAIRS`."""
    found: set[str] = set()
    for run in runs(source):
        found.update(run[i : i + 2] for i in range(len(run)))
        if len(found) >= MAX_PAIRS:
            break
    return sorted(found)[:MAX_PAIRS]


def case_terms(case: Case) -> list[str]:
    """Return the index terms of a case: its description and address."""
    return pairs(f"{case.description} {case.location.address}")


def words_param(case: Case, sqlite: bool) -> dict[str, object]:
    """Return the parameters of `words_statement` for a case."""
    terms = case_terms(case)
    return {"case_id": case_id_param(case.case_id, sqlite), "words": " ".join(terms) if sqlite else terms}


def case_id_param(case_id: str, sqlite: bool) -> object:
    """Return a case id as a bare statement takes it."""
    return bytes.fromhex(case_id.replace("-", "")) if sqlite else case_id


_SQLITE_DROP = text("DELETE FROM case_words WHERE rowid = (SELECT ref FROM cases WHERE case_id = :case_id)")
_SQLITE_PUT = text(
    "INSERT INTO case_words (rowid, words) SELECT ref, :words FROM cases WHERE case_id = :case_id"
)
_PG_PUT = text(
    "INSERT INTO case_words (ref, words) SELECT ref, array_to_tsvector(CAST(:words AS text[])) FROM cases"
    " WHERE case_id = CAST(:case_id AS uuid) ON CONFLICT (ref) DO UPDATE SET words = excluded.words"
)


def words_statement(sqlite: bool) -> TextClause:
    """Return the statement that puts a case's terms into the index (a case not indexed before, on SQLite)."""
    return _SQLITE_PUT if sqlite else _PG_PUT


def index_cases(conn: Connection, born: Sequence[Case], changed: Sequence[Case]) -> None:
    """Put cases into the word index; `changed` ones are in it already."""
    sqlite = is_sqlite(conn)
    if changed and sqlite:
        conn.execute(_SQLITE_DROP, [{"case_id": case_id_param(case.case_id, True)} for case in changed])
    rows = [words_param(case, sqlite) for case in (*born, *changed)]
    if rows:
        conn.execute(words_statement(sqlite), rows)


def match_terms(query: str) -> list[tuple[str, bool]]:
    """Return the terms a query asks for, each with whether it is only the beginning of one.

    A run of one character finds every pair it begins. Empty when the query holds no letter or character.
    """
    found: dict[str, bool] = {}
    for run in runs(query):
        if len(run) == 1:
            found.setdefault(run, True)
        else:
            found.update((run[i : i + 2], False) for i in range(len(run) - 1))
    return list(found.items())


def match_text(query: str, sqlite: bool) -> str | None:
    """Return a query in the database's own notation, None when it has nothing to look for."""
    terms = match_terms(query)
    if not terms:
        return None
    if sqlite:
        return " AND ".join(f'"{term}"*' if prefix else f'"{term}"' for term, prefix in terms)
    return " & ".join(f"'{term}':*" if prefix else f"'{term}'" for term, prefix in terms)
