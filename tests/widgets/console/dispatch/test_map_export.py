"""导出 on the dispatch page: what is filtered goes out, the operator hears what became of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from console.windows.dispatch.map_export import Format, MapExport, formats
from services.geo import export_files
from tests.support.fakes import settled
from tests.widgets.console.dispatch.conftest import Open


def by_key(key: str) -> Format:
    return next(choice for choice in formats() if choice.key == key)


def exported(export: MapExport, path: Path, choice: Format, qtbot: Any) -> str:
    """Export and wait for the sentence."""
    with qtbot.waitSignal(export.finished, timeout=20_000) as told:
        export.export(path, choice)
        assert export.busy
    assert not export.busy
    return str(told.args[0])


def test_pictures_and_pages_are_written(open_page: Open, qtbot: Any, tmp_path: Path) -> None:
    _, seat, page = open_page("pending_dispatch")
    settled(seat, qtbot)
    export = page.map.export
    assert exported(export, tmp_path / "图.png", by_key("png"), qtbot) == "已导出 图.png"
    image = QImage(str(tmp_path / "图.png"))
    grid_map = page.map.map
    assert (image.width(), image.height()) == (max(grid_map.width(), 480), max(grid_map.height(), 360))
    exported(export, tmp_path / "a.pdf", by_key("pdf"), qtbot)
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")


def test_only_filtered_cases_go_out(open_page: Open, qtbot: Any, tmp_path: Path) -> None:
    _, seat, page = open_page(*["pending_dispatch"] * 3)
    export = page.map.export
    exported(export, tmp_path / "all.geojson", by_key("geojson"), qtbot)
    everything = json.loads((tmp_path / "all.geojson").read_text(encoding="utf-8"))["features"]
    assert len(everything) == 3
    first = next(iter(seat.cases.values())).case
    page.queue_model.filters.show_cases([first.case_id], "选中 1 件")
    settled(seat, qtbot)
    exported(export, tmp_path / "one.geojson", by_key("geojson"), qtbot)
    doc = json.loads((tmp_path / "one.geojson").read_text(encoding="utf-8"))
    assert [feature["properties"]["案件编号"] for feature in doc["features"]] == [first.number]
    assert "选中 1 件" in doc["description"] and seat.actor.name in doc["description"]
    assert "选中 1 件" in export.title()


def test_a_geopackage_holds_cases_and_grids(open_page: Open, qtbot: Any, tmp_path: Path) -> None:
    _, seat, page = open_page(*["pending_dispatch"] * 2)
    exported(page.map.export, tmp_path / "a.gpkg", by_key("gpkg"), qtbot)
    layers = {name: pyogrio.read_info(tmp_path / "a.gpkg", layer=name)["features"]
              for name, _ in pyogrio.list_layers(tmp_path / "a.gpkg")}  # fmt: skip
    assert layers == {"案件": 2, "网格": len(seat.areas.of_level("grid"))}


@pytest.mark.parametrize("key", ["png", "pdf", "geojson", "gpkg"])
def test_what_cannot_be_written_is_said(open_page: Open, qtbot: Any, tmp_path: Path, key: str) -> None:
    choice = by_key(key)
    _, _, page = open_page("pending_dispatch")
    said = exported(page.map.export, tmp_path / "missing" / f"a{choice.suffix}", choice, qtbot)
    assert "不存在" in said and "没有保存" in said and os.listdir(tmp_path) == []


def test_a_wish_under_way_can_be_given_up(
    open_page: Open, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, page = open_page("pending_dispatch")
    export = page.map.export
    export.export(tmp_path / "a.png", by_key("png"))
    with qtbot.waitSignal(export.finished) as told:
        export.ask()  # the verb again: no dialog, the first wish is given up
    assert "已取消" in told.args[0] and not export.busy and os.listdir(tmp_path) == []
    monkeypatch.setattr(export_files, "PORTION", 1)
    export.export(tmp_path / "a.geojson", by_key("geojson"))
    with qtbot.waitSignal(export.finished) as told:
        export.cancel()
    assert told.args[0] in ("已取消，没有保存任何文件。", "已导出 a.geojson")
    export.cancel()


def test_the_dialog_offers_every_format(
    open_page: Open, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, page = open_page("pending_dispatch")
    asked: list[tuple[str, str]] = []

    def choose(_parent: object, _title: str, name: str, filters: str, _first: str) -> tuple[str, str]:
        asked.append((name, filters))
        return str(tmp_path / "我的图"), by_key("geojson").words

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    with qtbot.waitSignal(page.map.export.finished, timeout=20_000):
        page.map.map.picture_wanted.emit()
    assert os.listdir(tmp_path) == ["我的图.geojson"]
    name, filters = asked[0]
    assert name.endswith(".png") and len(filters.split(";;")) == len(formats()) == 8
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    page.map.export.ask()
    assert not page.map.export.busy
