"""What was learned of units (先例), for suggestions and slack: read from the own copy, so it is there offline too."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QObject, Signal

from console.tasks.runner import Background
from services.domain.experience import Experience
from services.ports.cache import CaseCache
from services.sync.documents import EXPERIENCE

_STORE = "store"


class Learned(QObject):
    """Keeps the experience of units. `changed()` tells that `experience` is new. Lives on the main thread."""

    changed = Signal()

    def __init__(self, cache: CaseCache, background: Background, parent: QObject | None = None) -> None:
        """Start with none; nothing is read before the first `heard`."""
        super().__init__(parent)
        self._cache, self._background = cache, background
        self.experience = Experience()

    def heard(self, kinds: Collection[str]) -> None:
        """Read the document when the engine names it."""
        if EXPERIENCE in kinds or "all" in kinds:
            self._background.submit(_STORE, "experience", self._read, self._taken)

    def _read(self) -> Experience:
        """Read the copy (store's lane); a document of another shape counts as none."""
        doc: Any = self._cache.document(EXPERIENCE).doc
        try:
            return Experience.from_doc(doc) if doc else Experience()
        except (KeyError, TypeError, ValueError, AttributeError):
            return Experience()

    def _taken(self, experience: Experience) -> None:
        """Keep what was read."""
        self.experience = experience
        self.changed.emit()
