"""Why a layer shows nothing: every line of the layers panel that is empty says so."""

from __future__ import annotations

from maps.layers import book as ids
from maps.layers.state import MapState


def layer_note(state: MapState, layer_id: str, given: frozenset[str] = frozenset()) -> str:
    """Reason in one word: ``no_data``, ``no_source``, ``newer``; empty when there is something to draw.

    Args:
        state: what is on the map.
        layer_id: a layer of the book.
        given: keys of the layers of sources that are there.
    """
    kind = ids.kind_of(layer_id)
    if kind == "unknown":
        return "newer"
    if kind != "builtin":
        return "" if layer_id in given else "no_source"
    has = {
        ids.OUTSIDE: bool(state.base.outside),
        ids.WATER: bool(state.base.water),
        ids.ROADS: bool(state.base.roads),
        ids.FILL: state.areas is not None,
        ids.BORDERS: state.areas is not None,
        ids.HEAT: bool(state.cases.cases),
        ids.CASES: bool(state.cases.cases),
        ids.COMPONENTS: len(state.components) > 0,
        ids.CAMERAS: len(state.cameras) > 0,
        ids.OFFICERS: bool(state.officers.officers),
        ids.TRACKS: state.tracks.track is not None,
        ids.DRAWINGS: bool(state.drawings.marks),
    }
    return "" if has.get(layer_id, True) else "no_data"
