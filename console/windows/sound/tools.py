"""Joins sound to a shell: the desk of cues, the player, the verb 声音."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from console.viewmodels.desk.watch import WatchBook
from console.viewmodels.sound.desk import SoundDesk
from console.viewmodels.verbs.verb import SETTINGS_GROUP, Verb, noop
from console.windows.sound.dialog import SoundDialog
from console.windows.sound.player import Output, TonePlayer

if TYPE_CHECKING:
    from console.windows.shell import ShellWindow

SOUND = Verb(
    "settings.sound", noop("声音"), ("提示音", "音量", "静音", "试听"), group=SETTINGS_GROUP, icon="bell"
)


class SoundTools(QObject):
    """The sound of one signed-in seat; `start` reads what is set."""

    def __init__(
        self, shell: ShellWindow, watch: WatchBook, output: Output, parent: QObject | None = None
    ) -> None:
        """Join everything; nothing sounds before the seat's first picture has come to rest."""
        super().__init__(parent)
        self.shell = shell
        self.desk = SoundDesk(shell.seat, parent=self)
        self.desk.locked = lambda: shell.guard.locked
        self.player = TonePlayer(self.desk, output, self)
        watch.reminded.connect(self.desk.remind)
        shell.seat.verbs.add(SOUND, self.open)

    def start(self) -> None:
        """Read what is set."""
        self.desk.load()

    def open(self) -> SoundDialog:
        """Show the settings."""
        dialog = SoundDialog(self.desk, self.shell)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def close(self) -> None:
        """Fall silent."""
        self.desk.close()
        self.player.close()
