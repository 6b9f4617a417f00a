"""Attachments of a form: drop files, paste a picture, or choose from disk; thumbnails with a cross."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QIODevice, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QImageWriter,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QFileDialog, QSizePolicy, QWidget

from console.viewmodels.actions.photos import Photo
from widgets.forms.buttons import Button, ButtonSize
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme, theme_store
from widgets.theme.icons import draw_icon
from widgets.theme.text import RIGHT, draw_text

THUMB_W, THUMB_H, GAP, PAD = 94, 64, 8, 12

ChooseFiles = Callable[[QWidget], Sequence[str]]


def tr(text: str) -> str:
    """Translate a word of the strip."""
    return QCoreApplication.translate("Photos", text)


def ask_files(parent: QWidget) -> Sequence[str]:
    """Let the operator choose files from disk."""
    names, _ = QFileDialog.getOpenFileNames(parent, tr("选择附件"), "", tr("图片和文件 (*)"))
    return names


class PhotoStrip(QWidget):
    """Shows attachments and takes new ones.

    Signals: `files_added(list[Path])`, `picture_pasted(bytes, str, str)` with name and type,
    `removed(str)` with the hash.
    """

    files_added = Signal(object)
    picture_pasted = Signal(object, str, str)
    removed = Signal(str)

    def __init__(self, parent: QWidget | None = None, choose: ChooseFiles = ask_files) -> None:
        """Start empty; `choose` opens the file dialog."""
        super().__init__(parent)
        self._photos: tuple[Photo, ...] = ()
        self._pictures: dict[str, QPixmap] = {}
        self._hover = self._over = False
        self._choose = choose
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.button = Button(tr("选文件"), size=ButtonSize.SMALL, parent=self)
        self.button.clicked.connect(self._on_choose)
        self._error = TextLabel("", "label", "sla.over2.text", self, wrap=True)
        self._error.hide()
        self.setAccessibleName(tr("附件"))
        theme_store().changed.connect(self.update)

    @property
    def photos(self) -> tuple[Photo, ...]:
        """What is shown."""
        return self._photos

    def set_photos(self, photos: tuple[Photo, ...]) -> None:
        """Show other attachments."""
        if photos == self._photos:
            return
        self._photos = photos
        known = {photo.sha256 for photo in photos}
        self._pictures = {key: picture for key, picture in self._pictures.items() if key in known}
        for photo in photos:
            if photo.sha256 not in self._pictures:
                self._pictures[photo.sha256] = _thumbnail(photo)
        self.setAccessibleDescription(tr("{n} 个附件").format(n=len(photos)))
        self.updateGeometry()
        self.update()

    def set_error(self, sentence: str) -> None:
        """Show or clear a sentence."""
        self._error.set_text(sentence)
        self._error.setVisible(bool(sentence))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return one line while empty, a row of thumbnails with the line below else."""
        height = 44 if not self._photos else THUMB_H + 44 + GAP
        return QSize(400, height + (20 if self._error.text() else 0))

    # --- taking -------------------------------------------------------------------------------------

    def paste(self) -> bool:
        """Take what is on the clipboard; False when it holds neither files nor a picture."""
        return self._take(QGuiApplication.clipboard().mimeData())

    def _take(self, data: object) -> bool:
        urls = data.urls() if data is not None and data.hasUrls() else []  # type: ignore[attr-defined]  # QMimeData
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if paths:
            self.files_added.emit(paths)
            return True
        if data is not None and data.hasImage():  # type: ignore[attr-defined]  # QMimeData
            image = QGuiApplication.clipboard().image()
            if not image.isNull():
                self.picture_pasted.emit(_png(image), tr("截图.png"), "image/png")
                return True
        return False

    def _on_choose(self) -> None:
        names = [Path(name) for name in self._choose(self)]
        if names:
            self.files_added.emit(names)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste by Ctrl+V; Delete takes the last one out."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.key() == Qt.Key.Key_Delete and self._photos:
            self.removed.emit(self._photos[-1].sha256)
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and pictures."""
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            self._over = True
            event.acceptProposedAction()
            self.update()

    def dragLeaveEvent(self, event: object) -> None:
        """The drag went on."""
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        self._over = False
        if self._take(event.mimeData()):
            event.acceptProposedAction()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The cross of a thumbnail takes it out."""
        for place, photo in enumerate(self._photos):
            if self._cross(place).contains(event.position()):
                self.removed.emit(photo.sha256)
                return

    # --- drawing ------------------------------------------------------------------------------------

    def resizeEvent(self, event: object) -> None:
        """Keep the button at the right of the line."""
        hint, bottom = self.button.sizeHint(), self.height() - (20 if self._error.text() else 0)
        self.button.setGeometry(
            self.width() - hint.width() - PAD, bottom - 22 - hint.height() // 2, hint.width(), hint.height()
        )
        self._error.setGeometry(0, bottom, self.width(), 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw frame, thumbnails and the line of words."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5 - (20 if self._error.text() else 0))
        edge = "accent.focus" if self.hasFocus() or self._over else "line.strong"
        painter.setPen(QPen(look.color(edge), 1, Qt.PenStyle.DashLine))
        painter.setBrush(look.color("accent.soft" if self._over else "bg.panel"))
        painter.drawRoundedRect(box, 4, 4)
        for place, photo in enumerate(self._photos):
            self._draw_thumb(painter, place, photo)
        line = QRectF(PAD, box.bottom() - 44, box.width() - 2 * PAD, 44)
        draw_icon(painter, QRectF(line.x(), line.y(), 16, 44), "attachment", look.color("text.tertiary"), 16)
        words = tr("附件") if not self._photos else tr("附件 {n}").format(n=len(self._photos))
        font, quiet = look.font("body"), look.color("text.secondary")
        draw_text(painter, line.adjusted(24, 0, 0, 0), words, font, quiet)
        right = line.adjusted(120, 0, -self.button.width() - 12, 0)
        hint = tr("拖入文件，或按 Ctrl+V 粘贴")
        draw_text(painter, right, hint, look.font("label"), look.color("text.tertiary"), RIGHT)
        painter.end()

    def _draw_thumb(self, painter: QPainter, place: int, photo: Photo) -> None:
        look, box = theme(), self._thumb(place)
        painter.setPen(QPen(look.color("line.normal"), 1))
        painter.setBrush(look.color("bg.raised"))
        painter.drawRoundedRect(box, 3, 3)
        picture = self._pictures.get(photo.sha256)
        if picture is not None and not picture.isNull():
            painter.drawPixmap(box.adjusted(1, 1, -1, -1).toRect(), picture)
        else:
            draw_icon(painter, box.adjusted(0, 0, 0, -18), "document", look.color("text.secondary"), 20)
            name = box.adjusted(6, box.height() - 24, -6, -4)
            draw_text(painter, name, photo.name, look.font("caption"), look.color("text.secondary"))
        cross = self._cross(place)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("bg.overlay"))
        painter.drawRoundedRect(cross, 3, 3)
        draw_icon(painter, cross, "x", look.color("text.primary"), 14)

    def _thumb(self, place: int) -> QRectF:
        return QRectF(PAD + place * (THUMB_W + GAP) + 0.5, GAP + 0.5, THUMB_W, THUMB_H)

    def _cross(self, place: int) -> QRectF:
        box = self._thumb(place)
        return QRectF(box.right() - 22, box.top() + 2, 20, 20)


def _thumbnail(photo: Photo) -> QPixmap:
    """Return the picture of an attachment filling a thumbnail, a null one when it is no picture."""
    image = QImage.fromData(photo.data) if photo.mime.startswith("image/") else QImage()
    if image.isNull():
        return QPixmap()
    size = QSize(THUMB_W * 2 - 4, THUMB_H * 2 - 4)
    scaled = image.scaled(
        size, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    )
    x, y = (scaled.width() - size.width()) // 2, (scaled.height() - size.height()) // 2
    return QPixmap.fromImage(scaled.copy(x, y, size.width(), size.height()))


def _png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    buffer.close()
    return bytes(data.data())
