"""Request bodies: read with a cap whatever the headers claim."""

from __future__ import annotations

import asyncio
import contextlib
import time

from starlette.requests import ClientDisconnect, Request

from services.backend.problems import Problem

COMMAND_BYTES = 1024 * 1024
BATCH_BYTES = 8 * 1024 * 1024
FILE_BYTES = 20 * 1024 * 1024
#: how much of an oversize body is read and thrown away, so that the sender gets to read the answer
_DRAIN_BYTES = 64 * 1024 * 1024
_DRAIN_S = 10.0


async def read_body(request: Request, most: int) -> bytes:
    """Return the whole body.

    Raises Problem 413 when it is longer than `most` bytes (counted, not believed), 400 when the sender broke
    off.
    """
    parts: list[bytes] = []
    size = 0
    try:
        if _claimed(request) > most:
            await _drain(request)
            raise too_large(most)
        async for part in request.stream():
            size += len(part)
            if size > most:
                await _drain(request)
                raise too_large(most)
            parts.append(part)
    except ClientDisconnect:
        raise Problem(400, "body_incomplete", "请求没有传完。") from None
    return b"".join(parts)


def too_large(most: int) -> Problem:
    """Return the problem of an oversize body."""
    return Problem(413, "too_large", f"请求内容过大，最多 {most // 1024 // 1024} MiB。")


def _claimed(request: Request) -> int:
    """Return the length the sender claims, 0 when it claims none."""
    try:
        return int(request.headers.get("content-length", "0"))
    except ValueError:
        return 0


async def _drain(request: Request) -> None:
    """Read on for a while and keep nothing."""
    dropped, deadline = 0, time.monotonic() + _DRAIN_S
    with contextlib.suppress(ClientDisconnect, RuntimeError, TimeoutError):
        async with asyncio.timeout(_DRAIN_S):
            async for part in request.stream():
                dropped += len(part)
                if dropped > _DRAIN_BYTES or time.monotonic() > deadline:
                    return
