"""Lines of sources in the panel of layers, the verb of the map's menu, and features that come, change and go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from console.tasks.runner import Background
from console.viewmodels.map_sources import MapSources
from console.windows.map_source_layers import FILL_OVER_TILES, SourcesVerb, attach_sources
from maps.canvas.menu import open_menu
from maps.canvas.palette import MapPalette
from maps.canvas.widget import GridMapWidget
from maps.geometry.areas import AreaShape
from maps.geometry.mercator import project
from services.basemaps.matrices import Plane, ladder
from services.basemaps.sources import Kind, MapSource
from tests.support.map_server import Answer, map_server
from tests.support.map_services import MemorySettings, services_in, xyz
from tests.unit.basemaps.test_pictures import picture

WEST, SOUTH, EAST, NORTH = 114.0, 30.57, 114.06, 30.61


class Desk:
    """A map with the sources of a seat."""

    def __init__(self, folder: Path) -> None:
        self.background = Background()
        self.sources = MapSources(services_in(folder), MemorySettings(), self.background)
        self.map = GridMapWidget(MapPalette.load("dark"))
        self.map.resize(640, 480)
        self.map.set_areas([AreaShape("g1", "一格", "grid", "", shapely.box(WEST, SOUTH, EAST, NORTH))])

    def line(self, layer_id: str) -> Any:
        """The line of the book, None without one."""
        return self.map.book.get(layer_id)

    def names(self) -> list[str]:
        """Labels of the features on the map."""
        return [name for layer in self.map.ground_layers() for name in layer.layer.labels]  # type: ignore[attr-defined] # features


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    qtbot.addWidget(made.map)
    made.map.show()
    yield made
    made.sources.close()
    made.background.close()


def roads(folder: Path, *names: str, file: str = "roads.geojson") -> str:
    """A file with a road for each name."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": name},
            "geometry": {
                "type": "LineString",
                "coordinates": [[WEST, SOUTH + n / 100], [EAST, SOUTH + n / 100]],
            },
        }
        for n, name in enumerate(names)
    ]
    path = folder / file
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return str(path)


def source(address: str, title: str = "道路", **more: Any) -> MapSource:
    return MapSource("roads", title, Kind.FILE, address, **more)


def test_a_renamed_source_is_called_by_its_new_name(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    path = roads(tmp_path, "环城路")
    desk.sources.save([source(path)], {})
    attach_sources(desk.map, desk.sources)
    assert desk.line("features:roads").title == "道路"
    qtbot.waitUntil(lambda: desk.names() == ["环城路"], timeout=8000)
    desk.sources.save([source(path, "城市道路")], {})
    assert desk.line("features:roads").title == "城市道路"


def test_a_source_taken_away_before_it_was_loaded_leaves_no_line(desk: Desk, tmp_path: Path) -> None:
    """Switched off, its features were never fetched: the line of the panel goes all the same."""
    desk.sources.save([source(roads(tmp_path, "环城路"), shown=False)], {})
    attach_sources(desk.map, desk.sources)
    assert not desk.line("features:roads").visible
    desk.sources.save([], {})
    assert desk.line("features:roads") is None
    assert desk.map.ground_layers() == ()


def test_a_hidden_source_is_loaded_when_it_is_switched_on(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    desk.sources.save([source(roads(tmp_path, "环城路"), shown=False)], {})
    layers = attach_sources(desk.map, desk.sources)
    layers.look()
    qtbot.waitUntil(lambda: not desk.background.busy, timeout=8000)
    assert desk.names() == []
    desk.map.change_book(desk.map.book.shown("features:roads", True))
    qtbot.waitUntil(lambda: desk.names() == ["环城路"], timeout=8000)


def test_another_file_takes_the_place_of_the_first(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    desk.sources.save([source(roads(tmp_path, "环城路"))], {})
    attach_sources(desk.map, desk.sources)
    qtbot.waitUntil(lambda: desk.names() == ["环城路"], timeout=8000)
    before = desk.map.ground_layers()[0].revision
    desk.sources.save([source(roads(tmp_path, "江北路", "江南路", file="other.geojson"))], {})
    qtbot.waitUntil(lambda: desk.names() == ["江北路", "江南路"], timeout=8000)
    (layer,) = desk.map.ground_layers()
    assert layer.revision > before, "a picture of the old one would be taken for the new one"


def test_features_that_come_after_their_source_went_are_not_drawn(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    desk.sources.save([source(roads(tmp_path, "环城路"))], {})
    layers = attach_sources(desk.map, desk.sources)
    layers.look()
    desk.sources.save([], {})
    qtbot.waitUntil(lambda: not desk.background.busy, timeout=8000)
    qtbot.wait(20)
    assert desk.map.ground_layers() == ()
    assert desk.line("features:roads") is None


def test_a_file_that_is_missing_is_told_at_its_line(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    path = roads(tmp_path, "环城路")
    Path(path).unlink()
    desk.sources.save([source(path)], {})
    attach_sources(desk.map, desk.sources)
    qtbot.waitUntil(lambda: desk.sources.state("roads") != "", timeout=8000)
    assert desk.map.layer_note("features:roads") != ""
    assert desk.sources.state("roads").rstrip().endswith("。")


def test_features_leave_the_cells_as_they_are(desk: Desk, tmp_path: Path) -> None:
    """Only tiles lie below the cells; lines above them need no cells that shine through."""
    desk.sources.save([source(roads(tmp_path, "环城路"), opacity=0.5)], {})
    attach_sources(desk.map, desk.sources)
    assert desk.map.book.opacity("fill") == 1.0
    assert desk.map.book.opacity("features:roads") == 0.5


@pytest.mark.parametrize(("shown", "opacity"), [(True, FILL_OVER_TILES), (False, 1.0)])
def test_tiles_that_are_not_shown_change_nothing_of_the_cells(
    desk: Desk, shown: bool, opacity: float
) -> None:
    tiles = MapSource("city", "底图", Kind.XYZ, "http://127.0.0.1:9/{z}/{x}/{y}", shown=shown)
    desk.sources.save([tiles], {})
    attach_sources(desk.map, desk.sources)
    assert desk.map.book.opacity("fill") == opacity
    assert desk.line("tiles:city").visible is shown


# --- the verb --------------------------------------------------------------------------------------------------


def test_the_menu_ends_with_the_sources(desk: Desk) -> None:
    attach_sources(desk.map, desk.sources)
    menu = open_menu(desk.map, QPoint(320, 240))
    words = [action.text() for action in menu.actions()]
    menu.close()
    assert words.count("底图与图层来源…") == 1
    assert words[words.index("底图与图层来源…") - 1] == "", "a line stands before it"


def test_a_trial_from_the_menu_looks_where_the_map_looks(qtbot: QtBot, desk: Desk) -> None:
    """The tile that is tried is one the operator could see."""
    with map_server(lambda asked: Answer(picture(size=(8, 8)))) as server:
        desk.sources.save([xyz(server.url)], {})
        corner = desk.map.nav.goal.centred_on(*project(EAST, NORTH).tolist())
        desk.map.nav.jump(corner.zoomed_at(8.0, corner.width / 2, corner.height / 2))
        verb = SourcesVerb(desk.map, desk.sources)
        dialog = verb.open()
        assert dialog is verb.dialog
        assert dialog.isVisible()
        with qtbot.waitSignal(dialog.editor.tried, timeout=5000) as tried:
            dialog.editor.try_current()
        dialog.close()
        assert tried.args[0].fine
        x, y = desk.map.nav.goal.cx, desk.map.nav.goal.cy
        assert (x, y) == pytest.approx(project(EAST, NORTH).tolist(), rel=1e-9), (
            "not the middle of the district"
        )
        column, _, row, _ = (
            ladder(Plane.MERCATOR, 0, 18).matrices[12].covering((x, y, x + 1, y + 1)) or (0,) * 4
        )
        assert [asked.path for asked in server.asked] == [f"/12/{column}/{row}.png"]
