"""Photos and files that go with a form: read once, named by their hash, refused with a sentence."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.tasks.runner import Background
from services.domain.errors import DomainError
from services.ports.outbox import NewAttachment

MOST_BYTES = 20 * 1024 * 1024
MOST_PHOTOS = 20
LANE = "files"


class BadPhoto(DomainError):  # noqa: N818 - says what is wrong with the file
    """A file that cannot be attached: not readable, empty or too large."""

    code = "bad_attachment"


@dataclass(frozen=True, slots=True)
class Photo:
    """An attachment of a form; `data` are its bytes."""

    sha256: str
    name: str
    mime: str
    data: bytes

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return len(self.data)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Photos", text)


def photo_of(data: bytes, name: str, mime: str = "") -> Photo:
    """Make an attachment of bytes; raises BadPhoto when they are none or too many."""
    if not data:
        raise BadPhoto(_tr("“{name}”是空文件，没有附上。").format(name=name))
    if len(data) > MOST_BYTES:
        raise BadPhoto(_tr("“{name}”超过 20 MB，没有附上。").format(name=name))
    kind = mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Photo(hashlib.sha256(data).hexdigest(), name.strip()[:200] or _tr("附件"), kind, data)


def read_photo(path: Path) -> Photo:
    """Read a file from disk; blocks. Raises BadPhoto."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadPhoto(_tr("“{name}”超过 20 MB，没有附上。").format(name=path.name))
        data = path.read_bytes()
    except OSError:
        raise BadPhoto(_tr("“{name}”读不出来，没有附上。").format(name=path.name)) from None
    return photo_of(data, path.name)


class PhotoReader(QObject):
    """Reads files in the background; `arrived(Photo)` or `refused(str)` follows for each."""

    arrived = Signal(object)
    refused = Signal(str)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        """Use the seat's background runner."""
        super().__init__(parent)
        self._background = background

    def add_files(self, paths: Iterable[Path]) -> None:
        """Read files, one after the other."""
        for path in paths:
            work = partial(read_photo, path)
            self._background.submit(LANE, f"read:{path}", work, self.arrived.emit, self._on_unread)

    def add_bytes(self, data: bytes, name: str, mime: str) -> None:
        """Take what was pasted."""
        try:
            photo = photo_of(data, name, mime)
        except BadPhoto as error:
            self.refused.emit(error.title)
        else:
            self.arrived.emit(photo)

    def _on_unread(self, error: Exception) -> None:
        self.refused.emit(error.title if isinstance(error, DomainError) else str(error))


def added(photos: tuple[Photo, ...], more: Iterable[Photo]) -> tuple[Photo, ...]:
    """Return the photos with others behind them; the same bytes are taken once, at most 20 in all."""
    known = {photo.sha256: photo for photo in photos}
    for photo in more:
        known.setdefault(photo.sha256, photo)
    return tuple(known.values())[:MOST_PHOTOS]


def photo_attachments(photos: Iterable[Photo]) -> tuple[NewAttachment, ...]:
    """Return what the outbox keeps of them."""
    return tuple(NewAttachment(photo.sha256, photo.data, photo.name, photo.mime) for photo in photos)


def attach_payload(photo: Photo) -> dict[str, str | int]:
    """Return the payload of an `attach` command."""
    return {"sha256": photo.sha256, "name": photo.name, "mime": photo.mime, "size": photo.size}
