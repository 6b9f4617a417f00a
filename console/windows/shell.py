"""The window of the console: bars, workspaces, toasts, and the keys that work everywhere. Layout and wiring only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol, cast

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from console.notices.notice import Notice
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.shell import ShellViewModel, workspace_title
from console.viewmodels.verbs.key_lists import keys_of_places
from console.viewmodels.verbs.verb import EVERYWHERE
from console.windows.bulk.frame import BulkFrame
from console.windows.dialogs.conflict_dialog import open_conflict
from console.windows.dialogs.keys_dialog import KeysDialog
from console.windows.frame.guard import guard_session
from console.windows.frame.lock import LockScreen
from console.windows.frame.notices import NoticeList
from console.windows.frame.status_bar import StatusBar
from console.windows.frame.top_bar import TopBar
from console.windows.frame.waiting import WaitingDialog
from console.windows.palette.bars import bind_bars
from console.windows.palette.frame_verbs import bind_cases, bind_frame
from console.windows.palette.key_hands import KeyHands
from console.windows.presence import PresenceEyes
from services.ports.picture import Connection
from widgets.indicators.toast import ToastStack, ToastValue
from widgets.theme import ThemeStore, theme

_TEXT_FIELDS = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox)
_SEVERITY = {"warn": "warning"}


class Workspace(Protocol):
    """What the shell asks of a workspace widget."""

    workspace_id: str

    def activate(self) -> None:
        """Become the one that is shown."""
        ...

    def deactivate(self) -> None:
        """Stop being shown."""
        ...

    def key_legend(self) -> list[tuple[str, str]]:
        """Return the keys that matter here."""
        ...

    def focus_panels(self) -> list[QWidget]:
        """Return the panels F6 goes through."""
        ...

    def handle_key(self, event: QKeyEvent) -> bool:
        """Act on a single key outside text fields that is no verb's; True when it was one of this workspace's."""
        ...

    def places(self) -> tuple[str, ...]:
        """Return the places of verbs under the operator's hand, nearest first."""
        ...

    def subject(self) -> tuple[str, ...]:
        """Return the cases under the operator's hand."""
        ...

    def preset_of(self, action: str, case_id: str) -> Mapping[str, str]:
        """Return first values for the dialog of an action on a case."""
        ...

    def open_more(self) -> None:
        """Open the menu of all other actions on the case under the hand."""
        ...

    def show_case(self, case_id: str) -> bool:
        """Show a case; False when this workspace does not hold it."""
        ...

    def toast_host(self) -> QWidget:
        """Return the panel over which toasts stand, so that they cover no button."""
        ...


Builder = Callable[[SeatViewModel, ThemeStore], QWidget]


_TOUCHES = frozenset({QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel})


class ShellWindow(QWidget):
    """The main window of one seat. `sign_out_wanted()` asks to change the user; `unlock` checks a password.

    `touched()` comes with every key, click and wheel step, `covered()` when the screen was locked.
    """

    sign_out_wanted = Signal()
    closing = Signal()
    touched = Signal()
    covered = Signal()

    def __init__(
        self,
        model: ShellViewModel,
        theme_store: ThemeStore,
        builders: Mapping[str, Builder],
        unlock: Callable[[str], bool],
    ) -> None:
        """Build bars and the workspaces of the user."""
        super().__init__()
        self.model, self.seat = model, model.seat
        self._theme_store = theme_store
        self.setWindowTitle(QCoreApplication.translate("Shell", "网格调度席"))
        self.setMinimumSize(1280, 720)
        self.top, self.status, self.stack = TopBar(self), StatusBar(self), QStackedWidget(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.top, self.stack, self.status):
            column.addWidget(part, 1 if part is self.stack else 0)
        self.toasts = ToastStack(self.stack)
        self.toasts.acted.connect(self._on_toast_acted)
        self.workspaces: dict[str, QWidget] = {}
        self.bulk = BulkFrame(self, self)
        PresenceEyes(self, self.seat)
        bind_cases(self, self, theme_store, self.bulk.open_bulk)
        for name in model.workspaces:
            page = builders[name](self.seat, theme_store)
            self.workspaces[name] = page
            self.stack.addWidget(page)
        names = tuple((name, workspace_title(name)) for name in self.workspaces)
        self.top.set_workspaces(names)
        self._lock = LockScreen(self, self.seat, unlock)
        self.guard = guard_session(self, self._lock)
        self._toast_actions: dict[str, Notice] = {}
        self._connect()
        self._bind_verbs()
        if names:
            self.show_workspace(names[0][0])

    # --- wiring -------------------------------------------------------------------------------------

    def _connect(self) -> None:
        """Connect view-models and bars."""
        self.top.workspace_chosen.connect(self.show_workspace)
        self.top.waiting_wanted.connect(self.show_waiting)
        self.top.notices_wanted.connect(self.show_notices)
        self.model.workspace_wanted.connect(self.show_workspace)
        self.model.case_wanted.connect(self.show_case)
        self.model.waiting_wanted.connect(self.show_waiting)
        self.model.conflict_wanted.connect(self.show_conflict)
        self.model.figures_changed.connect(self.status.set_figures)
        self.seat.connection_changed.connect(self._on_connection)
        self.seat.outbox_changed.connect(self._on_outbox)
        self.seat.areas_changed.connect(self._on_areas)
        self.seat.second.connect(self._on_second)
        self.seat.notices.raised.connect(self._on_notice)
        self._theme_store.changed.connect(self._on_theme)
        self.top.set_seat(self.model.seat_words)
        self._on_second(self.seat.now())
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)

    def _bind_verbs(self) -> None:
        """Bind what works in every workspace; keys and the command bar run it."""
        verbs = self.seat.verbs
        bind_frame(self, self._theme_store)
        self.command_bar = bind_bars(self, self.seat, self.top.command)
        verbs.set_subject(lambda: self.workspace.subject() if self.workspace else ())
        verbs.place_wanted.connect(self.show_workspace)
        verbs.refused.connect(self._on_verb_refused)
        self.hands = KeyHands(self, verbs, self._places, self.workspaces.get, lambda: not self._lock.locked)

    def _places(self) -> tuple[str, ...]:
        """Return the places of verbs under the operator's hand."""
        return self.workspace.places() if self.workspace else (EVERYWHERE,)

    def _on_verb_refused(self, verb_id: str, reason: str) -> None:
        """Say why something cannot be done; the next such sentence takes its place."""
        self.toasts.show(ToastValue("verb", reason, "", "info"))

    # --- workspaces -----------------------------------------------------------------------------------

    @property
    def workspace(self) -> Workspace | None:
        """Return the workspace that is shown."""
        return cast("Workspace | None", self.stack.currentWidget())

    def show_workspace(self, name: str) -> None:
        """Show a workspace by id."""
        page = self.workspaces.get(name)
        if page is None:
            return
        if self.stack.currentWidget() is not page and self.workspace is not None:
            self.workspace.deactivate()
        self.stack.setCurrentWidget(page)
        self.top.tabs.set_current(name)
        now = cast(Workspace, page)
        self.toasts.move_to(now.toast_host())
        now.activate()
        self.status.set_keys(now.key_legend())

    def show_case(self, case_id: str) -> None:
        """Show a case in the first workspace that holds it, the present one first."""
        order = sorted(self.workspaces.items(), key=lambda item: item[1] is not self.stack.currentWidget())
        for name, page in order:
            if cast(Workspace, page).show_case(case_id):
                self.show_workspace(name)
                return

    def show_waiting(self) -> None:
        """Open the list of waiting operations."""
        dialog = WaitingDialog(self.seat, self)
        dialog.case_wanted.connect(self.show_case)
        dialog.conflict_wanted.connect(self.show_conflict)
        dialog.open()

    def show_conflict(self, command_id: str) -> None:
        """Open the three columns of a lost race."""
        open_conflict(command_id, self.seat, self._theme_store, self).case_wanted.connect(self.show_case)

    def show_notices(self) -> None:
        """Open the notices of this session."""
        self.seat.notices.seen()
        self.top.bell.set_count(0)
        NoticeList(self.seat.notices.kept, self).open()

    def lock(self) -> None:
        """Lock the screen; counts only, no case."""
        self._lock.lock()
        self.covered.emit()

    def show_keys(self) -> None:
        """List every key of the present place."""
        KeysDialog(self, keys_of_places(self.seat.verbs, self._places())).open()

    def open_more(self) -> None:
        """Open the menu of all other actions on the case under the hand."""
        if self.workspace is not None:
            self.workspace.open_more()

    def preset_of(self, action: str, case_id: str) -> Mapping[str, str]:
        """Return first values for the dialog of an action that the workspace has at hand."""
        return self.workspace.preset_of(action, case_id) if self.workspace is not None else {}

    def next_panel(self, step: int) -> None:
        """Give the focus to the next panel."""
        workspace = self.workspace
        panels = [panel for panel in workspace.focus_panels() if panel.isVisible()] if workspace else []
        if not panels:
            return
        focus = QApplication.focusWidget()
        holds = [p is focus or (focus is not None and p.isAncestorOf(focus)) for p in panels]
        at = holds.index(True) if True in holds else -step
        panels[(at + step) % len(panels)].setFocus(Qt.FocusReason.ShortcutFocusReason)

    # --- hearing ----------------------------------------------------------------------------------------

    def _on_connection(self, connection: object) -> None:
        if isinstance(connection, Connection):
            conflicts = self.seat.counts.by_status.get("conflict", 0)
            self.top.set_connection(connection, conflicts)
            self.status.set_line(connection.sentence)

    def _on_outbox(self, counts: object) -> None:
        if self.seat.connection is not None:
            self._on_connection(self.seat.connection)

    def _on_areas(self) -> None:
        self.top.set_seat(self.model.seat_words)

    def _on_second(self, now: object) -> None:
        if isinstance(now, datetime):
            self.top.set_time(self.seat.rules.calendar.local(now))

    def _on_notice(self, notice: object) -> None:
        """Show a toast and count the bell up."""
        if not isinstance(notice, Notice):
            return
        key = notice.key or f"notice-{id(notice)}"
        self._toast_actions[key] = notice
        actions = tuple((action.id, action.label, "") for action in notice.actions[:2])
        severity = _SEVERITY.get(notice.severity, notice.severity)
        self.toasts.show(ToastValue(key, notice.title, notice.text, severity, actions, notice.stays))
        self.top.bell.set_count(self.seat.notices.unseen)

    def _on_toast_acted(self, key: str, action: str) -> None:
        notice = self._toast_actions.get(key)
        found = next((a for a in notice.actions if a.id == action), None) if notice else None
        self.toasts.close(key)
        if found is not None:
            self.model.act(found.id, found.argument)

    def _on_theme(self, _theme: object) -> None:
        self.update()

    def _on_focus(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Show the keys that matter where the focus is now."""
        if now is not None and self.workspace is not None and self.isAncestorOf(now):
            self.status.set_keys(self.workspace.key_legend())

    # --- Qt -----------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Offer single keys to the workspace when no text field has the focus and no dialog is open."""
        if event.type() in _TOUCHES:
            self.touched.emit()
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self.isActiveWindow():
            focus = QApplication.focusWidget()
            plain = not event.modifiers() & ~(
                Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
            )
            mine = watched is focus and focus is not None and self.isAncestorOf(focus)
            if plain and mine and not isinstance(focus, _TEXT_FIELDS) and not self._lock.locked:
                workspace = self.workspace
                if self.hands.run(event) or (workspace is not None and workspace.handle_key(event)):
                    return True
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("bg.app"))
        painter.end()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let go of the keys and say that the window closes."""
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
        self.closing.emit()
        super().closeEvent(event)
