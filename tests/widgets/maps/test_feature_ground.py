"""Outside vector layers on the ground: what is left out is never seen, steps are short, themes and labels."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath
from pytestqt.qtbot import QtBot

from maps.canvas.feature_ground import FeatureGround, without_far_corners
from maps.canvas.palette import MapPalette
from maps.canvas.polygons import polygon_of
from maps.canvas.stack import GroundLayer, SteppedLayer
from maps.geometry.mercator import project
from maps.geometry.viewport import Viewport
from maps.layers.base import FeatureLayer, FeatureStyle
from tests.widgets.maps.conftest import MakeMap

LON, LAT = 113.26, 23.15
VIEW = Viewport(*project(LON, LAT).tolist(), 4.0, 200.0, 160.0)


def image_of(layer: FeatureLayer, theme: str = "dark", view: Viewport = VIEW) -> np.ndarray:
    ground = FeatureGround(layer, MapPalette.load(theme))
    return painted(lambda painter: ground.paint(painter, view), view)


def painted(paint: object, view: Viewport = VIEW) -> np.ndarray:
    image = QImage(round(view.width), round(view.height), QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    paint(painter)  # type: ignore[operator]
    painter.end()
    flat = np.frombuffer(image.constBits(), np.uint32)
    return flat.reshape(image.height(), image.bytesPerLine() // 4)[:, : image.width()] & 0xFFFFFF


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(LON + west, LAT + south, LON + east, LAT + north)


CORNERS = st.lists(st.tuples(st.floats(-900, 1100), st.floats(-900, 1060)), min_size=3, max_size=25)


@settings(max_examples=150)
@given(CORNERS)
def test_corners_that_are_left_out_change_nothing_in_view(corners: list[tuple[float, float]]) -> None:
    ring = np.array([*corners, corners[0]])
    fewer = without_far_corners(ring, VIEW)
    assert len(fewer) <= len(ring)

    def fill(xy: np.ndarray) -> np.ndarray:
        path = QPainterPath()
        path.addPolygon(polygon_of(xy))
        return painted(lambda painter: painter.fillPath(path, QColor("white")))

    assert np.array_equal(fill(ring), fill(fewer))


def test_a_long_coast_far_away_keeps_few_corners() -> None:
    x = np.linspace(-5000, -300, 4000)
    ring = np.column_stack([x, 80 + 40 * np.sin(x)])
    ring = np.vstack([ring, [[100, 80], [-5000, 300]], ring[:1]])
    assert len(without_far_corners(ring, VIEW)) < 10


def test_holes_stay_open_and_the_style_is_taken() -> None:
    ring = box(-0.003, -0.002, 0.003, 0.002).difference(box(-0.001, -0.001, 0.001, 0.001))
    style = FeatureStyle(token="map.drawn.green", width=2.0, fill=1.0)
    shown = image_of(FeatureLayer.of("x", "绿地", [ring], style=style))
    middle, rim = shown[80, 100], shown[80, 100 - 50]
    assert int(middle) == 0
    assert QColor(int(rim)).name() == MapPalette.load("dark").color("map.drawn.green").name()
    hollow = image_of(FeatureLayer.of("x", "", [ring], style=FeatureStyle(fill=0.0)))
    assert int(hollow[80, 50]) == 0
    assert np.count_nonzero(hollow) > 200


def test_lines_points_and_labels_are_drawn() -> None:
    line = shapely.LineString([(LON - 0.005, LAT), (LON + 0.005, LAT)])
    plain = FeatureLayer.of("x", "", [line])
    assert np.count_nonzero(image_of(plain)[78:83]) > 150
    dot = FeatureLayer.of("x", "", [shapely.Point(LON, LAT)])
    assert 15 < np.count_nonzero(image_of(dot)) < 80
    named = FeatureLayer.of("x", "", [line], ["环山路"], FeatureStyle(label_field="name"))
    assert not np.array_equal(image_of(named), image_of(plain))
    unnamed = FeatureLayer.of("x", "", [line], ["环山路"])
    assert np.array_equal(image_of(unnamed), image_of(plain))


def test_names_do_not_lie_on_one_another() -> None:
    points = [shapely.Point(LON + i * 1e-5, LAT) for i in range(40)]
    style = FeatureStyle(label_field="name")
    many = image_of(FeatureLayer.of("x", "", points, ["名称"] * 40, style))
    few = image_of(FeatureLayer.of("x", "", points, [""] * 40, style))
    # One or two names, not forty.
    assert 0 < np.count_nonzero(many != few) < 1200


def test_nothing_in_view_draws_nothing() -> None:
    layer = FeatureLayer.of("x", "", [shapely.box(10, 10, 11, 11)])
    assert not np.any(image_of(layer))
    assert not np.any(image_of(FeatureLayer.of("x", "", [])))


def test_it_follows_the_protocol_and_the_theme() -> None:
    layer = FeatureLayer.of("green", "绿地", [box(-0.003, -0.002, 0.003, 0.002)])
    ground = FeatureGround(layer, MapPalette.load("dark"))
    assert isinstance(ground, GroundLayer) and isinstance(ground, SteppedLayer)
    assert ground.key == "features:green"
    before = ground.revision
    ground.set_palette(MapPalette.load("light"))
    assert ground.revision > before
    assert not np.array_equal(image_of(layer, "dark"), image_of(layer, "light"))


def test_two_hundred_thousand_corners_are_drawn_in_short_steps() -> None:
    rng = np.random.default_rng(4)
    lines = [
        shapely.LineString(
            np.column_stack(
                [LON + np.cumsum(rng.normal(0, 4e-5, 500)), LAT + np.cumsum(rng.normal(0, 4e-5, 500))]
            )
        )
        for _ in range(400)
    ]
    layer = FeatureLayer.of("x", "", lines)
    assert len(layer.xy) == 200_000
    ground = FeatureGround(layer, MapPalette.load("dark"))
    painted(lambda painter: ground.paint(painter, VIEW))
    image = QImage(200, 160, QImage.Format.Format_RGB32)
    floor = min(spent(lambda: np.sort(rng.random(200_000))) for _ in range(3))
    painter = QPainter(image)
    worst, turns = 0.0, 0
    steps = ground.steps(painter, VIEW)
    while True:
        begun = time.thread_time()
        if next(steps, steps) is steps:
            break
        worst, turns = max(worst, time.thread_time() - begun), turns + 1
    painter.end()
    assert turns > 3
    assert worst < 6 * floor


def spent(work: object) -> float:
    start = time.thread_time()
    work()  # type: ignore[operator]
    return time.thread_time() - start


@pytest.mark.parametrize("name", ["features:green"])
def test_a_layer_on_the_map_is_shown_moved_and_taken_away(qtbot: QtBot, make_map: MakeMap, name: str) -> None:
    widget = make_map()
    bare = widget.grab().toImage()
    style = FeatureStyle(token="map.drawn.brown", fill=0.8)
    widget.set_features(FeatureLayer.of("green", "绿地", [box(-0.02, -0.02, 0.02, 0.02)], style=style))
    widget.refresh_now()
    shown = widget.grab().toImage()
    assert shown != bare
    assert [s.id for s in widget.book.over()][-1] == name
    # Below the fill it is hidden by it.
    for _ in range(4):
        widget.set_book(widget.book.moved(name, -1))
    assert name in [s.id for s in widget.book.under()]
    widget.refresh_now()
    assert widget.grab().toImage() != shown
    widget.drop_ground_layer(name)
    widget.refresh_now()
    assert widget.grab().toImage() == bare
    widget.drop_ground_layer(name)
