"""The ground picture: borders, roads, water, and the parts that are switched off."""

from __future__ import annotations

import pytest
import shapely
from PySide6.QtGui import QColor, QImage

from maps.canvas.base_painters import LEAST_ROAD_PX
from maps.canvas.ground import Ground
from maps.canvas.palette import MapPalette
from maps.geometry.areas import AreaShape
from maps.geometry.mercator import project
from maps.geometry.viewport import Viewport
from maps.layers.areas import AreaFigures
from maps.layers.base import BaseLayer, BaseShape
from maps.layers.state import MapState

pytestmark = pytest.mark.usefixtures("qapp")
WEST, SOUTH, SIDE = 113.2, 23.1, 0.02
DARK = MapPalette.load("dark")


def four() -> MapState:
    """Two streets side by side, two grids in each, one above the other; all with one case."""
    state = MapState()
    cells = []
    for i in range(2):
        for j in range(2):
            box = shapely.box(
                WEST + SIDE * i, SOUTH + SIDE * j, WEST + SIDE * (i + 1), SOUTH + SIDE * (j + 1)
            )
            cells.append(AreaShape(f"44019900{i + 1}001{j + 1:03d}", "", "grid", None, box))
    state.set_areas(cells)
    state.set_figures({c.code: AreaFigures(5) for c in cells})
    return state


def view_at(metres_per_pixel: float, u: float = 1.0, v: float = 1.0) -> Viewport:
    """A view of 400 × 300 pixels centred on a point of the four cells."""
    x, y = (float(c) for c in project(WEST + SIDE * u, SOUTH + SIDE * v))
    view = Viewport(x, y, 1.0, 400, 300)
    return view.zoomed_at(view.metres_per_pixel / metres_per_pixel, 200, 150)


def painted(state: MapState, view: Viewport) -> QImage:
    return Ground(state, DARK).picture(view, 1.0).toImage()


def row(image: QImage, y: int, around: int = 200, reach: int = 6) -> list[str]:
    return [image.pixelColor(x, y).name() for x in range(around - reach, around + reach + 1)]


def brightness(name: str) -> int:
    return QColor(name).lightness()


FILL = DARK.color("map.density_ramp.2").name()


def test_a_grid_line_is_a_gap_in_the_ground_colour() -> None:
    image = painted(four(), view_at(2.0, 0.5, 1.0))
    column = [image.pixelColor(200, y).name() for y in range(140, 161)]
    assert column[0] == column[-1] == FILL
    assert min(brightness(c) for c in column) < brightness(FILL)
    assert max(brightness(c) for c in column) <= brightness(FILL)


def test_a_street_border_is_bright_and_dashed_at_middle_zooms() -> None:
    state = four()
    for metres, dashed in ((8.0, True), (2.0, False)):
        image = painted(state, view_at(metres, 1.0, 0.5))
        line = [max(brightness(c) for c in row(image, y, reach=2)) for y in range(60, 240)]
        bright = [v > brightness(FILL) + 25 for v in line]
        assert any(bright)
        assert all(bright) is not dashed


def test_the_district_border_is_brightest_and_has_a_halo() -> None:
    image = painted(four(), view_at(8.0, 0.0, 1.0))
    line = [brightness(c) for c in row(image, 150, reach=5)]
    assert max(line) > 150
    assert min(line) < brightness(FILL)


def test_there_are_no_grid_lines_over_the_whole_city() -> None:
    state = four()
    image = painted(state, view_at(45.0, 0.5, 1.0))
    column = {image.pixelColor(200, y).name() for y in range(135, 166)}
    assert len(column) == 1


def test_lines_stay_when_the_grid_layer_is_off_and_fills_go() -> None:
    state = four()
    state.show_layer("grid", False)
    image = painted(state, view_at(2.0, 1.0, 0.5))
    assert image.pixelColor(60, 150) == DARK.color("map.sea")
    assert max(brightness(c) for c in row(image, 150, reach=2)) > 60


def test_roads_have_their_width_on_the_ground() -> None:
    state = four()
    road = BaseShape(
        shapely.LineString([(WEST, SOUTH + SIDE * 0.5), (WEST + 2 * SIDE, SOUTH + SIDE * 0.5)]), "", 40.0
    )
    state.set_base(BaseLayer.of([road]))
    image = painted(state, view_at(2.0, 0.5, 0.5))
    colour = DARK.color("map.road").name()
    wide = sum(image.pixelColor(100, y).name() == colour for y in range(300))
    assert wide == pytest.approx(20, abs=2)


def test_roads_too_thin_to_see_are_left_out() -> None:
    state = four()
    road = BaseShape(
        shapely.LineString([(WEST, SOUTH + SIDE * 0.5), (WEST + 2 * SIDE, SOUTH + SIDE * 0.5)]), "", 10.0
    )
    bare = painted(state, view_at(30.0, 0.5, 0.5))
    state.set_base(BaseLayer.of([road]))
    assert painted(state, view_at(30.0, 0.5, 0.5)) == bare
    assert painted(state, view_at(10.0 / LEAST_ROAD_PX / 1.1, 0.5, 0.5)) != painted(
        four(), view_at(10.0 / LEAST_ROAD_PX / 1.1, 0.5, 0.5)
    )


def test_a_road_of_unknown_width_is_always_drawn() -> None:
    state = four()
    bare = painted(state, view_at(30.0, 0.5, 0.5))
    state.set_base(BaseLayer.of([shapely.LineString([(WEST, SOUTH), (WEST + SIDE, SOUTH + SIDE)])]))
    assert painted(state, view_at(30.0, 0.5, 0.5)) != bare


def test_water_is_filled_and_its_islands_are_not() -> None:
    state = four()
    lake = shapely.box(WEST + SIDE * 0.2, SOUTH + SIDE * 0.2, WEST + SIDE * 0.8, SOUTH + SIDE * 0.8)
    island = shapely.box(WEST + SIDE * 0.4, SOUTH + SIDE * 0.4, WEST + SIDE * 0.6, SOUTH + SIDE * 0.6)
    state.set_base(BaseLayer.of((), [lake.difference(island)]))
    view = view_at(8.0, 0.5, 0.5)
    image = painted(state, view)
    inside = view.to_screen(project(WEST + SIDE * 0.3, SOUTH + SIDE * 0.3))
    assert image.pixelColor(round(inside[0]), round(inside[1])) == DARK.color("map.water")
    assert image.pixelColor(200, 150).name() == FILL
    state.show_layer("base", False)
    assert painted(state, view).pixelColor(round(inside[0]), round(inside[1])).name() == FILL


def test_a_river_as_a_line_has_its_width() -> None:
    state = four()
    line = shapely.LineString([(WEST, SOUTH + SIDE * 0.5), (WEST + SIDE * 2, SOUTH + SIDE * 0.5)])
    state.set_base(BaseLayer.of((), [BaseShape(line, "示例河", 80.0)]))
    image = painted(state, view_at(4.0, 0.5, 0.5))
    colour = DARK.color("map.water").name()
    assert sum(image.pixelColor(100, y).name() == colour for y in range(300)) == pytest.approx(20, abs=2)


def test_land_around_the_district() -> None:
    state = four()
    around = shapely.box(WEST - SIDE, SOUTH, WEST, SOUTH + SIDE)
    state.set_base(BaseLayer.of((), (), [around]))
    image = painted(state, view_at(8.0, -0.4, 0.5))
    assert image.pixelColor(200, 150) == DARK.color("map.outside")


def test_holes_of_a_cell_are_not_filled() -> None:
    state = MapState()
    outer = shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
    hole = shapely.box(WEST + SIDE * 0.4, SOUTH + SIDE * 0.4, WEST + SIDE * 0.6, SOUTH + SIDE * 0.6)
    state.set_areas([AreaShape("440199001001001", "", "grid", None, outer.difference(hole))])
    state.set_figures({"440199001001001": AreaFigures(5)})
    image = painted(state, view_at(8.0, 0.5, 0.5))
    assert image.pixelColor(200, 150) == DARK.color("map.sea")
    assert image.pixelColor(110, 150).name() == FILL


def test_both_parts_of_a_divided_cell_are_filled() -> None:
    state = MapState()
    parts = shapely.MultiPolygon(
        [
            shapely.box(WEST, SOUTH, WEST + SIDE * 0.4, SOUTH + SIDE),
            shapely.box(WEST + SIDE * 0.6, SOUTH, WEST + SIDE, SOUTH + SIDE),
        ]
    )
    state.set_areas([AreaShape("440199001001001", "", "grid", None, parts)])
    state.set_figures({"440199001001001": AreaFigures(5)})
    image = painted(state, view_at(8.0, 0.5, 0.5))
    assert image.pixelColor(110, 150).name() == image.pixelColor(290, 150).name() == FILL
    assert image.pixelColor(200, 150) == DARK.color("map.sea")


def test_a_part_of_no_street_has_no_data_when_streets_are_filled() -> None:
    state = MapState()
    state.set_areas(
        [
            AreaShape("A", "", "grid", "S", shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)),
            AreaShape("B", "", "grid", None, shapely.box(WEST + SIDE, SOUTH, WEST + 2 * SIDE, SOUTH + SIDE)),
            AreaShape("S", "一街", "street", None, shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)),
        ]
    )
    state.set_figures({"A": AreaFigures(30), "B": AreaFigures(30)})
    view = view_at(45.0, 1.0, 0.5)
    image = painted(state, view)
    colours = {image.pixelColor(x, y).name() for x in range(206, 230) for y in range(140, 160)}
    assert len(colours) > 2
    assert image.pixelColor(180, 150).name() == FILL


def test_the_hatch_stays_where_it_is_on_the_ground() -> None:
    state = four()
    state.set_offline(True, "离线")
    view = view_at(2.0, 0.5, 0.5)
    here = painted(state, view)
    there = painted(state, view.panned(-37, 0))
    same = sum(here.pixel(x + 37, y) == there.pixel(x, y) for x in range(0, 300, 3) for y in range(0, 300, 3))
    assert same > 0.9 * 100 * 100


def test_nothing_to_draw_is_plain_ground() -> None:
    image = painted(MapState(), view_at(8.0))
    assert {image.pixelColor(x, y).name() for x in range(0, 400, 40) for y in range(0, 300, 30)} == {
        DARK.color("map.sea").name()
    }
