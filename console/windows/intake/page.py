"""受理席: pools at the left, the register form in the middle, what is near by at the right. Layout and keys only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QSplitter, QVBoxLayout, QWidget

from console.viewmodels.intake import IntakeViewModel
from console.viewmodels.intake_figures import OwnFiguresViewModel
from console.viewmodels.intake_form import APPEALS
from console.viewmodels.pools import PoolsViewModel
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.verb import EVERYWHERE, INTAKE
from console.windows.bulk.hands import BulkHands
from console.windows.deadline.sheet import open_sheet
from console.windows.dialogs.registry import open_action
from console.windows.intake.answer_dialog import AnswerDialog
from console.windows.intake.candidates_panel import CandidatesPanel
from console.windows.intake.figures_panel import FiguresPanel
from console.windows.intake.pool_panel import PoolPanel
from console.windows.intake.register_form import RegisterForm
from console.windows.intake.verbs import bind_verbs
from widgets import format as fmt
from widgets.forms.buttons import Button, ButtonKind, ButtonSize
from widgets.forms.segmented import Segment, Segmented
from widgets.indicators.notice_bar import NoticeBar
from widgets.indicators.text_label import TextLabel
from widgets.theme import ThemeStore


def tr(text: str) -> str:
    """Translate a word of the page."""
    return QCoreApplication.translate("Intake", text)


class IntakePage(QWidget):
    """The workspace of acceptors and shift leaders."""

    workspace_id = "intake"

    def __init__(self, seat: SeatViewModel, theme: ThemeStore, parent: QWidget | None = None) -> None:
        """Build the three panels."""
        super().__init__(parent)
        self.seat = seat
        self._theme_store = theme
        self.title = tr("受理席")
        self.model = IntakeViewModel(seat, self)
        self.pools_model = PoolsViewModel(seat, self)
        self.figures_model = OwnFiguresViewModel(seat, self)
        self.pools = PoolPanel(self.pools_model, self)
        self.form = RegisterForm(self.model, self)
        self.candidates = CandidatesPanel(self.model, self)
        listed = self.pools_model.queue
        self.bulk = BulkHands(seat, self.pools.table, lambda: listed.ids, self.candidates, self.show_case)
        self.figures = FiguresPanel(self.figures_model, self)
        self._build_head()
        self._build_foot()
        self._lay_out()
        self._connect()
        bind_verbs(self)
        self._show_head()

    # --- layout -------------------------------------------------------------------------------------

    def _build_head(self) -> None:
        self.appeals = Segmented(
            tuple(Segment(key, tr(word), f"Alt+{letter}") for key, word, letter in APPEALS), self
        )
        self.drafts_button = Button("", size=ButtonSize.SMALL, icon="document", parent=self)
        self.autosaved = TextLabel("", "label", "text.tertiary", self)

    def _build_foot(self) -> None:
        self.notice = NoticeBar("error", parent=self)
        self.notice.hide()
        self.answer_button = Button(
            tr("直接答复办结"), ButtonKind.PLAIN, "Ctrl+J", size=ButtonSize.LARGE, parent=self
        )
        self.clear_button = Button(tr("清空"), ButtonKind.GHOST, parent=self)
        self.park_button = Button(tr("暂存"), ButtonKind.PLAIN, "Ctrl+S", size=ButtonSize.LARGE, parent=self)
        self.register_button = Button(
            tr("保存并登记"), ButtonKind.MAIN, "Ctrl+Return", size=ButtonSize.LARGE, parent=self
        )

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 8)
        head.setSpacing(16)
        head.addWidget(TextLabel(tr("登记诉求"), "heading", parent=self))
        head.addWidget(self.appeals)
        head.addStretch(1)
        head.addWidget(self.autosaved)
        head.addWidget(self.drafts_button)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self.form)
        self.form.setProperty("ground", "panel")
        self.form.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        foot = QWidget(self)
        foot.setProperty("ground", "raised")
        foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(foot)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(8)
        row.addWidget(self.answer_button)
        row.addWidget(self.clear_button)
        row.addStretch(1)
        row.addWidget(self.park_button)
        row.addWidget(self.register_button)
        middle = _panel(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(_rule(middle))
        column.addWidget(self.notice)
        column.addWidget(self.area, 1)
        column.addWidget(foot)
        right = _panel(self)
        side = QVBoxLayout(right)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        side.addWidget(self.candidates, 1)
        side.addWidget(_rule(right))
        side.addWidget(self.figures)
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.setChildrenCollapsible(False)
        for panel, width in ((self.bulk.under(self.pools), 440), (middle, 960), (right, 520)):
            self.splitter.addWidget(panel)
            panel.setMinimumWidth(min(width, 360))
        self.splitter.setSizes([440, 960, 520])
        for place, stretch in enumerate((0, 1, 0)):
            self.splitter.setStretchFactor(place, stretch)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.splitter)

    # --- wiring -------------------------------------------------------------------------------------

    def _connect(self) -> None:
        model = self.model
        self.appeals.chosen.connect(lambda key: model.set_value(appeal=key))
        self.drafts_button.clicked.connect(self.open_drafts)
        self.clear_button.clicked.connect(self.clear)
        self.answer_button.clicked.connect(self.answer)
        self.park_button.clicked.connect(self.park)
        self.register_button.clicked.connect(self.register)
        self.pools.action_wanted.connect(self.run_action)
        self.pools.sheet_wanted.connect(self.open_sheet)
        model.form_changed.connect(self._show_head)
        model.drafts.listed.connect(self._show_head)
        model.autosaved.connect(self._on_autosaved)
        model.refused.connect(self._on_refused)
        model.registered.connect(self._on_registered)
        model.busy_changed.connect(lambda on: self.register_button.setEnabled(not on))

    # --- workspace ----------------------------------------------------------------------------------

    def activate(self) -> None:
        """Give the form the focus: the next call may begin at any moment."""
        self.form.description.setFocus()

    def deactivate(self) -> None:
        """Keep what was typed."""
        self.model.drafts.flush()

    def key_legend(self) -> list[tuple[str, str]]:
        """Return the keys that matter here."""
        return [
            ("Alt+D", tr("地址")),
            ("Alt+N", tr("内容")),
            ("Alt+R", tr("重复件")),
            ("Ctrl+S", tr("暂存")),
            ("Ctrl+Return", tr("登记")),
        ]

    def focus_panels(self) -> list[QWidget]:
        """Return the panels F6 goes through."""
        return [self.pools.table, self.form.description, self.candidates.cards]

    def places(self) -> tuple[str, ...]:
        """Return the places under the hand: the pool shown when it has the focus, then the form."""
        pool = (f"pool.{self.pools_model.tab}",) if self._pools_have_focus() else ()
        return (*pool, INTAKE, EVERYWHERE)

    def subject(self) -> tuple[str, ...]:
        """Return the cases marked in the pool, else the one its card shows."""
        chosen = self.pools_model.case_id
        return self.bulk.marked or ((chosen,) if chosen else ())

    def preset_of(self, action: str, case_id: str) -> Mapping[str, str]:
        """Nothing is picked here."""
        return {}

    def open_more(self) -> None:
        """Open the menu of what else may be done with the marked case."""
        self.pools.open_more()

    def handle_key(self, event: QKeyEvent) -> bool:
        """Esc takes marks back; every other key is a verb's."""
        return event.key() == Qt.Key.Key_Escape and self.bulk.step_back()

    def toast_host(self) -> QWidget:
        """Return the panel of near-by cases: toasts stand at its lower right."""
        return self.candidates

    def show_case(self, case_id: str) -> bool:
        """Mark a case in its pool; False when no pool of this seat holds it."""
        tab = self.pools_model.tab_of(case_id)
        if not tab:
            return False
        self.pools_model.show(tab)
        self.pools_model.choose(case_id)
        self.pools.table.setFocus()
        return True

    def _pools_have_focus(self) -> bool:
        focus = self.focusWidget()
        return focus is not None and (focus is self.pools or self.pools.isAncestorOf(focus))

    # --- acts ---------------------------------------------------------------------------------------

    def register(self) -> None:
        """Save and register; what is missing gets the cursor."""
        self.notice.hide()
        if not self.model.register():
            self.form.to_first_error()

    def answer(self) -> None:
        """Ask for the answer, then register and close in one go; a form that lacks something asks for that first."""
        self.notice.hide()
        if not self.model.complete():
            self.form.to_first_error()
            return
        AnswerDialog(self, self.model.form.description, self._on_answer).open()

    def _on_answer(self, text: str) -> None:
        self.model.register(text)

    def park(self) -> None:
        """Keep the form as a draft and begin another."""
        self.model.park()
        self.form.description.setFocus()

    def clear(self) -> None:
        """Throw the form away; a form with words in it is parked instead of lost."""
        if self.model.form.empty:
            self.model.give_up()
        else:
            self.park()

    def open_drafts(self) -> QMenu:
        """Offer the drafts; the present one is marked."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        calendar = self.seat.rules.calendar
        for entry in self.model.drafts.entries:
            when = fmt.moment_text(calendar.local(entry.saved_at), calendar.local(self.seat.now()))
            action = menu.addAction(f"{when}  {entry.title or tr('未填写')}")
            action.setEnabled(entry.case_id != self.model.form.case_id)
            action.triggered.connect(lambda _=False, case_id=entry.case_id: self.model.open_draft(case_id))
        if menu.isEmpty():
            menu.addAction(tr("没有草稿")).setEnabled(False)
        menu.popup(self.drafts_button.mapToGlobal(self.drafts_button.rect().bottomLeft()))
        return menu

    def run_action(self, action: str, case_id: str) -> None:
        """Open the dialog of an action."""
        open_action(action, case_id, self.seat, self._theme_store, self)

    def open_sheet(self, case_id: str) -> None:
        """Open 时限说明书."""
        open_sheet(case_id, self.seat, self._theme_store, self)

    # --- hearing ------------------------------------------------------------------------------------

    def _show_head(self) -> None:
        self.appeals.set_current(self.model.form.appeal)
        n = len(self.model.drafts.entries)
        self.drafts_button.setText(tr("草稿 {n}").format(n=n))
        self.clear_button.setVisible(not self.model.form.empty)

    def _on_autosaved(self, when: datetime) -> None:
        local = self.seat.rules.calendar.local(when)
        text = fmt.time_of_day(local, seconds=True)
        self.autosaved.set_text(tr("自动保存 {time}").format(time=text))

    def _on_refused(self, sentence: str) -> None:
        self.notice.set_notice("error", sentence, tr("表单内容还在。"))
        self.notice.show()

    def _on_registered(self, _command: object) -> None:
        self.notice.hide()
        self.autosaved.set_text("")
        self.area.verticalScrollBar().setValue(0)
        self.form.description.setFocus()


def _panel(parent: QWidget) -> QWidget:
    panel = QWidget(parent)
    panel.setProperty("ground", "panel")
    panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return panel


def _rule(parent: QWidget) -> QFrame:
    line = QFrame(parent)
    line.setFixedHeight(1)
    line.setProperty("ground", "raised")
    line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return line
