"""PySide6 6.12.0 on CPython 3.11 drops a reference to None with every call that returns nothing; ours must not."""

import sys

from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QLabel


def test_calls_that_return_nothing_keep_none(qtbot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    image = QImage(8, 8, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for turn in range(400):
        painter.setPen(QColor(turn % 255, 0, 0))
        label.setText("余 0:04:52")
        label.update()
    lost = before - sys.getrefcount(None)
    painter.end()
    assert lost < 100, "PySide6 loses references to None: the process will abort after a while"
