"""声音: how loud, which cues, and what they sound like."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.notices.cues import CALL, SERIOUS, URGENT, cue_title, cue_when
from console.notices.sounding import URGENT_FLOOR
from console.viewmodels.sound.desk import SoundDesk
from console.windows.desk.desk_list import DeskList, ListLine
from widgets.dialogs.frame import DialogFrame
from widgets.forms.segmented import Segment, Segmented
from widgets.indicators.key_legend import KeyHint
from widgets.indicators.text_label import TextLabel

#: percent of full volume that can be chosen
STEPS = (0, 30, 60, 80, 100)


def tr(text: str) -> str:
    """Translate a word of the dialog."""
    return QCoreApplication.translate("Sound", text)


class SoundDialog(DialogFrame):
    """Volume in five steps and a line for each cue: Enter plays it, Space switches it."""

    def __init__(self, desk: SoundDesk, host: QWidget) -> None:
        """Show what is set."""
        hints = (KeyHint(("Enter",), tr("试听")), KeyHint(("Space",), tr("开或关")))
        super().__init__(host, tr("声音"), "", "bell", 620, main=tr("试听"), cancel=tr("关闭"), hints=hints)
        self.desk = desk
        words = (tr("静音"), tr("轻"), tr("中"), tr("响"), tr("最响"))
        self.volume = Segmented(
            tuple(Segment(str(step), word) for step, word in zip(STEPS, words, strict=True)), self, boxed=True
        )
        self.volume.setAccessibleName(tr("音量"))
        self.volume.chosen.connect(self._on_volume)
        self.list = DeskList(tr("提示音"), self)
        self.list.setMinimumHeight(9 * 50)
        self.list.opened.connect(desk.listen)
        self.note = TextLabel("", "label", "text.secondary", self)
        for part in (self.volume, self.list, self.note):
            self.content.addWidget(part)
        self.set_first_field(self.list)
        desk.changed.connect(self.show_model)
        self.show_model()

    def show_model(self) -> None:
        """Show volume, cues, and why nothing is heard."""
        settings = self.desk.settings
        nearest = min(STEPS, key=lambda step: abs(step - settings.volume))
        self.volume.set_current(str(nearest))
        lines = []
        for cue in SERIOUS:
            if cue == CALL:
                continue  # belongs to the telephone
            on = cue not in settings.off
            side = tr("始终开启") if cue == URGENT else tr("开") if on else tr("关")
            tone = "accent.base" if on else "text.tertiary"
            lines.append(ListLine(cue, cue_title(cue), under=cue_when(cue), side=side, tone=tone))
        self.list.show_lines(tuple(lines))
        floor = tr("静音时急要件仍以 {n}% 音量响。").format(n=URGENT_FLOOR)
        self.note.set_text(self.desk.trouble or (floor if settings.volume < URGENT_FLOOR else ""))
        self.note.set_token("sla.soon.text" if self.desk.trouble else "text.secondary")

    def accept(self) -> None:
        """Play the cue under the cursor; the dialog stays."""
        if self.list.current:
            self.desk.listen(self.list.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Switch the cue under the cursor by Space."""
        if event.key() == Qt.Key.Key_Space and self.focusWidget() is self.list and self.list.current:
            cue = self.list.current
            self.desk.switch(cue, cue in self.desk.settings.off)
        else:
            super().keyPressEvent(event)

    def _on_volume(self, step: str) -> None:
        """Set it and let it be heard."""
        self.desk.set_volume(int(step))
        self.desk.listen(self.list.current or URGENT)
