"""Standard sentences (常用语): shipped ones by post and action, own ones beside them, found by words or letters.

Placeholders in braces stand for the case: {案号} {地址} {类别} {单位} {时限} {到期} {时间}. One that has no value yet
becomes a gap to be filled in by hand, never an empty place.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from PySide6.QtCore import QObject, Signal

from console.viewmodels.actions.pinyin import spell
from console.viewmodels.desk.words import moment_words
from console.viewmodels.rows import category_name, dept_word
from console.viewmodels.seat import STORE, SeatViewModel

OWN, USED = "sentences.own", "sentences.used"
ANY = "*"
GAP = "____"
MOST_OWN, MOST_LENGTH = 200, 300
PLACEHOLDERS = ("案号", "地址", "类别", "单位", "时限", "到期", "时间")
_LETTERS = re.compile(r"[^a-z0-9]")
_HOLE = re.compile(r"\{([^{}]{1,8})\}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; `post` and `action` say where it is offered first (`*` everywhere), `own` that it is personal."""

    text: str
    post: str = ANY
    action: str = ANY
    own: bool = False


@lru_cache(maxsize=1)
def shipped() -> tuple[Sentence, ...]:
    """Return the sentences that come with the product."""
    text = (files("resources.desk") / "sentences.csv").read_text(encoding="utf-8-sig")
    rows = csv.DictReader(io.StringIO(text))
    return tuple(Sentence(row["text"], row["post"], row["action"]) for row in rows)


class SentenceBook(QObject):
    """The sentences of one seat. `changed()` when own ones were added or taken out, or a use was counted."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Start with the shipped ones; `load` adds one's own."""
        super().__init__(parent)
        self.seat = seat
        self.own: tuple[str, ...] = ()
        self._used: dict[str, int] = {}

    def load(self) -> None:
        """Read one's own sentences and how often each was used."""
        settings = self.seat.services.settings
        self.seat.background.submit(
            STORE, "sentences", lambda: (settings.value(OWN, []), settings.value(USED, {})), self._read
        )

    def _read(self, kept: tuple[Any, Any]) -> None:
        own, used = kept
        self.own = (
            tuple(text for text in own if isinstance(text, str)) if isinstance(own, list | tuple) else ()
        )
        counts = used.items() if isinstance(used, dict) else ()
        self._used = {str(text): n for text, n in counts if type(n) is int}
        self.changed.emit()

    # --- own ones ---------------------------------------------------------------------------------------

    def add(self, text: str) -> bool:
        """Keep a sentence of one's own; False for an empty, known or too long one."""
        text = text.strip()
        known = text in self.own or any(text == entry.text for entry in shipped())
        if not text or known or len(text) > MOST_LENGTH or len(self.own) >= MOST_OWN:
            return False
        self._keep((*self.own, text))
        return True

    def drop(self, text: str) -> bool:
        """Take an own sentence out; shipped ones stay."""
        if text not in self.own:
            return False
        self._keep(tuple(entry for entry in self.own if entry != text))
        return True

    def _keep(self, own: tuple[str, ...]) -> None:
        self.own = own
        settings = self.seat.services.settings
        self.seat.background.submit(STORE, "put:sentences", lambda: settings.put_value(OWN, list(own)))
        self.changed.emit()

    def used(self, text: str) -> None:
        """Count a use: what is used often stands first."""
        self._used[text] = self._used.get(text, 0) + 1
        kept, settings = dict(self._used), self.seat.services.settings
        self.seat.background.submit(STORE, "put:sentences-used", lambda: settings.put_value(USED, kept))

    # --- finding ----------------------------------------------------------------------------------------

    def found(self, query: str = "", action: str = "") -> tuple[Sentence, ...]:
        """Return the sentences of this post that match words or pinyin letters, the fitting ones first.

        Order: those of the action, then one's own, then the rest of the post, then those of everybody; the more often
        used first among equals.
        """
        posts = {*self.seat.actor.roles, ANY}
        entries = [
            *(Sentence(text, own=True) for text in self.own),
            *(entry for entry in shipped() if entry.post in posts),
        ]

        def order(entry: Sentence) -> tuple[int, int]:
            fits = bool(action) and entry.action == action
            rank = 0 if fits else 1 if entry.own else 2 if entry.post != ANY else 3
            return rank, -self._used.get(entry.text, 0)

        return tuple(sorted((entry for entry in entries if matches(entry.text, query)), key=order))

    # --- filling ----------------------------------------------------------------------------------------

    def fill(self, text: str, case_id: str = "", unit: str = "") -> str:
        """Return a sentence with the facts of a case; `unit` is the one picked in a dialog."""
        values = self._values(case_id, unit)
        return _HOLE.sub(lambda hole: values.get(hole[1], "") or _gap(hole), text)

    def _values(self, case_id: str, unit: str) -> dict[str, str]:
        seat, now = self.seat, self.seat.now()
        calendar = seat.rules.calendar
        values = {"时间": calendar.local(now).strftime("%H:%M")}
        entry = seat.case(case_id) if case_id else None
        dept = unit or (entry.case.lead_dept if entry is not None else "") or ""
        values["单位"] = dept_word(dept, seat) if dept else ""
        if entry is None:
            return values
        case = entry.case
        limit = seat.rules.handling_limit(case.category, case.condition) if case.category else None
        values["案号"] = case.number or ""
        values["地址"] = case.location.address
        values["类别"] = category_name(case.category, seat) if case.category else ""
        values["时限"] = limit.words if limit is not None else ""
        values["到期"] = moment_words(case.due_at, now, calendar) if case.due_at is not None else ""
        return values


def _gap(hole: re.Match[str]) -> str:
    """Return a gap for a known placeholder; other words in braces are left as they are written."""
    return GAP if hole[1] in PLACEHOLDERS else hole[0]


def matches(text: str, query: str) -> bool:
    """Tell whether a sentence holds the words, the pinyin, or the initials typed (all of several parts)."""
    parts = query.lower().split()
    if not parts:
        return True
    low = text.lower()
    if all(part in low for part in parts):
        return True
    full, initials = _spelled(text)
    return all(part in low or part in full or part in initials for part in parts)


@lru_cache(maxsize=2000)
def _spelled(text: str) -> tuple[str, str]:
    full, initials = spell(text)
    return _LETTERS.sub("", full), _LETTERS.sub("", initials)


def warm(sentences: Iterable[Sentence]) -> None:
    """Spell sentences ahead (a lane's work: the dictionary takes its time at the first word)."""
    for entry in sentences:
        _spelled(entry.text)
