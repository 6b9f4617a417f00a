"""The Qt peer of the queue: QSortFilterProxyModel over QSqlTableModel on a plain copy, in a process of its own.

``python -m tests.bench.queue_peer <file>`` prints one JSON document with the times of each question.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSortFilterProxyModel
from PySide6.QtSql import QSqlDatabase, QSqlTableModel
from PySide6.QtWidgets import QApplication, QTableView

from tests.bench.queue_files import PEER_COLUMNS

ROUNDS = 1
OPEN, STAGE, NUMBER, TEXT = (PEER_COLUMNS.index(name) for name in ("open", "stage", "number", "description"))


def main(path: str) -> None:
    """Open the file, fetch it to the end, and time each question from the act to the painted rows."""
    QApplication.instance() or QApplication([])
    base = QSqlDatabase.addDatabase("QSQLITE")
    base.setDatabaseName(path)
    assert base.open()
    begun = time.perf_counter()
    model = QSqlTableModel(db=base)
    model.setTable("cases")
    model.select()
    while model.canFetchMore():
        model.fetchMore()
    proxy = QSortFilterProxyModel()
    proxy.setDynamicSortFilter(False)
    proxy.setSourceModel(model)
    view = QTableView()
    view.setModel(proxy)
    view.resize(900, 1000)
    view.show()
    QApplication.processEvents()
    found: dict[str, object] = {"start_ms": (time.perf_counter() - begun) * 1e3, "rows": model.rowCount()}

    def only(column: int, words: str) -> Callable[[], None]:
        def act() -> None:
            proxy.setFilterKeyColumn(column)
            proxy.setFilterFixedString(words)

        return act

    acts: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "open": (only(OPEN, "1"), only(OPEN, "")),
        "filter": (only(STAGE, "handle"), only(STAGE, "")),
        "search": (only(TEXT, "建设路12"), only(TEXT, "")),
        "search_all": (only(TEXT, "护栏松动"), only(TEXT, "")),
        "sort": (lambda: proxy.sort(NUMBER), lambda: proxy.sort(-1)),
    }
    for name, (act, back) in acts.items():
        times = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            act()
            QApplication.processEvents()
            view.viewport().repaint()
            times.append((time.perf_counter() - begun) * 1e3)
            back()
            QApplication.processEvents()
        found[name] = statistics.median(times)
    print(json.dumps(found), flush=True)
    os._exit(0)  # taking the models down takes longer than the bench


if __name__ == "__main__":
    main(sys.argv[1])
