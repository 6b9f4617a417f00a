"""Joins grids into communities and communities into streets: connected groups of similar size."""

from __future__ import annotations

import heapq
import math

import numpy as np
from numpy.typing import NDArray

from services.backend.demo.geometry_plan import Floats

Ints = NDArray[np.int64]

_ROUNDS = 12
_DELAY = 0.9  # of a step between cells, for a group twice the mean size
_BARRIER_COST = 2.2  # a river or a main road between two grids counts as so many times the way


class Graph:
    """Neighbours of each cell with the cost of the step."""

    def __init__(self, centres: Floats, pairs: Ints, barrier: NDArray[np.bool_]) -> None:
        """Take cells (n, 2), shared borders (m, 2) and which of them are barriers (m,)."""
        self.centres = centres
        self.steps: list[list[tuple[int, float]]] = [[] for _ in centres]
        for (a, b), hard in zip(pairs.tolist(), barrier.tolist(), strict=True):
            way = math.dist(centres[a], centres[b]) * (_BARRIER_COST if hard else 1.0)
            self.steps[a].append((b, way))
            self.steps[b].append((a, way))
        ways = [way for steps in self.steps for _, way in steps]
        self.step_m = sum(ways) / len(ways) if ways else 0.0


def partition(graph: Graph, members: list[int], seeds: Floats) -> list[list[int]]:
    """Divide cells that hang together into as many connected groups as there are seeds (k, 2).

    Groups grow from the seeds by the shortest way; between rounds the seeds move to the middle of their
    group, and large groups start later so that sizes come nearer to each other. Every group is connected,
    since it is a tree of shortest ways, and none is empty.
    """
    middle, delay = seeds, np.zeros(len(seeds))
    groups = [members]
    for turn in range(_ROUNDS):
        starts = _starts(graph, members, middle)
        groups = _grown(graph, members, starts, _bounded(delay, graph.centres[starts]))
        sizes = np.array([len(g) for g in groups], dtype=float)
        middle = np.array([graph.centres[g].mean(axis=0) for g in groups])
        if turn >= _ROUNDS // 3:
            delay = delay + _DELAY * graph.step_m * (sizes / sizes.mean() - 1.0)
    return groups


def _bounded(delay: Floats, starts: Floats) -> Floats:
    """Delays from zero up, none so long that another group reaches the start before its own group does."""
    delay = delay - delay.min()
    if len(starts) == 1:
        return delay
    apart = np.hypot(*(starts[:, None] - starts[None, :]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    return np.asarray(np.minimum(delay, 0.6 * apart.min(axis=1)))


def spread_seeds(graph: Graph, members: list[int], count: int) -> Floats:
    """`count` cells far from each other, as first seeds: each next one is the farthest from all before."""
    at = graph.centres[members]
    chosen = [int(np.argmin(np.hypot(*(at - at.min(axis=0)).T)))]
    away = np.hypot(*(at - at[chosen[0]]).T)
    while len(chosen) < count:
        chosen.append(int(np.argmax(away)))
        away = np.minimum(away, np.hypot(*(at - at[chosen[-1]]).T))
    return np.asarray(at[chosen])


def _starts(graph: Graph, members: list[int], seeds: Floats) -> list[int]:
    """The cell nearest to each seed, no cell twice."""
    at = graph.centres[members]
    taken: set[int] = set()
    starts = []
    for seed in seeds:
        for i in np.argsort(np.hypot(*(at - seed).T), kind="stable").tolist():
            if i not in taken:
                taken.add(i)
                starts.append(members[i])
                break
    return starts


def _grown(graph: Graph, members: list[int], starts: list[int], delay: Floats) -> list[list[int]]:
    allowed = set(members)
    owner: dict[int, int] = {}
    heap: list[tuple[float, int, int]] = [
        (wait, cell, group) for group, (cell, wait) in enumerate(zip(starts, delay.tolist(), strict=True))
    ]
    heapq.heapify(heap)
    while heap:
        way, cell, group = heapq.heappop(heap)
        if cell in owner:
            continue
        owner[cell] = group
        for other, step in graph.steps[cell]:
            if other in allowed and other not in owner:
                heapq.heappush(heap, (way + step, other, group))
    groups: list[list[int]] = [[] for _ in starts]
    for cell in members:
        groups[owner[cell]].append(cell)
    return groups


def joined_small(graph: Graph, groups: list[list[int]], least: int) -> list[list[int]]:
    """Give the cells of groups smaller than `least` to the smallest group beside them, while there is one."""
    groups = [list(g) for g in groups]
    while len(groups) > 1:
        small = min(range(len(groups)), key=lambda i: len(groups[i]))
        if len(groups[small]) >= least:
            break
        owner = {cell: i for i, g in enumerate(groups) for cell in g}
        beside = {owner[o] for cell in groups[small] for o, _ in graph.steps[cell] if o in owner} - {small}
        target = min(beside, key=lambda i: (len(groups[i]), i))
        groups[target] += groups[small]
        del groups[small]
    return groups


def reading_order(points: Floats, row_m: float) -> list[int]:
    """Positions ordered as a page is read: rows north to south, west to east in a row (domain 3.1)."""
    row = np.floor((points[:, 1].max() - points[:, 1]) / row_m + 1e-9) if len(points) else np.zeros(0)
    return [int(i) for i in np.lexsort((points[:, 0], row))]
