"""A workspace with nothing in it, for tests of the window around it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.viewmodels.seat import SeatViewModel


class BlankWorkspace(QWidget):
    """Answers what the shell asks; `active` counts whether it is shown."""

    workspace_id = "blank"

    def __init__(self, seat: SeatViewModel, theme: object) -> None:
        super().__init__()
        self.active = 0

    def activate(self) -> None:
        """Become the one that is shown."""
        self.active += 1

    def deactivate(self) -> None:
        """Stop being shown."""
        self.active -= 1

    def key_legend(self) -> list[tuple[str, str]]:
        """Return one key."""
        return [("F1", "帮助")]

    def focus_panels(self) -> list[QWidget]:
        """Return no panel."""
        return []

    def handle_key(self, event: object) -> bool:
        """Take no key."""
        return False

    def places(self) -> tuple[str, ...]:
        """Return what counts in every workspace."""
        return ("everywhere",)

    def subject(self) -> tuple[str, ...]:
        """No case is under the hand."""
        return ()

    def preset_of(self, action: str, case_id: str) -> dict[str, str]:
        """Nothing is picked."""
        return {}

    def open_more(self) -> None:
        """There is nothing more."""

    def show_case(self, case_id: str) -> bool:
        """Hold no case."""
        return False

    def toast_host(self) -> QWidget:
        """Return the workspace."""
        return self
