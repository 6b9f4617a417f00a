"""Pictures of the seats: what may be stored (looked at, not believed), and small ones for lists.

The original is stored byte for byte, with everything the camera wrote into it (EXIF); the small picture has
none of that.
"""

from __future__ import annotations

import threading
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

FILE_BYTES = 20 * 1024 * 1024
#: JPEG is decoded at a fraction of its size, the others only whole
MAX_PIXELS = {"JPEG": 120_000_000}
MAX_PIXELS_WHOLE = 40_000_000
SMALL_SIDE = 480
_MIMES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}
_HEIC = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1")
_BROKEN = "照片文件不完整或已损坏，请重新拍摄或选择。"
_TOO_MANY = "照片的像素太多，请调低相机的照片大小后重拍。"
#: decoding is work for a processor and memory for a whole picture: two at a time
_gate = threading.Semaphore(2)


class PictureError(Exception):
    """A file cannot be taken as a photo; `str()` is the sentence."""


def picture_mime(body: bytes) -> str:
    """Return the MIME type a file really has; raises PictureError for anything that is no whole picture."""
    if not body:
        raise PictureError("照片文件是空的，请重新选择。")
    if len(body) > FILE_BYTES:
        raise PictureError("照片超过 20 MiB，请调低相机的照片大小后重拍。")
    if body[4:12] in _HEIC:
        raise PictureError("暂不支持 HEIC 格式：请在相机设置里选“兼容性最佳”（JPEG）后重拍。")
    with _gate, _opened(body) as picture:
        mime = _MIMES[str(picture.format)]
        _decode(picture, SMALL_SIDE)
    return mime


def small_picture(body: bytes) -> bytes:
    """Return a JPEG of at most 480 pixels a side, upright and without camera data; raises PictureError."""
    with _gate, _opened(body) as picture:
        _decode(picture, SMALL_SIDE * 2)
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((SMALL_SIDE, SMALL_SIDE))
        out = BytesIO()
        upright.convert("RGB").save(out, "JPEG", quality=78)
    return out.getvalue()


def _opened(body: bytes) -> Image.Image:
    """Open a picture of one of the known formats; raises PictureError."""
    try:
        picture = Image.open(BytesIO(body), formats=tuple(_MIMES))
    except UnidentifiedImageError:
        raise PictureError("这个文件不是照片（支持 JPEG、PNG、WebP、GIF）。") from None
    except Image.DecompressionBombError:
        raise PictureError(_TOO_MANY) from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise PictureError(_BROKEN) from None
    if picture.width * picture.height > MAX_PIXELS.get(str(picture.format), MAX_PIXELS_WHOLE):
        raise PictureError(_TOO_MANY)
    return picture


def _decode(picture: Image.Image, side: int) -> None:
    """Decode the pixels, which shows whether the file is whole; raises PictureError."""
    try:
        picture.draft("RGB", (side, side))
        picture.load()
    except (OSError, SyntaxError, ValueError, EOFError):
        raise PictureError(_BROKEN) from None
