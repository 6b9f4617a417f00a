"""Values no file can hold, and names of layers: both files tell the same, and every one of them opens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy
from hypothesis import given, settings
from hypothesis import strategies as st

from services.geo.export_files import Field, Layer, Row, guarded, layer_names, write_geojson, write_geopackage


def layer(kind: str, *values: Any) -> Layer:
    rows = [Row(shapely.Point(114 + n / 100, 30.5), (value,)) for n, value in enumerate(values)]
    return Layer("案件", (Field("值", "value", kind),), rows)


def both(folder: Path, made: Layer) -> tuple[list[Any], list[Any]]:
    """The values read back from GeoJSON and from GeoPackage; what is unknown is None."""
    write_geojson(folder / "a.geojson", made)
    write_geopackage(folder / "a.gpkg", [made])
    doc = json.loads((folder / "a.geojson").read_text(encoding="utf-8"))
    engine = sqlalchemy.create_engine(f"sqlite:///{folder / 'a.gpkg'}")
    with engine.connect() as package:
        kept = list(package.execute(sqlalchemy.text('SELECT "值" FROM "案件" ORDER BY fid')).scalars())
    engine.dispose()
    return [feature["properties"]["值"] for feature in doc["features"]], kept


@pytest.mark.parametrize(
    ("kind", "values", "read"),
    [
        ("whole", (2**63 - 1, -(2**63 - 1), 2**70, None, 0), [2**63 - 1, -(2**63 - 1), None, None, 0]),
        ("whole", (float("nan"), 4, float("inf")), [None, 4, None]),
        ("number", (float("nan"), 0.25, float("-inf"), 10**400, -7), [None, 0.25, None, None, -7]),
        ("flag", (True, None, False), [True, None, False]),
        ("text", ("=1+1", None, "-3.5"), ["'=1+1", None, "-3.5"]),
    ],
)
def test_what_no_column_holds_is_unknown_in_both_files(
    tmp_path: Path, kind: str, values: tuple[Any, ...], read: list[Any]
) -> None:
    """One impossible number costs its own cell, never the export."""
    in_json, in_package = both(tmp_path, layer(kind, *values))
    assert in_json == read
    assert in_package == read


@settings(max_examples=15, deadline=None)
@given(values=st.lists(st.none() | st.integers(-(2**80), 2**80), min_size=1, max_size=6))
def test_both_files_hold_the_same_whole_numbers(tmp_path_factory: Any, values: list[int | None]) -> None:
    in_json, in_package = both(tmp_path_factory.mktemp("whole"), layer("whole", *values))
    assert in_json == in_package
    assert all(read in (value, None) for read, value in zip(in_json, values, strict=True))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.text(max_size=60) | st.sampled_from(("案件", "gpkg_x", "RTREE", "sqlite", "", "案件 ")), max_size=8
    )
)
def test_any_titles_make_names_a_database_takes(titles: list[str]) -> None:
    names = layer_names(titles)
    assert len(names) == len({name.lower() for name in names}) == len(titles)
    assert all(name and len(name) <= 50 for name in names)
    assert not any(name.lower().startswith(("gpkg", "rtree", "sqlite")) for name in names)
    assert not any(sign in name for name in names for sign in " '\"`;.[]\x00")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=12))
def test_text_is_guarded_once_and_stays(text: str) -> None:
    """What was made safe is not changed again when a file is read and written anew."""
    safe = guarded(text)
    assert guarded(safe) == safe
    assert not safe.startswith(("=", "@", "\t", "\r"))
