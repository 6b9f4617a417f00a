"""A few MiB kept back beside `outbox.db` (压舱文件), given up when the disk is full.

With its room the work is saved and sent all the same.

Only the precious file may use what it gives; while it is given up the copy of the centre's cases is not written, or
that would eat it within minutes. It is taken again once there is room for it several times over.
"""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path

from services.ports.disk import GIVEN_UP, NONE, WHOLE
from services.ports.errors import StorageFull

BALLAST_BYTES = 8 * 1024 * 1024
#: taken only where this many times its size is free
_ROOM = 4
_TIGHT = 256 * 1024


class Ballast:
    """The file kept back in one user's folder. `size` 0: none is kept. Safe from several threads."""

    def __init__(self, folder: Path, size: int = BALLAST_BYTES) -> None:
        """Take it if there is room; one that is there already is used."""
        self._path = folder / "ballast"
        self._size = size
        self._lock = threading.Lock()
        self._state = NONE
        if size and self._whole():
            self._state = WHOLE
        elif size and self.restore() != WHOLE and (folder / "outbox.db").exists():
            self._state = GIVEN_UP  # it was here before, and there is still no room for it

    @property
    def state(self) -> str:
        """Return `whole`, `given_up` (the disk is or was full) or `none` (not wanted, or never had room)."""
        return self._state

    @property
    def tight(self) -> bool:
        """Whether the disk has hardly a page left; SQLite calls that an I/O error in places."""
        return self._free() < _TIGHT

    def give_up(self) -> bool:
        """Free the room; False when there was none to free."""
        with self._lock:
            if self._state != WHOLE:
                return False
            self._path.unlink(missing_ok=True)
            self._state = GIVEN_UP
            return True

    def restore(self) -> str:
        """Take it again when there is plenty of room; returns the state."""
        with self._lock:
            if self._size and self._state != WHOLE and self._free() >= _ROOM * self._size:
                with suppress(OSError):  # somebody was quicker with the room: the next time
                    self._take()
                    self._state = WHOLE
            return self._state

    def spare_copy(self) -> None:
        """Refuse a write of the copy while the ballast is given up. Raises StorageFull."""
        if self._state == GIVEN_UP:
            raise StorageFull("本机磁盘已满，暂停更新案件列表；已填和待发送的操作照常保存。请清理磁盘。")

    def _free(self) -> int:
        """Return the free bytes of the disk."""
        try:
            return shutil.disk_usage(self._path.parent).free
        except OSError:
            return 0

    def _whole(self) -> bool:
        """Whether the file is there with its full size."""
        return self._path.exists() and self._path.stat().st_size == self._size

    def _take(self) -> None:
        """Write the file so that its room is really taken; OSError when there is none, and then nothing is left."""
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(handle, 0, self._size)
            else:
                os.write(handle, bytes(self._size))
        except OSError:
            self._path.unlink(missing_ok=True)
            raise
        finally:
            os.close(handle)
