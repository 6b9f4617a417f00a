"""One HTTP exchange with a hard end: total deadline, byte cap, no redirects, no proxies of the environment.

`requests` alone does not give that: its timeout is per socket read, so a reply that drips a byte at a time
never ends; a small gzip reply can unpack to gigabytes; the environment may set proxies and trusted keys.
A watchdog shuts the socket at the deadline, in the header phase too.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, IncompleteRead, ProtocolError

CONNECT_S = 3.0
_CHUNK = 64 * 1024
# the library tells every address at DEBUG, and addresses of map services carry keys
logging.getLogger("urllib3").setLevel(logging.INFO)

_current = threading.local()


class NoAnswer(Exception):  # noqa: N818 - says what came of it
    """No complete answer; `code` is timeout, no_line, bad_certificate, too_big, cut_short or bad_coding.

    `reached` tells whether something answered at all. The text names no address.
    """

    def __init__(self, code: str, reached: bool = False) -> None:
        """Keep what went wrong."""
        super().__init__(code)
        self.code = code
        self.reached = reached


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True, eq=False)
class Call:
    """A request under way: which connection it uses, whether its time is up."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    connection: Any = None
    expired: bool = False
    done: bool = False

    def expire(self) -> None:
        """Shut the socket under the reader; nothing else can end a blocked read."""
        with self.lock:
            if self.done:
                return
            self.expired = True
            sock = getattr(self.connection, "sock", None)
            if isinstance(sock, socket.socket):
                with contextlib.suppress(OSError):  # closed meanwhile
                    # the base class on purpose: an SSLSocket's own would pull TLS from under the reader
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def finish(self) -> None:
        """The exchange is over; the watchdog must not touch the connection any more."""
        with self.lock:
            self.done = True


class _Watched:
    """A connection that tells the call under way that it is being used."""

    def connect(self) -> None:
        """Register, then connect (a TLS handshake can drip as well)."""
        self._register()
        super().connect()  # type: ignore[misc] # the mixin's base is the urllib3 connection

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Register, then send."""
        self._register()
        super().request(*args, **kwargs)  # type: ignore[misc] # the mixin's base is the urllib3 connection

    def _register(self) -> None:
        """Tell the call of this thread which connection it uses."""
        call: Call | None = getattr(_current, "call", None)
        if call is not None:
            call.connection = self


class _WatchedHTTP(_Watched, HTTPConnection):
    """Plain connection (loopback only)."""


class _WatchedHTTPS(_Watched, HTTPSConnection):
    """TLS connection."""


class _PlainPool(HTTPConnectionPool):
    """Pool of plain connections."""

    ConnectionCls = _WatchedHTTP


class _TlsPool(HTTPSConnectionPool):
    """Pool of TLS connections."""

    ConnectionCls = _WatchedHTTPS


class _Adapter(HTTPAdapter):
    """Adapter with watched connections; never tries again by itself (only the outbox may)."""

    def __init__(self) -> None:
        """One connection and a spare."""
        super().__init__(pool_connections=1, pool_maxsize=2, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of watched connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}


class Exchanger:
    """Sends requests anywhere. One `requests.Session` a thread, because a shared one is not promised safe."""

    def __init__(self, ca_file: str | None = None) -> None:
        """Nothing is sent. `ca_file`: a certificate authority beside those of the system."""
        self._ca = ca_file
        self._local = threading.local()
        self._lock = threading.Lock()
        self._sessions: list[requests.Session] = []
        self._calls: set[Call] = set()

    def _session(self) -> requests.Session:
        """Return this thread's session."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            session.verify = self._ca if self._ca is not None else True
            session.mount("http://", _Adapter())
            session.mount("https://", _Adapter())
            self._local.session = session
            with self._lock:
                self._sessions.append(session)
        return session

    def exchange(
        self,
        method: str,
        url: str,
        *,
        deadline_s: float,
        read_s: float,
        cap: int,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Do one exchange. Raises NoAnswer when there was no complete answer in time and size."""
        call = Call()
        watchdog = threading.Timer(deadline_s, call.expire)
        watchdog.daemon = True
        watchdog.name = "griddesk-deadline"
        ends = time.monotonic() + deadline_s
        _current.call = call
        with self._lock:
            self._calls.add(call)
        watchdog.start()
        try:
            response = self._session().request(
                method,
                url,
                params=params,
                data=body,
                headers={"Accept-Encoding": "gzip", **(headers or {})},
                timeout=(min(CONNECT_S, deadline_s), min(read_s, deadline_s)),
                allow_redirects=False,
                stream=True,
            )
            try:
                reply = _read(response, ends, cap)
            finally:
                response.close()
            if call.expired:  # headers cut by the watchdog can pass for short ones
                raise NoAnswer("timeout")
            return reply
        except NoAnswer as error:
            if call.expired:  # the watchdog's cut looks like an end of the body
                raise NoAnswer("timeout") from error
            raise
        except (requests.RequestException, HTTPError, OSError, zlib.error) as error:
            raise _no_answer(error, call.expired) from error
        finally:
            call.finish()
            watchdog.cancel()
            _current.call = None
            with self._lock:
                self._calls.discard(call)

    def close(self) -> None:
        """Give up all connections; calls under way end at once with NoAnswer."""
        with self._lock:
            sessions, self._sessions = self._sessions, []
            calls = tuple(self._calls)
        for call in calls:
            call.expire()
        for session in sessions:
            session.close()


def _no_answer(error: Exception, expired: bool) -> NoAnswer:
    """Translate what the library raised."""
    if expired or isinstance(error, requests.Timeout):
        return NoAnswer("timeout")
    if isinstance(error, requests.exceptions.SSLError):
        return NoAnswer("bad_certificate", reached=True)
    inner = error.args[-1] if isinstance(error, ProtocolError) and error.args else error
    if isinstance(inner, IncompleteRead):
        return NoAnswer("cut_short", reached=True)
    return NoAnswer("no_line")


def _read(response: requests.Response, ends: float, cap: int) -> Reply:
    """Read a body within deadline and cap; unpack it ourselves so that a bomb is cut at the cap."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    coding = headers.get("content-encoding", "identity").lower()
    if coding not in ("identity", "gzip"):
        raise NoAnswer("bad_coding", reached=True)
    unpack = zlib.decompressobj(31) if coding == "gzip" else None
    body = bytearray()
    while True:
        if time.monotonic() > ends:
            raise NoAnswer("timeout")
        # read1 gives what one read of the socket brings; read() would wait for a full chunk
        chunk = response.raw.read1(_CHUNK, decode_content=False)
        if not chunk:
            break
        body += chunk if unpack is None else unpack.decompress(chunk, cap + 1 - len(body))
        if len(body) > cap or (unpack is not None and unpack.unconsumed_tail):
            raise NoAnswer("too_big", reached=True)
    if unpack is not None and not unpack.eof:
        raise NoAnswer("cut_short", reached=True)
    _check_length(headers, body, unpack is None)
    return Reply(response.status_code, headers, bytes(body))


def _check_length(headers: Mapping[str, str], body: bytearray, plain: bool) -> None:
    """Notice a body that ended before its announced length."""
    told = headers.get("content-length", "")
    if plain and told.isdecimal() and len(body) < int(told):
        raise NoAnswer("cut_short", reached=True)
