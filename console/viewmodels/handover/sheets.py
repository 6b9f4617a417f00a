"""The hand-overs that were read: the list of the last ones, signing for taking over, and the beginning of a shift."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.desk.shift import Shift
from console.viewmodels.handover.kept import handover_doc, handover_from
from console.viewmodels.seat import NETWORK, STORE, SeatViewModel
from services.ports.errors import GatewayError
from services.ports.handover import DeskCentre, Handover, HandoverHead
from services.ports.picture import ONLINE, SYNCING, Connection

READ_NAME, SEEN_NAME = "handover.read", "handover.seen"
#: what lies longer back is no longer the beginning of a shift
FRESH = timedelta(hours=24)
KEPT_HERE = 10


def tr(text: str) -> str:
    """Translate a word of the hand-over."""
    return QCoreApplication.translate("Handover", text)


class HandoverSheets(QObject):
    """Sheets of the area, as the centre keeps them; the last ones read are kept here too.

    `list_changed()`; `opened(Handover)` when one was read; `incoming(Handover)` once for a hand-over that waits for
    this person; `taken(Handover)` when somebody signed here; `failed(str)` with a sentence.
    """

    list_changed = Signal()
    opened = Signal(object)
    incoming = Signal(object)
    taken = Signal(object)
    failed = Signal(str)

    def __init__(
        self, seat: SeatViewModel, centre: DeskCentre | None, shift: Shift, parent: QObject | None = None
    ) -> None:
        """Listen to the line; nothing is asked before `load`."""
        super().__init__(parent)
        self.seat, self.centre, self.shift = seat, centre, shift
        self.heads: tuple[HandoverHead, ...] = ()
        self.read: dict[str, Handover] = {}
        self._seen: set[str] = set()
        self._loaded = self._greeted = False
        seat.connection_changed.connect(self._on_connection)

    @property
    def online(self) -> bool:
        """Whether the centre can be asked now."""
        line = self.seat.connection
        return self.centre is not None and line is not None and line.state in (ONLINE, SYNCING)

    def load(self) -> None:
        """Read the sheets kept here, then ask whether one waits."""
        settings = self.seat.services.settings

        def work() -> tuple[Any, Any]:
            return settings.value(READ_NAME, []), settings.value(SEEN_NAME, [])

        self.seat.background.submit(STORE, "handover-sheets", work, self._kept_read)

    def _kept_read(self, kept: tuple[Any, Any]) -> None:
        self._loaded = True
        sheets, seen = (value if isinstance(value, list | tuple) else () for value in kept)
        for doc in sheets:
            sheet = handover_from(doc)
            if sheet is not None:
                self.read.setdefault(sheet.head.handover_id, sheet)
        self._seen |= {str(entry) for entry in seen}
        if self.online:
            self._greet()

    # --- taking over ----------------------------------------------------------------------------------

    def load_list(self) -> None:
        """Ask for the last hand-overs of the area."""
        if self.centre is not None and self.online:
            self.seat.background.submit(
                NETWORK, "handover-list", self.centre.handovers, self._listed, self._not_done
            )

    def _listed(self, heads: tuple[HandoverHead, ...]) -> None:
        self.heads = heads
        self.list_changed.emit()

    def open(self, handover_id: str) -> None:
        """Read one; without a line the copy that was read before, if there is one."""
        known = self.read.get(handover_id)
        if self.centre is not None and self.online:
            work = partial(self.centre.handover, handover_id)
            self.seat.background.submit(NETWORK, "handover-open", work, self._opened, self._not_done)
        elif known is not None:
            self.opened.emit(known)
        else:
            self.failed.emit(tr("离线：这份交班单还没有读到本机。"))

    def _opened(self, sheet: Handover) -> None:
        self.remember(sheet)
        self.opened.emit(sheet)

    def take_over(self, handover_id: str, note: str = "", username: str = "", password: str = "") -> None:
        """Sign for taking over, as this session or as somebody else at this seat."""
        if self.centre is None or not self.online:
            self.failed.emit(tr("接班签字要写进中心，现在离线，请联网后再签。"))
            return
        work = partial(self.centre.take_over, handover_id, note, username, password)
        self.seat.background.submit(NETWORK, "handover-take", work, self._taken, self._not_done)

    def _taken(self, sheet: Handover) -> None:
        self.remember(sheet)
        signed = sheet.head.taken_over
        if signed is not None and signed.user_id == self.seat.actor.id:
            self.shift.restart()
        self.taken.emit(sheet)
        self.load_list()

    def _not_done(self, error: Exception) -> None:
        title = error.title if isinstance(error, GatewayError) else ""
        self.failed.emit(title or tr("没有办成，请再试。"))

    def remember(self, sheet: Handover) -> None:
        """Keep the last sheets here, so that they can be read without a line."""
        self.read.pop(sheet.head.handover_id, None)
        self.read[sheet.head.handover_id] = sheet
        while len(self.read) > KEPT_HERE:
            self.read.pop(next(iter(self.read)))
        self._put(READ_NAME, [handover_doc(entry) for entry in self.read.values()])

    # --- the beginning of a shift ---------------------------------------------------------------------

    def _on_connection(self, line: object) -> None:
        assert isinstance(line, Connection)
        if self.online and self._loaded:
            self._greet()

    def _greet(self) -> None:
        """Ask once after signing in whether a hand-over waits for this person."""
        if self._greeted or self.centre is None:
            return
        self._greeted = True
        work = partial(self.centre.handovers, 5, unsigned=True)
        self.seat.background.submit(NETWORK, "handover-greet", work, self._waiting_read, self._not_greeted)

    def _not_greeted(self, _error: Exception) -> None:
        self._greeted = False

    def _waiting_read(self, heads: tuple[HandoverHead, ...]) -> None:
        me, now = self.seat.actor, self.seat.now()
        for head in heads:
            mine = head.post in me.roles and head.left.user_id != me.id
            if mine and head.handover_id not in self._seen and now - head.left.at < FRESH:
                assert self.centre is not None
                work = partial(self.centre.handover, head.handover_id)
                self.seat.background.submit(NETWORK, "handover-in", work, self._incoming, self._not_greeted)
                return

    def _incoming(self, sheet: Handover) -> None:
        """Show it once; it stays in the list of the last ones."""
        self._seen.add(sheet.head.handover_id)
        self._put(SEEN_NAME, sorted(self._seen)[-50:])
        self.remember(sheet)
        self.incoming.emit(sheet)

    def _put(self, name: str, value: Any) -> None:
        """Keep a value; sheets are copies, so a full disk costs nothing but the copy."""
        settings = self.seat.services.settings
        self.seat.background.submit(
            STORE, f"put:{name}", partial(settings.put_value, name, value), None, self._not_kept
        )

    def _not_kept(self, _error: Exception) -> None:
        """Stay with what is in memory."""
