"""The filter above the queue: street, source, class, step, text; and one chip for each thing that is asked for."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from console.viewmodels.case_filter import CaseFilter
from console.viewmodels.filter_model import FilterModel
from console.viewmodels.filter_words import FilterPart, band_word, stage_word
from services.domain.bands import BANDS
from services.domain.states import STAGES
from widgets.forms.buttons import Button, ButtonKind, ButtonSize
from widgets.forms.filter_button import FilterButton
from widgets.theme import theme

TYPING_MS = 120
AT_ONCE = 5000
_GAP = 6


def tr(text: str) -> str:
    """Translate a word of the filter bar."""
    return QCoreApplication.translate("FilterBar", text)


class FilterBar(QWidget):
    """Shows a `FilterModel` and changes it.

    `left()` asks to give the focus back to the list, `save_wanted()` to keep the filter under a name.
    """

    left = Signal()
    save_wanted = Signal()

    def __init__(self, model: FilterModel, parent: QWidget | None = None) -> None:
        """Build boxes, field and chips."""
        super().__init__(parent)
        self.model = model
        self.boxes: dict[str, FilterBox] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._row())
        self.chips = FilterChips(model, self)
        self.chips.save.clicked.connect(lambda: self.save_wanted.emit())
        column.addWidget(self.chips)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self._take_text)
        self.text.textChanged.connect(self._on_text)
        self.text.returnPressed.connect(self._on_return)
        model.changed.connect(self.show_filter)
        model.seat.areas_changed.connect(self._fill)
        model.seat.reference_changed.connect(self._fill)
        self._fill()

    def _row(self) -> QWidget:
        """Return boxes and field."""
        bar = QWidget(self)
        bar.setFixedHeight(theme().metric("size.filter_bar"))
        row = QHBoxLayout(bar)
        row.setContentsMargins(16, 2, 16, 6)
        row.setSpacing(8)
        titles = (tr("街道"), tr("来源"), tr("类别"), tr("环节"), tr("时限"))
        for name, title in zip(("areas", "sources", "categories", "stages", "bands"), titles, strict=True):
            box = self.boxes[name] = FilterBox(title, bar)
            box.chosen.connect(lambda key, part=name: self._on_box(part, key))
            row.addWidget(box)
        row.addStretch(1)
        self.text = QLineEdit(bar)
        self.text.setPlaceholderText(tr("案号、摘要、地址、类别"))
        self.text.setClearButtonEnabled(True)
        self.text.setFixedHeight(theme().metric("size.control_small") + 2)
        self.text.setMinimumWidth(110)
        self.text.setMaximumWidth(220)
        row.addWidget(self.text, 2)
        return bar

    # --- boxes and field ----------------------------------------------------------------------------------

    def _fill(self) -> None:
        """Offer streets, sources, classes, steps and bands."""
        seat = self.model.seat
        majors = {c.code[: len(c.kind) + 3]: c.major_name for c in seat.rules.categories.values()}
        self.boxes["areas"].set_offers([(a.code, a.name) for a in seat.areas.of_level("street")])
        self.boxes["sources"].set_offers(list(seat.rules.sources.items()))
        self.boxes["categories"].set_offers(sorted(majors.items()))
        self.boxes["stages"].set_offers([(stage, stage_word(stage)) for stage in STAGES])
        self.boxes["bands"].set_offers([(b, band_word(b)) for b in BANDS if b != "closed"])
        self.show_filter()

    def show_filter(self) -> None:
        """Show what is asked for; a box stands at 全部 when its part is none or several of its choices."""
        wanted = self.model.filter
        for name, box in self.boxes.items():
            chosen = getattr(wanted, name)
            box.show_choice(chosen[0] if len(chosen) == 1 else "")
        if self.text.text().strip() != wanted.text and not self._typing.isActive():
            self.text.setText(wanted.text)
        self.chips.show_parts(self.model.parts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow panel keeps what is used most; the rest is one click on map or tab away."""
        super().resizeEvent(event)
        for name, least in (("bands", 700), ("stages", 590)):
            self.boxes[name].setVisible(self.width() >= least or bool(getattr(self.model.filter, name)))

    def _on_box(self, name: str, chosen: str) -> None:
        """Take a choice; the other parts stay."""
        self.model.set_part(**{name: (chosen,) if chosen else ()})

    def _on_text(self) -> None:
        """Ask at once among few cases; among many wait until the hand rests."""
        if self.text.text().strip() == self.model.filter.text:
            self._typing.stop()
        elif self.model.book.columns.n > AT_ONCE:
            self._typing.start()
        else:
            self._take_text()

    def _take_text(self) -> None:
        """Ask for the text."""
        self._typing.stop()
        self.model.set_part(text=self.text.text().strip())

    def _on_return(self) -> None:
        """Ask at once and go back to the list."""
        self._take_text()
        self.left.emit()

    def clear(self) -> None:
        """Ask for nothing."""
        self._typing.stop()
        self.text.clear()
        self._typing.stop()
        self.model.put(CaseFilter())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the field."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)


class FilterBox(FilterButton):
    """A part with one choice: 街道：全部. `chosen(str)` gives the key, empty for all."""

    chosen = Signal(str)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        """Start with nothing to choose from."""
        super().__init__(title, "", parent)
        self.offers: dict[str, str] = {}
        self.key = ""
        self.clicked.connect(self.open_menu)
        self.cleared.connect(lambda: self.chosen.emit(""))

    def set_offers(self, offers: list[tuple[str, str]]) -> None:
        """Offer these keys with their words."""
        self.offers = dict(offers)

    def show_choice(self, key: str) -> None:
        """Show what is chosen; a key that is not offered (an area of another level) shows 全部, its chip says it."""
        self.key = key if key in self.offers else ""
        self.set_value(self.offers.get(key, ""))

    def open_menu(self) -> QMenu:
        """Open the choices below the button; arrows and Enter choose."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for key, word in (("", tr("全部")), *self.offers.items()):
            action = menu.addAction(word)
            action.setCheckable(True)
            action.setChecked(key == self.key)
            action.triggered.connect(lambda _on=False, one=key: self.chosen.emit(one))
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
        return menu


class FilterChips(QWidget):
    """One chip for each part, in as many lines as they need; a cross, Delete or Enter takes the part away."""

    def __init__(self, model: FilterModel, parent: QWidget | None = None) -> None:
        """Start with none, and hidden."""
        super().__init__(parent)
        self.model = model
        self.chips: list[FilterChip] = []
        self.save = Button(tr("保存筛选"), ButtonKind.GHOST, icon="plus", size=ButtonSize.SMALL, parent=self)
        self.save.setToolTip(tr("存为上方的按钮（Ctrl+Shift+F）"))
        self.setAccessibleName(tr("筛选条件"))
        self.hide()

    def show_parts(self, parts: tuple[FilterPart, ...]) -> None:
        """Show these parts; the focus stays in the line when a chip goes."""
        keys = [chip.key for chip in self.chips]
        if [part.key for part in parts] == keys:
            for chip, part in zip(self.chips, parts, strict=True):
                chip.set_value(part.value)
        else:
            focused = next((at for at, chip in enumerate(self.chips) if chip.hasFocus()), -1)
            for chip in self.chips:
                chip.hide()
                chip.deleteLater()
            self.chips = [self._chip(part) for part in parts]
            if focused >= 0 and self.chips:
                self.chips[min(focused, len(self.chips) - 1)].setFocus()
        self.setVisible(bool(parts))
        self._arrange()

    def _chip(self, part: FilterPart) -> FilterChip:
        """Return the chip of a part."""
        chip = FilterChip(part, self)
        chip.cleared.connect(lambda key=part.key: self.model.remove(key))
        chip.clicked.connect(lambda _on=False, key=part.key: self.model.remove(key))
        chip.show()
        return chip

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the line for the width."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put the chips side by side, the rest on the next line."""
        x, y, edge = 16, 0, max(self.width() - 16, 120)
        for chip in (*self.chips, self.save):
            size = chip.sizeHint()
            wide = min(size.width(), edge - 16)
            if x > 16 and x + wide > edge:
                x, y = 16, y + size.height() + _GAP
            chip.setGeometry(x, y, wide, size.height())
            x += wide + _GAP
        self.setFixedHeight(y + 24 + _GAP if self.chips else 0)


class FilterChip(FilterButton):
    """A part that is asked for, with a cross."""

    def __init__(self, part: FilterPart, parent: QWidget | None = None) -> None:
        """Show the words of a part."""
        super().__init__(part.title, part.value, parent)
        self.key = part.key
        self.setToolTip(tr("取消这个条件（Delete）"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete, Backspace or Enter takes the part away."""
        keys = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() in keys:
            self.cleared.emit()
            return
        super().keyPressEvent(event)
