"""Sound at a shell: the player, the device that is not there, the settings, and an 急要件 behind the lock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.notices.cues import CALL, NEW, SERIOUS, URGENT, shipped_cues
from console.notices.sounding import Play
from console.viewmodels.desk.watch import WatchBook, Watched
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.sound.desk import SoundDesk
from console.viewmodels.verbs.matching import match
from console.windows.shell import ShellWindow
from console.windows.sound.device import SoundDevice, machine_may_sound, no_device
from console.windows.sound.dialog import SoundDialog
from console.windows.sound.player import TonePlayer
from console.windows.sound.tones import EDGE_MS, PEAK, RATE, Samples
from console.windows.sound.tools import SOUND, SoundTools
from services.domain.case import Case
from services.ports.picture import ONLINE, Connection
from tests.support.fakes import World, settled, world_for
from tests.widgets.console.frame.test_shell import Open, open_shell
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme_store

__all__ = ["open_shell"]


class Tape(QObject):
    """A device that keeps what it was given."""

    trouble = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.sounds: list[Samples] = []
        self.closed = 0

    def write(self, samples: Samples) -> None:
        self.sounds.append(samples)

    def close(self) -> None:
        self.closed += 1


class Ears:
    """A desk with a clock of its own, its sounds on a tape; `shell` where one is open."""

    def __init__(
        self, world: World, seat: SeatViewModel, qtbot: Any, shell: ShellWindow | None = None
    ) -> None:
        self.world, self.seat, self.qtbot, self.shell = world, seat, qtbot, shell
        self.tape, self.time = Tape(), 50.0
        self.tools: SoundTools | None = None
        if shell is None:
            self.desk = SoundDesk(seat)
            self.player = TonePlayer(self.desk, self.tape, seat)
        else:
            self.watch = WatchBook(seat, seat)
            self.tools = SoundTools(shell, self.watch, self.tape, shell)
            self.tools.start()
            self.desk, self.player = self.tools.desk, self.tools.player
        self.desk._clock = lambda: self.time
        self.played: list[Play] = []
        self.desk.play.connect(self.played.append)
        seat.connection_changed.emit(Connection(ONLINE))
        for _ in range(3):
            self.beat()

    def beat(self, seconds: float = 1.0) -> None:
        self.time += seconds
        self.seat.second.emit(self.seat.now())

    def urgent(self) -> Case:
        case = self.world.walk("pending_dispatch", description="天然气管道泄漏", address="柳岸街道赤霞里")
        case = self.world.cases[case.case_id] = replace(case, urgent=True)
        self.world.announce({"cases"}, {case.case_id})
        settled(self.seat, self.qtbot)
        self.seat.book.finish()
        return case

    def rings(self) -> int:
        return [play.cue.id for play in self.played].count(URGENT)


@pytest.fixture
def ears(start: Callable[[World], SeatViewModel], qtbot: Any) -> Ears:
    theme_store().apply()
    world = world_for("dispatcher")
    return Ears(world, start(world), qtbot)


# --- player ---------------------------------------------------------------------------------------------------


def test_every_cue_reaches_the_device_whole_and_soft(ears: Ears) -> None:
    ears.desk.set_volume(100)
    for cue in SERIOUS:
        ears.time += 20
        ears.desk.listen(cue)
        sound = ears.tape.sounds.pop()
        assert len(sound) == pytest.approx(shipped_cues()[cue].seconds * RATE, abs=3)
        assert sound[0] == sound[-1] == 0
        assert PEAK * 0.95 <= np.abs(sound).max() <= PEAK <= 1.0
        assert np.abs(sound[: RATE * EDGE_MS // 2000]).max() < PEAK * 0.55, "the edge rises over 10 ms"
        assert not ears.tape.sounds


def test_the_volume_scales_what_is_written(ears: Ears) -> None:
    for volume in (100, 30):
        ears.desk.set_volume(volume)
        ears.desk.remind()
        ears.time += 20
    loud, soft = (float(np.abs(sound).max()) for sound in ears.tape.sounds)
    assert soft == pytest.approx(loud * 0.3)


# --- device ---------------------------------------------------------------------------------------------------


def test_without_a_sound_system_nothing_is_loaded_and_one_sentence_is_said(
    qtbot: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    loaded = "PySide6.QtMultimedia" in sys.modules
    device = SoundDevice(lambda: False)
    said: list[str] = []
    device.trouble.connect(said.append)
    device.warm()
    device.write(np.zeros(10))
    assert said == [no_device()]
    assert ("PySide6.QtMultimedia" in sys.modules) == loaded
    assert device._running is None
    device.close()
    device.close()
    device.write(np.zeros(10))
    device.warm()
    assert said == [no_device()]
    assert capfd.readouterr().err == ""


def test_a_console_without_a_screen_is_silent() -> None:
    device = SoundDevice()
    said: list[str] = []
    device.trouble.connect(said.append)
    device.write(np.zeros(10))
    assert said == [no_device()], "the tests run without a screen"


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the sockets and devices of Linux")
def test_where_a_machine_may_sound(tmp_path: Path) -> None:
    assert not machine_may_sound("xcb", {}, tmp_path)
    assert machine_may_sound("xcb", {"PULSE_SERVER": "tcp:127.0.0.1"}, tmp_path)
    assert not machine_may_sound("offscreen", {"PULSE_SERVER": "tcp:127.0.0.1"}, tmp_path)
    for place in ("run/user/7/pipewire-0", "run/user/7/pulse/native", "dev/snd/controlC0"):
        root = tmp_path / place.replace("/", "-")
        (root / place).parent.mkdir(parents=True)
        (root / place).touch()
        assert machine_may_sound("wayland", {"XDG_RUNTIME_DIR": "/run/user/7"}, root)


@pytest.mark.faults
def test_the_real_thread_neither_stalls_nor_crashes(qtbot: Any) -> None:
    """Loads QtMultimedia whatever the machine has; with a device it plays, without one it says so."""
    device = SoundDevice(lambda: True)
    said: list[str] = []
    device.trouble.connect(said.append)
    device.warm()
    device.write(np.zeros(RATE // 10))
    qtbot.waitUntil(lambda: bool(said), timeout=60_000)
    device.close()
    assert device._running is None


# --- settings -------------------------------------------------------------------------------------------------


def test_volume_and_cues_are_set_by_keys(ears: Ears, window: QWidget) -> None:
    dialog = SoundDialog(ears.desk, window)
    dialog.open()
    assert dialog.volume.current == "60"
    lines = {line.key: line for line in dialog.list.lines}
    assert tuple(lines) == tuple(cue for cue in SERIOUS if cue != CALL)
    assert lines[URGENT].side == "始终开启" and lines[NEW].side == "开"
    dialog.list.choose(NEW)
    QTest.keyClick(dialog.list, Qt.Key.Key_Space)
    assert ears.desk.settings.off == {NEW}
    assert {line.key: line.side for line in dialog.list.lines}[NEW] == "关"
    dialog.list.choose(URGENT)
    QTest.keyClick(dialog.list, Qt.Key.Key_Space)
    assert URGENT not in ears.desk.settings.off
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [play.cue.id for play in ears.played] == [URGENT, URGENT]
    assert dialog.isVisible()
    dialog.reject()


def test_the_volume_is_heard_when_it_is_chosen_and_silence_is_explained(ears: Ears, window: QWidget) -> None:
    dialog = SoundDialog(ears.desk, window)
    dialog.open()
    dialog.volume.choose("0")
    assert ears.desk.settings.volume == 0 and "急要件" in dialog.note.text()
    assert ears.played and ears.played[-1].level > 0
    dialog.volume.choose("80")
    assert dialog.note.text() == ""
    before = ears.seat.notices.unseen
    ears.tape.trouble.emit(no_device())
    assert dialog.note.text() == no_device()
    assert ears.seat.notices.unseen == before, "said here, and nowhere else"
    ears.tape.trouble.emit("")
    assert dialog.note.text() == ""
    dialog.reject()


# --- at a shell, and behind its lock --------------------------------------------------------------------------


def texts(widget: QWidget) -> str:
    return " ".join(label.text() for label in widget.findChildren(TextLabel))


def test_an_urgent_case_behind_the_lock_is_heard_and_not_read(open_shell: Open, qtbot: Any) -> None:
    world, seat, shell = open_shell("dispatcher")
    ears = Ears(world, seat, qtbot, shell)
    shell.lock()
    assert ears.desk.locked()
    case = ears.urgent()
    for _ in range(30):
        ears.beat()
    assert ears.rings() == 3 and len(ears.tape.sounds) == len(ears.played)
    lock = shell._lock
    assert lock.locked and lock.isVisible() and lock.rect() == shell.rect()
    shown = texts(lock)
    assert "急要件 1 件" in shown
    for secret in (case.description, case.location.address, case.number or "?", "赤霞里", "泄漏"):
        assert secret not in shown
    assert shell.childAt(shell.rect().center()) in (lock, *lock.findChildren(QWidget))
    second = ears.urgent()
    ears.beat()
    assert ears.rings() == 4
    lock._field.setText("right")
    lock._try()
    settled(seat, qtbot)
    assert not ears.desk.locked()
    ears.beat(8)
    assert ears.rings() == 5, "unlocking opens no row"
    shell.show_case(second.case_id)
    settled(seat, qtbot)
    for _ in range(12):
        ears.beat()
    assert ears.rings() == 5
    ears.watch.reminded.emit(Watched("case", seat.now()))
    assert ears.played[-1].cue.id == NEW
    assert seat.verbs.run("settings.sound")
    dialog = shell.findChild(SoundDialog)
    assert isinstance(dialog, SoundDialog) and dialog.isVisible()
    dialog.reject()
    assert ears.tools is not None
    ears.tools.close()
    assert ears.tape.closed == 1


def test_it_is_found_by_its_words() -> None:
    for said in ("声音", "shengyin", "sy", "音量", "试听"):
        assert any(match(said, name) for name in (SOUND.words, *SOUND.aliases))
