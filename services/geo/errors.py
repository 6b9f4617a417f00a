"""Errors of the geographic room: each carries one sentence in Chinese that can be shown as it is."""

from __future__ import annotations


class GeoError(Exception):
    """Something about a file, a coordinate system or a geometry that the user can put right.

    `str(error)` is one Chinese sentence for the notice bar or the command line.
    """


class CoordinateError(GeoError):
    """A coordinate system is unknown, its parameters are wrong, or a value can't be converted."""


class FeatureFileError(GeoError):
    """A file of areas can't be read as a whole: too big, not JSON, wrong shape at the top."""


class AreaError(GeoError):
    """Areas do not fit together: unknown level, double code, parent missing."""
