"""The map's share of the design tokens: class breaks, zoom table, sizes, and colours by name. No Qt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

BANDS = ("over3", "over2", "over1", "soon", "suspended", "ok", "closed")
"""Time-limit bands (时限分段), worst first; the order of ring parts and of the legend reversed."""


@dataclass(frozen=True, slots=True)
class ZoomBand:
    """One row of the zoom table: what is drawn between two scales in true metres a pixel.

    Attributes:
        id: city, district, street, grid or place.
        above: shown while metres per pixel are at least this.
        grid_line: width of grid lines, 0 for none.
        street_line: width of street borders.
        district_line: width of the district border.
        labels: kinds of label: district, street, grid_no, grid_name, road, address.
        cases: how cases are drawn: ``street`` (one cluster per street), ``near`` (clusters), ``single``.
        numbered: single shapes carry their number.
    """

    id: str
    above: float
    grid_line: float
    street_line: float
    district_line: float
    labels: frozenset[str]
    cases: str
    numbered: bool

    @property
    def dashed_streets(self) -> bool:
        """Street borders are dashed where they would else be taken for grid lines."""
        return self.id in ("district", "street")


@dataclass(frozen=True, slots=True)
class MapTokens:
    """Everything of tokens.json that the map needs, for one theme.

    Attributes:
        theme: ``dark`` or ``light``.
        colours: dotted token name to ``#RRGGBB[AA]``; ramps are ``map.density_ramp.0`` …
        density_breaks: level to lower bounds of the five classes (open cases).
        overdue_breaks: lower bounds of the five classes (percent).
        new_today_breaks: level to lower bounds of the five classes (cases of today).
        nearest_breaks: lower bounds of the five classes (hours to the nearest deadline).
        silent_breaks: lower bounds of the five classes (days without a report) of a silent cell.
        silent_share_breaks: lower bounds of the five classes (percent of silent cells) of an upper area.
        drawn_colours: names of the colours of drawn marks; ``map.drawn.<name>`` are their tokens.
        zoom: the zoom table, coarse to fine.
        cluster_px: distance within which cases meet, pixels.
        cluster_radii: (count from, radius px), ascending.
        grid_label_min_px: least cell width that carries a label.
        families: font families, first found wins.
        zoom_ms: length of a zoom step, milliseconds.
    """

    theme: str
    colours: Mapping[str, str]
    density_breaks: Mapping[str, tuple[float, ...]]
    overdue_breaks: tuple[float, ...]
    new_today_breaks: Mapping[str, tuple[float, ...]]
    nearest_breaks: tuple[float, ...]
    silent_breaks: tuple[float, ...]
    silent_share_breaks: tuple[float, ...]
    drawn_colours: tuple[str, ...]
    zoom: tuple[ZoomBand, ...]
    cluster_px: float
    cluster_radii: tuple[tuple[int, float], ...]
    grid_label_min_px: float
    families: tuple[str, ...]
    zoom_ms: int

    def band_at(self, metres_per_pixel: float) -> ZoomBand:
        """Row of the zoom table for a true scale."""
        for band in self.zoom:
            if metres_per_pixel >= band.above:
                return band
        return self.zoom[-1]

    def cluster_radius(self, count: int) -> float:
        """Radius in pixels of the disc for ``count`` cases."""
        radius = self.cluster_radii[0][1]
        for least, value in self.cluster_radii:
            if count >= least:
                radius = value
        return radius

    def cluster_radii_of(self, counts: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
        """Radii for many counts at once."""
        least = np.array([count for count, _ in self.cluster_radii])
        radii = np.array([radius for _, radius in self.cluster_radii])
        return np.asarray(radii[np.maximum(np.searchsorted(least, counts, side="right") - 1, 0)])


def load_tokens(theme: str = "dark", text: str | None = None) -> MapTokens:
    """Read the tokens of one theme.

    What the layers need beyond the design's own file stands in ``map_layers.json`` beside it.

    Args:
        theme: ``dark`` or ``light``.
        text: the JSON text; the shipped ``resources/styles/tokens.json`` when left out.

    Raises:
        KeyError: the file lacks a part the map needs, or has no such theme.
        json.JSONDecodeError: the file is no JSON.
    """
    if text is None:
        text = _shipped("tokens.json")
    raw: dict[str, Any] = json.loads(text)
    more: dict[str, Any] = json.loads(_shipped("map_layers.json"))
    part, extra = raw["map"], more["map"]
    colours: dict[str, str] = {}
    _flatten("", raw["theme"][theme], colours)
    _flatten("", more["theme"][theme], colours)
    return MapTokens(
        theme=theme,
        colours=colours,
        density_breaks=_by_level(part["density_breaks"]),
        overdue_breaks=_numbers(part["overdue_breaks_pct"]),
        new_today_breaks=_by_level(extra["new_today_breaks"]),
        nearest_breaks=_numbers(extra["nearest_breaks_h"]),
        silent_breaks=_numbers(extra["silent_breaks_days"]),
        silent_share_breaks=_numbers(extra["silent_share_breaks_pct"]),
        drawn_colours=tuple(str(name) for name in extra["drawn_colours"]),
        zoom=tuple(_zoom_band(row) for row in part["zoom"]),
        cluster_px=float(part["cluster"]["distance_px"]),
        cluster_radii=tuple(sorted((int(n), float(r)) for n, r in part["cluster"]["radius"])),
        grid_label_min_px=float(part["grid_label_min_cell_px"]),
        families=tuple(raw["font"]["family"]),
        zoom_ms=int(raw["motion"]["map_zoom_ms"]),
    )


@cache
def shipped_tokens() -> MapTokens:
    """The shipped tokens of the dark theme, read once; for breaks and sizes, which both themes share."""
    return load_tokens("dark")


def _shipped(name: str) -> str:
    return (resources.files("resources") / "styles" / name).read_text(encoding="utf-8")


def _numbers(values: Iterable[Any]) -> tuple[float, ...]:
    return tuple(float(v) for v in values)


def _by_level(table: Mapping[str, Iterable[Any]]) -> dict[str, tuple[float, ...]]:
    return {level: _numbers(values) for level, values in table.items()}


def _zoom_band(row: Mapping[str, Any]) -> ZoomBand:
    cases = str(row["cases"])
    how = "street" if "street" in cases else "near" if cases.startswith("cluster") else "single"
    return ZoomBand(
        id=str(row["id"]),
        above=float(row["m_per_px"][0] or 0.0),
        grid_line=float(row["grid_line"]),
        street_line=float(row["street_line"]),
        district_line=float(row["district_line"]),
        labels=frozenset(row["labels"]),
        cases=how,
        numbered="number" in cases,
    )


def _flatten(prefix: str, value: Any, out: dict[str, str]) -> None:
    if isinstance(value, dict):
        for key, part in value.items():
            _flatten(f"{prefix}.{key}" if prefix else key, part, out)
    elif isinstance(value, list):
        for i, part in enumerate(value):
            _flatten(f"{prefix}.{i}", part, out)
    else:
        out[prefix] = str(value)
