"""Joins a list with marks, its batch bar, the preview and the results: what a workspace needs for acts on many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.viewmodels.bulk import BulkViewModel
from console.viewmodels.bulk_actions import MOST, ONE, act_of, offers
from console.viewmodels.bulk_hold import second_thoughts
from console.viewmodels.bulk_results import BulkResultsViewModel
from console.viewmodels.case_columns import STATE_AT
from console.viewmodels.rows import state_word
from console.viewmodels.seat import SeatViewModel
from console.windows.bulk.bar import BatchBar
from console.windows.bulk.dialog import BulkDialog
from console.windows.bulk.results import ResultsPanel
from widgets.tables.queue_base import KeyedRows
from widgets.tables.queue_table import CaseQueueTable

STATE_NAMES = tuple(STATE_AT)


def tr(text: str) -> str:
    """Translate a word."""
    return QCoreApplication.translate("BulkHands", text)


class BulkHands(QObject):
    """One list's hands. `listed` gives all its cases in order, `open_case` shows one, `host` carries the results."""

    def __init__(
        self,
        seat: SeatViewModel,
        table: CaseQueueTable,
        listed: Callable[[], Sequence[str]],
        host: QWidget,
        open_case: Callable[[str], object],
    ) -> None:
        """Listen to the marks of a list. `bar` is for the workspace to place."""
        super().__init__(host)
        self.seat, self.table, self._listed, self._host = seat, table, listed, host
        self._open_case = open_case
        self.bar = BatchBar(host)
        self.bar.chosen.connect(self.open)
        self.bar.cleared.connect(self.clear)
        self.bar.all_wanted.connect(self.mark_all)
        self.results: ResultsPanel | None = None
        self.dialog: BulkDialog | None = None
        # marks come in showers while a list changes; the bar follows once
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._show)
        table.marks_changed.connect(self._on_marks)
        seat.rows_changed.connect(self._on_marks)
        second_thoughts(seat).list_wanted.connect(self._on_list_wanted)

    def under(self, part: QWidget) -> QWidget:
        """Return a widget with the list's panel and the bar below it."""
        both = QWidget(part.parentWidget())
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(part, 1)
        column.addWidget(self.bar)
        return both

    # --- the selection ------------------------------------------------------------------------------------

    @property
    def marked(self) -> tuple[str, ...]:
        """The marked cases in the order shown."""
        model = self.table.model()
        return model.marked() if isinstance(model, KeyedRows) else ()

    def mark_all(self) -> None:
        """Mark the whole list, as far as one act may hold."""
        model = self.table.model()
        if isinstance(model, KeyedRows):
            model.set_marked(tuple(self._listed())[:MOST])

    def clear(self) -> bool:
        """Take all marks away; False when there were none."""
        model = self.table.model()
        if not isinstance(model, KeyedRows) or not model.marked():
            return False
        model.clear_marks()
        return True

    def step_back(self) -> bool:
        """Esc: fold the results away, else take the marks away; False when there was neither."""
        if self.results is not None and self.results.isVisible():
            self.results.close_panel()
            return True
        return self.clear()

    def _on_marks(self, _value: object = None) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _show(self) -> None:
        """Show what is marked and what may be done to it."""
        marked = self.marked
        if len(marked) < 2:
            self.bar.show_selection(len(marked), 0, "", ())
            return
        columns = self.seat.book.columns  # no case is read for this
        slots = [columns.slot[case_id] for case_id in marked if case_id in columns.slot]
        states = Counter(STATE_NAMES[at] for at in columns.state[slots].tolist() if at >= 0)
        words = " · ".join(f"{state_word(state)} {n:,}" for state, n in states.most_common(3))
        found = offers(states, self.seat.actor, self.seat.rules)
        self.bar.show_selection(len(marked), len(self._listed()), words, found)

    # --- acting -------------------------------------------------------------------------------------------

    def open(
        self, action: str, case_ids: Sequence[str] = (), preset: Mapping[str, str] | None = None
    ) -> BulkDialog | None:
        """Open the preview of an action on the marked cases (or others); None where it is one for single cases."""
        act = act_of(action)
        wanted = tuple(case_ids) or self.marked
        if act is None or not wanted:
            return None
        values: dict[str, Any] = {"way": ONE, **preset} if preset else {}
        return self._open(BulkViewModel(self.seat, act.id, wanted, values=values))

    def _open(self, model: BulkViewModel) -> BulkDialog:
        """Open a preview."""
        dialog = BulkDialog(model, self._host)
        dialog.saved.connect(self._on_saved)
        dialog.case_wanted.connect(self._open_case)
        self.dialog = dialog
        dialog.finished.connect(self._on_finished)
        dialog.open()
        return dialog

    def _on_finished(self, _result: int) -> None:
        self.dialog = None

    def _on_saved(self, batch: str) -> None:
        """The chosen ones are saved: their marks go, those that were left stay marked; the list opens."""
        done = self.dialog.model.chosen if self.dialog is not None else ()
        model = self.table.model()
        if isinstance(model, KeyedRows):
            model.set_marked(done, False)
        self.show_results(batch)

    def show_results(self, batch: str) -> ResultsPanel:
        """Show what became of an act."""
        if self.results is None:
            self.results = ResultsPanel(BulkResultsViewModel(self.seat, self), self._host)
            self.results.case_wanted.connect(self._open_case)
            self.results.again_wanted.connect(self._on_again)
        self.results.show_act(batch)
        return self.results

    def _on_list_wanted(self, batch: str) -> None:
        """A notice asks for the list: the workspace that is in front shows it."""
        if self._host.isVisible():
            self.show_results(batch)

    def _on_again(self, asked: object) -> None:
        """Open the preview for what was not applied."""
        assert isinstance(asked, tuple)
        action, case_ids, values, replaces = asked
        if act_of(action) is not None and case_ids:
            self._open(BulkViewModel(self.seat, action, case_ids, values=values, replaces=replaces))
