"""试连: tries a source before it is used and says in one sentence what it gives, or what is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.basemaps.matrices import Plane, TileAddress, TileGrid
from services.basemaps.placement import from_world, mercator_y
from services.basemaps.sources import MapSource
from services.domain.errors import DomainError
from services.ports.map_services import MapServices, Secret
from services.usecases.map_features import FeatureReader
from services.usecases.map_tiles import TileReader

_PLANES = {Plane.MERCATOR: "墨卡托（3857）", Plane.DEGREES: "经纬度（4490/4326）"}


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a trial: a sentence, and whether the source can be used."""

    fine: bool
    sentence: str


def try_source(source: MapSource, secret: Secret, services: MapServices, lon: float, lat: float) -> Trial:
    """Try a source near a place (WGS84 degrees). Runs on a worker; raises nothing."""
    try:
        source.checked()
        if source.is_tiles:
            return _try_tiles(source, secret, services, lon, lat)
        answer = FeatureReader(source, secret, services).read(again=True)
    except DomainError as error:
        return Trial(False, error.title)
    if answer.stale:
        return Trial(False, f"{answer.why}（本机存有以前取到的 {len(answer.features.features):,} 个要素。）")
    notes = "".join(answer.features.notes)
    named = sum(1 for feature in answer.features.features if feature.name)
    return Trial(True, f"可以使用：{len(answer.features.features):,} 个要素，{named:,} 个有名称。{notes}")


def _try_tiles(source: MapSource, secret: Secret, services: MapServices, lon: float, lat: float) -> Trial:
    """Open a tile source and fetch the tile at the place, at most a few levels."""
    reader = TileReader(source, secret, services, trial=True)
    try:
        grid = reader.open()
        if not grid.matrices:
            return Trial(False, "图层没有任何级别。")
        about = f"{_PLANES[grid.plane]}，级别 {grid.matrices[0].id}–{grid.matrices[-1].id}"
        tried = _tiles_at(source, grid, lon, lat)
        for tile in tried:
            answer = reader.read(tile)
            if answer.patch is not None:
                matrix = grid.matrices[tile.matrix]
                return Trial(True, f"可以使用：{about}，瓦片 {matrix.width}×{matrix.height} 像素。")
        if not tried:
            return Trial(True, f"可以连接（{about}），但范围不包括本地。")
        return Trial(True, f"可以连接（{about}），但本地没有瓦片。")
    finally:
        reader.close()


def _tiles_at(source: MapSource, grid: TileGrid, lon: float, lat: float) -> list[TileAddress]:
    """Tiles at a place on a few levels, a middle one first."""
    x, y = np.radians(np.array([lon])) * 6378137.0, mercator_y(np.array([lat]))
    px, py = (float(v[0]) for v in from_world(grid.plane, source.datum, x, y))
    found = []
    last = len(grid.matrices) - 1
    for at in dict.fromkeys((min(12, last), last, last // 2, 0)):
        matrix = grid.matrices[at]
        dx, dy = matrix.span
        column, row = int((px - matrix.left) // dx), int((matrix.top - py) // dy)
        if matrix.has(column, row):
            found.append(TileAddress(at, column, row))
    return found
