"""Bytes to pixels: every format of the field, and every kind of rubbish refused with a sentence in bounded time."""

from __future__ import annotations

import io
import struct
import time
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.basemaps.errors import PictureError
from services.basemaps.pictures import MOST_SIDE_PX, darkened, decode_tile, premultiplied
from services.basemaps.sources import Dark


def picture(kind: str = "PNG", size: tuple[int, int] = (256, 256), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", size, (200, 100, 50)).convert(mode)
    image.save(out, kind)
    return out.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A small PNG that says it is large: rows of zeros, packed."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * min((width + 1) * height, 4_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("kind", "mode"),
    [(k, m) for k in ("PNG", "JPEG", "WEBP", "GIF") for m in ("RGB", "L", "P") if (k, m) != ("JPEG", "P")],
)
def test_formats_of_the_field(kind: str, mode: str) -> None:
    pixels = decode_tile(picture(kind, mode=mode))
    assert pixels.shape == (256, 256, 4)
    assert (pixels[..., 3] == 255).all()
    if mode == "RGB" and kind == "PNG":
        assert tuple(pixels[0, 0]) == (50, 100, 200, 255)


def test_colours_are_multiplied_with_alpha() -> None:
    rgba = np.array([[[200, 100, 40, 128], [9, 9, 9, 0], [255, 255, 255, 255]]], np.uint8)
    made = premultiplied(rgba)
    assert made.tolist() == [[[20, 50, 100, 128], [0, 0, 0, 0], [255, 255, 255, 255]]]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空的"),
        (b"<html><body>Sign in</body></html>", "网页"),
        (b"<!DOCTYPE html><html>", "网页"),
        (b'<?xml version="1.0"?><ServiceExceptionReport/>', "文字说明"),
        (b'{"code": 418}', "JSON"),
        (b"GARBAGE" * 50, "不是图片"),
        (bytes(range(256)) * 20, "不是图片"),
        (picture()[:200], "损坏"),
        (picture("JPEG")[:300], "损坏"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "损坏|不是图片"),
        (picture(size=(1025, 16)), "超过上限"),
        (b"\0" * (5 * 1024 * 1024), "4 MB"),
        (picture("BMP"), "不是图片"),
        (picture("TIFF"), "不是图片"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_is_no_tile_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(PictureError, match=words):
        decode_tile(data)


@pytest.mark.parametrize("size", [(100_000, 100_000), (100_000, 10), (5000, 5000), (2**31 - 1, 1), (0, 5)])
def test_a_picture_bomb_costs_nothing(size: tuple[int, int]) -> None:
    data = png_of_size(*size)
    began = time.perf_counter()
    with pytest.raises(PictureError):
        decode_tile(data)
    assert time.perf_counter() - began < 0.5


def test_the_largest_that_is_taken() -> None:
    assert decode_tile(picture(size=(MOST_SIDE_PX, MOST_SIDE_PX))).shape[0] == MOST_SIDE_PX


@given(st.binary(max_size=300), st.integers(0, 2000), st.binary(max_size=30))
def test_no_damage_raises_anything_else(noise: bytes, at: int, patch: bytes) -> None:
    whole = picture(size=(32, 32))
    for data in (
        noise,
        whole[:at],
        whole[:at] + patch + whole[at + len(patch) :],
        b"\x89PNG\r\n\x1a\n" + noise,
    ):
        try:
            decode_tile(data)
        except PictureError as error:
            assert error.title.endswith("。")


def test_the_dark_theme_dims_or_exchanges_light_and_dark() -> None:
    rgba = np.array([[[250, 250, 250, 255], [10, 10, 10, 255], [200, 40, 40, 255], [0, 0, 0, 0]]], np.uint8)
    tile = premultiplied(rgba)
    assert darkened(tile, Dark.NONE) is tile
    dim = darkened(tile, Dark.DIM)
    assert (dim[..., :3].astype(int) <= tile[..., :3]).all()
    assert dim[0, 0, 0] < 120
    turned = darkened(tile, Dark.INVERT).astype(int)
    assert turned[0, 0, 0] < 40 < turned[0, 1, 0]
    assert turned[0, 2, 2] > turned[0, 2, 0], "red stays red"
    for made in (dim, turned):
        assert (made[..., 3] == tile[..., 3]).all()
        assert (made[..., :3] <= made[..., 3:]).all(), "still multiplied with alpha"
