"""How old the data of a list is (DESIGN §3.4): quiet, yellow from 15 s, red and bold from 60 s."""

from datetime import datetime

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets import format as fmt
from widgets.theme import theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import draw_text, text_width
from widgets.theme.tokens import value


class DataAge(QWidget):
    """数据 3 秒前, with a dot while fresh and a clock when not; call ``tick`` once a second."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moment: datetime | None = None
        self._text = ""
        self._level = 0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The words shown now."""
        return self._text

    @property
    def level(self) -> int:
        """0 fresh, 1 from 15 s, 2 from 60 s."""
        return self._level

    def set_moment(self, moment: datetime | None, now: datetime) -> None:
        """Say from when the data is; None shows that nothing has been read."""
        self._moment = moment
        self.tick(now)

    def tick(self, now: datetime) -> None:
        """Work out words and colour again."""
        if self._moment is None:
            text, level = self.tr("尚无数据"), 0
        else:
            seconds = (now - self._moment).total_seconds()
            level = (
                2 if seconds >= value("data_age.red_s") else 1 if seconds >= value("data_age.amber_s") else 0
            )
            text = self.tr("数据 {0}").format(fmt.age(self._moment, now))
        if (text, level) != (self._text, self._level):
            self._text, self._level = text, level
            self.setAccessibleName(text)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return mark and words, 20 high."""
        return QSize(round(text_width(theme().font("label", self._level > 0), self._text)) + 24, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw mark and words."""
        look = theme()
        token = ("text.secondary", "sla.soon.text", "sla.over2.text")[self._level]
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._level == 0:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.color("sla.closed.text"))
                painter.drawEllipse(QRectF(5, self.height() / 2 - 3, 6, 6))
            else:
                draw_icon(painter, QRectF(0, 0, 16, self.height()), "history", look.color(token), 14)
            row = QRectF(20, 0, self.width() - 20, self.height())
            draw_text(
                painter, row, self._text, look.font("label", self._level > 0), look.color(token), elide=False
            )
