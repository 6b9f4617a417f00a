"""The picture that will be attached, large enough to see what is on it before it leaves."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from console.viewmodels.actions.photos import Photo
from widgets.theme import theme
from widgets.theme.text import draw_text

HEIGHT = 260


def size_words(size: int) -> str:
    """Write a size: 812 KB, 3.4 MB."""
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, size // 1024)} KB"


class PhotoPreview(QWidget):
    """Shows the last picture of a form with its name, measures and size; hidden while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self._sha, self._image, self.words = "", QImage(), ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_photos(self, photos: tuple[Photo, ...]) -> None:
        """Show the last picture among the attachments."""
        photo = next((one for one in reversed(photos) if one.mime.startswith("image/")), None)
        if photo is None:
            self._sha, self._image = "", QImage()
            self.hide()
            return
        if photo.sha256 == self._sha:
            return
        self._sha, self._image = photo.sha256, QImage.fromData(photo.data)
        self.words = QCoreApplication.translate("Photos", "{name} · {w} × {h} · {size}").format(
            name=photo.name, w=self._image.width(), h=self._image.height(), size=size_words(photo.size)
        )
        self.setAccessibleName(self.words)
        self.setVisible(not self._image.isNull())
        self.update()

    def sizeHint(self) -> QSize:
        """Return a picture's room and a line of words."""
        return QSize(400, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture in the middle and the words below."""
        look = theme()
        with QPainter(self) as painter:
            room = QRectF(0.5, 0.5, self.width() - 1, self.height() - 25)
            painter.fillRect(room, look.color("bg.app"))
            painter.setPen(QPen(look.color("line.normal"), 1))
            painter.drawRect(room)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self._image.size().scaled(
                room.size().toSize() - QSize(8, 8), Qt.AspectRatioMode.KeepAspectRatio
            )
            at = QRectF(0, 0, size.width(), size.height())
            at.moveCenter(room.center())
            painter.drawImage(at, self._image)
            words = QRectF(0, self.height() - 22, self.width(), 20)
            draw_text(painter, words, self.words, look.font("label"), look.color("text.secondary"))
