"""MBTiles files made here: levels, rows from the south, odd contents, hostile schemas."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from services.basemaps.errors import ServiceError
from services.sql.driver import sqlite_driver
from services.store.mbtiles import MbtilesFile


def made(
    path: Path,
    tiles: dict[tuple[int, int, int], bytes],
    meta: dict[str, str] | None = None,
    schema: str = "",
) -> Path:
    """Write a file; rows are given from the south, as the format has them."""
    conn = sqlite_driver.connect(str(path))
    conn.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
    conn.executemany("INSERT INTO metadata VALUES (?, ?)", list((meta or {"format": "png"}).items()))
    if schema:
        conn.executescript(schema)
    else:
        conn.execute(
            "CREATE TABLE tiles (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)"
        )
        conn.execute("CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)")
        conn.executemany(
            "INSERT INTO tiles VALUES (?, ?, ?, ?)", [(*key, data) for key, data in tiles.items()]
        )
    conn.commit()
    conn.close()
    return path


def test_tiles_are_found_by_rows_from_the_north(tmp_path: Path) -> None:
    path = made(tmp_path / "a.mbtiles", {(0, 0, 0): b"world", (2, 1, 3): b"north", (2, 1, 0): b"south"})
    before = path.read_bytes()
    file = MbtilesFile(path)
    assert [m.id for m in file.grid.matrices] == ["0", "2"]
    assert file.grid.matrices[1].limits == (1, 1, 0, 3)
    assert file.tile(0, 0, 0) == b"world"
    assert file.tile(1, 1, 0) == b"north"
    assert file.tile(1, 1, 3) == b"south"
    assert file.tile(1, 1, 2) is None
    file.close()
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.mbtiles"], "nothing is written beside it"


def test_a_name_with_signs_of_an_address(tmp_path: Path) -> None:
    path = made(tmp_path / "底图 50%?mode=rw#1.mbtiles", {(0, 0, 0): b"x"})
    file = MbtilesFile(path)
    assert file.tile(0, 0, 0) == b"x"
    file.close()


def test_a_tile_that_is_too_large_or_no_blob_is_not_there(tmp_path: Path) -> None:
    path = made(tmp_path / "a.mbtiles", {(0, 0, 0): b"x" * 5_000_000, (1, 0, 0): "text"})  # type: ignore[dict-item]
    file = MbtilesFile(path)
    assert file.tile(0, 0, 0) is None
    assert file.tile(1, 0, 1) is None
    file.close()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "MBTiles"), (b"rubbish" * 1000, "MBTiles"), (b"SQLite format 3\0" + b"\0" * 5000, "MBTiles")],
)
def test_what_is_no_file_of_tiles_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.mbtiles"
    path.write_bytes(content)
    with pytest.raises(ServiceError, match=words) as error:
        MbtilesFile(path)
    assert not error.value.passing


def test_other_refusals(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="找不到"):
        MbtilesFile(tmp_path / "no.mbtiles")
    with pytest.raises(ServiceError, match="矢量瓦片"):
        MbtilesFile(made(tmp_path / "v.mbtiles", {(0, 0, 0): b"x"}, {"format": "pbf"}))
    with pytest.raises(ServiceError, match="没有瓦片"):
        MbtilesFile(made(tmp_path / "e.mbtiles", {}))
    with pytest.raises(ServiceError, match="找不到"):
        MbtilesFile(tmp_path)


def test_a_view_that_never_ends_is_interrupted(tmp_path: Path) -> None:
    endless = """CREATE VIEW tiles AS
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n)
        SELECT i % 3 + 30 AS zoom_level, i AS tile_column, i AS tile_row, NULL AS tile_data FROM n;"""
    path = made(tmp_path / "a.mbtiles", {}, schema=endless)
    began = time.monotonic()
    with pytest.raises(ServiceError):
        MbtilesFile(path)
    assert time.monotonic() - began < 8.0


def test_a_file_that_breaks_later_says_so(tmp_path: Path) -> None:
    path = made(tmp_path / "a.mbtiles", {(3, n % 8, n // 8): b"t" * 3000 for n in range(64)})
    file = MbtilesFile(path)
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(bytes(data))
    try:
        assert file.tile(0, 5, 5) in (None, b"t" * 3000)
    except ServiceError as error:
        assert "损坏" in error.title
    file.close()
