"""Prepared districts on disk: the second start, and files that are not what they should be."""

from __future__ import annotations

import dataclasses
import io
import os
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely

from maps.geometry.areas import AreaShape
from maps.geometry.kept_district import AREAS, PLAN, ShelfKeeper, keep_areas, take_areas
from maps.geometry.shelf import (
    Shelf,
    content_key,
    packed,
    packed_mask,
    packed_shapes,
    unpacked,
    unpacked_mask,
    unpacked_shapes,
)
from maps.layers.district import EVERY_STEP, PreparedDistrict, prepare_district
from tests.unit.maps.districts import on_the_ground, squares, voronoi


def shapes() -> list[AreaShape]:
    cells = [dataclasses.replace(s, name=f"望塔街道🙂{i}") for i, s in enumerate(squares(6, 4))]
    return [*cells, AreaShape("", "没有编码", "grid", None, shapely.box(1, 1, 2, 2))]


def same(one: PreparedDistrict, other: PreparedDistrict) -> None:
    a, b = one.areas, other.areas
    assert a is not None and b is not None and one.detail is not None and other.detail is not None
    assert list(a.levels) == list(b.levels) and a.finest == b.finest
    assert (one.refused, a.mended, a.valid_coverage) == (other.refused, b.mended, b.valid_coverage)
    for name, level in a.levels.items():
        there = b.levels[name]
        assert (level.codes, level.names, level.index) == (there.codes, there.names, there.index)
        for what in ("parents", "bounds", "anchors", "radii"):
            assert np.array_equal(getattr(level, what), getattr(there, what)), (name, what)
        assert np.array_equal(a.owners[name], b.owners[name])
        assert bool(np.all(shapely.equals(level.geometry, there.geometry)))
    for step in EVERY_STEP:
        mine, theirs = one.detail.finish(step), other.detail.finish(step)
        assert mine.step == theirs.step
        for table in ("rings", "lines"):
            for field in dataclasses.fields(getattr(mine, table)):
                left, right = (getattr(getattr(d, table), field.name) for d in (mine, theirs))
                assert np.array_equal(left, right), (step, table, field.name)


def files(folder: Path) -> list[str]:
    return sorted(path.name.split(".", 1)[1] for path in folder.iterdir())


def test_the_second_start_gives_the_same_district(tmp_path: Path) -> None:
    first = prepare_district(shapes(), cache=tmp_path / "maps")
    written = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "maps").iterdir()}
    assert files(tmp_path / "maps")[:2] == ["areas.npz", "plan.npz"]
    second = prepare_district(shapes(), cache=tmp_path / "maps")
    assert set(written) == {p.name for p in (tmp_path / "maps").iterdir()}
    same(first, second)
    same(first, prepare_district(shapes()))


def test_the_second_start_is_many_times_faster(tmp_path: Path) -> None:
    city = on_the_ground(voronoi(3000, 1, side=30_000.0, bent=3.0))
    begin = time.process_time()
    prepare_district(city, cache=tmp_path)
    first = time.process_time() - begin
    begin = time.process_time()
    prepare_district(city, cache=tmp_path)
    assert time.process_time() - begin < first / 4


def test_everything_that_matters_is_in_the_key() -> None:
    base = squares(2, 2)
    keys = {content_key(base)}
    other = base[0]
    for changed in (
        dataclasses.replace(other, code="440199001001999"),
        dataclasses.replace(other, name="别名"),
        dataclasses.replace(other, parent="440199"),
        dataclasses.replace(other, level="community"),
        dataclasses.replace(other, geometry=shapely.transform(other.geometry, lambda xy: xy + 1e-9)),
    ):
        keys.add(content_key([changed, *base[1:]]))
    keys.add(content_key(base[1:]))
    keys.add(content_key([]))
    keys.add(content_key([*base[1:], base[0]]))
    assert len(keys) == 9
    assert content_key(base) == content_key(squares(2, 2))
    assert content_key([AreaShape("A", "", "grid", None, None)])  # type: ignore[arg-type]  # a centre may send null


def broken(kind: str, whole: bytes) -> bytes:
    """A file in the place of a good one."""
    if kind == "empty":
        return b""
    if kind == "cut":
        return whole[: len(whole) // 2]
    if kind == "one bit":
        at = len(whole) // 2
        return whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
    if kind == "no header":
        stream = io.BytesIO()
        np.savez(stream, arc_xy=np.zeros((3, 2)))
        return stream.getvalue()
    if kind == "pickle":
        stream = io.BytesIO()
        np.savez(stream, header=np.array([{"format": "griddesk-district"}], dtype=object))
        return stream.getvalue()
    if kind == "other zip":
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("readme.txt", "nothing")
        return stream.getvalue()
    return kind.encode() * 1000


KINDS = ["empty", "cut", "one bit", "no header", "pickle", "other zip", "text"]


@pytest.mark.parametrize("which", ["areas", "plan", "step"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_not_what_it_should_be_is_made_again(tmp_path: Path, which: str, kind: str) -> None:
    first = prepare_district(shapes(), cache=tmp_path)
    path = next(p for p in sorted(tmp_path.iterdir()) if f".{which}" in p.name)
    whole = path.read_bytes()
    path.write_bytes(broken(kind, whole))
    second = prepare_district(shapes(), cache=tmp_path)
    same(first, second)
    assert Shelf(tmp_path, path.name.split(".")[0]).take(path.name.split(".")[1]) is not None


def test_a_file_of_another_district_version_or_kind_is_not_taken(tmp_path: Path) -> None:
    Shelf(tmp_path, "one").put("areas", {"a": np.arange(3)})
    here = Shelf(tmp_path, "two")
    os.rename(tmp_path / "one.areas.npz", here.path("areas"))
    assert here.take("areas") is None
    assert not here.path("areas").exists()
    Shelf(tmp_path, "one").put("plan", {"a": np.arange(3)})
    os.rename(tmp_path / "one.plan.npz", tmp_path / "one.areas.npz")
    assert Shelf(tmp_path, "one").take("areas") is None


def test_a_well_formed_file_with_wrong_content_is_dropped(tmp_path: Path) -> None:
    district = prepare_district(shapes(), warm=())
    assert district.areas is not None
    shelf = Shelf(tmp_path, "key")
    keep_areas(shelf, district.areas, district.refused)
    arrays = dict(shelf.take(AREAS) or {})
    for wrong in (
        {**arrays, "facts": packed({"levels": {}})},
        {**arrays, "facts": np.arange(4.0)},
        {**arrays, "arc_piece": arrays["arc_piece"] + 10_000},
        {k: v for k, v in arrays.items() if k != "street_wkb"},
        {**arrays, "street_wkb": arrays["street_wkb"][:-3]},
    ):
        shelf.put(AREAS, wrong)
        assert take_areas(shelf) is None
        assert not shelf.path(AREAS).exists()
    keeper = ShelfKeeper(shelf, len(district.areas.arcs.xy), len(district.areas.arcs))
    shelf.put(PLAN, {"piece": np.arange(3), "begin": np.arange(3), "end": np.arange(3), "rank": np.arange(3)})
    assert keeper.plan() is None
    shelf.put("step3", packed_mask(np.ones(5, dtype=bool)))
    assert keeper.kept(3) is None and not shelf.path("step3").exists()
    assert keeper.kept(4) is None


def test_what_was_not_used_for_longest_goes_first_and_the_own_stays(tmp_path: Path) -> None:
    block = {"a": np.zeros(10_000, dtype=np.uint8)}
    for age, key in enumerate(("new", "mid", "old")):
        Shelf(tmp_path, key).put("areas", block)
        stamp = time.time() - 1000 * (age + 1)
        os.utime(tmp_path / f"{key}.areas.npz", (stamp, stamp))
    assert Shelf(tmp_path, "old").take("areas") is not None, "reading it makes it the youngest"
    Shelf(tmp_path, "own", most_bytes=35_000).put("areas", block)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new.areas.npz", "old.areas.npz", "own.areas.npz"]
    Shelf(tmp_path, "own", most_bytes=5_000).put("plan", block)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["own.areas.npz", "own.plan.npz"]


def test_a_file_that_claims_to_be_huge_is_not_unpacked(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "key", most_bytes=100_000)
    with zipfile.ZipFile(shelf.path("areas"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.npy", b"\0" * 50_000_000)
    assert shelf.path("areas").stat().st_size < 100_000
    assert shelf.take("areas") is None


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    district = prepare_district(shapes(), cache=blocked)
    assert district.areas is not None
    assert blocked.read_text() == "in the way"


def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_arrays: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    Shelf(tmp_path, "key").put("areas", {"a": np.arange(3)})
    assert list(tmp_path.iterdir()) == []


def test_words_shapes_and_masks_come_back() -> None:
    value = {"名": ["网格", None, 1.5], "b": [True]}
    assert unpacked(packed(value)) == value
    with pytest.raises(ValueError, match="not text"):
        unpacked(np.zeros(3))
    cells = voronoi(5, 1)
    there = packed_shapes(cells)
    assert bool(np.all(shapely.equals_exact(unpacked_shapes(there["wkb"], there["wkb_stop"]), cells)))
    for count in (0, 1, 8, 13):
        mask = np.arange(count) % 3 == 0
        assert np.array_equal(unpacked_mask(packed_mask(mask)), mask)
    with pytest.raises(ValueError, match="fit"):
        unpacked_mask({"bits": np.zeros(1, dtype=np.uint8), "count": np.array([99])})
