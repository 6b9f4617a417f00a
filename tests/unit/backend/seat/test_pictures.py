"""What may be stored as a photo, and small pictures of it."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from services.backend.seat import pictures
from services.backend.seat.pictures import PictureError, picture_mime, small_picture


def made(form: str, size: tuple[int, int] = (600, 300), exif: Image.Exif | None = None) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, form, **({} if exif is None else {"exif": exif}))
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "mime"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif")],
)
def test_the_type_is_what_the_bytes_are(form: str, mime: str) -> None:
    assert picture_mime(made(form)) == mime


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "空的"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不是照片"),
        (b"%PDF-1.7", "不是照片"),
        (made("BMP"), "不是照片"),
        (made("JPEG")[:900], "不完整"),
        (made("PNG")[:-30], "不完整"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * 40, "照片"),
        (b"\x00\x00\x00\x18ftypmif1" + b"\x00" * 30, "HEIC"),
    ],
)
def test_what_is_no_whole_picture_is_refused(body: bytes, sentence: str) -> None:
    with pytest.raises(PictureError, match=sentence):
        picture_mime(body)


def test_too_many_bytes_and_too_many_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "FILE_BYTES", 100)
    with pytest.raises(PictureError, match="20 MiB"):
        picture_mime(made("JPEG"))
    monkeypatch.undo()
    monkeypatch.setattr(pictures, "MAX_PIXELS_WHOLE", 1000)
    with pytest.raises(PictureError, match="像素太多"):
        picture_mime(made("PNG"))
    assert picture_mime(made("JPEG")) == "image/jpeg", "JPEG is decoded at a fraction of its size"
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(PictureError, match="像素太多"):
        picture_mime(made("JPEG"))


def test_small_pictures_stand_upright_and_tell_nothing() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "MAKER"
    body = made("JPEG", (1600, 800), exif)
    small = small_picture(body)
    with Image.open(BytesIO(small)) as found:
        assert found.size == (240, 480)
        assert not dict(found.getexif())
    assert b"MAKER" in body
    assert b"MAKER" not in small
    with pytest.raises(PictureError):
        small_picture(b"no picture")
