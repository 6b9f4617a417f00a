"""Pictures of the command bar for the scripted shift: empty, a line with verb, case and unit, a line that is wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.app.tour_seats import TourSeats
from console.windows.palette.palette import Palette

CTRL = Qt.KeyboardModifier.ControlModifier


class VerbsTour:
    """Works the command bar of the dispatcher's console by keys."""

    def __init__(self, seats: TourSeats) -> None:
        """Use the consoles of the shift."""
        self.seats, self.stage = seats, seats.stage
        self.shell = seats.shell("dispatcher")

    def walk(self) -> None:
        """Take every picture; nothing is done to a case."""
        page = self.seats.desk()
        page.queue_model.show_tab("pending_dispatch")
        self.stage.wait(lambda: page.queue_model.count, "待派遣的案件")
        page.queue.table.setFocus()
        page.queue.table.set_current_place(0)
        self.stage.wait(lambda: page.panel_model.panel is not None, "案件面板")
        bar = self._open()
        self.stage.picture(self.shell, "30_command_bar")
        entry = page.seat.case(page.panel_model.case_id)
        digits = (entry.case.number or "")[-4:] if entry is not None else ""
        for name, line in (
            ("31_command_bar_dispatch", f"pq {digits} sz"),
            ("32_command_bar_search", "井盖"),
            ("33_command_bar_wrong", "pq 9999 sz"),
        ):
            bar.field.setText(line)
            bar.model.finish()
            self.stage.picture(self.shell, name)
        bar.reject()
        self._keys()

    def _open(self) -> Palette:
        """Open the command bar by its key."""
        self.stage.press(self.shell, Qt.Key.Key_K, CTRL)
        bar = self.stage.dialog(self.shell)
        assert isinstance(bar, Palette)
        return bar

    def _keys(self) -> None:
        """Picture the list of keys and the change of keys."""
        for name, verb in (("34_keys", "frame.keys"), ("35_key_settings", "frame.key_settings")):
            self.seats.seat("dispatcher").verbs.run(verb)
            dialog = self.stage.dialog(self.shell)
            self.stage.picture(self.shell, name)
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
            self.stage.rest(200)
