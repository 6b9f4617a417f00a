"""The sounds of one seat: hears seat, watch list and line, asks the rules, and says what is to be played.

It needs no window, so that a cue comes while the screen is locked too; nothing of a case is in it.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

from console.notices.cues import (
    ACCEPTED,
    CALL,
    CONFLICT,
    LINE_DOWN,
    LINE_UP,
    NEW,
    OVER,
    REFUSED,
    SOON,
    URGENT,
    shipped_cues,
)
from console.notices.sounding import Sounding, SoundSettings
from console.viewmodels.presence import seat_presence
from console.viewmodels.seat import STORE, SeatViewModel
from console.viewmodels.sound.duty import Duty
from services.ports.outbox import APPLIED, INVALID, NEEDS_CONFIRM, REJECTED, SavedCommand
from services.ports.outbox import CONFLICT as LOST_RACE
from services.ports.picture import NO_ANSWER, OFFLINE, ONLINE, SIGN_IN, SYNCING, Connection

VOLUME, OFF = "sound.volume", "sound.off"
#: what became of a command -> its cue
DECIDED = {
    APPLIED: ACCEPTED, LOST_RACE: CONFLICT, REJECTED: REFUSED, INVALID: REFUSED, NEEDS_CONFIRM: REFUSED,
}  # fmt: skip
#: the line has said how it stands: what comes from here on is news
SETTLED = frozenset({ONLINE, OFFLINE, NO_ANSWER, SIGN_IN})
#: beats after which a desk whose picture never rests is listened to all the same
LONGEST_START = 30
_BACK = frozenset({ONLINE, SYNCING})
_AWAY = frozenset({OFFLINE, NO_ANSWER})


class SoundDesk(QObject):
    """Decides what sounds. `play(Play)` begins now and cuts off what sounds; `changed()` for settings and trouble.

    What a desk finds at its start is no news: cues come once the first picture has come to rest.
    """

    play = Signal(object)
    changed = Signal()

    def __init__(
        self, seat: SeatViewModel, clock: Callable[[], float] = monotonic, parent: QObject | None = None
    ) -> None:
        """Listen to the seat; `load` reads the settings."""
        super().__init__(parent or seat)
        self.seat, self._clock = seat, clock
        self.rules = Sounding(shipped_cues())
        self.trouble = ""
        self.locked: Callable[[], bool] = lambda: False
        self._presence = seat_presence(seat)
        self._duty = Duty(seat.actor)
        self._state = ""
        self._starting, self._beats, self._revision = True, 0, -1
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self.step)
        seat.second.connect(self._on_second)
        seat.decided.connect(self._on_decided)
        seat.connection_changed.connect(self._on_connection)
        self._presence.opened.connect(self._on_opened)

    # --- settings -----------------------------------------------------------------------------------------

    @property
    def settings(self) -> SoundSettings:
        """What is set."""
        return self.rules.settings

    def load(self) -> None:
        """Read what this user has set."""
        kept = self.seat.services.settings
        self.seat.background.submit(
            STORE, "sound", lambda: SoundSettings.read(kept.value(VOLUME), kept.value(OFF)), self._read
        )

    def _read(self, settings: SoundSettings) -> None:
        self.rules.settings = settings
        self.changed.emit()

    def set_volume(self, percent: int) -> None:
        """Set how loud everything is; 急要件 is lowered to a floor only."""
        self._put(SoundSettings.read(percent, self.settings.off))

    def switch(self, cue: str, on: bool) -> None:
        """Switch a cue on or off; 急要件 stays on."""
        self._put(self.settings.switched(cue, on))

    def _put(self, settings: SoundSettings) -> None:
        self._read(settings)
        kept = self.seat.services.settings

        def work() -> None:
            kept.put_value(VOLUME, settings.volume)
            kept.put_value(OFF, sorted(settings.off))

        self.seat.background.submit(STORE, "put:sound", work)

    def say_trouble(self, sentence: str) -> None:
        """Say why nothing can be heard here; empty when it can."""
        if sentence != self.trouble:
            self.trouble = sentence
            self.changed.emit()

    # --- telephone ----------------------------------------------------------------------------------------

    def set_on_telephone(self, on: bool) -> None:
        """A call is held: only 急要件 sounds, at half volume."""
        self.rules.on_telephone = on
        self.step()

    def set_ringing(self, call: str, on: bool) -> None:
        """A call rings, or no longer does."""
        if on:
            self.rules.ring(CALL, call, self._clock())
        else:
            self.rules.hush(CALL, call)
        self.step()

    # --- hearing ------------------------------------------------------------------------------------------

    def remind(self, _watched: object = None) -> None:
        """A reminder of the watch list came due."""
        self.rules.want(NEW)
        self.step()

    def _on_opened(self, case_id: str) -> None:
        """The row of a case was opened: it has been noticed."""
        if not self.locked():
            self.rules.hush(URGENT, case_id)
            self.step()

    def _on_second(self, _now: object) -> None:
        """Look at the own cases, once a second however many changes pour in."""
        columns = self.seat.book.columns
        quiet = self._starting
        news = self._duty.look(columns, self._presence.claims, quiet=quiet)
        if quiet:
            self._settle(columns.revision)
            return
        for case_id in news.urgent:
            self.rules.ring(URGENT, case_id, self._clock())
        for case_id in news.gone:
            self.rules.hush(URGENT, case_id)
        wishes = ((NEW, news.arrived), (SOON, news.soon), (OVER, news.over))
        for cue, wanted in wishes:
            if wanted:
                self.rules.want(cue)
        self.step()

    def _settle(self, revision: int) -> None:
        """The first picture is whole when the line has said how it stands and a beat brought nothing new."""
        self._beats += 1
        rests = revision == self._revision and self._state in SETTLED and not self.seat.book.reading
        self._revision = revision
        self._starting = not rests and self._beats < LONGEST_START

    def _on_decided(self, command: object) -> None:
        """The centre has judged an own command."""
        assert isinstance(command, SavedCommand)
        cue = DECIDED.get(command.status)
        if cue is not None:
            self.rules.want(cue)
            self.step()

    def _on_connection(self, connection: object) -> None:
        """The line went, or is back."""
        assert isinstance(connection, Connection)
        before, self._state = self._state, connection.state
        if connection.state == OFFLINE and before not in (OFFLINE, ""):
            self.rules.want(LINE_DOWN)
        elif before in _AWAY and connection.state in _BACK:
            self.rules.want(LINE_UP)
        else:
            return
        self.step()

    # --- sounding -----------------------------------------------------------------------------------------

    def listen(self, cue: str) -> None:
        """试听: play a cue as it is set."""
        found = self.rules.trial(cue, self._clock())
        if found is not None:
            self.play.emit(found)
        self._plan()

    def step(self) -> None:
        """Begin what is due, and come back when the next is."""
        if not self.locked():
            self.rules.hush(URGENT, self._presence.shown)
        found = self.rules.begin(self._clock())
        if found is not None:
            self.play.emit(found)
        self._plan()

    def _plan(self) -> None:
        now = self._clock()
        moment = self.rules.next_at(now)
        if moment is None:
            self._next.stop()
        else:
            self._next.start(max(1, round((moment - now) * 1000)))

    def close(self) -> None:
        """Fall silent."""
        self._next.stop()
