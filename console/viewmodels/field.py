"""What lies and moves in the district: components, cameras, officers, activity of grids, for the map's layers.

Read from the own copy on a lane of its own, so that it is there offline too; the engine says when a document has
changed. Officers are asked for only while somebody watches (the map is shown), at most every 15 s.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal

from console.tasks.runner import Background
from services.domain.silence import SilenceSettings, silence_settings
from services.ports.cache import CaseCache
from services.ports.centre import CentreGateway, Doc
from services.ports.field import (
    ACTIVITY,
    CAMERAS,
    COMPONENTS,
    OFFICERS,
    Camera,
    Component,
    GridActivity,
    OfficerPosition,
    OfficerPositions,
    Track,
)
from services.sync.engine import SyncEngine
from services.usecases.field import activity_from, cameras_from, officers_from, stored_components

#: a lane of its own: what an operator saves never waits for a hundred thousand components
_LANE, _NETWORK = "field", "network"
_READERS: dict[str, Callable[[CaseCache], Any]] = {
    COMPONENTS: stored_components,
    CAMERAS: lambda cache: cameras_from(cache.document(CAMERAS).doc),
    OFFICERS: lambda cache: officers_from(cache.document(OFFICERS).doc),
    ACTIVITY: lambda cache: activity_from(cache.document(ACTIVITY).doc),
}


class FieldData(QObject):
    """The values of the four documents, and tracks on demand. Lives on the main thread.

    Signals carry nothing: the values are read from the properties. `silence` are the centre's settings.
    """

    components_changed = Signal()
    cameras_changed = Signal()
    officers_changed = Signal()
    activity_changed = Signal()

    def __init__(
        self,
        cache: CaseCache,
        gateway: CentreGateway,
        engine: SyncEngine,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        """Take what is read from; nothing is read before the first `heard`."""
        super().__init__(parent)
        self._cache = cache
        self._gateway = gateway
        self._engine = engine
        self._background = background
        self._watchers: set[int] = set()
        self.components: tuple[Component, ...] = ()
        self.cameras: tuple[Camera, ...] = ()
        self.officers = OfficerPositions()
        self.activity = GridActivity()
        self.silence = SilenceSettings()

    def heard(self, kinds: Collection[str]) -> None:
        """Read the documents that the engine names; all of them with `all`."""
        for name in _READERS:
            if name in kinds or "all" in kinds:
                self._background.submit(_LANE, f"field:{name}", self._reading(name), self._taking(name))

    def reference_read(self, doc: Doc) -> None:
        """Take the settings of fresh reference data over."""
        found = silence_settings(doc)
        if found != self.silence:
            self.silence = found
            self.activity_changed.emit()

    def _reading(self, name: str) -> Callable[[], Any]:
        """Return the work that reads one document from the copy."""
        return lambda: _READERS[name](self._cache)

    def _taking(self, name: str) -> Callable[[Any], None]:
        """Return the bound method that keeps one document's value."""
        takers: dict[str, Callable[[Any], None]] = {
            COMPONENTS: self._components_read,
            CAMERAS: self._cameras_read,
            OFFICERS: self._officers_read,
            ACTIVITY: self._activity_read,
        }
        return takers[name]

    def _components_read(self, value: tuple[Component, ...]) -> None:
        """Keep the components."""
        self.components = value
        self.components_changed.emit()

    def _cameras_read(self, value: tuple[Camera, ...]) -> None:
        """Keep the cameras."""
        self.cameras = value
        self.cameras_changed.emit()

    def _officers_read(self, value: OfficerPositions) -> None:
        """Keep the positions."""
        self.officers = value
        self.officers_changed.emit()

    def _activity_read(self, value: GridActivity) -> None:
        """Keep the activity."""
        self.activity = value
        self.activity_changed.emit()

    # --- officers -----------------------------------------------------------------------------------

    def watch_officers(self, watcher: object, on: bool) -> None:
        """Say that a screen shows officers, or no longer does; they are asked for while anyone watches."""
        if on:
            self._watchers.add(id(watcher))
        else:
            self._watchers.discard(id(watcher))
        self._engine.watch_officers(bool(self._watchers))

    def officer(self, user: str) -> OfficerPosition | None:
        """Return one officer as last heard."""
        return next((one for one in self.officers.officers if one.user == user), None)

    def load_track(
        self,
        user: str,
        day: date,
        zone: str,
        done: Callable[[Track], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Ask the centre for an officer's way on a day of the centre's zone; the look is audited there."""
        start = datetime.combine(day, time(), ZoneInfo(zone))
        end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
        gateway = self._gateway
        self._background.submit(_NETWORK, "track", lambda: gateway.track(user, start, end), done, failed)
