"""Pictures of automatic rules and of the 退单 referee, at the end of the scripted shift."""

from __future__ import annotations

from console.app.tour_seats import TourSeats
from console.viewmodels.rules.draft import RuleForm
from console.windows.rules.dialog import RulesDialog
from console.windows.rules.tools import RuleTools

TRIAL_S = 120.0


class RulesTour:
    """Works the shift leader's and the dispatcher's consoles."""

    def __init__(self, seats: TourSeats) -> None:
        """Use the consoles of the shift."""
        self.seats, self.stage = seats, seats.stage

    def walk(self) -> None:
        """Take every picture."""
        self.rules()
        self.referee()

    def _tools(self, role: str) -> RuleTools:
        tools = self.seats.controller(role).rule_tools
        assert tools is not None
        return tools

    def rules(self) -> None:
        """Write a rule, try it on history, and switch it on; a second one stays off."""
        stage, shell = self.stage, self.seats.shell("shift_leader")
        words = self.seats.seat("shift_leader").rules
        major = next(iter(words.categories.values())).major_name
        dialog = self._tools("shift_leader").open_rules()
        stage.wait(lambda: not dialog.book.busy, "规则清单")
        self._keep(dialog, RuleForm(name="夜间热线受理", action="accept", hours="22:00-06:00", cap="100"))
        form = RuleForm(
            name=f"{major}直派", action="dispatch", then="建议单位", categories=major, confidence="90", wait="2",
        )  # fmt: skip
        self._keep(dialog, form)
        dialog.try_now()
        stage.wait(lambda: not dialog.book.busy and dialog.tried.isVisible(), "试运行结果", TRIAL_S)
        stage.rest(600)
        stage.picture(shell, "60_rules_tried")
        bar = dialog.area.verticalScrollBar()
        bar.setValue(bar.maximum())
        stage.rest()
        stage.picture(shell, "61_rules_trial_cases")
        bar.setValue(0)
        dialog.switch()
        stage.wait(lambda: dialog.book.rule is not None and dialog.book.rule["active"], "规则启用")
        stage.wait(lambda: not dialog.book.busy, "清单跟上")
        stage.rest()
        stage.picture(shell, "62_rules_on")
        dialog.switch()
        stage.wait(lambda: dialog.book.rule is not None and not dialog.book.rule["active"], "规则停用")
        stage.wait(lambda: not dialog.book.busy, "清单跟上")
        dialog.reject()

    def _keep(self, dialog: RulesDialog, form: RuleForm) -> None:
        """Fill the form in and keep it."""
        dialog.new()
        dialog.fields.show_form(form)
        dialog.accept()
        self.stage.wait(
            lambda: dialog.book.rule is not None and dialog.book.rule["name"] == form.name, "规则已保存"
        )
        self.stage.wait(lambda: not dialog.book.busy, "清单跟上")

    def referee(self) -> None:
        """Open the sheet of a case that came back, and the list of those that wait for a meeting."""
        stage, shell, page = self.stage, self.seats.shell("dispatcher"), self.seats.desk()
        seat = self.seats.seat("dispatcher")
        columns = seat.book.columns
        came_back = {i: c.case.counts.return_ for i in columns.ids if (c := seat.case(i)) is not None}
        back = max(came_back, key=lambda i: came_back[i], default="")
        if not back or not came_back[back]:
            return
        page.show_case(back)
        stage.wait(lambda: page.panel_model.panel is not None, "案件面板")
        tools = self._tools("dispatcher")
        sheet = tools.open_sheet(back)
        stage.wait(lambda: sheet.model.sheet is not None, "裁判依据")
        stage.rest(600)
        stage.picture(shell, "63_referee_sheet")
        sheet.model.ask("两家单位都认为不在自己管段，请会商。")
        sheet.reject()
        stage.wait(lambda: not seat.services.outbox.counts().waiting, "提请送达")
        meetings = tools.open_meetings()

        def listed() -> bool:
            tools.meetings.load()
            stage.rest(400)
            return bool(tools.meetings.rows)

        stage.wait(listed, "待会商清单")
        stage.picture(shell, "64_meetings")
        meetings.reject()
