"""The machine's sound device through QtMultimedia, on a thread of its own: to find one can take seconds.

Where there is plainly no sound system (no sound server, no sound card, no screen to sit at) QtMultimedia is not even
loaded; it would write half a dozen lines about what it did not find.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QCoreApplication,
    QIODevice,
    QObject,
    Qt,
    QThread,
    Signal,
    Slot,
)
from PySide6.QtGui import QGuiApplication

from console.windows.sound.tones import RATE, Samples, pcm

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSink

#: platforms of Qt without a screen; nobody sits before them
UNSEEN = frozenset({"offscreen", "minimal", "vnc"})
#: a device that is being searched for when the console closes is waited for so long
CLOSE_MS = 1500
#: silence after the tones: a short sound that does not fill the buffer of a sound server may not begin at all
TAIL_S = 0.4
#: and once more, with all windows gone, when the program ends: loading from a slow disk takes seconds
EXIT_MS = 30_000
#: a thread that is destroyed while it runs takes the whole program with it
_RUNNING: list[tuple[QThread, QObject]] = []


@atexit.register
def _wait_for_threads() -> None:
    """Let threads that were left to themselves end before their objects are destroyed."""
    for thread, _ in _RUNNING:
        thread.quit()
        thread.wait(EXIT_MS)


def tr(text: str) -> str:
    """Translate a word of the device."""
    return QCoreApplication.translate("Sound", text)


def no_device() -> str:
    """Return the sentence for a machine without sound."""
    return tr("本机没有可用的声音设备，提示只在屏幕上显示。")


def machine_may_sound(platform: str, environ: Mapping[str, str], root: Path = Path("/")) -> bool:
    """Tell whether it is worth asking for a device; asks files only, in microseconds.

    Args:
        platform: the name of Qt's platform (`offscreen`, `xcb`, `windows` …).
        environ: where a sound server is named.
        root: where devices and sockets are looked for.
    """
    if platform in UNSEEN:
        return False
    if sys.platform != "linux" or environ.get("PULSE_SERVER"):
        return True
    runtime = environ.get("XDG_RUNTIME_DIR", "").lstrip("/")
    places = ["dev/snd/controlC0", "run/pulse/native"]
    if runtime:
        places += [f"{runtime}/pulse/native", f"{runtime}/pipewire-0"]
    return any((root / place).exists() for place in places)


def _here() -> bool:
    return machine_may_sound(QGuiApplication.platformName(), os.environ)


class _Hand(QObject):
    """Lives on the sound thread and holds the sink there."""

    said = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._sink: QAudioSink | None = None
        self._buffer: QBuffer | None = None

    @Slot()
    def warm(self) -> None:
        """Load what playing needs, while nobody works yet; the interpreter holds its breath for some 100 ms."""
        from PySide6.QtMultimedia import QMediaDevices

        QMediaDevices.defaultAudioOutput()

    @Slot(object)
    def write(self, samples: Any) -> None:
        """Play samples on the device of the moment; whatever goes wrong is said and never raised."""
        self.stop()
        # not at the top of the file: a machine without sound never loads it
        from PySide6.QtMultimedia import QAudioSink, QMediaDevices, QtAudio

        device = QMediaDevices.defaultAudioOutput()
        if device.isNull():
            self.said.emit(no_device())
            return
        form = _format(device)
        silence = bytes(int(RATE * TAIL_S) * 2 * form.channelCount())
        self._buffer = QBuffer()
        self._buffer.setData(QByteArray(pcm(samples, form.channelCount()) + silence))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        # a sink of its own for every cue: nothing of the last one is left in its buffer
        self._sink = QAudioSink(device, form)
        self._sink.start(self._buffer)
        failed = self._sink.error() in (QtAudio.Error.OpenError, QtAudio.Error.FatalError)
        if failed:
            self._sink = None
        self.said.emit(tr("声音设备打不开，提示只在屏幕上显示。") if failed else "")

    @Slot()
    def stop(self) -> None:
        """Fall silent."""
        if self._sink is not None:
            self._sink.reset()
        self._sink = self._buffer = None

    @Slot()
    def let_go(self) -> None:
        """Give the device back, on the thread it belongs to."""
        self.stop()


def _format(device: QAudioDevice) -> QAudioFormat:
    """Return 16 bit at 44.1 kHz, on one channel where the device takes it, else on two."""
    from PySide6.QtMultimedia import QAudioFormat

    form = QAudioFormat()
    form.setSampleRate(RATE)
    form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    form.setChannelCount(1)
    if not device.isFormatSupported(form):
        form.setChannelCount(2)
    return form


class SoundDevice(QObject):
    """The default output of this machine, looked for anew with every sound. `trouble(str)` says why it is silent."""

    trouble = Signal(str)
    _wanted = Signal(object)
    _warming = Signal()
    _closing = Signal()

    def __init__(self, ready: Callable[[], bool] = _here, parent: QObject | None = None) -> None:
        """Load nothing yet; `ready` tells whether it is worth asking for a device."""
        super().__init__(parent)
        self._ready = ready
        self._closed = False
        self._running: tuple[QThread, _Hand] | None = None

    def warm(self) -> None:
        """Get ready, so that the first cue finds the device loaded; comes back at once."""
        if not self._closed and self._ready():
            self._begin()
            self._warming.emit()

    def write(self, samples: Samples) -> None:
        """Begin to sound; comes back at once."""
        if self._closed:
            return
        if not self._ready():
            self.trouble.emit(no_device())
            return
        self._begin()
        self._wanted.emit(samples)

    def _begin(self) -> None:
        """Start the thread when it does not run yet."""
        if self._running is not None:
            return
        thread, hand = QThread(), _Hand()
        thread.setObjectName("sound")
        hand.moveToThread(thread)
        queued = Qt.ConnectionType.QueuedConnection
        self._wanted.connect(hand.write, queued)
        self._warming.connect(hand.warm, queued)
        self._closing.connect(hand.let_go, queued)
        hand.said.connect(self.trouble, queued)
        self._running = (thread, hand)
        _RUNNING.append(self._running)
        thread.start()

    def close(self) -> None:
        """Fall silent and end the thread; one that still asks the machine is left to itself."""
        running, self._running, self._closed = self._running, None, True
        if running is None:
            return
        thread, hand = running
        hand.said.disconnect(self.trouble)
        self._closing.emit()
        thread.quit()
        if thread.wait(CLOSE_MS):
            _RUNNING.remove(running)
