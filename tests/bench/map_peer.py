"""QGIS drawing the same city, in a process of the system's Python."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

from tests.bench.map_city import SHARED, City

PYTHON = "/usr/bin/python3"
PACKAGES = "python3-qgis qgis-providers python3-gdal"


def tell(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


@cache
def peer_ms(city: City, width: int = 1920, height: int = 1080) -> dict[str, float]:
    """Times of QGIS by what it draws (cells_full, cells_mid, both_full, both_mid); empty where it is missing."""
    script = SHARED / "bench" / "qgis_peer.py"
    if not script.exists():
        return {}
    tell(f"QGIS draws {city.name} at {width}x{height} ...")
    done = subprocess.run(
        [PYTHON, script, city.cells, city.points, "--width", str(width), "--height", str(height)],
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    if done.returncode:
        tell(
            f"QGIS is missing; as root: apt-get install -y --no-install-recommends {PACKAGES}\n{done.stderr[-400:]}"
        )
        return {}
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def against(ours: float, city: City, what: str, width: int = 1920, height: int = 1080) -> dict[str, object]:
    """Fields of a result line about the peer."""
    theirs = peer_ms(city, width, height).get(what)
    if theirs is None:
        return {"peer": "QGIS", "peer_ms": None, "ratio": None, "peer_missing": f"apt-get install {PACKAGES}"}
    return {"peer": "QGIS", "peer_ms": theirs, "ratio": round(ours / theirs, 4)}
