"""A registration's way to the outbox: the case first, then its photos, then the answer that closes it at once.

Each is a command of its own. The case is safe with the first; whatever fails behind it is told, never hidden.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.notices.notice import WARN, Notice
from console.viewmodels.actions.photos import Photo, attach_payload, photo_attachments
from console.viewmodels.intake_form import IntakeForm, register_payload
from console.viewmodels.seat import STORE, SeatViewModel
from services.domain.errors import DomainError
from services.ports.outbox import SavedCommand


def _tr(text: str) -> str:
    return QCoreApplication.translate("Intake", text)


class Registration(QObject):
    """Saves one form at a time.

    Signals: `finished(str, object)` with the case and the photos that could not be saved (a tuple, usually
    empty), `failed(object)` with the exception when nothing at all was saved.
    """

    finished = Signal(str, object)
    failed = Signal(object)

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Belong to a form's view-model."""
        super().__init__(parent)
        self._seat = seat
        self._form = IntakeForm("")
        self._left: tuple[Photo, ...] = ()
        self._answer = ""

    def start(self, form: IntakeForm, answer: str = "") -> None:
        """Save a form; a draft whose case was saved before the program ended goes on with its photos."""
        self._form, self._left, self._answer = form, form.photos, answer
        if self._seat.case(form.case_id) is None:
            payload = register_payload(form)
            self._seat.submit("register", form.case_id, payload, (), self._on_registered, self.failed.emit)
            return
        outbox = self._seat.services.outbox
        photos = form.photos

        def still_to_save() -> tuple[Photo, ...]:
            return tuple(photo for photo in photos if outbox.attachment(photo.sha256) is None)

        self._seat.background.submit(STORE, "photos-left", still_to_save, self._on_left, self.failed.emit)

    def _on_left(self, photos: tuple[Photo, ...]) -> None:
        self._left = photos
        self._next()

    def _on_registered(self, _command: SavedCommand) -> None:
        self._next()

    def _next(self) -> None:
        """Save the next photo, then the answer."""
        case_id = self._form.case_id
        if self._left:
            photo = self._left[0]
            self._seat.submit(
                "attach",
                case_id,
                attach_payload(photo),
                photo_attachments([photo]),
                self._on_photo,
                self._on_photo_failed,
            )
        elif self._answer:
            payload = {"result": self._answer}
            self._seat.submit("self_close", case_id, payload, (), self._on_closed, self._on_not_closed)
        else:
            self.finished.emit(case_id, ())

    def _on_photo(self, _command: SavedCommand) -> None:
        self._left = self._left[1:]
        self._next()

    def _on_photo_failed(self, error: Exception) -> None:
        """The case is there, some photos are not: they are handed back."""
        self._tell(_tr("已登记，但有 {n} 个附件没有保存").format(n=len(self._left)), error)
        self.finished.emit(self._form.case_id, self._left)

    def _on_closed(self, _command: SavedCommand) -> None:
        self.finished.emit(self._form.case_id, ())

    def _on_not_closed(self, error: Exception) -> None:
        """The case is there and waits in its pool."""
        self._tell(_tr("已登记，但没有办结，请到待受理中办理"), error)
        self.finished.emit(self._form.case_id, ())

    def _tell(self, title: str, error: Exception) -> None:
        text = error.title if isinstance(error, DomainError) else str(error)
        case_id = self._form.case_id
        self._seat.notices.tell(Notice(WARN, title, text, key=f"intake:{case_id}", case_id=case_id))
