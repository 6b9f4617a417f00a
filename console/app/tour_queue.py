"""Pictures of the queue for the scripted shift: a counter, a saved filter, news at the edges, other columns."""

from __future__ import annotations

from console.app.stage import Stage
from console.viewmodels.queue_counters import COUNTERS
from console.windows.dispatch.page import DispatchPage
from console.windows.shell import ShellWindow
from widgets.tables.queue_columns import ColumnLayout

NAME = "将超时"


def queue_pictures(stage: Stage, page: DispatchPage, shell: ShellWindow) -> None:
    """Work the queue of 派遣席 and picture what it shows; everything is put back as it was."""
    queue, model = page.queue, page.queue_model
    model.show_tab("open")
    stage.wait(lambda: model.count > 0, "在办案件")
    model.choose_counter(next(counter for counter in COUNTERS if counter.id == "handling"))
    queue.saved.ask_name()
    queue.saved.field.setText(NAME)
    stage.rest(300)
    stage.picture(shell, "30_queue_counter")
    made = queue.saved.model.save(NAME)
    queue.saved.close_field()
    stage.wait(lambda: not any(entry.unsent for entry in queue.saved.model.shown), "筛选存到中心")
    stage.rest(300)
    stage.picture(shell, "31_queue_saved_filter")
    queue.clear_filter()
    queue.table.set_current_place(model.count // 2)
    stage.rest(300)
    queue.news.add((model.ids[0], model.ids[1], model.ids[-1]))
    stage.rest(100)
    stage.picture(shell, "32_queue_news")
    queue.news.forget()
    queue.put_columns(ColumnLayout(density="compact").with_shown("source", False).moved("limit", -6))
    stage.rest(300)
    stage.picture(shell, "33_queue_columns")
    queue.put_columns(ColumnLayout())
    queue.saved.model.drop(made)
    stage.wait(lambda: not queue.saved.model.shown, "筛选已删除")
