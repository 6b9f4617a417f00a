"""Routes of attachments: bytes by their hash."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller
from services.backend.attachments_store import check_hash, fetch, store
from services.backend.centre import Centre
from services.backend.http.bodies import FILE_BYTES, read_body
from services.backend.http.calls import json_answer, signed_in

router = APIRouter()


@router.put("/attachments/{sha256}")
async def put_attachment(request: Request, sha256: str) -> Response:
    """Store bytes of at most 20 MiB; the same ones again change nothing. The caller is asked for before the bytes."""
    check_hash(sha256)
    await signed_in(request, lambda _centre, _caller: None)
    body = await read_body(request, FILE_BYTES)
    mime = request.headers.get("content-type", "").partition(";")[0].strip().lower()

    def work(centre: Centre, caller: Caller) -> Response:
        new = store(centre, caller.actor, sha256, mime, body)
        return json_answer({"sha256": sha256, "size": len(body)}, 201 if new else 200)

    return await signed_in(request, work)


@router.get("/attachments/{sha256}")
async def get_attachment(request: Request, sha256: str) -> Response:
    """Return the bytes; a picture may be shown, anything else is a download."""
    check_hash(sha256)
    body, mime, shown = await signed_in(request, partial(_fetch, sha256=sha256))
    headers = {
        "Content-Disposition": "inline" if shown else f'attachment; filename="{sha256[:16]}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=86400, immutable",
    }
    return Response(body, 200, headers, mime if shown else "application/octet-stream")


def _fetch(centre: Centre, caller: Caller, *, sha256: str) -> tuple[bytes, str, bool]:
    return fetch(centre, caller.actor, sha256)
