"""A file that is there whole or not at all: written beside its place under another name, then moved there.

What goes wrong (full disk, no permission, a folder in its place, a name too long, given up half-way) is told in
one sentence; the file that was there before stays as it was and nothing half-written stays behind.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.domain.errors import DomainError

_SENTENCES = {
    errno.ENOSPC: "磁盘已满，{name} 没有保存。请清理空间，或换一个位置。",
    errno.EDQUOT: "磁盘配额已用完，{name} 没有保存。请清理空间，或换一个位置。",
    errno.EFBIG: "{name} 超过了这个磁盘允许的文件大小，没有保存。",
    errno.EACCES: "没有权限写入 {folder}，{name} 没有保存。请换一个位置。",
    errno.EPERM: "没有权限写入 {folder}，{name} 没有保存。请换一个位置。",
    errno.EROFS: "{folder} 是只读的，{name} 没有保存。请换一个位置。",
    errno.ENOENT: "文件夹 {folder} 不存在，{name} 没有保存。",
    errno.ENOTDIR: "{folder} 不是文件夹，{name} 没有保存。",
    errno.EISDIR: "{name} 是一个文件夹，请换一个文件名。",
    errno.EEXIST: "{name} 已经存在，没有覆盖。",
    errno.ENAMETOOLONG: "文件名太长，没有保存。请换一个短一些的名字。",
}
_OTHER = "{name} 没有保存：{reason}。"
#: free space below which a writer that fails without saying why is taken to have met a full disk
_FULL_BYTES = 256 * 1024
_UNFIT = re.compile(
    r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]'
)
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
_NAME_BYTES = 180


class FileNotWritten(DomainError):  # noqa: N818 - says what became of the file
    """A file could not be written; nothing is left of the attempt."""

    code = "file_not_written"


class GivenUp(FileNotWritten):
    """The operator gave up half-way; nothing is left of the attempt."""

    code = "given_up"

    def __init__(self) -> None:
        """Say so."""
        super().__init__("已取消，没有保存任何文件。")


@contextmanager
def whole_file(path: Path, *, overwrite: bool = True) -> Iterator[Path]:
    """Give a path to write to; moved to its place when the block ends well, removed when it does not.

    An OSError of the block becomes FileNotWritten. Raises FileNotWritten also when the place is a folder, or
    (without `overwrite`) taken.
    """
    part = path.with_name(f".{path.name[:40]}.{secrets.token_hex(6)}.part{path.suffix[:10]}")
    try:
        _check_place(path, overwrite)
        yield part
        _to_disk(part)
        if overwrite:
            part.replace(path)
        else:
            os.link(part, path)  # fails when somebody was quicker, which a rename would not
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        for left in (part, *(part.with_name(part.name + end) for end in ("-journal", "-wal", "-shm"))):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)


def _check_place(path: Path, overwrite: bool) -> None:
    """Raise OSError for a place that cannot be taken, before anything is worked for."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not overwrite and os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    path.parent.stat()
    if not path.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))


def _to_disk(part: Path) -> None:
    """Bring a written file to the disk; a full one may say so only now."""
    descriptor = os.open(part, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def not_written(path: Path, error: OSError) -> FileNotWritten:
    """Return what to tell the operator about a failed write."""
    sentence = _SENTENCES.get(error.errno or 0, _OTHER)
    reason = (error.strerror or str(error)).strip()[:120] or type(error).__name__
    return FileNotWritten(sentence.format(name=path.name[:60], folder=path.parent, reason=reason))


def unexplained(path: Path, words: str) -> FileNotWritten:
    """Return what to tell when a library failed in words of its own: a full disk is looked for first."""
    with contextlib.suppress(OSError):
        space = os.statvfs(path.parent)
        if space.f_bavail * space.f_frsize < _FULL_BYTES:
            return not_written(path, OSError(errno.ENOSPC, ""))
    if "full" in words.lower():
        return not_written(path, OSError(errno.ENOSPC, ""))
    return FileNotWritten(_OTHER.format(name=path.name[:60], reason=words.strip()[:160] or "写入失败"))


def file_name(title: str, suffix: str) -> str:
    """Return a file name for a title: no signs that a file system or a reader of names stumbles over.

    At most 180 bytes, so that every file system takes it; never empty, never a device's name.
    """
    name = _UNFIT.sub("_", title).strip(" ._")
    while len(name.encode()) > _NAME_BYTES:
        name = name[:-1]
    name = name.strip(" ._")
    if not name or _RESERVED.fullmatch(name.partition(".")[0]):
        name = f"导出_{name}" if name else "导出"
    return f"{name}{suffix}"
