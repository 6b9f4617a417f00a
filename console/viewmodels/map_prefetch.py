"""预下载: fetches the tiles of an area ahead on a lane of its own, one area at a time, and tells how far it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from console.tasks.relay import Relay
from console.tasks.runner import Background
from services.basemaps.sources import MapSource
from services.usecases.map_prefetch import PrefetchState, prefetch
from services.usecases.map_tiles import TileReader

World = tuple[float, float, float, float]
"""west, south, east, north in world metres."""


class MapPrefetch(QObject):
    """Runs at most one fetching ahead. `changed(PrefetchState)` while it runs and when it ends."""

    changed = Signal(object)

    def __init__(
        self, reader: Callable[[MapSource], TileReader], background: Background, parent: QObject | None = None
    ) -> None:
        """Do nothing before `start`; `reader` makes a reader for a source."""
        super().__init__(parent)
        self._reader, self._background = reader, background
        self._stop = threading.Event()
        self._relay = Relay(self._on_state, self)
        self.state: PrefetchState | None = None

    @property
    def running(self) -> bool:
        """Whether an area is being fetched."""
        return self.state is not None and self.state.running

    def start(self, source: MapSource, world: World) -> None:
        """Fetch the tiles of a rectangle; nothing happens while another is under way, or for files."""
        if self.running or not source.is_tiles or source.is_local:
            return
        self._stop.clear()
        self._on_state(PrefetchState(source.id))
        work = partial(prefetch, self._reader(source), world, self._stop, self._relay.post)
        self._background.submit("map-prefetch", "map-prefetch", work, self._relay.post)

    def stop(self) -> None:
        """Stop; what was fetched stays."""
        self._stop.set()

    def close(self) -> None:
        """Stop and tell nothing more."""
        self._stop.set()
        self._relay.close()

    def _on_state(self, state: object) -> None:
        """Keep and pass on how far it is."""
        assert isinstance(state, PrefetchState)
        self.state = state
        self.changed.emit(state)
