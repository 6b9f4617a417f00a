"""The picture of the map as it is seen: to the clipboard, or into a PNG file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSaveFile
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPainter, QRegion
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from maps.canvas.verbs import MapVerbs


def picture_of(grid_map: MapVerbs) -> QImage:
    """The map, up to date, at the resolution of its screen, with legend and scale.

    What only serves the hand is left out: buttons, hints, hover card, focus frame.
    """
    grid_map.refresh_now()
    ratio = grid_map.devicePixelRatioF()
    image = QImage(grid_map.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    card, grid_map.hover_card, grid_map.bare = grid_map.hover_card, None, True
    painter = QPainter(image)
    try:
        grid_map.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawWindowBackground)
        legend = grid_map.furniture.legend
        if not legend.isHidden():
            legend.render(painter, legend.pos(), QRegion(), QWidget.RenderFlag.DrawChildren)
    finally:
        painter.end()
        grid_map.hover_card, grid_map.bare = card, False
    return image


def copy_picture(grid_map: MapVerbs) -> None:
    """Put the picture on the clipboard."""
    QGuiApplication.clipboard().setImage(picture_of(grid_map))


def write_picture(image: QImage, path: str | Path) -> bool:
    """Write a picture as PNG, on any thread; a file that was there stays whole until the new one is written.

    Takes some hundred milliseconds for a screen of 3840×2160.

    Returns:
        False when nothing could be written; the old file is as it was.
    """
    target = QSaveFile(str(path))
    if not target.open(QSaveFile.OpenModeFlag.WriteOnly):
        return False
    if not QImageWriter(target, b"png").write(image):
        target.cancelWriting()
        return False
    return bool(target.commit())
