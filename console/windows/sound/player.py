"""Plays the cues of a desk: makes the tones, gives them to a device, and says once when there is none."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, SignalInstance

from console.notices.sounding import Play
from console.viewmodels.sound.desk import SoundDesk
from console.windows.sound.tones import Samples, tones


class Output(Protocol):
    """A device. `trouble(str)` says why nothing is heard, empty when it is; nothing here may block or raise."""

    @property
    def trouble(self) -> SignalInstance:
        """Why nothing is heard."""
        ...

    def write(self, samples: Samples) -> None:
        """Begin to sound; cuts off what sounds."""
        ...

    def close(self) -> None:
        """Fall silent and let the device go; may be called twice."""
        ...


class TonePlayer(QObject):
    """Joins a desk to a device."""

    def __init__(self, desk: SoundDesk, output: Output, parent: QObject | None = None) -> None:
        """Listen to the desk."""
        super().__init__(parent)
        self._output = output
        self._made: dict[str, Samples] = {}
        desk.play.connect(self._on_play)
        output.trouble.connect(desk.say_trouble)

    def _on_play(self, play: object) -> None:
        """Scale the tones of a cue, made once, and hand them over."""
        assert isinstance(play, Play)
        cue = play.cue
        if cue.id not in self._made:
            self._made[cue.id] = tones(cue.notes, 1.0)
        self._output.write(self._made[cue.id] * play.level)

    def close(self) -> None:
        """Fall silent."""
        self._output.close()
