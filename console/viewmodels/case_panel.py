"""The case panel: one case with its running clock, steps, facts, history, suggestions and what may be done now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.boundary import boundary_watch
from console.viewmodels.case_actions import ActionView, actions_of, main_action
from console.viewmodels.history_words import HistoryLine, entry_line, waiting_line
from console.viewmodels.rows import STAGE_INDEX, RowView, category_word, dept_word, row_view
from console.viewmodels.seat import CaseView, RowsChanged, SeatViewModel
from console.viewmodels.suggested import SuggestedUnit, suggested_units
from console.viewmodels.verbs.key_lists import key_of_action
from console.viewmodels.verbs.verb import CASE
from services.domain.bands import BandSettings
from services.domain.calendar import to_s
from services.domain.case import Case
from services.domain.clocks import CLOCK_NAMES, Clock
from services.domain.states import STATES
from services.ports.centre import CaseDetail

END_MARKS = ("not_accepted", "not_filed", "cancelled")
_STEP_OF_ACTION = {
    "register": 1,
    "accept": 1,
    "file": 2,
    "dispatch": 3,
    "feed_back": 4,
    "check_pass": 5,
    "close": 6,
}


def tr(text: str) -> str:
    """Translate a word of the case panel."""
    return QCoreApplication.translate("CasePanel", text)


@dataclass(frozen=True, slots=True)
class StepsView:
    """The six steps: the present one (1–6, 7 all done), times below, end mark, round, and returns by step."""

    index: int
    times: tuple[str, ...]
    end_mark: str
    round: int
    rework: int
    returned: int


@dataclass(frozen=True, slots=True)
class PanelView:
    """Everything the panel shows; `facts` are (label, text, wide)."""

    case_id: str
    number: str
    row: RowView
    level: int
    clock_line: str
    used: float
    steps: StepsView
    facts: tuple[tuple[str, str, bool], ...]
    description: str
    note: str
    attachments: tuple[tuple[str, str, str], ...]
    suggestions: tuple[SuggestedUnit, ...]
    history: tuple[HistoryLine, ...]
    history_note: str
    actions: tuple[ActionView, ...]
    main: ActionView | None


class CasePanelViewModel(QObject):
    """Follows one case. `changed()` tells that `panel` is new (None: no case chosen)."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Start with no case."""
        super().__init__(parent)
        self.seat = seat
        self.case_id = ""
        self.panel: PanelView | None = None
        self.detail: CaseDetail | None = None
        self.picked = ""
        self.bands = BandSettings()
        self._view: CaseView | None = None
        self._detail_error = ""
        self.boundary = boundary_watch(seat)
        self.boundary.changed.connect(self._on_boundary)
        seat.rows_changed.connect(self._on_rows_changed)
        seat.reference_changed.connect(self._show)
        seat.learned.changed.connect(self._show)
        seat.verbs.changed.connect(self._show)
        seat.second.connect(self._on_second)

    def show_case(self, case_id: str) -> None:
        """Show another case; history follows when the centre has answered."""
        if case_id != self.case_id:
            self.case_id, self.picked = case_id, ""
            self.detail, self._view, self._detail_error = None, None, ""
            self.panel = None
            self.changed.emit()
        if case_id:
            self.reload()

    def reload(self) -> None:
        """Read the case from the own files, and its history from the centre."""
        self.seat.load_case(self.case_id, self._case_read)
        self.seat.load_detail(self.case_id, self._detail_read, self._detail_failed)

    def pick(self, number: int) -> bool:
        """Pick a suggested unit by its number from 1; False when there is none."""
        if self.panel is None or not 1 <= number <= len(self.panel.suggestions):
            return False
        self.picked = self.panel.suggestions[number - 1].id
        self._show()
        return True

    def pick_unit(self, unit: str) -> None:
        """Pick a suggested unit by id."""
        self.picked = unit
        self._show()

    # --- hearing ------------------------------------------------------------------------------------

    def _on_rows_changed(self, change: object) -> None:
        """Read again when this case changed."""
        assert isinstance(change, RowsChanged)
        if self.case_id and (change.everything or self.case_id in change.ids):
            self.reload()

    def _case_read(self, view: CaseView | None) -> None:
        """Take the case over; one that left the scope closes the panel."""
        if view is not None and view.projected.case.case_id != self.case_id:
            return
        self._view = view
        self._show()

    def _detail_read(self, detail: CaseDetail) -> None:
        """Take history and attachments over."""
        if detail.case.case_id == self.case_id:
            self.detail, self._detail_error = detail, ""
            self._show()

    def _detail_failed(self, _error: Exception) -> None:
        """Say that the history waits for the line; nothing else is missing."""
        self._detail_error = tr("流转记录要等连上中心才能读取。")
        self._show()

    def _on_boundary(self) -> None:
        """The distance to the border may be known now."""
        if self.panel is not None:
            self._show()

    def _on_second(self, _now: object) -> None:
        """Let the bar move with the clock."""
        if self.panel is not None and self._view is not None:
            row = row_view(self._view.projected, self.seat, self.seat.now(), self.bands)
            if row.band != self.panel.row.band:
                self._show()

    # --- making the picture ---------------------------------------------------------------------------

    def _show(self) -> None:
        """Make the picture anew."""
        if self._view is None:
            self.panel = None
        else:
            self.panel = self._panel(self._view)
        self.changed.emit()

    def _panel(self, view: CaseView) -> PanelView:
        """Return the picture of the present case."""
        case, now = view.projected.case, self.seat.now()
        actions = self._keyed(actions_of(case, view.allowed, self.seat.actor, self.seat.rules))
        shown = view.projected.cached or case
        suggestions = self._suggestions(case)
        if suggestions and not self.picked:
            self.picked = suggestions[0].id
        return PanelView(
            case_id=case.case_id,
            number=case.number or tr("未编号（尚未送达中心）"),
            row=row_view(view.projected, self.seat, now, self.bands),
            level=3 if case.urgent else case.level,
            clock_line=self._clock_line(case),
            used=_used(case.clock, now, self.seat),
            steps=self._steps(shown),
            facts=self._facts(case),
            description=case.description,
            note=view.projected.refused or "",
            attachments=self._attachments(),
            suggestions=suggestions,
            history=self._history(view),
            history_note=self._detail_error if self.detail is None else "",
            actions=actions,
            main=main_action(actions),
        )

    def _keyed(self, actions: tuple[ActionView, ...]) -> tuple[ActionView, ...]:
        """Return actions with the keys the user has set."""
        book = self.seat.verbs
        return tuple(replace(one, key=key_of_action(book, one.id, CASE, one.key)) for one in actions)

    def _clock_line(self, case: Case) -> str:
        """Return `派遣时限 30 分钟 · 14:37 到期`."""
        clock = case.clock
        if clock is None:
            return STATES[case.state].name
        words = f"{CLOCK_NAMES[clock.name]} {clock.limit.words}"
        if clock.due_at is None:
            return tr("{clock} · 暂停计时").format(clock=words)
        local, today = (
            self.seat.rules.calendar.local(clock.due_at),
            self.seat.rules.calendar.local(self.seat.now()),
        )
        at = local.strftime("%H:%M" if local.date() == today.date() else "%m-%d %H:%M")
        return tr("{clock} · {at} 到期").format(clock=words, at=at)

    def _steps(self, case: Case) -> StepsView:
        """Return the step line; times come from the log when it is known."""
        times = [""] * 6
        if self.detail is not None:
            for entry in self.detail.timeline:
                step = _STEP_OF_ACTION.get(entry.action)
                if step and entry.at is not None:
                    times[step - 1] = self.seat.rules.calendar.local(entry.at).strftime("%H:%M")
        index = 7 if case.state in ("closed", "archived") else STAGE_INDEX.get(case.stage or "", 0)
        end = STATES[case.state].name if case.state in END_MARKS else ""
        reached = max((n for n, time in enumerate(times, 1) if time), default=0)
        return StepsView(
            index or min(reached + 1, 6),
            tuple(times),
            end,
            case.round,
            case.counts.rework,
            case.counts.return_,
        )

    def _facts(self, case: Case) -> tuple[tuple[str, str, bool], ...]:
        """Return the facts in two columns, the address over the whole width."""
        rules, areas = self.seat.rules, self.seat.areas
        category = rules.categories.get(case.category or "")
        condition = rules.condition(case.category, case.condition)
        major = f"{category.major_name} · " if category is not None else ""
        facts = [
            (tr("类别"), major + category_word(case, self.seat), False),
            (tr("网格"), areas.name(case.grid) or tr("未定位"), False),
            (tr("来源"), rules.sources.get(case.source, case.source), False),
            (tr("网格员"), areas.officer(case.grid) or "—", False),
        ]
        if case.caller_masked:
            back = tr("（要求回访）") if case.need_callback else ""
            facts.append((tr("诉求人"), case.caller_masked + back, True))
        if case.lead_dept:
            co = "、".join(dept_word(dept, self.seat) for dept in case.co_depts)
            facts.append((tr("承办"), dept_word(case.lead_dept, self.seat), False))
            facts.append((tr("协办"), co or "—", False))
        facts.append((tr("地址"), case.location.address or tr("没有地址文字"), True))
        if condition is not None:
            facts.append((tr("立案条件"), f"{condition.text}（{condition.limit.words}）", True))
        if case.counts.return_:
            told = tr("本案已退回 {n} 次，流转满 {limit} 次提请会商（J 看退单裁判）")
            limit = rules.settings.bounce_limit
            facts.append((tr("退单"), told.format(n=case.counts.return_, limit=limit), True))
        near = self.boundary.words(case.location.lon, case.location.lat)
        if near or "near_boundary" in case.flags:
            words = near or tr("位置靠近网格边界")
            facts.append((tr("提示"), tr("{near}，派遣前请核对责任区").format(near=words), True))
        return tuple(facts)

    def _attachments(self) -> tuple[tuple[str, str, str], ...]:
        """Return attachments as (sha256, name, mime)."""
        if self.detail is None:
            return ()
        return tuple((file.sha256, file.name or tr("附件"), file.mime) for file in self.detail.attachments)

    def _history(self, view: CaseView) -> tuple[HistoryLine, ...]:
        """Return the history, newest first, the own undecided commands on top."""
        waiting = [waiting_line(command, self.seat) for command in reversed(view.projected.pending)]
        if self.detail is None:
            return tuple(waiting)
        entries = self.detail.timeline
        return (
            *waiting,
            *(
                entry_line(entry, self.seat, latest=number == 0 and not waiting)
                for number, entry in enumerate(reversed(entries))
            ),
        )

    def _suggestions(self, case: Case) -> tuple[SuggestedUnit, ...]:
        """Return units that suggest themselves for a case that waits for dispatch."""
        hit = self.boundary.hit(case.location.lon, case.location.lat)
        near = None if hit is None or hit.neighbour is None else (hit.neighbour, hit.boundary_m)
        near = near if hit is not None and hit.near_boundary else None
        return suggested_units(self.seat, case, near, self.detail.timeline if self.detail is not None else ())


def _used(clock: Clock | None, now: datetime, seat: SeatViewModel) -> float:
    """Return the used part of the limit, 0 to 1."""
    if clock is None or not clock.live:
        return 0.0
    calendar = seat.rules.calendar
    end = to_s(clock.due_at) if clock.due_at is not None else to_s(now)
    whole = calendar.counted(to_s(clock.started_at), end, clock.limit.working, clock.gaps) or 1
    used = calendar.counted(to_s(clock.started_at), to_s(now), clock.limit.working, clock.gaps)
    if clock.due_at is None:
        whole = clock.limit.seconds(calendar.day_hours)
    return min(1.0, used / whole)
