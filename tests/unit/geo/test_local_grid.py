"""A city's own grid from a parameter file: each step against PROJ or by hand, each mistake named."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from pyproj import Transformer

from services.geo.coords import GCJ02, to_wgs84
from services.geo.errors import CoordinateError
from services.geo.local_grid import LocalGrid, find_system, load_local_grid, parse_local_grid

PLAIN = """
name = "示例市独立坐标系"
[projection]
ellipsoid = "CGCS2000"
central_meridian = 113.5
false_easting = 500000.0
false_northing = -2000000.0
"""


def one(grid: LocalGrid, x: float, y: float) -> tuple[float, float]:
    lon, lat = grid.to_wgs84(np.array(x), np.array(y))
    return float(lon), float(lat)


def test_transverse_mercator_agrees_with_proj() -> None:
    grid = parse_local_grid(PLAIN)
    reference = Transformer.from_crs(
        "+proj=tmerc +lon_0=113.5 +x_0=500000 +y_0=-2000000 +ellps=GRS80", "EPSG:4326", always_xy=True
    )
    assert one(grid, 510000.0, 590000.0) == pytest.approx(reference.transform(510000.0, 590000.0), abs=1e-10)
    assert grid.name == "示例市独立坐标系"


def test_the_way_back() -> None:
    grid = parse_local_grid(PLAIN)
    lon, lat = grid.to_wgs84(np.array([510000.0, 480000.0]), np.array([590000.0, 600000.0]))
    x, y = grid.from_wgs84(lon, lat)
    assert x == pytest.approx([510000.0, 480000.0], abs=1e-5)
    assert y == pytest.approx([590000.0, 600000.0], abs=1e-5)


def test_north_first() -> None:
    grid = parse_local_grid('axes = "north_east"\n' + PLAIN)
    assert one(grid, 590000.0, 510000.0) == one(parse_local_grid(PLAIN), 510000.0, 590000.0)
    x, y = grid.from_wgs84(*grid.to_wgs84(np.array(590000.0), np.array(510000.0)))
    assert (float(x), float(y)) == pytest.approx((590000.0, 510000.0), abs=1e-5)


def test_affine_step() -> None:
    grid = parse_local_grid(
        PLAIN + '[plane]\nmethod="affine"\ndx=100.0\ndy=-50.0\na=1.1\nb=0.2\nc=-0.1\nd=0.9\n'
    )
    x, y = 500000.0, 600000.0
    moved = (100.0 + 1.1 * x + 0.2 * y, -50.0 - 0.1 * x + 0.9 * y)
    assert one(grid, x, y) == pytest.approx(one(parse_local_grid(PLAIN), *moved), abs=1e-10)
    back = grid.from_wgs84(*grid.to_wgs84(np.array(x), np.array(y)))
    assert (float(back[0]), float(back[1])) == pytest.approx((x, y), abs=1e-4)


def test_four_parameters() -> None:
    grid = parse_local_grid(
        PLAIN + '[plane]\nmethod="similarity"\ndx=10.0\ndy=20.0\nrotation=3600.0\nscale=1.00002\n'
    )
    x, y, turn, scale = 500000.0, 600000.0, math.radians(1.0), 1.00002
    moved = (
        10.0 + scale * (x * math.cos(turn) - y * math.sin(turn)),
        20.0 + scale * (x * math.sin(turn) + y * math.cos(turn)),
    )
    assert one(grid, x, y) == pytest.approx(one(parse_local_grid(PLAIN), *moved), abs=1e-10)


def test_seven_parameters_agree_with_towgs84() -> None:
    """Bursa-Wolf (position vector) is what `+towgs84` means."""
    grid = parse_local_grid(
        """
        [projection]
        ellipsoid = "Krasovsky"
        central_meridian = 114.0
        false_easting = 500000.0
        [datum]
        dx = 12.0
        dy = -113.0
        dz = -41.0
        rx = 0.1
        ry = -0.2
        rz = 0.3
        scale_ppm = -1.5
        """
    )
    reference = Transformer.from_crs(
        "+proj=tmerc +lon_0=114 +x_0=500000 +a=6378245 +rf=298.3"
        " +towgs84=12,-113,-41,0.1,-0.2,0.3,-1.5 +type=crs",
        "+proj=longlat +datum=WGS84 +type=crs",
        always_xy=True,
    )
    assert one(grid, 480000.0, 2590000.0) == pytest.approx(reference.transform(480000.0, 2590000.0), abs=1e-9)


def test_the_other_rotation_convention_differs() -> None:
    datum = '[projection]\nellipsoid="IAG75"\ncentral_meridian=114.0\n[datum]\nrz=3.0\nconvention="%s"\n'
    one_way = one(parse_local_grid(datum % "position_vector"), 0.0, 2590000.0)
    other = one(parse_local_grid(datum % "coordinate_frame"), 0.0, 2590000.0)
    assert abs(one_way[0] - other[0]) > 1e-4


def test_height_of_the_plane_enlarges_the_axis() -> None:
    low = one(parse_local_grid(PLAIN), 600000.0, 590000.0)
    high = one(parse_local_grid(PLAIN + "height = 1000.0\n"), 600000.0, 590000.0)
    assert 0.0 < low[0] - high[0] < 1e-3


def test_own_ellipsoid() -> None:
    text = "[projection]\nsemi_major=6378137.0\ninverse_flattening=298.257222101\ncentral_meridian=113.5\n"
    text += "false_easting=500000.0\nfalse_northing=-2000000.0\n"
    assert one(parse_local_grid(text), 510000.0, 590000.0) == one(parse_local_grid(PLAIN), 510000.0, 590000.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("= nonsense", "TOML"),
        ('name = "a"', r"缺少 \[projection\]"),
        ("projection = 3", "projection"),
        ("[projection]\n", "central_meridian 缺失"),
        ('[projection]\ncentral_meridian = "113"\n', "central_meridian"),
        ("[projection]\ncentral_meridian = true\n", "central_meridian"),
        ("[projection]\ncentral_meridian = nan\n", "central_meridian"),
        ("[projection]\ncentral_meridain = 113\n", "central_meridain"),
        ('[projection]\ncentral_meridian=113\nellipsoid="Clarke"\n', "椭球"),
        ("[projection]\ncentral_meridian=113\nsemi_major=6378137\n", "inverse_flattening"),
        ('axes="up"\n[projection]\ncentral_meridian=113\n', "axes"),
        ('[projection]\ncentral_meridian=113\n[plane]\nmethod="guess"\n', "method"),
        ("[projection]\ncentral_meridian=113\n[plane]\nrotation=1\n", "rotation"),
        ("[projection]\ncentral_meridian=113\n[plane]\na=0\nd=0\n", "不可逆"),
        ("plane=1\n[projection]\ncentral_meridian=113\n", "plane"),
        ('[projection]\ncentral_meridian=113\n[datum]\nconvention="x"\n', "convention"),
        ("[projection]\ncentral_meridian=113\n[datum]\ndw=1\n", "dw"),
        ("[projection]\ncentral_meridian=113\nscale=-1\n", "不成立"),
        ("extra=1\n[projection]\ncentral_meridian=113\n", "extra"),
    ],
)
def test_mistakes_are_named(text: str, words: str) -> None:
    with pytest.raises(CoordinateError, match=words):
        parse_local_grid(text)


def test_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "city.toml"
    path.write_text("\ufeff" + PLAIN, encoding="utf-8")
    system = find_system(str(path))
    assert system.name == "示例市独立坐标系"
    lon, _ = to_wgs84((500000.0, 590000.0), system)
    assert abs(lon - 113.5) < 1e-9
    assert find_system("gcj02") is GCJ02


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CoordinateError, match="读不到坐标参数文件"):
        load_local_grid(tmp_path / "missing.toml")
    broken = tmp_path / "gbk.toml"
    broken.write_bytes('name = "示例"'.encode("gbk"))
    with pytest.raises(CoordinateError, match="UTF-8"):
        load_local_grid(broken)
    big = tmp_path / "big.toml"
    big.write_bytes(b"#" * 100_000)
    with pytest.raises(CoordinateError, match="过大"):
        load_local_grid(big)
