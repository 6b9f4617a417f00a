"""The room kept back on this machine's disk for the day it is full (压舱文件)."""

from __future__ import annotations

from typing import Protocol

#: kept back and at hand; given up because the disk is or was full; not wanted, or there never was room for it
WHOLE, GIVEN_UP, NONE = "whole", "given_up", "none"


class SpareRoom(Protocol):
    """What a screen asks of it; safe from any thread."""

    @property
    def state(self) -> str:
        """Return `whole`, `given_up` or `none`."""
        ...

    def restore(self) -> str:
        """Keep the room back again where there is plenty; returns the state."""
        ...
