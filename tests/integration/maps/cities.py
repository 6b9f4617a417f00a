"""Districts to ask the same question of the picture and of shapely."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import shapely

from maps.geometry.areas import AreaShape
from maps.layers.district import PreparedDistrict, prepare_district
from services.backend.demo.geometry import make_district

SHARED = Path(__file__).parents[3].parent / "shared"
GENERATED = 2500
"""Cells of the generated city: enough to fill many panes, few enough for a quick test."""


def demo() -> list[AreaShape]:
    """All levels of the demo district."""
    return [AreaShape(a.code, a.name, a.level, a.parent, a.geometry) for a in make_district().areas]


def generated(folder: Path) -> list[AreaShape]:
    """A city of irregular cells by the generator of the benches."""
    maker = SHARED / "bench" / "make_grid.py"
    if not maker.exists():
        pytest.skip("the generator of test cities is not there")
    subprocess.run(
        [sys.executable, maker, folder, "--cells", str(GENERATED), "--points", "1"],
        check=True, stdout=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip
    return _shapes((folder / "cells.geojson").read_bytes(), "code")


def wales() -> list[AreaShape]:
    """Census areas of Wales: real borders, islands, a few that are not valid."""
    source = SHARED / "data" / "wales_output_areas.geojson.gz"
    if not source.exists():
        pytest.skip("the areas of Wales are not there")
    return _shapes(gzip.decompress(source.read_bytes()), "OA11CD")


def _shapes(text: bytes, code: str) -> list[AreaShape]:
    features = json.loads(text)["features"]
    found = shapely.from_geojson([json.dumps(f["geometry"]) for f in features])
    return [
        AreaShape(f["properties"][code], "", "grid", None, g)
        for f, g in zip(features, found, strict=True)
        if g is not None
    ]


@cache
def prepared(name: str, folder: Path) -> PreparedDistrict:
    """A district made ready for the steps that are drawn when all of it is in view; made once a run."""
    shapes = {"demo": demo, "wales": wales}[name]() if name != "generated" else generated(folder)
    return prepare_district(shapes, warm=None)
