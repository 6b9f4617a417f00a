"""Cities for the map benches: generated grids and the areas of Wales, as files for the peer and as map values."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

from maps.geometry.areas import AreaShape
from maps.layers.areas import AreaFigures
from maps.layers.case_columns import prepare_columns
from maps.layers.case_groups import PreparedCases, ready_cases
from maps.layers.district import PreparedDistrict, prepare_district
from maps.layers.tokens import BANDS

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
FOLDER = ROOT / "out" / "bench"
POINTS = 100_000


@dataclass(frozen=True)
class City:
    """One city: its files (properties ``code`` and ``k``), and what the map takes."""

    name: str
    cells: Path
    points: Path

    @cache  # noqa: B019 - a bench has a handful of cities
    def shapes(self) -> list[AreaShape]:
        """Areas as they come in."""
        found, codes = _read(self.cells, "code")
        return [AreaShape(c, "", "grid", None, g) for c, g in zip(codes.tolist(), found, strict=True)]

    @cache  # noqa: B019
    def district(self) -> PreparedDistrict:
        """Areas made ready with every zoom step, kept on disk between runs."""
        return prepare_district(self.shapes(), cache=FOLDER / "prepared")

    @cache  # noqa: B019
    def cases(self) -> PreparedCases:
        """The points as open cases, grouped."""
        found, kinds = _read(self.points, "k")
        xy, band = shapely.get_coordinates(found), kinds.astype(np.uint8) % len(BANDS)
        table = prepare_columns([f"p{i}" for i in range(len(xy))], xy[:, 0], xy[:, 1], band)
        district = self.district()
        return ready_cases(table, district.areas, district.picker)

    def figures(self, seed: int = 1) -> dict[str, AreaFigures]:
        """A figure for every area."""
        rng = np.random.default_rng(seed)
        areas = self.district().areas
        assert areas is not None
        return {
            c: AreaFigures(int(n))
            for c, n in zip(areas.cells.codes, rng.integers(0, 30, len(areas.cells)), strict=True)
        }


def grid(cells: int) -> City | None:
    """A generated city; None where the generator is not there."""
    maker = SHARED / "bench" / "make_grid.py"
    folder = FOLDER / f"grid-{cells}"
    if not (folder / "points.geojson").exists():
        if not maker.exists():
            return None
        subprocess.run(
            [sys.executable, maker, folder, "--cells", str(cells), "--points", str(POINTS)],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return City(f"{cells} cells", folder / "cells.geojson", folder / "points.geojson")


def wales() -> City | None:
    """The census areas of Wales with invented points; None where the file is not there."""
    source = SHARED / "data" / "wales_output_areas.geojson.gz"
    folder = FOLDER / "wales"
    if not (folder / "points.geojson").exists():
        if not source.exists():
            return None
        folder.mkdir(parents=True, exist_ok=True)
        features = json.loads(gzip.decompress(source.read_bytes()))["features"]
        for i, feature in enumerate(features):
            feature["properties"] = {"code": feature["properties"]["OA11CD"], "k": i % 9}
        _write(folder / "cells.geojson", features)
        rng = np.random.default_rng(5)
        xy = rng.normal([-3.6, 52.1], [0.4, 0.5], (POINTS, 2))
        _write(folder / "points.geojson", [
            {"type": "Feature", "properties": {"id": i, "k": i % 5},
             "geometry": {"type": "Point", "coordinates": [float(x), float(y)]}}
            for i, (x, y) in enumerate(xy.tolist())
        ])  # fmt: skip
    return City("Wales", folder / "cells.geojson", folder / "points.geojson")


def _read(path: Path, column: str) -> tuple[Any, Any]:
    """Geometries and one property of a file, without a Python object for each vertex."""
    _, _, found, fields = pyogrio.raw.read(path, columns=[column])
    return shapely.from_wkb(found), fields[0]


def _write(path: Path, features: list[dict[str, object]]) -> None:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
