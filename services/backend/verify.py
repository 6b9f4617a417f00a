"""Checking the sealed chain of the log, row by row, and against the anchors kept outside the database.

Found are rows that were edited, deleted, put in another place, or cut off at the end. A chain alone cannot show that
everything was rewritten with fresh seals; the anchors do: `anchor` appends number and seal of the head to a
file that belongs on another machine or a write-once medium.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from services.backend import sequencer
from services.backend.db.tables import cases, changes, seals
from services.backend.rows import row_hash
from services.domain.case_doc import time_text
from services.sql.types import from_ms

ANCHORS = "anchors.jsonl"
_STEP = 2000
#: more findings than this are counted, not listed
MOST = 100


@dataclass(slots=True)
class Findings:
    """What a check has found: how much was looked at, and a sentence for everything that is wrong."""

    changes: int = 0
    seals: int = 0
    anchors: int = 0
    wrong: list[str] = field(default_factory=list)
    more: int = 0

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong

    def say(self, sentence: str) -> None:
        """Add a finding."""
        if len(self.wrong) < MOST:
            self.wrong.append(sentence)
        else:
            self.more += 1


def verify(conn: Connection, anchors: Iterable[dict[str, Any]] = ()) -> Findings:
    """Check the whole log in one reading transaction; `anchors` are lines of the anchor file."""
    found = Findings()
    known = {int(entry["seq"]): str(entry["hash"]) for entry in anchors}
    found.anchors = len(known)
    rows = _rows(conn)
    previous, head = sequencer.GENESIS, 0
    for seal in conn.execute(select(seals).order_by(seals.c.to_seq)).all():
        found.seals += 1
        if seal.from_seq != head + 1:
            found.say(f"封存链在 {head + 1} 处中断：下一段从 {seal.from_seq} 开始。")
        if bytes(seal.prev_hash) != previous:
            found.say(f"第 {seal.from_seq}–{seal.to_seq} 段与前一段的封印不衔接。")
        marks = _batch(rows, seal.from_seq, seal.to_seq, found)
        expected = sequencer.seal_hash(bytes(seal.prev_hash), seal.from_seq, seal.to_seq, marks)
        if expected != bytes(seal.hash):
            found.say(f"第 {seal.from_seq}–{seal.to_seq} 段的封印不符：其中的记录被改动、删除或调换过。")
        if known.get(seal.to_seq, bytes(seal.hash).hex()) != bytes(seal.hash).hex():
            found.say(f"序号 {seal.to_seq} 的封印与库外留存的不一致：日志被整体改写过。")
        previous, head = bytes(seal.hash), seal.to_seq
    for row in rows:
        found.say(f"序号 {row['seq']} 的记录没有封存。")
    for seq in known:
        if seq > head:
            found.say(f"库外留存了序号 {seq} 的封印，日志却只到 {head}：末尾被截断。")
    _against_cases(conn, found)
    return found


class _Rows:
    """The numbered changes in order, read in steps, with one row put back when it belongs to the next batch."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._after = 0
        self._kept: list[Any] = []

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if not self._kept:
            step = select(changes).where(changes.c.seq > self._after).order_by(changes.c.seq).limit(_STEP)
            self._kept = list(reversed(self._conn.execute(step).mappings().all()))
            if not self._kept:
                raise StopIteration
            self._after = int(self._kept[0]["seq"])
        return self._kept.pop()

    def put_back(self, row: Any) -> None:
        """Give a row back: it is the next one again."""
        self._kept.append(row)


def _rows(conn: Connection) -> _Rows:
    return _Rows(conn)


def _batch(rows: _Rows, first: int, last: int, found: Findings) -> list[bytes]:
    """Return the row hashes of one seal's numbers, worked out anew; missing and edited rows are told."""
    marks: list[bytes] = []
    expected = first
    for row in rows:
        if row["seq"] > last:
            rows.put_back(row)
            break
        found.changes += 1
        while expected < row["seq"]:
            found.say(f"序号 {expected} 的记录不见了。")
            expected += 1
        fresh = row_hash({**row, "body": bytes(row["body"])})
        if fresh != bytes(row["row_hash"]):
            at = time_text(from_ms(row["at"]))
            found.say(f"序号 {row['seq']} 的记录被改动过（案件 {row['case_id']}，{at}）。")
        marks.append(fresh)
        expected += 1
    while expected <= last:
        found.say(f"序号 {expected} 的记录不见了。")
        expected += 1
    return marks


def _against_cases(conn: Connection, found: Findings) -> None:
    """Compare with the case table: a case further on than its log has lost the end of it."""
    newest = (
        select(changes.c.case_id, func.max(changes.c.version).label("version"), func.count().label("count"))
        .group_by(changes.c.case_id)
        .subquery()
    )
    ahead = (
        select(cases.c.case_id, cases.c.version, newest.c.version.label("logged"))
        .select_from(cases.outerjoin(newest, newest.c.case_id == cases.c.case_id))
        .where(
            (newest.c.version.is_(None))
            | (newest.c.version != cases.c.version)
            | (newest.c.count != cases.c.version)
        )
    )
    for row in conn.execute(ahead):
        found.say(f"案件 {row.case_id} 的版本是 {row.version}，日志里是 {row.logged or 0}，或中间缺了记录。")


def anchor(conn: Connection, path: Path, now_text: str) -> dict[str, Any] | None:
    """Append number and seal of the head to the anchor file; None when there is no seal yet."""
    last = conn.execute(select(seals).order_by(seals.c.to_seq.desc()).limit(1)).first()
    if last is None:
        return None
    entry = {"seq": last.to_seq, "hash": bytes(last.hash).hex(), "algo": last.algo, "at": now_text}
    with path.open("a", encoding="utf-8") as out:
        out.write(json.dumps(entry) + "\n")
    return entry


def read_anchors(path: Path) -> list[dict[str, Any]]:
    """Read an anchor file; raises ValueError for a line that is none. No file: no anchors."""
    if not path.exists():
        return []
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("seq"), int) or "hash" not in entry:
            raise ValueError("not an anchor")
    return entries
