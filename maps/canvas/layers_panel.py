"""The layers panel (``L``): order, visibility and opacity of the layers, and the class breaks of the measure.

Values in, signals out: the panel shows a :class:`LayersView` and asks for changes with a :class:`LayerAsk`.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from maps.canvas import layer_words
from maps.canvas.boxes import MapBox
from maps.canvas.breaks_page import BreaksPage
from maps.canvas.layer_rows import (
    TRACK,
    LayerAsk,
    LayerRow,
    LayersView,
    bar_of,
    chip_of,
    paint_button,
    paint_layers_icon,
    paint_row,
)
from maps.canvas.palette import MapPalette

WIDTH = 276
HEAD = 34.0
ROW = 26.0
FOOT = 36.0
DRAG_PX = 4.0
STEP = 0.1


class LayersPanel(MapBox):
    """List of layers with keyboard and mouse; folds to its heading."""

    asked = Signal(object)
    """A :class:`LayerAsk`."""
    resized = Signal()
    """The content asks for another size."""

    def __init__(self, palette: MapPalette, parent: QWidget) -> None:
        self.folded = True
        self._view = LayersView()
        self._room = QSize(WIDTH, 10_000)
        self._at = 0
        self._top = 0
        self._drag: tuple[str, str, float] | None = None
        self._dragged = False
        super().__init__(palette, parent)
        self.page = BreaksPage(palette, self)
        self.page.applied.connect(self._on_breaks)
        self.page.closed.connect(self.close_breaks)
        self.page.hide()
        self.setAccessibleName(layer_words.panel_title())
        self.refit()

    # --- values in --------------------------------------------------------------------------------

    def set_view(self, view: LayersView) -> None:
        """Show other rows; the current row stays the current one."""
        here = self.current
        self._view = view
        ids = [row.id for row in view.rows]
        if here in ids:
            self._at = ids.index(here)
        self._at = min(max(self._at, 0), max(len(ids) - 1, 0))
        self.page.set_view(view.breaks)
        self._speak()
        self.refit()
        self.update()

    def set_room(self, room: QSize) -> None:
        """How large the panel may be; what does not fit is scrolled."""
        if room != self._room:
            self._room = room
            self.refit()

    def set_folded(self, folded: bool) -> None:
        """Fold to the heading or unfold."""
        self.folded = folded
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if folded else Qt.FocusPolicy.StrongFocus)
        if folded and not self.page.isHidden():
            if self.has_keyboard():
                self.setFocus(Qt.FocusReason.OtherFocusReason)
            self.page.hide()
        self.refit()
        self.update()

    def set_map_palette(self, palette: MapPalette) -> None:
        """Take the colours of another theme."""
        self.page.set_map_palette(palette)
        super().set_map_palette(palette)

    @property
    def view(self) -> LayersView:
        """What is shown."""
        return self._view

    @property
    def current(self) -> str:
        """Id of the row the keyboard is on, empty without rows."""
        return self._view.rows[self._at].id if self._at < len(self._view.rows) else ""

    def has_keyboard(self) -> bool:
        """Tell whether the panel or one of its fields has the keyboard."""
        return self.hasFocus() or any(child.hasFocus() for child in self.page.findChildren(QWidget))

    # --- layout -----------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Folded: the heading; else as many rows as there is room for."""
        if self.folded:
            width = round(self.text_width(layer_words.panel_title(), 12, True) + 84)
            return QSize(max(width, 116), round(HEAD))
        if not self.page.isHidden():
            return QSize(min(WIDTH, self._room.width()), min(self.page.height_wanted(), self._room.height()))
        wanted = HEAD + ROW * len(self._view.rows) + FOOT
        return QSize(min(WIDTH, self._room.width()), round(min(wanted, self._room.height())))

    def refit(self) -> None:
        """Take the size the content asks for; the breaks fill the whole panel."""
        super().refit()
        if hasattr(self, "page"):
            self.page.setGeometry(1, 1, self.width() - 2, self.height() - 2)
        self._scroll_to_current()

    def _places(self) -> int:
        """How many rows fit."""
        return max(int((self.height() - HEAD - FOOT) // ROW), 1)

    def _scroll_to_current(self) -> None:
        most = max(len(self._view.rows) - self._places(), 0)
        low = self._at - self._places() + 1
        self._top = min(max(min(max(self._top, low), self._at), 0), most)

    def _rows(self) -> list[tuple[LayerRow, QRectF]]:
        if self.folded or not self.page.isHidden():
            return []
        shown = self._view.rows[self._top : self._top + self._places()]
        return [(row, QRectF(0, HEAD + i * ROW, self.width(), ROW)) for i, row in enumerate(shown)]

    def zones(self) -> dict[str, QRectF]:
        """The heading, then of each row its check box, its opacity bar and the rest, then the buttons."""
        out = {"fold": QRectF(0, 0, self.width(), HEAD)}
        for row, box in self._rows():
            out[f"check|{row.id}"] = QRectF(box.left() + 22, box.top(), 26, ROW)
            if row.choice:
                out[f"choice|{row.id}"] = chip_of(box)
            out[f"bar|{row.id}"] = bar_of(box).adjusted(-2, -7, 2, 7)
            out[f"row|{row.id}"] = box
        if not self.folded and self.page.isHidden():
            top = self.height() - FOOT + 4
            half = (self.width() - 30) / 2
            out["breaks"] = QRectF(10, top, half, 26)
            out["reset"] = QRectF(20 + half, top, half, 26)
        return out

    def zone_tip(self, zone: str) -> str:
        """What the keys do."""
        return layer_words.panel_help() if zone.startswith("row|") else ""

    # --- painting ---------------------------------------------------------------------------------

    def paint_content(self, painter: QPainter) -> None:
        """Heading with icon and key, rows, buttons."""
        if not self.folded and not self.page.isHidden():
            return
        paint_layers_icon(painter, QPointF(19, 17), self._palette)
        self.write(painter, QRectF(34, 0, 120, HEAD), layer_words.panel_title(), "text.primary", 12, True)
        self.key_cap(painter, self.width() - 10, HEAD / 2, "L")
        for row, box in self._rows():
            current = self.hasFocus() and row.id == self.current
            hovered = self._hover.endswith(f"|{row.id}")
            paint_row(self, painter, self._palette, row, box, current, hovered)
        if self.folded:
            return
        painter.setPen(QPen(self._palette.color("line.subtle"), 1))
        line = self.height() - FOOT
        painter.drawLine(QPointF(1, line), QPointF(self.width() - 1, line))
        zones = self.zones()
        for zone, text, key in (
            ("breaks", layer_words.breaks_button(), "B"),
            ("reset", layer_words.reset_button(), "R"),
        ):
            paint_button(self, painter, self._palette, zones[zone], text, key, self._hover == zone)
        self._scroll_mark(painter)

    def _scroll_mark(self, painter: QPainter) -> None:
        rows, places = len(self._view.rows), self._places()
        if rows <= places:
            return
        room = self.height() - HEAD - FOOT
        bar = QRectF(self.width() - 4, HEAD + room * self._top / rows, 2.5, room * places / rows)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._palette.color("line.strong"))
        painter.drawRoundedRect(bar, 1.2, 1.2)

    # --- keyboard ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Rows, order, opacity, way of drawing, breaks, reset; ``Esc`` and ``L`` fold."""
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        key = event.key()
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_L):
            self.zone_clicked.emit("fold")
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            up = 1 if key == Qt.Key.Key_Up else -1
            self._ask("move", up) if alt else self._go(-up)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._go(-len(self._view.rows) if key == Qt.Key.Key_Home else len(self._view.rows))
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._step_opacity(STEP if key == Qt.Key.Key_Right else -STEP)
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._toggle(self.current)
        elif key == Qt.Key.Key_T:
            self._choose(self.current)
        elif key == Qt.Key.Key_B:
            self.open_breaks()
        elif key == Qt.Key.Key_R:
            self.asked.emit(LayerAsk("reset"))
        else:
            super().keyPressEvent(event)

    def _go(self, by: int) -> None:
        self._at = min(max(self._at + by, 0), max(len(self._view.rows) - 1, 0))
        self._scroll_to_current()
        self._speak()
        self.update()

    def _row_of(self, layer: str) -> LayerRow | None:
        return next((row for row in self._view.rows if row.id == layer), None)

    def _ask(self, what: str, value: float) -> None:
        if self.current:
            self.asked.emit(LayerAsk(what, self.current, value))

    def _toggle(self, layer: str) -> None:
        row = self._row_of(layer)
        if row is not None:
            self.asked.emit(LayerAsk("show", layer, 0.0 if row.visible else 1.0))

    def _choose(self, layer: str) -> None:
        """Ask for the next way of drawing a layer that has a choice."""
        row = self._row_of(layer)
        if row is not None and row.choice:
            self.asked.emit(LayerAsk("choice", layer))

    def _step_opacity(self, by: float) -> None:
        row = self._row_of(self.current)
        if row is not None:
            self._ask("opacity", round(min(max(row.opacity + by, 0.0), 1.0), 2))

    def _speak(self) -> None:
        row = self._row_of(self.current)
        if row is not None:
            self.setAccessibleDescription(
                layer_words.row_spoken(row.title, row.visible, round(row.opacity * 100), row.choice, row.note)
            )

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which row the keyboard is on."""
        super().focusInEvent(event)
        self._speak()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Nothing is current any more."""
        super().focusOutEvent(event)
        self.update()

    # --- breaks -----------------------------------------------------------------------------------

    def open_breaks(self) -> None:
        """Show the class breaks instead of the list."""
        self.page.set_view(self._view.breaks)
        self.page.show()
        self.refit()
        self.resized.emit()
        self.update()
        self.page.take_focus()

    def close_breaks(self) -> None:
        """Back to the list."""
        # First the focus: a hidden widget that has it passes it on as the tabulator key does.
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.page.hide()
        self.refit()
        self.resized.emit()
        self.update()

    def _on_breaks(self, values: object) -> None:
        assert isinstance(values, tuple)
        if self._view.breaks is not None:
            self.asked.emit(LayerAsk("breaks", self._view.breaks.key, 0.0, values))

    # --- mouse ------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a row or of an opacity bar."""
        part, _, layer = self._zone_at(event.position()).partition("|")
        if layer:
            ids = [row.id for row in self._view.rows]
            self._at = ids.index(layer)
            self._drag, self._dragged = (part, layer, event.position().y()), False
            if part == "bar":
                self._drag_bar(event.position())
            self._speak()
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.update()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the row to another place, or the bar."""
        if self._drag is None:
            super().mouseMoveEvent(event)
            return
        part, layer, start = self._drag
        way = event.position().y() - start
        if part == "bar":
            self._drag_bar(event.position())
        elif part == "row" and abs(way) >= max(ROW, DRAG_PX):
            places = int(way / ROW)
            self._drag, self._dragged = (part, layer, start + places * ROW), True
            self.asked.emit(LayerAsk("move", layer, -places))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click switches a layer, folds, opens the breaks or puts all back."""
        part, _, layer = self._zone_at(event.position()).partition("|")
        held, moved = self._drag, self._dragged
        self._drag = None
        if event.button() is Qt.MouseButton.LeftButton and not moved:
            if part == "check" and held is not None and held[1] == layer:
                self._toggle(layer)
            elif part == "choice":
                self._choose(layer)
            elif part == "breaks":
                self.open_breaks()
            elif part == "reset":
                self.asked.emit(LayerAsk("reset"))
            elif part == "fold":
                self.zone_clicked.emit("fold")
        event.accept()

    def _drag_bar(self, at: QPointF) -> None:
        if self._drag is None:
            return
        box = next((b for row, b in self._rows() if row.id == self._drag[1]), None)
        if box is not None:
            part = (at.x() - bar_of(box).left()) / TRACK
            self.asked.emit(LayerAsk("opacity", self._drag[1], round(min(max(part, 0.0), 1.0), 2)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the rows; the map below does not zoom."""
        if not self.folded and self.page.isHidden():
            self._go(-1 if event.angleDelta().y() > 0 else 1)
        event.accept()
