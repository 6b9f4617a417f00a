"""Asks for the officers' positions while somebody looks at them: gently, and not at all otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable

from services.ports.cache import CaseCache
from services.ports.centre import CentreGateway
from services.ports.errors import GatewayError, NeverValid, Unknown
from services.ports.field import OFFICERS
from services.sync.backoff import Backoff

#: a person walks twenty metres in this time
EVERY_S = 15.0
#: a centre that does not know the route is asked again this seldom
ABSENT_S = 600.0


class OfficerWatch:
    """The state of the watch; `round` is what the worker's thread does."""

    def __init__(self, cache: CaseCache, gateway: CentreGateway, random: Callable[[], float]) -> None:
        """Take the cache that keeps the positions and the gateway that gives them."""
        self._cache = cache
        self._gateway = gateway
        self._backoff = Backoff(random, EVERY_S, 120.0)
        self._wanted = threading.Event()

    @property
    def wanted(self) -> bool:
        """Whether somebody looks."""
        return self._wanted.is_set()

    def want(self, on: bool) -> None:
        """Say whether somebody looks; from any thread."""
        if on:
            self._wanted.set()
        else:
            self._wanted.clear()

    def round(self) -> tuple[bool, float | None]:
        """Ask once; returns whether there is news, and the seconds until the next time (None: when poked)."""
        if not self.wanted or not self._gateway.signed_in:
            return False, None
        known = self._cache.document(OFFICERS)
        try:
            fresh = self._gateway.officers(known.etag)
        except NeverValid:
            return False, ABSENT_S
        except GatewayError as error:
            return False, self._backoff.failed(error.retry_after_s if isinstance(error, Unknown) else None)
        self._backoff.worked()
        if fresh.doc is None:
            return False, EVERY_S
        self._cache.put_document(OFFICERS, fresh.etag, fresh.doc)
        return True, EVERY_S
