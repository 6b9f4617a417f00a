"""The legend by keyboard: arrows go from class to class, ``Space`` switches one, ``Backspace`` shows all."""

from __future__ import annotations

from PySide6.QtCore import Qt

from maps.canvas import tool_texts
from maps.canvas.tools.base import MapTool

_NEXT = (Qt.Key.Key_Right, Qt.Key.Key_Down)
_LAST = (Qt.Key.Key_Left, Qt.Key.Key_Up)
_SWITCH = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class LegendTool(MapTool):
    """Moves through the classes of the legend; the map stays as it is for the mouse."""

    name = "legend"
    cursor = Qt.CursorShape.ArrowCursor
    _at = 0

    def takes_key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Arrows, ``Space``, ``Return`` and ``Backspace``."""
        held = modifiers & ~Qt.KeyboardModifier.KeypadModifier
        keys = (*_NEXT, *_LAST, *_SWITCH, Qt.Key.Key_Backspace)
        return held == Qt.KeyboardModifier.NoModifier and key in keys

    @property
    def chosen(self) -> int | None:
        """The class the keyboard is on; None while the legend has none."""
        classes = self._map.legend_filter.classes()
        return classes[min(self._at, len(classes) - 1)] if classes else None

    def hint(self) -> str:
        """Class, its state, and the keys."""
        chosen = self.chosen
        if chosen is None:
            return tool_texts.leave()
        chooser = self._map.legend_filter
        return tool_texts.legend_hint(chooser.name(chosen), chosen not in self._map.state.legend_off)

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Arrows, ``Space``, ``Backspace``; all else goes to the map."""
        held = modifiers & ~Qt.KeyboardModifier.KeypadModifier
        chosen, classes = self.chosen, self._map.legend_filter.classes()
        if held != Qt.KeyboardModifier.NoModifier or chosen is None:
            return False
        here = classes.index(chosen)
        if key in _NEXT:
            self._at = (here + 1) % len(classes)
        elif key in _LAST:
            self._at = (here - 1) % len(classes)
        elif key in _SWITCH:
            self._map.legend_filter.toggle(chosen)
        elif key == Qt.Key.Key_Backspace:
            self._map.legend_filter.take(frozenset())
        else:
            return False
        self._map.tool_changed()
        return True
