"""Drawing marks (标绘) by mouse and keyboard: points, lines, areas and words, in one of a few colours, with undo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import QLineEdit

from maps.canvas import layer_words
from maps.canvas.drawing_marks import colour_token, paint_path
from maps.canvas.mark_symbols import paint_drawn_point
from maps.canvas.palette import MapPalette
from maps.canvas.tools.base import PointTool, WorldPoint, pixel, pixels
from maps.geometry.mercator import unproject
from maps.geometry.viewport import Viewport
from maps.layers.book import DRAWINGS
from maps.layers.drawings import LEAST, MOST_TEXT, SHAPES, DrawingError, DrawnMark

if TYPE_CHECKING:
    from maps.canvas.verbs import MapVerbs

NOTE_WIDTH = 200
_SHAPE_KEYS = {Qt.Key.Key_1: "point", Qt.Key.Key_2: "line", Qt.Key.Key_3: "polygon", Qt.Key.Key_4: "text"}


class DrawTool(PointTool):
    """Draws marks: ``1`` to ``4`` choose the shape, ``C`` the colour; a note can follow each mark."""

    name = "draw"

    def __init__(self, widget: MapVerbs) -> None:
        super().__init__(widget)
        self.shape = "point"
        self.colour = widget.scene.palette.tokens.drawn_colours[0]
        self.refused = ""
        self.note: NoteField | None = None
        # What is drawn must be seen.
        widget.change_book(widget.book.shown(DRAWINGS, True))

    def hint(self) -> str:
        """What to do now, or why the last mark was refused."""
        if self.note is not None:
            return layer_words.note_hint(self.shape)
        if self.refused:
            return layer_words.drawing_refused(self.refused)
        return layer_words.draw_hint(self.shape, layer_words.colour_name(self.colour), len(self.points))

    # --- points -----------------------------------------------------------------------------------

    def add(self, point: WorldPoint) -> None:
        """Set a corner; while a note is being written nothing is set."""
        if self.note is None:
            self.refused = ""
            super().add(point)

    def point_set(self) -> None:
        """A point and a word need one place alone."""
        if LEAST[self.shape] == 1:
            self.finish()

    def finish(self) -> None:
        """Enough corners: ask for the note, then the mark is there."""
        if self.note is not None or len(self.points) < LEAST[self.shape]:
            self._map.tool_changed()
            return
        self.note = NoteField(self._map, self._on_note)
        self.note.place(pixel(self._map.view, self.points[-1]))
        self._map.tool_changed()

    def _on_note(self, text: str | None) -> None:
        """The note is written; None: nothing was to be written, and a word without words is no mark."""
        self.note = None
        points, self.points = self.points, []
        if text is not None or self.shape != "text":
            self._put(points, text or "")
        self._map.tool_changed()

    def _put(self, points: list[WorldPoint], text: str) -> None:
        lonlat = tuple((float(lon), float(lat)) for lon, lat in unproject(points).tolist())
        mark = DrawnMark(uuid4().hex, self.shape, lonlat, text.strip()[:MOST_TEXT], self.colour)
        try:
            self._map.draw(mark, self._map.operator, now_words())
        except DrawingError as error:
            self.refused = error.reason

    def cancel(self) -> bool:
        """Drop the corners and the note."""
        if self.note is not None:
            self.note.give_up()
            self.note = None
            self.points = []
            self._map.tool_changed()
            return True
        return super().cancel()

    # --- keys -------------------------------------------------------------------------------------

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Shape, colour, undo, redo, delete; else as every tool that sets points."""
        held = modifiers & ~Qt.KeyboardModifier.KeypadModifier
        control = Qt.KeyboardModifier.ControlModifier
        if held == Qt.KeyboardModifier.NoModifier and key in _SHAPE_KEYS:
            self.choose(_SHAPE_KEYS[Qt.Key(key)])
        elif held == Qt.KeyboardModifier.NoModifier and key == Qt.Key.Key_C:
            self._next_colour()
        elif held == control and key == Qt.Key.Key_Z:
            self._map.change_drawings(self._map.state.drawings.undone())
        elif key in (Qt.Key.Key_Y, Qt.Key.Key_Z) and held in (
            control,
            control | Qt.KeyboardModifier.ShiftModifier,
        ):
            self._map.change_drawings(self._map.state.drawings.redone())
        elif held == Qt.KeyboardModifier.NoModifier and key == Qt.Key.Key_Delete:
            self._delete()
        else:
            return super().key(key, modifiers)
        self._map.tool_changed()
        return True

    def takes_key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Keys that are the tool's own while it is in hand."""
        held = modifiers & ~Qt.KeyboardModifier.KeypadModifier
        if key in (Qt.Key.Key_Z, Qt.Key.Key_Y):
            return bool(held & Qt.KeyboardModifier.ControlModifier)
        own = key in _SHAPE_KEYS or key in (Qt.Key.Key_C, Qt.Key.Key_Delete)
        return (own and held == Qt.KeyboardModifier.NoModifier) or super().takes_key(key, modifiers)

    def choose(self, shape: str) -> None:
        """Draw another shape; corners set so far are dropped.

        Raises:
            KeyError: there is no such shape.
        """
        if shape not in SHAPES:
            raise KeyError(shape)
        if self.note is None and shape != self.shape:
            self.shape, self.points, self.refused = shape, [], ""

    def _next_colour(self) -> None:
        colours = self._map.scene.palette.tokens.drawn_colours
        self.colour = colours[(colours.index(self.colour) + 1) % len(colours)]

    def _delete(self) -> None:
        """Take away the mark below the crosshair or the pointer."""
        if self.tip is None:
            return
        layer = self._map.scene.others.layer(DRAWINGS)
        at = pixel(self._map.view, self.tip)
        hit = layer.hit(self._map.view, at.x(), at.y()) if layer is not None else None
        if hit is not None:
            self._map.change_drawings(self._map.state.drawings.removed(hit.id))

    def paint(self, painter: QPainter, view: Viewport, palette: MapPalette) -> None:
        """The mark so far, in its colour, and the crosshair."""
        color = palette.color(colour_token(palette, self.colour))
        points = [*self.points]
        if self.tip is not None and self.note is None:
            points.append(self.tip)
        if points and self.shape in ("line", "polygon") and len(points) > 1:
            paint_path(
                painter, pixels(view, points), self.shape == "polygon" and len(points) > 2, color, palette
            )
        elif points and self.shape == "point":
            paint_drawn_point(painter, pixel(view, points[-1]), color, palette)
        self.paint_cross(painter, view, palette)


class NoteField(QLineEdit):
    """A line for the note of a mark, beside it on the map: ``Return`` takes it, ``Esc`` leaves it empty."""

    def __init__(self, widget: MapVerbs, done: Callable[[str | None], None]) -> None:
        super().__init__(widget)
        self._map = widget
        self._done = done
        self._open = True
        palette = widget.scene.palette
        colours = QPalette(self.palette())
        colours.setColor(QPalette.ColorRole.Base, palette.color("bg.field"))
        colours.setColor(QPalette.ColorRole.Text, palette.color("text.primary"))
        colours.setColor(QPalette.ColorRole.PlaceholderText, palette.color("text.tertiary"))
        self.setPalette(colours)
        self.setFont(palette.font(13))
        self.setMaxLength(MOST_TEXT)
        self.setPlaceholderText(layer_words.note_placeholder())
        self.setAccessibleName(layer_words.note_placeholder())
        self.installEventFilter(self)

    def place(self, at: QPointF) -> None:
        """Stand beside a pixel, inside the map, and take the keyboard."""
        x = min(max(round(at.x()) + 12, 4), max(self._map.width() - NOTE_WIDTH - 4, 4))
        y = min(max(round(at.y()) - 34, 4), max(self._map.height() - 34, 4))
        self.setGeometry(x, y, NOTE_WIDTH, 30)
        self.show()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def give_up(self) -> None:
        """Go away without an answer."""
        self._open = False
        # First the focus: a hidden widget that has it passes it on as the tabulator key does.
        self._map.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that end the note; the map never sees those that are typed."""
        if watched is self and event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._answer(self.text())
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._answer(None)
                return True
        return super().eventFilter(watched, event)

    def _answer(self, text: str | None) -> None:
        if not self._open:
            return
        self.give_up()
        self._done(text)


def now_words() -> str:
    """The present moment as it is noted with a mark, ISO 8601 to the second."""
    return datetime.now(layer_words.CENTRE_ZONE).isoformat(timespec="seconds")
