"""Errors of the geographic room: each carries one sentence in Chinese that can be shown as it is."""

from __future__ import annotations

from services.domain.errors import DomainError


class GeoError(DomainError):
    """Something about a file, a coordinate system or a geometry that the user can put right."""

    code = "geo_error"


class CoordinateError(GeoError):
    """A coordinate system is unknown, its parameters are wrong, or a value can't be converted."""

    code = "bad_coordinates"


class FeatureFileError(GeoError):
    """A file of areas can't be read as a whole: too big, not JSON, wrong shape at the top."""

    code = "bad_feature_file"


class AreaError(GeoError):
    """Areas do not fit together: unknown level, double code, parent missing."""

    code = "bad_areas"
