"""Components (部件) and cameras of the demo district, along its streets; every one of them is invented.

The same district gives the same things. Kinds and how often they stand along a street are written here, names
and units come from the reference document.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.backend.demo.geometry import District
from services.backend.demo.geometry_plan import ROAD_WIDTH_M
from services.backend.demo.geometry_streets import Line
from services.backend.field.things import CameraRow, ComponentRow
from services.geo.coords import metres_per_degree

Floats = NDArray[np.float64]

#: kind by the last four digits of its category, and metres from one to the next along a street of a class
_ALONG = {
    "primary": {"0137": 260, "0402": 300, "0104": 420, "0305": 520, "0204": 1400, "0217": 900, "0212": 1600},
    "secondary": {
        "0137": 320,
        "0402": 360,
        "0104": 520,
        "0305": 640,
        "0102": 900,
        "0204": 2000,
        "0225": 1800,
    },
    "tertiary": {
        "0137": 480,
        "0101": 900,
        "0102": 800,
        "0305": 760,
        "0105": 1500,
        "0107": 1600,
        "0127": 2400,
    },
}
#: kinds that stand at places: kind of place -> category
_AT_PLACES = {"公园": "0146", "市场": "0301", "车站": "0204", "小区": "0154", "广场": "0407"}
_STATUS = (("intact", 0.945), ("damaged", 0.032), ("occupied", 0.012), ("lost", 0.007), ("removed", 0.004))
_NUMBER_EVERY_M = 9.0
_KERB_M = 2.5
#: one camera for so many grids
_CAMERA_PER = 14
_OWNER = "police"


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place for a thing: category digits, lon, lat, address."""

    kind: str
    lon: float
    lat: float
    address: str


def make_components(district: District, reference: Mapping[str, Any]) -> list[ComponentRow]:
    """Return the components of a district, by code; only kinds that the reference document knows."""
    draw = random.Random(f"components-{district.code}-{district.seed}")
    known = {
        entry["code"]: entry for entry in reference["categories"] if entry["code"].startswith("component-")
    }
    spots = [spot for spot in _spots(district, draw) if f"component-{spot.kind}" in known]
    grids = district.index.locate_many([s.lon for s in spots], [s.lat for s in spots])
    names = {unit["id"]: unit.get("short") or unit["name"] for unit in reference["departments"]}
    count: dict[str, int] = defaultdict(int)
    rows = []
    for spot, grid in zip(spots, grids, strict=True):
        if grid is None:  # a street that runs along the edge of the district
            continue
        category = known[f"component-{spot.kind}"]
        count[spot.kind] += 1
        dept = f"street-{grid[:9]}" if category["dept"] == "street" else category["dept"]
        keeper = f"{names.get(dept) or '街道'}养护{'一二三四'[int(grid[6:9]) % 4]}队"
        rows.append(
            ComponentRow(
                f"{district.code}{spot.kind}{count[spot.kind]:06d}", category["code"], category["name"], dept,
                keeper, _status(draw), spot.lon, spot.lat, grid, spot.address,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: row.code)


def _status(draw: random.Random) -> str:
    """Draw a state; nearly all are intact."""
    left = draw.random()
    for status, share in _STATUS:
        left -= share
        if left < 0:
            return status
    return _STATUS[0][0]


def _spots(district: District, draw: random.Random) -> Iterator[_Spot]:
    """Yield places along streets and at places of the base map."""
    for road in district.roads:
        for kind, every in _ALONG.get(road.klass, {}).items():
            yield from _along(road, kind, every, draw)
    for place in district.places:
        kind = _AT_PLACES.get(place.kind, "")
        if kind:
            yield _Spot(kind, place.lon, place.lat, f"{place.address}（{place.name}）")


def _along(road: Line, kind: str, every: float, draw: random.Random) -> Iterator[_Spot]:
    """Yield places beside a street, now left, now right, at roughly equal distances."""
    xy = np.array(road.coords, dtype=np.float64)
    scale = np.array(metres_per_degree(float(xy[:, 1].mean())))
    steps = np.diff(xy, axis=0) * scale
    metres = np.concatenate([[0.0], np.cumsum(np.hypot(*steps.T))])
    marks = np.arange(draw.uniform(0, every), metres[-1], every)
    marks = np.clip(marks + [draw.uniform(-0.2, 0.2) * every for _ in marks], 0.0, metres[-1])
    piece = np.clip(np.searchsorted(metres, marks, side="right") - 1, 0, len(steps) - 1)
    away = ROAD_WIDTH_M[road.klass] / 2 + _KERB_M
    for mark, n in zip(marks, piece, strict=True):
        left = draw.random() < 0.5
        east, north = steps[n] / max(float(np.hypot(*steps[n])), 1e-9)
        side = np.array([-north, east]) * (away if left else -away)
        here = xy[n] + (np.array([east, north]) * (mark - metres[n]) + side) / scale
        number = 2 * int(mark // _NUMBER_EVERY_M) + (1 if left else 2)
        yield _Spot(kind, round(float(here[0]), 7), round(float(here[1]), 7), f"{road.name}{number}号")


def make_cameras(district: District) -> list[CameraRow]:
    """Return a few dozen cameras at stations, markets, squares and along the large streets, by id."""
    draw = random.Random(f"cameras-{district.code}-{district.seed}")
    wanted = max(12, len(district.grids) // _CAMERA_PER)
    at_places = [
        _named(p.name, p.lon, p.lat) for p in district.places if p.kind in ("车站", "市场", "商场", "学校")
    ]
    on_streets = [
        _named(f"{spot.address}路段", spot.lon, spot.lat)
        for road in district.roads
        if road.klass == "primary"
        for spot in _along(road, "", 1500, draw)
    ]
    draw.shuffle(at_places)
    draw.shuffle(on_streets)
    chosen = (at_places[: wanted // 2] + on_streets)[:wanted]
    grids = district.index.locate_many([c.lon for c in chosen], [c.lat for c in chosen])
    rows = []
    for n, (camera, grid) in enumerate(zip(chosen, grids, strict=True), 1):
        if grid is not None:
            rows.append(
                replace(
                    camera, code=f"{district.code}0000132{n:07d}", heading=_heading(draw), grid=grid,
                    state=draw.choices(("on", "off", "fault"), (88, 8, 4))[0],
                )
            )  # fmt: skip
    return rows


def _named(name: str, lon: float, lat: float) -> CameraRow:
    """Return a camera that has only a name and a place yet."""
    return CameraRow("", name, lon, lat, None, "on", _OWNER, "")


def _heading(draw: random.Random) -> float | None:
    """Draw where a camera looks; one in five turns."""
    return None if draw.random() < 0.2 else float(math.floor(draw.random() * 24) * 15)


__all__: Sequence[str] = ("make_cameras", "make_components")
