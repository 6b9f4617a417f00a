"""The queue of 派遣席: tabs of duties, counters, filters, table, news at its edges, age of the data."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedLayout, QVBoxLayout, QWidget

from console.notices.notice import WARN, Notice
from console.viewmodels.queue import QueueViewModel
from console.viewmodels.queue_filters import SavedFilters
from console.viewmodels.queue_news import places_of
from console.viewmodels.queue_order import RISK
from console.viewmodels.queue_tabs import CLOSED, EVERY, OPEN
from console.windows.dispatch import queue_columns_menu
from console.windows.dispatch.filter_bar import FilterBar
from console.windows.dispatch.queue_card import slack_lines
from console.windows.dispatch.queue_counters import CounterStrip
from console.windows.dispatch.queue_edges import EdgeNews
from console.windows.dispatch.queue_empty import empty_state
from console.windows.dispatch.queue_orders import open_orders, order_word
from console.windows.dispatch.queue_saved import SavedStrip
from console.windows.dispatch.queue_verbs import bind_queue
from console.windows.rows import queue_row
from services.ports.picture import Connection
from widgets import format as fmt
from widgets.forms.buttons import Button, ButtonKind, ButtonSize
from widgets.forms.tab_strip import Tab, TabStrip
from widgets.indicators.data_age import DataAge
from widgets.indicators.key_legend import KeyHint, KeyLegend
from widgets.indicators.state_panel import StatePanel
from widgets.indicators.text_label import TextLabel
from widgets.tables.queue_columns import ColumnLayout
from widgets.tables.queue_pages import PagedQueueModel
from widgets.tables.queue_row import QueueRow
from widgets.tables.queue_table import CaseQueueTable
from widgets.theme import theme

_TITLE_FROM = 780
"""A narrower panel keeps its tabs and leaves its title out."""


def tr(text: str) -> str:
    """Translate a word of the queue panel."""
    return QCoreApplication.translate("QueuePanel", text)


class QueuePanel(QWidget):
    """Shows `QueueViewModel`.

    `case_chosen(str)` follows the current row, `case_opened(str)` is Enter, `selection_changed(tuple[str, ...])` gives
    the marked cases in the order shown (several selected; empty when none).
    """

    case_chosen = Signal(str)
    case_opened = Signal(str)
    selection_changed = Signal(object)

    def __init__(self, model: QueueViewModel, parent: QWidget | None = None) -> None:
        """Build the parts."""
        super().__init__(parent)
        self.model = model
        self.setMinimumWidth(theme().metric("size.queue.min"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        self.counters = CounterStrip(model, self)
        column.addWidget(self.counters)
        self.filters = FilterBar(model.filters, self)
        column.addWidget(self.filters)
        self.saved = SavedStrip(SavedFilters(model, model.seat.services.filters, self), self)
        column.addWidget(self.saved)
        self.table = CaseQueueTable(self, model.seat.now)
        self.rows = PagedQueueModel(self._rows_of, parent=self, ahead=model.sight.want)
        self.table.setModel(self.rows)
        self.table.set_columns(ColumnLayout.from_doc(model.look.columns))
        self.table.card_of = self.card
        self._packed = b""
        self._question: tuple[object, ...] = ()
        self.table.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.news = EdgeNews(self.table, lambda ids: places_of(ids, model.packed))
        self.empty = StatePanel(parent=self)
        self._middle = QStackedLayout()
        self._middle.addWidget(self.table)
        self._middle.addWidget(self.empty)
        column.addLayout(self._middle, 1)
        column.addWidget(self._foot())
        self._connect()
        self._show()
        bind_queue(self)

    # --- parts ------------------------------------------------------------------------------------------

    def _head(self) -> QWidget:
        """Return title, tabs and order."""
        head = QWidget(self)
        head.setFixedHeight(theme().metric("size.panel_header"))
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 8, 0)
        row.setSpacing(12)
        self.title = TextLabel(tr("案件队列"), "heading", "text.primary", head)
        row.addWidget(self.title)
        self.tabs = TabStrip((), head)
        row.addWidget(self.tabs)
        row.addStretch(1)
        self.order = Button("", ButtonKind.GHOST, size=ButtonSize.SMALL, parent=head, opens_menu=True)
        self.order.setToolTip(tr("排序（O）"))
        row.addWidget(self.order)
        return head

    def _foot(self) -> QWidget:
        """Return count, age and keys."""
        foot = QWidget(self)
        foot.setFixedHeight(theme().metric("size.panel_footer"))
        row = QHBoxLayout(foot)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(14)
        self.count = TextLabel("", "label", "text.tertiary", foot)
        self.age = DataAge(foot)
        hints = (
            KeyHint(("J", "K"), tr("上下")),
            KeyHint(("Space",), tr("多选")),
            KeyHint(("Return",), tr("打开")),
        )
        self.unplaced = Button("", ButtonKind.GHOST, size=ButtonSize.SMALL, parent=foot)
        self.unplaced.setToolTip(tr("列出没有坐标的案件；它们不在地图上"))
        row.addWidget(self.count)
        row.addWidget(self.unplaced)
        row.addWidget(self.age)
        row.addStretch(1)
        row.addWidget(KeyLegend(hints, foot))
        return foot

    def _connect(self) -> None:
        """Connect model and parts."""
        model, table = self.model, self.table
        model.changed.connect(self._show)
        model.touched.connect(self._on_touched)
        model.sight.read.connect(self.rows.changed)
        model.entered.connect(self.news.add)
        model.seat.second.connect(self._on_second)
        self.tabs.chosen.connect(model.show_tab)
        table.current_changed.connect(self.case_chosen)
        table.activated_case.connect(self.case_opened)
        table.marks_changed.connect(self.selection_changed)
        table.sort_requested.connect(self._on_sort)
        table.columns_arranged.connect(self._keep_columns)
        table.menu_wanted.connect(self.open_columns)
        self.order.clicked.connect(self.open_orders)
        self.empty.acted.connect(self._on_empty_acted)
        self.filters.left.connect(self.focus_list)
        self.filters.save_wanted.connect(self.saved.ask_name)
        self.counters.left.connect(self.focus_list)
        self.saved.left.connect(self.focus_list)
        self.saved.said.connect(self._say)
        self.unplaced.clicked.connect(self.list_unplaced)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow panel keeps its tabs."""
        super().resizeEvent(event)
        self.title.setVisible(self.width() >= _TITLE_FROM)

    # --- rows ---------------------------------------------------------------------------------------------

    @property
    def selected(self) -> tuple[str, ...]:
        """The marked cases in the order shown (`selection_changed`)."""
        return self.rows.marked()

    def clear_selection(self) -> None:
        """Take every mark away."""
        self.rows.clear_marks()

    def _rows_of(self, ids: tuple[str, ...]) -> list[QueueRow]:
        """Return the rows that are looked at and in memory; the others follow."""
        return [queue_row(view) for view in self.model.views_here(ids)]

    def _on_touched(self, ids: object) -> None:
        """Read rows again that say something else now; those in sight flash once."""
        if isinstance(ids, frozenset):
            self.rows.changed(ids)
            self.table.flash_changed(ids)
        else:
            self.rows.stale()

    @property
    def hears_itself(self) -> bool:
        """Whether the focus is in a line of buttons that takes single keys (digits, Delete) for itself."""
        focus = self.focusWidget()
        inside = (
            any(line.isAncestorOf(focus) for line in (self.saved, self.counters))
            if focus is not None
            else False
        )
        return inside and focus is not None and focus.hasFocus()

    def focus_list(self) -> None:
        """Give the focus to the list, or to what stands there instead of it."""
        if self.model.count:
            self.table.setFocus()
        else:
            self.filters.text.clearFocus()
            self.empty.setFocus()

    def card(self, case_id: str, column: str) -> str:
        """Return what is told of a row where the hand rests: words that are cut, or what its slack rests on."""
        if column in ("limit", "sla_shape"):
            found, seat = self.model.slack(case_id), self.model.seat
            return "\n".join(slack_lines(found, seat, seat.now())) if found is not None else ""
        place = self.rows.place_of(case_id)
        row = self.table.row_of(place)
        words = (
            {"summary": row.summary, "source": row.source, "holder": row.holder} if row is not None else {}
        )
        return words.get(column, "")

    def show_slack(self) -> None:
        """Show what the slack of the current row rests on."""
        self.table.show_card(self.table.current_place())

    # --- filters ------------------------------------------------------------------------------------------

    def list_unplaced(self) -> None:
        """List what the map cannot show: open cases without a position; once more lists all again."""
        filters = self.model.filters
        filters.set_part(unplaced=not filters.filter.unplaced)
        if filters.filter.unplaced:
            self.model.show_tab(OPEN)

    def clear_filter(self) -> None:
        """Take every filter back."""
        self.filters.clear()

    # --- order and columns --------------------------------------------------------------------------------

    def open_orders(self) -> QMenu:
        """Open the menu of orders."""
        return open_orders(self.order, self.model, self.put_order)

    def put_order(self, order: str, descending: bool = False) -> None:
        """Order the list."""
        self.model.set_order(order, descending)

    def _on_sort(self, column: str, descending: bool) -> None:
        """Order by a column: up, down, then the risk order again; the shape's column stands for the risk order."""
        if column == "sla_shape" or (self.model.order, self.model.descending, descending) == (
            column,
            True,
            False,
        ):
            column, descending = RISK, False
        self.put_order(column, descending)

    def open_columns(self, at: QPoint | None = None) -> QMenu:
        """Open the menu of columns."""
        where = at or self.table.mapToGlobal(QPoint(16, theme().metric("size.table_header")))
        return queue_columns_menu.open_menu(self.table, where, self.table.columns, self.put_columns)

    def put_columns(self, layout: ColumnLayout) -> None:
        """Show these columns and remember them."""
        self.table.set_columns(layout)
        self._keep_columns(self.table.columns)

    def _keep_columns(self, layout: object) -> None:
        """Remember columns that were dragged or chosen."""
        assert isinstance(layout, ColumnLayout)
        doc = layout.to_doc()
        self.model.look.keep_columns(None if doc == ColumnLayout().to_doc() else doc)

    # --- showing ------------------------------------------------------------------------------------------

    def _show(self) -> None:
        """Show rows, counts, or the empty state."""
        model = self.model
        self.tabs.set_tabs(
            tuple(
                Tab(tab.id, tab.title, model.counts[tab.id], "over2" if tab.id == "late" else "")
                for tab in model.tabs
            )
        )
        self.tabs.set_current(model.tab)
        asked = model.listing.question != self._question
        if asked:
            self._question = model.listing.question
            self.news.forget()
            self.order.setText(order_word(model.order, model.descending))
            self.table.show_sort("sla_shape" if model.order == RISK else model.order, model.descending)
        if model.packed != self._packed:
            self._packed = model.packed
            self.rows.set_packed(model.packed)
            if asked:
                self.rows.stale()
        if asked:
            self.table.start_over()
        total = model.counts[model.tab] if model.tab in (CLOSED, EVERY) else model.total
        self.count.set_text(f"{fmt.count(model.count)} / {fmt.count(total)}")
        lost = model.unplaced
        self.unplaced.setText(tr("{n} 件无坐标").format(n=fmt.count(lost)))
        self.unplaced.setVisible(lost > 0)
        if model.count:
            self._middle.setCurrentWidget(self.table)
        else:
            self.empty.set_state(empty_state(model))
            self._middle.setCurrentWidget(self.empty)

    def _on_empty_acted(self, key: str) -> None:
        """Do what the empty state offers: take the filter back, or list a tab without it."""
        self.clear_filter()
        if any(tab.id == key for tab in self.model.tabs):
            self.model.show_tab(key)

    def _say(self, sentence: str) -> None:
        """Tell the operator why something was not done."""
        self.model.seat.notices.tell(Notice(WARN, sentence, key="queue"))

    def _on_second(self, now: object) -> None:
        """Count down, and show how old the data is."""
        self.table.tick()
        seat = self.model.seat
        connection = seat.connection
        if isinstance(connection, Connection):
            self.age.set_moment(connection.data_at, seat.now())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and edges."""
        look = theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.color("bg.panel"))
        painter.setPen(QPen(look.color("line.subtle"), 1))
        foot = self.height() - theme().metric("size.panel_footer")
        painter.drawLine(0, foot, self.width(), foot)
        painter.end()
