"""The brief of who leaves: drafted, edited, signed here, and sent to the centre.

A signature is durable here before anything is said of it; it reaches the centre when there is a line, and until then
the sheet says that it is not there yet. Reading and sending are done on lanes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from console.notices.notice import ERROR, GOOD, WARN, Notice
from console.viewmodels.handover.drafting import Sight, draft
from console.viewmodels.handover.kept import (
    DRAFT,
    KEPT,
    REFUSED,
    SIGNED,
    Draft,
    draft_doc,
    draft_from,
    redrafted,
    with_remark,
)
from console.viewmodels.handover.looking import candidates, late_count
from console.viewmodels.handover.sheets import HandoverSheets
from console.viewmodels.rows import dept_word
from console.viewmodels.seat import NETWORK, STORE, SeatViewModel
from services.domain.fields import Bad
from services.domain.handover import MOST_LINES, POSTS, check_brief
from services.domain.ids import uuid7
from services.domain.silence import silence_settings
from services.ports.errors import NeverValid
from services.ports.handover import BriefLine, Handover, LogFacts
from services.ports.picture import Connection

LANE = "handover"
DRAFT_NAME, OUT_NAME = "handover.draft", "handover.outgoing"
RETRY_MS = 30_000
SAVE_MS = 800


def tr(text: str) -> str:
    """Translate a word of the hand-over."""
    return QCoreApplication.translate("Handover", text)


class HandoverBook(QObject):
    """The brief of one seat and the signatures under way. Lives on the main thread.

    `draft_changed()`, `outgoing_changed()`, and `failed(str)` with a sentence. What the centre has kept goes to
    `sheets`.
    """

    draft_changed = Signal()
    outgoing_changed = Signal()
    failed = Signal(str)

    def __init__(
        self,
        seat: SeatViewModel,
        sheets: HandoverSheets,
        notes: Callable[[], tuple[BriefLine, ...]] = tuple,
        parent: QObject | None = None,
    ) -> None:
        """Listen to the line; `notes` gives lines of other origin (watched cases)."""
        super().__init__(parent)
        self.seat, self.sheets, self.centre, self.shift = seat, sheets, sheets.centre, sheets.shift
        self._notes = notes
        self.draft: Draft | None = None
        self.drafting = False
        self.outgoing: tuple[Draft, ...] = ()
        self._posting = False
        self._saving = QTimer(self)
        self._saving.setSingleShot(True)
        self._saving.setInterval(SAVE_MS)
        self._saving.timeout.connect(self._save_draft)
        self._retry = QTimer(self)
        self._retry.setInterval(RETRY_MS)
        self._retry.timeout.connect(self.post)
        seat.connection_changed.connect(self._on_connection)

    # --- who ------------------------------------------------------------------------------------------

    @property
    def post_name(self) -> str:
        """Return the desk post of this user, empty when there is none."""
        return next((role for role in POSTS if role in self.seat.actor.roles), "")

    @property
    def online(self) -> bool:
        """Whether the centre can be asked now."""
        return self.sheets.online

    def load(self) -> None:
        """Read what was kept here: the draft, unsent signatures, read sheets."""
        settings = self.seat.services.settings

        def work() -> tuple[Any, Any]:
            return settings.value(DRAFT_NAME), settings.value(OUT_NAME, [])

        self.seat.background.submit(STORE, "handover-load", work, self._kept_read)

    def _kept_read(self, kept: tuple[Any, Any]) -> None:
        found = (draft_from(doc) for doc in (kept[1] if isinstance(kept[1], list | tuple) else ()))
        self.outgoing = (*self.outgoing, *(entry for entry in found if entry is not None))
        if self.draft is None:
            draft = draft_from(kept[0])
            # killed between the signature and the note that the draft bears one: what was signed counts
            signed = (one for one in self.outgoing if draft and one.handover_id == draft.handover_id)
            self.draft = next(signed, draft)
        self.draft_changed.emit()
        self.outgoing_changed.emit()
        self._watch_outgoing()
        self.post()

    def _on_connection(self, line: object) -> None:
        assert isinstance(line, Connection)
        self.post()

    # --- drafting -------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Draft the brief from what is known here at once, and again with the centre's log when it has answered."""
        now = self.seat.now()
        if self.draft is None or self.draft.status in (KEPT, REFUSED) or self._is_out(self.draft):
            self.draft = Draft(uuid7(), self.post_name, self.shift.began_at, now)
        self.drafting = True
        self._draft_with(None)
        if self.online and self.centre is not None:
            self.seat.background.submit(
                NETWORK, "handover-facts", self.centre.handover_facts, self._draft_with, self._no_facts
            )

    def _is_out(self, draft: Draft) -> bool:
        return any(entry.handover_id == draft.handover_id for entry in self.outgoing)

    def _draft_with(self, facts: LogFacts | None) -> None:
        """Draft on a lane over a snapshot of the seat."""
        seat = self.seat
        silence = silence_settings(seat.reference_doc)
        ids, late, notes, now = candidates(seat), late_count(seat), self._notes(), seat.now()
        areas, outbox, picture = seat.areas, seat.services.outbox, seat.services.picture

        def work() -> tuple[tuple[BriefLine, ...], bool]:
            commands = (*outbox.attention(), *outbox.waiting())
            meant = {
                *ids,
                *(facts.held if facts is not None else ()),
                *(command.case_id for command in commands),
            }
            sight = Sight(
                tuple(picture.projects(sorted(meant)).values()), commands, facts, seat.rules, now, seat.actor.id,
                partial(dept_word, seat=seat), lambda code: areas.name(code) if code else "",
                seat.learned.experience, seat.grid_activity, silence, notes, late,
            )  # fmt: skip
            return draft(sight), facts is not None

        seat.background.submit(LANE, "handover-draft", work, self._drafted)

    def _drafted(self, result: tuple[tuple[BriefLine, ...], bool]) -> None:
        lines, log_known = result
        if self.draft is None or self.draft.status != DRAFT:
            return
        self.drafting = self.online and not log_known
        self.draft = redrafted(self.draft, lines, self.seat.now(), log_known=log_known)
        self._edited()

    def _no_facts(self, _error: Exception) -> None:
        """Stay with what is known here; the sheet says that the log is not in it."""
        self.drafting = False
        self.draft_changed.emit()

    # --- editing --------------------------------------------------------------------------------------

    def set_remark(self, place: int, remark: str) -> None:
        """Write a remark on a line."""
        if self.draft is not None and 0 <= place < len(self.draft.lines):
            self.draft = with_remark(self.draft, place, remark)
            self._saving.start()

    def set_remarks(self, remarks: str) -> None:
        """Write the remarks of the whole sheet."""
        if self.draft is not None:
            self.draft = replace(self.draft, remarks=remarks)
            self._saving.start()

    def add_note(self, text: str, case_id: str | None = None, number: str | None = None) -> None:
        """Add a line of one's own."""
        if self.draft is not None and text.strip():
            line = BriefLine("note", text.strip(), case_id, number)
            self.draft = replace(self.draft, lines=(*self.draft.lines, line))
            self._edited()

    def drop_note(self, place: int) -> None:
        """Take a line of one's own out; what was drafted stays."""
        if self.draft is None or not 0 <= place < len(self.draft.lines):
            return
        if self.draft.lines[place].kind == "note":
            lines = (*self.draft.lines[:place], *self.draft.lines[place + 1 :])
            self.draft = replace(self.draft, lines=lines)
            self._edited()

    def _edited(self) -> None:
        self._saving.start()
        self.draft_changed.emit()

    def _save_draft(self) -> None:
        """Keep the draft; a console that is killed loses at most a second of it."""
        doc = None if self.draft is None else draft_doc(self.draft)
        self._put(DRAFT_NAME, doc)

    def _put(self, name: str, value: Any, done: Callable[[Any], None] | None = None) -> None:
        settings = self.seat.services.settings
        self.seat.background.submit(
            STORE, f"put:{name}", partial(settings.put_value, name, value), done, self._not_kept
        )

    def _not_kept(self, error: Exception) -> None:
        self.failed.emit(getattr(error, "title", "") or tr("本机没有保存下来，请再试。"))

    # --- signing by who leaves ------------------------------------------------------------------------

    def sign(self) -> None:
        """Sign the draft: durable here first, then sent. `failed` tells why not."""
        if self.draft is None or self.draft.status != DRAFT:
            return
        lines = self.draft.lines[:MOST_LINES]
        signed = replace(self.draft, lines=lines, status=SIGNED, said_at=self.seat.now())
        try:
            check_brief(signed.brief())
        except Bad as bad:
            self.failed.emit(tr("交班单没有签成：{why}").format(why=str(bad)))
            return
        self._saving.stop()
        outgoing = (*self.outgoing, signed)
        self._put(OUT_NAME, [draft_doc(entry) for entry in outgoing], partial(self._signed, signed))

    def _signed(self, signed: Draft, _stored: object) -> None:
        self.draft = signed
        self.outgoing = (*self.outgoing, signed)
        self._put(DRAFT_NAME, draft_doc(signed))
        self.draft_changed.emit()
        self.outgoing_changed.emit()
        if not self.online:
            text = tr("本机已保存，联网后自动送到中心；送到之前接班人在别的席位看不到。")
            self.seat.notices.tell(Notice(WARN, tr("交班单已签字，还没有到中心"), text, key="handover"))
        self._watch_outgoing()
        self.post()

    def post(self) -> None:
        """Send the oldest signature that is not at the centre yet."""
        if not self.outgoing or not self.online or self._posting or self.centre is None:
            return
        self._posting = True
        brief = self.outgoing[0].brief()
        work = partial(self.centre.hand_over, check_brief(brief))
        self.seat.background.submit(NETWORK, "handover-post", work, self._posted, self._not_posted)

    def _posted(self, kept: Handover) -> None:
        self._posting = False
        sent = self.outgoing[0]
        self._outgoing_done(replace(sent, status=KEPT))
        self.sheets.remember(kept)
        self.shift.restart()
        self.seat.notices.tell(Notice(GOOD, tr("交班单已到中心"), tr("等接班人签字。"), key="handover"))
        self.post()

    def _not_posted(self, error: Exception) -> None:
        self._posting = False
        if isinstance(error, NeverValid):
            refused = replace(self.outgoing[0], status=REFUSED, why=error.title)
            self._outgoing_done(refused)
            title = tr("中心没有收下交班单：{why}").format(why=error.title)
            self.seat.notices.tell(Notice(ERROR, title, key="handover"))
        self.outgoing_changed.emit()

    def _outgoing_done(self, entry: Draft) -> None:
        self.outgoing = self.outgoing[1:]
        self._put(OUT_NAME, [draft_doc(left) for left in self.outgoing])
        if self.draft is not None and self.draft.handover_id == entry.handover_id:
            self.draft = entry
            self._put(DRAFT_NAME, draft_doc(entry))
        self.draft_changed.emit()
        self.outgoing_changed.emit()
        self._watch_outgoing()

    def _watch_outgoing(self) -> None:
        """Try again from time to time while something waits."""
        if self.outgoing and not self._retry.isActive():
            self._retry.start()
        elif not self.outgoing:
            self._retry.stop()
