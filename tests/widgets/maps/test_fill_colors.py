"""Colours by cell number: classes, patterns, opacity, dimming, and what differs between two tables."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from maps.canvas.fill_colors import (
    DIMMED,
    VARIANTS,
    FillTable,
    class_looks,
    colour_pixels,
    hatch_cover,
    hatch_pixels,
    variants_at,
)
from maps.canvas.id_raster import PixelFrame
from maps.canvas.palette import MapPalette
from maps.canvas.pixels import PixelSheet, over, premultiplied
from maps.layers.measures import NO_DATA, Measure, class_styles

DARK = MapPalette.load("dark")
STYLES = class_styles(Measure.DENSITY)
CLASSES = np.array([0, 4, NO_DATA, 2, 99], dtype=np.int8)


def table(
    off: frozenset[int] = frozenset(), opacity: float = 1.0, classes: np.ndarray = CLASSES
) -> FillTable:
    return FillTable(class_looks(STYLES, DARK, off, opacity), classes)


def name(pixel: int) -> str:
    return QColor.fromRgba(int(pixel)).name()


def test_a_cell_has_the_colour_of_its_class_and_outside_has_none() -> None:
    row = table().rows(solid=False, all_variants=False)[0]
    assert row[0] == 0
    assert name(row[1]) == DARK.color("map.density_ramp.0").name()
    assert name(row[2]) == DARK.color("map.density_ramp.4").name()
    assert row[3] == row[5], "a class that there is not is no data"


def test_over_the_plain_ground_outside_is_the_ground() -> None:
    row = table(opacity=0.5).rows(solid=True, all_variants=False)[0]
    assert name(row[0]) == DARK.color("map.sea").name()
    assert all(p >> 24 == 255 for p in row.tolist())


def test_opacity_and_dimming_are_alpha() -> None:
    row = table(off=frozenset({4}), opacity=0.5).rows(solid=False, all_variants=False)[0].tolist()
    assert row[1] >> 24 == pytest.approx(127, abs=1)
    assert row[2] >> 24 == pytest.approx(255 * 0.5 * DIMMED, abs=1)


def test_a_switched_off_fill_is_nothing() -> None:
    empty = FillTable(class_looks((), DARK), CLASSES)
    assert not empty.rows(solid=False, all_variants=True).any()
    assert not empty.patterned(np.arange(5))


def test_only_cells_without_data_are_hatched_in_the_density() -> None:
    made = table()
    assert not made.patterned(np.array([0, 1, 3]))
    assert made.patterned(np.array([2]))
    rows = made.rows(solid=False, all_variants=True)
    assert rows.shape == (VARIANTS, 6)
    assert len(set(rows[:, 1].tolist())) == 1
    assert len(set(rows[:, 3].tolist())) > 3


def test_silent_grids_have_dots_as_a_second_cue() -> None:
    made = FillTable(class_looks(class_styles(Measure.SILENT), DARK), np.array([0, 3], dtype=np.int8))
    rows = made.rows(solid=False, all_variants=True)
    assert len(set(rows[:, 1].tolist())) == 1
    assert len(set(rows[:, 2].tolist())) > 2


def test_what_differs_between_two_tables() -> None:
    changed = CLASSES.copy()
    changed[1] = 3
    assert table().differing(table(classes=changed)).tolist() == [1]
    assert table().differing(table()).tolist() == []
    assert table().differing(table(off=frozenset({NO_DATA}))).tolist() == [2, 4]


def test_pixels_by_number() -> None:
    made = table()
    ids = np.array([[0, 1, 2], [3, 4, 5]], dtype=np.uint16)
    out = np.zeros((2, 3), dtype=np.uint32)
    colour_pixels(out, ids, made.rows(True, False), None)
    assert (out == made.rows(True, False)[0][ids]).all()
    variants = np.full((2, 3), VARIANTS - 1, dtype=np.intp)
    colour_pixels(out, ids, made.rows(True, True), variants)
    assert (out == made.rows(True, True)[VARIANTS - 1][ids]).all()


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_hatch_and_dots_go_on_from_pane_to_pane(ratio: float) -> None:
    whole = PixelFrame(1234.5, 987.6, 0.8, 120, 90)
    right = PixelFrame(1234.5 + 50 * 0.8, 987.6 - 30 * 0.8, 0.8, 70, 60)
    assert (variants_at(whole, ratio)[30:, 50:] == variants_at(right, ratio)).mean() > 0.995


def test_the_hatch_runs_at_45_degrees_and_leaves_gaps() -> None:
    cover = hatch_cover(PixelFrame(0.0, 0.0, 1.0, 60, 60), 1.0)
    assert (cover[1:, :-1] == cover[:-1, 1:]).all()
    assert 0.1 < (cover > 0).mean() < 0.4
    picture = hatch_pixels(PixelFrame(0.0, 0.0, 1.0, 60, 60), 1.0, QColor(255, 0, 0))
    assert ((picture > 0) == (cover > 0)).all()


def test_pixels_are_packed_as_qt_packs_them() -> None:
    sheet = PixelSheet(2, 1)
    sheet.pixels[0, 0] = premultiplied(200, 100, 50, 0.5)
    seen = sheet.image.pixelColor(0, 0)
    assert (seen.red(), seen.green(), seen.blue(), seen.alpha()) == pytest.approx((200, 100, 50, 128), abs=2)
    assert sheet.image.pixelColor(1, 0).alpha() == 0
    assert sheet.nbytes == 8


def test_laying_over() -> None:
    red, blue = np.array([0x80800000], np.uint32), np.array([0xFF0000FF], np.uint32)
    mixed = int(over(red, blue)[0])
    assert mixed >> 24 == 255
    assert (mixed >> 16 & 255, mixed & 255) == (128, pytest.approx(127, abs=1))
    assert int(over(np.array([0xFF123456], np.uint32), blue)[0]) == 0xFF123456
