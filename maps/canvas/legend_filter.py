"""Switching in the legend: areas of a class that is off are drawn dimmed; cases of a band that is off are left out.

The map dims areas itself. Which cases there are is not its affair: whoever gives it cases hears which bands are off.
"""

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
        bands_off: time-limit bands whose cases are switched off.
    """

    measure: Measure
    off: frozenset[int]
    bands_off: frozenset[str] = frozenset()


class LegendFilter:
    """The operator's choice of classes and bands on one map."""

    def __init__(self, widget: MapVerbs) -> None:
        self._map = widget
        self.bands_off: frozenset[str] | None = None
        """Bands that are off; None while nobody leaves cases out for the legend: then bands only explain."""

    # --- entries: class:2, class:-1, band:over3 ---------------------------------------------------

    def items(self) -> tuple[str, ...]:
        """Everything that can be switched, in the order of the legend."""
        legend = self._map.furniture.legend.legend
        bands = legend.bands if legend is not None and self.bands_off is not None else ()
        return (*(f"class:{one}" for one in self.classes()), *(f"band:{band}" for band in bands))

    def item_name(self, item: str) -> str:
        """An entry in words."""
        kind, _, rest = item.partition(":")
        return texts.band_name(rest) if kind == "band" else self.name(int(rest))

    def is_off(self, item: str) -> bool:
        """Tell whether an entry is switched off."""
        kind, _, rest = item.partition(":")
        if kind == "band":
            return rest in (self.bands_off or ())
        return int(rest) in self._map.state.legend_off

    def toggle_item(self, item: str) -> None:
        """Switch an entry."""
        kind, _, rest = item.partition(":")
        if kind == "band":
            self.take_bands((self.bands_off or frozenset()) ^ {rest})
        else:
            self.toggle(int(rest))

    @property
    def count_off(self) -> int:
        """How many entries are switched off."""
        return len(self._map.state.legend_off) + len(self.bands_off or ())

    def show_all(self) -> None:
        """Switch everything on."""
        if self.bands_off:
            self.set_bands_off(frozenset())
            self._map.set_legend_off(frozenset())
            self._tell()
        else:
            self.take(frozenset())

    # --- bands ------------------------------------------------------------------------------------

    def set_bands_off(self, off: frozenset[str] | None) -> None:
        """Show which bands are left out, without a signal; None: bands cannot be switched here."""
        if off != self.bands_off:
            self.bands_off = off
            self._map.furniture.sync()

    def take_bands(self, off: frozenset[str]) -> None:
        """Leave out the cases of these bands, as the operator does. All off means none off."""
        legend = self._map.furniture.legend.legend
        if self.bands_off is None or legend is None:
            return
        off = frozenset(band for band in off if band in legend.bands)
        self.set_bands_off(frozenset() if len(off) == len(legend.bands) else off)
        self._tell()

    def _tell(self) -> None:
        state = self._map.state
        bands = self.bands_off or frozenset()
        self._map.legend_filtered.emit(LegendFiltered(state.area_layer.measure, state.legend_off, bands))

    # --- classes ----------------------------------------------------------------------------------

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
        self._tell()


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
    if one >= len(legend.classes):
        return ""
    label = legend.classes[one].label
    # Where nothing runs towards a deadline, the nearest one is as far as can be.
    far = legend.measure is Measure.NEAREST and one == len(legend.classes) - 1
    return texts.or_none(label) if far else label


def spoken_legend(
    legend: LegendModel | None, off: frozenset[int], bands_off: frozenset[str] | None = None
) -> str:
    """The legend as one sentence for a screen reader, with the state of each class, and of bands that are off."""
    if legend is None:
        return ""
    parts = [texts.legend_title(legend)]
    for one in classes_of(legend):
        name = class_name(legend, one)
        parts.append(f"{name} {tool_texts.hidden()}" if one in off else name)
    for band in legend.bands:
        if band in (bands_off or ()):
            parts.append(f"{texts.band_name(band)} {tool_texts.hidden()}")
    return "，".join(parts)
