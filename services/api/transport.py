"""One HTTP exchange with a hard end: total deadline, byte cap, no redirects, no proxies of the environment.

`requests` alone does not give that: its timeout is per socket read, so a reply that drips a byte at a time
never ends; a small gzip reply can unpack to gigabytes; the environment may set proxies and trusted keys.
A watchdog shuts the socket at the deadline, in the header phase too.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from services.ports.errors import Unknown

CONNECT_S, READ_S = 3.0, 5.0
DEADLINE_S = 8.0
CAP_BYTES = 10 * 1024 * 1024
_CHUNK = 64 * 1024
_NO_LINE = "连不上中心，请检查网络。"
_TOO_SLOW = "中心没有在规定时间内答复。"
_TOO_BIG = "中心的答复过大，没有接收。"

_current = threading.local()


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True, eq=False)
class _Call:
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
        call: _Call | None = getattr(_current, "call", None)
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


def checked_base_url(url: str) -> str:
    """Return a centre's address without a trailing slash.

    Raises ValueError with a Chinese sentence: plain http is for this machine only.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise ValueError("中心地址应为 https://主机[:端口]。")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise ValueError("中心地址必须用 https，http 只能用于本机。")
    return url.strip().rstrip("/")


def _is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Transport:
    """Sends requests to one centre. One `requests.Session` a thread, because a shared one is not promised safe."""

    def __init__(self, base_url: str, ca_file: str | None = None) -> None:
        """Check the address; nothing is sent. `ca_file`: the centre's own certificate authority."""
        self.base_url = checked_base_url(base_url)
        self._ca = ca_file
        self._local = threading.local()
        self._lock = threading.Lock()
        self._sessions: list[requests.Session] = []
        self._calls: set[_Call] = set()

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
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
        read_s: float = READ_S,
        cap: int = CAP_BYTES,
    ) -> Reply:
        """Do one exchange. Raises Unknown when there was no complete answer in time and size."""
        call = _Call()
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
                self.base_url + path,
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
                raise Unknown(_TOO_SLOW, code="timeout")
            return reply
        except Unknown as error:
            if call.expired:  # the watchdog's cut looks like an end of the body
                raise Unknown(_TOO_SLOW, code="timeout") from error
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
        """Give up all connections; calls under way end at once with Unknown."""
        with self._lock:
            sessions, self._sessions = self._sessions, []
            calls = tuple(self._calls)
        for call in calls:
            call.expire()
        for session in sessions:
            session.close()


def _no_answer(error: Exception, expired: bool) -> Unknown:
    """Translate what the library raised."""
    if expired or isinstance(error, requests.Timeout):
        return Unknown(_TOO_SLOW, code="timeout")
    if isinstance(error, requests.exceptions.SSLError):
        return Unknown("中心的证书不可信，没有连接。", code="bad_certificate", reached=True)
    return Unknown(_NO_LINE, code="no_line")


def _read(response: requests.Response, ends: float, cap: int) -> Reply:
    """Read a body within deadline and cap; unpack it ourselves so that a bomb is cut at the cap."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    coding = headers.get("content-encoding", "identity").lower()
    if coding not in ("identity", "gzip"):
        raise Unknown("中心的答复编码不认识。", code="bad_coding", reached=True)
    unpack = zlib.decompressobj(31) if coding == "gzip" else None
    body = bytearray()
    while True:
        if time.monotonic() > ends:
            raise Unknown(_TOO_SLOW, code="timeout")
        # read1 gives what one read of the socket brings; read() would wait for a full chunk
        chunk = response.raw.read1(_CHUNK, decode_content=False)
        if not chunk:
            break
        body += chunk if unpack is None else unpack.decompress(chunk, cap + 1 - len(body))
        if len(body) > cap or (unpack is not None and unpack.unconsumed_tail):
            raise Unknown(_TOO_BIG, code="too_big", reached=True)
    if unpack is not None and not unpack.eof:
        raise Unknown("中心的答复不完整。", code="cut_short", reached=True)
    _check_length(headers, body, unpack is None)
    return Reply(response.status_code, headers, bytes(body))


def _check_length(headers: Mapping[str, str], body: bytearray, plain: bool) -> None:
    """Notice a body that ended before its announced length."""
    told = headers.get("content-length", "")
    if plain and told.isdecimal() and len(body) < int(told):
        raise Unknown("中心的答复不完整。", code="cut_short", reached=True)
