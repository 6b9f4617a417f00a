"""本席今日: what this seat did today, in tiles."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from console.viewmodels.intake_figures import OwnFiguresViewModel
from widgets import format as fmt
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme, theme_store
from widgets.theme.text import draw_text

TILE, GAP = 72, 8


def tr(text: str) -> str:
    """Translate a word of the figures."""
    return QCoreApplication.translate("Figures", text)


class Tiles(QWidget):
    """Three tiles a line: word, figure, remark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._tiles: tuple[tuple[str, str, str], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_store().changed.connect(self.update)

    @property
    def tiles(self) -> tuple[tuple[str, str, str], ...]:
        """Return what is shown."""
        return self._tiles

    def set_tiles(self, tiles: tuple[tuple[str, str, str], ...]) -> None:
        """Show tiles of (word, figure, remark)."""
        self._tiles = tiles
        self.setAccessibleName("，".join(f"{word} {figure}" for word, figure, _ in tiles))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the lines of three."""
        lines = -(-len(self._tiles) // 3)
        return QSize(320, max(0, lines * (TILE + GAP) - GAP))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles."""
        look = theme()
        painter = QPainter(self)
        width = (self.width() - 2 * GAP) / 3
        for place, (word, figure, remark) in enumerate(self._tiles):
            box = QRectF((place % 3) * (width + GAP), (place // 3) * (TILE + GAP), width, TILE)
            painter.fillRect(box, look.color("bg.raised"))
            line = QRectF(box.x() + 12, box.y() + 6, width - 24, 18)
            draw_text(painter, line, word, look.font("label"), look.color("text.secondary"))
            line = QRectF(box.x() + 12, box.y() + 24, width - 24, 24)
            draw_text(painter, line, figure, look.font("title_l"), look.color("text.primary"))
            line = QRectF(box.x() + 12, box.y() + 50, width - 24, 16)
            draw_text(painter, line, remark, look.font("caption"), look.color("text.tertiary"))
        painter.end()


class FiguresPanel(QWidget):
    """Heading and tiles."""

    def __init__(self, model: OwnFiguresViewModel, parent: QWidget | None = None) -> None:
        """Listen to the figures."""
        super().__init__(parent)
        self.model = model
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        self.tiles = Tiles(self)
        column.addWidget(TextLabel(tr("本席今日"), "heading", parent=self))
        column.addWidget(self.tiles)
        model.changed.connect(self.show_model)
        self.show_model()

    def show_model(self) -> None:
        """Show the figures."""
        own = self.model.figures
        waiting = tr("待发送 {n}").format(n=own.waiting) if own.waiting else tr("全部已送达")
        refused = tr("未通过 {n}").format(n=own.refused) if own.refused else tr("没有未通过的")
        self.tiles.set_tiles(
            (
                (tr("登记"), fmt.count(own.registered), waiting),
                (tr("受理"), fmt.count(own.accepted), refused),
                (tr("并入"), fmt.count(own.joined), tr("来电并入已有案件")),
                (tr("立案"), fmt.count(own.filed), ""),
                (tr("直接答复"), fmt.count(own.answered), ""),
                (tr("结案"), fmt.count(own.closed), ""),
            )
        )
