"""The legend by keyboard: arrows go from entry to entry, ``Space`` switches one, ``Backspace`` shows all."""

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
    def chosen(self) -> str:
        """The entry the keyboard is on (``class:2``, ``band:ok``); empty while the legend has none."""
        items = self._map.legend_filter.items()
        return items[min(self._at, len(items) - 1)] if items else ""

    def hint(self) -> str:
        """Entry, its state, and the keys."""
        chosen, chooser = self.chosen, self._map.legend_filter
        if not chosen:
            return tool_texts.leave()
        return tool_texts.legend_hint(chooser.item_name(chosen), not chooser.is_off(chosen))

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Arrows, ``Space``, ``Backspace``; all else goes to the map."""
        held = modifiers & ~Qt.KeyboardModifier.KeypadModifier
        chooser = self._map.legend_filter
        chosen, items = self.chosen, chooser.items()
        if held != Qt.KeyboardModifier.NoModifier or not chosen:
            return False
        here = items.index(chosen)
        if key in _NEXT:
            self._at = (here + 1) % len(items)
        elif key in _LAST:
            self._at = (here - 1) % len(items)
        elif key in _SWITCH:
            chooser.toggle_item(chosen)
        elif key == Qt.Key.Key_Backspace:
            chooser.show_all()
        else:
            return False
        self._map.tool_changed()
        return True
