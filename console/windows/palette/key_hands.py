"""Hands the keys of the window to the verbs: single keys outside text fields, combinations everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QKeyCombination, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from console.viewmodels.verbs.book import VerbBook
from console.viewmodels.verbs.verb import EVERYWHERE, WORKSPACE_OF

_COMBINED = re.compile(r"(^|\+)(Ctrl|Alt|Meta)\+|(^|\+)F\d+$")
#: what an input method writes for the keys that stand for themselves
_NARROW = str.maketrans("？。．／、＞；，", "?..//>;,")
_SHIFT = Qt.KeyboardModifier.ShiftModifier


def is_combined(key: str) -> bool:
    """Tell whether a key also counts while a text field has the focus (Ctrl, Alt, function keys)."""
    return bool(_COMBINED.search(key))


def key_of(event: QKeyEvent) -> str:
    """Return the key of an event as verbs name it: `D`, `Shift+D`, `1`, `?`, `Return`; empty for a bare modifier."""
    key, shift = event.key(), bool(event.modifiers() & _SHIFT)
    if Qt.Key.Key_A <= key <= Qt.Key.Key_Z:
        return f"Shift+{chr(key)}" if shift else chr(key)
    text = event.text().translate(_NARROW)
    if len(text) == 1 and text.isprintable() and not text.isspace():
        return text.upper()
    if key in (0, Qt.Key.Key_unknown) or Qt.Key.Key_Shift <= key <= Qt.Key.Key_ScrollLock:
        return ""
    name = {Qt.Key.Key_Enter: "Return", Qt.Key.Key_Backtab: "Tab", Qt.Key.Key_Escape: "Esc"}.get(
        Qt.Key(key), ""
    )
    name = name or QKeySequence(QKeyCombination(Qt.Key(key))).toString()
    return f"Shift+{name}" if shift else name


class KeyHands(QObject):
    """Binds the combined keys of a book to shortcuts and runs single keys.

    `places` are the places under the operator's hand, nearest first; `page_of` gives the widget of a workspace;
    `awake` tells whether keys count at all (not behind the lock).
    """

    def __init__(
        self,
        window: QWidget,
        book: VerbBook,
        places: Callable[[], tuple[str, ...]],
        page_of: Callable[[str], QWidget | None],
        awake: Callable[[], bool],
    ) -> None:
        """Bind what is in the book, and again whenever it changes."""
        super().__init__(window)
        self._window, self._book = window, book
        self._places, self._page_of, self._awake = places, page_of, awake
        self._shortcuts: dict[tuple[int, str], QShortcut] = {}
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.bind)
        book.changed.connect(self._soon.start)
        self.bind()

    def run(self, event: QKeyEvent) -> bool:
        """Run a single key; True when it was a verb's."""
        key = key_of(event)
        return bool(key) and not is_combined(key) and self._book.run_key(key, self._places())

    def hears(self, place: str, key: str) -> bool:
        """Tell whether a key of a place reaches its verb: a single key always does, a combined one by its shortcut."""
        host = self._host(place)
        return host is not None and (not is_combined(key) or (id(host), key) in self._shortcuts)

    def bind(self) -> None:
        """Bind the combined keys to their window or workspace; a key that is no verb's any more is let go."""
        self._soon.stop()
        wanted: dict[tuple[int, str], tuple[QWidget, str]] = {}
        for verb in self._book.verbs:
            if verb.fixed:
                continue
            for place, key in self._book.keymap.bindings(verb):
                host = self._host(place)
                if host is not None and is_combined(key):
                    wanted[id(host), key] = (host, place)
        for gone in self._shortcuts.keys() - wanted.keys():
            self._shortcuts.pop(gone).deleteLater()
        for at, (host, place) in wanted.items():
            if at not in self._shortcuts:
                self._shortcuts[at] = self._shortcut(host, at[1], place)

    def _host(self, place: str) -> QWidget | None:
        """Return the widget within which the combined keys of a place count."""
        workspace = WORKSPACE_OF.get(place, "")
        return self._page_of(workspace) if workspace else self._window

    def _shortcut(self, host: QWidget, key: str, place: str) -> QShortcut:
        """Return a shortcut that runs a key."""
        shortcut = QShortcut(QKeySequence(key), host)
        if host is not self._window:
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(lambda: self._press(key, place))
        return shortcut

    def _press(self, key: str, place: str) -> None:
        """Run a combined key; it counts in its whole workspace, whichever panel has the focus."""
        if not self._awake():
            return
        near = self._places()
        rest = (place,) if place not in near else ()
        self._book.run_key(key, (*(p for p in near if p != EVERYWHERE), *rest, EVERYWHERE))
