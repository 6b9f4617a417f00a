"""Opens what one user keeps on this machine: key, outbox, cache, drafts, settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.ports.errors import StorageFull, StoreBroken, StoreTooNew
from services.store.ballast import BALLAST_BYTES, Ballast
from services.store.cache import SqlCaseCache
from services.store.drafts import SqlDraftStore, SqlSettingsStore
from services.store.files import EncryptedFile
from services.store.lost import SqlLostCommands
from services.store.outbox import DEFAULT_QUOTA, SqlOutbox
from services.store.schema import CACHE_STEPS, OUTBOX_STEPS
from services.store.sealed import SealedFiles


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything one user keeps here; `cache_was_reset`: the copy was unreadable and starts anew."""

    outbox: SqlOutbox
    cache: SqlCaseCache
    drafts: SqlDraftStore
    settings: SqlSettingsStore
    lost: SqlLostCommands
    ballast: Ballast
    cache_was_reset: bool = False

    def close(self) -> None:
        """Close both files."""
        self.outbox.close()
        self.cache.close()


def open_stores(
    folder: Path,
    key: bytes | None,
    *,
    quota: int = DEFAULT_QUOTA,
    synchronous: str = "FULL",
    ballast_bytes: int = BALLAST_BYTES,
) -> Stores:
    """Open or make a user's files with the data key (None: unencrypted, for tests).

    A damaged cache is set aside and made anew; a damaged outbox raises StoreBroken and is left untouched.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ballast = Ballast(folder, ballast_bytes if synchronous != "OFF" else 0)
    precious = _open_precious(folder / "outbox.db", key, synchronous, ballast)
    try:
        outbox = SqlOutbox(precious, SealedFiles(folder / "attachments", key), quota)
        cache_sync = "OFF" if synchronous == "OFF" else "NORMAL"
        copy, reset = _open_cache(folder / "cache.db", key, cache_sync, ballast)
    except BaseException:
        precious.close()
        raise
    drafts, settings = SqlDraftStore(precious), SqlSettingsStore(precious)
    return Stores(
        outbox, SqlCaseCache(copy), drafts, settings, SqlLostCommands(precious), ballast, reset
    )  # fmt: skip


def _open_precious(path: Path, key: bytes | None, synchronous: str, ballast: Ballast) -> EncryptedFile:
    """Open the outbox; a disk that is full must not keep the program from starting while there is ballast."""
    try:
        return EncryptedFile(path, key, OUTBOX_STEPS, synchronous=synchronous, ballast=ballast)
    except StorageFull:
        if not ballast.give_up():
            raise
        return EncryptedFile(path, key, OUTBOX_STEPS, synchronous=synchronous, ballast=ballast)


def _open_cache(
    path: Path, key: bytes | None, synchronous: str, ballast: Ballast
) -> tuple[EncryptedFile, bool]:
    """Open the cache; what cannot be read is a copy that can be fetched again."""

    def opened() -> EncryptedFile:
        return EncryptedFile(path, key, CACHE_STEPS, synchronous=synchronous, ballast=ballast, precious=False)

    try:
        return opened(), False
    except (StoreBroken, StoreTooNew):
        for end in ("", "-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        return opened(), True
