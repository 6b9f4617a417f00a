"""Marks on callers (骚扰、无理缠诉) at intake: asked when a number was typed, set and lifted by the shift leader."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from console.viewmodels.seat import NETWORK, SeatViewModel
from services.ports.errors import GatewayError
from services.ports.handover import CallerMark, DeskCentre
from services.ports.picture import ONLINE, SYNCING

WAIT_MS = 500
LEAST_DIGITS = 7


def tr(text: str) -> str:
    """Translate a word of the marks."""
    return QCoreApplication.translate("CallerMarks", text)


class CallerMarks(QObject):
    """Asks the centre about numbers; a mark is shown and never blocks anything.

    `matched(CallerMark | None)` for the number asked last, `listed()` when `marks` is new, `failed(str)`.
    """

    matched = Signal(object)
    listed = Signal()
    failed = Signal(str)

    def __init__(self, seat: SeatViewModel, centre: DeskCentre | None, parent: QObject | None = None) -> None:
        """Ask nothing yet."""
        super().__init__(parent)
        self.seat, self.centre = seat, centre
        self.marks: tuple[CallerMark, ...] = ()
        self.match: CallerMark | None = None
        self.asked = ""
        self._number = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(WAIT_MS)
        self._pause.timeout.connect(self._ask)

    @property
    def may_see(self) -> bool:
        """Whether this post answers calls."""
        return bool({"acceptor", "shift_leader"} & set(self.seat.actor.roles))

    @property
    def may_set(self) -> bool:
        """Whether this post sets marks."""
        return "shift_leader" in self.seat.actor.roles

    @property
    def _online(self) -> bool:
        line = self.seat.connection
        return self.centre is not None and line is not None and line.state in (ONLINE, SYNCING)

    def typed(self, number: str) -> None:
        """Ask about a number once the operator has stopped typing; a shorter one is none."""
        self._number = number if len(re.sub(r"[^0-9]", "", number)) >= LEAST_DIGITS else ""
        if not self._number:
            self._pause.stop()
            self._matched(("", None))
        elif self._number != self.asked:
            self._pause.start()

    def _ask(self) -> None:
        if not self._online or not self.may_see or self.centre is None or not self._number:
            return
        number, ask = self._number, self.centre.match_caller
        self.seat.background.submit(
            NETWORK, "caller-mark", lambda: (number, ask(number)[0]), self._matched, self._unknown
        )

    def _unknown(self, _error: Exception) -> None:
        """Stay silent: a mark that could not be asked for is no reason to hold a call up."""

    def _matched(self, answer: tuple[str, CallerMark | None]) -> None:
        number, mark = answer
        if number == self._number:
            self.asked, self.match = number, mark
            self.matched.emit(mark)

    # --- the list ---------------------------------------------------------------------------------------

    def load(self) -> None:
        """Read the marks that hold."""
        if self._online and self.centre is not None:
            self.seat.background.submit(
                NETWORK, "caller-marks", self.centre.marked_callers, self._listed, self._not
            )
        else:
            self.failed.emit(tr("离线：来电标记在中心，联网后才能看。"))

    def _listed(self, marks: tuple[CallerMark, ...]) -> None:
        self.marks = marks
        self.listed.emit()

    def set(self, reason: str, days: int, *, phone: str = "", case_id: str = "") -> None:
        """Mark a number, or the caller of a case."""
        if self.centre is None or not self._online:
            self.failed.emit(tr("离线：标记要写进中心，请联网后再做。"))
            return
        work = partial(self.centre.mark_caller, reason, days, phone=phone, case_id=case_id)
        self._change(work)

    def lift(self, mark_id: str) -> None:
        """Take a mark off."""
        if self.centre is not None and self._online:
            self._change(partial(self.centre.unmark_caller, mark_id))

    def _change(self, work: Callable[[], object]) -> None:
        self.seat.background.submit(NETWORK, f"caller-mark-set:{id(work)}", work, self._changed, self._not)

    def _changed(self, _made: object) -> None:
        self.load()

    def _not(self, error: Exception) -> None:
        self.failed.emit(error.title if isinstance(error, GatewayError) else tr("没有办成，请再试。"))
