"""Which rows have to move so that a list gets a new order: as few as possible, so that the rest stays where it is."""

from bisect import bisect_left
from collections.abc import Sequence


def moves_to_order(old_places: Sequence[int]) -> list[int]:
    """Return the new places of the rows that must move, in the order in which to move them.

    Args:
        old_places: for each new place, the row's present place (a permutation of 0 … n−1).

    Rows on a longest rising chain of old places keep their order and need no move. Putting each of the others, smallest
    new place first, right behind the row that precedes it in the new order gives the new order.
    """
    keep = longest_rising(old_places)
    return [place for place in range(len(old_places)) if place not in keep]


def longest_rising(values: Sequence[int]) -> set[int]:
    """Return the positions of one longest rising subsequence (n log n)."""
    tails: list[int] = []
    tail_positions: list[int] = []
    previous = [-1] * len(values)
    for position, item in enumerate(values):
        slot = bisect_left(tails, item)
        previous[position] = tail_positions[slot - 1] if slot else -1
        if slot == len(tails):
            tails.append(item)
            tail_positions.append(position)
        else:
            tails[slot] = item
            tail_positions[slot] = position
    chain: set[int] = set()
    at = tail_positions[-1] if tail_positions else -1
    while at >= 0:
        chain.add(at)
        at = previous[at]
    return chain
