"""What a layer of the ground is to the canvas: something with a key that paints itself for a view.

The ground is three pictures above one another: under (tiles, areas outside), fill (the cells) and over (water,
roads, feature layers, borders). A layer belongs to *under* or *over*; each of these pictures is painted once for
a view, a margin larger, in slices on the main thread, and copied until the view or a revision changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from PySide6.QtGui import QPainter

from maps.geometry.viewport import Viewport


@runtime_checkable
class GroundLayer(Protocol):
    """One layer of the under or the over picture."""

    @property
    def key(self) -> str:
        """Name of the layer, one of the ids of the layer book (``water``, ``tiles:tianditu``)."""

    @property
    def revision(self) -> int:
        """Grows whenever the layer would paint something else for the same view (a tile came, a theme changed)."""

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint what lies in ``view``, in its logical pixels; at most a few milliseconds.

        The painter is already scaled to device pixels and clipped; pen, brush, hints and opacity are restored
        by the caller. Nothing may be loaded or computed for long here: what is not there yet is left out, and the
        revision grows once it is.
        """


@runtime_checkable
class SteppedLayer(GroundLayer, Protocol):
    """A layer that may take longer than a slice: it paints in steps."""

    def steps(self, painter: QPainter, view: Viewport) -> Iterator[None]:
        """Paint as ``paint`` does, yielding at least every 2 ms; between two steps a frame may be shown.

        The generator may be closed early when the view moves on.
        """
