"""Verbs of 受理席: the register form, near-by candidates, drafts, the pools."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from console.viewmodels.intake_form import APPEALS
from console.viewmodels.pools import PoolsViewModel
from console.viewmodels.verbs.verb import INTAKE, INTAKE_GROUP, POOL_REPORTED, Verb, noop, tr
from console.windows.palette.frame_verbs import in_pools

if TYPE_CHECKING:
    from console.windows.intake.page import IntakePage

REGISTER = Verb(
    "intake.register",
    noop("保存并登记"),
    ("登记", "保存"),
    INTAKE_GROUP,
    ("Ctrl+Return", "Ctrl+Enter"),
    INTAKE,
)
PARK = Verb("intake.park", noop("暂存草稿"), ("暂存", "存草稿"), INTAKE_GROUP, ("Ctrl+S",), INTAKE)
ANSWER = Verb("intake.answer", noop("直接答复办结"), ("答复", "办结"), INTAKE_GROUP, ("Ctrl+J",), INTAKE)
CLEAR = Verb("intake.clear", noop("清空表单"), ("清空", "新登记"), INTAKE_GROUP, (), INTAKE)
DRAFTS = Verb("intake.drafts", noop("打开草稿"), ("草稿箱",), INTAKE_GROUP, (), INTAKE)
JOIN = Verb("intake.join", noop("并入所选的附近案件"), ("重复件", "并入"), INTAKE_GROUP, ("Alt+G",), INTAKE)
OTHER = Verb("intake.other", noop("不是同一件"), ("不同件",), INTAKE_GROUP, ("Alt+X",), INTAKE)
#: id, title, key of the parts of the form that take the cursor
FIELDS = (
    ("description", noop("写内容"), "Alt+N"),
    ("address", noop("写地址"), "Alt+D"),
    ("map", noop("在地图上移点"), "Alt+M"),
    ("category", noop("选类别"), "Alt+L"),
    ("urgency", noop("选紧急程度"), "Alt+E"),
    ("candidates", noop("看附近的重复件"), "Alt+R"),
)
#: keys the list of a pool hears itself, for `?`
MOVES = (("down", noop("下一行"), ("J", "Down")), ("up", noop("上一行"), ("K", "Up")))


def bind_verbs(page: IntakePage) -> None:
    """Bind the verbs of a page to the book of its seat."""
    verbs, form = page.seat.verbs, page.form
    acts: tuple[tuple[Verb, Callable[[], object]], ...] = (
        (REGISTER, page.register),
        (PARK, page.park),
        (ANSWER, page.answer),
        (CLEAR, page.clear),
        (DRAFTS, page.open_drafts),
        (JOIN, page.candidates.join_button.click_or_refuse),
        (OTHER, page.candidates.other_button.click_or_refuse),
    )
    for verb, run in acts:
        verbs.add(verb, run)
    focus: dict[str, Callable[[], object]] = {
        "description": form.description.setFocus,
        "address": form.address.setFocus,
        "map": form.map.setFocus,
        "category": form.category.setFocus,
        "urgency": form.urgency.setFocus,
        "candidates": page.candidates.setFocus,
    }
    for name, title, key in FIELDS:
        verbs.add(Verb(f"intake.to_{name}", title, (), INTAKE_GROUP, (key,), INTAKE), focus[name])
    for appeal, word, letter in APPEALS:
        title = tr("诉求类型：{word}").format(word=word)
        verb = Verb(f"intake.appeal.{appeal}", title, (word,), INTAKE_GROUP, (f"Alt+{letter}",), INTAKE)
        verbs.add(verb, partial(page.appeals.choose, appeal))
    _bind_pools(page, page.pools_model)


def _bind_pools(page: IntakePage, model: PoolsViewModel) -> None:
    """Bind showing a pool and moving in its list."""
    verbs = page.seat.verbs
    for name, title, keys in MOVES:
        move = Verb(
            f"pool.{name}", title, (), INTAKE_GROUP, in_pools(*keys), POOL_REPORTED, fixed=True, listed=False
        )
        verbs.add(move, lambda: None)

    def show(tab: str) -> None:
        model.show(tab)
        page.pools.table.setFocus()

    for tab in model.queue.tabs:
        title = tr("待办池：{tab}").format(tab=tab.title)
        verb = Verb(f"pool.show.{tab.id}", title, (tab.title,), INTAKE_GROUP, (), INTAKE)
        verbs.add(verb, partial(show, tab.id))
