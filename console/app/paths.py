"""Where the program keeps what: one data folder a user, by the XDG rules, readable by that user alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one installation of the console."""

    data: Path

    @property
    def centre(self) -> Path:
        """The embedded centre's data folder."""
        return self.data / "centre"

    @property
    def console(self) -> Path:
        """Outbox, cache, keys and drafts."""
        return self.data / "console"

    @property
    def maps(self) -> Path:
        """Prepared map geometry; may be deleted at any time, it is made again."""
        return self.data / "maps"

    @property
    def logs(self) -> Path:
        """Logs and fault traces."""
        return self.data / "logs"

    def make(self) -> Paths:
        """Make the folders, for this user only, and return self."""
        for folder in (self.data, self.centre, self.console, self.logs):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self


def default_paths() -> Paths:
    """Return the user's own folders: `GRIDDESK_HOME`, else `XDG_DATA_HOME/griddesk`, else ~/.local/share."""
    home = os.environ.get("GRIDDESK_HOME")
    if home:
        return Paths(Path(home))
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Paths(Path(base) / "griddesk")
