"""Map services for tests: the real line, cache and readers, on a folder of the test."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.api.map_features import FeatureWalker
from services.api.map_services import HttpMapFetcher
from services.basemaps.features import FeatureLimits
from services.basemaps.sources import Kind, MapSource
from services.ports.map_services import MapServices
from services.store.mbtiles import MbtilesFile
from services.store.piece_cache import SqlPieceCache


def services_in(folder: Path, limits: FeatureLimits | None = None, key: bytes | None = None) -> MapServices:
    """Open everything in a folder."""
    fetcher = HttpMapFetcher()
    return MapServices(
        fetcher, SqlPieceCache(folder / "map.db", key), MbtilesFile, FeatureWalker(fetcher, limits)
    )


@contextlib.contextmanager
def real_services(folder: Path, limits: FeatureLimits | None = None) -> Iterator[MapServices]:
    """Services for one test, closed afterwards."""
    services = services_in(folder, limits)
    try:
        yield services
    finally:
        services.close()


def xyz(url: str, **more: Any) -> MapSource:
    """A source of XYZ tiles at a server."""
    return MapSource("tiles", "瓦片", Kind.XYZ, f"{url}/{{z}}/{{x}}/{{y}}.png", **more)


class MemorySettings:
    """A settings store in memory."""

    def __init__(self, values: dict[str, Any] | None = None) -> None:
        self.values = dict(values or {})

    def value(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def put_value(self, name: str, value: Any) -> None:
        self.values[name] = value
