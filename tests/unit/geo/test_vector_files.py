"""Shapefile and GeoPackage, written by GDAL itself, with the text encodings Chinese tools leave."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely

from services.geo.errors import FeatureFileError
from services.geo.features import open_features
from services.geo.geojson_text import Limits

BOX = shapely.box(113.0, 23.0, 113.1, 23.1)
NAMES = ["天河街道", "示例区望塔街道", "石鼓塘"]


def write(path: Path, encoding: str | None = None, shapes: list[Any] | None = None, **options: Any) -> Path:
    """Three areas with Chinese field name and values."""
    wkb = np.array([None if s is None else shapely.to_wkb(s) for s in shapes or [BOX] * 3], dtype=object)
    columns = [np.array(NAMES, dtype=object), np.array([1, 2, 3]), np.array([1.5, np.nan, 2.0])]
    options.setdefault("crs", "EPSG:4490")
    options.setdefault("geometry_type", "Polygon")
    pyogrio.raw.write(path, wkb, columns, ["名称", "number", "share"], encoding=encoding, **options)
    return path


@pytest.fixture
def shp(tmp_path: Path) -> Path:
    return write(tmp_path / "areas.shp", "GBK")


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8", "GB18030"])
@pytest.mark.parametrize("told", [True, False], ids=["with cpg", "without cpg"])
def test_chinese_tables(tmp_path: Path, encoding: str, told: bool) -> None:
    path = write(tmp_path / "areas.shp", encoding)
    if not told:
        path.with_suffix(".cpg").unlink()
    file = open_features(path)
    assert (file.total, file.crs, file.format) == (3, "EPSG:4490", "shp")
    assert [f.properties["名称"] for f in file] == NAMES
    assert [f.index for f in file] == [1, 2, 3]


def test_a_cpg_that_lies_is_not_believed(shp: Path) -> None:
    shp.with_suffix(".cpg").write_text("UTF-8")
    assert [f.properties["名称"] for f in open_features(shp)] == NAMES


@pytest.mark.parametrize("word", ["936", "GBK", "gibberish", "", "65001"])
def test_words_in_a_cpg(shp: Path, word: str) -> None:
    shp.with_suffix(".cpg").write_text(word)
    assert [f.properties["名称"] for f in open_features(shp)] == NAMES


def test_the_callers_encoding_counts_most(shp: Path) -> None:
    assert [f.properties["名称"] for f in open_features(shp, encoding="gbk")] == NAMES
    with pytest.raises(FeatureFileError, match="不是 utf-8 编码"):
        open_features(shp, encoding="utf-8")
    with pytest.raises(FeatureFileError, match="不认识文字编码"):
        open_features(shp, encoding="martian")


def test_a_character_cut_by_the_fields_width_is_dropped(tmp_path: Path) -> None:
    """A .dbf field of 80 bytes holds 26 characters of UTF-8 and two bytes of the next."""
    path = tmp_path / "long.shp"
    pyogrio.raw.write(
        path,
        np.array([shapely.to_wkb(BOX)], dtype=object),
        [np.array(["街" * 26 + "ab"], dtype=object)],
        ["name"],
        geometry_type="Polygon",
        crs="EPSG:4490",
        encoding="UTF-8",
    )
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    at = dbf.rindex(b"ab")
    dbf[at : at + 2] = "街".encode()[:2]
    path.with_suffix(".dbf").write_bytes(bytes(dbf))
    (found,) = open_features(path)
    assert found.properties["name"] == "街" * 26


def test_numbers_are_python_numbers_and_empty_ones_none(shp: Path) -> None:
    rows = [f.properties for f in open_features(shp)]
    assert [r["number"] for r in rows] == [1, 2, 3]
    assert all(type(r["number"]) is int for r in rows)
    assert [r["share"] for r in rows] == [1.5, None, 2.0]


def test_dates_are_text(tmp_path: Path) -> None:
    path = tmp_path / "dates.gpkg"
    dates = np.array(["2025-03-01T00:00:00", "NaT"], dtype="datetime64[ms]")
    wkb = np.array([shapely.to_wkb(BOX)] * 2, dtype=object)
    pyogrio.raw.write(path, wkb, [dates], ["since"], geometry_type="Polygon", crs="EPSG:4490", layer="a")
    since = [f.properties["since"] for f in open_features(path)]
    assert since[0].startswith("2025-03-01")
    assert since[1] is None


def test_a_row_without_shape(tmp_path: Path) -> None:
    path = write(tmp_path / "areas.shp", "UTF-8", [BOX, None, BOX])
    assert [f.geometry is None for f in open_features(path)] == [False, True, False]
    assert all(f.problem is None for f in open_features(path))


def test_heights_are_dropped(tmp_path: Path) -> None:
    lifted = shapely.force_3d(BOX, 9.0)
    path = write(tmp_path / "z.gpkg", shapes=[lifted] * 3, geometry_type="Polygon Z")
    assert not any(f.geometry.has_z for f in open_features(path) if f.geometry is not None)


def test_broken_shapes_in_a_geopackage(tmp_path: Path) -> None:
    """The bytes of two shapes are changed in the file: an open ring, and one point for an unknown number."""
    second, third = shapely.box(114.0, 23.0, 114.1, 23.1), shapely.box(115.0, 23.0, 115.1, 23.1)
    path = write(tmp_path / "a.gpkg", layer="areas", shapes=[BOX, second, third], geometry_type="Unknown")
    data = path.read_bytes()
    opened = bytearray(shapely.to_wkb(second, byte_order=1))
    opened[-16:] = np.array([114.05, 23.02]).tobytes()
    cut = bytearray(shapely.to_wkb(third, byte_order=1))
    cut[9:13] = (1).to_bytes(4, "little")
    for before, after in ((second, opened), (third, cut)):
        assert data.count(shapely.to_wkb(before, byte_order=1)) == 1
        data = data.replace(shapely.to_wkb(before, byte_order=1), bytes(after))
    path.write_bytes(data)
    whole, mended, lost = open_features(path)
    assert (whole.problem, whole.note) == (None, None)
    assert mended.note == "的环没有闭合，已补上"
    assert mended.geometry is not None
    assert mended.geometry.is_valid
    assert (lost.geometry, lost.problem) == (None, "的图形数据读不出")


def test_geopackage(tmp_path: Path) -> None:
    file = open_features(write(tmp_path / "areas.gpkg", layer="网格"))
    assert (file.total, file.crs, file.format) == (3, "EPSG:4490", "gpkg")
    assert [f.properties["名称"] for f in file] == NAMES


def test_several_layers_must_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "areas.gpkg", layer="街道")
    write(path, layer="社区", append=True)
    with pytest.raises(FeatureFileError, match=r"多个图层（街道、社区）"):
        open_features(path)
    assert open_features(path, layer="社区").total == 3
    with pytest.raises(FeatureFileError, match="读不了"):
        open_features(path, layer="网格")


def test_the_layer_with_polygons_is_taken(tmp_path: Path) -> None:
    path = write(tmp_path / "areas.gpkg", layer="面")
    points = [shapely.Point(113, 23)] * 3
    write(path, shapes=points, layer="点", geometry_type="Point", append=True)
    first = next(iter(open_features(path)))
    assert first.geometry is not None
    assert first.geometry.geom_type == "Polygon"


def test_a_geopackage_without_shapes(tmp_path: Path) -> None:
    path = tmp_path / "table.gpkg"
    names = np.array(NAMES, dtype=object)
    pyogrio.raw.write(path, None, [names], ["name"], geometry_type=None, layer="table")
    with pytest.raises(FeatureFileError, match="没有带图形的图层"):
        open_features(path)


@pytest.mark.parametrize(("ending", "what"), [(".shx", "索引"), (".dbf", "属性表")])
def test_a_missing_part_of_a_shapefile(shp: Path, ending: str, what: str) -> None:
    shp.with_suffix(ending).unlink()
    with pytest.raises(FeatureFileError, match=rf"缺少{what}文件 areas\{ending}"):
        open_features(shp)


def test_parts_in_capital_letters(tmp_path: Path, shp: Path) -> None:
    for ending in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
        shp.with_suffix(ending).rename(tmp_path / f"BIG{ending.upper()}")
    file = open_features(tmp_path / "BIG.SHP")
    assert [f.properties["名称"] for f in file] == NAMES


def test_without_prj_there_is_no_coordinate_system(shp: Path) -> None:
    shp.with_suffix(".prj").unlink()
    assert open_features(shp).crs is None


@pytest.mark.parametrize("name", ["gone.shp", "gone.gpkg"])
def test_missing_files(tmp_path: Path, name: str) -> None:
    with pytest.raises(FeatureFileError, match="读不到文件"):
        open_features(tmp_path / name)


@pytest.mark.parametrize("name", ["junk.shp", "junk.gpkg"])
def test_junk_is_a_sentence(tmp_path: Path, name: str) -> None:
    for ending in (Path(name).suffix, ".shx", ".dbf"):
        (tmp_path / name).with_suffix(ending).write_bytes(b"this is no map" * 20)
    with pytest.raises(FeatureFileError, match=r"读不了 junk"):
        open_features(tmp_path / name)


def test_limits(shp: Path) -> None:
    with pytest.raises(FeatureFileError, match="3 个要素，超过上限 2"):
        open_features(shp, limits=Limits(most_features=2))
    with pytest.raises(FeatureFileError, match="MB 的上限"):
        open_features(shp, limits=Limits(most_bytes=100))
    with pytest.raises(FeatureFileError, match="顶点超过上限 12"):
        list(open_features(shp, limits=Limits(most_vertices_in_file=12)))
