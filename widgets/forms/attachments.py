"""Attachments (DESIGN §6): 94×64 pictures, sound with wave and length, files; and the place to drop new ones."""

from dataclasses import dataclass

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from widgets.theme import Theme, theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import CENTER, LEFT, draw_text

TILE_WIDTH, TILE_HEIGHT, GAP = 94, 64, 8
_WAVE = (4, 9, 14, 8, 18, 11, 16, 6, 12, 18, 10, 15, 7, 17, 9, 13, 5, 10)
_ICONS = {"photo": "photo", "sound": "sound", "video": "camera", "file": "document"}


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment: id, kind (photo, sound, video, file), words, thumbnail, 0–100 while it is sent (−1: done)."""

    id: str
    kind: str = "file"
    words: str = ""
    thumbnail: QImage | None = None
    percent: int = -1


class AttachmentStrip(QWidget):
    """Tiles in rows; Left and Right move, Enter opens.

    Signals:
        opened(str): id of the attachment to show.
    """

    opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[Attachment, ...] = ()
        self._current = 0
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    @property
    def items(self) -> tuple[Attachment, ...]:
        """What is shown."""
        return self._items

    def set_items(self, items: tuple[Attachment, ...]) -> None:
        """Show other attachments."""
        self._items = items
        self._current = min(self._current, max(0, len(items) - 1))
        self.setAccessibleName(self.tr("附件 {0} 个").format(len(items)))
        self.setAccessibleDescription("，".join(item.words for item in items if item.words))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Tiles wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows."""
        if not self._items:
            return 0
        rows = -(-len(self._items) // self._per_row(width))
        return rows * (TILE_HEIGHT + GAP) - GAP

    def sizeHint(self) -> QSize:
        """Return one row of four."""
        width = 4 * TILE_WIDTH + 3 * GAP
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return one tile."""
        return QSize(TILE_WIDTH, self.heightForWidth(max(TILE_WIDTH, self.width())))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move between tiles and open."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and self._items:
            self._current = min(max(self._current + step, 0), len(self._items) - 1)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._items:
            self.opened.emit(self._items[self._current].id)
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open what was clicked."""
        for place, box in enumerate(self._boxes()):
            if box.contains(event.position()) and event.button() is Qt.MouseButton.LeftButton:
                self._current = place
                self.update()
                self.opened.emit(self._items[place].id)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHints(
                QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
            )
            for place, box in enumerate(self._boxes()):
                draw_attachment(painter, box, self._items[place], look)
                if self.hasFocus() and place == self._current:
                    painter.setPen(QPen(look.color("accent.focus"), 2))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 3, 3)

    def _per_row(self, width: int) -> int:
        return max(1, (width + GAP) // (TILE_WIDTH + GAP))

    def _boxes(self) -> list[QRectF]:
        per_row = self._per_row(self.width())
        return [
            QRectF(
                (i % per_row) * (TILE_WIDTH + GAP),
                (i // per_row) * (TILE_HEIGHT + GAP),
                TILE_WIDTH,
                TILE_HEIGHT,
            )
            for i in range(len(self._items))
        ]


def draw_attachment(painter: QPainter, box: QRectF, item: Attachment, look: Theme) -> None:
    """Draw one tile."""
    painter.save()
    path = QPainterPath()
    path.addRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    painter.fillPath(path, look.color("bg.raised"))
    if item.thumbnail is not None and not item.thumbnail.isNull():
        painter.setClipPath(path)
        painter.drawImage(box, item.thumbnail, _cover(item.thumbnail, box))
        painter.setClipping(False)
    elif item.kind == "sound":
        _draw_wave(painter, QRectF(box.x(), box.y() + 12, box.width(), 22), look)
        row = QRectF(box.x() + 4, box.y() + 38, box.width() - 8, 18)
        draw_text(painter, row, item.words, look.font("label"), look.color("text.secondary"), CENTER)
    else:
        icon = _ICONS.get(item.kind, "document")
        draw_icon(
            painter, QRectF(box.x(), box.y() + 8, box.width(), 28), icon, look.color("text.secondary"), 20
        )
        row = QRectF(box.x() + 4, box.y() + 38, box.width() - 8, 18)
        draw_text(painter, row, item.words, look.font("caption"), look.color("text.secondary"), CENTER)
    painter.strokePath(path, QPen(look.color("line.normal"), 1))
    if 0 <= item.percent < 100:
        bar = QRectF(box.x() + 6, box.bottom() - 8, box.width() - 12, 3)
        painter.fillRect(bar, look.color("line.normal"))
        painter.fillRect(
            QRectF(bar.x(), bar.y(), bar.width() * item.percent / 100, 3), look.color("accent.base")
        )
    painter.restore()


def _cover(image: QImage, box: QRectF) -> QRectF:
    """Return the middle part of a picture that fills a box without distortion."""
    scale = max(box.width() / image.width(), box.height() / image.height())
    width, height = box.width() / scale, box.height() / scale
    return QRectF((image.width() - width) / 2, (image.height() - height) / 2, width, height)


def _draw_wave(painter: QPainter, rect: QRectF, look: Theme) -> None:
    pen = QPen(look.color("text.secondary"), 2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    left = rect.center().x() - len(_WAVE) * 2
    for number, height in enumerate(_WAVE):
        x = left + number * 4
        middle = rect.center().y()
        painter.drawLine(round(x), round(middle - height / 2), round(x), round(middle + height / 2))


class AttachmentDrop(QWidget):
    """The dashed place of a form: drop files, or paste a picture with Ctrl+V while it has the focus.

    Signals:
        files_dropped(tuple[str, ...]): local paths.
        image_pasted(QImage): a picture from the clipboard.
        browse_asked(): clicked, or Enter.
    """

    files_dropped = Signal(object)
    image_pasted = Signal(object)
    browse_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._over = False
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(48)
        self.setAccessibleName(self.tr("添加附件"))

    def paste(self, data: QMimeData) -> bool:
        """Take what a clipboard or a drag carries; False when it carries nothing useful."""
        paths = tuple(url.toLocalFile() for url in data.urls() if url.isLocalFile())
        if paths:
            self.files_dropped.emit(paths)
            return True
        image = data.imageData() if data.hasImage() else None
        if isinstance(image, QImage) and not image.isNull():
            self.image_pasted.emit(image)
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste, or ask for a file."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste(QApplication.clipboard().mimeData())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.browse_asked.emit()
        else:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ask for a file."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.browse_asked.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files."""
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            self._over = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: object) -> None:
        """Stop showing the target."""
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the files."""
        self._over = False
        self.update()
        if self.paste(event.mimeData()):
            event.acceptProposedAction()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dashed frame and the words."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            active = self._over or self.hasFocus()
            pen = QPen(look.color("accent.focus" if active else "line.strong"), 2 if self.hasFocus() else 1)
            pen.setDashPattern([3, 3])
            painter.setPen(pen)
            painter.setBrush(look.color("accent.soft" if self._over else "bg.panel"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
            draw_icon(painter, QRectF(14, 0, 16, self.height()), "attachment", look.color("text.secondary"))
            row = QRectF(38, 0, self.width() - 50, self.height())
            draw_text(painter, row, self.tr("附件"), look.font("body"), look.color("text.secondary"), LEFT)
            hint = self.tr("拖入文件，或按 Ctrl+V 粘贴")
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            draw_text(painter, row, hint, look.font("label"), look.color("text.tertiary"), right)
