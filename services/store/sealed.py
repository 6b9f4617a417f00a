"""Attachment bytes on disk, encrypted: one small SQLCipher file each, beside `outbox.db`.

The same vetted cipher as the databases, no second one. A file is written under another name, flushed, and
renamed; it is there whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from services.ports.errors import StoreBroken
from services.sql.cipher import cipher_engine, reading, writing
from services.store.files import translated
from services.store.keys import sync_folder

_END = ".sealed"


class SealedFiles:
    """A folder of encrypted files named by the sha256 of what they hold."""

    def __init__(self, folder: Path, key: bytes | None) -> None:
        """Make the folder and clear what an interrupted write left."""
        self._folder = folder
        self._key = key
        with translated():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for part in folder.glob("*.part*"):
                part.unlink(missing_ok=True)

    def _path(self, sha256: str) -> Path:
        """Return the place of a file."""
        return self._folder / f"{sha256}{_END}"

    def put(self, sha256: str, data: bytes) -> bool:
        """Store bytes durably; False when they were here already. Raises StorageFull, ValueError (hash)."""
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ValueError("the bytes do not have this hash")
        path = self._path(sha256)
        if path.exists():
            return False
        part = self._folder / f"{sha256}.part"
        with translated():
            try:
                engine = cipher_engine(part, self._key, synchronous="FULL", wal=False)
                try:
                    with writing(engine) as conn:
                        conn.exec_driver_sql("CREATE TABLE content (bytes BLOB NOT NULL)")
                        conn.exec_driver_sql("INSERT INTO content VALUES (?)", (data,))
                finally:
                    engine.dispose()
                os.replace(part, path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
            sync_folder(self._folder)
        return True

    def get(self, sha256: str) -> bytes | None:
        """Return bytes, None when they are not here; StoreBroken when they are not what the name says."""
        path = self._path(sha256)
        if not path.exists():
            return None
        engine = cipher_engine(path, self._key, wal=False)
        try:
            with reading(engine) as conn:
                data = bytes(conn.exec_driver_sql("SELECT bytes FROM content").scalar_one())
        except DBAPIError as error:
            raise StoreBroken("暂存的附件读不出来。") from error
        finally:
            engine.dispose()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StoreBroken("暂存的附件内容已损坏。")
        return data

    def has_all(self, hashes: Iterable[str]) -> bool:
        """Tell whether the bytes of all hashes are here."""
        return all(self._path(sha256).exists() for sha256 in hashes)

    def drop(self, sha256: str) -> None:
        """Remove a file; none is harmless."""
        self._path(sha256).unlink(missing_ok=True)

    def keep_only(self, wanted: Iterable[str]) -> int:
        """Remove files nobody names any more (a crash between file and row); returns how many."""
        keep = set(wanted)
        orphans = [path for path in self._folder.glob(f"*{_END}") if path.name.removesuffix(_END) not in keep]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)
