"""The layer book: which layers there are, in which order, shown or not, how opaque, with which class breaks.

Layers are data. The book is a value: every change gives another one, and its document is what is remembered for
each user. A document that is old, new, cut off or rubbish gives a usable book, and never one that lacks a layer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from maps.layers.measures import BreaksError, break_keys, checked_breaks

VERSION = 1
Option = str | int | float | bool

SEA, OUTSIDE, FILL, WATER, ROADS = "base.sea", "outside", "fill", "water", "roads"
BORDERS, HEAT, LABELS = "borders", "heat", "labels"
COMPONENTS, CAMERAS, OFFICERS, TRACKS = "components", "cameras", "officers", "tracks"
CASES, DRAWINGS = "cases", "drawings"

DEFAULT_ORDER = (
    SEA,
    OUTSIDE,
    FILL,
    WATER,
    ROADS,
    BORDERS,
    HEAT,
    COMPONENTS,
    CAMERAS,
    OFFICERS,
    TRACKS,
    CASES,
    DRAWINGS,
    LABELS,
)
"""Layers that are always there, from below."""
HIDDEN_AT_FIRST = frozenset({HEAT, COMPONENTS, CAMERAS, TRACKS})
ALIASES: Mapping[str, tuple[str, ...]] = {"base": (OUTSIDE, WATER, ROADS), "grid": (FILL,)}
"""Names for several layers at once, as they are switched from outside the map."""
PINNED = (SEA, BORDERS, HEAT, LABELS)
"""Layers that keep their place: the ground below all, borders on top of the ground, labels on top of all."""
_GROUND = frozenset({OUTSIDE, FILL, WATER, ROADS})
_MOST_LAYERS, _MOST_TEXT, _MOST_OPTIONS, _MOST_DOC = 400, 200, 32, 400_000


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One layer.

    Attributes:
        id: identity: one of :data:`DEFAULT_ORDER`, ``tiles:<source>`` or ``features:<source>``.
        kind: ``builtin``, ``tiles``, ``features``, or ``unknown`` for one of another version.
        title: given name of a source; empty for built-in layers, whose words come in the canvas.
        visible: it is drawn.
        opacity: 0 to 1.
        options: small settings of the layer by name (colour token, mode).
    """

    id: str
    kind: str = "builtin"
    title: str = ""
    visible: bool = True
    opacity: float = 1.0
    options: Mapping[str, Option] = field(default_factory=dict)


def kind_of(layer_id: str) -> str:
    """Kind of a layer by its id."""
    if layer_id in DEFAULT_ORDER:
        return "builtin"
    prefix, colon, rest = layer_id.partition(":")
    return prefix if colon and rest and prefix in ("tiles", "features") else "unknown"


def is_ground(spec: LayerSpec) -> bool:
    """Tell whether a layer belongs to the ground, which lies below every mark."""
    return spec.id in _GROUND or spec.kind in ("tiles", "features")


@dataclass(frozen=True, slots=True)
class LayerBook:
    """All layers from below, and the class breaks that settings have changed (by key, see ``break_key``)."""

    layers: tuple[LayerSpec, ...] = tuple(
        LayerSpec(name, visible=name not in HIDDEN_AT_FIRST) for name in DEFAULT_ORDER
    )
    breaks: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    # --- reading ----------------------------------------------------------------------------------

    def get(self, layer_id: str) -> LayerSpec | None:
        """The layer of an id, None if there is none."""
        return next((spec for spec in self.layers if spec.id == layer_id), None)

    def shows(self, name: str) -> bool:
        """Tell whether a layer (or any of those an alias stands for) is drawn; unknown ones are not."""
        ids = ALIASES.get(name, (name,))
        return any(spec.visible for spec in self.layers if spec.id in ids)

    def opacity(self, layer_id: str) -> float:
        """Opacity of a layer, 1 for an unknown one."""
        spec = self.get(layer_id)
        return 1.0 if spec is None else spec.opacity

    def option(self, layer_id: str, name: str, default: Option) -> Option:
        """One setting of a layer; the default when it is missing or of another type."""
        spec = self.get(layer_id)
        value = default if spec is None else spec.options.get(name, default)
        numbers = (int, float)
        # a switch is no number, though the language takes it for one
        same = type(value) is type(default) or (
            all(isinstance(one, numbers) and not isinstance(one, bool) for one in (value, default))
        )
        return value if same else default

    def ids(self) -> tuple[str, ...]:
        """Ids from below."""
        return tuple(spec.id for spec in self.layers)

    def under(self) -> tuple[LayerSpec, ...]:
        """Shown ground layers below the fill, from below."""
        at = self.ids().index(FILL)
        return tuple(spec for spec in self.layers[:at] if spec.visible and is_ground(spec))

    def over(self) -> tuple[LayerSpec, ...]:
        """Shown ground layers above the fill, from below; borders come after them."""
        at = self.ids().index(FILL)
        return tuple(spec for spec in self.layers[at + 1 :] if spec.visible and is_ground(spec))

    def marks(self) -> tuple[LayerSpec, ...]:
        """Shown layers of marks, from below: components, cameras, officers, tracks, cases, drawings."""
        return tuple(s for s in self.layers if s.visible and not is_ground(s) and s.id not in PINNED)

    # --- changing ---------------------------------------------------------------------------------

    def shown(self, name: str, on: bool) -> LayerBook:
        """Switch a layer or an alias; the same book when nothing changes or the id is unknown."""
        ids = ALIASES.get(name, (name,))
        return self._with(
            replace(s, visible=on) if s.id in ids and s.visible != on else s for s in self.layers
        )

    def with_opacity(self, layer_id: str, opacity: float) -> LayerBook:
        """Make a layer more or less opaque, between 0 and 1; no number leaves it as it is."""
        if not math.isfinite(opacity):
            return self
        value = min(max(float(opacity), 0.0), 1.0)
        return self._with(replace(s, opacity=value) if s.id == layer_id else s for s in self.layers)

    def with_option(self, layer_id: str, name: str, value: Option) -> LayerBook:
        """Set one small setting of a layer."""
        return self._with(
            replace(s, options={**s.options, name: value}) if s.id == layer_id else s for s in self.layers
        )

    def moved(self, layer_id: str, by: int) -> LayerBook:
        """Move a layer up (``by`` > 0) or down among those it can change places with; it stops at the end."""
        spec = self.get(layer_id)
        if spec is None or spec.id in PINNED:
            return self
        peers = [i for i, s in enumerate(self.layers) if self._group(s) == self._group(spec)]
        at = peers.index(self.layers.index(spec))
        to = min(max(at + by, 0), len(peers) - 1)
        order = [self.layers[i] for i in peers]
        order.insert(to, order.pop(at))
        out = list(self.layers)
        for i, one in zip(peers, order, strict=True):
            out[i] = one
        return self._with(out)

    def with_source(self, layer_id: str, title: str) -> LayerBook:
        """Add a layer of a source, tiles just below the fill, features on top of the ground; or name it anew."""
        if self.get(layer_id) is not None:
            return self._with(replace(s, title=title) if s.id == layer_id else s for s in self.layers)
        kind = kind_of(layer_id)
        if kind not in ("tiles", "features"):
            return self
        at = self.ids().index(FILL if kind == "tiles" else BORDERS)
        spec = LayerSpec(layer_id, kind, title)
        return self._with((*self.layers[:at], spec, *self.layers[at:]))

    def without_source(self, layer_id: str) -> LayerBook:
        """Take the layer of a source out; built-in layers stay."""
        return self._with(s for s in self.layers if s.id != layer_id or s.kind == "builtin")

    def with_breaks(self, key: str, breaks: Sequence[float] | None) -> LayerBook:
        """Keep other class breaks for a measure and level; None goes back to those of the tokens.

        Raises:
            BreaksError: the breaks cannot be used, or there is no such key.
        """
        if key not in break_keys():
            raise BreaksError("key")
        kept = {k: v for k, v in self.breaks.items() if k != key}
        if breaks is not None:
            kept[key] = checked_breaks(breaks, whole=key.startswith(("density", "new_today")))
        return self if kept == self.breaks else replace(self, breaks=kept)

    def reset(self) -> LayerBook:
        """Order, visibility, opacity, options and breaks as at first; sources stay."""
        book = LayerBook()
        for spec in self.layers:
            if spec.kind in ("tiles", "features"):
                book = book.with_source(spec.id, spec.title)
        extra = tuple(s for s in self.layers if s.kind == "unknown")
        return book._with((*book.layers, *extra)) if extra else book

    def _with(self, layers: Iterable[LayerSpec]) -> LayerBook:
        fresh = _settled(layers)
        return self if fresh == self.layers else replace(self, layers=fresh)

    @staticmethod
    def _group(spec: LayerSpec) -> str:
        return "pinned" if spec.id in PINNED else "ground" if is_ground(spec) else "marks"

    # --- document ---------------------------------------------------------------------------------

    def to_doc(self) -> dict[str, Any]:
        """Document for the store: plain JSON values."""
        return {
            "version": VERSION,
            "layers": [
                {
                    "id": s.id,
                    "title": s.title,
                    "visible": s.visible,
                    "opacity": round(s.opacity, 4),
                    "options": dict(s.options),
                }
                for s in self.layers
            ],
            "breaks": {key: list(values) for key, values in sorted(self.breaks.items())},
        }

    @staticmethod
    def from_doc(doc: object) -> LayerBook:
        """Read a document (a mapping, or its JSON text); what cannot be used is left out, nothing is raised.

        Layers the document does not know stand at their usual place; ids this version does not know are kept, so
        that a newer version finds them again.
        """
        raw = _loaded(doc)
        listed = raw.get("layers")
        specs: dict[str, LayerSpec] = {}
        for item in listed[:_MOST_LAYERS] if isinstance(listed, list) else ():
            spec = _spec(item)
            if spec is not None and spec.id not in specs:
                specs[spec.id] = spec
        breaks = raw.get("breaks")
        return LayerBook(_settled(specs.values()), _breaks(breaks) if isinstance(breaks, Mapping) else {})


def _settled(layers: Iterable[LayerSpec]) -> tuple[LayerSpec, ...]:
    """Every built-in layer once, each group in the order asked for, pinned layers at their places."""
    asked = list(layers)
    have = {s.id for s in asked}
    for i, name in enumerate(DEFAULT_ORDER):
        if name in have:
            continue
        # A layer the order lacks comes right after the one that is usually below it.
        below = next((s for s in asked if i and s.id == DEFAULT_ORDER[i - 1]), None)
        at = asked.index(below) + 1 if below is not None else 0
        asked.insert(at, LayerSpec(name, visible=name not in HIDDEN_AT_FIRST))
    by_id = {s.id: s for s in asked}
    ground = [s for s in asked if is_ground(s)]
    marks = [s for s in asked if not is_ground(s) and s.id not in PINNED]
    return (by_id[SEA], *ground, by_id[BORDERS], by_id[HEAT], *marks, by_id[LABELS])


def _loaded(doc: object) -> Mapping[str, Any]:
    if isinstance(doc, str | bytes) and len(doc) <= _MOST_DOC:
        try:
            doc = json.loads(doc)
        except (ValueError, RecursionError):
            return {}
    return doc if isinstance(doc, Mapping) else {}


def _spec(item: object) -> LayerSpec | None:
    """One layer of a document, None when it has no usable id."""
    if not isinstance(item, Mapping):
        return None
    layer_id = item.get("id")
    if not isinstance(layer_id, str) or not 0 < len(layer_id) <= _MOST_TEXT:
        return None
    usual = layer_id not in HIDDEN_AT_FIRST
    visible = item.get("visible")
    title = item.get("title")
    return LayerSpec(
        layer_id,
        kind_of(layer_id),
        title[:_MOST_TEXT] if isinstance(title, str) and layer_id not in DEFAULT_ORDER else "",
        visible if isinstance(visible, bool) else usual,
        _opacity(item.get("opacity")),
        _options(item.get("options")),
    )


def _opacity(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 1.0
    # Compared before it is made a float: a whole number may be too large for one.
    return min(max(float(min(max(value, -1), 2)), 0.0), 1.0) if value == value else 1.0


def _options(value: object) -> dict[str, Option]:
    if not isinstance(value, Mapping):
        return {}
    out: dict[str, Option] = {}
    for name, one in list(value.items())[:_MOST_OPTIONS]:
        number_ok = not isinstance(one, float) or math.isfinite(one)
        text_ok = not isinstance(one, str) or len(one) <= _MOST_TEXT
        if isinstance(name, str) and isinstance(one, str | int | float | bool) and number_ok and text_ok:
            out[name[:_MOST_TEXT]] = one
    return out


def _breaks(value: Mapping[Any, Any]) -> dict[str, tuple[float, ...]]:
    out: dict[str, tuple[float, ...]] = {}
    for key in break_keys():
        listed = value.get(key)
        if not isinstance(listed, list):
            continue
        try:
            out[key] = checked_breaks(listed, whole=key.startswith(("density", "new_today")))
        except (BreaksError, OverflowError):
            continue
    return out
