"""Map sources in the whole console: saved, on the dispatch map, there again offline, the key nowhere to be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from console.app.bootstrap import CentreDoor
from console.app.controller import Controller
from console.app.paths import Paths
from console.windows.dispatch.page import DispatchPage
from maps.canvas.tiles import TileLayer
from services.basemaps.sources import Kind, MapSource
from tests.support.centres import PASSWORD, Hall, open_hall
from tests.support.map_server import Answer, map_server
from tests.unit.basemaps.test_pictures import picture

KEY = "3f9c2b71d0a84e5f-secret"


@pytest.fixture(scope="module")
def hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall("sqlite", request, tmp_path_factory.mktemp("map-sources")) as made:
        yield made


def seated(hall: Hall, paths: Paths, qtbot: Any) -> tuple[Controller, DispatchPage]:
    controller = Controller(CentreDoor(hall.base(), paths))
    controller.start()
    page = controller.sign_in
    assert page is not None
    page.username.setText("dispatcher1")
    page.password.setText(PASSWORD)
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: controller.shell is not None, timeout=20_000)
    assert controller.shell is not None
    work = controller.shell.workspaces["dispatch"]
    assert isinstance(work, DispatchPage)
    return controller, work


def ended(controller: Controller) -> None:
    assert controller.shell is not None
    controller.shell.close()
    controller.shell.deleteLater()
    controller.close()


def drawn(page: DispatchPage) -> bool:
    """Whether the map of the dispatcher holds every tile its view wants."""
    grid_map = page.map.map
    layers = [layer for layer in grid_map.ground_layers() if isinstance(layer, TileLayer)]
    if not layers or not layers[0].size_bytes:
        return False
    return layers[0].aim(grid_map.nav.goal, grid_map.devicePixelRatioF()) == ()


@pytest.mark.timeout(120)
def test_a_source_is_saved_drawn_and_there_again_offline(hall: Hall, tmp_path: Path, qtbot: Any) -> None:
    paths = Paths(tmp_path).make()
    with map_server(lambda asked: Answer(picture())) as server:
        controller, page = seated(hall, paths, qtbot)
        assert controller.seat is not None
        sources = controller.seat.map_sources
        assert sources is not None
        address = f"{server.url}/{{z}}/{{x}}/{{y}}.png"
        sources.save([MapSource("city", "市局底图", Kind.XYZ, address, key_name="tk")], {"city": KEY})
        qtbot.waitUntil(lambda: drawn(page), timeout=15_000)
        assert all(asked.query == {"tk": KEY} for asked in server.asked)
        assert "tiles:city" in page.map.map.book.ids()
        ended(controller)
        for file in tmp_path.rglob("*"):
            assert not file.is_file() or KEY.encode() not in file.read_bytes(), file
        server.rule = lambda asked: Answer(status=503)
        controller, page = seated(hall, paths, qtbot)
        qtbot.waitUntil(lambda: drawn(page), timeout=15_000)
        again = controller.seat
        assert again is not None
        assert again.map_sources is not None
        assert again.map_sources.has_key("city")
        ended(controller)
