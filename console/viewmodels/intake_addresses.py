"""Addresses this seat has seen, found by any part of them, by pinyin or by initials: the caller says one, it is placed.

They come from the own copy of the cases (with their points) and from the names of the areas. A gazetteer of the
city would be one more source of the same entries.
"""

from __future__ import annotations

from dataclasses import dataclass

import shapely
from PySide6.QtCore import QObject

from console.viewmodels.actions.choices import Choice
from console.viewmodels.actions.pinyin import spell
from console.viewmodels.areas import AreaBook
from console.viewmodels.seat import SeatViewModel
from services.geo.grids import label_point
from services.ports.search import DeskColumns

LANE, MOST, SHOWN = "places", 5000, 5


@dataclass(frozen=True, slots=True)
class KnownAddress:
    """An address with its point and the words it is found by."""

    text: str
    lon: float
    lat: float
    note: str
    keys: str


class AddressBook(QObject):
    """Finds addresses; read anew when the areas change, and every time `refresh` is asked for."""

    def __init__(self, seat: SeatViewModel, parent: QObject | None = None) -> None:
        """Read what is known."""
        super().__init__(parent)
        self._seat = seat
        self._known: tuple[KnownAddress, ...] = ()
        seat.areas_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Read cases and areas anew, in the background."""
        picture, areas, day = (
            self._seat.services.picture,
            self._seat.areas,
            self._seat.book.day_start(self._seat.now()),
        )
        self._seat.background.submit(
            LANE, "addresses", lambda: known_addresses(picture.desk(day).columns, areas), self._on_read
        )

    def find(self, query: str) -> tuple[KnownAddress, ...]:
        """Return the addresses that hold every word of a query, shortest first; none for an empty one."""
        words = query.casefold().split()
        if not words:
            return ()
        found = [entry for entry in self._known if all(word in entry.keys for word in words)]
        found.sort(
            key=lambda entry: (words[0] not in entry.text[: len(words[0])], len(entry.text), entry.text)
        )
        return tuple(found[:SHOWN])

    def choices(self, query: str) -> tuple[Choice, ...]:
        """Return what `find` found as candidates of a picker; the id is the text."""
        return tuple(Choice(entry.text, entry.text, note=entry.note) for entry in self.find(query))

    def entry(self, text: str) -> KnownAddress | None:
        """Return an address by its text."""
        return next((entry for entry in self._known if entry.text == text), None)

    def _on_read(self, known: tuple[KnownAddress, ...]) -> None:
        self._known = known


def known_addresses(desk: DeskColumns, areas: AreaBook) -> tuple[KnownAddress, ...]:
    """Return addresses of cases, the latest first, and the middles of communities and streets. Takes a while."""
    found: dict[str, KnownAddress] = {}
    for level in ("street", "community"):
        for entry in areas.of_level(level):
            shape = entry.shape
            if shape is not None and not shapely.is_empty(shape):
                lon, lat = label_point(shape)
                found[entry.name] = _known(entry.name, lon, lat, areas.name(entry.parent))
    for at in sorted(range(len(desk)), key=desk.created_ms.__getitem__, reverse=True):
        address, x, y = desk.address[at], desk.lon[at], desk.lat[at]
        if len(found) >= MOST:
            break
        if address and address not in found and x is not None and y is not None:
            found[address] = _known(address, x, y, areas.name(desk.grid[at]))
    return tuple(found.values())


def _known(text: str, lon: float, lat: float, note: str) -> KnownAddress:
    pinyin, initials = spell(text)
    keys = f"{text}\n{pinyin.replace(' ', '')}\n{initials}".casefold()
    return KnownAddress(text, lon, lat, note, keys)
