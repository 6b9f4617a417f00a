"""The line below the application: what is not HTTP at all gets a problem document too, and slow heads are cut.

Nothing of this reaches the application: there is no request yet.
"""

from __future__ import annotations

import asyncio
import secrets

import h11

from services.backend.http.protocol import JoinedProtocol
from services.backend.problems import MEDIA_TYPE, Problem

#: how long a sender may take over the head of a request
HEAD_S = 20.0
#: how long what comes after an unreadable request is thrown away before the connection goes
LINGER_S = 2.0
_UNREADABLE = Problem(400, "bad_request", "请求无法读取：不是有效的 HTTP 请求，或请求头过长。")


class Line(JoinedProtocol):
    """One connection."""

    _head: asyncio.TimerHandle | None = None
    _refused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; the first request has to come."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes in; a head that has begun has to end."""
        if self._refused:
            return
        super().data_received(data)
        if self._refused:
            return
        begun = self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])
        if not begun:
            self._head_came()
        elif self._head is None:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._head_came()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read as a request, and hang up."""
        trace = secrets.token_hex(8)
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"x-trace-id", trace.encode()),
            (b"connection", b"close"),
        ]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=_UNREADABLE.body(trace)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self._refused = True
        self._head_came()
        self.loop.call_soon(self._last_words)

    def _last_words(self) -> None:
        """End the answer, and read on for a moment: hanging up on unread bytes would take the answer back."""
        if self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()
        self._head = self.loop.call_later(LINGER_S, self._hang_up)

    def _await_head(self) -> None:
        self._head = self.loop.call_later(HEAD_S, self._hang_up)

    def _head_came(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _hang_up(self) -> None:
        self._head = None
        self.transport.close()
