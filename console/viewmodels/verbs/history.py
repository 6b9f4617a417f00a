"""The lines a user has run in the command bar, newest first; kept in the settings of this machine."""

from __future__ import annotations

from typing import Any

from services.ports.cache import SettingsStore

NAME = "palette.history"
MOST = 50


class LineHistory:
    """Remembers lines and walks through them. A line that is run again moves to the front."""

    def __init__(self, settings: SettingsStore) -> None:
        """Read what was kept; a value of another form is no history."""
        self._settings = settings
        kept: Any = settings.value(NAME)
        self.lines: list[str] = (
            [line for line in kept if isinstance(line, str)][:MOST] if isinstance(kept, list) else []
        )
        self._at = -1
        self._draft = ""

    def add(self, line: str) -> list[str]:
        """Remember a line; returns what is to be written (`write` does it)."""
        text = line.strip()
        if text:
            self.lines = [text, *(one for one in self.lines if one != text)][:MOST]
        self.rest()
        return self.lines

    def write(self) -> None:
        """Write down what is remembered; on the store's lane."""
        self._settings.put_value(NAME, list(self.lines))

    def rest(self) -> None:
        """Begin again at the newest line."""
        self._at, self._draft = -1, ""

    @property
    def walking(self) -> bool:
        """Whether a line of the history is shown."""
        return self._at >= 0

    def earlier(self, present: str) -> str:
        """Return the line before; the oldest stays. `present` comes back with `later`."""
        if self._at < 0:
            self._draft = present
        self._at = min(self._at + 1, len(self.lines) - 1)
        return self.lines[self._at] if self._at >= 0 else present

    def later(self) -> str:
        """Return the line after, at last what was being typed."""
        self._at = max(self._at - 1, -1)
        return self.lines[self._at] if self._at >= 0 else self._draft
