"""One process of the console's benches: ``python -m tests.bench.console_run <folder> <ours|bare|apply|memory>``.

`ours` and `bare` measure from the password to a painted list; imports are done before, as at a real sign-in.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtWidgets import QApplication, QTableView

from console.tasks.collector import MainThreadCollector
from services.ports.centre import Change, ChangesPage
from services.sql.cipher import cipher_engine, reading
from services.store.case_rows import UPSERT, case_values
from services.store.keys import KeyFile
from services.store.stores import open_stores
from tests.bench.queue_desk import SIZE, BenchDesk

PASSWORD = "a pass phrase of the bench"
BATCH, ROUNDS = 500, 9
HOURS, A_HOUR, LOOKS = 8, 720, 3
"""The script of a day: a change every five seconds, and a look at every tab three times an hour."""
LONGEST_S = 40.0
"""The script ends when this has passed (four looks at least); the line says how many hours there were."""
_LIST = (
    "SELECT number, category, grid, address, source, stage, state, due_ms, lead_dept FROM cases"
    " WHERE open = 1 ORDER BY urgent DESC, due_ms IS NULL, due_ms"
)


class Rows(QAbstractTableModel):
    """Rows as they came from the file."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        super().__init__()
        self.rows = rows

    def rowCount(self, _parent: Any = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return len(self.rows)

    def columnCount(self, _parent: Any = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 9

    def data(self, index: Any, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return str(self.rows[index.row()][index.column()]) if role == Qt.ItemDataRole.DisplayRole else None


def bare(folder: Path) -> dict[str, Any]:
    """A window that unlocks the same key, opens the same file and shows the same cases."""
    QApplication.instance() or QApplication([])
    begun = time.perf_counter()
    key = KeyFile(folder).unlock(PASSWORD)
    engine = cipher_engine(folder / "cache.db", key)
    with reading(engine) as conn:
        rows = [tuple(row) for row in conn.exec_driver_sql(_LIST)]
    model, view = Rows(rows), QTableView()
    view.setModel(model)
    view.resize(*SIZE)
    view.show()
    QApplication.processEvents()
    view.viewport().repaint()
    return {"ms": (time.perf_counter() - begun) * 1e3, "rows": len(rows)}


def ours(folder: Path) -> dict[str, Any]:
    """The console's own way to its list; its collector runs since the sign-in was shown, as in the program."""
    QApplication.instance() or QApplication([])
    MainThreadCollector().start()
    begun = time.perf_counter()
    key = KeyFile(folder).unlock(PASSWORD)
    desk = BenchDesk(open_stores(folder, key))
    desk.panel.show()
    desk.seat.start()
    while desk.queue.total == 0 or not desk.answered or not desk.queue.count or not desk.rows_here:
        desk.wait()
    desk.view.repaint()
    took = (time.perf_counter() - begun) * 1e3
    found = {"ms": took, "rows": desk.queue.total}
    desk.settle()
    desk.close()
    return found


def apply(folder: Path) -> dict[str, Any]:
    """Pages of changes through the cache, and the same rows by a bare executemany, in turns."""
    stores = open_stores(folder, KeyFile(folder).unlock(PASSWORD))
    cache = stores.cache
    with cache._file.read() as conn:
        ids = [row[0] for row in conn.exec_driver_sql("SELECT case_id FROM cases LIMIT 20000")]
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    for turn in range(2 * (ROUNDS + 1)):
        cases = [
            replace(case, version=case.version + 1, level=turn % 3)
            for case in cache.many(ids[turn * BATCH : (turn + 1) * BATCH]).values()
        ]
        if turn % 2:
            values = [case_values(case) for case in cases]
            begun = time.perf_counter()
            with cache._file.write() as conn:
                conn.exec_driver_sql(UPSERT, values)
        else:
            page = ChangesPage(
                "bench",
                tuple(Change(1, c.case_id, c.version, 0, "amend", case=c) for c in cases),
                turn,
                turn,
                None,
            )
            begun = time.perf_counter()
            cache.apply(page)
        times["bare" if turn % 2 else "ours"].append((time.perf_counter() - begun) * 1e3)
    stores.close()
    return {name: statistics.median(found[1:]) for name, found in times.items()}


def memory(folder: Path) -> dict[str, Any]:
    """What the process holds after a day's script."""
    QApplication.instance() or QApplication([])
    desk = BenchDesk(open_stores(folder, KeyFile(folder).unlock(PASSWORD)))
    desk.start()
    ids = list(desk.seat.book.columns.ids)
    marks: list[float] = []
    seq, begun, each = 1, time.monotonic(), A_HOUR // LOOKS
    for turn in range(HOURS * LOOKS):
        if turn >= 4 and time.monotonic() - begun > LONGEST_S:
            break
        part = ids[turn * each % len(ids) :][:each]
        changes = []
        for entry in desk.overlay.projects(part).values():
            seq += 1
            case = replace(entry.case, version=entry.case.version + 1, level=turn % 3)
            changes.append(Change(seq, case.case_id, case.version, 0, "amend", case=case))
        applied = desk.stores.cache.apply(ChangesPage("bench", tuple(changes), seq, seq, None))
        desk.overlay.arrived(changes)
        desk.engine._announce({"cases"}, applied.changed)
        for tab in desk.queue.tabs:
            desk.queue.show_tab(tab.id)
            desk.settle()
            desk.view.repaint()
        marks.append(_rss_mib())
    desk.close()
    growth = (marks[-1] - marks[1]) / (len(marks) - 2) * LOOKS
    return {
        "mib": round(marks[-1], 1), "growth_mib_h": round(growth, 2), "rows": len(ids),
        "first_mib": round(marks[0], 1), "hours": round(len(marks) / LOOKS, 1),
    }  # fmt: skip


def _rss_mib() -> float:
    """Return the resident memory of this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


if __name__ == "__main__":
    work = {"ours": ours, "bare": bare, "apply": apply, "memory": memory}[sys.argv[2]]
    print(json.dumps(work(Path(sys.argv[1]))), flush=True)
    sys.stdout.flush()
    os._exit(0)
