"""The pools at the left: tabs with counts, the queue, the marked case, and what may be done with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from console.viewmodels.pools import PoolAction, PoolCase, PoolsViewModel
from console.viewmodels.verbs.key_lists import key_of_action
from console.windows.presence import PresenceLine
from console.windows.rows import queue_row
from services.ports.picture import Connection
from widgets.forms.buttons import Button, ButtonKind
from widgets.forms.chip import Chip
from widgets.forms.tab_strip import Tab, TabStrip
from widgets.indicators.data_age import DataAge
from widgets.indicators.facts import Fact, FactGrid
from widgets.indicators.key_legend import KeyHint, KeyLegend
from widgets.indicators.state_panel import PanelState, StatePanel
from widgets.indicators.text_label import TextLabel
from widgets.tables.queue_row import column_names
from widgets.tables.queue_table import CaseQueueTable

#: a narrow panel shows what tells cases apart; the rest stands below the list
HIDDEN = ("grid", "source", "stage", "holder")
SHEET_KEY, MORE_KEY = "L", "."


def tr(text: str) -> str:
    """Translate a word of the pools."""
    return QCoreApplication.translate("Pools", text)


class PoolPanel(QWidget):
    """Signals: `action_wanted(str, str)` action and case, `sheet_wanted(str)` case."""

    action_wanted = Signal(str, str)
    sheet_wanted = Signal(str)

    def __init__(self, model: PoolsViewModel, parent: QWidget | None = None) -> None:
        """Build tabs, list and card."""
        super().__init__(parent)
        self.setProperty("ground", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = model
        self.tabs = TabStrip((), self)
        self.table = CaseQueueTable(self, model.seat.now)
        for place, name in enumerate(column_names()):
            self.table.setColumnHidden(place, name in HIDDEN)
        self.empty = StatePanel(PanelState("inbox", tr("这个环节没有待办的案件")), self)
        self.presence = PresenceLine(model.seat, self)
        self.card = CaseCard(self)
        self.bar = ActionGrid(self)
        self.age = DataAge(self)
        self._lay_out()
        self.tabs.chosen.connect(model.show)
        self.table.current_changed.connect(model.choose)
        self.table.activated_case.connect(self._on_activated)
        self.bar.wanted.connect(self._on_wanted)
        self.bar.more_wanted.connect(self.open_more)
        self.bar.sheet_wanted.connect(self.open_sheet)
        model.changed.connect(self.show_model)
        model.seat.verbs.changed.connect(self.show_model)
        model.seat.second.connect(self._on_second)
        model.seat.connection_changed.connect(self._on_connection)
        self._on_connection(model.seat.connection)
        self.show_model()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 12, 8)
        head.addWidget(self.tabs)
        head.addStretch(1)
        lists = QWidget(self)
        self._stack = QStackedLayout(lists)
        lists.setContentsMargins(0, 0, 10, 0)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.empty)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 4, 16, 4)
        foot.addWidget(self.age)
        foot.addStretch(1)
        hints = (
            KeyHint(("J", "K"), tr("上下")),
            KeyHint(("Return",), tr("办理")),
            KeyHint((SHEET_KEY,), tr("时限")),
        )
        foot.addWidget(KeyLegend(hints, self))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(lists, 1)
        column.addWidget(self.presence)
        column.addWidget(self.card)
        column.addWidget(self.bar)
        column.addLayout(foot)

    # --- showing ------------------------------------------------------------------------------------

    def show_model(self) -> None:
        """Show the pool, its counts and the marked case."""
        model, queue = self.model, self.model.queue
        self.tabs.set_tabs(tuple(Tab(tab.id, tab.title, queue.counts[tab.id]) for tab in queue.tabs))
        self.tabs.set_current(model.tab)
        rows = tuple(queue_row(row) for row in queue.rows)
        self.table.set_rows(rows)
        self._stack.setCurrentWidget(self.table if rows else self.empty)
        if model.case_id and self.table.current_id != model.case_id:
            self.table.select_case(model.case_id)
        shown = model.shown()
        self.presence.show_case(model.case_id if shown is not None else "")
        self.card.setVisible(shown is not None)
        self.bar.setVisible(shown is not None)
        if shown is not None:
            self.card.show_case(shown)
            book, pool = model.seat.verbs, f"pool.{model.tab}"
            self.bar.set_actions(
                tuple(
                    replace(one, keys=key_of_action(book, one.action, pool, one.keys))
                    for one in model.actions()
                )
            )

    def _on_second(self, now: datetime) -> None:
        self.table.tick()
        self._on_connection(self.model.seat.connection)

    def _on_connection(self, connection: Connection | None) -> None:
        moment = connection.data_at if connection is not None else None
        self.age.set_moment(moment, self.model.seat.now())

    # --- acting -------------------------------------------------------------------------------------

    def run_main(self) -> None:
        """Take the pool's own step."""
        action = self.model.main_action()
        if action:
            self._on_wanted(action)

    def open_sheet(self) -> None:
        """Ask for 时限说明书."""
        if self.model.case_id:
            self.sheet_wanted.emit(self.model.case_id)

    def open_more(self) -> QMenu | None:
        """Open the menu of everything else that may be done."""
        if not self.model.case_id:
            return None
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action in self.model.more():
            entry = menu.addAction(action.word)
            entry.triggered.connect(lambda _=False, name=action.action: self._on_wanted(name))
        menu.addSeparator()
        menu.addAction(tr("时限说明书")).triggered.connect(self.open_sheet)
        menu.popup(self.bar.mapToGlobal(self.bar.rect().topLeft()))
        return menu

    def _on_activated(self, case_id: str) -> None:
        self.model.choose(case_id)
        self.run_main()

    def _on_wanted(self, action: str) -> None:
        if not self.model.take(action) and self.model.case_id:
            self.action_wanted.emit(action, self.model.case_id)


class CaseCard(QWidget):
    """The marked case: number, facts, description."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Build the card."""
        super().__init__(parent)
        self.setProperty("ground", "raised")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        line = QHBoxLayout()
        line.setSpacing(10)
        self.number = TextLabel("", "title", parent=self)
        self.waits = Chip("", "cloud_up", "sla.soon", self)
        self.callback = Chip(tr("要求回访"), "phone", "accent", self)
        line.addWidget(self.number)
        line.addWidget(self.waits)
        line.addWidget(self.callback)
        line.addStretch(1)
        self.facts = FactGrid((), self)
        self.description = TextLabel("", "body", "text.primary", self, wrap=True, max_lines=5)
        column.addLayout(line)
        column.addWidget(self.facts)
        column.addWidget(self.description)

    def show_case(self, case: PoolCase) -> None:
        """Show a case."""
        self.number.set_text(case.number)
        self.waits.set_chip(case.waits, "cloud_up", "sla.soon")
        self.waits.setVisible(bool(case.waits))
        self.callback.setVisible(case.need_callback)
        facts = [
            Fact(tr("类别"), case.category),
            Fact(tr("网格"), case.grid),
            Fact(tr("来源"), case.source),
            Fact(tr("网格员"), case.officer or "—"),
        ]
        if case.condition:
            facts.append(Fact(tr("立案条件"), case.condition, wide=True))
        if case.caller:
            facts.append(Fact(tr("诉求人"), case.caller, wide=True))
        facts.append(Fact(tr("地址"), case.address or "—", wide=True))
        self.facts.set_facts(tuple(facts))
        self.description.set_text(case.description)


class ActionGrid(QWidget):
    """The pool's actions: the main one over the width, the others two a line, and 更多."""

    wanted = Signal(str)
    more_wanted = Signal()
    sheet_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.setProperty("ground", "raised")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 4, 12, 12)
        self._grid.setSpacing(4)
        self.buttons: dict[str, Button] = {}
        self._names: dict[str, str] = {}
        self.more = Button(tr("更多"), ButtonKind.PLAIN, MORE_KEY, parent=self)
        self.sheet = Button(tr("时限说明书"), ButtonKind.PLAIN, SHEET_KEY, parent=self)
        self.more.clicked.connect(self.more_wanted)
        self.sheet.clicked.connect(self.sheet_wanted)

    def set_actions(self, actions: tuple[PoolAction, ...]) -> None:
        """Show a bar; buttons are made anew only for another pool."""
        names = {action.action: action.keys for action in actions}
        if self._names != names:
            self._names = names
            self._rebuild(actions)
        for action in actions:
            button = self.buttons[action.action]
            button.setText(action.word)
            button.set_reason(action.reason)

    def _rebuild(self, actions: tuple[PoolAction, ...]) -> None:
        for button in self.buttons.values():
            self._grid.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = {}
        for place, action in enumerate(actions):
            kind = ButtonKind.MAIN if place == 0 else ButtonKind.PLAIN
            if action.action in ("reject", "cancel"):
                kind = ButtonKind.DANGER
            button = Button(action.word, kind, action.keys, action.icon, parent=self)
            button.clicked.connect(lambda _=False, name=action.action: self.wanted.emit(name))
            self.buttons[action.action] = button
        rest: list[QWidget] = [*list(self.buttons.values())[1:], self.sheet, self.more]
        if actions:
            self._grid.addWidget(self.buttons[actions[0].action], 0, 0, 1, 2)
        for place, widget in enumerate(rest):
            self._grid.addWidget(widget, 1 + place // 2, place % 2)
