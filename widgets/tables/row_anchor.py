"""Keeps a row where it is on the screen while the list around it changes (DESIGN §2.4)."""

from collections.abc import Callable

from PySide6.QtWidgets import QTableView


class RowAnchor:
    """Holds the current row's place on the screen, or that of the top row when the current one is out of sight.

    ``hold`` before a change, ``restore`` after it. The scroll bar must count rows.

    Args:
        view: the table.
        key_of: gives the key of the row at a place, empty when there is none.
        place_of: gives the place of a key, −1 when it is not in the list.
    """

    def __init__(
        self, view: QTableView, key_of: Callable[[int], str], place_of: Callable[[str], int]
    ) -> None:
        self._view = view
        self._key_of = key_of
        self._place_of = place_of
        self._held: list[tuple[str, int]] = []

    def hold(self) -> None:
        """Remember what stands where; the current row first, the top row as the second choice."""
        top = self._view.verticalScrollBar().value()
        shown = self._view.viewport().height() // max(1, self._view.verticalHeader().defaultSectionSize())
        self._held = []
        current = self._view.currentIndex()
        if current.isValid() and top <= current.row() <= top + shown:
            self._held.append((self._key_of(current.row()), current.row() - top))
        for offset in range(min(3, shown + 1)):  # the top row itself may be the one that goes
            self._held.append((self._key_of(top + offset), offset))

    def restore(self) -> None:
        """Scroll so that the first remembered row that is still there stands where it stood."""
        held, self._held = self._held, []
        for key, offset in held:
            place = self._place_of(key) if key else -1
            if place >= 0:
                self._view.executeDelayedItemsLayout()  # the scroll bar knows the new length
                self._view.verticalScrollBar().setValue(max(0, place - offset))
                return
