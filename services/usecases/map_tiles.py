"""One tile, whatever gives it: the piece kept on disk, the service, or a file; unpacked and laid into the world.

Everything here runs on worker threads. What a server does wrong ends in a sentence and a pause for that source;
what is kept from earlier is shown meanwhile, stale or not.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path

from services.basemaps.capabilities import WmtsPlan, parse_capabilities
from services.basemaps.errors import AnswerError, PictureError, ServiceError
from services.basemaps.matrices import Plane, TileAddress, TileGrid, ladder
from services.basemaps.pictures import MOST_TILE_BYTES, Pixels, darkened, decode_tile
from services.basemaps.sources import Dark, Kind, MapSource
from services.basemaps.urls import capabilities_url, wmts_url, xyz_url
from services.basemaps.warp import Patch, patch_of
from services.basemaps.xml import MOST_XML_BYTES
from services.ports.map_services import (
    Bounds,
    Fetched,
    Known,
    MapServices,
    Piece,
    Secret,
    TileFile,
)
from services.usecases.map_gate import Gate

TILE_BOUNDS = Bounds(8.0, MOST_TILE_BYTES)
DOCUMENT_BOUNDS = Bounds(15.0, MOST_XML_BYTES)
#: a tile the service does not have is asked for again after a day
ABSENT_FRESH_S = 86400.0


@dataclass(frozen=True, slots=True, eq=False)
class TileAnswer:
    """What came of a tile: a patch, or nothing because the source has none there."""

    tile: TileAddress
    patch: Patch | None
    stale: bool = False


class TileReader:
    """Reads the tiles of one source. Safe from several threads."""

    def __init__(
        self,
        source: MapSource,
        secret: Secret,
        services: MapServices,
        gate: Gate | None = None,
        trial: bool = False,
    ) -> None:
        """Nothing is asked before `open`; a `trial` looks at nothing that is kept."""
        self.source = source
        self.gate = gate or Gate()
        self._secret = secret
        self._trial = trial
        self._services = services
        self._stem = cache_stem(source)
        self._lock = threading.Lock()
        self._plan: WmtsPlan | None = None
        self._file: TileFile | None = None
        self._grid: TileGrid | None = None

    def open(self) -> TileGrid:
        """Find out which tiles there are. Raises ServiceError or AnswerError with a sentence."""
        with self._lock:
            if self._grid is None:
                self._grid = self._find_grid()
            return self._grid

    def read(self, tile: TileAddress, dark: Dark = Dark.NONE) -> TileAnswer:
        """Return a tile. Raises ServiceError or PictureError with a sentence; the gate is told of it."""
        grid = self.open()
        if self.source.kind is Kind.MBTILES:
            assert self._file is not None
            data = self._file.tile(tile.matrix, tile.column, tile.row)
            return TileAnswer(tile, self._patch(data, grid, tile, dark))
        return self._from_service(grid, tile, dark)

    def keep(self, tile: TileAddress) -> int:
        """Fetch a tile of a service onto the disk; returns the bytes that came, 0 when a fresh one was there.

        Raises ServiceError or PictureError; the gate is told of it.
        """
        grid = self.open()
        key = self._tile_key(grid, tile)
        kept = self._services.cache.get(key)
        if self.source.is_local or (kept is not None and kept.fresh):
            return 0
        self.gate.check()
        try:
            fetched = self._services.fetcher.fetch(self._url(tile), self._secret, TILE_BOUNDS)
            if fetched.data is not None:
                decode_tile(fetched.data)
        except (ServiceError, PictureError) as error:
            self.gate.failed(error)
            raise
        self.gate.worked()
        held = Fetched(b"", fresh_s=ABSENT_FRESH_S, keep=fetched.keep) if fetched.data is None else fetched
        self._services.cache.put(self.source.id, key, held)
        return len(held.data or b"")

    def close(self) -> None:
        """Close the file, if it is one."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    # --- where tiles come from --------------------------------------------------------------------

    def _find_grid(self) -> TileGrid:
        """Return the grid of the source."""
        source = self.source
        if source.kind is Kind.MBTILES:
            self._file = self._services.open_file(Path(source.address))
            return self._file.grid
        if source.kind is Kind.WMTS:
            self._plan = parse_capabilities(self._document(capabilities_url(source))).plan(source)
            return self._plan.grid
        plane = Plane.MERCATOR if source.tile_crs == "EPSG:3857" else Plane.DEGREES
        return ladder(plane, source.min_zoom, source.max_zoom, source.tile_size)

    def _document(self, url: str) -> bytes:
        """Return the capabilities: kept ones while fresh and when the service does not answer."""
        key = piece_key(self._stem, "capabilities")
        kept = None if self._trial else self._services.cache.get(key)
        if kept is not None and kept.fresh:
            return kept.data
        try:
            self.gate.check()
            fetched = self._services.fetcher.fetch(url, self._secret, DOCUMENT_BOUNDS)
            if fetched.data is None:
                raise ServiceError("地图服务没有这个地址，请检查。", code="refused", passing=False)
            parse_capabilities(fetched.data)  # never keep what cannot be read
        except (ServiceError, AnswerError) as error:
            if error.code != "waiting":
                self.gate.failed(error)
            if kept is not None:
                return kept.data
            raise
        self.gate.worked()
        self._services.cache.put(self.source.id, key, fetched)
        return fetched.data

    def _from_service(self, grid: TileGrid, tile: TileAddress, dark: Dark) -> TileAnswer:
        """Return a tile of a service: kept and fresh, else asked for, else kept and stale."""
        key = self._tile_key(grid, tile)
        kept = None if self._trial else self._services.cache.get(key)
        if kept is not None and kept.fresh:
            return self._kept(kept, grid, tile, dark, stale=False)
        try:
            self.gate.check()
            known = Known(kept.etag, kept.modified) if kept is not None and kept.data else None
            fetched = self._services.fetcher.fetch(self._url(tile), self._secret, TILE_BOUNDS, known)
            patch = self._taken(key, fetched, grid, tile, dark)
        except (ServiceError, PictureError) as error:
            if error.code != "waiting":
                self.gate.failed(error)
            if kept is not None:
                return self._kept(kept, grid, tile, dark, stale=True)
            raise
        self.gate.worked()
        if patch is None and kept is not None and not fetched.absent:  # not modified
            self._services.cache.renew(key, fetched.fresh_s)
            return self._kept(kept, grid, tile, dark, stale=False)
        return TileAnswer(tile, patch)

    def _taken(
        self, key: bytes, fetched: Fetched, grid: TileGrid, tile: TileAddress, dark: Dark
    ) -> Patch | None:
        """Unpack a fresh answer and keep it; only what could be unpacked is kept."""
        if fetched.absent:
            nothing = Fetched(b"", fresh_s=ABSENT_FRESH_S, keep=fetched.keep)
            self._services.cache.put(self.source.id, key, nothing)
            return None
        if fetched.data is None:
            return None
        patch = self._patch(fetched.data, grid, tile, dark)
        self._services.cache.put(self.source.id, key, fetched)
        return patch

    def _kept(
        self, piece: Piece, grid: TileGrid, tile: TileAddress, dark: Dark, *, stale: bool
    ) -> TileAnswer:
        """Return a kept piece; an empty one says that the service has no tile there."""
        return TileAnswer(tile, self._patch(piece.data or None, grid, tile, dark), stale)

    def _patch(self, data: bytes | None, grid: TileGrid, tile: TileAddress, dark: Dark) -> Patch | None:
        """Unpack and lay into the world."""
        if data is None:
            return None
        pixels: Pixels = darkened(decode_tile(data), dark)
        return patch_of(pixels, grid, grid.bounds(tile), self.source.datum)

    def _tile_key(self, grid: TileGrid, tile: TileAddress) -> bytes:
        """Return the name of a kept tile."""
        return piece_key(self._stem, grid.matrices[tile.matrix].id, str(tile.column), str(tile.row))

    def _url(self, tile: TileAddress) -> str:
        """Return the request, without its key."""
        if self._plan is not None:
            return wmts_url(self.source, self._plan, tile)
        assert self._grid is not None
        return xyz_url(self.source, self._grid, tile)


def cache_stem(source: MapSource) -> bytes:
    """Return what the pieces of a source are named after: all that decides which bytes come, never the key."""
    parts = (
        *(str(source.kind), source.address, source.layer, source.matrix_set, source.style, source.format),
        *(source.tile_crs, str(source.tile_size), source.crs, source.name_field),
    )
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()


def piece_key(stem: bytes, *parts: str) -> bytes:
    """Return the name of a piece."""
    return hashlib.blake2b(stem + "\x1f".join(parts).encode(), digest_size=20).digest()
