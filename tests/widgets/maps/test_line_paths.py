"""Many polylines at once: paths, clipping, dashes, and strokes that look as Qt's own."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from maps.canvas import line_paths
from maps.canvas.line_paths import clipped, dashed, path_of, stroke_lines
from maps.canvas.polygons import polygon_of

pytestmark = pytest.mark.usefixtures("qapp")


def lines_of(*parts: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([p for part in parts for p in part], float), np.array([len(p) for p in parts])


def parts_of(xy: np.ndarray, counts: np.ndarray) -> list[list[tuple[float, float]]]:
    return [[tuple(p) for p in part.tolist()] for part in np.split(xy, np.cumsum(counts)[:-1])]


def test_a_path_holds_every_point_and_begins_anew_for_each_line() -> None:
    path = path_of(*lines_of([(0, 0), (5, 5.25)], [(7, 1), (8, 2), (9, -3)]))
    found = [(path.elementAt(i).isMoveTo(), path.elementAt(i).x, path.elementAt(i).y) for i in range(5)]
    assert path.elementCount() == 5
    assert found == [(True, 0, 0), (False, 5, 5.25), (True, 7, 1), (False, 8, 2), (False, 9, -3)]
    assert path_of(np.empty((0, 2)), np.empty(0, int)).isEmpty()


def test_what_does_not_come_near_is_left_out() -> None:
    xy, counts = lines_of(
        [(-500, 10), (-300, 10), (-20, 10), (30, 10), (60, 40), (300, 40), (300, 600), (50, 90), (50, 95)],
        [(400, 400), (500, 500)],
    )
    found = parts_of(*clipped(xy, counts, 100, 100, 8))
    assert found[0] == [(-20, 10), (30, 10), (60, 40), (300, 40)]
    assert found[1][-2:] == [(50, 90), (50, 95)]
    assert len(found) == 2


def test_lines_are_never_joined_with_their_neighbours() -> None:
    xy, counts = lines_of([(0, 0), (10, 0)], [(10, 5), (20, 5)], [(20, 9), (30, 9)])
    assert parts_of(*clipped(xy, counts, 100, 100, 8)) == parts_of(xy, counts)
    assert clipped(np.empty((0, 2)), np.empty(0, int), 10, 10, 1)[0].shape == (0, 2)


def test_a_line_that_crosses_without_a_point_inside_is_kept() -> None:
    xy, counts = lines_of([(-1000, -1000), (1000, 1000)])
    assert parts_of(*clipped(xy, counts, 100, 100, 8)) == [[(-1000, -1000), (1000, 1000)]]


def test_dashes_have_their_length_and_their_gap() -> None:
    found = parts_of(*dashed(*lines_of([(0, 0), (20, 0)]), 5, 3))
    assert [x for p in found for x in (p[0][0], p[-1][0])] == pytest.approx([0, 5, 8, 13, 16, 20])


def test_dashes_go_round_corners_and_begin_anew_on_each_line() -> None:
    found = parts_of(*dashed(*lines_of([(0, 0), (4, 0), (4, 10)], [(50, 0), (50, 6)]), 5, 3))
    assert found[0] == [(0, 0), (4, 0), (4, 1)]
    assert found[1] == [(4, 4), (4, 9)]
    assert found[2] == [(50, 0), (50, 5)]
    assert len(found) == 3


def test_dashes_of_points_on_one_spot() -> None:
    assert len(dashed(*lines_of([(3, 3), (3, 3)], [(0, 0), (7, 0)]), 5, 3)[1]) == 1
    assert len(dashed(np.empty((0, 2)), np.empty(0, int), 5, 3)[1]) == 0


def painted(draw: object, ratio: float = 1.0) -> np.ndarray:
    image = QImage(round(120 * ratio), round(90 * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.scale(ratio, ratio)
    draw(painter)
    painter.end()
    return np.array(np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4), int)


def zigzag(lines: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    return rng.random((lines * 5, 2)) * [120, 90], np.full(lines, 5)


@pytest.mark.parametrize(("width", "ratio"), [(0.6, 1.0), (1.0, 1.0), (0.8, 1.25)])
def test_thin_lines_look_as_qt_draws_them(width: float, ratio: float) -> None:
    xy, counts = zigzag(6)
    pen = QPen(QColor("white"), width, j=Qt.PenJoinStyle.RoundJoin)

    def ours(painter: QPainter) -> None:
        assert list(stroke_lines(painter, xy, counts, pen, ratio))

    def qt(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        for start in range(0, len(xy), 5):
            painter.drawPolyline(polygon_of(xy[start : start + 5]))

    assert np.abs(painted(ours, ratio) - painted(qt, ratio)).mean() < 0.5


def test_many_wide_lines_get_their_width_by_shifting(monkeypatch: pytest.MonkeyPatch) -> None:
    xy, counts = zigzag(6)
    pen = QPen(QColor("white"), 2.0, j=Qt.PenJoinStyle.RoundJoin)

    def draw(painter: QPainter) -> None:
        list(stroke_lines(painter, xy, counts, pen, 1.0))

    one_by_one = painted(draw)
    monkeypatch.setattr(line_paths, "FEW", 3)
    shifted = painted(draw)
    assert (one_by_one != shifted).any()
    assert abs(one_by_one.mean() / shifted.mean() - 1) < 0.2


def test_a_see_through_wide_line_is_never_laid_over_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_paths, "FEW", 1)
    color = QColor(255, 255, 255, 128)
    xy, counts = lines_of([(10, 10), (100, 10)])
    image = painted(lambda p: list(stroke_lines(p, xy, counts, QPen(color, 4.0), 1.0)))
    assert image[..., 3].max() <= 129


def test_strokes_come_in_steps() -> None:
    xy, counts = np.random.default_rng(1).random((30_000, 2)) * 100, np.full(6000, 5)
    image = QImage(100, 100, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    steps = sum(1 for _ in stroke_lines(painter, xy, counts, QPen(QColor("white"), 1.0), 1.0))
    painter.end()
    assert 4 <= steps <= 7
