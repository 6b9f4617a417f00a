"""延期审批 and 挂账审批: the application as it was made, what speaks for and against it, both outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject

from console.viewmodels.actions.base import ActionViewModel
from console.viewmodels.actions.choices import unit_name
from console.viewmodels.actions.preview import READY, Preview, preview
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.seat_cases import applied_cases
from services.domain.clocks import Clock
from services.domain.limits import Limit
from services.ports.centre import CaseDetail

GOOD, WARN = "good", "warn"
_APPLY = {"decide_extension": "apply_extension", "decide_suspend": "apply_suspend"}
_KIND = {"decide_extension": "extension", "decide_suspend": "suspend"}


@dataclass(frozen=True, slots=True)
class Application:
    """What was asked for. `at` and `by` are known from the history only (None and empty offline)."""

    unit: str
    reason: str
    at: datetime | None = None
    by: str = ""
    more: Limit | None = None
    until: datetime | None = None
    old_due: datetime | None = None
    new_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One line of 审批参考: good or worth a look."""

    tone: str
    text: str


def _tr(text: str) -> str:
    return QCoreApplication.translate("Decide", text)


class DecideViewModel(ActionViewModel):
    """Approve or refuse an application; refusing asks for an opinion."""

    def __init__(self, seat: SeatViewModel, action: str, case_id: str, parent: QObject | None = None) -> None:
        """Start with approval and an empty opinion."""
        super().__init__(seat, action, case_id, parent)
        self.detail: CaseDetail | None = None
        self.values = {"approve": True, "note": ""}

    @property
    def is_extension(self) -> bool:
        """Whether it is about an extension, not a suspension."""
        return self.action == "decide_extension"

    def load(self) -> None:
        """Read the case, and its history when the centre answers."""
        super().load()
        self.seat.load_detail(self.case_id, self._on_detail, self._on_no_detail)

    def _on_detail(self, detail: CaseDetail) -> None:
        self.detail = detail
        self.changed.emit()

    def _on_no_detail(self, _error: Exception) -> None:
        """Offline the dialog shows what the cached case holds."""

    # --- what was asked -----------------------------------------------------------------------------

    def application(self) -> Application | None:
        """Return the open application, None when there is none."""
        case = self.case
        asked = case.pending.get(_KIND[self.action]) if case is not None else None
        if case is None or asked is None:
            return None
        unit = unit_name(self.seat.rules, case.lead_dept)
        at, by = self._made_by()
        if not self.is_extension:
            until = datetime.fromisoformat(asked["until"])
            return Application(unit, asked["reason"], at, by, until=until, old_due=case.due_at)
        more = Limit(asked["amount"], asked["unit"])
        granted = self.outcome(True)
        new_due = granted.after.due_at if granted is not None and granted.after is not None else None
        return Application(unit, asked["reason"], at, by, more, None, case.due_at, new_due)

    def _made_by(self) -> tuple[datetime | None, str]:
        """Find the application in the history: when it was made and by whom."""
        wanted = _APPLY[self.action]
        entries = self.detail.timeline if self.detail is not None else ()
        found = next((entry for entry in reversed(entries) if entry.action == wanted), None)
        return (found.at, found.actor_name) if found is not None else (None, "")

    def checks(self) -> tuple[Check, ...]:
        """Return what an approver looks at."""
        case, asked = self.case, self.application()
        if case is None or asked is None:
            return ()
        found = [self._in_time(asked)] if asked.at is not None else []
        found.append(self._how_often())
        other = "suspend" if self.is_extension else "extension"
        if other in case.pending:
            words = (
                _tr("同时还有一份挂账申请在等待") if self.is_extension else _tr("同时还有一份延期申请在等待")
            )
            found.append(Check(WARN, words))
        else:
            found.append(Check(GOOD, _tr("没有其他待批申请")))
        late = case.due_at is not None and self.now() > case.due_at
        if late:
            found.append(Check(WARN, _tr("现在已过到期时间")))
        if case.counts.supervise:
            found.append(Check(WARN, _tr("这件已被督办 {n} 次").format(n=case.counts.supervise)))
        return tuple(found)

    def _in_time(self, asked: Application) -> Check:
        if asked.old_due is not None and asked.at is not None and asked.at > asked.old_due:
            return Check(WARN, _tr("到期后提出"))
        return Check(GOOD, _tr("到期前提出"))

    def _how_often(self) -> Check:
        case, settings = self.case, self.seat.rules.settings
        assert case is not None
        if not self.is_extension:
            if case.counts.suspend:
                return Check(WARN, _tr("已挂账过 {n} 次").format(n=case.counts.suspend))
            return Check(GOOD, _tr("首次挂账"))
        n, most = case.counts.extension, settings.max_extensions
        text = _tr("第 {n} 次延期，上限 {most} 次") if n else _tr("首次延期，上限 {most} 次")
        return Check(WARN if n else GOOD, text.format(n=n + 1, most=most))

    # --- both outcomes ------------------------------------------------------------------------------

    def outcome(self, approve: bool) -> Preview | None:
        """Return what either answer would do now."""
        if self.case is None:
            return None
        payload = {"approve": approve, "note": self.values.get("note", "")}
        return preview(
            self.case, self.action, payload, self.seat.actor, self.now(), self.seat.rules, self.facts(payload)
        )

    def clocks(self) -> tuple[Clock | None, Clock | None]:
        """Return the running clock now and after approval, for the drawn comparison."""
        granted = self.outcome(True)
        after = granted.clock if granted is not None and granted.status == READY else None
        return (self.case.clock if self.case is not None else None), after

    def approve(self) -> bool:
        """Approve; False when it was not taken."""
        self.values["approve"] = True
        return self.confirm()

    def refuse(self) -> bool:
        """Refuse; asks for an opinion first."""
        self.values["approve"] = False
        return self.confirm()

    def payload(self) -> dict[str, Any]:
        """Return the payload; an empty note is left out."""
        made: dict[str, Any] = {"approve": self.values["approve"]}
        if self.values["note"].strip():
            made["note"] = self.values["note"]
        return made

    def own_errors(self) -> dict[str, str]:
        """A refusal without a word helps nobody."""
        if not self.values["approve"] and not self.values["note"].strip():
            return {"note": _tr("不批准时请写明意见")}
        return {}

    # --- the next one -------------------------------------------------------------------------------

    def waiting(self) -> tuple[str, ...]:
        """Return the cases with an open application of this kind, the nearest deadline first."""
        flag = f"{_KIND[self.action]}_pending"
        found = [case for case in applied_cases(self.seat) if flag in case.flags]
        found.sort(key=lambda case: (case.due_at is None, case.due_at or case.created_at, case.case_id))
        return tuple(case.case_id for case in found)

    def neighbour(self, step: int) -> str:
        """Return the case before or behind this one among the waiting; empty when there is none."""
        order = self.waiting()
        if self.case_id not in order:
            return order[0] if order else ""
        at = order.index(self.case_id) + step
        return order[at] if 0 <= at < len(order) else ""
