"""Places of content that is still being read: blocks where the real thing will stand, no shimmer."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.theme import theme

DELAY_MS = 200


class Skeleton(QWidget):
    """Blocks given as (x, y, width, height) in parts of the widget's width and in pixels down.

    Values up to 1 for x and width are parts of the width, larger ones pixels. Nothing is painted in the first 200 ms,
    so that quick answers never flash.
    """

    def __init__(
        self, blocks: tuple[tuple[float, float, float, float], ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._blocks = blocks
        self._shown = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("正在读取…"))
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.timeout.connect(self.show_now)
        self._delay.start(DELAY_MS)

    def set_blocks(self, blocks: tuple[tuple[float, float, float, float], ...]) -> None:
        """Show other places."""
        self._blocks = blocks
        self.update()

    def restart(self) -> None:
        """Wait the 200 ms again before blocks appear."""
        self._shown = False
        self._delay.start(DELAY_MS)
        self.update()

    def show_now(self) -> None:
        """Show the blocks without waiting."""
        self._delay.stop()
        self._shown = True
        self.update()

    @property
    def blocks_shown(self) -> bool:
        """Whether the 200 ms are over."""
        return self._shown

    def sizeHint(self) -> QSize:
        """Return the lowest block's end."""
        return QSize(240, round(max((y + h for _, y, _, h in self._blocks), default=0)))

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop waiting when the real thing is there."""
        self._delay.stop()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the blocks."""
        if not self._shown:
            return
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("bg.hover"))
            for x, y, width, height in self._blocks:
                left = x * self.width() if x <= 1 else x
                wide = width * self.width() if width <= 1 else width
                painter.drawRoundedRect(QRectF(left, y, wide, height), 3, 3)


def case_panel_blocks() -> tuple[tuple[float, float, float, float], ...]:
    """Return the blocks of the case panel: head, six steps, facts, attachments, cards."""
    blocks: list[tuple[float, float, float, float]] = [(16, 16, 160, 18), (16, 48, 300, 14)]
    for step in range(6):
        x = 0.04 + step * 0.125
        blocks += [(x, 96, 24, 24), (x, 128, 30, 10)]
    blocks += [
        (16, 180 + row * 22, width, 12) for row, width in enumerate((0.88, 0.78, 0.83, 0.51, 0.9, 0.72))
    ]
    blocks += [(0.04 + item * 0.236, 336, 0.218, 64) for item in range(4)]
    blocks += [(16, 434, 100, 14)] + [(16, 460 + card * 64, 0.92, 56) for card in range(3)]
    return tuple(blocks)
