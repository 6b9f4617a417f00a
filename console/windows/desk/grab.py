"""A picture from the screen or the clipboard into a case: choose a region, look at it, attach it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QWidget

from widgets.theme import theme
from widgets.theme.text import draw_text

LEAST = 8
#: a PNG above this becomes a JPEG; a screen full of map would else be some megabytes
MOST_PNG = 3 * 1024 * 1024
QUALITY = 88
#: pictures are made no larger than this; details of a screen stay readable
MOST_SIDE = 3840


def tr(text: str) -> str:
    """Translate a word of the region."""
    return QCoreApplication.translate("Grab", text)


def picture_bytes(image: QImage) -> tuple[bytes, str]:
    """Return a picture as bytes and their type: PNG, or JPEG when that would be large."""
    if max(image.width(), image.height()) > MOST_SIDE:
        image = image.scaled(
            MOST_SIDE,
            MOST_SIDE,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    data = _written(image, "PNG", -1)
    if len(data) <= MOST_PNG:
        return data, "image/png"
    return _written(image.convertToFormat(QImage.Format.Format_RGB32), "JPG", QUALITY), "image/jpeg"


def _written(image: QImage, kind: str, quality: int) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, kind, quality)  # type: ignore[call-overload]  # the stubs know paths only
    buffer.close()
    return bytes(data.data())


def clipboard_picture() -> QImage | None:
    """Return the picture on the clipboard, None when there is none."""
    data = QGuiApplication.clipboard().mimeData()
    if data is None or not data.hasImage():
        return None
    image = QGuiApplication.clipboard().image()
    return None if image.isNull() else image


def screen_of(window: QWidget) -> QPixmap:
    """Return what the screen of a window shows; its own window where the system gives no screen away."""
    screen = window.screen()
    shot = screen.grabWindow(0) if screen is not None else QPixmap()
    return shot if not shot.isNull() else window.grab()


class RegionGrab(QWidget):
    """The frozen screen, on which a region is drawn. `taken(QImage)` or nothing when it was left by Esc."""

    taken = Signal(object)

    def __init__(self, window: QWidget, shot: Callable[[QWidget], QPixmap] = screen_of) -> None:
        """Freeze the screen of a window; `show_over` shows it."""
        super().__init__(None, Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(tr("框选截图区域"))
        self._shot = shot(window)
        self._from: QPoint | None = None
        self._to = QPoint()
        self.setCursor(Qt.CursorShape.CrossCursor)
        screen = window.screen()
        whole = screen.geometry() if screen is not None else window.geometry()
        size = self._shot.deviceIndependentSize().toSize()
        self.setGeometry(QRect(whole.topLeft(), size))

    @property
    def region(self) -> QRect:
        """The region drawn so far."""
        return QRect() if self._from is None else QRect(self._from, self._to).normalized()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a region."""
        self._from = self._to = event.position().toPoint()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw it."""
        if self._from is not None:
            self._to = event.position().toPoint()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take it; a mere click takes nothing."""
        if self._from is None:
            return
        self._to = event.position().toPoint()
        region = self.region
        self._from = None
        if region.width() < LEAST or region.height() < LEAST:
            self.update()
            return
        self._take(region)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves, Enter takes the whole screen."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.rect())

    def _take(self, region: QRect) -> None:
        ratio = self._shot.devicePixelRatio()
        part = QRectF(region.x() * ratio, region.y() * ratio, region.width() * ratio, region.height() * ratio)
        image = self._shot.toImage().copy(part.toRect())
        image.setDevicePixelRatio(1.0)
        self.close()
        self.taken.emit(image)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frozen screen, darkened outside the region."""
        look = theme()
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._shot)
            dark = QColor(look.color("bg.scrim"))
            dark.setAlpha(120)
            painter.fillRect(self.rect(), dark)
            region = self.region
            if not region.isEmpty():
                painter.drawPixmap(
                    region,
                    self._shot,
                    QRect(
                        region.topLeft() * self._shot.devicePixelRatio(),
                        region.size() * self._shot.devicePixelRatio(),
                    ),
                )
                painter.setPen(QPen(look.color("accent.focus"), 2))
                painter.drawRect(region)
            words = tr("拖出一块区域；回车截整个屏幕，Esc 取消")
            room = QRectF(0, self.height() - 48, self.width(), 32)
            draw_text(
                painter, room.adjusted(24, 0, 0, 0), words, look.font("heading"), look.color("text.primary")
            )
