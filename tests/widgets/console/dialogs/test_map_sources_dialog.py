"""底图与图层来源 by hand: list and form, masked key, errors at their fields, trial, saving, and the verb of the map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from console.tasks.runner import Background
from console.viewmodels.map_sources import MapSources
from console.windows.dialogs.map_sources import MapSourcesDialog
from console.windows.map_source_layers import SourcesVerb
from maps.canvas.menu import MenuPlace
from maps.canvas.palette import MapPalette
from maps.canvas.widget import GridMapWidget
from services.basemaps.sources import Datum, Kind, MapSource
from tests.support.map_server import Answer, MapServer, map_server
from tests.support.map_services import MemorySettings, services_in
from tests.support.tile_world import Beacon
from tests.unit.basemaps.test_pictures import picture

PLACE = (114.03, 30.59)
XYZ = MapSource("osm", "街道图", Kind.XYZ, "https://a.example/{z}/{x}/{y}", key_name="tk")
WFS = MapSource("roads", "道路", Kind.WFS, "http://g.example/wfs", layer="n:roads")


@pytest.fixture
def sources(qtbot: QtBot, tmp_path: Path) -> Iterator[MapSources]:
    background = Background()
    made = MapSources(services_in(tmp_path), MemorySettings(), background)
    made.save([XYZ, WFS], {"osm": "hidden-key"})
    yield made
    made.close()
    background.close()


@pytest.fixture
def dialog(qtbot: QtBot, window: QWidget, sources: MapSources) -> MapSourcesDialog:
    made = MapSourcesDialog(sources, PLACE, window)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def server() -> Iterator[MapServer]:
    with map_server(lambda asked: Answer(picture())) as made:
        yield made


def shown(dialog: MapSourcesDialog) -> set[str]:
    """Names of the fields that are to be seen."""
    form = dialog.form
    named = {
        "browse": form.browse,
        "layer": form.layer_name,
        "matrix_set": form.matrix_set,
        "subdomains": form.subdomains,
        "key": form.key,
        "tile_crs": form.tile_crs,
        "crs": form.crs,
        "name_field": form.name_field,
        "dark": form.dark,
    }
    return {name for name, widget in named.items() if widget.isVisible()}


def test_the_list_shows_the_topmost_first_and_its_form(dialog: MapSourcesDialog) -> None:
    texts = [dialog.list.item(n).text() for n in range(dialog.list.count())]
    assert texts == ["道路\nWFS 要素服务", "街道图\nXYZ 瓦片"]
    assert dialog.form.title.text() == "道路"
    assert shown(dialog) == {"layer", "key", "crs", "name_field"}
    dialog.list.setCurrentRow(1)
    assert dialog.form.title.text() == "街道图"
    assert shown(dialog) == {"key", "tile_crs", "dark"}


@pytest.mark.parametrize(
    ("template", "fields"),
    [
        ("tdt-vec", {"layer", "matrix_set", "subdomains", "key", "dark"}),
        ("mbtiles", {"browse", "dark"}),
        ("file", {"browse", "layer", "crs", "name_field"}),
        ("arcgis", {"layer", "key", "crs", "name_field"}),
    ],
)
def test_each_kind_has_its_fields(dialog: MapSourcesDialog, template: str, fields: set[str]) -> None:
    dialog.editor.add(template)
    assert shown(dialog) == fields
    assert dialog.list.currentRow() == 0


def test_the_key_is_masked_and_never_filled_in(dialog: MapSourcesDialog) -> None:
    dialog.list.setCurrentRow(1)
    editor = dialog.form.key.editor
    assert editor.echoMode() is QLineEdit.EchoMode.Password
    assert editor.text() == ""
    assert "已保存" in editor.placeholderText()
    everything = [w.text() for w in dialog.findChildren(QLineEdit)]
    assert not any("hidden-key" in text for text in everything)


def test_typing_changes_the_draft_and_saving_stores_it(
    qtbot: QtBot, dialog: MapSourcesDialog, sources: MapSources
) -> None:
    dialog.list.setCurrentRow(1)
    field = dialog.form.title.editor
    field.selectAll()
    qtbot.keyClicks(field, "OSM")
    qtbot.keyClicks(dialog.form.key.editor, "new-key")
    dialog.form.datum.editor.setCurrentIndex(1)
    dialog.form.datum.editor.activated.emit(1)
    assert sources.source("osm") == XYZ, "nothing is stored yet"
    qtbot.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert not dialog.isVisible()
    assert sources.source("osm") == replace(XYZ, title="OSM", datum=Datum.GCJ02)


def test_leaving_stores_nothing(qtbot: QtBot, dialog: MapSourcesDialog, sources: MapSources) -> None:
    dialog.editor.remove()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert sources.sources == (XYZ, WFS)


def test_a_wrong_source_holds_the_dialog_with_a_sentence_at_its_field(
    dialog: MapSourcesDialog, sources: MapSources
) -> None:
    dialog.editor.add("xyz")
    dialog.editor.choose("roads")
    dialog.accept()
    assert dialog.isVisible()
    assert dialog.editor.current == "xyz"
    assert dialog.form.address.error == "请填写地址。"
    assert sources.sources == (XYZ, WFS)


def test_order_and_removal_by_key_and_button(
    qtbot: QtBot, dialog: MapSourcesDialog, sources: MapSources
) -> None:
    dialog.list.setFocus()
    qtbot.keyClick(dialog, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    dialog.down.click()
    assert [dialog.list.item(n).text()[:2] for n in range(2)] == ["街道", "道路"]
    dialog.remove.click()
    dialog.remove.click()
    assert dialog.list.count() == 0
    assert dialog.empty.isVisible()
    assert not dialog.form.isVisible()
    assert dialog.remove.reason
    dialog.accept()
    assert sources.sources == ()


def test_a_trial_says_what_came_of_it(qtbot: QtBot, dialog: MapSourcesDialog, server: MapServer) -> None:
    dialog.editor.choose("osm")
    dialog.editor.set_field("address", f"{server.url}/{{z}}/{{x}}/{{y}}")
    with qtbot.waitSignal(dialog.editor.tried, timeout=5000):
        dialog.try_button.click_or_refuse()
        assert dialog.outcome.text() == "正在试连…"
        assert dialog.try_button.reason
    assert dialog.outcome.text().startswith("可以使用：")
    server.rule = lambda asked: Answer(status=403)
    with qtbot.waitSignal(dialog.editor.tried, timeout=5000):
        dialog.try_button.click_or_refuse()
    assert "403" in dialog.outcome.text()


def test_what_is_wrong_with_a_source_at_present_is_shown(
    qtbot: QtBot, dialog: MapSourcesDialog, sources: MapSources
) -> None:
    with qtbot.waitSignal(sources.state_changed, timeout=8000):
        sources.features("roads")
    assert "⚠" in dialog.list.item(0).text()
    assert dialog.outcome.text() == sources.state("roads")


def test_an_area_is_fetched_ahead_from_the_dialog(
    qtbot: QtBot, window: QWidget, sources: MapSources, server: MapServer
) -> None:
    x, y = Beacon(*PLACE).world
    made = MapSourcesDialog(sources, PLACE, window, (x - 500, y - 500, x + 500, y + 500))
    qtbot.addWidget(made)
    made.show()
    made.editor.choose("osm")
    assert made.fetch_button.isVisible()
    made.editor.set_field("address", f"{server.url}/{{z}}/{{x}}/{{y}}")
    assert made.fetch_button.reason == "请先保存，再预下载。"
    made.fetch_button.click_or_refuse()
    assert server.asked == []
    assert made.editor.save()
    made.editor.choose("roads")
    assert not made.fetch_button.isVisible()
    again = MapSourcesDialog(sources, PLACE, window, (x - 500, y - 500, x + 500, y + 500))
    qtbot.addWidget(again)
    again.show()
    again.editor.choose("osm")
    again.fetch_button.click_or_refuse()
    assert again.fetch_button.text() == "停止预下载"
    qtbot.waitUntil(lambda: not again.editor.prefetching, timeout=15000)
    assert again.outcome.text().startswith("已完成。")
    assert again.fetch_button.text() == "预下载本区"
    assert len(server.asked) > 18


def test_fetching_ahead_is_stopped_by_its_button(
    qtbot: QtBot, window: QWidget, sources: MapSources, server: MapServer
) -> None:
    sources.save([replace(XYZ, address=f"{server.url}/{{z}}/{{x}}/{{y}}")], {})
    x, y = Beacon(*PLACE).world
    made = MapSourcesDialog(sources, PLACE, window, (x - 9000, y - 9000, x + 9000, y + 9000))
    qtbot.addWidget(made)
    made.show()
    made.fetch_button.click_or_refuse()
    qtbot.waitUntil(lambda: len(server.asked) > 5, timeout=5000)
    made.fetch_button.click_or_refuse()
    qtbot.waitUntil(lambda: not made.editor.prefetching, timeout=5000)
    assert made.outcome.text().startswith("已停止。")


def test_the_menu_of_the_map_has_the_verb(qtbot: QtBot, sources: MapSources) -> None:
    grid_map = GridMapWidget(MapPalette.load("dark"))
    qtbot.addWidget(grid_map)
    grid_map.resize(900, 700)
    verb = SourcesVerb(grid_map, sources)
    menu = QMenu(grid_map)
    grid_map.menu_opening.emit(MenuPlace(menu, PLACE, "", ""))
    action = menu.actions()[-1]
    assert action.text() == "底图与图层来源…"
    action.trigger()
    assert verb.dialog is not None
    assert verb.dialog.isVisible()
    verb.dialog.reject()
