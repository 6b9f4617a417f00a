"""Attachments: bytes under the hash of their content, in the data folder; the table says which are stored.

A file is written under another name, flushed and renamed before the table names it, so that a hash the table
knows always has its bytes.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from services.backend.centre import Centre
from services.backend.db.tables import attachments, case_files, cases
from services.backend.problems import Problem, not_found
from services.backend.scoping import scoped
from services.domain.roles import Actor
from services.sql.engine import glancing, is_sqlite, writing
from services.sql.types import to_ms

_SHA = re.compile(r"[0-9a-f]{64}")
_MIME = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}")
#: what a browser may show by itself; everything else is only ever downloaded
_SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
FOLDER = "attachments"


def check_hash(sha256: str) -> str:
    """Return a hash of the path; raises Problem 404 for anything else."""
    if not _SHA.fullmatch(sha256):
        raise not_found("没有这个附件。")
    return sha256


def file_path(data_dir: Path, sha256: str) -> Path:
    """Return where the bytes of a hash lie."""
    return data_dir / FOLDER / sha256[:2] / sha256


def store(centre: Centre, actor: Actor, sha256: str, mime: str, body: bytes) -> bool:
    """Store bytes under their hash; tells whether they were new.

    Raises Problem 422 `hash_differs` when the bytes have another hash.
    """
    if hashlib.sha256(body).hexdigest() != sha256:
        raise Problem(422, "hash_differs", "附件内容与摘要不一致，可能没有传完整，请重新上传。")
    if not _MIME.fullmatch(mime):
        mime = "application/octet-stream"
    target = file_path(centre.data_dir, sha256)
    if not (target.exists() and target.stat().st_size == len(body)):
        _write(target, body)
    with writing(centre.engine) as conn:
        insert = sqlite_insert if is_sqlite(conn) else pg_insert
        done = conn.execute(
            insert(attachments)
            .values(sha256=sha256, size=len(body), mime=mime, at=to_ms(centre.now()), user_id=actor.id)
            .on_conflict_do_nothing()
            .returning(attachments.c.sha256)
        ).first()
    return done is not None


def _write(target: Path, body: bytes) -> None:
    """Write a file whole or not at all."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        with open(part, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def fetch(centre: Centre, actor: Actor, sha256: str) -> tuple[bytes, str, bool]:
    """Return bytes, MIME type and whether a browser may show them.

    Raises Problem 404 unless a case in the caller's scope names the hash.
    """
    with glancing(centre.engine) as conn:
        row = conn.execute(select(attachments).where(attachments.c.sha256 == sha256)).first()
        named = (
            select(case_files.c.sha256)
            .join(cases, cases.c.case_id == case_files.c.case_id)
            .where(case_files.c.sha256 == sha256, scoped(actor))
            .limit(1)
        )
        seen = row is not None and conn.execute(named).first() is not None
    if row is None or not seen:
        raise not_found("没有这个附件，或它不在您的范围内。")
    try:
        body = file_path(centre.data_dir, sha256).read_bytes()
    except FileNotFoundError:
        raise Problem(503, "attachment_elsewhere", "附件文件暂时取不到，请稍后重试。") from None
    return body, row.mime, row.mime in _SHOWN
