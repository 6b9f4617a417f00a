"""Which columns the case queue shows, how wide and in which order: a value that can be kept and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QCoreApplication

from widgets.tables.queue_row import column_names, column_title, column_width

DENSITIES = ("compact", "standard", "comfortable")
ALWAYS = frozenset({"sla_shape", "number", "summary", "limit"})
"""What cannot be hidden: without shape, number, words and time a row says nothing."""
LEAST_WIDTH = {"urgency": 14, "sla_shape": 26, "source": 28, "stage": 32, "number": 64, "limit": 84}
"""Narrower than this a column is of no use; others 40."""
MOST_WIDTH = 400
SUMMARY_LEAST = 120


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """Columns as the operator wants them.

    Attributes:
        order: column ids from left to right; all of them, each once.
        hidden: those that are not shown.
        widths: logical pixels of those whose width is not the design's; ``summary`` always takes the rest.
        density: ``compact`` 28, ``standard`` 32 or ``comfortable`` 40 px a row.
    """

    order: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    widths: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    density: str = "standard"

    @property
    def names(self) -> tuple[str, ...]:
        """All columns from left to right; the design's order where nothing else is wanted."""
        return self.order or column_names()

    def width(self, name: str) -> int:
        """Return the width of a column; 0 for the one that takes the rest."""
        return self.widths.get(name, column_width(name))

    def with_width(self, name: str, width: int) -> ColumnLayout:
        """Return the same columns with one of another width (kept within reason)."""
        if not column_width(name):
            return self
        widths = {**self.widths, name: min(max(width, LEAST_WIDTH.get(name, 40)), MOST_WIDTH)}
        return replace(self, widths=MappingProxyType(widths))

    def with_shown(self, name: str, shown: bool) -> ColumnLayout:
        """Return the same columns with one shown or hidden; what a row cannot be without stays."""
        hidden = self.hidden - {name} if shown else self.hidden | ({name} - ALWAYS)
        return replace(self, hidden=hidden)

    def moved(self, name: str, step: int) -> ColumnLayout:
        """Return the same columns with one moved past its neighbours that are shown."""
        shown = [one for one in self.names if one not in self.hidden]
        if name not in shown:
            return self
        at = shown.index(name)
        to = min(max(at + step, 0), len(shown) - 1)
        rest = [one for one in self.names if one != name]
        others = [one for one in shown if one != name]
        place = rest.index(others[to]) if to < len(others) else len(rest)
        return replace(self, order=(*rest[:place], name, *rest[place:]))

    def to_doc(self) -> dict[str, Any]:
        """Return what is kept, as JSON values."""
        return {
            "order": list(self.names),
            "hidden": sorted(self.hidden),
            "widths": dict(self.widths),
            "density": self.density,
        }

    @classmethod
    def from_doc(cls, doc: object) -> ColumnLayout:
        """Read what was kept; what is not understood, or was another version's, is left out."""
        if not isinstance(doc, Mapping):
            return cls()
        known = column_names()
        asked = [name for name in _texts(doc.get("order")) if name in known]
        order = tuple(dict.fromkeys([*asked, *known]))
        made = cls(
            order if order != known else (), frozenset(_texts(doc.get("hidden"))) & set(known) - ALWAYS
        )
        widths = doc.get("widths")
        for name, width in widths.items() if isinstance(widths, Mapping) else ():
            if name in known and type(width) is int:
                made = made.with_width(name, width)
        density = doc.get("density")
        return replace(made, density=density) if density in DENSITIES else made


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


def column_word(name: str) -> str:
    """Return the name of a column in a menu; the narrow marks have one here that their heads have not."""
    marks = {
        "urgency": QCoreApplication.translate("Queue", "紧急程度"),
        "sla_shape": QCoreApplication.translate("Queue", "时限形状"),
    }
    return marks.get(name) or column_title(name)


def density_word(name: str) -> str:
    """Return the word of a density: 紧凑, 标准, 宽松."""
    words = {
        "compact": QCoreApplication.translate("Queue", "紧凑"),
        "standard": QCoreApplication.translate("Queue", "标准"),
        "comfortable": QCoreApplication.translate("Queue", "宽松"),
    }
    return words[name]
