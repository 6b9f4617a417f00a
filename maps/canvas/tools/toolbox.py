"""The tools of one map: which there are, which one is active, and what the map shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from maps.canvas.palette import MapPalette
from maps.canvas.tools.base import MapTool
from maps.canvas.tools.draw import DrawTool
from maps.canvas.tools.legend_keys import LegendTool
from maps.canvas.tools.measure import AreaTool, DistanceTool
from maps.canvas.tools.rubber import PolygonTool, RectangleTool
from maps.geometry.viewport import Viewport

if TYPE_CHECKING:
    from maps.canvas.verbs import MapVerbs

TOOLS: dict[str, type[MapTool]] = {
    tool.name: tool for tool in (RectangleTool, PolygonTool, DistanceTool, AreaTool, LegendTool, DrawTool)
}
"""Every tool by its name."""


class Toolbox:
    """Holds the active tool of one map. It takes neither the focus nor a key while none is active."""

    def __init__(self, widget: MapVerbs) -> None:
        self._map = widget
        self.active: MapTool | None = None

    @property
    def name(self) -> str:
        """Name of the active tool, empty for none."""
        return self.active.name if self.active else ""

    def start(self, name: str) -> bool:
        """Take a tool in hand; the same one again is put away.

        Raises:
            KeyError: there is no tool of this name.
        """
        tool = TOOLS[name]
        same = self.name == name
        self.leave()
        if same or self._map.mini:
            return False
        self.active = tool(self._map)
        self._map.setCursor(self.active.cursor)
        self._map.show_card(None)
        self._map.tool_changed()
        return True

    def leave(self) -> None:
        """Put the tool away with whatever is half done."""
        if self.active is None:
            return
        tool, self.active = self.active, None
        tool.cancel()
        self._map.rest_cursor()
        self._map.tool_changed()

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Offer a key to the tool; ``Esc`` drops what is half done, then leaves."""
        if self.active is None:
            return False
        if key == Qt.Key.Key_Escape and modifiers == Qt.KeyboardModifier.NoModifier:
            if not self.active.cancel():
                self.leave()
            return True
        return self.active.key(key, modifiers)

    def takes_key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Tell whether the tool in hand has a use for a key, without using it."""
        if self.active is None:
            return False
        if key == Qt.Key.Key_Escape:
            return modifiers == Qt.KeyboardModifier.NoModifier
        return self.active.takes_key(key, modifiers)

    def hint(self) -> str:
        """What to do now; empty without a tool."""
        return self.active.hint() if self.active else ""

    def spoken(self) -> str:
        """What a screen reader says of the tool; empty without one."""
        return self.active.spoken() if self.active else ""

    def paint(self, painter: QPainter, view: Viewport, palette: MapPalette) -> None:
        """Draw what the tool has so far."""
        if self.active is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.active.paint(painter, view, palette)
        painter.restore()
