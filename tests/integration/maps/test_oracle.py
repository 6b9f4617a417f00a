"""The cell picked from the picture is the one that shapely names, at any zoom, ratio and after any pan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from maps.canvas.ground import Ground
from maps.canvas.palette import MapPalette
from maps.canvas.scene import Scene
from maps.geometry.areas import PreparedAreas
from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Viewport
from maps.layers.district import PreparedDistrict
from maps.layers.state import MapState
from tests.integration.maps.cities import prepared

pytestmark = pytest.mark.usefixtures("qapp")
POINTS = 10_000
SIZE = (1000.0, 700.0)
CITIES = ("demo", "generated", "wales")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("city")


def scene_of(district: PreparedDistrict) -> tuple[Scene, MapState, PreparedAreas]:
    state = MapState()
    state.set_prepared(district)
    assert state.areas is not None
    assert state.detail is not None
    return Scene(state, MapPalette.load()), state, state.areas


def draw(scene: Scene, state: MapState, view: Viewport, ratio: float) -> None:
    assert state.detail is not None
    state.detail.at(view.scale / ratio)
    scene.ground.finish(view, ratio)


def far_from_edges(areas: PreparedAreas, xy: FloatArray, reach: float) -> np.ndarray:
    """Which points have no border within a distance."""
    if len(xy) == 0:
        return np.zeros(0, dtype=bool)
    tree = shapely.STRtree(shapely.boundary(areas.cells.geometry))
    near = tree.query(shapely.points(xy), predicate="dwithin", distance=reach)[0]
    far = np.ones(len(xy), dtype=bool)
    far[near] = False
    return far


def pixels(view: Viewport, ratio: float, count: int, seed: int) -> FloatArray:
    """World points in the middle of random device pixels of a view."""
    rng = np.random.default_rng(seed)
    pixel = view.scale / ratio
    west, south, east, north = view.bounds
    # The ground lies on whole pixels from the origin of the world.
    columns = rng.integers(np.ceil(west / pixel), np.floor(east / pixel) - 1, count)
    rows = rng.integers(np.ceil(south / pixel), np.floor(north / pixel) - 1, count)
    return (np.column_stack([columns, rows]) + 0.5) * pixel


def check(
    scene: Scene, state: MapState, areas: PreparedAreas, view: Viewport, ratio: float, count: int
) -> int:
    """Compare picture and geometry at random pixels; how many of them lay inside a cell."""
    xy = pixels(view, ratio, count, seed=int(view.cx) % 1000)
    assert state.picker is not None
    wanted = state.picker.pick_many(xy)
    screen = view.to_screen(xy)
    drawn = [scene.ground.cell_at(view, px, py) for px, py in screen.tolist()]
    assert None not in drawn, "the picture answers for the whole view at rest"
    wrong = np.flatnonzero(np.array(drawn) != wanted)
    wrong = wrong[far_from_edges(areas, xy[wrong], view.scale / ratio)]
    assert len(wrong) == 0, (xy[wrong[:3]], wanted[wrong[:3]], [drawn[i] for i in wrong[:3]])
    return int((wanted >= 0).sum())


@pytest.mark.parametrize("name", CITIES)
def test_ten_thousand_points_are_in_the_cell_that_is_drawn_there(name: str, folder: Path) -> None:
    scene, state, areas = scene_of(prepared(name, folder))
    whole = Viewport.fit(areas.extent, *SIZE)
    assert state.picker is not None
    inside = 0
    views = [(1.0, 1.0), (1.25, 3.7), (2.0, 14.0), (2.0, 1.0), (1.0, 3.7), (1.25, 14.0)]
    for ratio, factor in views:
        view = whole.zoomed_at(factor, 520.0, 330.0)
        if state.picker.pick(view.cx, view.cy) < 0:
            view = view.centred_on(*map(float, areas.cells.anchors[len(areas.cells) // 2]))
        draw(scene, state, view, ratio)
        inside += check(scene, state, areas, view, ratio, POINTS // len(views) + 1)
    assert inside > POINTS / 5


@pytest.mark.parametrize("name", CITIES)
def test_a_pan_keeps_its_panes_and_stays_right(name: str, folder: Path) -> None:
    scene, state, areas = scene_of(prepared(name, folder))
    view = Viewport.fit(areas.extent, *SIZE).zoomed_at(2.3, 500.0, 350.0)
    draw(scene, state, view, 1.25)
    for dx, dy in ((333.3, 0.0), (-90.4, 211.7), (0.0, -760.2), (-512.6, 77.1)):
        kept = {id(p) for p in scene.ground.panes()}
        view = view.panned(dx, dy)
        draw(scene, state, view, 1.25)
        assert kept & {id(p) for p in scene.ground.panes()}, "what overlaps is used again"
        check(scene, state, areas, view, 1.25, 1500)


def test_a_picture_on_the_way_does_not_answer(folder: Path) -> None:
    scene, state, areas = scene_of(prepared("demo", folder))
    view = Viewport.fit(areas.extent, *SIZE)
    draw(scene, state, view, 1.0)
    moved = view.zoomed_at(1.7, 100.0, 100.0)
    assert scene.ground.cell_at(moved, 500.0, 350.0) is None
    x, y = moved.to_world((500.0, 350.0))
    assert state.picker is not None
    assert scene.cell_at(moved, 500.0, 350.0) == state.picker.pick(float(x), float(y)) >= 0


def test_every_pixel_of_the_district_belongs_to_a_cell(folder: Path) -> None:
    """There is no gap between two cells, at any zoom."""
    _, state, areas = scene_of(prepared("demo", folder))
    whole = shapely.union_all(areas.cells.geometry)
    for factor in (1.0, 4.3):
        view = Viewport.fit(areas.extent, *SIZE, padding=0.0).zoomed_at(factor, 500.0, 350.0)
        ground = Ground(state, MapPalette.load())
        ground.finish(view, 1.0)
        inner = whole.buffer(-2 * view.scale)
        shapely.prepare(inner)
        for pane in ground.panes():
            assert pane.ids is not None
            row, column = np.nonzero(pane.ids == 0)
            x = pane.frame.west + (column + 0.5) * pane.frame.pixel
            y = pane.frame.north - (row + 0.5) * pane.frame.pixel
            assert not shapely.contains_xy(inner, x, y).any()
