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
#: what a sender may take over a body: a base, and the time its largest size takes on a slow line
_BODY_S = 30.0
_SLOWEST_BYTES_S = 64 * 1024


async def read_body(request: Request, most: int) -> bytes:
    """Return the whole body.

    Raises Problem 415 when it is packed, 413 when it is longer than `most` bytes (counted, not believed), 400 when
    the sender broke off, 408 when it takes longer than any honest line.
    """
    if request.headers.get("content-encoding", "").strip().lower() not in ("", "identity"):
        await _drain(request)
        raise Problem(415, "packed_body", "请求内容经过压缩（Content-Encoding），中心只接收未压缩的内容。")
    parts: list[bytes] = []
    size = 0
    try:
        if _claimed(request) > most:
            await _drain(request)
            raise too_large(most)
        async with asyncio.timeout(_BODY_S + most / _SLOWEST_BYTES_S):
            async for part in request.stream():
                size += len(part)
                if size > most:
                    break
                parts.append(part)
        if size > most:
            await _drain(request)
            raise too_large(most)
    except TimeoutError:
        raise Problem(408, "body_too_slow", "请求传得太慢，没有传完，请重新发送。") from None
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
