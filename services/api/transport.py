"""The line to one centre: exchanges with a hard end, told in sentences about the centre."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from services.api.exchange import Exchanger, NoAnswer
from services.api.exchange import Reply as Reply  # callers of a transport name its answer
from services.ports.errors import Unknown

READ_S = 5.0
DEADLINE_S = 8.0
CAP_BYTES = 10 * 1024 * 1024
_SENTENCES = {
    "no_line": "连不上中心，请检查网络。",
    "timeout": "中心没有在规定时间内答复。",
    "too_big": "中心的答复过大，没有接收。",
    "bad_certificate": "中心的证书不可信，没有连接。",
    "bad_coding": "中心的答复编码不认识。",
    "cut_short": "中心的答复不完整。",
}


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
    """Sends requests to one centre."""

    def __init__(self, base_url: str, ca_file: str | None = None) -> None:
        """Check the address; nothing is sent. `ca_file`: the centre's own certificate authority."""
        self.base_url = checked_base_url(base_url)
        self._exchanger = Exchanger(ca_file)

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
        try:
            return self._exchanger.exchange(
                method,
                self.base_url + path,
                params=params,
                body=body,
                headers=headers,
                deadline_s=deadline_s,
                read_s=read_s,
                cap=cap,
            )
        except NoAnswer as error:
            raise Unknown(_SENTENCES[error.code], code=error.code, reached=error.reached) from error

    def close(self) -> None:
        """Give up all connections; calls under way end at once with Unknown."""
        self._exchanger.close()
