"""The pools of 受理席: 待受理, 待立案, 待结案, what may be done in each, and why something may not."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.notices.notice import ERROR, Notice
from console.viewmodels.actions.choices import category_name
from console.viewmodels.presence import seat_presence
from console.viewmodels.queue import QueueViewModel, Tab
from console.viewmodels.queue_tabs import in_states
from console.viewmodels.seat import SeatViewModel
from services.domain.case import Case
from services.domain.decide import allowed_actions
from services.domain.errors import DomainError
from services.domain.lifecycle import ACTION_NAMES

#: what a pool is for: the actions of its bar in order, the first is the main one, with their keys
POOL_ACTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "reported": (
        ("accept", "Return"),
        ("send_verify", "V"),
        ("self_close", "Z"),
        ("reject", "X"),
        ("amend", "G"),
    ),
    "pending_filing": (
        ("file", "Return"),
        ("self_close", "Z"),
        ("reject", "X"),
        ("amend", "G"),
        ("split", "S"),
    ),
    "pending_close": (("close", "Return"), ("callback", "T"), ("rework", "W"), ("amend", "G")),
}
#: actions taken at once, without a dialog: they ask for nothing and can be followed in the queue
DIRECT = frozenset({"accept"})
#: actions of the menu that are no case's next step
ALWAYS = ("comment", "attach", "urge", "log_call", "link", "cancel", "contact_citizen", "flag_urgent")
ICONS = {"accept": "inbox", "file": "stamp", "close": "check_circle"}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Pools", text)


def pool_tabs(seat: SeatViewModel) -> tuple[Tab, ...]:
    """Return the pools this seat works on: filing for who may file, closing for the shift leader."""
    roles, settings = seat.actor.roles, seat.rules.settings
    tabs = [Tab("reported", _tr("待受理"), in_states("reported", "verifying"))]
    if "shift_leader" in roles or ("acceptor" in roles and settings.acceptor_may_file):
        tabs.append(Tab("pending_filing", _tr("待立案"), in_states("pending_filing")))
    if "shift_leader" in roles:
        tabs.append(Tab("pending_close", _tr("待结案"), in_states("pending_close")))
    return tuple(tabs)


@dataclass(frozen=True, slots=True)
class PoolAction:
    """A button: action, word, key, icon, and the reason why it cannot be used now (empty when it can)."""

    action: str
    word: str
    keys: str = ""
    icon: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PoolCase:
    """What stands below the list of the case that is marked."""

    case_id: str
    number: str
    category: str
    grid: str
    officer: str
    source: str
    address: str
    description: str
    caller: str
    need_callback: bool
    condition: str
    waits: str
    flags: tuple[str, ...]


class PoolsViewModel(QObject):
    """Queue, chosen case and its actions. `changed()` follows every change of rows, counts or choice."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Listen to the seat."""
        super().__init__(parent)
        self.seat = seat
        self.queue = QueueViewModel(seat, pool_tabs(seat), self)
        self.case_id = ""
        self.queue.changed.connect(self._on_queue)
        seat.reference_changed.connect(self._on_reference)
        seat_presence(seat).changed.connect(self._on_presence)
        self._on_queue()

    @property
    def tab(self) -> str:
        """Return the pool that is shown."""
        return self.queue.tab

    def show(self, tab: str) -> None:
        """Show another pool."""
        self.queue.show_tab(tab)

    def choose(self, case_id: str) -> None:
        """Mark a case."""
        if case_id != self.case_id:
            self.case_id = case_id
            seat_presence(self.seat).look_at(case_id)
            self.changed.emit()

    def tab_of(self, case_id: str) -> str:
        """Return the pool that holds a case, empty when none does."""
        return next((tab.id for tab in self.queue.tabs if self.queue.holds(tab.id, case_id)), "")

    # --- the chosen case ----------------------------------------------------------------------------

    def case(self) -> Case | None:
        """Return the marked case when it is still in the pool shown."""
        entry = self.seat.case(self.case_id)
        return entry.case if entry is not None else None

    def shown(self) -> PoolCase | None:
        """Return the words of the marked case."""
        case, rules, areas = self.case(), self.seat.rules, self.seat.areas
        if case is None:
            return None
        entry = self.seat.case(case.case_id)
        condition = rules.condition(case.category, case.condition)
        return PoolCase(
            case.case_id,
            case.number or _tr("未编号"),
            category_name(rules, case.category) or _tr("未分类"),
            areas.name(case.grid) or _tr("未定位"),
            areas.officer(case.grid),
            rules.sources.get(case.source, case.source),
            case.location.address,
            case.description,
            case.caller_masked or "",
            case.need_callback,
            f"{condition.text} · {condition.limit.words}" if condition is not None else "",
            _tr("{n} 项操作待发送").format(n=len(entry.pending))
            if entry is not None and entry.pending
            else "",
            tuple(sorted(case.flags)),
        )

    def actions(self) -> tuple[PoolAction, ...]:
        """Return the bar of the pool for the marked case."""
        return tuple(self._action(action, keys) for action, keys in POOL_ACTIONS.get(self.tab, ()))

    def more(self) -> tuple[PoolAction, ...]:
        """Return what else may be done: only what is allowed."""
        bar = {action for action, _ in POOL_ACTIONS.get(self.tab, ())}
        allowed = self._allowed()
        rest = [action for action in (*ALWAYS, *allowed) if action in allowed and action not in bar]
        return tuple(self._action(action, "") for action in dict.fromkeys(rest))

    def main_action(self) -> str:
        """Return the action of Enter: the pool's own, empty when it cannot be taken."""
        first = next(iter(self.actions()), None)
        return first.action if first is not None and not first.reason else ""

    def action_of_key(self, letter: str) -> PoolAction | None:
        """Return the action bound to a letter."""
        return next((action for action in self.actions() if action.keys == letter), None)

    def take(self, action: str) -> bool:
        """Take an action that needs no dialog; False for one that needs one."""
        if action not in DIRECT or not self.case_id:
            return False
        self.seat.submit(action, self.case_id, {}, (), None, self._on_failed)
        return True

    def _on_failed(self, error: Exception) -> None:
        title = error.title if isinstance(error, DomainError) else str(error)
        self.seat.notices.tell(Notice(ERROR, _tr("没有保存"), title, key=f"pool:{self.case_id}"))

    def _allowed(self) -> tuple[str, ...]:
        case = self.case()
        return allowed_actions(case, self.seat.actor, self.seat.rules) if case is not None else ()

    def _action(self, action: str, keys: str) -> PoolAction:
        word = QCoreApplication.translate("Actions", ACTION_NAMES[action])
        if action == "reject":
            word = _tr("不予立案") if self.tab == "pending_filing" else _tr("不予受理")
        reason = "" if action in self._allowed() else self._reason(word)
        return PoolAction(action, word, keys, ICONS.get(action, ""), reason)

    def _reason(self, word: str) -> str:
        if self.case() is None:
            return _tr("还没有选中案件")
        return _tr("现在不能{action}：您的岗位或案件的状态不允许").format(action=word)

    # --- hearing ------------------------------------------------------------------------------------

    def _on_queue(self) -> None:
        """Keep the marked case, or take the first of the pool."""
        ids = self.queue.ids
        if self.case_id not in ids:
            self.case_id = ids[0] if ids else ""
        self.changed.emit()

    def _on_presence(self, _ids: object) -> None:
        """Others hold or look at other cases now: the rows say so."""
        self.changed.emit()

    def _on_reference(self) -> None:
        """A setting may give or take a pool."""
        tabs = pool_tabs(self.seat)
        if [tab.id for tab in tabs] != [tab.id for tab in self.queue.tabs]:
            self.queue.tabs = tabs
            self.queue.counts = {tab.id: 0 for tab in tabs}
            if self.queue.tab not in self.queue.counts:
                self.queue.tab = tabs[0].id
            self.queue.show_tab(self.queue.tab)
