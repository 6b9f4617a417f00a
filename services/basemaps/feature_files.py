"""Features of a file of this machine: GeoJSON, GeoPackage, Shapefile."""

from __future__ import annotations

from pathlib import Path

from services.basemaps.errors import AnswerError
from services.basemaps.features import FeatureLimits, FeatureSet, Gatherer
from services.basemaps.sources import MapSource
from services.geo.errors import GeoError
from services.geo.features import open_features
from services.geo.geojson_text import Limits


def read_feature_file(source: MapSource, limits: FeatureLimits) -> FeatureSet:
    """Read a file; its layer is named by `source.layer`. Raises AnswerError with a sentence."""
    taken = Limits(
        most_bytes=limits.most_bytes,
        most_features=max(limits.most_features, 500_000),
        most_vertices_in_file=max(limits.most_vertices * 2, 4_000_000),
    )
    gatherer = Gatherer(source, limits)
    try:
        file = open_features(Path(source.address), limits=taken, layer=source.layer or None)
        gatherer.take(((f.geometry, f.properties) for f in file), file.crs)
    except GeoError as error:
        raise AnswerError(error.title) from error
    return gatherer.done()
