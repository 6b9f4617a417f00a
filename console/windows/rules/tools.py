"""Automatic rules and the referee at a desk: view-models, verbs and dialogs, put together once for a shell."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from console.viewmodels.referee.sheet import RefereeViewModel
from console.viewmodels.referee.waiting import MeetingList
from console.viewmodels.rules.book import READERS, RuleBook
from console.viewmodels.verbs.verb import A_CASE, CASE, CASE_GROUP, SETTINGS_GROUP, Call, Verb, noop, tr
from console.windows.dialogs.dispatch_dialog import DispatchDialog
from console.windows.dialogs.registry import open_action
from console.windows.referee.sheet import MeetingDialog, RefereeSheet
from console.windows.rules.dialog import RulesDialog
from console.windows.shell import ShellWindow
from services.ports.rules import RuleCentre
from widgets.dialogs.frame import DialogFrame
from widgets.theme import ThemeStore

REFEREES = frozenset({"acceptor", "dispatcher", "shift_leader", "supervisor", "leader", "evaluator"})
RULES = Verb("rules.open", noop("自动规则"), ("规则", "自动办理", "zdgz"), SETTINGS_GROUP, icon="branch")
REFEREE = Verb(
    "referee.sheet",
    noop("退单裁判"),
    ("裁判", "会商依据", "权属"),
    CASE_GROUP,
    ("J",),
    CASE,
    (A_CASE,),
    "return",
)
MEETINGS = Verb("referee.meetings", noop("待会商"), ("会商", "审定"), CASE_GROUP, icon="people")


class RuleTools(QObject):
    """Rules and referee of one signed-in desk; `seat.verbs` gets their verbs."""

    def __init__(
        self, shell: ShellWindow, centre: RuleCentre | None, theme: ThemeStore, parent: QObject | None = None
    ) -> None:
        """Build the view-models and bind the verbs of this post."""
        super().__init__(parent)
        self.seat, self.shell, self._centre, self._theme = shell.seat, shell, centre, theme
        self.book = RuleBook(self.seat, centre, self)
        self.meetings = MeetingList(self.seat, centre, self)
        verbs, roles = self.seat.verbs, set(self.seat.actor.roles)
        if not READERS.isdisjoint(roles):
            verbs.add(RULES, self.open_rules, self.book.why_not)
        if not REFEREES.isdisjoint(roles):
            verbs.add_for(REFEREE, lambda call: self.open_sheet(call.case), self._why_not_sheet)
            verbs.add(MEETINGS, self.open_meetings)

    def _why_not_sheet(self, call: Call) -> str:
        return "" if self.seat.case(call.case) is not None else tr("没有找到这件案件，或它不在您的范围内")

    def _show(self, dialog: DialogFrame) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def open_rules(self) -> RulesDialog:
        """Open 自动规则."""
        dialog = RulesDialog(self.book, self._host)
        dialog.case_wanted.connect(self.shell.show_case)
        self._show(dialog)
        self.book.load()
        return dialog

    def open_sheet(self, case_id: str) -> RefereeSheet:
        """Open 退单裁判 of a case."""
        dialog = RefereeSheet(RefereeViewModel(self.seat, self._centre, case_id), self._host)
        dialog.case_wanted.connect(self.shell.show_case)
        dialog.redispatch_wanted.connect(self._redispatch)
        self._show(dialog)
        dialog.model.load()
        return dialog

    def open_meetings(self) -> MeetingDialog:
        """Open 待会商."""
        dialog = MeetingDialog(self.meetings, self._host)
        dialog.case_wanted.connect(self.shell.show_case)
        dialog.sheet_wanted.connect(self.open_sheet)
        self._show(dialog)
        self.meetings.load()
        return dialog

    def _redispatch(self, case_id: str, unit: str, reason: str) -> None:
        """Carry a decision out: 改派 with unit and reason filled in, for the operator to confirm."""
        entry = self.seat.case(case_id)
        waits = entry is not None and entry.case.state == "pending_dispatch"
        action = "dispatch" if waits else "redispatch"
        dialog = open_action(action, case_id, self.seat, self._theme, self._host, preset={"lead_dept": unit})
        if isinstance(dialog, DispatchDialog):
            field, name = (dialog.note, "note") if waits else (dialog.reason, "reason")
            field.set_text(reason)
            dialog.model.set_value(name, reason)

    @property
    def _host(self) -> QWidget:
        return self.shell
