"""How far the map is on its first load, on the map itself: the queue can be worked meanwhile."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from console.viewmodels.map_ground import GroundProgress, MapGround
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme

WIDTH = 320
TOP = 64


def tr(text: str) -> str:
    """Translate a word of the progress."""
    return QCoreApplication.translate("MapProgress", text)


class MapProgress(QFrame):
    """A small box over the map; it takes no focus and goes by itself when the first picture is there."""

    def __init__(self, ground: MapGround, over: QWidget) -> None:
        """Follow the ground of a seat; hidden until something is under way."""
        super().__init__(over)
        self._ground = ground
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoFillBackground(True)
        self.words = TextLabel("", "body", "text.primary", self)
        self.bar = ShareBar(self)
        self.hint = TextLabel(tr("队列先就绪，可先用键盘派遣"), "label", "text.tertiary", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        for part in (self.words, self.bar, self.hint):
            column.addWidget(part)
        self.setFixedWidth(WIDTH)
        self._dress()
        self.hide()
        over.installEventFilter(self)
        ground.progress.connect(self._on_progress)
        ground.ready.connect(self.hide)

    def _dress(self) -> None:
        """Take ground and edge of a box on the map."""
        look = theme()
        ground, edge = look.color("bg.overlay").name(), look.color("line.normal").name()
        self.setStyleSheet(
            f"MapProgress {{ background: {ground}; border: 1px solid {edge}; border-radius: 6px; }}"
        )

    def _on_progress(self, progress: object) -> None:
        """Show how far it is; once there is a picture, finer steps need no box."""
        assert isinstance(progress, GroundProgress)
        if self._ground.district is not None or progress.share >= 1.0:
            self.hide()
            return
        percent = int(progress.share * 100)
        self.words.set_text(tr("正在载入网格地图 {p}% · {words}").format(p=percent, words=progress.words))
        self.bar.set_share(progress.share)
        self.setAccessibleName(self.words.text())
        self._dress()
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        """Stand at the top of the map, in the middle."""
        over = self.parentWidget()
        assert over is not None
        self.adjustSize()
        self.move((over.width() - self.width()) // 2, TOP)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the place when the map changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)


class ShareBar(QWidget):
    """A thin bar. Qt's own repaints at once with every value, and the whole map with it; this one waits its turn."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start at nothing."""
        super().__init__(parent)
        self.share = 0.0
        self.setFixedHeight(6)

    def set_share(self, share: float) -> None:
        """Show how much is done, 0 to 1."""
        self.share = min(max(share, 0.0), 1.0)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and share."""
        look = theme()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), look.color("bg.hover"))
            done = QRectF(0, 0, self.width() * self.share, self.height())
            painter.fillRect(done, look.color("accent.base"))
