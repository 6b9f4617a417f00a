"""Typing Chinese into a field as an input method does: key clicks know Latin letters only, others abort."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget


def type_in(widget: QWidget, text: str) -> None:
    """Type a text at the cursor: by keys where it is Latin, else committed by an input method."""
    if text.isascii():
        QTest.keyClicks(widget, text)
        return
    event = QInputMethodEvent()
    event.setCommitString(text)
    QCoreApplication.sendEvent(widget, event)
