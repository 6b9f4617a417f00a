"""派遣席: queue, map and case side by side; selection goes through all three. Layout and wiring only."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from console.viewmodels.case_panel import CasePanelViewModel
from console.viewmodels.filter_model import FilterModel
from console.viewmodels.grid_map import GridMapViewModel
from console.viewmodels.presence import seat_presence
from console.viewmodels.queue import QueueViewModel, dispatch_tabs
from console.viewmodels.queue_look import QueueLook
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.verb import CASE, EVERYWHERE, MAP, QUEUE
from console.windows.bulk.hands import BulkHands
from console.windows.deadline.sheet import open_sheet
from console.windows.dialogs.registry import open_action
from console.windows.dispatch.case_menu import attach_menus
from console.windows.dispatch.case_panel import CasePanel
from console.windows.dispatch.keys import bar_keys
from console.windows.dispatch.map_commands import bind_map
from console.windows.dispatch.map_panel import MapPanel
from console.windows.dispatch.queue_panel import QueuePanel
from console.windows.dispatch.verbs import bind_verbs
from widgets.theme import ThemeStore, theme

#: below this width the case panel is a drawer (design section 4)
NARROW = 1600


def tr(text: str) -> str:
    """Translate a word of the workspace."""
    return QCoreApplication.translate("DispatchPage", text)


class DispatchPage(QWidget):
    """The workspace `dispatch`."""

    workspace_id = "dispatch"

    def __init__(self, seat: SeatViewModel, theme_store: ThemeStore, parent: QWidget | None = None) -> None:
        """Build the three panels."""
        super().__init__(parent)
        self.seat, self._theme_store = seat, theme_store
        self.filters = FilterModel(seat, "dispatch", self)
        self.queue_model = QueueViewModel(
            seat, dispatch_tabs(seat.actor.roles), self, self.filters, QueueLook(seat, parent=self)
        )
        self.panel_model = CasePanelViewModel(seat, self)
        self.map_model = GridMapViewModel(seat, self.queue_model, self)
        self.queue = QueuePanel(self.queue_model, self)
        self.map = MapPanel(self.map_model, self)
        self.panel = CasePanel(self.panel_model, self)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.bulk = BulkHands(seat, self.queue.table, lambda: self.queue_model.ids, self.map, self.show_case)
        for part in (self.bulk.under(self.queue), self.map, self.panel):
            self.splitter.addWidget(part)
        self.splitter.setStretchFactor(1, 1)
        wide, narrow = theme().metric("size.queue.width"), theme().metric("size.case_panel.width")
        kept = self.map_model.keeper.memory.splitter
        self.splitter.setSizes(list(kept) or [wide, 1920 - wide - narrow, narrow])
        self.splitter.splitterMoved.connect(self._on_splitter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.splitter)
        self._drawer = False
        self._connect()
        bind_verbs(self)
        bind_map(self)
        attach_menus(self)

    @property
    def title(self) -> str:
        """Return the name of the workspace."""
        return tr("派遣席")

    def _connect(self) -> None:
        """Let a selection go through all three panels, without stealing the view of the map."""
        self.queue.case_chosen.connect(self._on_case_chosen)
        self.queue.case_opened.connect(self._on_case_opened)
        self.map.case_chosen.connect(self._on_map_chosen)
        self.map.case_opened.connect(self._on_case_opened)
        self.panel.action_wanted.connect(self.run_action)
        self.panel.sheet_wanted.connect(self.open_sheet)
        seat_presence(self.seat).changed.connect(self.queue_model.touched)

    # --- narrow windows: the case panel becomes a drawer over the map ---------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the panels for the width."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put the case panel into the row, or over the map where the window is narrow."""
        narrow = self.width() < NARROW
        if narrow != self._drawer:
            self._drawer = narrow
            if narrow:
                self.panel.setParent(self)
            else:
                self.splitter.addWidget(self.panel)
                self.panel.show()
        if narrow:
            width = theme().metric("size.case_panel.width")
            self.panel.setGeometry(self.width() - width, 0, width, self.height())
            self.panel.setVisible(bool(self.panel_model.case_id))
            self.panel.raise_()

    def _on_splitter(self) -> None:
        """Note how wide the operator made the panels; the drawer's width is its own."""
        if not self._drawer:
            self.map_model.keeper.keep(splitter=tuple(self.splitter.sizes()))

    def close_drawer(self) -> bool:
        """Fold the drawer away; False when there is none open."""
        if not self._drawer or not self.panel.isVisible():
            return False
        self.panel.hide()
        self.queue.table.setFocus()
        return True

    # --- workspace ------------------------------------------------------------------------------------

    def activate(self) -> None:
        """Give the queue the focus."""
        self.queue.table.setFocus()

    def deactivate(self) -> None:
        """Nothing waits here."""

    def key_legend(self) -> list[tuple[str, str]]:
        """Return the keys that matter where the focus is."""
        return bar_keys(self.seat.verbs, self.map.map.hasFocus())

    def places(self) -> tuple[str, ...]:
        """Return the places under the hand, the panel with the focus first."""
        if self.map.map.hasFocus():
            return (MAP, EVERYWHERE)
        if self.queue.hears_itself:
            return (EVERYWHERE,)
        inside = self.panel.hasFocus() or self.panel.isAncestorOf(self.focusWidget() or self)
        return (CASE, QUEUE, EVERYWHERE) if inside else (QUEUE, CASE, EVERYWHERE)

    def subject(self) -> tuple[str, ...]:
        """Return the marked cases, else the one the panel shows."""
        chosen = self.panel_model.case_id
        return self.queue.selected or ((chosen,) if chosen else ())

    def preset_of(self, action: str, case_id: str) -> Mapping[str, str]:
        """Return the picked unit for a dispatch of the case the panel shows."""
        shown = case_id == self.panel_model.case_id and action in ("dispatch", "redispatch")
        return {"lead_dept": self.panel_model.picked} if shown and self.panel_model.picked else {}

    def focus_panels(self) -> list[QWidget]:
        """Return queue, map and case."""
        return [self.queue.table, self.map.map, self.panel]

    def toast_host(self) -> QWidget:
        """Return the map: toasts stand at its lower right."""
        return self.map

    def show_case(self, case_id: str) -> bool:
        """Show a case; it is selected in the queue when it stands there."""
        if self.seat.case(case_id) is None:
            return False
        if not self.queue.table.select_case(case_id):
            self._show(case_id)
        return True

    # --- selection --------------------------------------------------------------------------------------

    def _on_case_chosen(self, case_id: str) -> None:
        """Follow the queue."""
        if case_id:
            self._show(case_id)

    def _on_map_chosen(self, case_id: str) -> None:
        """Follow the map; the queue follows when it holds the case."""
        if case_id and not self.queue.table.select_case(case_id):
            self._show(case_id)

    def _on_case_opened(self, case_id: str) -> None:
        """Show a case and give its panel the focus."""
        self._show(case_id)
        self.map.centre_on(case_id)
        self.panel.setFocus()

    def _show(self, case_id: str) -> None:
        """Show a case in panel and map."""
        self.panel_model.show_case(case_id)
        seat_presence(self.seat).look_at(case_id)
        self.map.select_case(case_id)
        if self._drawer:
            self._arrange()

    # --- acting -----------------------------------------------------------------------------------------

    def run_action(self, action: str, case_id: str = "") -> None:
        """Open the dialog of an action on the case the panel shows (or another); filled with the picked unit."""
        case_id = case_id or self.panel_model.case_id
        if case_id:
            preset = self.preset_of(action, case_id)
            open_action(action, case_id, self.seat, self._theme_store, self, preset=preset)

    def open_more(self) -> None:
        """Open the menu of all actions."""
        self.panel.action_bar.open_more()

    def open_sheet(self) -> None:
        """Open 时限说明书 of the case."""
        if self.panel_model.case_id:
            open_sheet(self.panel_model.case_id, self.seat, self._theme_store, self)

    def next_waiting(self) -> None:
        """Go to the next case that waits for dispatch."""
        case_id = self.queue_model.next_waiting(self.panel_model.case_id)
        if case_id:
            self.queue.table.select_case(case_id)
            self._show(case_id)

    def handle_key(self, event: QKeyEvent) -> bool:
        """Esc folds the drawer away, then takes back what was asked on the map; every other key is a verb's."""
        if event.key() != Qt.Key.Key_Escape:
            return False
        on_map = self.map.map.hasFocus()  # the map itself takes back what it asked, after its tools
        if not on_map and self.bulk.step_back():
            return True
        return self.close_drawer() or (not on_map and self.filters.clear_map())
