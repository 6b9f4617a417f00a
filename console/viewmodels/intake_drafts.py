"""Drafts of the register form: kept while the operator types, several of them, photos beside the words.

Every change is kept within two seconds (contract section 8); what cannot be kept is said once and tried again.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from console.viewmodels.actions.photos import Photo
from console.viewmodels.intake_form import IntakeForm, draft_fields, form_of_draft
from console.viewmodels.seat import STORE, SeatViewModel
from services.domain.errors import DomainError
from services.ports.cache import Draft

DELAY_MS = 700
#: a photo of a draft is kept under an id of its own, so that typing does not write it again
PHOTO_OF = "photo_of"


@dataclass(frozen=True, slots=True)
class DraftEntry:
    """One line of the list of drafts."""

    case_id: str
    title: str
    saved_at: datetime


class IntakeDrafts(QObject):
    """Keeps the present form and lists the others.

    Signals: `kept(datetime)` after a change is safe, `failed(str)` with the sentence when it is not,
    `listed()` when the list is new.
    """

    kept = Signal(object)
    failed = Signal(str)
    listed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Read the drafts of the last session."""
        super().__init__(parent)
        self._seat = seat
        self.entries: tuple[DraftEntry, ...] = ()
        self._waiting: IntakeForm | None = None
        self._photos: set[tuple[str, str]] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self.flush)
        self.refresh()

    def changed(self, form: IntakeForm) -> None:
        """Keep a form soon; called on every key."""
        self._waiting = form
        if not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Keep what waits now (Ctrl+S, another form, the end of the program)."""
        self._timer.stop()
        form, self._waiting = self._waiting, None
        if form is None:
            return
        if form.empty:
            self.drop(form)
            return
        store, now = self._seat.services.drafts, self._seat.now()
        fresh = [photo for photo in form.photos if (form.case_id, photo.sha256) not in self._photos]

        def work() -> datetime:
            for photo in fresh:
                store.keep(photo_draft(form.case_id, photo, now))
            store.keep(Draft(form.case_id, draft_fields(form), now, form.title))
            return now

        def done(when: object) -> None:
            self._photos |= {(form.case_id, photo.sha256) for photo in fresh}
            self.kept.emit(when)
            self.refresh()

        self._seat.background.submit(STORE, f"draft:{form.case_id}", work, done, self._on_failed)

    def drop(self, form: IntakeForm) -> None:
        """Remove a form's draft with its photos (registered, or given up)."""
        if self._waiting is not None and self._waiting.case_id == form.case_id:
            self._waiting = None
        store = self._seat.services.drafts
        ids = [form.case_id, *(photo_id(form.case_id, photo.sha256) for photo in form.photos)]
        self._photos = {entry for entry in self._photos if entry[0] != form.case_id}

        def work() -> None:
            for case_id in ids:
                store.drop(case_id)

        self._seat.background.submit(STORE, f"draft-drop:{form.case_id}", work, lambda _: self.refresh(),
                                     self._on_failed)  # fmt: skip

    def refresh(self) -> None:
        """Read the list anew."""
        store = self._seat.services.drafts
        self._seat.background.submit(STORE, "drafts", lambda: tuple(store.drafts()), self._on_listed)

    def open(self, case_id: str, done: Any) -> None:
        """Read a draft back with its photos; `done(IntakeForm)` is not called for one that is gone."""
        store = self._seat.services.drafts

        def opened(form: IntakeForm | None) -> None:
            if form is not None:
                self._photos |= {(case_id, photo.sha256) for photo in form.photos}
                done(form)

        self._seat.background.submit(STORE, "draft-open", lambda: read_draft(store, case_id), opened)

    def _on_listed(self, drafts: Iterable[Draft]) -> None:
        self.entries = tuple(
            DraftEntry(draft.case_id, draft.title, draft.saved_at)
            for draft in drafts
            if PHOTO_OF not in draft.fields
        )
        self.listed.emit()

    def _on_failed(self, error: Exception) -> None:
        self.failed.emit(error.title if isinstance(error, DomainError) else str(error))


def photo_id(case_id: str, sha256: str) -> str:
    """Return the id under which a draft's photo is kept."""
    return str(uuid.uuid5(uuid.UUID(case_id), sha256))


def photo_draft(case_id: str, photo: Photo, now: datetime) -> Draft:
    """Return a photo as an entry of the draft store."""
    fields = {
        PHOTO_OF: case_id,
        "name": photo.name,
        "mime": photo.mime,
        "sha256": photo.sha256,
        "data": base64.b64encode(photo.data).decode(),
    }
    return Draft(photo_id(case_id, photo.sha256), fields, now)


def read_draft(store: Any, case_id: str) -> IntakeForm | None:
    """Read a form and its photos; a photo that is gone or damaged is left out. Blocks."""
    draft: Draft | None = store.draft(case_id)
    if draft is None:
        return None
    photos = []
    for known in draft.fields.get("photos", ()):
        kept: Draft | None = store.draft(photo_id(case_id, known["sha256"]))
        try:
            data = base64.b64decode(kept.fields["data"], validate=True) if kept is not None else b""
        except (KeyError, binascii.Error):
            data = b""
        if data:
            photos.append(Photo(known["sha256"], known["name"], known["mime"], data))
    return form_of_draft(case_id, draft.fields, tuple(photos))
