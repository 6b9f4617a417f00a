"""Between the layers panel and the map: what the panel shows, and what its asking does to the layer book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maps.canvas import layer_words, texts
from maps.canvas.breaks_page import BreaksView
from maps.canvas.layer_rows import LayerAsk, LayerRow, LayersView
from maps.layers.areas import Measure
from maps.layers.book import CASES, HEAT, PINNED, SEA, LayerBook, Option
from maps.layers.cases import CASE_MODES
from maps.layers.heat import RADII_M
from maps.layers.measures import is_whole

if TYPE_CHECKING:
    from maps.canvas.layered import LayeredSurface


def layers_view(grid_map: LayeredSurface) -> LayersView:
    """Rows of the panel from above; the ground below all and layers of other versions have none."""
    rows = tuple(
        LayerRow(
            spec.id,
            layer_words.layer_title(spec),
            spec.visible,
            spec.opacity,
            layer_words.note(grid_map.layer_note(spec.id)),
            spec.id not in PINNED,
            _choice_words(grid_map.book, spec.id),
        )
        for spec in reversed(grid_map.book.layers)
        if spec.kind != "unknown" and spec.id != SEA
    )
    return LayersView(rows, _breaks_view(grid_map))


def asked_book(book: LayerBook, ask: LayerAsk) -> LayerBook:
    """The book after what the panel asks for.

    Raises:
        BreaksError: breaks that cannot be used.
    """
    if ask.what == "show":
        return book.shown(ask.layer, ask.value > 0)
    if ask.what == "move":
        return book.moved(ask.layer, round(ask.value))
    if ask.what == "opacity":
        return book.with_opacity(ask.layer, ask.value)
    if ask.what == "choice":
        return _next_choice(book, ask.layer)
    if ask.what == "breaks":
        return book.with_breaks(ask.layer, ask.breaks or None)
    return book.reset() if ask.what == "reset" else book


_CHOICES: dict[str, tuple[str, tuple[Option, ...]]] = {
    CASES: ("mode", CASE_MODES),
    HEAT: ("radius_m", (0.0, *sorted(RADII_M.values()))),
}
"""Layers that can be drawn in several ways: the option of the book and its values, the usual one first."""


def _chosen(book: LayerBook, layer: str) -> Option:
    option, values = _CHOICES[layer]
    value = book.option(layer, option, values[0])
    return value if value in values else values[0]


def _choice_words(book: LayerBook, layer: str) -> str:
    if layer not in _CHOICES:
        return ""
    value = _chosen(book, layer)
    return layer_words.case_mode(str(value)) if layer == CASES else layer_words.heat_radius(float(value))


def _next_choice(book: LayerBook, layer: str) -> LayerBook:
    if layer not in _CHOICES:
        return book
    option, values = _CHOICES[layer]
    at = values.index(_chosen(book, layer))
    return book.with_option(layer, option, values[(at + 1) % len(values)])


def _breaks_view(grid_map: LayeredSurface) -> BreaksView | None:
    state, tokens = grid_map.state, grid_map.scene.palette.tokens
    layer = state.area_layer
    if layer.measure is Measure.OFFICER:
        return None
    zoom = tokens.band_at(grid_map.view.metres_per_pixel)
    finest = state.areas.finest if state.areas is not None else "grid"
    level = layer.fill_level(state.areas, zoom.id) if state.areas is not None else "grid"
    key = layer.break_key(level, finest)
    return BreaksView(
        key,
        layer_words.breaks_title(texts.measure_name(layer.measure), texts.level_name(level)),
        layer.breaks(level, tokens, finest),
        tuple(style.token for style in layer.styles()),
        is_whole(layer.measure),
        key in layer.custom,
    )
