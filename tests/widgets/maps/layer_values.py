"""Invented officers, cameras, components, tracks and drawn marks for the map of the tests."""

from __future__ import annotations

import numpy as np

from maps.canvas.widget import GridMapWidget
from maps.layers.cameras import MapCamera
from maps.layers.components import ComponentLayer
from maps.layers.drawings import DrawingLayer, DrawnMark
from maps.layers.officers import MapOfficer
from maps.layers.tracks import OfficerTrack

NOW = 1_795_000_000.0
LON, LAT = 113.26, 23.15
"""Middle of the invented district."""


def officers() -> list[MapOfficer]:
    """Five on one spot, one alone in contact, one alone and lost."""
    crowd = [MapOfficer(f"x{i}", f"林{i}", LON + i * 1e-6, LAT, i == 1, seen_at=NOW - 30) for i in range(5)]
    alone = MapOfficer("y", "方知夏", LON + 0.004, LAT, area_name="望塔-05", seen_at=NOW - 125)
    lost = MapOfficer("z", "何静姝", LON, LAT + 0.004, seen="14:07", seen_at=NOW - 4000)
    return [*crowd, alone, lost]


def cameras() -> list[MapCamera]:
    """One that looks north, one watched, one lost, one without a heading."""
    return [
        MapCamera("a", "路口北", LON, LAT, 0.0),
        MapCamera("b", "桥头", LON + 0.002, LAT, 90.0, watched=True),
        MapCamera("c", "广场", LON + 0.004, LAT, 180.0, lost=True, since="14:02"),
        MapCamera("d", "站前", LON + 0.006, LAT),
    ]


def components(n: int = 3000, seed: int = 3) -> ComponentLayer:
    """Components spread over the middle of the district, one in ten damaged; the first stands in the middle."""
    rng = np.random.default_rng(seed)
    lon, lat = LON + (rng.random(n) - 0.5) / 20, LAT + (rng.random(n) - 0.5) / 20
    lon[0], lat[0] = LON, LAT
    lon[1], lat[1] = LON + 0.0006, LAT
    codes = [f"440199{1 + i % 5:02d}01{i:06d}" for i in range(n)]
    state = ["破损" if i % 10 == 1 else "完好" for i in range(n)]
    return ComponentLayer.of_columns(
        codes, lon, lat, ["雨水井盖"] * n, ["市政园林中心"] * n, ["养护一队"] * n, state
    )


def track() -> OfficerTrack:
    """A way with a stay and a gap of half an hour."""
    t = np.concatenate([np.arange(0, 1800, 30), np.arange(3600, 5400, 30)]).astype(float)
    east = np.where(t < 900, 0.0, (t - 900) * 0.7)
    return OfficerTrack.of("o1", "方知夏", NOW + t, LON + east / 102_000, np.full(len(t), LAT))


def drawings() -> DrawingLayer:
    """A mark of each shape."""
    layer = DrawingLayer()
    for mark in (
        DrawnMark("area", "polygon", ((LON - 0.01, LAT), (LON, LAT), (LON, LAT + 0.01)), "警戒区", "brown"),
        DrawnMark("way", "line", ((LON, LAT), (LON + 0.01, LAT), (LON + 0.01, LAT + 0.01)), "绕行", "blue"),
        DrawnMark(
            "spot", "point", ((LON - 0.006, LAT - 0.004),), "集结点", "violet", "方知夏", "2026-11-20T14:02"
        ),
        DrawnMark("word", "text", ((LON + 0.004, LAT - 0.004),), "演练区域", "green"),
    ):
        layer = layer.put(mark)
    return layer


def fill(widget: GridMapWidget) -> None:
    """Give a map one of everything, all layers shown."""
    widget.set_now(NOW)
    widget.set_officers(officers())
    widget.set_cameras(cameras())
    widget.set_components(components())
    widget.set_track(track())
    widget.set_drawings(drawings())
    book = widget.book
    for spec in book.layers:
        book = book.shown(spec.id, True)
    widget.set_book(book)


def only(widget: GridMapWidget, *names: str) -> None:
    """Show these layers of marks and no others."""
    book = widget.book
    for spec in book.layers:
        ground = spec.id in ("base.sea", "outside", "fill", "water", "roads", "borders")
        book = book.shown(spec.id, ground or spec.id in names)
    widget.set_book(book)
    widget.refresh_now()


def look_at(widget: GridMapWidget, metres_per_pixel: float) -> None:
    """Bring the middle of the district to the middle at a true scale."""
    from maps.geometry.mercator import project

    x, y = project(LON, LAT).tolist()
    view = widget.view.centred_on(x, y)
    widget.nav.jump(view.zoomed_at(view.metres_per_pixel / metres_per_pixel, view.width / 2, view.height / 2))
    widget.refresh_now()
