"""The batch bar (56): how many rows are marked, what they are, and what may be done to all of them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from console.viewmodels.bulk_actions import Offer
from widgets.forms.buttons import Button, ButtonKind, ButtonSize
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme
from widgets.theme.icons import draw_icon

SIDE = 3
#: below these widths fewer acts have a button; the narrowest list keeps the number and the first act
WIDE, NARROW = 900, 600


def tr(text: str) -> str:
    """Translate a word of the bar."""
    return QCoreApplication.translate("BatchBar", text)


class BatchBar(QWidget):
    """Shows a selection. `chosen(str)` an act, `cleared()` take the marks away, `all_wanted()` mark the whole list."""

    chosen = Signal(str)
    cleared = Signal()
    all_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start hidden."""
        super().__init__(parent)
        self.setFixedHeight(theme().metric("size.batch_bar"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._offers: tuple[Offer, ...] = ()
        self._count = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(44, 0, 12, 0)
        row.setSpacing(8)
        self.count = TextLabel("", "body", "text.primary", self, bold=True)
        self.about = TextLabel("", "label", "text.secondary", self)
        self.about.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.about.setMinimumWidth(0)
        self.all = Button("", ButtonKind.GHOST, "Ctrl+A", size=ButtonSize.SMALL, parent=self)
        self.none = Button(tr("取消"), ButtonKind.GHOST, "Esc", size=ButtonSize.SMALL, parent=self)
        self.none.setToolTip(tr("取消选择"))
        self.all.clicked.connect(self.all_wanted)
        self.none.clicked.connect(self.cleared)
        for part in (self.count, self.about, self.all, self.none):
            row.addWidget(part)
        row.setStretchFactor(self.about, 1)
        self.more = Button(tr("更多"), ButtonKind.PLAIN, parent=self, opens_menu=True)
        self.more.clicked.connect(self.open_more)
        row.addWidget(self.more)
        self.buttons: list[Button] = []
        for place in range(SIDE):
            kind = ButtonKind.MAIN if place == SIDE - 1 else ButtonKind.PLAIN
            button = Button("", kind, parent=self)
            button.clicked.connect(self._on_clicked)
            self.buttons.append(button)
            row.addWidget(button)
        self.hide()

    def show_selection(self, count: int, total: int, about: str, offers: tuple[Offer, ...]) -> None:
        """Show a selection; fewer than two rows hide the bar."""
        self.setVisible(count > 1)
        if count < 2:
            return
        self._offers, self._count = offers, count
        self.count.set_text(tr("已选 {n} 件").format(n=f"{count:,}"))
        self.about.set_text(about)
        self.all.setText(tr("全选 {n}").format(n=f"{total:,}"))
        self.all.setVisible(total > count)
        self._lay_out_acts()
        self.setAccessibleName(f"{tr('批量操作')}，{self.count.text()}，{about}")

    @property
    def side(self) -> int:
        """How many acts have a button of their own at this width; the rest stands under 更多."""
        return SIDE if self.width() >= WIDE else SIDE - 1 if self.width() >= NARROW else 1

    def _lay_out_acts(self) -> None:
        """Give the first acts their buttons: the post's own step is the main one, at the right."""
        narrow = self.width() < NARROW
        self.about.setVisible(not narrow)
        self.none.setVisible(not narrow)
        self.all.set_keys("" if narrow else "Ctrl+A")
        shown = [*reversed(self._offers[: self.side])]
        spare = SIDE - len(shown)
        for place, button in enumerate(self.buttons):
            button.setVisible(place >= spare)
            if place >= spare:
                self._label(button, shown[place - spare], self._count)
        self.more.setVisible(len(self._offers) > len(shown))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow list has room for fewer buttons."""
        super().resizeEvent(event)
        self._lay_out_acts()

    @staticmethod
    def _label(button: Button, offer: Offer, count: int) -> None:
        """Write an act on a button; how many of the marked it is for, when not all."""
        some = f" {offer.count:,}" if offer.count != count else ""
        button.setText(offer.act.word + some)
        button.setProperty("act", offer.act.id)
        button.set_keys(offer.act.key)

    def open_more(self) -> QMenu:
        """Open the menu of the other acts."""
        menu = QMenu(self)
        for offer in self._offers[self.side :]:
            words = tr("{action}（{n} 件）").format(action=offer.act.word, n=f"{offer.count:,}")
            entry = menu.addAction(words)
            entry.setData(offer.act.id)
        menu.triggered.connect(lambda entry: self.chosen.emit(str(entry.data())))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(QPoint(0, -menu.sizeHint().height())))
        return menu

    def _on_clicked(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.chosen.emit(str(sender.property("act")))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, the accent line above, and the mark of a partial selection."""
        look = theme()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), look.color("bg.raised"))
            painter.setPen(QPen(look.color("accent.base"), 1))
            painter.drawLine(0, 0, self.width(), 0)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(16, self.height() / 2 - 7, 14, 14)
            painter.setPen(QPen(look.color("accent.fill"), 1))
            painter.setBrush(look.color("accent.fill"))
            painter.drawRoundedRect(box, 2, 2)
            draw_icon(painter, box, "minus", look.color("text.on_accent"), 12)
