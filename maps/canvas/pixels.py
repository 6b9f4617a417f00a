"""A picture whose pixels numpy and Qt share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

PixelArray = npt.NDArray[np.uint32]
"""``(height, width)`` pixels as Qt keeps them: 0xAARRGGBB, colours multiplied by alpha."""

OPAQUE = QImage.Format.Format_RGB32
CLEAR = QImage.Format.Format_ARGB32_Premultiplied


class PixelSheet:
    """Pixels of one picture, seen by numpy as ``pixels`` and by Qt as ``image``; neither holds a copy.

    The image must not be kept longer than the sheet: it has no memory of its own.
    """

    __slots__ = ("image", "pixels")

    def __init__(self, width: int, height: int, kind: QImage.Format = CLEAR) -> None:
        """Make a sheet of ``width`` x ``height`` device pixels, all zero."""
        self.pixels: PixelArray = np.zeros((height, width), dtype=np.uint32)
        self.image = QImage(self.pixels.data, width, height, 4 * width, kind)

    @property
    def nbytes(self) -> int:
        """Memory of the pixels."""
        return int(self.pixels.nbytes)


def premultiplied(
    red: npt.ArrayLike, green: npt.ArrayLike, blue: npt.ArrayLike, alpha: npt.ArrayLike
) -> npt.NDArray[np.uint32]:
    """Pack straight colours (0 to 255) with an alpha (0 to 1) into pixels."""
    a = np.clip(np.asarray(alpha, dtype=np.float64), 0.0, 1.0)
    parts = [np.rint(np.asarray(c, dtype=np.float64) * a).astype(np.uint32) for c in (red, green, blue)]
    whole = np.rint(a * 255.0).astype(np.uint32)
    return np.asarray(whole << 24 | parts[0] << 16 | parts[1] << 8 | parts[2], dtype=np.uint32)


def over(top: npt.NDArray[np.uint32], below: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Lay pixels over others, both multiplied by alpha; arrays of one shape."""
    keep = 255 - (top >> 24)
    out = np.zeros(np.broadcast(top, below).shape, dtype=np.uint32)
    for shift in (24, 16, 8, 0):
        part = (top >> shift & 255) + ((below >> shift & 255) * keep + 127) // 255
        out |= np.minimum(part, 255).astype(np.uint32) << np.uint32(shift)
    return out
