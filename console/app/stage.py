"""What a scripted shift needs: wait until something is so, type as an input method does, press keys, take pictures."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QInputMethodEvent, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

PATIENCE_S = 30.0


class TourStopped(Exception):  # noqa: N818 - says what happened
    """A step of the shift did not come about; `str()` says which."""


class Stage:
    """Hands and eyes of the scripted operator; pictures go to `out`."""

    def __init__(self, out: Path) -> None:
        """Make the folder; old pictures in it are replaced."""
        self.out = out
        out.mkdir(parents=True, exist_ok=True)
        self.pictures: list[Path] = []
        self.trouble: list[str] = []

    def say(self, text: str) -> None:
        """Tell how far the shift has come."""
        sys.stderr.write(f"  {text}\n")
        sys.stderr.flush()

    def wait(self, ready: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
        """Let the program run until `ready`; raises TourStopped with `what` when it never is."""
        end = time.monotonic() + patience_s
        while not ready():
            if time.monotonic() > end:
                raise TourStopped(f"等不到：{what}")
            QTest.qWait(20)

    def rest(self, ms: int = 300) -> None:
        """Let animations and redraws end."""
        QTest.qWait(ms)

    def write(self, field: QWidget, text: str) -> None:
        """Write text into a field as an input method commits it."""
        field.setFocus()
        event = QInputMethodEvent()
        event.setCommitString(text)
        QApplication.sendEvent(field, event)

    def press(self, window: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        """Press a key where the focus of a window is."""
        window.activateWindow()
        self.wait(window.isActiveWindow, "窗口获得焦点")
        target = window.focusWidget() or window
        QTest.keyClick(target, key, modifier or Qt.KeyboardModifier.NoModifier)

    def click(self, widget: QWidget, at: QPointF) -> None:
        """Click with the left button."""
        place = QPoint(round(at.x()), round(at.y()))
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)

    def dialog(self, window: QWidget) -> QDialog:
        """Wait for the dialog that is open over a window and return it."""
        self.wait(lambda: _dialogs(window), "对话框打开")
        self.rest()
        return _dialogs(window)[-1]

    def confirm(self, window: QWidget) -> None:
        """Confirm the open dialog by Ctrl+Enter; it closes once the operation is saved."""
        dialog = self.dialog(window)
        QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        self.wait(lambda: dialog not in _dialogs(window), "对话框提交后关闭")

    def picture(self, window: QWidget, name: str) -> Path:
        """Save a picture of a window with the dialogs over it."""
        self.rest(400)
        shot = window.grab()
        for dialog in _dialogs(window):
            _lay_over(shot, dialog, window)
        file = self.out / f"{name}.png"
        shot.save(str(file))
        self.pictures.append(file)
        return file


def _dialogs(window: QWidget) -> list[QDialog]:
    """Return the dialogs open over a window."""
    return [found for found in window.findChildren(QDialog) if found.isVisible()]


def _lay_over(shot: QPixmap, dialog: QDialog, window: QWidget) -> None:
    """Paint a dialog where it stands over its window."""
    image = QPixmap(dialog.size() * shot.devicePixelRatio())
    image.setDevicePixelRatio(shot.devicePixelRatio())
    image.fill(Qt.GlobalColor.transparent)
    dialog.render(image, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter = QPainter(shot)
    painter.drawPixmap(dialog.mapToGlobal(QPoint(0, 0)) - window.mapToGlobal(QPoint(0, 0)), image)
    painter.end()
