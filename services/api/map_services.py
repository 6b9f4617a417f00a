"""Asks map services over HTTP: bounded in time and bytes, never led to another host, told in sentences.

Neither addresses nor keys appear in errors or logs.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from services.api.exchange import Exchanger, NoAnswer, Reply
from services.basemaps.errors import ServiceError
from services.basemaps.keys import with_key
from services.ports.map_services import Bounds, Fetched, Known, Secret

READ_S = 5.0
MOST_REDIRECTS = 2
_LONGEST_FRESH_S = 365 * 86400.0
_SENTENCES = {
    "no_line": "连不上地图服务，请检查地址和网络。",
    "timeout": "地图服务没有在规定时间内答复。",
    "too_big": "地图服务的答复过大，没有接收。",
    "bad_certificate": "地图服务的证书不可信，没有连接。",
    "bad_coding": "地图服务的答复编码不认识。",
    "cut_short": "地图服务的答复不完整。",
}
_AGENT = "griddesk"


class HttpMapFetcher:
    """The `MapFetcher` over HTTP."""

    def __init__(self, ca_file: str | None = None) -> None:
        """Nothing is sent. `ca_file`: a certificate authority of the centre's own."""
        self._exchanger = Exchanger(ca_file)
        self._closed = threading.Event()

    def fetch(self, url: str, secret: Secret, bounds: Bounds, known: Known | None = None) -> Fetched:
        """Ask once; a redirect is followed on the same host only. Raises ServiceError."""
        asked = with_key(url, secret.name, secret.value)
        for _ in range(MOST_REDIRECTS + 1):
            reply = self._ask(asked, bounds, known)
            if reply.status not in (301, 302, 303, 307, 308):
                return _judged(reply, known)
            asked = _next(asked, reply.headers.get("location", ""))
        raise ServiceError("地图服务反复转向，没有跟随。", code="redirected", passing=False)

    def _ask(self, url: str, bounds: Bounds, known: Known | None) -> Reply:
        """Do one exchange."""
        headers = {"User-Agent": _AGENT, "Accept": "*/*"}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.modified:
            headers["If-Modified-Since"] = known.modified
        if self._closed.is_set():
            raise ServiceError(_SENTENCES["no_line"], code="closed")
        try:
            return self._exchanger.exchange(
                "GET",
                url,
                headers=headers,
                deadline_s=bounds.deadline_s,
                read_s=min(READ_S, bounds.deadline_s),
                cap=bounds.most_bytes,
            )
        except NoAnswer as error:
            # the cause names the address with its key, so it is left behind
            raise ServiceError(_SENTENCES[error.code], code=error.code) from None
        except ValueError:
            raise ServiceError("地图服务的地址写法有误。", code="bad_address", passing=False) from None

    def close(self) -> None:
        """End at once what is under way."""
        self._closed.set()
        self._exchanger.close()


def _next(url: str, location: str) -> str:
    """Return where a redirect leads. Raises ServiceError for any other host, port down to http, or scheme."""
    try:
        here, there = urlsplit(url), urlsplit(urljoin(url, location))
        fine = (
            bool(location)
            and there.scheme in ("http", "https")
            and there.hostname == here.hostname
            and not (here.scheme == "https" and there.scheme == "http")
            and (there.port == here.port or (there.scheme, there.port) == ("https", None))
        )
    except ValueError:
        fine = False
    if not fine:
        raise ServiceError("地图服务转到了别的主机，没有跟随。", code="redirected", passing=False)
    return there.geturl()


def _judged(reply: Reply, known: Known | None) -> Fetched:
    """Turn a complete answer into a value. Raises ServiceError for a refusal."""
    status, headers = reply.status, reply.headers
    fresh, keep = freshness(headers)
    etag, modified = headers.get("etag", "")[:200], headers.get("last-modified", "")[:60]
    if status == 304 and known is not None:
        return Fetched(None, etag=etag, modified=modified, fresh_s=fresh, keep=keep)
    if status in (204, 404, 410):
        return Fetched(None, absent=True, fresh_s=fresh, keep=keep)
    if status == 200:
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        return Fetched(reply.body, False, kind, etag, modified, fresh, keep)
    if status in (401, 403, 407, 418):
        raise ServiceError(f"地图服务拒绝访问（{status}），请检查密钥和权限。", code="denied", passing=False)
    if status in (429, 503):
        word = "请求过多" if status == 429 else "暂停服务"
        raise ServiceError(
            f"地图服务{word}（{status}），稍后再试。", code="busy", retry_after_s=_retry_after(headers)
        )
    if status >= 500:
        raise ServiceError(f"地图服务出错（{status}）。", code="server_error")
    raise ServiceError(f"地图服务不接受请求（{status}），请检查地址和图层。", code="refused", passing=False)


def freshness(headers: Mapping[str, str]) -> tuple[float | None, bool]:
    """Return for how many seconds an answer may be used unasked (None: not told), and whether it may be kept."""
    control = {
        name.strip().lower(): value.strip(' "')
        for part in headers.get("cache-control", "").split(",")
        for name, _, value in [part.partition("=")]
    }
    if "no-store" in control:
        return 0.0, False
    if "no-cache" in control:
        return 0.0, True
    age = control.get("max-age", "")
    if age.isdecimal() and len(age) < 13:
        spent = headers.get("age", "0")
        spent_s = float(spent) if spent.isdecimal() and len(spent) < 13 else 0.0
        return min(max(float(age) - spent_s, 0.0), _LONGEST_FRESH_S), True
    if "expires" in headers:
        until = _moment(headers["expires"])
        since = _moment(headers.get("date", "")) or datetime.now(UTC)
        left = (until - since).total_seconds() if until is not None else 0.0
        return min(max(left, 0.0), _LONGEST_FRESH_S), True
    return None, True


def _moment(text: str) -> datetime | None:
    """Read an HTTP date, None when it is none."""
    try:
        made = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return made if made.tzinfo is not None else made.replace(tzinfo=UTC)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return how long a service asks to wait, in seconds."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal() and len(text) < 9:
        return float(text)
    until = _moment(text) if text else None
    left = (until - datetime.now(UTC)).total_seconds() if until is not None else math.nan
    return max(left, 0.0) if math.isfinite(left) else None
