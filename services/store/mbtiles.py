"""MBTiles (1.3): a SQLite file of Web Mercator tiles on this machine, rows counted from the south."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from services.basemaps.errors import ServiceError
from services.basemaps.matrices import Plane, TileGrid, TileMatrix, ladder
from services.basemaps.pictures import MOST_TILE_BYTES
from services.basemaps.sources import MOST_ZOOM
from services.sql.foreign import foreign_engine, limited

_LIMIT_S = 3.0
_ANY = "SELECT 1 FROM tiles WHERE zoom_level = ? LIMIT 1"
_TILE = (
    "SELECT CASE WHEN length(tile_data) <= ? THEN tile_data END FROM tiles"
    " WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
)
_EDGES = (
    "SELECT MIN(tile_column), MAX(tile_column), MIN(tile_row), MAX(tile_row) FROM tiles WHERE zoom_level = ?"
)


class MbtilesFile:
    """One opened file: its grid is what the file really holds."""

    def __init__(self, path: Path) -> None:
        """Open and look at it. Raises ServiceError with a sentence."""
        if not path.is_file():
            raise ServiceError(f"找不到文件 {path.name}。", code="no_file", passing=False)
        self._name = path.name
        self._engine = foreign_engine(path)
        try:
            with limited(self._engine, _LIMIT_S) as conn:
                self.grid = self._read_grid(conn)
        except SQLAlchemyError as error:
            self._engine.dispose()
            raise ServiceError(
                f"{path.name} 不是 MBTiles 文件，或已损坏。", code="bad_file", passing=False
            ) from error
        except ServiceError:
            self._engine.dispose()
            raise

    def _read_grid(self, conn: Connection) -> TileGrid:
        """Return the levels with the columns and rows that are there."""
        rows = conn.exec_driver_sql("SELECT name, value FROM metadata LIMIT 200")
        told = {str(name): str(value) for name, value in rows}
        if told.get("format", "png").lower() in ("pbf", "mvt"):
            raise ServiceError(
                f"{self._name} 是矢量瓦片，只支持图片瓦片（PNG、JPEG、WebP）。",
                code="vector_tiles",
                passing=False,
            )
        levels = [n for n in range(MOST_ZOOM + 1) if conn.exec_driver_sql(_ANY, (n,)).first() is not None]
        if not levels:
            raise ServiceError(f"{self._name} 里没有瓦片。", code="empty_file", passing=False)
        return TileGrid(Plane.MERCATOR, tuple(self._matrix(conn, level) for level in levels))

    @staticmethod
    def _matrix(conn: Connection, level: int) -> TileMatrix:
        """Return a level with the edges of what it holds; without edges when counting them takes too long."""
        matrix = ladder(Plane.MERCATOR, level, level).matrices[0]
        try:
            first_c, last_c, low, high = (int(v) for v in conn.exec_driver_sql(_EDGES, (level,)).one())
        except (OperationalError, TypeError, ValueError):
            return matrix
        last = matrix.rows - 1
        return replace(matrix, limits=(first_c, last_c, last - high, last - low))

    def tile(self, matrix: int, column: int, row: int) -> bytes | None:
        """Return a tile's bytes; None when it has none. Raises ServiceError when the file cannot be read."""
        entry = self.grid.matrices[matrix]
        wanted = (MOST_TILE_BYTES, int(entry.id), column, entry.rows - 1 - row)
        try:
            with limited(self._engine, _LIMIT_S) as conn:
                data = conn.exec_driver_sql(_TILE, wanted).scalar()
        except SQLAlchemyError as error:
            raise ServiceError(f"{self._name} 读不出来，可能已损坏。", code="bad_file") from error
        return bytes(data) if isinstance(data, bytes | bytearray | memoryview) else None

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()
