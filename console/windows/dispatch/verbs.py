"""Verbs of queue and case panel in 派遣席: moving, tabs, orders, filters, the picked unit, history."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from console.viewmodels.filter_words import band_word, stage_word
from console.viewmodels.verbs.case_verbs import verb_id
from console.viewmodels.verbs.verb import (
    A_CASE,
    A_TEXT,
    A_UNIT,
    AN_AREA,
    CASE,
    CASE_GROUP,
    QUEUE,
    QUEUE_GROUP,
    Call,
    Verb,
    noop,
    tr,
)  # fmt: skip
from services.domain.bands import BANDS
from services.domain.states import STAGES

if TYPE_CHECKING:
    from console.windows.dispatch.page import DispatchPage

SUGGESTED = 3
#: keys the list hears itself, for `?`
MOVES = (
    ("down", noop("下一行"), ("J", "Down")),
    ("up", noop("上一行"), ("K", "Up")),
    ("first", noop("首件"), ("Home",)),
    ("last", noop("末件"), ("End",)),
    ("page_down", noop("下一页"), ("PgDown",)),
    ("page_up", noop("上一页"), ("PgUp",)),
    ("open", noop("打开"), ("Return",)),
    ("mark", noop("多选"), ("Space",)),
    ("mark_down", noop("向下连续多选"), ("Shift+J",)),
    ("mark_up", noop("向上连续多选"), ("Shift+K",)),
    ("drop_part", noop("在筛选条件上：取消它"), ("Del",)),
    ("back", noop("取消地图上的筛选"), ("Esc",)),
)
ORDERS = (
    ("risk", noop("按轻重缓急排序"), ("默认排序", "风险")),
    ("limit", noop("按时限排序"), ("到期",)),
    ("number", noop("按案号排序"), ()),
    ("category", noop("按类别排序"), ()),
    ("grid", noop("按网格排序"), ()),
    ("source", noop("按来源排序"), ()),
    ("stage", noop("按环节排序"), ()),
    ("holder", noop("按承办排序"), ("按单位排序",)),
)
NEXT = Verb(
    "queue.next_waiting", noop("下一件待派遣"), ("下一件",), QUEUE_GROUP, ("Q",), QUEUE, icon="arrow_down"
)
FILTER = Verb(
    "queue.filter", noop("筛选"), ("查找", "列表中查找"), QUEUE_GROUP, ("F", "Ctrl+F"), QUEUE, icon="filter"
)
CLEAR = Verb(
    "queue.clear_filter",
    noop("清除筛选"),
    ("看全部",),
    QUEUE_GROUP,
    ("Shift+F", "map:Shift+F"),
    QUEUE,
    icon="x",
)
SEARCH = Verb(
    "queue.search", noop("在队列中查找"), ("搜索", "筛文字"), QUEUE_GROUP, (), QUEUE, (A_TEXT,), "search"
)
ONLY_UNIT = Verb(
    "queue.only_unit", noop("只看承办单位"), ("单位案件",), QUEUE_GROUP, (), QUEUE, (A_UNIT,), "building"
)
ONLY_AREA = Verb(
    "queue.only_area", noop("只看区域"), ("只看街道", "只看网格"), QUEUE_GROUP, (), QUEUE, (AN_AREA,), "pin"
)
UNPLACED = Verb("queue.unplaced", noop("只看没有坐标的案件"), ("无坐标",), QUEUE_GROUP, (), QUEUE, icon="pin")
LOCATE = Verb(
    "case.locate", noop("在地图上定位"), ("定位案件",), CASE_GROUP, ("M",), CASE, (A_CASE,), "locate"
)
HISTORY = Verb(
    "case.history", noop("全部流转记录"), ("历史", "流转"), CASE_GROUP, ("H",), CASE, icon="history"
)
OTHER_UNIT = Verb(
    "case.other_unit",
    noop("派遣到其他单位"),
    ("其他单位",),
    CASE_GROUP,
    ("Shift+D",),
    CASE,
    (A_CASE,),
    "send",
)


def bind_verbs(page: DispatchPage) -> None:
    """Bind the verbs of a page to the book of its seat."""
    _bind_case(page)
    _bind_queue(page)
    _bind_filters(page)


def _bind_case(page: DispatchPage) -> None:
    """Bind what the case panel does besides the actions of the rules."""
    verbs = page.seat.verbs

    def chosen() -> str:
        return "" if page.panel_model.panel is not None else tr("还没有选中案件")

    def on_map(call: Call) -> str:
        entry = page.seat.case(call.case)
        placed = entry is not None and entry.case.location.lon is not None
        return "" if placed else tr("这件案件没有坐标")

    def locate(call: Call) -> None:
        page.show_case(call.case)
        page.map.centre_on(call.case)

    verbs.add_for(LOCATE, locate, on_map)
    verbs.add(HISTORY, page.panel.toggle_history, chosen)
    dispatch, again = verb_id("dispatch"), verb_id("redispatch")

    def reason(call: Call) -> str:
        return verbs.why_not(dispatch, call) and verbs.why_not(again, call)

    def other(call: Call) -> None:
        page.show_case(call.case)
        page.panel_model.pick_unit("")
        page.run_action("redispatch" if verbs.why_not(dispatch, call) else "dispatch", call.case)

    if dispatch in verbs or again in verbs:
        verbs.add_for(OTHER_UNIT, other, reason)
    for n in range(1, SUGGESTED + 1):
        title = tr("选定第 {n} 个建议单位").format(n=n)
        pick = Verb(f"case.pick_{n}", title, (f"建议{n}",), CASE_GROUP, (str(n),), CASE, icon="suggest")
        verbs.add(pick, partial(page.panel_model.pick, n), partial(_no_suggestion, page, n))


def _no_suggestion(page: DispatchPage, n: int) -> str:
    """Return why a suggestion cannot be picked."""
    panel = page.panel_model.panel
    if panel is None:
        return tr("还没有选中案件")
    return "" if n <= len(panel.suggestions) else tr("这件案件没有第 {n} 个建议单位").format(n=n)


def _bind_queue(page: DispatchPage) -> None:
    """Bind moving, tabs and orders."""
    verbs, model = page.seat.verbs, page.queue_model
    for name, title, keys in MOVES:
        move = Verb(f"queue.{name}", title, (), QUEUE_GROUP, keys, QUEUE, fixed=True, listed=False)
        verbs.add(move, lambda: None)
    verbs.add(NEXT, page.next_waiting, lambda: "" if model.next_waiting() else tr("没有待派遣的案件"))
    for number, tab in enumerate(model.tabs, 1):
        tab_keys = (f"Alt+{number}",) if number <= 9 else ()
        verb = Verb(
            f"queue.tab.{tab.id}",
            tab.title,
            (tr("队列") + tab.title,),
            QUEUE_GROUP,
            tab_keys,
            QUEUE,
            icon="list",
        )
        verbs.add(verb, partial(model.show_tab, tab.id))
    for order, title, aliases in ORDERS:
        verb = Verb(f"queue.order.{order}", title, aliases, QUEUE_GROUP, (), QUEUE, icon="sort")
        verbs.add(verb, partial(_order, page, order))


def _bind_filters(page: DispatchPage) -> None:
    """Bind the filter: by words, unit, area, band and step."""
    verbs, filters = page.seat.verbs, page.filters
    verbs.add(FILTER, page.queue.filters.text.setFocus)
    verbs.add(CLEAR, page.queue.clear_filter, lambda: "" if filters.filter.active else tr("现在没有筛选"))
    verbs.add(UNPLACED, page.queue.list_unplaced)
    verbs.add_for(
        SEARCH, lambda call: filters.set_part(text=call.text), _needs("text", tr("要找的文字还没有写"))
    )
    verbs.add_for(
        ONLY_UNIT, lambda call: filters.set_part(departments=(call.unit,)), _needs("unit", tr("单位还没有写"))
    )
    verbs.add_for(ONLY_AREA, lambda call: filters.toggle_area(call.area), _needs("area", tr("区域还没有写")))
    for band in (band for band in BANDS if band != "closed"):
        word = band_word(band)
        verb = _only(f"queue.band.{band}", tr("只看{band}").format(band=word), tr("时限") + word)
        verbs.add(verb, partial(filters.set_part, bands=(band,)))
    for stage in STAGES:
        word = stage_word(stage)
        verb = _only(f"queue.stage.{stage}", tr("只看{stage}环节").format(stage=word), tr("环节") + word)
        verbs.add(verb, partial(filters.set_part, stages=(stage,)))


def _only(verb_id: str, title: str, alias: str) -> Verb:
    """Return the verb of a part of the filter."""
    return Verb(verb_id, title, (alias,), QUEUE_GROUP, (), QUEUE, icon="filter")


def _order(page: DispatchPage, order: str) -> None:
    """Order the list and mark the column."""
    page.queue_model.set_order(order)
    page.queue.table.show_sort("sla_shape" if order == "risk" else order)


def _needs(part: str, sentence: str) -> Callable[[Call], str]:
    """Return a question that asks for a part of the call."""
    return lambda call: "" if getattr(call, part) else sentence
