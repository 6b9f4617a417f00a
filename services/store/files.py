"""The two files of a user on one machine, their schema, and how SQLite's errors become sentences.

`outbox.db` is precious (commands, drafts, settings; synchronous=FULL), `cache.db` is a copy that can always
be fetched again (NORMAL). Both lie in the user's own folder and are encrypted with that user's data key.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, ResourceClosedError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.ports.errors import StorageFull, StoreBroken, StoreError, StoreTooNew
from services.sql.cipher import (
    SQLITE_BUSY,
    SQLITE_CANTOPEN,
    SQLITE_CORRUPT,
    SQLITE_FULL,
    SQLITE_IOERR,
    SQLITE_NOTADB,
    cipher_engine,
    error_number,
    reading,
    writing,
)
from services.sql.steps import Steps, TooNewError, schema_version, upgrade
from services.store.ballast import Ballast

_FULL = "本机磁盘已满，没有保存。请清理磁盘后再试，已填的内容还在。"
#: SQLite says "I/O error" of a failing disk and, in places, of a full one; the driver does not tell which
_FAILING = "本机磁盘读写出错或已满，没有保存，已填的内容还在。请清理磁盘后再试，仍不行请告诉管理员。"
_BROKEN = "本机数据文件损坏或不是本程序的文件，没有改动它。"
_BUSY = "本机数据文件正被别的程序占用，请稍后再试。"
_READ_ONLY = 8


@contextmanager
def translated() -> Iterator[None]:
    """Turn the library's exceptions into StorageFull, StoreBroken or StoreError with a sentence."""
    try:
        yield
    except DBAPIError as error:
        raise _translate(error) from error
    except (PoolTimeout, ResourceClosedError) as error:
        raise StoreError(_BUSY, code="store_busy") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(_FULL) from error
        raise StoreError(f"本机数据文件夹不能读写（{error.strerror}）。") from error


def _translate(error: DBAPIError) -> StoreError:
    """Choose the error for SQLite's result code."""
    number = error_number(error)
    if number in (SQLITE_FULL, SQLITE_IOERR):
        return StorageFull(_FULL if number == SQLITE_FULL else _FAILING)
    if number in (SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN):
        return StoreBroken(_BROKEN)
    if number == _READ_ONLY:
        return StoreError("本机数据文件不可写，请检查文件夹的权限。", code="store_read_only")
    if number == SQLITE_BUSY:
        return StoreError(_BUSY, code="store_busy")
    return StoreBroken(f"{_BROKEN}（{number}）")


class EncryptedFile:
    """One encrypted SQLite file with its schema at the newest version.

    Raises StoreBroken for a wrong key or a foreign file, StoreTooNew for a newer program's, StorageFull.
    """

    def __init__(
        self, path: Path, key: bytes | None, steps: Steps, *, synchronous: str, ballast: Ballast | None = None,
        precious: bool = True,
    ) -> None:  # fmt: skip
        """Open or make the file. A `precious` one may use the ballast; another is not written while it is used."""
        self._ballast, self._precious = ballast, precious
        #: how often room was made by giving the ballast up: what failed then is worth another try
        self.rooms_made = 0
        self.path = path
        self.key = key
        with translated():
            self._engine: Engine | None = cipher_engine(path, key, synchronous=synchronous)
            try:
                upgrade(self._engine, steps)
            except TooNewError as error:
                self.close()
                raise StoreTooNew("本机数据由更新版本的程序写成，请升级本程序。") from error
            except BaseException:
                self.close()
                raise

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Run a block in one write transaction."""
        if self._ballast is not None and not self._precious:
            self._ballast.spare_copy()
        with translated():
            try:
                with writing(self._open()) as conn:
                    yield conn
            except DBAPIError as error:
                number = error_number(error)
                self.make_room(error)
                if number == SQLITE_IOERR:
                    self._write_over()
                raise

    def make_room(self, error: BaseException | None) -> bool:
        """Give the ballast up when an error means a full disk, for the precious file only; False when not.

        A disk that fails is told as what it is and never tried again behind the operator's back.
        """
        if self._ballast is None or not self._precious:
            return False
        number = error_number(error) if error is not None else None
        full = number == SQLITE_FULL or isinstance(error, OSError)
        if not (full or (number == SQLITE_IOERR and self._ballast.tight)) or not self._ballast.give_up():
            return False
        self.rooms_made += 1
        return True

    def _write_over(self) -> None:
        """Write over what a failed flush left in the log, where the next start would take it for committed.

        The operator was told that nothing was saved. Setting the version to what it is writes a page and its end mark.
        """
        with suppress(DBAPIError, PoolTimeout), writing(self._open()) as conn:
            same = f"PRAGMA user_version = {schema_version(conn):d}"  # a pragma takes no bind values
            conn.exec_driver_sql(same)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Run a block on one consistent state."""
        with translated(), reading(self._open()) as conn:
            yield conn

    def _open(self) -> Engine:
        """Return the engine, or say that the file was closed."""
        if self._engine is None:
            raise StoreError("本机数据文件已经关闭。", code="store_closed")
        return self._engine

    @property
    def closed(self) -> bool:
        """Whether the file was closed."""
        return self._engine is None

    def close(self) -> None:
        """Close all connections; a second close is harmless."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.dispose()
