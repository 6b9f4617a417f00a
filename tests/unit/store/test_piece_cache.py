"""The cache of map pieces: bounded, oldest out, checked, shared by two consoles, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from services.ports.errors import StorageFull, StoreBroken
from services.ports.map_services import Fetched
from services.sql.cipher import cipher_engine, writing
from services.store import piece_cache
from services.store.piece_cache import SqlPieceCache

KEY = os.urandom(32)


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 1_000_000.0

    def __call__(self) -> float:
        return self.at


def opened(tmp_path: Path, most: int = 1_000_000, clock: Callable[[], float] | None = None) -> SqlPieceCache:
    return SqlPieceCache(tmp_path / "map.db", None, most, clock or Clock())


def put(
    cache: SqlPieceCache, name: str, size: int = 100, source: str = "s", fresh_s: float | None = 60.0
) -> bool:
    return cache.put(
        source, name.encode(), Fetched(name.encode() * size, fresh_s=fresh_s, etag="e", modified="m")
    )


def test_a_piece_comes_back_fresh_then_stale(tmp_path: Path) -> None:
    clock = Clock()
    cache = opened(tmp_path, clock=clock)
    assert cache.get(b"a") is None
    assert put(cache, "a")
    piece = cache.get(b"a")
    assert piece is not None
    assert (piece.data, piece.fresh, piece.etag, piece.modified) == (b"a" * 100, True, "e", "m")
    clock.at += 61
    piece = cache.get(b"a")
    assert piece is not None
    assert not piece.fresh
    cache.renew(b"a", 30.0)
    piece = cache.get(b"a")
    assert piece is not None
    assert piece.fresh
    cache.close()


def test_what_the_service_does_not_tell_is_fresh_for_a_week(tmp_path: Path) -> None:
    clock = Clock()
    cache = opened(tmp_path, clock=clock)
    put(cache, "a", fresh_s=None)
    clock.at += 6 * 86400
    assert cache.get(b"a").fresh  # type: ignore[union-attr] # it was just put
    clock.at += 2 * 86400
    assert not cache.get(b"a").fresh  # type: ignore[union-attr] # it was just put
    cache.renew(b"a", None)
    assert cache.get(b"a").fresh  # type: ignore[union-attr] # it was just put
    cache.close()


def test_what_may_not_be_kept_is_not(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    assert not cache.put("s", b"a", Fetched(b"x", keep=False))
    assert not cache.put("s", b"b", Fetched(b"x" * 2_000_000))
    assert cache.put("s", b"c", Fetched(None, absent=True)), "that there is nothing is worth knowing"
    assert cache.get(b"c").data == b""  # type: ignore[union-attr] # it was just put
    cache.close()


def test_the_longest_unused_go_first_and_the_bound_holds(tmp_path: Path) -> None:
    clock = Clock()
    cache = opened(tmp_path, most=1_000_000, clock=clock)
    for n in range(300):
        clock.at += 1
        put(cache, f"{n:04}", size=2_500)  # 10,000 bytes
        if n > 20 and n % 10 == 0:
            clock.at += 4000
            assert cache.get(b"0000") is not None, "used again and again"
        assert cache.volume() <= 1_000_000
    assert cache.get(b"0299") is not None
    assert cache.get(b"0001") is None
    cache.close()
    assert (tmp_path / "map.db").stat().st_size < 3_000_000


def test_volume_by_source_and_forgetting_one(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    put(cache, "a", 100, "one")
    put(cache, "b", 200, "two")
    put(cache, "b", 300, "two")
    assert (cache.volume(), cache.volume("one"), cache.volume("two"), cache.volume("no")) == (
        400,
        100,
        300,
        0,
    )
    cache.forget("two")
    assert (cache.volume(), cache.get(b"b")) == (100, None)
    cache.close()


def test_it_is_there_after_a_restart_and_two_consoles_share_it(tmp_path: Path) -> None:
    first = SqlPieceCache(tmp_path / "map.db", KEY)
    put(first, "a", fresh_s=None)
    second = SqlPieceCache(tmp_path / "map.db", KEY)
    assert second.get(b"a") is not None
    put(second, "b", fresh_s=None)
    assert first.get(b"b") is not None
    assert first.volume() == second.volume() == 200
    first.close()
    second.close()
    third = SqlPieceCache(tmp_path / "map.db", KEY)
    assert third.get(b"b") is not None
    third.close()
    assert b"aaaaaaaaaa" not in (tmp_path / "map.db").read_bytes(), "encrypted"


def test_many_threads_and_two_files_handles_lose_nothing(tmp_path: Path) -> None:
    caches = [SqlPieceCache(tmp_path / "map.db", KEY) for _ in range(2)]
    stored: list[bool] = []

    def work(number: int) -> None:
        cache = caches[number % 2]
        for n in range(25):
            stored.append(put(cache, f"{number}-{n}", 50, fresh_s=None))
            cache.get(f"{number}-{n // 2}".encode())

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(stored) >= 145, "a busy file may skip a piece, not more"
    kept = [n for n in range(6) for i in range(25) if caches[0].get(f"{n}-{i}".encode()) is not None]
    assert len(kept) == sum(stored)
    for cache in caches:
        cache.close()


def test_a_damaged_piece_is_dropped(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    put(cache, "a")
    cache.close()
    engine = cipher_engine(tmp_path / "map.db", None)
    with writing(engine) as conn:
        conn.exec_driver_sql("UPDATE piece SET data = ?", (b"b" * 100,))
    engine.dispose()
    again = opened(tmp_path)
    assert again.get(b"a") is None
    assert again.volume() == 0
    again.close()


@pytest.mark.parametrize("rubbish", [b"", b"no database at all" * 500, b"SQLite format 3\0" + b"\xff" * 8000])
def test_a_file_that_is_none_is_made_anew(tmp_path: Path, rubbish: bytes) -> None:
    (tmp_path / "map.db").write_bytes(rubbish)
    cache = SqlPieceCache(tmp_path / "map.db", KEY)
    assert put(cache, "a", fresh_s=None)
    assert cache.get(b"a") is not None
    cache.close()


def test_damage_while_it_is_open_heals(tmp_path: Path) -> None:
    cache = SqlPieceCache(tmp_path / "map.db", KEY)
    for n in range(50):
        put(cache, f"{n}", 3000, fresh_s=None)
    cache.close()
    data = bytearray((tmp_path / "map.db").read_bytes())
    data[8192:-4096] = os.urandom(len(data) - 8192 - 4096)
    (tmp_path / "map.db").write_bytes(bytes(data))
    cache = SqlPieceCache(tmp_path / "map.db", KEY)
    found = [cache.get(str(n).encode()) for n in range(50)]
    assert all(piece is None or piece.data == str(n).encode() * 3000 for n, piece in enumerate(found))
    assert put(cache, "new", fresh_s=None)
    assert cache.get(b"new") is not None
    cache.close()


def test_another_key_starts_anew(tmp_path: Path) -> None:
    cache = SqlPieceCache(tmp_path / "map.db", KEY)
    put(cache, "a", fresh_s=None)
    cache.close()
    other = SqlPieceCache(tmp_path / "map.db", os.urandom(32))
    assert other.get(b"a") is None
    assert put(other, "a", fresh_s=None)
    other.close()


def test_a_full_disk_only_means_that_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    cache = opened(tmp_path, clock=clock)
    put(cache, "a")

    def full(*_: object) -> None:
        raise StorageFull("满")

    monkeypatch.setattr(SqlPieceCache, "_make_room", full)
    assert not put(cache, "b")
    assert "磁盘已满" in cache.trouble
    assert cache.get(b"a") is not None, "reading goes on"
    monkeypatch.undo()
    assert not put(cache, "c"), "not tried again at once"
    clock.at += 61
    assert put(cache, "c")
    assert cache.trouble == ""
    assert cache.get(b"b") is None, "the failed piece is not there by half"
    cache.close()


def test_damage_again_and_again_leaves_the_cache_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    cache = opened(tmp_path, clock=clock)

    def broken(*_: object) -> None:
        raise StoreBroken("坏")

    monkeypatch.setattr(piece_cache.SqlPieceCache, "_make_room", broken)
    for _ in range(5):
        assert not put(cache, "a")
        assert cache.get(b"a") is None
    cache.close()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    cache = SqlPieceCache(tmp_path / "file" / "map.db", None)
    assert not put(cache, "a")
    assert cache.get(b"a") is None
    assert cache.volume() == 0
    cache.forget("s")
    cache.renew(b"a", None)
    assert cache.trouble
    cache.close()


def test_after_closing_nothing_happens(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    put(cache, "a")
    cache.close()
    cache.close()
    assert cache.get(b"a") is None
    assert not put(cache, "b")


def test_the_sum_is_over_the_bytes() -> None:
    assert zlib.crc32(b"") == 0, "an empty piece (nothing there) has a sum too"


ANOTHER_CONSOLE = """
import sys
from pathlib import Path
from services.ports.map_services import Fetched
from services.store.piece_cache import SqlPieceCache

cache = SqlPieceCache(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
for n in range(60):
    print(int(cache.put("other", b"other%d" % n, Fetched(b"x" * 2000))), flush=True)
cache.close()
"""

SMALL_DISK = """
import resource, signal, sys
from pathlib import Path
from services.ports.map_services import Fetched
from services.store.piece_cache import SqlPieceCache

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
cache = SqlPieceCache(Path(sys.argv[1]), None)
assert cache.put("s", b"first", Fetched(b"1" * 1000))
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
stored = [cache.put("s", b"%d" % n, Fetched(b"x" * 50_000)) for n in range(20)]
assert not all(stored), "the disk must be full"
assert "磁盘已满" in cache.trouble, cache.trouble
assert cache.get(b"first").data == b"1" * 1000
cache.close()
print("went on")
"""


def another(program: str, *args: str) -> subprocess.Popen[str]:
    """Run a program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


def test_two_processes_write_at_the_same_time(tmp_path: Path) -> None:
    cache = SqlPieceCache(tmp_path / "map.db", KEY)
    process = another(ANOTHER_CONSOLE, str(tmp_path / "map.db"), KEY.hex())
    mine = 0
    while process.poll() is None:
        mine += 1
        assert put(cache, f"mine{mine}", 300, fresh_s=None)
    out, errors = process.communicate()
    assert errors == ""
    assert out.split() == ["1"] * 60
    assert all(cache.get(b"other%d" % n) is not None for n in range(60))
    assert all(cache.get(f"mine{n}".encode()) is not None for n in range(1, mine + 1))
    assert cache.volume("other") == 120_000
    cache.close()


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    process = another(SMALL_DISK, str(tmp_path / "map.db"))
    out, errors = process.communicate(timeout=60)
    assert (out.strip(), process.returncode) == ("went on", 0), errors
