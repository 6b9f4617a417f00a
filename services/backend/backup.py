"""Backups of a centre's data: one file with database and attachments, made while the centre works.

The file is a tar: `manifest.json` first, then the database (SQLite: a copy by VACUUM INTO; PostgreSQL: what pg_dump
writes), then the attachments under their hashes. The database is copied before the attachments are listed, so every
hash it names is there. Restoring gives the data a **new** `feed_epoch` in the same step, so that every console fetches
anew and offers again what the restored history does not know; sessions of the backup end. What was there before is
renamed, never deleted.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text

from services.backend.attachments_store import FOLDER
from services.backend.db.opening import read_meta
from services.backend.pg_tools import dump
from services.backend.sequencer import head_of
from services.domain.errors import DomainError
from services.sql.driver import sqlite_driver
from services.sql.engine import glancing, open_engine

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "database"
ATTACHMENT = re.compile(r"attachments/([0-9a-f]{2})/([0-9a-f]{64})")
CHUNK = 1024 * 1024


class BackupError(DomainError):
    """A backup cannot be made or restored; the sentence says why, and nothing was changed."""

    code = "backup"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `head` is the number of the last change it holds."""

    kind: str
    revision: str
    epoch: str
    head: int
    centre: str
    made_at: str
    sha256: str
    format: int = FORMAT


def make_backup(url: str, data_dir: Path, target: Path, now: datetime) -> Manifest:
    """Write a backup of a centre, which may be at work; `target` is there whole or not at all.

    Raises BackupError, OSError, and SQLAlchemy's DBAPIError when the database cannot be read.
    """
    if target.exists():
        raise BackupError(f"文件 {target} 已经存在，没有覆盖。")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        with TemporaryDirectory(dir=target.parent, prefix=".griddesk-backup-") as room:
            copy = Path(room) / DATABASE
            manifest = _copy_database(url, copy, now)
            _write(part, manifest, copy, data_dir)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _copy_database(url: str, copy: Path, now: datetime) -> Manifest:
    """Copy the database at one moment and read what the copy is."""
    if url.startswith("sqlite"):
        try:
            _copy_sqlite(url.partition(":///")[2], copy)
        except sqlite_driver.Error as error:  # the driver's own: no engine stands between
            raise BackupError(f"数据库读不出来，没有做成备份：{error}") from error
        facts, kind = _facts(f"sqlite:///{copy}"), "sqlite"
    else:
        facts, kind = _facts(url), "postgresql"
        dump(url, copy)
    return Manifest(kind, made_at=now.isoformat(timespec="seconds"), sha256=_hash_of(copy), **facts)


def _copy_sqlite(path: str, copy: Path) -> None:
    """Copy an SQLite database and look the copy through."""
    with closing(sqlite_driver.connect(path, isolation_level=None, timeout=30.0)) as raw:
        raw.execute("VACUUM INTO ?", (str(copy),))
    copy.chmod(0o600)
    with closing(sqlite_driver.connect(str(copy))) as raw:
        if raw.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise BackupError("数据库有损坏，没有做成备份。请先检查磁盘。")


def _facts(url: str) -> dict[str, Any]:
    """Return what a database says of its history."""
    engine = open_engine(url)
    try:
        with glancing(engine) as conn:
            return {
                "revision": str(conn.execute(text("SELECT version_num FROM alembic_version")).scalar()),
                "epoch": read_meta(conn, "feed_epoch") or "",
                "head": head_of(conn),
                "centre": read_meta(conn, "centre_code") or "",
            }
    finally:
        engine.dispose()


def _write(part: Path, manifest: Manifest, copy: Path, data_dir: Path) -> None:
    """Write the tar and flush it."""
    with open(part, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            body = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
            _add(tar, copy, DATABASE)
            for path in sorted((data_dir / FOLDER).glob("??/*")):
                name = f"{FOLDER}/{path.parent.name}/{path.name}"
                if ATTACHMENT.fullmatch(name):
                    _add(tar, path, name)
        out.flush()
        os.fsync(out.fileno())


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    """Put one file into the tar; nothing of who made it goes along."""
    entry = tarfile.TarInfo(name)
    with path.open("rb") as source:
        entry.size = os.fstat(source.fileno()).st_size
        tar.addfile(entry, source)


def _hash_of(path: Path) -> str:
    """Return the sha256 of a file."""
    made = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            made.update(chunk)
    return made.hexdigest()
