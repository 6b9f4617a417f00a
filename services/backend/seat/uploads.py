"""Reading a form with its files, within limits, and storing its photos before anything is decided."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import select
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from services.backend.attachments_store import store
from services.backend.db.tables import attachments
from services.backend.problems import Problem
from services.backend.seat.form_reading import Photo
from services.backend.seat.pictures import FILE_BYTES, PictureError, picture_mime
from services.backend.seat.visitor import Visit
from services.sql.engine import glancing

MAX_PHOTOS = 9
#: the whole form with its files; a single file may be `pictures.FILE_BYTES`
FORM_BYTES = 100 * 1024 * 1024
_FIELDS = 60
_PART_BYTES = 64 * 1024


async def read_form(request: Request) -> FormData:
    """Return a form, files spooled to disk; the caller closes it.

    Raises Problem 413 beyond `FORM_BYTES` (counted, not believed), starlette's HTTPException 400 for a broken
    one.
    """
    try:
        claimed = int(request.headers.get("content-length", "0"))
    except ValueError:
        claimed = 0
    if claimed > FORM_BYTES:
        raise _too_large()
    counted = Request(request.scope, _counting(request.receive))
    return await counted.form(max_files=2 * MAX_PHOTOS, max_fields=_FIELDS, max_part_size=_PART_BYTES)


def _counting(receive: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """Return `receive` with an end to how much it lets through."""
    size = 0

    async def counted() -> Any:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > FORM_BYTES:
            raise _too_large()
        return message

    return counted


def _too_large() -> Problem:
    return Problem(413, "too_large", f"一次上传的照片太多或太大，合计最多 {FORM_BYTES // 1024 // 1024} MiB。")


@dataclass(frozen=True, slots=True)
class Taken:
    """The photos of a form: all that are stored now, and what was wrong with others."""

    photos: tuple[Photo, ...]
    fault: str | None = None


def take_photos(visit: Visit, form: FormData) -> Taken:
    """Store the new photos of a form and return them after those kept from an earlier attempt.

    The order is that of the form, and a photo sent twice counts once, so that a repeated form names the same
    ones.
    """
    found = {photo.sha256: photo for photo in _kept(visit, form)}
    fault: str | None = None
    for upload in (*form.getlist("photos"), *form.getlist("photo")):
        if not isinstance(upload, UploadFile) or not upload.filename:
            continue
        try:
            photo = _stored(visit, upload)
        except PictureError as error:
            fault = f"{_name(upload)}：{error}"
            continue
        found[photo.sha256] = photo
    if len(found) > MAX_PHOTOS:
        return Taken(tuple(found.values())[:MAX_PHOTOS], f"最多 {MAX_PHOTOS} 张照片，多出的没有保存。")
    return Taken(tuple(found.values()), fault)


def _stored(visit: Visit, upload: UploadFile) -> Photo:
    """Look at one upload and store it; raises PictureError."""
    if (upload.size or 0) > FILE_BYTES:
        raise PictureError("照片超过 20 MiB，请调低相机的照片大小后重拍。")
    body = upload.file.read()
    mime = picture_mime(body)
    sha256 = hashlib.sha256(body).hexdigest()
    store(visit.centre, visit.actor, sha256, mime, body)
    return Photo(sha256, _name(upload), mime, len(body))


def _name(upload: UploadFile) -> str:
    """Return a file's own name, fit to be shown and stored."""
    name = PurePosixPath((upload.filename or "").replace("\\", "/")).name
    return "".join(char for char in name if char.isprintable())[-100:] or "照片"


def _kept(visit: Visit, form: FormData) -> list[Photo]:
    """Return photos stored at an earlier attempt with this form and still wanted."""
    given: dict[str, str] = {}
    for value in form.getlist("kept"):
        if isinstance(value, str):
            sha256, _, name = value.partition(" ")
            given.setdefault(sha256, name[:100] or "照片")
    if not given or len(given) > MAX_PHOTOS:
        return []
    with glancing(visit.centre.engine) as conn:
        rows = conn.execute(
            select(attachments.c.sha256, attachments.c.mime, attachments.c.size).where(
                attachments.c.sha256.in_(sorted(given))
            )
        ).all()
    known = {row.sha256: row for row in rows}
    return [Photo(sha, name, known[sha].mime, known[sha].size) for sha, name in given.items() if sha in known]
