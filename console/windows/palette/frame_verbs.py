"""Verbs of the window's frame: workspaces, panels, lists, lock, theme; and the actions of a case with their dialogs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from console.viewmodels.seat import SeatViewModel
from console.viewmodels.shell import workspace_title
from console.viewmodels.verbs.case_acts import CaseActs, OpenBulk
from console.viewmodels.verbs.verb import A_CASE, CASE, CASE_GROUP, SETTINGS_GROUP, Call, Verb, noop, tr
from console.windows.deadline.sheet import open_sheet
from console.windows.dialogs.registry import open_action
from widgets.theme import ThemeStore

POOLS = ("pool.reported", "pool.pending_filing", "pool.pending_close")


def in_pools(*keys: str) -> tuple[str, ...]:
    """Return keys that count in every pool of 受理席."""
    return tuple(f"{pool}:{key}" for pool in POOLS for key in keys)


PALETTE = Verb(
    "frame.palette", noop("命令面板"), ("命令", "搜索"), keys=("Ctrl+K", "/"), icon="search", listed=False
)
KEYS = Verb("frame.keys", noop("全部按键"), ("快捷键", "帮助"), keys=("?",), icon="keyboard")
KEY_SETTINGS = Verb("frame.key_settings", noop("更改按键"), ("快捷键设置",), SETTINGS_GROUP, icon="keyboard")
WAITING = Verb("frame.waiting", noop("待发送的操作"), ("待发送", "发件箱"), keys=("Ctrl+O",), icon="cloud_up")
NOTICES = Verb("frame.notices", noop("查看通知"), ("消息", "提醒列表"), icon="bell")
LOCK = Verb("frame.lock", noop("锁屏"), ("锁定", "离开"), keys=("Ctrl+L",), icon="lock")
THEME = Verb(
    "frame.theme",
    noop("切换深色、浅色"),
    ("主题", "夜间", "白天"),
    SETTINGS_GROUP,
    ("Ctrl+Shift+L",),
    icon="moon",
)
NEXT_PANEL = Verb("frame.next_panel", noop("下一个面板"), keys=("F6",))
LAST_PANEL = Verb("frame.last_panel", noop("上一个面板"), keys=("Shift+F6",))
QUIT = Verb("frame.quit", noop("关闭窗口"), ("退出程序", "关闭"), SETTINGS_GROUP, icon="logout")
OPEN_CASE = Verb(
    "case.open", noop("打开案件"), ("查看案件", "看"), CASE_GROUP, (), CASE, (A_CASE,), "document"
)
SHEET = Verb(
    "case.sheet",
    noop("时限说明书"),
    ("时限", "到期", "计时"),
    CASE_GROUP,
    ("L", *in_pools("L")),
    CASE,
    (A_CASE,),
    "clock",
)
MORE = Verb(
    "case.more", noop("更多操作"), (), CASE_GROUP, (".", *in_pools(".")), CASE, icon="more", listed=False
)

_WORKSPACE_ALIASES = {"intake": ("受理", "登记"), "dispatch": ("派遣台", "队列")}


class Frame(Protocol):
    """What the verbs of the frame ask of the window."""

    seat: SeatViewModel
    workspaces: dict[str, QWidget]

    def show_workspace(self, name: str) -> None:
        """Show a workspace."""
        ...

    def show_case(self, case_id: str) -> None:
        """Show a case."""
        ...

    def show_waiting(self) -> None:
        """List what waits to be sent."""
        ...

    def show_notices(self) -> None:
        """List the notices."""
        ...

    def show_keys(self) -> None:
        """List the keys of the present place."""
        ...

    def lock(self) -> None:
        """Lock the screen."""
        ...

    def next_panel(self, step: int) -> None:
        """Give the focus to another panel."""
        ...

    def open_more(self) -> None:
        """Open the menu of everything else for the case under the hand."""
        ...

    def preset_of(self, action: str, case_id: str) -> Mapping[str, str]:
        """Return first values of an action's dialog that the workspace has at hand."""
        ...

    def close(self) -> bool:
        """Close the window."""
        ...


def bind_frame(frame: Frame, theme_store: ThemeStore) -> None:
    """Bind what works in every workspace."""
    verbs = frame.seat.verbs
    acts: tuple[tuple[Verb, Callable[[], object]], ...] = (
        (KEYS, frame.show_keys),
        (WAITING, frame.show_waiting),
        (NOTICES, frame.show_notices),
        (LOCK, frame.lock),
        (THEME, theme_store.toggle),
        (NEXT_PANEL, lambda: frame.next_panel(1)),
        (LAST_PANEL, lambda: frame.next_panel(-1)),
        (QUIT, frame.close),
    )
    for number, name in enumerate(frame.workspaces, 1):
        title, aliases = workspace_title(name), _WORKSPACE_ALIASES.get(name, ())
        verb = Verb(f"frame.workspace.{name}", title, aliases, keys=(f"Ctrl+{number}",), icon="screen")
        verbs.add(verb, partial(frame.show_workspace, name))
    for verb, run in acts:
        verbs.add(verb, run)


def bind_cases(
    frame: Frame, host: QWidget, theme_store: ThemeStore, open_bulk: OpenBulk | None = None
) -> CaseActs:
    """Bind the actions of a case, 时限说明书 and the way to a case; dialogs open over `host`.

    `open_bulk` opens the preview where several cases are marked.
    """
    seat, verbs = frame.seat, frame.seat.verbs

    def known(call: Call) -> str:
        return "" if seat.case(call.case) is not None else tr("没有找到这件案件，或它不在您的范围内")

    def open_dialog(action: str, case_id: str, preset: Mapping[str, str]) -> Any:
        first = {**frame.preset_of(action, case_id), **preset}
        return open_action(action, case_id, seat, theme_store, host, preset=first)

    verbs.add_for(OPEN_CASE, lambda call: frame.show_case(call.case), known)
    verbs.add_for(SHEET, lambda call: open_sheet(call.case, seat, theme_store, host), known)
    verbs.add(MORE, frame.open_more, lambda: "" if verbs.subject else tr("还没有选中案件"))
    return CaseActs(seat, open_dialog, open_bulk)
