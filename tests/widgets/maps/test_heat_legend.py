"""Legend of the heat: it stands where there is room, says the radius, and its figures are those of the picture."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from maps.canvas.heat_legend import SIZE, density_figure, heat_radius, heat_title
from maps.canvas.palette import MapPalette
from maps.canvas.widget import GridMapWidget
from maps.layers.cases import MapCase
from tests.widgets.maps.conftest import MakeMap, settle


def heated(make_map: MakeMap, **more: object) -> GridMapWidget:
    widget = make_map(**more)  # type: ignore[arg-type]
    widget.set_book(widget.state.book.with_option("cases", "mode", "heat"))
    return widget


def test_the_legend_stands_beside_no_other_box(
    qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]
) -> None:
    widget = heated(make_map, size=(1200, 900))
    settle(qtbot, widget)
    places = widget.furniture.plan.taken
    assert places["heat"].room.size() == SIZE
    assert not any(p.room.intersects(places["heat"].room) for name, p in places.items() if name != "heat")
    widget.set_book(widget.state.book.with_option("cases", "mode", "clusters"))
    assert "heat" not in widget.furniture.plan.taken


def test_the_legend_is_painted_with_its_figures(
    qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]
) -> None:
    widget = heated(make_map, size=(1200, 900))
    room = widget.furniture.plan.taken["heat"].room.toRect()
    settle(qtbot, widget)
    shown = widget.grab(room).toImage()
    field = widget.scene.heat.field(widget.view)
    assert field is not None
    overlay = widget.scene.palette.color("bg.overlay").rgb()
    assert sum(shown.pixel(x, 3) == overlay for x in range(shown.width())) > 250
    # Other figures, another legend: the radius of another zoom.
    widget.set_book(widget.state.book.with_option("heat", "radius_m", 900.0))
    settle(qtbot, widget)
    assert widget.grab(room).toImage() != shown


def test_in_the_light_theme_too(qtbot: QtBot, make_map: MakeMap, open_cases: list[MapCase]) -> None:
    widget = heated(make_map, size=(1200, 900))
    settle(qtbot, widget)
    room = widget.furniture.plan.taken["heat"].room.toRect()
    dark = widget.grab(room).toImage()
    widget.set_map_palette(MapPalette.load("light"))
    settle(qtbot, widget)
    assert widget.grab(room).toImage() != dark


def test_words_of_the_legend() -> None:
    assert heat_title() == "案件热力（件/平方公里）"
    assert heat_radius(300) == "半径 300 米"
    assert heat_radius(1200) == "半径 1.2 公里"


@pytest.mark.parametrize(
    ("value", "figure"), [(12_345.6, "12,346"), (10.0, "10"), (3.2, "3.2"), (0.08, "0.08"), (0.5, "0.5")]
)
def test_figures_have_as_many_places_as_they_mean(value: float, figure: str) -> None:
    assert density_figure(value) == figure
