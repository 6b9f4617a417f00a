"""Bodies are read with a cap on their size and on the time they take."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from services.backend.http import bodies
from services.backend.http.bodies import read_body
from services.backend.problems import Problem


def _request(*parts: bytes, pause: float = 0.0, ends: bool = True, coding: str = "") -> Request:
    """A request whose body comes in parts, each after a pause; one that does not end breaks off."""
    waiting = list(parts)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause)
        if not waiting and not ends:
            return {"type": "http.disconnect"}
        body = waiting.pop(0) if waiting else b""
        return {"type": "http.request", "body": body, "more_body": bool(waiting) or not ends}

    headers = [(b"content-encoding", coding.encode())] if coding else []
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


def _refused(request: Request, most: int = 10) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        asyncio.run(read_body(request, most))
    return caught.value.status, caught.value.code


def test_a_body_in_parts_is_joined() -> None:
    assert asyncio.run(read_body(_request(b"ab", b"", b"cd"), 4)) == b"abcd"


def test_one_byte_too_many_is_refused() -> None:
    assert _refused(_request(b"abc", b"de"), 4) == (413, "too_large")


@pytest.mark.parametrize("coding", ["gzip", "Deflate", "br, gzip"])
def test_a_packed_body_is_refused_in_words(coding: str) -> None:
    with pytest.raises(Problem) as caught:
        asyncio.run(read_body(_request(b"\x1f\x8b", coding=coding), 10))
    assert (caught.value.status, caught.value.code) == (415, "packed_body") and "未压缩" in caught.value.title


def test_a_body_that_says_it_is_plain_is_read() -> None:
    assert asyncio.run(read_body(_request(b"ab", coding="identity"), 4)) == b"ab"


def test_a_body_that_breaks_off_is_incomplete() -> None:
    assert _refused(_request(b"abc", ends=False)) == (400, "body_incomplete")


def test_a_body_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_BODY_S", 0.2)
    assert _refused(_request(*[b"x"] * 9, pause=0.05)) == (408, "body_too_slow")
    # the same slow sender is heard out where a large body is allowed
    monkeypatch.setattr(bodies, "_SLOWEST_BYTES_S", 10)
    assert asyncio.run(read_body(_request(*[b"x"] * 9, pause=0.05), 100)) == b"x" * 9
