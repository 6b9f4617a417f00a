"""How a unit is reached (联系卡): from the centre's reference data; dialling waits for a telephone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication

from console.viewmodels.actions.pinyin import spell
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.seat_cases import held_counts
from services.domain.calendar import to_s


def tr(text: str) -> str:
    """Translate a word of the card."""
    return QCoreApplication.translate("Contacts", text)


class Telephone(Protocol):
    """What dials; none is connected until the centre has telephony."""

    def dial(self, number: str) -> None:
        """Call a number."""
        ...


@dataclass(frozen=True, slots=True)
class Contact:
    """A unit's card. Empty fields are not known to the centre; `load` is how many cases it holds now."""

    dept: str
    name: str
    short: str
    day_phone: str = ""
    night_phone: str = ""
    duty_officer: str = ""
    load: int = 0

    def phone(self, *, night: bool) -> str:
        """Return the number to call now; the other one where only that is known."""
        first, second = (self.night_phone, self.day_phone) if night else (self.day_phone, self.night_phone)
        return first or second


class ContactBook:
    """Cards of all units of the reference data."""

    def __init__(self, seat: SeatViewModel, telephone: Telephone | None = None) -> None:
        """Use the seat's reference data; `telephone` is None until there is one."""
        self.seat, self.telephone = seat, telephone

    def card(self, dept: str) -> Contact | None:
        """Return a unit's card, None for an unknown one."""
        entry = next((unit for unit in self._units() if unit.get("id") == dept), None)
        return None if entry is None else self._contact(entry, held_counts(self.seat))

    def found(self, query: str = "") -> tuple[Contact, ...]:
        """Return the cards whose name, short name, pinyin, initials or code match, in the order of the data."""
        words, held = query.strip().lower(), held_counts(self.seat)
        return tuple(self._contact(unit, held) for unit in self._units() if _matches(unit, words))

    def night(self) -> bool:
        """Tell whether it is outside working hours now: the night number counts."""
        now = to_s(self.seat.now())
        start, _ = next(self.seat.rules.calendar.counting(now, True, ()))
        return start != now

    def dial(self, number: str) -> str:
        """Call a number; returns a sentence when that cannot be done."""
        if not number:
            return tr("中心没有登记这个单位的号码")
        if self.telephone is None:
            return tr("没有接入电话，请用座机拨打 {number}").format(number=number)
        self.telephone.dial(number)
        return ""

    def _units(self) -> list[dict[str, Any]]:
        units = self.seat.reference_doc.get("departments") or ()
        return [unit for unit in units if unit.get("active", True)]

    def _contact(self, unit: dict[str, Any], held: Mapping[str, int]) -> Contact:
        dept = str(unit["id"])
        return Contact(
            dept, str(unit["name"]), str(unit.get("short") or unit["name"]), str(unit.get("day_phone") or ""),
            str(unit.get("night_phone") or ""), str(unit.get("duty_officer") or ""), held.get(dept, 0),
        )  # fmt: skip


def _matches(unit: dict[str, Any], words: str) -> bool:
    if not words:
        return True
    names = f"{unit['name']} {unit.get('short') or ''}"
    full, initials = spell(names)
    keys: tuple[Callable[[], str], ...] = (
        lambda: names.lower(), lambda: str(unit["id"]), lambda: full.replace(" ", ""), lambda: initials,
    )  # fmt: skip
    return any(words in key() for key in keys)
