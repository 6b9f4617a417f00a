"""The frame of all action dialogs: head with countdown, notice, outlook, errors at fields, the way to the outbox."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QWidget

from console.viewmodels.actions.base import ActionViewModel
from console.viewmodels.actions.preview import REFUSED
from console.windows.dialogs.words import head_line, limit_reading, outlook, tr
from widgets.dialogs.frame import DialogFrame
from widgets.indicators.countdown import CountdownLabel
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.notice_bar import NoticeBar
from widgets.indicators.text_label import TextLabel


class ErrorField(Protocol):
    """What can show a sentence about itself."""

    def set_error(self, sentence: str) -> None:
        """Show or clear it."""
        ...


class ActionDialog(DialogFrame):
    """One action on one case. Subclasses fill `content`, register their `fields`, and follow `show_model`.

    The dialog closes only after the outbox has the command; until then, and after a failure, it stays as it is.
    """

    def __init__(
        self,
        model: ActionViewModel,
        host: QWidget,
        icon: str = "edit",
        width: int = 560,
        *,
        main: str = "",
        danger: bool = False,
        hints: tuple[KeyHint, ...] = (),
    ) -> None:
        """Build the frame; `open` shows it."""
        super().__init__(
            host,
            model.name,
            head_line(model.head(), model.now(), model.seat.rules.calendar),
            icon,
            width,
            main=main or model.name,
            danger=danger,
            hints=hints,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        model.setParent(self)
        self.model = model
        self.fields: dict[str, ErrorField] = {}
        self.countdown = CountdownLabel(self)
        self.head.extras.addWidget(self.countdown)
        self.notice = NoticeBar("error", parent=self)
        self.notice.hide()
        self.outlook = TextLabel("", "body", "text.secondary", self, wrap=True)
        self.content.addWidget(self.notice)
        model.changed.connect(self._on_changed)
        model.errors_changed.connect(self._on_errors)
        model.refused.connect(self._on_refused)
        model.saved.connect(self._on_saved)
        model.busy_changed.connect(self._on_busy)
        model.seat.second.connect(self._on_second)

    def finish_layout(self) -> None:
        """Put the outlook below what the subclass laid out, and show what is known."""
        self.content.addWidget(self.outlook)
        self._on_changed()

    # --- what subclasses fill in --------------------------------------------------------------------

    def show_model(self) -> None:
        """Show the model's state; called after every change."""

    def outlook_text(self) -> str:
        """Return the sentence about what will happen."""
        return outlook(self.model, self.model.preview())

    # --- confirming ---------------------------------------------------------------------------------

    def accept(self) -> None:
        """Hand the form over; the dialog closes when it was saved."""
        self.notice.hide()
        if not self.model.confirm():
            self._to_first_error()

    def _on_saved(self, _command: Any) -> None:
        super().accept()

    def _on_busy(self, on: bool) -> None:
        self.main_button.setEnabled(not on)

    # --- showing ------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        model = self.model
        now, calendar = model.now(), model.seat.rules.calendar
        self.head.subtitle.set_text(head_line(model.head(), now, calendar))
        self._on_second(now)
        self.show_model()
        ahead = model.preview()
        refused = ahead.title if ahead is not None and ahead.status == REFUSED and model.sure() else ""
        if model.missing:
            refused = tr("没有找到这件案件，或它不在您的范围内。")
        self.outlook.set_text(refused or self.outlook_text())
        self.outlook.set_token("sla.soon.text" if refused else "text.secondary")
        self.outlook.setVisible(bool(self.outlook.text()))

    def _on_second(self, _now: object) -> None:
        reading = limit_reading(self.model.head().reading, self.model.now())
        self.countdown.set_reading(reading, self.model.now())
        self.countdown.setVisible(reading is not None)

    def _on_errors(self, errors: object) -> None:
        """Show sentences at their fields; what belongs to no field goes into the bar."""
        assert isinstance(errors, dict)
        left = dict(errors)
        for name, field in self.fields.items():
            own = [path for path in left if path == name or path.startswith((f"{name}.", f"{name}["))]
            field.set_error("；".join(left.pop(path) for path in own))
        if left:
            self._on_refused("；".join(f"{path}：{text}" for path, text in left.items()))

    def _on_refused(self, sentence: str) -> None:
        """Say why nothing was saved; the form stays."""
        self.notice.set_notice("error", sentence, tr("没有保存，表单内容还在。"))
        self.notice.show()

    def _to_first_error(self) -> None:
        for name, field in self.fields.items():
            if any(path == name or path.startswith((f"{name}.", f"{name}[")) for path in self.model.errors):
                if isinstance(field, QWidget):
                    field.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def event(self, event: QEvent) -> bool:
        """Follow the content's height once its layouts have settled."""
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            wanted = self.sizeHint().expandedTo(self.minimumSize())
            if wanted != self.size():
                self.resize(wanted)
                self._centre()
        return handled
