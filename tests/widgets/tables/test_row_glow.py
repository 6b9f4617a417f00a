"""Which rows stand out, how strongly, and how many of them move at once."""

from __future__ import annotations

import pytest

from widgets.tables import row_glow
from widgets.tables.row_glow import RowGlow
from widgets.theme import theme_store


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(row_glow, "monotonic", lambda: now[0])
    return now


def glow() -> tuple[RowGlow, list[tuple[str, ...]]]:
    made, frames = RowGlow(), []
    made.frame.connect(frames.append)
    return made, frames


def test_one_row_fades_and_is_over_after_1600_ms(qapp, clock: list[float]) -> None:
    made, frames = glow()
    made.start(["a"])
    assert frames == [("a",)] and made.strength("a") == 1.0
    clock[0] += 0.8
    made.advance()
    assert made.strength("a") == pytest.approx(0.5)
    clock[0] += 0.81
    made.advance()
    assert frames[1:] == [("a",), ("a",)]
    assert not made.active and made.strength("a") == 0.0


def test_many_rows_stand_out_without_moving(qapp, clock: list[float]) -> None:
    made, frames = glow()
    made.start("abcd")
    clock[0] += 0.8
    frames.clear()
    made.advance()
    assert frames == []
    assert [made.strength(one) for one in "abcd"] == [1.0] * 4
    clock[0] += 0.81
    made.advance()
    assert frames == [tuple("abcd")] and not made.active


def test_a_fourth_row_stops_the_three_that_fade(qapp, clock: list[float]) -> None:
    made, frames = glow()
    made.start("abc")
    clock[0] += 0.4
    assert made.strength("a") == pytest.approx(0.75)
    made.start("d")
    assert made.strength("a") == 1.0
    clock[0] += 1.3
    frames.clear()
    made.advance()
    assert frames == [tuple("abc")], "those whose time is over are painted once more"
    assert made.strength("d") == 1.0


def test_with_reduced_motion_nothing_stands_out(qapp, clock: list[float]) -> None:
    theme_store().set_reduced_motion(True)
    made, frames = glow()
    made.start("a")
    assert not frames and not made.active
