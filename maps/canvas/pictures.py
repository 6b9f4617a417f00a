"""The picture of the map as it is seen: to the clipboard, or into a PNG file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSaveFile
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter

if TYPE_CHECKING:
    from maps.canvas.verbs import MapVerbs


def picture_of(grid_map: MapVerbs) -> QImage:
    """The map with its boxes, up to date, at the resolution of its screen; the focus frame is left out."""
    grid_map.refresh_now()
    grid_map.bare = True
    try:
        return grid_map.grab().toImage()
    finally:
        grid_map.bare = False


def copy_picture(grid_map: MapVerbs) -> None:
    """Put the picture on the clipboard."""
    QGuiApplication.clipboard().setImage(picture_of(grid_map))


def save_picture(grid_map: MapVerbs, path: str | Path) -> bool:
    """Write the picture as PNG; a file that was there stays whole until the new one is written.

    Returns:
        False when nothing could be written; the old file is as it was.
    """
    target = QSaveFile(str(path))
    if not target.open(QSaveFile.OpenModeFlag.WriteOnly):
        return False
    writer = QImageWriter(target, b"png")
    if not writer.write(picture_of(grid_map)):
        target.cancelWriting()
        return False
    return target.commit()
