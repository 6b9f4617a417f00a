"""What stands where the queue is empty: why, and what to do (design section 10)."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from console.viewmodels.queue import QueueViewModel
from console.viewmodels.queue_tabs import CLOSED
from widgets import format as fmt
from widgets.indicators.state_panel import PanelState, StateAction

DISPATCH = "pending_dispatch"


def tr(text: str) -> str:
    """Translate a word of the empty queue."""
    return QCoreApplication.translate("QueueEmpty", text)


def empty_state(model: QueueViewModel) -> PanelState:
    """Return why the list of a queue is empty; the key of an act is `clear`, or the tab to list without the filter."""
    if model.filter.active:
        return _filtered(model)
    if model.tab == CLOSED:
        return PanelState("inbox", tr("近 24 小时没有结案"), tr("有案件结案时会自动出现。"))
    if model.tab in ("turn", DISPATCH):
        title = (
            tr("待派遣已清空") if any(tab.id == DISPATCH for tab in model.tabs) else tr("轮到您办的已清空")
        )
        return PanelState("check_circle", title, tr("新案件会自动出现并提示。"))
    return PanelState("inbox", tr("这里没有案件"), tr("有案件进入时会自动出现。"))


def _filtered(model: QueueViewModel) -> PanelState:
    """Return the words for a filter that lets nothing through."""
    lines = tr("当前按 {words} 筛选。在办共 {n} 件，未被这些条件选中。").format(
        words=model.filters.words, n=fmt.count(model.total)
    )
    acts = [StateAction("clear", tr("清除筛选"), "Shift+F", main=True)]
    waiting = model.unfiltered(DISPATCH)
    if waiting:
        acts.append(StateAction(DISPATCH, tr("看待派遣 {n} 件").format(n=fmt.count(waiting))))
    return PanelState("filter", tr("没有符合条件的案件"), lines, tuple(acts))
