"""Switching classes of the fill on and off in the legend: areas of a class that is off are drawn dimmed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from maps.canvas import texts, tool_texts
from maps.layers.areas import NO_DATA, Measure
from maps.layers.legend import LegendModel

if TYPE_CHECKING:
    from maps.canvas.verbs import MapVerbs


@dataclass(frozen=True, slots=True)
class LegendFiltered:
    """What the legend shows of a measure now.

    Attributes:
        measure: what the fill shows.
        off: classes that are switched off (``NO_DATA`` for areas without figures); empty: all are shown.
    """

    measure: Measure
    off: frozenset[int]


class LegendFilter:
    """The operator's choice of classes on one map."""

    def __init__(self, widget: MapVerbs) -> None:
        self._map = widget

    def classes(self) -> tuple[int, ...]:
        """Classes the present legend explains, in their order; ``NO_DATA`` last where there are gaps."""
        legend = self._map.furniture.legend.legend
        return () if legend is None else classes_of(legend)

    def name(self, one: int) -> str:
        """A class in words."""
        legend = self._map.furniture.legend.legend
        return "" if legend is None else class_name(legend, one)

    def toggle(self, one: int) -> None:
        """Switch one class."""
        self.take(self._map.state.legend_off ^ {one})

    def take(self, off: frozenset[int]) -> None:
        """Show all classes but these, as the operator does: the signal is sent. All off means none off."""
        classes = self.classes()
        off = frozenset(one for one in off if one in classes)
        if classes and len(off) == len(classes):
            # A map on which everything is dimmed tells nothing; the last click shows everything again.
            off = frozenset()
        if off == self._map.state.legend_off:
            return
        self._map.set_legend_off(off)
        self._map.legend_filtered.emit(LegendFiltered(self._map.state.area_layer.measure, off))


def classes_of(legend: LegendModel) -> tuple[int, ...]:
    """Classes a legend explains: officers have two, manned first."""
    own = (1, 0) if legend.measure is Measure.OFFICER else tuple(range(len(legend.classes)))
    return (*own, NO_DATA) if legend.has_gaps else own


def class_name(legend: LegendModel, one: int) -> str:
    """A class in words: its bounds, or what stands beside its swatch."""
    if one == NO_DATA:
        return texts.no_data()
    if legend.measure is Measure.OFFICER:
        return texts.manned() if one == 1 else texts.unmanned()
    return legend.classes[one].label if one < len(legend.classes) else ""


def spoken_legend(legend: LegendModel | None, off: frozenset[int]) -> str:
    """The legend as one sentence for a screen reader, with the state of each class."""
    if legend is None:
        return ""
    parts = [texts.legend_title(legend)]
    for one in classes_of(legend):
        name = class_name(legend, one)
        parts.append(f"{name} {tool_texts.hidden()}" if one in off else name)
    return "，".join(parts)
