"""Saved filters of the queue: named, ordered, shared; there offline too, and sent when the centre answers again.

What the centre last said and what was changed since are both kept on this machine. The list shown is the one with the
other on top.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.case_filter import CaseFilter
from console.viewmodels.queue import QueueViewModel
from console.viewmodels.seat import NETWORK, STORE, SeatViewModel
from services.domain.ids import uuid7
from services.ports.errors import NeverValid, SignInNeeded
from services.ports.filters import NOBODY, FilterShelf, SavedFilter, filter_from
from services.ports.picture import ONLINE

KNOWN, UNSENT = "queue.filters.known", "queue.filters.unsent"
MOST_NAME = 20
SHARERS = frozenset({"shift_leader"})
"""Posts that share filters with others of their area; the centre has the last word."""
ASK_EVERY_BEATS = 20
"""The centre is asked for what others share every five minutes."""


def tr(text: str) -> str:
    """Translate a word of saved filters."""
    return QCoreApplication.translate("SavedFilters", text)


class SavedFilters(QObject):
    """The filters one seat has at hand.

    Signals: `changed()` follows every difference of `shown`, `refused(str)` says in a sentence what the centre did not
    take (the list then says again what the centre has).
    """

    changed = Signal()
    refused = Signal(str)

    def __init__(
        self, queue: QueueViewModel, shelf: FilterShelf | None, parent: QObject | None = None
    ) -> None:
        """Show what this machine has, and ask the centre as soon as it answers."""
        super().__init__(parent)
        self.queue, self.seat, self._shelf = queue, queue.seat, shelf
        settings = self.seat.services.settings
        kept = settings.value(KNOWN)
        known: Mapping[str, Any] = kept if isinstance(kept, Mapping) else {}
        self._etag = known.get("etag") if isinstance(known.get("etag"), str) else None
        self._known = _filters(known.get("filters"))
        unsent = settings.value(UNSENT)
        self._unsent: dict[str, SavedFilter | None] = {
            str(filter_id): filter_from(body) for filter_id, body in (unsent or {}).items()
        } if isinstance(unsent, Mapping) else {}  # fmt: skip
        self._busy, self._beats = False, 0
        self.seat.connection_changed.connect(lambda _connection: self.refresh())
        self.seat.book.beat.connect(self._on_beat)
        self.refresh()

    # --- what is there --------------------------------------------------------------------------------------

    @property
    def shown(self) -> tuple[SavedFilter, ...]:
        """Every filter at hand: the own ones in their order, then what others share."""
        found = {entry.filter_id: entry for entry in self._known}
        for filter_id, entry in self._unsent.items():
            if entry is None:
                found.pop(filter_id, None)
            else:
                found[filter_id] = replace(entry, unsent=True)
        return tuple(sorted(found.values(), key=lambda f: (not f.mine, f.place, f.name, f.filter_id)))

    @property
    def own(self) -> tuple[SavedFilter, ...]:
        """The own ones in their order."""
        return tuple(entry for entry in self.shown if entry.mine)

    @property
    def may_share(self) -> bool:
        """Whether this post may share filters."""
        return not SHARERS.isdisjoint(self.seat.actor.roles)

    def get(self, filter_id: str) -> SavedFilter | None:
        """Return one, None when it is not there any more."""
        return next((entry for entry in self.shown if entry.filter_id == filter_id), None)

    @property
    def active(self) -> str:
        """The saved filter the queue shows now, empty when it shows another question."""
        asked = self.queue.filter
        return next(
            (f.filter_id for f in self.shown if asked.active and CaseFilter.from_doc(f.filter) == asked), ""
        )

    # --- what the operator does -----------------------------------------------------------------------------

    def apply(self, filter_id: str) -> bool:
        """Ask what a filter asks; once more takes it back. False when it is not there."""
        entry = self.get(filter_id)
        if entry is None:
            return False
        if self.active == filter_id:
            self.queue.clear_filter()
            return True
        self.queue.set_filter(CaseFilter.from_doc(entry.filter))
        if any(tab.id == entry.tab for tab in self.queue.tabs) and entry.tab != self.queue.tab:
            self.queue.show_tab(entry.tab)
        return True

    def why_not_save(self, name: str) -> str:
        """Return why the filter as it stands cannot be saved under a name; empty when it can."""
        wanted = self.queue.filter
        if not wanted.active:
            return tr("现在没有筛选，没有可以保存的条件")
        if wanted.ids is not None or wanted.legend is not None:
            return tr("指定的案件和图例只在当时有用，不能保存；请先取消它们")
        if not name.strip():
            return tr("请写名称")
        if len(name.strip()) > MOST_NAME:
            return tr("名称最多 {n} 个字").format(n=MOST_NAME)
        if any(entry.name == name.strip() for entry in self.own):
            return tr("已有同名的筛选")
        return ""

    def save(self, name: str) -> str:
        """Save the filter as it stands; returns its id, empty when it cannot be saved (`why_not_save`)."""
        if self.why_not_save(name):
            return ""
        place = max((entry.place for entry in self.own), default=-1) + 1
        asked = {key: value for key, value in self.queue.filter.to_doc().items() if value}
        entry = SavedFilter(uuid7(), name.strip(), asked, self.queue.tab, NOBODY, place)
        self._put(entry)
        return entry.filter_id

    def rename(self, filter_id: str, name: str) -> bool:
        """Give an own filter another name; False when it cannot have it."""
        entry, name = self._own(filter_id), name.strip()
        taken = any(other.name == name and other.filter_id != filter_id for other in self.own)
        if entry is None or not 0 < len(name) <= MOST_NAME or taken:
            return False
        self._put(replace(entry, name=name))
        return True

    def share(self, filter_id: str, post: str) -> bool:
        """Share an own filter with a post, `all`, or nobody any more; False when this post may not."""
        entry = self._own(filter_id)
        if entry is None or not self.may_share:
            return False
        self._put(replace(entry, share=post))
        return True

    def move(self, filter_id: str, step: int) -> bool:
        """Move an own filter before or behind its neighbours."""
        own = [entry.filter_id for entry in self.own]
        if filter_id not in own:
            return False
        at = own.index(filter_id)
        to = min(max(at + step, 0), len(own) - 1)
        own.insert(to, own.pop(at))
        for place, one in enumerate(own):
            entry = self._own(one)
            if entry is not None and entry.place != place:
                self._put(replace(entry, place=place), quiet=True)
        self._tell()
        return to != at

    def drop(self, filter_id: str) -> bool:
        """Take a filter away: an own one, or, for who shares, a shared one."""
        entry = self.get(filter_id)
        if entry is None or not (entry.mine or self.may_share):
            return False
        self._unsent[filter_id] = None
        self._tell()
        return True

    def _own(self, filter_id: str) -> SavedFilter | None:
        entry = self.get(filter_id)
        return entry if entry is not None and entry.mine else None

    def _put(self, entry: SavedFilter, *, quiet: bool = False) -> None:
        self._unsent[entry.filter_id] = entry
        if not quiet:
            self._tell()

    def _tell(self) -> None:
        """Keep what was changed on this machine, show it, and send it."""
        self._write_unsent()
        self.changed.emit()
        self.refresh()

    # --- the centre -----------------------------------------------------------------------------------------

    def _on_beat(self, _now: object) -> None:
        """Send again what did not get through; ask now and then what others share."""
        self._beats += 1
        if self._unsent or self._beats % ASK_EVERY_BEATS == 0:
            self.refresh()

    def refresh(self) -> None:
        """Send what was changed, one by one, then ask what is there; does nothing while the centre is silent."""
        connection = self.seat.connection
        if self._shelf is None or self._busy or connection is None or connection.state != ONLINE:
            return
        self._busy = True
        if self._unsent:
            filter_id, entry = next(iter(self._unsent.items()))
            self._send(self._shelf, filter_id, entry)
        else:
            shelf, etag = self._shelf, self._etag
            self.seat.background.submit(
                NETWORK, "filters", lambda: shelf.filters(etag), self._on_list, self._on_silent
            )

    def _send(self, shelf: FilterShelf, filter_id: str, entry: SavedFilter | None) -> None:
        """Send one change."""

        def work() -> str:
            try:
                if entry is None:
                    shelf.drop(filter_id)
                else:
                    shelf.keep(filter_id, entry.body())
            except NeverValid as refused:
                return refused.problem.title or tr("中心没有接受这个筛选。")
            return ""

        def done(sentence: str) -> None:
            self._busy = False
            if self._unsent.get(filter_id) == entry:  # else it was changed again meanwhile
                del self._unsent[filter_id]
                self._take(filter_id, entry if not sentence else None, refused=bool(sentence))
            if sentence:
                self.refused.emit(sentence)
            self.refresh()

        self.seat.background.submit(NETWORK, f"filter:{filter_id}", work, done, self._on_silent)

    def _take(self, filter_id: str, entry: SavedFilter | None, *, refused: bool) -> None:
        """Keep what the centre has taken; after a refusal its own word stands until it is asked again."""
        if not refused:
            rest = tuple(one for one in self._known if one.filter_id != filter_id)
            self._known = (*rest, entry) if entry is not None else rest
        self._etag = None
        self._write_unsent()
        self._write_known()
        self.changed.emit()

    def _on_list(self, tagged: Any) -> None:
        """Take what the centre has."""
        self._busy = False
        if tagged.doc is not None:
            self._etag, self._known = tagged.etag, _filters(tagged.doc.get("filters"))
            self._write_known()
            self.changed.emit()
        if self._unsent:
            self.refresh()

    def _on_silent(self, error: Exception) -> None:
        """Try again at the next beat; who must sign in sends then."""
        self._busy = False
        if isinstance(error, SignInNeeded) and error.problem is not None and error.problem.status == 403:
            self._refuse_first(error.problem.title)

    def _refuse_first(self, sentence: str) -> None:
        """Give up the change the post has no right to, and say so."""
        if self._unsent:
            filter_id = next(iter(self._unsent))
            del self._unsent[filter_id]
            self._take(filter_id, None, refused=True)
            self.refused.emit(sentence)

    # --- this machine ---------------------------------------------------------------------------------------

    def _write_unsent(self) -> None:
        doc = {
            filter_id: None if entry is None else {"filter_id": filter_id, **entry.body()}
            for filter_id, entry in self._unsent.items()
        }
        self._write(UNSENT, doc)

    def _write_known(self) -> None:
        filters = [
            {"filter_id": f.filter_id, **f.body(), "mine": f.mine, "owner": {"name": f.owner}}
            for f in self._known
        ]
        self._write(KNOWN, {"etag": self._etag, "filters": filters})

    def _write(self, name: str, doc: Mapping[str, Any]) -> None:
        settings = self.seat.services.settings
        self.seat.background.submit(STORE, f"{name}:{id(doc)}", lambda: settings.put_value(name, doc))


def _filters(value: object) -> tuple[SavedFilter, ...]:
    """Read a list; what is no filter is left out."""
    entries = value if isinstance(value, list | tuple) else ()
    return tuple(found for entry in entries if (found := filter_from(entry)) is not None)


def saved_filters(queue: QueueViewModel, seat: SeatViewModel, parent: QObject | None = None) -> SavedFilters:
    """Return the saved filters of a seat for one queue."""
    return SavedFilters(queue, seat.services.filters, parent)
