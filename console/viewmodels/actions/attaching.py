"""添加附件: each file is one command, so that one too many holds up no other."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, QObject

from console.viewmodels.actions.base import ActionViewModel
from console.viewmodels.actions.photos import Photo, PhotoReader, added, attach_payload, photo_attachments
from console.viewmodels.seat import SeatViewModel
from services.ports.outbox import SavedCommand


class AttachViewModel(ActionViewModel):
    """The attach dialog; saved files leave the list, so that a failure shows what is still to be saved."""

    photos: tuple[Photo, ...] = ()

    def __init__(self, seat: SeatViewModel, action: str, case_id: str, parent: QObject | None = None) -> None:
        """Start without files."""
        super().__init__(seat, action, case_id, parent)
        self.reader = PhotoReader(seat.background, self)
        self.reader.arrived.connect(self._on_read)
        self.reader.refused.connect(self.refused)

    def remove(self, sha256: str) -> None:
        """Take a file out."""
        self.photos = tuple(photo for photo in self.photos if photo.sha256 != sha256)
        self.changed.emit()

    def _on_read(self, photo: object) -> None:
        assert isinstance(photo, Photo)
        self.photos = added(self.photos, [photo])
        self.errors.pop("photos", None)
        self.errors_changed.emit(dict(self.errors))
        self.changed.emit()

    def payload(self) -> dict[str, Any]:
        """Return the first file's payload."""
        return dict(attach_payload(self.photos[0])) if self.photos else {}

    def attachments(self) -> tuple[Any, ...]:
        """Return the first file's bytes."""
        return photo_attachments(self.photos[:1])

    def own_errors(self) -> dict[str, str]:
        """Ask for a file."""
        if self.photos:
            return {}
        return {"photos": QCoreApplication.translate("Attach", "请拖入文件，或按 Ctrl+V 粘贴截图")}

    def _on_saved(self, command: SavedCommand) -> None:
        """Go on with the next file; the dialog closes after the last."""
        self.photos = self.photos[1:]
        if not self.photos:
            super()._on_saved(command)
            return
        self._set_busy(False)
        self.changed.emit()
        self.confirm()
