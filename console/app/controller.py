"""Holds the windows of one run: sign-in first, then the shell of the seat, and everything closed in order."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from importlib import import_module

from PySide6.QtCore import QObject, QSize, QTimer, Signal
from PySide6.QtWidgets import QWidget

from console.app.bootstrap import CentreDoor, OpenSeat, locator_of
from console.app.crash import CrashHooks
from console.notices.centre import NoticeCentre
from console.notices.outcomes import crash_notice
from console.tasks.collector import MainThreadCollector
from console.tasks.runner import Background
from console.tasks.watchdog import Watchdog
from console.viewmodels.disk import DiskWatch
from console.viewmodels.seat import STORE, SeatViewModel
from console.viewmodels.shell import ShellViewModel
from console.viewmodels.sign_in import DemoAccount, SignInViewModel
from console.windows.desk.tools import DeskTools
from console.windows.dispatch.page import DispatchPage
from console.windows.frame.sign_in import SignInPage
from console.windows.intake.page import IntakePage
from console.windows.rules.tools import RuleTools
from console.windows.shell import Builder, ShellWindow
from console.windows.sound.device import SoundDevice
from console.windows.sound.tools import SoundTools
from services.api.desk_calls import HttpDeskCalls
from services.api.rule_calls import HttpRuleCalls
from services.domain.calendar import WorkCalendar
from services.domain.reference import Rules
from widgets.theme import theme_store

log = logging.getLogger(__name__)
BUILDERS: dict[str, Builder] = {"intake": IntakePage, "dispatch": DispatchPage}
SIZE = QSize(1920, 1080)
#: decided operations older than this are dropped from the own history; what waits is never touched
KEPT_DAYS = 30


class Controller(QObject):
    """One run of the console. `seated()` when the shell is shown, `ended()` when its window was closed."""

    seated = Signal()
    ended = Signal()

    def __init__(
        self,
        door: CentreDoor,
        accounts: tuple[DemoAccount, ...] = (),
        hooks: CrashHooks | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Keep what the run needs; nothing is shown before `start`."""
        super().__init__(parent)
        self._door, self._accounts = door, accounts
        self.background = Background(self)
        self.notices = NoticeCentre(self)
        self.watchdog = Watchdog(parent=self)
        self.collector = MainThreadCollector(self)
        self.sign_in: SignInPage | None = None
        self.shell: ShellWindow | None = None
        self.seat: SeatViewModel | None = None
        self.open_seat: OpenSeat | None = None
        self.tools: DeskTools | None = None
        self.rule_tools: RuleTools | None = None
        self.sound: SoundTools | None = None
        self._sound_device = SoundDevice(parent=self)
        if hooks is not None:
            hooks.report = self._on_crash

    def start(self) -> None:
        """Show the sign-in."""
        theme_store().apply()
        self.watchdog.start()
        self.collector.start()
        # half a second of dictionaries, better read while nobody works yet than at the first search
        self.background.submit("geometry", "pinyin", partial(import_module, "pypinyin"))
        model = SignInViewModel(self._door, self.background, self._accounts, self)
        model.entered.connect(self._on_entered)
        self.sign_in = SignInPage(model)
        self.sign_in_model = model
        self.sign_in.resize(SIZE)
        self._fit(self.sign_in)
        self.sign_in.show()
        self._sound_device.warm()

    def _fit(self, window: QWidget) -> None:
        """Keep a window inside the screen it is shown on."""
        screen = window.screen()
        if screen is not None:
            window.resize(SIZE.boundedTo(screen.availableSize().expandedTo(QSize(1280, 720))))

    def _on_entered(self, opened: object) -> None:
        """Build the seat and its shell."""
        assert isinstance(opened, OpenSeat)
        self.open_seat = opened
        rules = opened.services.world.rules() or Rules("", {}, {}, WorkCalendar())
        seat = SeatViewModel(opened.services, opened.actor, rules, self.background, self.notices, self)
        self.seat = seat
        seat.map_ground.keep_in(self._door.paths.maps)
        seat.areas_changed.connect(self._index_areas)
        model = ShellViewModel(seat, self)
        self.shell = ShellWindow(model, theme_store(), BUILDERS, opened.unlock)
        self.shell.guard.resume = opened.sign_in_again
        DiskWatch(seat, opened.stores.ballast, self.shell)
        self.shell.closing.connect(self._on_closing)
        self.shell.touched.connect(self.collector.touched)
        self.shell.covered.connect(self._on_covered)
        calls = HttpDeskCalls(self._door.gateway)
        self.tools = DeskTools(seat, self.shell, calls, opened.unlock, self)
        self.rule_tools = RuleTools(self.shell, HttpRuleCalls(self._door.gateway), theme_store(), self)
        self.sound = SoundTools(self.shell, self.tools.watch, self._sound_device, self)
        self._fit(self.shell)
        seat.start()
        opened.services.engine.start()
        if not opened.offline:
            opened.services.engine.signed_in()
        self.tools.start()
        self.sound.start()
        before = seat.now() - timedelta(days=KEPT_DAYS)
        self.background.submit(STORE, "forget", partial(opened.services.outbox.forget_before, before))
        self.shell.show()
        if self.sign_in is not None:
            self.sign_in.close()
            self.sign_in.deleteLater()
            self.sign_in = None
        self.seated.emit()

    def _index_areas(self) -> None:
        """Index the grid polygons in the background, so that a new case finds its grid offline too."""
        if self.open_seat is None:
            return
        services = self.open_seat.services

        def work() -> None:
            services.world.locate_by(locator_of(services.cache.document("areas/grid").doc))

        self.background.submit("geometry", "locator", work)

    def _on_crash(self, number: str, _text: str) -> None:
        """Tell the operator of an error of ours; what was saved stays saved."""
        self.notices.tell(crash_notice(number))

    def _on_covered(self) -> None:
        """Clear up while nobody looks, once the lock is painted."""
        QTimer.singleShot(500, self.collector, self.collector.collect_all)

    def _on_closing(self) -> None:
        """Close the run with its window."""
        self.close()
        self.ended.emit()

    def close(self) -> None:
        """Close everything in order; may be called twice."""
        self.watchdog.stop()
        if self.sound is not None:
            self.sound.close()
            self.sound = None
        self._sound_device.close()
        if self.seat is not None:
            self.seat.close()
            self.seat = None
        self.background.close()
        if self.open_seat is not None:
            self.open_seat.close()
            self.open_seat = None
        # last: the workers are gone, so nobody else can collect what the windows left
        self.collector.stop()
