"""Real polygons: ten thousand census areas of Wales, a district outline, and broken GeoJSON."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from maps.geometry.areas import AreaShape, PreparedAreas, prepare_areas
from maps.geometry.detail import DetailCache
from maps.geometry.picking import AreaPicker
from maps.layers.district import EVERY_STEP

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the sample data is not beside the project")


@pytest.fixture(scope="module")
def wales() -> list[AreaShape]:
    """Every tenth area of the file, with the invalid ones among them."""
    with gzip.open(DATA / "wales_output_areas.geojson.gz", "rt", encoding="utf-8") as file:
        features = json.load(file)["features"]
    out = []
    for i, feature in enumerate(features):
        geometry = shape(feature["geometry"])
        if i % 10 == 0 or not geometry.is_valid:
            properties = feature["properties"]
            out.append(AreaShape(properties["OA11CD"], "", "grid", properties["LAD11CD"], geometry))
    return out


def test_real_areas_are_all_taken_and_repaired(wales: list[AreaShape]) -> None:
    assert sum(not s.geometry.is_valid for s in wales) >= 20
    areas, refused = prepare_areas(wales)
    assert areas is not None
    assert refused == ()
    assert len(areas.cells) == len(wales)
    assert bool(np.all(shapely.is_valid(areas.cells.geometry)))
    anchors = areas.cells.anchors
    assert bool(np.all(shapely.intersects_xy(areas.cells.geometry, anchors[:, 0], anchors[:, 1])))


def test_real_areas_are_picked_simplified_and_outlined(wales: list[AreaShape]) -> None:
    areas, _ = prepare_areas(wales)
    assert areas is not None
    found = AreaPicker(areas).pick_many(areas.cells.anchors)
    assert float(np.mean(found == np.arange(len(areas.cells)))) > 0.99
    cache = DetailCache(areas)
    fine, coarse = cache.at(0.4), cache.at(300.0)
    assert len(coarse.rings.xy) < len(fine.rings.xy) * 0.7
    assert not bool(np.any(shapely.is_empty(coarse.cells)))
    assert "district" in coarse.borders


def _exact_at_every_step(areas: PreparedAreas) -> None:
    cache = DetailCache(areas)
    seen = set()
    for step in EVERY_STEP:
        detail = cache.finish(step)
        if detail.step in seen:
            continue
        seen.add(detail.step)
        cells = detail.cells
        assert bool(shapely.coverage_is_valid(cells)) and bool(shapely.is_valid(cells).all())
        assert float(shapely.area(cells).min()) > 0
        rows = np.repeat(np.arange(len(detail.lines.rank)), detail.lines.stop - detail.lines.start)
        assert len(rows) == len(detail.lines.xy)
    assert len(seen) >= 2


def test_neighbouring_real_areas_share_their_edges_at_every_step() -> None:
    with gzip.open(DATA / "wales_output_areas.geojson.gz", "rt", encoding="utf-8") as file:
        features = json.load(file)["features"][:1200]
    shapes = [
        AreaShape(f["properties"]["OA11CD"], "", "grid", f["properties"]["LAD11CD"], shape(f["geometry"]))
        for f in features
    ]
    areas, refused = prepare_areas(shapes)
    assert areas is not None and refused == () and areas.valid_coverage
    assert len(areas.cells) == 1200
    _exact_at_every_step(areas)


def test_bench_cells_with_edges_that_do_not_match_are_mended() -> None:
    path = DATA.parent / "bench" / "make_grid.py"
    spec = importlib.util.spec_from_file_location("make_grid", path)
    assert spec is not None and spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    cells = bench.cells(3000, np.random.default_rng(7))
    assert not bool(shapely.coverage_is_valid(cells))
    areas, refused = prepare_areas(AreaShape(f"C{i:05d}", "", "grid", None, c) for i, c in enumerate(cells))
    assert areas is not None and refused == () and areas.valid_coverage
    assert len(areas.cells) == 3000
    changed = [m.share for m in areas.mended]
    assert changed and max(changed) < 0.05
    _exact_at_every_step(areas)


def test_a_district_outline_alone() -> None:
    features = json.loads((DATA / "tianhe_440106_gcj02.geojson").read_text(encoding="utf-8"))["features"]
    areas, refused = prepare_areas(
        AreaShape(
            str(f["properties"]["adcode"]), f["properties"]["name"], "district", None, shape(f["geometry"])
        )
        for f in features
    )
    assert areas is not None
    assert refused == ()
    assert areas.finest == "district"
    assert areas.name_of("440106") == "天河区"
    # 天河区 is about 137 square kilometres; world metres are stretched by 1 / cos 23°.
    assert float(shapely.area(areas.cells.geometry[0])) / 1e6 * np.cos(
        np.radians(23.13)
    ) ** 2 == pytest.approx(137, rel=0.05)


def _polygons(document: Any) -> list[Any]:
    """Geometries of a GeoJSON document as far as they can be built at all."""
    found = []
    for feature in document.get("features", [document]) if isinstance(document, dict) else []:
        geometry = feature.get("geometry", feature) if isinstance(feature, dict) else None
        try:
            found.append(shape(geometry))
        except Exception:  # noqa: BLE001 # the reader's business; here only what can be built is of interest
            continue
    return found


@pytest.mark.parametrize("folder", ["good", "bad"])
def test_lint_cases_are_drawn_or_refused_and_never_raise(folder: str) -> None:
    built = []
    for path in sorted((DATA / "geojson_cases" / folder).glob("*.geojson")):
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError:
            continue
        built += [
            AreaShape(f"{path.stem}-{i}", "", "grid", None, g) for i, g in enumerate(_polygons(document))
        ]
    areas, refused = prepare_areas(built)
    assert built
    assert (len(areas.cells) if areas else 0) + len(refused) == len(built)
    assert all(r.reason for r in refused)
