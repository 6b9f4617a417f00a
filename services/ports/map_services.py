"""Map services as ports: who fetches, who keeps pieces for offline work, who reads a tile file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.basemaps.features import FeatureSet
from services.basemaps.matrices import TileGrid
from services.basemaps.sources import MapSource


@dataclass(frozen=True, slots=True)
class Secret:
    """The key of a source and the parameter that carries it; never part of a text or a name."""

    name: str = ""
    value: str = ""

    def __repr__(self) -> str:
        """Show nothing of it."""
        return "Secret(●)" if self.value else "Secret()"


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of a map service.

    `data` is None when the service says that what we have is still right, or that there is nothing (`absent`).
    `fresh_s` is for how long it may be used unasked (None: not told); `keep` whether it may be stored.
    """

    data: bytes | None
    absent: bool = False
    kind: str = ""
    etag: str = ""
    modified: str = ""
    fresh_s: float | None = None
    keep: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """What of an earlier answer is sent along, so that an unchanged one is not sent again."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of an answer is waited for and taken."""

    deadline_s: float
    most_bytes: int


class MapFetcher(Protocol):
    """Asks map services. Safe from several threads."""

    def fetch(self, url: str, secret: Secret, bounds: Bounds, known: Known | None = None) -> Fetched:
        """Ask once. Raises ServiceError with a sentence that names neither address nor key."""
        ...

    def close(self) -> None:
        """End at once what is under way; later calls raise ServiceError."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A stored piece; `fresh` while it may be used unasked, stale ones are still shown offline."""

    data: bytes
    fresh: bool
    etag: str = ""
    modified: str = ""


class PieceCache(Protocol):
    """Keeps pieces of map services on disk, bounded, oldest used out first. Never raises; safe from threads."""

    def get(self, key: bytes) -> Piece | None:
        """Return a piece; None when it is not here or was damaged."""
        ...

    def put(self, source: str, key: bytes, fetched: Fetched) -> bool:
        """Store a piece of a source; False when it could not be stored (the map goes on without)."""
        ...

    def renew(self, key: bytes, fresh_s: float | None) -> None:
        """Note that a piece is still right."""
        ...

    def forget(self, source: str) -> None:
        """Drop what belongs to a source."""
        ...

    def volume(self, source: str = "") -> int:
        """Return the bytes kept, of one source or of all."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class TileFile(Protocol):
    """A file of tiles on this machine. Safe from several threads."""

    @property
    def grid(self) -> TileGrid:
        """Return its levels."""
        ...

    def tile(self, matrix: int, column: int, row: int) -> bytes | None:
        """Return a tile's bytes (row from the north); None when it has none. Raises ServiceError."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class TileFiles(Protocol):
    """Opens files of tiles."""

    def __call__(self, path: Path) -> TileFile:
        """Open a file read-only. Raises ServiceError with a sentence."""
        ...


Progress = Callable[[int, int | None], None]
"""Told how many features were taken and how many there are, when the service says."""


class FeatureGiver(Protocol):
    """Gives the features of a source. Safe from several threads."""

    def __call__(self, source: MapSource, secret: Secret, progress: Progress | None = None) -> FeatureSet:
        """Fetch or read them. Raises ServiceError or AnswerError with a sentence."""
        ...


@dataclass(frozen=True, slots=True)
class MapServices:
    """What reading map sources needs of the world; built in `console.app`."""

    fetcher: MapFetcher
    cache: PieceCache
    open_file: TileFiles
    features: FeatureGiver

    def close(self) -> None:
        """End what is under way, then close the cache."""
        self.fetcher.close()
        self.cache.close()
