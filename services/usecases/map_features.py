"""Features of a source: fetched page by page (or read from a file), gathered under limits, kept for offline work.

Everything here runs on a worker thread. A fresh kept copy is used unasked; when the service does not answer, the
last copy is shown however old it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.basemaps.errors import AnswerError, ServiceError
from services.basemaps.features import FeatureSet, unpacked
from services.basemaps.sources import Kind, MapSource
from services.ports.map_services import Fetched, MapServices, Progress, Secret
from services.usecases.map_tiles import cache_stem, piece_key

KEPT_FRESH_S = 86400.0


@dataclass(frozen=True, slots=True, eq=False)
class FeatureAnswer:
    """What a source gave; `stale` with the sentence why when only an old copy could be had."""

    features: FeatureSet
    stale: bool = False
    why: str = ""


class FeatureReader:
    """Reads the features of one source."""

    def __init__(
        self,
        source: MapSource,
        secret: Secret,
        services: MapServices,
    ) -> None:
        """Nothing is asked before `read`."""
        self.source = source
        self._secret = secret
        self._services = services
        self._key = piece_key(cache_stem(source), "features", str(source.datum))

    def read(self, again: bool = False, progress: Progress | None = None) -> FeatureAnswer:
        """Return the features; `again` asks even when a kept copy is fresh. Raises DomainError with a sentence."""
        if self.source.kind is Kind.FILE:
            return FeatureAnswer(self._services.features(self.source, self._secret, progress))
        kept = self._services.cache.get(self._key)
        copy: FeatureSet | None = None
        if kept is not None:
            try:
                copy = unpacked(kept.data)
            except AnswerError:
                kept = None
        if kept is not None and copy is not None and kept.fresh and not again:
            return FeatureAnswer(copy)
        try:
            made = self._services.features(self.source, self._secret, progress)
        except (ServiceError, AnswerError) as error:
            if copy is None:
                raise
            return FeatureAnswer(copy, True, error.title)
        self._services.cache.put(self.source.id, self._key, Fetched(made.packed(), fresh_s=KEPT_FRESH_S))
        return FeatureAnswer(made)
