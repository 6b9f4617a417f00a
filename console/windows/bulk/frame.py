"""What acts on many cases need of the window: 撤销 everywhere, its countdown, the preview for marked rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from console.notices.notice import INFO, Notice
from console.notices.outcomes import action_word
from console.viewmodels.bulk_actions import act_of, tr
from console.viewmodels.bulk_hold import MOST_S, HeldAct, notice_key, second_thoughts
from console.viewmodels.bulk_watch import BulkWatch
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.verb import A_TEXT, QUEUE, QUEUE_GROUP, SETTINGS_GROUP, Call, Verb, noop
from console.windows.bulk.hands import BulkHands
from widgets.indicators.toast import ToastStack

UNDO_VERB = Verb("frame.undo", noop("撤销"), ("取消上一步", "反悔"), keys=("Ctrl+Z",), icon="undo")
MARK_ALL = Verb(
    "queue.mark_all", noop("全选列表"), ("全部选中",), QUEUE_GROUP, ("Ctrl+A",), QUEUE, icon="list"
)
UNMARK = Verb("queue.unmark", noop("取消选择"), ("清除选择",), QUEUE_GROUP, (), QUEUE, icon="x")
RESULTS = Verb(
    "queue.bulk_results",
    noop("批量操作的结果"),
    ("批量结果", "办理清单"),
    QUEUE_GROUP,
    (),
    QUEUE,
    icon="list",
)


UNDO_SINGLE = Verb(
    "settings.undo_single",
    noop("单项操作撤销时间"),
    ("撤销秒数",),
    SETTINGS_GROUP,
    takes=(A_TEXT,),
    icon="undo",
)
UNDO_BULK = Verb(
    "settings.undo_bulk",
    noop("批量操作撤销时间"),
    ("批量撤销秒数",),
    SETTINGS_GROUP,
    takes=(A_TEXT,),
    icon="undo",
)


class Window(Protocol):
    """What is asked of the window."""

    seat: SeatViewModel
    toasts: ToastStack
    workspaces: dict[str, QWidget]

    @property
    def workspace(self) -> object:
        """The workspace in front."""
        ...


class BulkFrame(QObject):
    """Lives with the window; workspaces that have `bulk` (a `BulkHands`) take part."""

    def __init__(self, window: Window, parent: QObject) -> None:
        """Bind the verbs and listen to what is held back."""
        super().__init__(parent)
        self._window = window
        self.seat = window.seat
        self.thoughts = second_thoughts(self.seat)
        self.thoughts.counting.connect(self._on_counting)
        self.watch = BulkWatch(self.seat, self.thoughts, self)
        verbs = self.seat.verbs
        verbs.add(UNDO_VERB, self.thoughts.undo_last)
        verbs.add(MARK_ALL, self._on_hands(BulkHands.mark_all), self._why_no_list)
        verbs.add(UNMARK, self._on_hands(BulkHands.clear), self._why_no_marks)
        verbs.add_for(UNDO_SINGLE, lambda call: self._set("single", call), self._why_no_seconds)
        verbs.add_for(UNDO_BULK, lambda call: self._set("bulk", call), self._why_no_seconds)
        verbs.add(RESULTS, self.show_results, self._why_no_results)

    @property
    def hands(self) -> BulkHands | None:
        """The hands of the workspace in front, None where it has no list with marks."""
        found = getattr(self._window.workspace, "bulk", None)
        return found if isinstance(found, BulkHands) else None

    def open_bulk(self, action: str, case_ids: tuple[str, ...], preset: Mapping[str, str]) -> None:
        """Open the preview of an action on several cases; what is done one by one says so."""
        hands = self.hands
        if hands is None or act_of(action) is None:
            words = tr("“{action}”要一件一件办，请先取消多选。").format(action=action_word(action))
            self.seat.notices.tell(Notice(INFO, words, key="bulk"))
            return
        hands.open(action, case_ids, preset)

    def show_results(self) -> None:
        """Show the list of the latest act again."""
        if self.hands is not None and self.thoughts.latest:
            self.hands.show_results(self.thoughts.latest)

    # --- inside -------------------------------------------------------------------------------------------

    def _on_hands(self, act: Callable[[BulkHands], object]) -> Callable[[], object]:
        """Return what does something with the hands of the workspace in front."""

        def run() -> object:
            return act(self.hands) if self.hands is not None else None

        return run

    def _set(self, which: str, call: Call) -> None:
        """Keep how many seconds an act can be taken back."""
        seconds = float(call.text)
        self.thoughts.set_seconds(**{which: seconds})
        words = tr("撤销时间已设为 {s:g} 秒").format(s=seconds)
        self.seat.notices.tell(Notice(INFO, words, key="undo-setting"))

    @staticmethod
    def _why_no_seconds(call: Call) -> str:
        good = call.text.isdecimal() and float(call.text) <= MOST_S
        return "" if good else tr("请在后面写秒数，0 到 120")

    def _why_no_list(self) -> str:
        return "" if self.hands is not None else tr("这里没有可以多选的列表")

    def _why_no_marks(self) -> str:
        return "" if self.hands is not None and self.hands.marked else tr("没有选中多件")

    def _why_no_results(self) -> str:
        return "" if self.thoughts.latest else tr("本次登录还没有批量操作")

    def _on_counting(self, told: object) -> None:
        """Count down in the act's toast."""
        assert isinstance(told, tuple)
        act, seconds = told
        assert isinstance(act, HeldAct)
        words = self.thoughts.countdown_words(act.action, act.count, seconds)
        self._window.toasts.retitle(notice_key(act.batch), words)
