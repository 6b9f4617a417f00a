"""Importing cases: rows of a table become cases by the one way every change takes, `decide` and the log.

A batch is one transaction. An import that was interrupted is simply run again: a case's id follows from source
and external number, so what is there already is passed over, and what differs from it is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from services.backend.commands.deciding import Desk, decide_batch, known_commands, whole_ms
from services.backend.commands.parsing import PAYLOAD_V, Parsed
from services.backend.db.opening import read_meta
from services.backend.imports.case_rows import ImportRow, RowMaker, Tally, import_command_id
from services.backend.imports.errors import ImportFileError, RowRefusedError
from services.backend.imports.mapping import CaseMapping
from services.backend.imports.refused import RefusedReport
from services.backend.imports.tables import TableRow, open_table
from services.backend.places import Places
from services.backend.problems import Problem
from services.backend.reference_store import Reference
from services.backend.rows import fingerprint
from services.domain.commands import Command
from services.domain.roles import SYSTEM
from services.sql.engine import glancing

BATCH = 200
_CHANGED = "与上次导入的内容不同；已导入的案件没有改动"
_TWICE = "文件中同一外部编号出现两次，内容不同"
Progress = Callable[[int], None]


@dataclass(slots=True)
class CaseImport:
    """What became of a file: rows read, cases made, passed over, refused, and what was remarkable.

    `report` is the file of refused rows, None when there were none.
    """

    read: int = 0
    imported: int = 0
    existing: int = 0
    refused: int = 0
    changed: int = 0
    unlocated: int = 0
    tally: Tally = field(default_factory=Tally)
    reasons: Tally = field(default_factory=Tally)
    report: Path | None = None


def import_cases(
    engine: Engine,
    reference: Reference,
    path: Path,
    mapping: CaseMapping,
    *,
    now: datetime | None = None,
    progress: Progress | None = None,
    batch: int = BATCH,
) -> CaseImport:
    """Import a file of cases; raises ImportFileError when the file or the mapping cannot be used as a whole.

    What was imported before an error stays; running the import again goes on from there.
    """
    moment = whole_ms((now or datetime.now(UTC)).astimezone(UTC))
    places = Places(engine)
    places.refresh(reference.rules.settings.near_boundary_m)
    with glancing(engine) as conn:
        desk = Desk(engine, reference, places, read_meta(conn, "phone_key") or "")
    maker = RowMaker(mapping, reference.rules, moment)
    done = CaseImport()
    with open_table(path, mapping.table) as table:
        mapping.check_columns(list(table.columns))
        report = RefusedReport(path, table.columns)
        run = _Run(desk, maker, report, done, moment)
        try:
            for row in table.rows:
                run.take(row)
                if run.waiting >= batch:
                    run.flush()
                    if progress is not None:
                        progress(done.read)
            run.flush()
        except OSError as error:
            report.close(keep=False)
            raise ImportFileError(f"不能写退回报告 {report.path}：{error.strerror}。") from error
        except BaseException:
            report.close(keep=False)
            raise
        report.close()
    done.report = report.path if report.count else None
    if progress is not None:
        progress(done.read)
    return done


class _Run:
    """One import under way: a batch that grows, and what is done with it."""

    def __init__(
        self, desk: Desk, maker: RowMaker, report: RefusedReport, done: CaseImport, now: datetime
    ) -> None:
        self._desk, self._maker, self._report, self._done, self._now = desk, maker, report, done, now
        self._rows: dict[str, tuple[ImportRow, TableRow, Parsed]] = {}

    @property
    def waiting(self) -> int:
        """Return how many rows wait for the transaction."""
        return len(self._rows)

    def take(self, row: TableRow) -> None:
        """Take one row into the batch, or refuse it."""
        self._done.read += 1
        try:
            made = self._maker.make(row.line, row.cells)
        except RowRefusedError as error:
            self._refuse(row, error.title)
            return
        command = Command(import_command_id(made.case_id), made.case_id, "import", made.payload)
        mark = fingerprint(made.case_id, "import", None, None, PAYLOAD_V, made.payload)
        parsed = Parsed(command, mark, None)
        before = self._rows.get(made.case_id)
        if before is None:
            self._rows[made.case_id] = (made, row, parsed)
        elif before[2].mark == mark:
            self._done.existing += 1
        else:
            self._refuse(row, _TWICE)

    def flush(self) -> None:
        """Decide the batch in one transaction and note what became of each row."""
        if not self._rows:
            return
        batch = [parsed for _, _, parsed in self._rows.values()]
        with glancing(self._desk.engine) as conn:
            known = known_commands(conn, [parsed.command.command_id for parsed in batch])
        outcomes = decide_batch(self._desk, SYSTEM, batch, self._now)
        for (made, row, parsed), outcome in zip(self._rows.values(), outcomes, strict=True):
            if isinstance(outcome, Problem):
                self._done.changed += 1
                self._refuse(row, _CHANGED)
            elif parsed.command.command_id in known:
                self._done.existing += 1
            elif outcome.row["outcome"] != "applied":
                reason = (outcome.head or {}).get("reason", {})
                self._refuse(row, str(reason.get("title", "不能导入")))
            else:
                self._done.imported += 1
                self._done.tally.counts.update(made.marks)
                self._done.unlocated += outcome.case is not None and "unlocated" in outcome.case.flags
        self._rows.clear()

    def _refuse(self, row: TableRow, reason: str) -> None:
        """Put a row into the report."""
        self._done.refused += 1
        self._done.reasons.counts[reason] += 1
        self._report.add(row.line, self._maker.external_id(row.cells), reason, row.cells)


def summary_lines(done: CaseImport) -> Sequence[str]:
    """Return what became of a file, in Chinese, a line a fact."""
    lines = [
        f"读取 {done.read:,} 行：新导入 {done.imported:,} 件，已有 {done.existing:,} 件，退回 {done.refused:,} 行。"
    ]
    if done.unlocated:
        lines.append(f"没有位置或不在任何网格内（标记 unlocated）：{done.unlocated:,} 件。")
    for word, words in _REMARKABLE.items():
        if done.tally[word]:
            lines.append(f"{words}：{done.tally[word]:,} 件。")
    lines += [f"退回原因 {reason}：{count:,} 行。" for reason, count in done.reasons.counts.most_common(12)]
    if done.report is not None:
        lines.append(f"退回的行在 {done.report}")
    return lines


_REMARKABLE = {
    "no_point": "原数据没有坐标",
    "void_point": "坐标是占位坐标，按没有位置处理",
    "no_due": "原数据没有到期时间",
    "repeated_hour": "时间落在夏令时重复的一小时内",
    "missing_hour": "时间落在夏令时跳过的一小时内，已顺延",
    "other_category": "类别不在映射表中，按映射文件归入其他",
    "other_state": "状态不在映射表中，按映射文件归入其他",
    "other_source": "来源不在映射表中，按映射文件归入其他",
    "other_lead_dept": "单位不在映射表中，按映射文件归入其他",
}


__all__ = ["BATCH", "CaseImport", "import_cases", "summary_lines"]
