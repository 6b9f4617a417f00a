"""Restoring a centre's data from a backup: checked first, put in place in one step, with a new `feed_epoch`.

A kill at any moment leaves the earlier data or the restored data. What was there before keeps another name.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from services.backend.access.audit import record
from services.backend.attachments_store import FOLDER, file_path
from services.backend.backup import ATTACHMENT, CHUNK, DATABASE, FORMAT, MANIFEST, BackupError, Manifest
from services.backend.db.access_tables import sessions
from services.backend.db.opening import HEAD_REVISION, SQLITE_NAME, read_meta, write_meta
from services.backend.db.tables import attachments
from services.backend.pg_tools import load
from services.backend.verify import ANCHORS
from services.sql.driver import sqlite_driver
from services.sql.engine import is_sqlite, open_engine, writing
from services.sql.types import to_ms

_MANIFEST_BYTES = 64 * 1024
_MAGIC = (
    (b"\xff\xd8", "image/jpeg"),
    (b"\x89PNG", "image/png"),
    (b"RIFF", "image/webp"),
    (b"GIF8", "image/gif"),
)


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What a restore did: the new epoch, attachments brought back, the name the earlier data was given."""

    manifest: Manifest
    epoch: str
    attachments: int
    aside: str | None


def restore(source: Path, data_dir: Path, url: str | None, now: datetime) -> RestoreReport:
    """Put a backup in the place of a centre's data; nothing may serve it meanwhile.

    `url` names a PostgreSQL database; None means the SQLite file in `data_dir`. Raises BackupError, OSError.
    """
    try:
        tar = tarfile.open(source, "r:")  # noqa: SIM115 - closed by the with below; the error is named here
    except (OSError, tarfile.TarError) as error:
        raise BackupError(f"{source} 不是完整的备份文件。") from error
    with tar, TemporaryDirectory(dir=data_dir, prefix=".griddesk-restore-") as room:
        try:
            manifest = _read_manifest(tar)
            copy = Path(room) / DATABASE
            _unpack_database(tar, manifest, copy)
            _check_kind(manifest, url)
            added = _unpack_attachments(tar, data_dir)
        except (tarfile.TarError, EOFError) as error:
            raise BackupError(f"{source} 不是完整的备份文件。") from error
        epoch = str(uuid.uuid4())
        if url is None:
            aside = _put_sqlite(copy, data_dir, epoch, now)
        else:
            load(url, copy, epoch)
            aside = None
        _set_anchors_aside(data_dir, now)
    _book_attachments(url or f"sqlite:///{data_dir / SQLITE_NAME}", data_dir, now)
    return RestoreReport(manifest, epoch, added, aside)


def _read_manifest(tar: tarfile.TarFile) -> Manifest:
    """Read what the backup says of itself."""
    entry = tar.next()
    if entry is None or entry.name != MANIFEST or not entry.isreg() or entry.size > _MANIFEST_BYTES:
        raise BackupError("这不是 griddesk 的备份文件。")
    opened = tar.extractfile(entry)
    assert opened is not None
    try:
        doc = json.loads(opened.read())
        manifest = Manifest(**doc)
    except (ValueError, TypeError) as error:
        raise BackupError("备份文件的说明读不懂，可能由更新版本的程序做成。") from error
    if manifest.format != FORMAT or manifest.revision > HEAD_REVISION:
        raise BackupError("备份由更新版本的程序做成，请先升级本程序。")
    return manifest


def _unpack_database(tar: tarfile.TarFile, manifest: Manifest, copy: Path) -> None:
    """Unpack the database and compare it with its hash."""
    entry = tar.next()
    if entry is None or entry.name != DATABASE or not entry.isreg():
        raise BackupError("备份文件里没有数据库。")
    made = hashlib.sha256()
    with copy.open("xb") as out:
        for chunk in _chunks(tar, entry):
            made.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if made.hexdigest() != manifest.sha256:
        raise BackupError("备份文件已损坏：数据库与摘要不一致。没有改动任何数据。")


def _chunks(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    """Yield the bytes of a member; EOFError when the file ends before it."""
    opened: IO[bytes] | None = tar.extractfile(entry)
    assert opened is not None
    left = entry.size
    while left:
        chunk = opened.read(min(CHUNK, left))
        if not chunk:
            raise EOFError
        left -= len(chunk)
        yield chunk


def _check_kind(manifest: Manifest, url: str | None) -> None:
    """Refuse a backup of the other database."""
    wanted = "sqlite" if url is None else "postgresql"
    if manifest.kind != wanted:
        have = (
            "PostgreSQL 数据库，请用 --db 指明目标库"
            if manifest.kind == "postgresql"
            else "内置数据库，不要用 --db"
        )
        raise BackupError(f"这份备份来自{have}。")


def _unpack_attachments(tar: tarfile.TarFile, data_dir: Path) -> int:
    """Bring back attachments that are not here, each compared with its hash; returns how many."""
    added = 0
    while (entry := tar.next()) is not None:
        found = ATTACHMENT.fullmatch(entry.name)
        if found is None or not entry.isreg():
            raise BackupError("备份文件里有不认识的内容。")
        target = file_path(data_dir, found[2])
        if target.exists() and target.stat().st_size == entry.size:
            continue
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.restore")
        made = hashlib.sha256()
        with open(part, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
            for chunk in _chunks(tar, entry):
                made.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if made.hexdigest() != found[2]:
            part.unlink()
            raise BackupError("备份文件已损坏：有附件与摘要不一致。数据库没有改动。")
        part.replace(target)
        added += 1
    return added


def _put_sqlite(copy: Path, data_dir: Path, epoch: str, now: datetime) -> str | None:
    """Give the copy its new epoch, then put it in the place of the database; returns the earlier one's new name."""
    engine = open_engine(f"sqlite:///{copy}")
    try:
        with writing(engine) as conn:
            _renew(conn, epoch, now)
    finally:
        engine.dispose()
    with closing(sqlite_driver.connect(str(copy), isolation_level=None)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.execute("PRAGMA journal_mode = DELETE")
    copy.chmod(0o600)
    place, aside = data_dir / SQLITE_NAME, None
    if place.exists():
        aside = f"{SQLITE_NAME}.before-{now:%Y%m%dT%H%M%S}"
        _fold_log_in(place)
        for end in (
            "-wal",
            "-shm",
        ):  # what a damaged database left; it must never be played into the restored one
            if place.with_name(place.name + end).exists():
                place.with_name(place.name + end).rename(data_dir / (aside + end))
        os.link(place, data_dir / aside)
    copy.replace(place)
    _flush_folder(data_dir)
    return aside


def _fold_log_in(place: Path) -> None:
    """Bring the write-ahead log of a database into its one file."""
    with (
        suppress(sqlite_driver.Error),
        closing(sqlite_driver.connect(str(place), isolation_level=None)) as raw,
    ):
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.execute("PRAGMA journal_mode = DELETE")


def _renew(conn: Connection, epoch: str, now: datetime) -> None:
    """Make a restored history a history of its own."""
    before = read_meta(conn, "feed_epoch") or ""
    write_meta(conn, "feed_epoch", epoch)
    conn.execute(sessions.delete())
    record(conn, "cli", "backup_restored", epoch, {"from": before, "at": now.isoformat(timespec="seconds")})


def _set_anchors_aside(data_dir: Path, now: datetime) -> None:
    """Seals of the history that was replaced no longer fit; they are kept under another name."""
    kept = data_dir / ANCHORS
    if kept.exists():
        kept.rename(kept.with_name(f"{kept.name}.before-{now:%Y%m%dT%H%M%S}"))


def _book_attachments(url: str, data_dir: Path, now: datetime) -> None:
    """Put files on the books that came after the backup: what is offered again may name them."""
    engine = open_engine(url)
    try:
        with writing(engine) as conn:
            known = set(conn.execute(select(attachments.c.sha256)).scalars())
            insert = sqlite_insert if is_sqlite(conn) else pg_insert
            for path in sorted((data_dir / FOLDER).glob("??/*")):
                if (
                    ATTACHMENT.fullmatch(f"{FOLDER}/{path.parent.name}/{path.name}")
                    and path.name not in known
                ):
                    row = {"sha256": path.name, "size": path.stat().st_size, "mime": _mime_of(path)}
                    conn.execute(
                        insert(attachments)
                        .values(**row, at=to_ms(now), user_id="cli")
                        .on_conflict_do_nothing()
                    )
    finally:
        engine.dispose()


def _mime_of(path: Path) -> str:
    """Tell a picture by its first bytes; anything else is only ever downloaded."""
    with path.open("rb") as source:
        first = source.read(4)
    return next((mime for magic, mime in _MAGIC if first.startswith(magic)), "application/octet-stream")


def _flush_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
