"""Verbs of the queue panel: orders, columns, density, counters, saved filters, news at the edges, slack."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from console.viewmodels.queue_counters import COUNTERS
from console.viewmodels.verbs.verb import QUEUE, QUEUE_GROUP, Verb, noop, tr
from widgets.tables.queue_columns import DENSITIES, density_word

if TYPE_CHECKING:
    from console.windows.dispatch.queue_panel import QueuePanel

ORDER = Verb("queue.orders", noop("排序方式"), ("排序",), QUEUE_GROUP, ("O",), QUEUE, icon="sort")
COLUMNS = Verb(
    "queue.columns", noop("列与行距"), ("列宽", "显示列"), QUEUE_GROUP, ("Shift+O",), QUEUE, icon="settings"
)
RESET = Verb("queue.columns_reset", noop("恢复默认列"), ("重置列",), QUEUE_GROUP, (), QUEUE, icon="undo")
COUNT = Verb(
    "queue.counters", noop("队列计数"), ("计数", "统计"), QUEUE_GROUP, ("Alt+0",), QUEUE, icon="chart"
)
SAVED = Verb(
    "queue.saved", noop("已保存的筛选"), ("我的筛选",), QUEUE_GROUP, ("Alt+F",), QUEUE, icon="filter"
)
SAVE = Verb(
    "queue.save_filter", noop("保存当前筛选"), ("存筛选",), QUEUE_GROUP, ("Ctrl+Shift+F",), QUEUE, icon="plus"
)
NEWS_UP = Verb("queue.news_up", noop("到上方的新案件"), (), QUEUE_GROUP, ("Alt+Up",), QUEUE, icon="arrow_up")
NEWS_DOWN = Verb(
    "queue.news_down", noop("到下方的新案件"), (), QUEUE_GROUP, ("Alt+Down",), QUEUE, icon="arrow_down"
)
SLACK = Verb(
    "queue.slack", noop("余量依据"), ("余量", "通常用时"), QUEUE_GROUP, ("Shift+L",), QUEUE, icon="clock"
)
PREFIX = "queue.saved."


def bind_queue(panel: QueuePanel) -> None:
    """Bind the verbs of a panel to the book of its seat; a book that has them already is left alone."""
    verbs, model = panel.model.seat.verbs, panel.model
    if ORDER.id in verbs:
        return
    verbs.add(ORDER, panel.open_orders)
    verbs.add(COLUMNS, panel.open_columns)
    verbs.add(RESET, lambda: panel.put_columns(type(panel.table.columns)()))
    for density in DENSITIES:
        title = tr("行距{word}").format(word=density_word(density))
        verb = Verb(f"queue.density.{density}", title, (), QUEUE_GROUP, (), QUEUE, icon="list")
        verbs.add(verb, partial(_density, panel, density))
    verbs.add(COUNT, panel.counters.focus_first)
    for counter in COUNTERS:
        title = tr("只列{title}").format(title=counter.title)
        verb = Verb(f"queue.counter.{counter.id}", title, (), QUEUE_GROUP, (), QUEUE, icon="filter")
        verbs.add(verb, partial(model.choose_counter, counter))
    verbs.add(NEWS_UP, panel.news.go_up, lambda: _no_news(panel, "above"))
    verbs.add(NEWS_DOWN, panel.news.go_down, lambda: _no_news(panel, "below"))
    verbs.add(SLACK, panel.show_slack, lambda: "" if panel.table.current_id else tr("还没有选中案件"))
    _bind_saved(panel)


def _bind_saved(panel: QueuePanel) -> None:
    """Bind saved filters: the line, keeping one, and each by its name."""
    verbs, saved = panel.model.seat.verbs, panel.saved.model

    def none() -> str:
        return "" if saved.shown else tr("还没有保存的筛选")

    verbs.add(SAVED, panel.saved.focus_first, none)
    verbs.add(SAVE, panel.saved.ask_name, lambda: saved.why_not_save("?"))
    bound: dict[str, str] = {}

    def bind() -> None:
        wanted = {PREFIX + entry.filter_id: entry for entry in saved.shown}
        for gone in [one for one, name in bound.items() if one not in wanted or wanted[one].name != name]:
            verbs.drop(gone)
            del bound[gone]
        for verb_id, entry in wanted.items():
            if verb_id not in bound:
                title = tr("筛选：{name}").format(name=entry.name)
                verb = Verb(verb_id, title, (entry.name,), QUEUE_GROUP, (), QUEUE, icon="filter")
                verbs.add(verb, partial(saved.apply, entry.filter_id))
                bound[verb_id] = entry.name

    saved.changed.connect(bind)
    bind()


def _density(panel: QueuePanel, density: str) -> None:
    """Show rows of another height."""
    panel.put_columns(replace(panel.table.columns, density=density))


def _no_news(panel: QueuePanel, edge: str) -> str:
    """Return why there is no new case to go to."""
    bar = panel.news.above if edge == "above" else panel.news.below
    return "" if bar.words else tr("那边没有新案件")
