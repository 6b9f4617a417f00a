"""The bytes of a tile to pixels, under limits: only picture formats of the field, size known before unpacking.

What a server says about the type is not believed; the bytes tell.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from services.basemaps.errors import PictureError
from services.basemaps.sources import Dark

MOST_TILE_BYTES = 4 * 1024 * 1024
MOST_SIDE_PX = 1024
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
Pixels = NDArray[np.uint8]
"""Rows × columns × 4: blue, green, red, alpha, colours multiplied with alpha."""


def decode_tile(data: bytes) -> Pixels:
    """Unpack a tile. Raises PictureError: no picture, broken, larger than 1,024 pixels a side.

    A truncated picture is refused whole: half a tile would look like a map with a hole in it.
    """
    if not data:
        raise PictureError("服务返回了空的瓦片。", code="empty_tile")
    if len(data) > MOST_TILE_BYTES:
        raise PictureError("瓦片超过 4 MB，没有采用。", code="tile_too_big")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                width, height = picture.size
                if not (0 < width <= MOST_SIDE_PX and 0 < height <= MOST_SIDE_PX):
                    raise PictureError(
                        f"瓦片有 {width}×{height} 像素，超过上限 {MOST_SIDE_PX}，没有采用。",
                        code="tile_too_big",
                    )
                rgba = np.asarray(picture.convert("RGBA"), dtype=np.uint8)
    except UnidentifiedImageError as error:
        raise PictureError(_no_picture(data), code="no_picture") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("瓦片的像素过多，没有采用。", code="tile_too_big") from error
    # Pillow raises whatever its plugins raise for broken bytes (struct, zlib, syntax errors among them)
    except (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, LookupError, MemoryError) as error:
        raise PictureError("瓦片图片损坏或不完整，没有采用。", code="broken_tile") from error
    return premultiplied(rgba)


def _no_picture(data: bytes) -> str:
    """Say what came instead of a picture."""
    head = data[:300].lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return "服务返回的是网页，不是图片。"
    if head.startswith((b"<?xml", b"<")):
        return "服务返回的是文字说明，不是图片。"
    if head.startswith((b"{", b"[")):
        return "服务返回的是 JSON，不是图片。"
    return "服务返回的不是图片。"


def premultiplied(rgba: Pixels) -> Pixels:
    """Turn red, green, blue, alpha into what the canvas draws fastest; same shape."""
    bgra = np.ascontiguousarray(rgba[..., (2, 1, 0, 3)])
    alpha = bgra[..., 3:]
    if int(alpha.min()) < 255:
        bgra[..., :3] = (bgra[..., :3].astype(np.uint16) * alpha + 127) // 255
    return bgra


def darkened(pixels: Pixels, way: Dark) -> Pixels:
    """Return tiles fit for the dark theme.

    `dim` takes away more than half the light (photographs stay photographs); `invert` exchanges light and dark
    and keeps the hue, which makes a night map of a street map.
    """
    if way is Dark.NONE:
        return pixels
    alpha = pixels[..., 3:]
    colours = pixels[..., :3].astype(np.float32)
    if way is Dark.DIM:
        made = colours * np.float32(0.42)
    else:
        # hue stays when the sum of the brightest and the darkest channel is mirrored
        mirrored = alpha - (colours.max(axis=2, keepdims=True) + colours.min(axis=2, keepdims=True)) + colours
        made = np.clip(mirrored * np.float32(0.72) + np.float32(0.06) * alpha, 0, alpha)
    out = np.empty_like(pixels)
    out[..., :3] = made.astype(np.uint8)
    out[..., 3:] = alpha
    return out
