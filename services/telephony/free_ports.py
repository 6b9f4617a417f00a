"""A port of the loopback that nobody uses right now."""

from __future__ import annotations

import socket


def free_port(*, udp: bool = False) -> int:
    """Return a free port; another program may take it before it is used, then the start is tried again."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
