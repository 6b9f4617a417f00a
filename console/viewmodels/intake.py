"""受理席's register form: what the operator enters, what the machine knows about it, and the way to the outbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from console.notices.notice import GOOD, Notice
from console.viewmodels.actions.choices import Choice, category_choices, category_name
from console.viewmodels.actions.photos import Photo, PhotoReader, added
from console.viewmodels.intake_addresses import AddressBook
from console.viewmodels.intake_drafts import IntakeDrafts
from console.viewmodels.intake_form import (
    Check,
    IntakeForm,
    checks_of,
    default_kind,
    join_payload,
    new_form,
)
from console.viewmodels.intake_place import Place, place_finder
from console.viewmodels.intake_saving import Registration
from console.viewmodels.intake_similar import NEAR_DEGREES, Candidate, from_centre, from_rows
from console.viewmodels.seat import NETWORK, SeatViewModel
from console.viewmodels.seat_cases import cases_near
from services.domain.errors import DomainError, PayloadError
from services.ports.outbox import SavedCommand

SIMILAR_MS = 500


def _tr(text: str) -> str:
    return QCoreApplication.translate("Intake", text)


class IntakeViewModel(QObject):
    """The form and everything around it.

    Signals: `form_changed()` when the form was replaced or changed, `errors_changed(dict)`, `refused(str)`
    when it was not saved (the form stays), `candidates_changed()`, `autosaved(datetime)`,
    `registered(str)` with the case once the outbox has it, `busy_changed(bool)`.
    """

    form_changed = Signal()
    errors_changed = Signal(object)
    refused = Signal(str)
    candidates_changed = Signal()
    autosaved = Signal(object)
    registered = Signal(str)
    busy_changed = Signal(bool)

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Start with an empty form."""
        super().__init__(parent)
        self.seat = seat
        self.finder = place_finder(seat)
        self.addresses = AddressBook(seat, self)
        self.drafts = IntakeDrafts(seat, self)
        self.form: IntakeForm = new_form()
        self.errors: dict[str, str] = {}
        self.busy = False
        self.candidates: tuple[Candidate, ...] = ()
        self.candidates_local = False
        self.candidate_id = ""
        self.dismissed: frozenset[str] = frozenset()
        self._asked: tuple[Any, ...] = ()
        self._similar = QTimer(self)
        self._similar.setSingleShot(True)
        self._similar.setInterval(SIMILAR_MS)
        self._similar.timeout.connect(self.look_around)
        self.saving = Registration(seat, self)
        self.saving.finished.connect(self._on_finished)
        self.saving.failed.connect(self._on_failed)
        self.reader = PhotoReader(seat.background, self)
        self.reader.arrived.connect(self._on_photo)
        self.reader.refused.connect(self.refused)
        self.drafts.kept.connect(self.autosaved)
        self.drafts.failed.connect(self.refused)
        self.finder.ready_changed.connect(self._on_areas)

    # --- the form -----------------------------------------------------------------------------------

    def set_value(self, **values: Any) -> None:
        """Take what the operator entered; keeps the draft and clears the fields' errors."""
        before = self.form
        self.form = replace(self.form, **values)
        if self.form == before:
            return
        if "category" in values:
            self.form = replace(
                self.form, kind=default_kind(self.form.category, self.seat.rules, self.form.kind)
            )
        self.drafts.changed(self.form)
        cleared = {name: text for name, text in self.errors.items() if name not in _cleared_by(values)}
        if cleared != self.errors:
            self._show_errors(cleared)
        if values.keys() & {"lon", "lat", "category"} or (
            self.form.lon is not None and "description" in values
        ):
            self._similar.start()
        self.form_changed.emit()

    def set_point(self, lon: float, lat: float) -> None:
        """Place the point; an empty address takes the names of the place."""
        values: dict[str, Any] = {"lon": lon, "lat": lat}
        place = self.finder.find(lon, lat)
        if place is not None and place.inside and not self.form.address.strip():
            values["address"] = f"{place.street}{place.community}"
        self.set_value(**values)
        if place is not None and not place.inside:
            self._show_errors({**self.errors, "grid": _tr("地址不在本区范围内，请重选")})

    def take_address(self, text: str) -> None:
        """Take a known address with its point."""
        known = self.addresses.entry(text)
        if known is not None:
            self.set_value(address=known.text)
            self.set_point(known.lon, known.lat)

    def place(self) -> Place | None:
        """Return where the point lies, None without a point or while the areas are not known."""
        if self.form.lon is None or self.form.lat is None:
            return None
        return self.finder.find(self.form.lon, self.form.lat)

    def checks(self) -> tuple[Check, ...]:
        """Return what the form needs, met or not."""
        return checks_of(self.form, self.place(), self.finder.ready)

    def categories(self) -> tuple[Choice, ...]:
        """Return all categories, the chosen one first."""
        return category_choices(self.seat.rules, self.form.category or None)

    def category_name(self) -> str:
        """Return the name of the chosen category."""
        return category_name(self.seat.rules, self.form.category)

    def sources(self) -> tuple[tuple[str, str], ...]:
        """Return the sources of the centre as (id, name)."""
        return tuple(self.seat.rules.sources.items())

    # --- photos -------------------------------------------------------------------------------------

    def remove_photo(self, sha256: str) -> None:
        """Take a photo out."""
        self.set_value(photos=tuple(photo for photo in self.form.photos if photo.sha256 != sha256))

    def _on_photo(self, photo: object) -> None:
        assert isinstance(photo, Photo)
        self.set_value(photos=added(self.form.photos, [photo]))

    # --- drafts -------------------------------------------------------------------------------------

    def park(self) -> None:
        """Keep the form as a draft and begin another (Ctrl+S)."""
        if not self.form.empty:
            self.drafts.flush()
            self.drafts.changed(self.form)
            self.drafts.flush()
            self._replace(new_form(self.form.source))

    def open_draft(self, case_id: str) -> None:
        """Go on with a draft; the present form is kept as one."""
        if case_id != self.form.case_id:
            self.drafts.flush()
            self.drafts.open(case_id, self._replace)

    def give_up(self) -> None:
        """Throw the present form away."""
        self.drafts.drop(self.form)
        self._replace(new_form(self.form.source))

    def _replace(self, form: IntakeForm) -> None:
        """Show another form."""
        self.form = form
        self.dismissed = frozenset()
        self._set_candidates((), local=False)
        self._show_errors({})
        self.form_changed.emit()
        if form.lon is not None:
            self._similar.start()

    # --- near by ------------------------------------------------------------------------------------

    def look_around(self) -> None:
        """Ask for cases that may be about the same problem; offline the own rows answer."""
        form = self.form
        if form.lon is None or form.lat is None:
            return
        self._asked = (form.case_id, form.lon, form.lat, form.category)
        gateway, asked = self.seat.services.gateway, self._asked

        def work() -> Any:
            return asked, gateway.similar(
                form.lon or 0.0, form.lat or 0.0, form.category or None, form.description
            )

        self.seat.background.submit(NETWORK, "similar", work, self._on_similar, self._on_no_similar)

    def _on_similar(self, answer: Any) -> None:
        asked, found = answer
        if asked == self._asked and asked[0] == self.form.case_id:
            self._set_candidates(from_centre(found, self.seat.now(), self.seat.rules), local=False)

    def _on_no_similar(self, _error: Exception) -> None:
        """The line is down: what this machine knows is shown, and said to be that."""
        form = self.form
        if form.lon is None or form.lat is None:
            return
        cases = cases_near(self.seat, form.lon, form.lat, NEAR_DEGREES)
        near = from_rows(
            cases, form.lon, form.lat, form.category, self.seat.now(), self.seat.rules, form.case_id
        )
        self._set_candidates(near, local=True)

    def _set_candidates(self, found: tuple[Candidate, ...], local: bool) -> None:
        self.candidates = tuple(each for each in found if each.case_id not in self.dismissed)
        self.candidates_local = local
        ids = [each.case_id for each in self.candidates]
        if self.candidate_id not in ids:
            self.candidate_id = ids[0] if ids else ""
        self.candidates_changed.emit()

    def choose_candidate(self, case_id: str) -> None:
        """Mark a candidate."""
        if any(each.case_id == case_id for each in self.candidates):
            self.candidate_id = case_id
            self.candidates_changed.emit()

    def dismiss(self, case_id: str = "") -> None:
        """不是同一件: take a candidate off the list of this form."""
        wanted = case_id or self.candidate_id
        if wanted:
            self.dismissed |= {wanted}
            self._set_candidates(self.candidates, self.candidates_local)

    def join(self, case_id: str = "") -> bool:
        """并入此件: log the call with its caller on the open case; the form is done once that is saved."""
        wanted = case_id or self.candidate_id
        if not wanted or self.busy:
            return False
        self._set_busy(True)
        self.seat.submit("log_call", wanted, join_payload(self.form), (), self._on_joined, self._on_failed)
        return True

    def _on_joined(self, command: SavedCommand) -> None:
        number = next((each.number for each in self.candidates if each.case_id == command.case_id), "")
        words = _tr("来电已并入 {number}，待发送").format(number=number)
        self.seat.notices.tell(Notice(GOOD, words, key=f"join:{command.case_id}", case_id=command.case_id))
        self._finish(command.case_id)

    # --- registering --------------------------------------------------------------------------------

    def complete(self) -> bool:
        """Whether the form can be registered; what is missing is said at its fields."""
        missing = {check.field: check.sentence for check in self.checks() if not check.met and check.sentence}
        if missing:
            self._show_errors(missing)
        return not missing

    def register(self, answer: str = "") -> bool:
        """Save and register, with an `answer` closed at once (直接答复办结); False when something is missing."""
        if self.busy or not self.complete():
            return False
        self._set_busy(True)
        self.saving.start(self.form, answer)
        return True

    def _on_finished(self, case_id: str, left: tuple[Photo, ...]) -> None:
        """Everything is safe; photos that are not stay in the form."""
        self._finish(case_id)
        if left:
            self.set_value(photos=left)
            self.refused.emit(_tr("已登记，但有 {n} 个附件没有保存").format(n=len(left)))

    def _finish(self, case_id: str) -> None:
        """Clear the form for the next call."""
        self._set_busy(False)
        self.addresses.refresh()
        self.drafts.drop(self.form)
        self._replace(new_form(self.form.source))
        self.registered.emit(case_id)

    def _on_failed(self, error: Exception) -> None:
        """Nothing was saved; the form stays as it is."""
        self._set_busy(False)
        if isinstance(error, PayloadError):
            self._show_errors({_field_of(path): text for path, text in error.fields.items()})
        elif isinstance(error, DomainError):
            self.refused.emit(error.title)
        else:
            self.refused.emit(_tr("没有保存：程序出现问题，表单内容还在。"))
            self.seat.background.failed.emit(("register", error))

    # --- small --------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Return centre time."""
        return self.seat.now()

    def _on_areas(self) -> None:
        self.form_changed.emit()

    def _show_errors(self, errors: dict[str, str]) -> None:
        self.errors = errors
        self.errors_changed.emit(dict(errors))

    def _set_busy(self, on: bool) -> None:
        self.busy = on
        self.busy_changed.emit(on)


def _cleared_by(values: dict[str, Any]) -> set[str]:
    """Return the fields whose complaint a change answers."""
    fields = set(values)
    if fields & {"lon", "lat"}:
        fields |= {"location", "grid"}
    if "need_callback" in fields:
        fields.add("caller_phone")
    return fields


def _field_of(path: str) -> str:
    """Return the form's field for a path of the payload."""
    outer, _, inner = path.partition(".")
    if outer == "caller":
        return "caller_phone" if inner == "phone" else "caller_name"
    if outer == "location":
        return "address" if inner == "address" else "location"
    return outer
