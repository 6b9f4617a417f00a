"""底图与图层来源: which sources a seat has, with which keys, what they give at present, and what is wrong in words.

The centre gives sources for all seats (`map_sources` of the reference settings), the user adds own ones. Sources are
data; keys are kept apart in the sealed settings and shown to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.tasks.runner import Background
from console.viewmodels.map_prefetch import MapPrefetch
from console.viewmodels.map_source_settings import SourceSettings, keys_apart, read_settings, write_settings
from console.viewmodels.tile_feed import TileFeed
from services.basemaps.features import FeatureSet
from services.basemaps.sources import Dark, MapSource, SourceList, merged, sources_from
from services.domain.errors import DomainError
from services.ports.cache import SettingsStore
from services.ports.map_services import MapServices, Secret
from services.usecases.map_features import FeatureAnswer, FeatureReader
from services.usecases.map_tiles import TileReader
from services.usecases.map_trial import try_source

STORE = "store"


def tr(text: str) -> str:
    """Translate a word of the sources."""
    return QCoreApplication.translate("MapSources", text)


class MapSources(QObject):
    """The sources of a seat. Made, used and closed on the main thread.

    Signals: `changed()` when the list, its order or a setting of a source is new; `state_changed(str)` when the words
    about a source are; `features_ready(str)` when features of a source have come.
    """

    changed = Signal()
    state_changed = Signal(str)
    features_ready = Signal(str)

    def __init__(
        self,
        services: MapServices,
        settings: SettingsStore,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        """Know nothing before `load`."""
        super().__init__(parent)
        self._services, self._settings, self._background = services, settings, background
        self._stored = SourceSettings()
        self._centre: tuple[MapSource, ...] = ()
        self._centre_keys: dict[str, str] = {}
        self.problems: tuple[str, ...] = ()
        self._feeds: dict[str, TileFeed] = {}
        self._features: dict[str, FeatureAnswer] = {}
        self._asked: set[str] = set()
        self._faults: dict[str, str] = {}
        self._dark = False
        self._touched = False
        self._closed = False
        self.prefetch = MapPrefetch(self._reader, background, self)

    # --- the list -----------------------------------------------------------------------------------

    @property
    def sources(self) -> tuple[MapSource, ...]:
        """All sources from below: the centre's, then the user's own."""
        return merged(self._stored.own, self._centre)

    @property
    def own(self) -> tuple[MapSource, ...]:
        """The user's own sources."""
        return self._stored.own

    def from_centre(self, source_id: str) -> bool:
        """Tell whether the centre gives a source and the user has not put another in its place."""
        return any(s.id == source_id for s in self._centre) and all(
            s.id != source_id for s in self._stored.own
        )

    def source(self, source_id: str) -> MapSource | None:
        """Return a source."""
        return next((source for source in self.sources if source.id == source_id), None)

    def has_key(self, source_id: str) -> bool:
        """Tell whether a key is stored; the key itself is told to nobody."""
        return bool(self._key(source_id))

    def load(self) -> None:
        """Read what is stored; `changed` tells when it is there."""
        self._background.submit(STORE, "map-sources", partial(read_settings, self._settings), self._on_loaded)

    def set_centre(self, reference: Mapping[str, Any]) -> None:
        """Take the sources of the centre's reference document."""
        settings = reference.get("settings")
        raw = settings.get("map_sources") if isinstance(settings, Mapping) else None
        raw = reference.get("map_sources") if raw is None else raw
        clean, keys = keys_apart(raw)
        found = sources_from(clean)
        if (found.sources, keys) != (self._centre, self._centre_keys):
            gone = self._unequal(self._centre, found.sources)
            self._centre, self._centre_keys = found.sources, keys
            self._set_problems(found)
            self._drop(gone | set(keys))
            self.changed.emit()

    def save(self, own: Sequence[MapSource], keys: Mapping[str, str]) -> None:
        """Store the user's own sources in their order. `keys` are those that are new (empty: take the key away).

        Raises SourceError when a source is wrong; then nothing is stored.
        """
        for source in own:
            source.checked()
        ids = {source.id for source in own} | {source.id for source in self._centre}
        kept = {name: key for name, key in {**self._stored.keys, **keys}.items() if key and name in ids}
        gone = self._unequal(self._stored.own, own) | set(keys)
        self._stored = SourceSettings(tuple(own), kept)
        self._touched = True
        self._background.submit(
            STORE, "map-sources-save", partial(write_settings, self._settings, self._stored)
        )
        self._drop(gone)
        self.changed.emit()

    def show_source(self, source_id: str, shown: bool, opacity: float | None = None) -> None:
        """Switch a source on or off, or set its opacity; a source of the centre becomes the user's own setting."""
        source = self.source(source_id)
        if source is None:
            return
        made = replace(source, shown=shown, opacity=source.opacity if opacity is None else opacity)
        if made == source:
            return
        own = [made if s.id == source_id else s for s in self._stored.own]
        if source_id not in {s.id for s in own}:
            own.append(made)
        self._stored = SourceSettings(tuple(own), self._stored.keys)
        self._touched = True
        self._background.submit(
            STORE, "map-sources-save", partial(write_settings, self._settings, self._stored)
        )
        self.changed.emit()

    # --- what they give -----------------------------------------------------------------------------

    def feed(self, source_id: str) -> TileFeed | None:
        """Return what brings the tiles of a source; made at the first call, None for another kind."""
        source = self.source(source_id)
        if source is None or not source.is_tiles or self._closed:
            return None
        feed = self._feeds.get(source_id)
        if feed is None:
            feed = self._feeds[source_id] = TileFeed(self._reader(source), self._background, self)
            feed.set_dark(source.dark if self._dark else Dark.NONE)
            feed.trouble_changed.connect(partial(self._on_trouble, source_id))
        return feed

    def features(self, source_id: str, again: bool = False) -> FeatureSet | None:
        """Return the features of a source, None while they come; `features_ready` tells when they have."""
        source = self.source(source_id)
        if source is None or source.is_tiles or self._closed:
            return None
        if source_id not in self._asked or again:
            self._asked.add(source_id)
            reader = FeatureReader(source, self._secret(source), self._services)
            self._background.submit(
                f"map-{source_id}",
                f"features-{source_id}",
                partial(_features, source, reader, again),
                self._on_features,
            )
        answer = self._features.get(source_id)
        return answer.features if answer is not None else None

    def state(self, source_id: str) -> str:
        """Return what is the matter with a source in words, empty when all is well."""
        feed, answer = self._feeds.get(source_id), self._features.get(source_id)
        if feed is not None and feed.trouble is not None:
            wait_s = round(feed.trouble.again_in_s)
            later = tr("{n} 秒后再试。").format(n=wait_s) if wait_s > 0 else ""
            return feed.trouble.sentence + later
        if source_id in self._faults:
            return self._faults[source_id]
        if answer is not None and answer.stale:
            return tr("{why}现在显示的是以前取到的。").format(why=answer.why)
        if answer is not None:
            return "".join(answer.features.notes)
        return ""

    def faulty(self, source_id: str) -> bool:
        """Tell whether a source does not give what it should at present."""
        feed, answer = self._feeds.get(source_id), self._features.get(source_id)
        troubled = feed is not None and feed.trouble is not None
        return troubled or source_id in self._faults or (answer is not None and answer.stale)

    def set_dark(self, dark: bool) -> None:
        """Follow the theme: tiles are asked for anew in its look."""
        if dark is self._dark:
            return
        self._dark = dark
        for source_id, feed in self._feeds.items():
            source = self.source(source_id)
            if source is not None:
                feed.set_dark(source.dark if dark else Dark.NONE)
        self.changed.emit()

    @property
    def dark(self) -> bool:
        """Whether the dark theme is shown."""
        return self._dark

    def try_source(
        self,
        source: MapSource,
        key: str | None,
        place: tuple[float, float],
        done: Callable[[Any], None],
    ) -> None:
        """试连: `done` (a method) gets a Trial. `key` None: the stored one; `place` is lon, lat of the district."""
        secret = self._secret(source) if key is None else Secret(source.key_name, key)
        work = partial(try_source, source, secret, self._services, *place)
        self._background.submit("map-trial", "map-trial", work, done)

    def in_background(self, key: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Do work for the layer of a source away from the main thread; `done` is a method."""
        self._background.submit("map-prepare", key, work, done)

    def cache_bytes(self, done: Callable[[Any], None]) -> None:
        """Tell how much is kept on disk: `done` (a method) gets the bytes."""
        self._background.submit("map-trial", "map-volume", self._services.cache.volume, done)

    def clear_cache(self, source_id: str, done: Callable[[Any], None]) -> None:
        """Drop what is kept of a source."""
        work = partial(self._services.cache.forget, source_id)
        self._background.submit("map-trial", f"map-forget-{source_id}", work, done)

    def close(self) -> None:
        """Load nothing more; what a server holds up is ended at once."""
        self._closed = True
        self.prefetch.close()
        self._services.close()
        for feed in self._feeds.values():
            feed.close()
        self._feeds.clear()

    # --- inside -------------------------------------------------------------------------------------

    def _key(self, source_id: str) -> str:
        """Return the key of a source: the user's own, else the centre's."""
        return self._stored.keys.get(source_id) or self._centre_keys.get(source_id, "")

    def _secret(self, source: MapSource) -> Secret:
        """Return the key with its parameter."""
        return Secret(source.key_name, self._key(source.id))

    def _reader(self, source: MapSource) -> TileReader:
        """Return a reader of tiles."""
        return TileReader(source, self._secret(source), self._services)

    def _on_loaded(self, result: tuple[SourceSettings, SourceList]) -> None:
        """Take over what was stored, unless the user was quicker."""
        if self._touched:
            return
        stored, found = result
        gone = self._unequal(self._stored.own, stored.own)
        self._stored = stored
        self._set_problems(found)
        self._drop(gone | set(stored.keys))
        self.changed.emit()

    def _set_problems(self, found: SourceList) -> None:
        """Keep the sentences on sources that were left out."""
        self.problems = tuple(dict.fromkeys((*self.problems, *found.problems)))

    @staticmethod
    def _unequal(before: Sequence[MapSource], after: Sequence[MapSource]) -> set[str]:
        """Return the ids of sources that now fetch something else (not those only shown otherwise)."""

        def plain(source: MapSource) -> MapSource:
            return replace(source, shown=True, opacity=1.0, title="", attribution="")

        old, new = ({s.id: plain(s) for s in group} for group in (before, after))
        return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}

    def _drop(self, ids: set[str]) -> None:
        """Forget what sources that changed have given."""
        for source_id in ids:
            feed = self._feeds.pop(source_id, None)
            if feed is not None:
                feed.close()
                feed.deleteLater()
            self._features.pop(source_id, None)
            self._faults.pop(source_id, None)
            self._asked.discard(source_id)

    def _on_trouble(self, source_id: str) -> None:
        """Pass on that the words about a source changed."""
        self.state_changed.emit(source_id)

    def _on_features(self, result: tuple[MapSource, FeatureAnswer | DomainError]) -> None:
        """Keep what a source gave, unless it was changed meanwhile."""
        source, value = result
        if self._closed or self.source(source.id) is None:
            return
        self._faults.pop(source.id, None)
        if isinstance(value, DomainError):
            self._faults[source.id] = value.title
        else:
            self._features[source.id] = value
            self.features_ready.emit(source.id)
        self.state_changed.emit(source.id)


def _features(
    source: MapSource, reader: FeatureReader, again: bool
) -> tuple[MapSource, FeatureAnswer | DomainError]:
    """Read features; a refusal is a value (worker)."""
    try:
        return source, reader.read(again)
    except DomainError as error:
        return source, error
