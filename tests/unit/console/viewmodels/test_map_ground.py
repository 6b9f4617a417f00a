"""The ground of the maps: first picture first, finer steps after it, kept between starts, flaws told in words."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.geometry import mapping

from console.tasks.runner import Background
from console.viewmodels.areas import AreaBook
from console.viewmodels.map_ground import (
    GroundProgress,
    MapGround,
    mended_words,
    refused_words,
    shapes_of,
)
from maps.geometry.shapes import MendedArea, RefusedArea
from maps.layers import district as district_module
from maps.layers.district import EVERY_STEP
from tests.unit.maps.districts import squares


@pytest.fixture
def background() -> Iterator[Background]:
    made = Background()
    yield made
    made.close()


def listed(raw: Any) -> Any:
    """Tuples to lists, as a JSON parser gives them."""
    if isinstance(raw, dict):
        return {k: listed(v) for k, v in raw.items()}
    return [listed(v) for v in raw] if isinstance(raw, tuple | list) else raw


def feature(code: str, name: str, geometry: Any, parent: str | None = None) -> dict[str, Any]:
    known = {"code": code, "name": name, "parent": parent, "officer": {"name": "方知夏"}}
    return {"type": "Feature", "properties": known, "geometry": geometry}


def book(columns: int = 4, rows: int = 3, *more: dict[str, Any]) -> AreaBook:
    cells = [feature(s.code, s.name, listed(mapping(s.geometry))) for s in squares(columns, rows)]
    return AreaBook({"grid": {"features": [*cells, *more]}})


def done(ground: MapGround, told: list[GroundProgress]) -> Any:
    return lambda: bool(told) and told[-1].share == 1.0 and ground.district is not None


def test_the_first_picture_comes_before_the_other_steps(background: Background, qtbot: Any) -> None:
    ground = MapGround(background)
    told: list[GroundProgress] = []
    at_ready: list[tuple[int, ...]] = []
    finer: list[int] = []
    ground.progress.connect(told.append)
    ground.ready.connect(lambda: at_ready.append(ground.district.detail.steps))  # type: ignore[union-attr]  # is there
    ground.finer.connect(lambda: finer.append(len(ground.district.detail.steps)))  # type: ignore[union-attr]  # is there
    ground.prepare(book(8, 6))
    qtbot.waitUntil(done(ground, told), timeout=10_000)
    assert len(at_ready) == 1 and 0 < len(at_ready[0]) < len(EVERY_STEP)
    assert finer and finer == sorted(finer)
    assert ground.district is not None and ground.district.detail is not None
    assert ground.district.detail.steps == tuple(sorted(EVERY_STEP))
    shares = [each.share for each in told]
    assert shares == sorted(shares) and shares[0] == 0.0
    assert all(each.words for each in told)
    assert told[0].words == "正在读取区域图形"
    assert told[-1] == GroundProgress(1.0, "地图已就绪")
    assert len(ground.codes) == 48 and ground.notes == ()


def test_nothing_is_prepared_on_the_main_thread(
    background: Background, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[str] = set()
    real = district_module.prepare_areas
    finish = district_module.PreparedDistrict.finish

    def noting(*args: Any, **more: Any) -> Any:
        threads.add(threading.current_thread().name)
        return real(*args, **more)

    def noting_step(self: Any, step: int) -> Any:
        threads.add(threading.current_thread().name)
        return finish(self, step)

    monkeypatch.setattr(district_module, "prepare_areas", noting)
    monkeypatch.setattr(district_module.PreparedDistrict, "finish", noting_step)
    ground = MapGround(background)
    told: list[GroundProgress] = []
    ground.progress.connect(told.append)
    ground.prepare(book())
    qtbot.waitUntil(done(ground, told), timeout=10_000)
    assert threads and all(name.startswith("lane-geometry") for name in threads)


def test_several_maps_share_one_district(background: Background, qtbot: Any) -> None:
    ground = MapGround(background)
    seen: list[object] = []
    for _ in range(3):
        ground.ready.connect(lambda: seen.append(ground.district))
    ground.prepare(book())
    qtbot.waitUntil(lambda: len(seen) == 3, timeout=10_000)
    assert seen[0] is seen[1] is seen[2] is ground.district


def test_a_newer_book_wins_and_the_old_steps_stop(background: Background, qtbot: Any) -> None:
    ground = MapGround(background)
    told: list[GroundProgress] = []
    ground.progress.connect(told.append)
    ground.prepare(book(3, 3))
    ground.prepare(book(6, 6))
    qtbot.waitUntil(done(ground, told), timeout=10_000)
    assert len(ground.codes) == 36
    ground.prepare(book(2, 2))
    qtbot.waitUntil(lambda: len(ground.codes) == 4 and told[-1].share == 1.0, timeout=10_000)
    assert ground.district is not None and ground.district.areas is not None
    assert len(ground.district.areas.cells) == 4


def test_an_empty_book_changes_nothing(background: Background, qtbot: Any) -> None:
    ground = MapGround(background)
    ground.prepare(AreaBook({}))
    assert not background.busy and ground.district is None


def test_the_next_start_reads_what_was_kept(
    background: Background, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = MapGround(background)
    first.keep_in(tmp_path / "maps")
    told: list[GroundProgress] = []
    first.progress.connect(told.append)
    first.prepare(book())
    qtbot.waitUntil(done(first, told), timeout=10_000)
    assert any((tmp_path / "maps").iterdir())

    def not_again(*_args: Any, **_more: Any) -> Any:
        raise AssertionError("prepared a second time")

    monkeypatch.setattr(district_module, "prepare_areas", not_again)
    second = MapGround(background, folder=tmp_path / "maps")
    second.prepare(book())
    qtbot.waitUntil(lambda: second.district is not None, timeout=10_000)
    assert second.district is not None and second.district.areas is not None
    assert second.district.areas.cells.codes == first.district.areas.cells.codes  # type: ignore[union-attr]  # is there


def test_flaws_are_told_with_the_name_of_the_area(background: Background, qtbot: Any) -> None:
    ring = [[113.2, 23.1], [113.2, float("nan")], [113.21, 23.11], [113.2, 23.1]]
    wrong = [
        feature("X1", "望塔社区", {"type": "Polygon", "coordinates": [[["一", 2]]]}),
        feature("X2", "汇源社区", {"type": "Polygon", "coordinates": [ring]}),
        feature("X3", "水荫社区", {"type": "Point", "coordinates": [113.2, 23.1]}),
        feature("X4", "写反社区", listed(mapping(shapely.box(23.1, 113.2, 23.2, 113.3)))),
        feature("X5", "远方社区", listed(mapping(shapely.box(200, 10, 201, 11)))),
        feature("X6", "没图社区", None),
        feature("X7", "重叠社区", listed(mapping(shapely.box(113.2386, 23.108, 113.2435, 23.115)))),
    ]
    ground = MapGround(background)
    ground.prepare(book(4, 3, *wrong))
    qtbot.waitUntil(lambda: ground.district is not None, timeout=10_000)
    texts = {note.code: note.text for note in ground.notes}
    drawn = {note.code for note in ground.notes if note.drawn}
    assert texts["X1"] == "“望塔社区”的坐标不是数值，没有画在地图上。"
    assert texts["X2"] == "“汇源社区”的坐标含有 NaN 或无穷大，没有画在地图上。"
    assert texts["X3"] == "“水荫社区”的图形不是面，没有画在地图上。"
    assert texts["X4"] == "“写反社区”的经纬度可能写反，没有画在地图上。"
    assert texts["X5"] == "“远方社区”的坐标超出经纬度范围，没有画在地图上。"
    assert "X6" not in texts, "no polygon is no flaw"
    assert drawn and all("已修补" in texts[code] for code in drawn)
    assert ground.district is not None and ground.district.areas is not None
    assert set(squares(4, 3)[0].code.split()) <= set(ground.district.areas.cells.codes)


@pytest.mark.parametrize(
    "reason",
    [
        "empty", "not_polygon", "not_a_number", "out_of_range", "swapped", "tangled", "duplicate", "bad_level",
        "no_code",
    ],
)  # fmt: skip
def test_every_reason_has_a_sentence(reason: str) -> None:
    words = refused_words(RefusedArea("A1", reason), "望塔社区")
    assert words.startswith("“望塔社区”") and words.endswith("，没有画在地图上。")
    assert refused_words(RefusedArea("", reason), "").startswith("“未命名区域”")


def test_a_change_is_told_with_its_share() -> None:
    assert mended_words(MendedArea("A1", 0.123), "").startswith("“A1”")
    assert "12.3%" in mended_words(MendedArea("A1", 0.123), "望塔社区")


def test_polygons_are_built_once_and_the_raw_ones_let_go() -> None:
    known = book(2, 2)
    entry = known.of_level("grid")[0]
    assert entry.officer == "方知夏"
    first = entry.shape
    assert first is not None and entry.shape is first
    assert entry.geometry is not None and entry.geometry["type"] == "Polygon"
    assert shapely.geometry.shape(entry.geometry).equals(first)
    assert [s.code for s in shapes_of(known)] == sorted(s.code for s in squares(2, 2))
    none = AreaBook({"grid": {"features": [feature("A", "甲", None)]}}).of_level("grid")[0]
    assert none.shape is None and none.geometry is None and none.outline.built() == (None, "")
