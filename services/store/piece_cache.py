"""Pieces of map services on disk (底图缓存): tiles and feature documents, so that the map works offline.

One encrypted file beside the user's copy of the cases. It is bounded in bytes (the longest unused go first), each
piece is checked by its sum when it is read, and nothing here ever stops the map: a damaged file is made anew, a
full disk only means that new pieces are not kept. Two consoles may use the file at once (WAL; the volume is kept by
triggers in the file itself).
"""

from __future__ import annotations

import logging
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from services.ports.errors import StorageFull, StoreBroken, StoreError, StoreTooNew
from services.ports.map_services import Fetched, Piece
from services.store.files import EncryptedFile

log = logging.getLogger(__name__)

MOST_BYTES = 512 * 1024 * 1024
MOST_PIECE_BYTES = 32 * 1024 * 1024
#: what the service says nothing about is asked again after a week
USUAL_FRESH_S = 7 * 86400.0
_PAUSE_S = 60.0
_TOUCH_S = 3600.0
_TOUCH_BATCH = 200
_LOW_WATER = 0.9

PIECE_STEPS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE piece (
            id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, source TEXT NOT NULL, data BLOB NOT NULL,
            size INTEGER NOT NULL, sum INTEGER NOT NULL, etag TEXT NOT NULL, modified TEXT NOT NULL,
            fresh_until REAL NOT NULL, used_at REAL NOT NULL
        )
        """,
        "CREATE INDEX piece_used ON piece (used_at)",
        "CREATE INDEX piece_source ON piece (source)",
        "CREATE TABLE volume (source TEXT PRIMARY KEY, bytes INTEGER NOT NULL)",
        """
        CREATE TRIGGER piece_in AFTER INSERT ON piece BEGIN
            INSERT INTO volume (source, bytes) VALUES (new.source, new.size)
            ON CONFLICT (source) DO UPDATE SET bytes = bytes + excluded.bytes;
        END
        """,
        """
        CREATE TRIGGER piece_out AFTER DELETE ON piece BEGIN
            UPDATE volume SET bytes = bytes - old.size WHERE source = old.source;
        END
        """,
    ),
)
_PUT = (
    "INSERT INTO piece (key, source, data, size, sum, etag, modified, fresh_until, used_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_GET = "SELECT data, sum, etag, modified, fresh_until, used_at FROM piece WHERE key = ?"
_OLDEST = "DELETE FROM piece WHERE id IN (SELECT id FROM piece ORDER BY used_at LIMIT 64)"
_SUM = "SELECT COALESCE(SUM(bytes), 0) FROM volume"


class SqlPieceCache:
    """The `PieceCache` in one file. `trouble` says in a sentence why nothing is kept at present, else empty."""

    def __init__(
        self,
        path: Path,
        key: bytes | None,
        most_bytes: int = MOST_BYTES,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Open or make the file; raises nothing. `now` gives seconds since 1970."""
        self._path, self._key, self._most, self._now = path, key, most_bytes, now
        self._lock = threading.Lock()
        self._file: EncryptedFile | None = None
        self._touched: dict[bytes, float] = {}
        self._paused_until = 0.0
        self._closed = False
        self.trouble = ""
        with self._lock:
            self._open()

    # --- the port -----------------------------------------------------------------------------------

    def get(self, key: bytes) -> Piece | None:
        """Return a piece; a damaged one is dropped and None."""
        with self._guarded() as file:
            if file is None:
                return None
            with file.read() as conn:
                row = conn.exec_driver_sql(_GET, (key,)).first()
            if row is None:
                return None
            data, now = bytes(row[0]), self._now()
            if zlib.crc32(data) != row[1]:
                with file.write() as conn:
                    conn.exec_driver_sql("DELETE FROM piece WHERE key = ?", (key,))
                return None
            if now - row[5] > _TOUCH_S:
                self._touch(key, now)
            return Piece(data, now < row[4], row[2], row[3])
        return None

    def put(self, source: str, key: bytes, fetched: Fetched) -> bool:
        """Store a piece and make room for it."""
        data = fetched.data if fetched.data is not None else b""
        if not fetched.keep or len(data) > min(MOST_PIECE_BYTES, self._most) or self._paused:
            return False
        now = self._now()
        until = now + (USUAL_FRESH_S if fetched.fresh_s is None else fetched.fresh_s)
        row = (
            *(key, source, data, len(data), zlib.crc32(data)),
            *(fetched.etag, fetched.modified, until, now),
        )
        with self._guarded() as file:
            if file is None:
                return False
            with file.write() as conn:
                self._flush_touched(conn)
                conn.exec_driver_sql("DELETE FROM piece WHERE key = ?", (key,))
                conn.exec_driver_sql(_PUT, row)
                self._make_room(conn)
            self.trouble = ""
            return True
        return False

    def renew(self, key: bytes, fresh_s: float | None) -> None:
        """Note that a piece is still right."""
        until = self._now() + (USUAL_FRESH_S if fresh_s is None else fresh_s)
        with self._guarded() as file:
            if file is not None and not self._paused:
                with file.write() as conn:
                    conn.exec_driver_sql("UPDATE piece SET fresh_until = ? WHERE key = ?", (until, key))

    def forget(self, source: str) -> None:
        """Drop what belongs to a source."""
        with self._guarded() as file:
            if file is not None:
                with file.write() as conn:
                    conn.exec_driver_sql("DELETE FROM piece WHERE source = ?", (source,))

    def volume(self, source: str = "") -> int:
        """Return the bytes kept; 0 when the file cannot be read."""
        with self._guarded() as file:
            if file is None:
                return 0
            with file.read() as conn:
                if not source:
                    return int(conn.exec_driver_sql(_SUM).scalar_one())
                sql = "SELECT bytes FROM volume WHERE source = ?"
                return int(conn.exec_driver_sql(sql, (source,)).scalar() or 0)
        return 0

    def close(self) -> None:
        """Write what is noted and close."""
        if self._touched:
            with self._guarded() as file:
                if file is not None:
                    with file.write() as conn:
                        self._flush_touched(conn)
        with self._lock:
            self._closed = True
            if self._file is not None:
                self._file.close()
                self._file = None

    # --- keeping going ------------------------------------------------------------------------------

    @property
    def _paused(self) -> bool:
        """Whether nothing is written for a while."""
        return self._now() < self._paused_until

    @contextmanager
    def _guarded(self) -> Iterator[EncryptedFile | None]:
        """Hand out the file; what goes wrong with it ends here, with the map going on."""
        try:
            yield self._file
        except StorageFull:
            self._pause("本机磁盘已满，底图不再缓存，地图照常使用。")
        except (StoreBroken, StoreTooNew):
            self._rebuild()
        except StoreError:
            self._pause("底图缓存暂时不能读写，地图照常使用。")

    def _pause(self, sentence: str) -> None:
        """Write nothing for a minute."""
        if not self.trouble:
            log.info("map cache paused")
        self.trouble = sentence
        self._paused_until = self._now() + _PAUSE_S

    def _rebuild(self) -> None:
        """Make the file anew; a second damage within a minute leaves the cache off."""
        with self._lock:
            if self._closed:
                return
            if self._file is not None:
                self._file.close()
                self._file = None
            if self._paused:
                return
            log.info("map cache is damaged and made anew")
            self._paused_until = self._now() + _PAUSE_S
            self._delete()
            self._open()
            if self._file is not None:
                self._paused_until = 0.0

    def _open(self) -> None:
        """Open the file, a damaged one anew; leaves the cache off when nothing helps."""
        for again in (True, False):
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._file = EncryptedFile(self._path, self._key, PIECE_STEPS, synchronous="NORMAL")
                return
            except (StoreBroken, StoreTooNew):
                if again:
                    self._delete()
            except (StoreError, OSError):
                break
        self.trouble = "底图缓存不能使用，地图照常使用。"

    def _delete(self) -> None:
        """Remove the file."""
        for end in ("", "-wal", "-shm"):
            try:
                self._path.with_name(self._path.name + end).unlink(missing_ok=True)
            except OSError:
                log.info("map cache cannot be removed")

    def _touch(self, key: bytes, now: float) -> None:
        """Note the use of a piece; written together with the next piece."""
        if len(self._touched) < _TOUCH_BATCH * 10:
            self._touched[key] = now

    def _flush_touched(self, conn: Connection) -> None:
        """Write the noted uses."""
        touched, self._touched = self._touched, {}
        if touched:
            rows = [(when, key) for key, when in touched.items()]
            conn.exec_driver_sql("UPDATE piece SET used_at = ? WHERE key = ?", rows)

    def _make_room(self, conn: Connection) -> None:
        """Drop the longest unused until a tenth is free again."""
        if int(conn.exec_driver_sql(_SUM).scalar_one()) <= self._most:
            return
        while int(conn.exec_driver_sql(_SUM).scalar_one()) > self._most * _LOW_WATER:
            if not conn.exec_driver_sql(_OLDEST).rowcount:
                return
