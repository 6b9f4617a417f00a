"""`HttpFilterCalls`: saved filters over the line a gateway holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from services.api.gateway import HttpCentreGateway
from services.ports.centre import Tagged
from services.ports.errors import NeverValid


class HttpFilterCalls:
    """The `FilterShelf` over a gateway's own session, deadlines and error classes."""

    def __init__(self, gateway: HttpCentreGateway) -> None:
        """Share the gateway's line."""
        self._gateway = gateway

    def filters(self, etag: str | None = None) -> Tagged:
        """Return what the caller sees."""
        return self._gateway._tagged("/filters", {}, etag)

    def keep(self, filter_id: str, body: Mapping[str, Any]) -> None:
        """Keep or change one."""
        self._gateway._ask("PUT", _path(filter_id), lambda doc: None, body=dict(body))

    def drop(self, filter_id: str) -> None:
        """Take one away; 404 says that it is gone."""
        try:
            self._gateway._exchange("DELETE", _path(filter_id), fine=(200, 204))
        except NeverValid as refused:
            if refused.problem.status != 404:
                raise


def _path(filter_id: str) -> str:
    return f"/filters/{quote(filter_id, safe='')}"
