"""添加附件: drop, paste or choose files; each one is saved on its own."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.viewmodels.actions.attaching import AttachViewModel
from console.windows.dialogs.action_dialog import ActionDialog
from console.windows.dialogs.photo_preview import PhotoPreview
from console.windows.dialogs.photo_strip import PhotoStrip
from console.windows.dialogs.words import tr


class AttachDialog(ActionDialog):
    """The attach dialog."""

    model: AttachViewModel

    def __init__(self, model: AttachViewModel, host: QWidget) -> None:
        """Lay out the strip."""
        super().__init__(model, host, "attachment", 560, main=tr("附上"))
        self.strip = PhotoStrip(self)
        self.strip.files_added.connect(model.reader.add_files)
        self.strip.picture_pasted.connect(model.reader.add_bytes)
        self.strip.removed.connect(model.remove)
        self.preview = PhotoPreview(self)
        self.content.addWidget(self.preview)
        self.content.addWidget(self.strip)
        self.fields = {"photos": self.strip}
        self.set_first_field(self.strip)
        self.finish_layout()

    def show_model(self) -> None:
        """Show what is still to be saved."""
        self.strip.set_photos(self.model.photos)
        self.preview.show_photos(self.model.photos)

    def outlook_text(self) -> str:
        """Say how many files will be attached."""
        n = len(self.model.photos)
        return tr("确认后：附上 {n} 个文件，先传文件，再记入流转记录。").format(n=n) if n else ""
