"""As few moves as possible."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.tables.row_order import longest_rising, moves_to_order


@pytest.mark.parametrize(
    ("places", "chain"),
    [
        ([], set()),
        ([0], {0}),
        ([0, 1, 2, 3], {0, 1, 2, 3}),
        ([3, 0, 1, 2], {1, 2, 3}),
        ([1, 2, 3, 0], {0, 1, 2}),
        ([3, 2, 1, 0], {3}),
    ],
)
def test_longest_rising(places: list[int], chain: set[int]) -> None:
    found = longest_rising(places)
    assert len(found) == len(chain)
    kept = [places[position] for position in sorted(found)]
    assert kept == sorted(kept)


def apply(places: list[int]) -> list[int]:
    """Carry the moves out as the model does: each row right behind the one that precedes it."""
    wanted = places
    rows = sorted(places)
    for place in moves_to_order(places):
        row = wanted[place]
        old = rows.index(row)
        behind = rows.index(wanted[place - 1]) + 1 if place else 0
        rows.pop(old)
        rows.insert(behind - (old < behind), row)
    return rows


@given(st.permutations(list(range(9))))
def test_moves_give_the_order(places: list[int]) -> None:
    assert apply(list(places)) == list(places)


def test_one_row_that_changes_place_is_one_move() -> None:
    places = list(range(200))
    row = places.pop(150)
    places.insert(20, row)
    assert moves_to_order(places) == [20]


def test_many_rows() -> None:
    places = list(range(2000))
    random.Random(4).shuffle(places)
    moves = moves_to_order(places)
    assert len(moves) < 2000
    assert moves == sorted(moves)
