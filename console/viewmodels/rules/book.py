"""The rules of the area at one seat: listed, opened, kept, tried, switched. Asks the centre on a lane of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.rules.draft import BadFieldError, RuleForm, doc_of, form_of
from console.viewmodels.seat import SeatViewModel
from services.ports.errors import GatewayError
from services.ports.picture import ONLINE, SYNCING
from services.ports.rules import RuleCentre

LANE = "rules"
READERS = frozenset({"shift_leader", "admin", "evaluator", "auditor"})
TRIAL_DAYS = 30
Doc = Mapping[str, Any]


def tr(text: str) -> str:
    """Translate a word of the rules."""
    return QCoreApplication.translate("Rules", text)


class RuleBook(QObject):
    """Rules as the centre has them. Lives on the main thread.

    `listed()` and `shown()` tell that list or open rule are new, `busy_changed()` that something is asked or answered,
    `refused(str, object)` a sentence and the fields (name -> sentence) that are wrong.
    """

    listed = Signal()
    shown = Signal()
    busy_changed = Signal()
    refused = Signal(str, object)

    def __init__(self, seat: SeatViewModel, centre: RuleCentre | None, parent: QObject | None = None) -> None:
        """Ask nothing yet."""
        super().__init__(parent)
        self.seat, self.centre = seat, centre
        self.rows: tuple[Doc, ...] = ()
        self.limits: Doc = {}
        self.rule: Doc | None = None
        self.days: Doc | None = None
        self.busy = ""

    # --- asking -------------------------------------------------------------------------------------------

    @property
    def may_switch_on(self) -> bool:
        """Whether this person may let rules act."""
        return "shift_leader" in self.seat.actor.roles

    @property
    def may_write(self) -> bool:
        """Whether this person may edit and try."""
        return not {"shift_leader", "admin"}.isdisjoint(self.seat.actor.roles)

    def why_not(self) -> str:
        """Return why rules cannot be looked at now, empty when they can."""
        if READERS.isdisjoint(self.seat.actor.roles):
            return tr("自动规则由值班长管理")
        return "" if self._online else tr("离线：自动规则在中心，联网后才能查看")

    @property
    def _online(self) -> bool:
        line = self.seat.connection
        return line is not None and line.state in (ONLINE, SYNCING)

    def load(self) -> None:
        """List the rules."""
        self._ask("list", lambda centre: centre.rules(), self._on_list)

    def open(self, rule_id: str) -> None:
        """Read one rule with its last trial and what it did."""

        def work(centre: RuleCentre) -> tuple[Doc, Doc]:
            return centre.rule(rule_id), centre.rule_days(rule_id)

        self._ask("open", work, self._on_open)

    def new(self) -> None:
        """Begin an empty rule."""
        self.rule = self.days = None
        self.shown.emit()

    def form(self) -> RuleForm:
        """Return the fields of the open rule."""
        return RuleForm() if self.rule is None else form_of(self.rule, self.seat.rules)

    # --- acting -------------------------------------------------------------------------------------------

    def save(self, form: RuleForm, then: Callable[[], None] | None = None) -> None:
        """Keep the fields; a new rule gets an id of its own. `then` is called when it is kept."""
        try:
            doc = doc_of(form, self.seat.rules)
        except BadFieldError as bad:
            self.refused.emit(tr("有一项还不能保存"), {bad.name: str(bad)})
            return
        rule_id = form.id or self._fresh_id(form.action)

        def kept(rule: Doc) -> None:
            self._on_rule(rule)
            if then is not None:
                then()

        self._ask("save", lambda centre: centre.put_rule(rule_id, doc), kept)

    def try_now(self, days: int = TRIAL_DAYS) -> None:
        """Try the open rule on history."""
        if self.rule is not None:
            rule_id = str(self.rule["id"])
            self._ask("try", lambda centre: centre.try_rule(rule_id, days), self._on_rule)

    def switch(self, active: bool) -> None:
        """Switch the open rule on or off."""
        if self.rule is not None:
            rule_id = str(self.rule["id"])

            def switched(doc: Doc) -> None:
                # the answer holds no cases: those of the trial shown stay
                trial = doc.get("trial")
                if trial is not None and self.rule is not None and self.rule.get("trial"):
                    doc = {**doc, "trial": self.rule["trial"]}
                self._on_rule(doc)

            self._ask("switch", lambda centre: centre.switch_rule(rule_id, active), switched)

    def why_not_on(self) -> str:
        """Return why the open rule cannot be switched on, empty when it can."""
        if self.rule is None:
            return tr("先保存规则")
        if not self.may_switch_on:
            return tr("启用由值班长决定")
        return "" if self.rule["tried"] else tr("修改后还没有试运行：先试，看过结果再启用")

    def _fresh_id(self, action: str) -> str:
        known = {str(row["id"]) for row in self.rows}
        stem = f"{action.replace('_', '-')}-{self.seat.actor.area_code or 'x'}"
        return next(name for n in range(1, 1000) if (name := f"{stem}-{n}") not in known)

    # --- answers --------------------------------------------------------------------------------------------

    def _ask(self, what: str, work: Callable[[RuleCentre], Any], done: Callable[[Any], None]) -> None:
        if self.centre is None or not self._online:
            self.refused.emit(tr("离线：自动规则在中心，联网后才能办"), {})
            return
        self._set_busy(what)

        def answered(value: Any) -> None:
            self._set_busy("")
            done(value)

        self.seat.background.submit(LANE, what, partial(work, self.centre), answered, self._on_failed)

    def _set_busy(self, what: str) -> None:
        self.busy = what
        self.busy_changed.emit()

    def _on_list(self, doc: Doc) -> None:
        self.rows, self.limits = tuple(doc["rules"]), doc["limits"]
        self.listed.emit()

    def _on_open(self, answer: tuple[Doc, Doc]) -> None:
        self.rule, self.days = answer
        self.shown.emit()

    def _on_rule(self, doc: Doc) -> None:
        fresh = self.rule is None or self.rule["id"] != doc["id"]
        self.rule = doc
        if fresh:
            self.days = None
        self.shown.emit()
        self.load()

    def _on_failed(self, error: Exception) -> None:
        self._set_busy("")
        title = error.title if isinstance(error, GatewayError) else tr("没有办成，请再试。")
        problem = error.problem if isinstance(error, GatewayError) else None
        fields = (
            {_field(path): words for path, words in problem.fields.items()} if problem is not None else {}
        )
        self.refused.emit(title, fields)


def _field(path: str) -> str:
    """Return the field of the form that a path of the document stands for."""
    last = path.replace("[", ".").split(".")[1 if path.startswith("when.") else 0]
    return {"min_confidence": "confidence", "wait_s": "wait", "min_photos": "photos"}.get(last, last)
