"""The tabs of a queue: first what waits for this post (轮到我办), then its duties one by one, then everything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication

from console.viewmodels import queue_order
from console.viewmodels.case_columns import Bools, CaseColumns
from console.viewmodels.queue_order import LATE
from services.domain.bands import BANDS

OPEN = "open"
"""Id of the tab with all that is open."""
CLOSED = "recent"
"""Id of the tab with what was closed lately; its rows do not come from the book of open cases."""
EVERY = "every"
"""Id of the tab with all cached cases, ended ones too; they are looked up in the files."""
_LATE = np.array([band in LATE for band in BANDS])
#: post -> states in which a case waits for it, in the order of the tabs (contract section 5, owner of the state)
WAITS: dict[str, tuple[str, ...]] = {
    "acceptor": ("reported",),
    "shift_leader": ("pending_filing", "pending_close"),
    "dispatcher": ("pending_dispatch", "returned", "feedback_review"),
    "supervisor": ("verifying", "checking"),
}
#: posts that decide applications for more time and for suspension
DECIDES = frozenset({"dispatcher", "shift_leader"})


def tr(text: str) -> str:
    """Translate a word of the queue."""
    return QCoreApplication.translate("Queue", text)


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: id, title, and which cases belong to it."""

    id: str
    title: str
    holds: Callable[[CaseColumns], Bools]


def in_states(*states: str) -> Callable[[CaseColumns], Bools]:
    """Return a test for the state the centre knows."""
    return lambda columns: queue_order.in_states(columns, *states)


def late(columns: CaseColumns) -> Bools:
    """Tell which cases are late."""
    return np.asarray(_LATE[columns.band], dtype=np.bool_)


def is_open(columns: CaseColumns) -> Bools:
    """Tell which cases are open."""
    return np.asarray(columns.open, dtype=np.bool_)


def my_turn(roles: Iterable[str]) -> Callable[[CaseColumns], Bools]:
    """Return a test for what waits for these posts: their states, and applications they decide."""
    posts = tuple(roles)
    states = tuple(dict.fromkeys(state for post in posts for state in WAITS.get(post, ())))
    decides = not DECIDES.isdisjoint(posts)

    def waits(columns: CaseColumns) -> Bools:
        found = queue_order.in_states(columns, *states) if states else np.zeros(columns.n, np.bool_)
        return np.asarray(found | (columns.applied & columns.open) if decides else found)

    return waits


def state_title(state: str) -> str:
    """Return the title of the tab of one state."""
    titles = {
        "reported": tr("待受理"), "verifying": tr("待核实"), "pending_filing": tr("待立案"),
        "pending_dispatch": tr("待派遣"), "returned": tr("回退"), "feedback_review": tr("待批转"),
        "checking": tr("待核查"), "pending_close": tr("待结案"),
    }  # fmt: skip
    return titles[state]


def _nothing(columns: CaseColumns) -> Bools:
    return np.zeros(columns.n, np.bool_)


def dispatch_tabs(roles: Iterable[str] = ("dispatcher",)) -> tuple[Tab, ...]:
    """Return the tabs of 派遣席 for some posts: the seat's own duties first (design section 4).

    A post for which nothing ever waits (领导, 考评员) begins with what is in hand.
    """
    posts = tuple(roles)
    own = tuple(dict.fromkeys(state for post in WAITS for state in WAITS[post] if post in posts))
    duties = (
        Tab("turn", tr("轮到我办"), my_turn(posts)),
        *(Tab(state, state_title(state), in_states(state)) for state in own),
    )
    return (
        *(duties if own else ()),
        Tab(OPEN, tr("在办"), is_open),
        Tab("late", tr("超时"), late),
        Tab(CLOSED, tr("新近结案"), _nothing),
        Tab(EVERY, tr("全部"), _nothing),
    )
