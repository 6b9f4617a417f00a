"""The queue of 派遣席: tabs of duties, filter bar, table, age of the data."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from console.viewmodels.queue import QueueViewModel
from console.windows.dispatch.filter_bar import FilterBar
from console.windows.rows import queue_row
from services.ports.picture import Connection
from widgets import format as fmt
from widgets.forms.buttons import Button, ButtonKind, ButtonSize
from widgets.forms.tab_strip import Tab, TabStrip
from widgets.indicators.data_age import DataAge
from widgets.indicators.key_legend import KeyHint, KeyLegend
from widgets.indicators.state_panel import PanelState, StateAction, StatePanel
from widgets.indicators.text_label import TextLabel
from widgets.tables.queue_pages import PagedQueueModel
from widgets.tables.queue_row import QueueRow
from widgets.tables.queue_table import CaseQueueTable
from widgets.theme import theme


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
        self.filters = FilterBar(model.filters, self)
        column.addWidget(self.filters)
        self.table = CaseQueueTable(self, model.seat.now)
        self.rows = PagedQueueModel(self._rows_of, parent=self)
        self.table.setModel(self.rows)
        self._packed = b""
        self.table.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.empty = StatePanel(parent=self)
        self._middle = QStackedLayout()
        self._middle.addWidget(self.table)
        self._middle.addWidget(self.empty)
        column.addLayout(self._middle, 1)
        column.addWidget(self._foot())
        self._connect()
        self._show()

    # --- parts ------------------------------------------------------------------------------------------

    def _head(self) -> QWidget:
        """Return title and tabs."""
        head = QWidget(self)
        head.setFixedHeight(theme().metric("size.panel_header"))
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(16)
        row.addWidget(TextLabel(tr("案件队列"), "heading", "text.primary", head))
        self.tabs = TabStrip((), head)
        row.addWidget(self.tabs)
        row.addStretch(1)
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
        model = self.model
        model.changed.connect(self._show)
        model.touched.connect(self._on_touched)
        model.arrived.connect(self.table.highlight)
        model.seat.second.connect(self._on_second)
        self.tabs.chosen.connect(model.show_tab)
        self.table.current_changed.connect(self.case_chosen)
        self.table.activated_case.connect(self.case_opened)
        self.table.marks_changed.connect(self.selection_changed)
        self.table.sort_requested.connect(self._on_sort)
        self.empty.acted.connect(self._on_empty_acted)
        self.filters.left.connect(self.focus_list)
        self.unplaced.clicked.connect(self.list_unplaced)

    # --- rows ---------------------------------------------------------------------------------------------

    @property
    def selected(self) -> tuple[str, ...]:
        """The marked cases in the order shown (`selection_changed`)."""
        return self.rows.marked()

    def clear_selection(self) -> None:
        """Take every mark away."""
        self.rows.clear_marks()

    def _rows_of(self, ids: tuple[str, ...]) -> list[QueueRow]:
        """Return the rows that are looked at."""
        return [queue_row(view) for view in self.model.views_of(ids)]

    def _on_touched(self, ids: object) -> None:
        """Read rows again that say something else now."""
        if isinstance(ids, frozenset):
            self.rows.changed(ids)
        else:
            self.rows.stale()

    def focus_list(self) -> None:
        """Give the focus to the list, or to what stands there instead of it."""
        if self.model.count:
            self.table.setFocus()
        else:
            self.filters.text.clearFocus()
            self.empty.setFocus()

    def list_unplaced(self) -> None:
        """List what the map cannot show: open cases without a position; once more lists all again."""
        filters = self.model.filters
        filters.set_part(unplaced=not filters.filter.unplaced)
        if filters.filter.unplaced:
            self.model.show_tab("open")

    def clear_filter(self) -> None:
        """Take every filter back."""
        self.filters.clear()

    def _on_sort(self, column: str, descending: bool) -> None:
        """Order by a column; the shape's column gives the risk order back."""
        if column == "sla_shape":
            self.model.set_order("risk")
        else:
            self.model.set_order(column, descending)
        self.table.show_sort(column, descending)

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
        if model.packed != self._packed:
            self._packed = model.packed
            self.rows.set_packed(model.packed)
        self.count.set_text(f"{fmt.count(model.count)} / {fmt.count(model.total)}")
        lost = model.unplaced
        self.unplaced.setText(tr("{n} 件无坐标").format(n=fmt.count(lost)))
        self.unplaced.setVisible(lost > 0)
        if model.count:
            self._middle.setCurrentWidget(self.table)
        else:
            self.empty.set_state(self._empty_state())
            self._middle.setCurrentWidget(self.empty)

    def _empty_state(self) -> PanelState:
        """Return why the list is empty and what to do (design section 10)."""
        model = self.model
        if model.filter.active:
            lines = tr("当前按 {words} 筛选。在办共 {n} 件，未被这些条件选中。").format(
                words=model.filters.words, n=model.total
            )
            acts = (StateAction("clear", tr("清除筛选"), "Shift+F", main=True),)
            return PanelState("filter", tr("没有符合条件的案件"), lines, acts)
        if model.tab in ("turn", "pending_dispatch"):
            return PanelState("check_circle", tr("待派遣已清空"), tr("新案件会自动出现并提示。"))
        return PanelState("inbox", tr("这里没有案件"), tr("有案件进入时会自动出现。"))

    def _on_empty_acted(self, key: str) -> None:
        """Do what the empty state offers."""
        if key == "clear":
            self.clear_filter()

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
