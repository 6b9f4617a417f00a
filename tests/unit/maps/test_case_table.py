"""Cases as columns: what goes in comes out, few bytes a case, a handful changed in place."""

from __future__ import annotations

import math
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.layers.case_columns import prepare_cases, prepare_columns
from maps.layers.case_table import CaseTable, CaseView
from maps.layers.map_case import MapCase, same_case
from maps.layers.packed import PackedTexts, PooledTexts
from maps.layers.tokens import BANDS

WORDS = st.text(max_size=12)
CASES = st.lists(
    st.builds(
        MapCase,
        st.integers(0, 12).map(lambda i: f"c{i}"),
        WORDS.filter(lambda w: "\x00" not in w and not any("\ud800" <= c <= "\udfff" for c in w)),
        st.none() | st.just(math.nan) | st.floats(-180, 180),
        st.none() | st.floats(-80, 80) | st.just(400.0),
        st.sampled_from([*BANDS, "odd", "newer"]),
        st.integers(0, 3),
        st.sampled_from(["井盖缺失", "占道经营", ""]),
        st.sampled_from(["松影路 1 号", "南苑街口"]),
        st.sampled_from(["440199001001001", ""]),
        st.sampled_from(["望塔-09", ""]),
        st.sampled_from(["余 0:04:52", "超 1天 19:05"]),
        st.booleans(),
        st.integers(0, 6),
    ),
    max_size=14,
)


def many(n: int = 100_000, seed: int = 1) -> CaseTable:
    rng = np.random.default_rng(seed)
    ids = [f"case-{i:06d}" for i in range(n)]
    return prepare_columns(
        ids,
        rng.normal(113.3, 0.09, n),
        rng.normal(23.1, 0.09, n),
        rng.integers(0, 7, n),
        rng.integers(0, 4, n),
    )


# --- words --------------------------------------------------------------------------------------------


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))))
def test_packed_words_come_out_as_they_went_in(words: list[str]) -> None:
    packed = PackedTexts.of(words)
    assert len(packed) == len(words)
    assert [packed[i] for i in range(len(words))] == words
    assert packed[len(words)] == ""
    assert packed == PackedTexts.of(list(words))


def test_words_that_cannot_be_packed_lose_only_what_is_no_word() -> None:
    packed = PackedTexts.of(["a\x00b", "\ud800", "c"])
    assert [packed[0], packed[1], packed[2]] == ["ab", "?", "c"]
    assert packed != PackedTexts.of(["ab", "?", "d"])
    assert packed != "ab?c"


@given(st.lists(st.sampled_from(["a", "b", "望塔", ""])))
def test_pooled_words_come_out_as_they_went_in(words: list[str]) -> None:
    pooled = PooledTexts.of(words)
    assert [pooled[i] for i in range(len(words))] == words
    assert len(pooled.words) == len(set(words))
    assert pooled[len(words)] == ""
    assert pooled == PooledTexts.of(iter(words))


# --- values in and out --------------------------------------------------------------------------------


@given(CASES)
def test_values_come_out_as_they_went_in(cases: list[MapCase]) -> None:
    table = prepare_cases(cases)
    last = {case.case_id: case for case in cases}
    view = CaseView(table)
    assert list(view) == list(last)
    assert len(view) == len(last)
    assert all(same_case(view[i], case) for i, case in last.items())
    assert "nobody" not in view
    with pytest.raises(KeyError):
        view["nobody"]


@given(CASES, CASES, st.lists(st.integers(0, 12).map(lambda i: f"c{i}")))
def test_changes_give_what_a_new_table_gives(
    first: list[MapCase], then: list[MapCase], gone: list[str]
) -> None:
    table = prepare_cases(first)
    expected = {case.case_id: case for case in first}
    before = dict(expected)
    touched, _ = table.update(then, gone)
    expected.update({case.case_id: case for case in then})
    for case_id in gone:
        expected.pop(case_id, None)
    assert set(table.row_of) == set(expected)
    assert all(same_case(table.case(table.row_of[i]), case) for i, case in expected.items())
    same = expected.keys() == before.keys() and all(same_case(expected[i], before[i]) for i in before)
    assert touched or same
    assert table.same_as(prepare_cases(expected.values()))
    assert same or not table.same_as(prepare_cases(first))
    assert table.alive.sum() == len(expected)
    assert {table.ids[row] for row in table.placed.tolist()} <= set(expected)


def test_the_same_change_again_is_none() -> None:
    table = prepare_cases([MapCase("a", "1", 113.0, 23.0), MapCase("b", "2", None, None)])
    assert table.update([MapCase("b", "2", math.nan, None)], ["c"]) == (False, 0)
    assert table.revision == 0
    assert table.update([MapCase("b", "2", None, None, "soon")], []) == (True, 0)
    assert table.revision == 1


def test_a_row_is_never_used_for_another_case() -> None:
    table = prepare_cases([MapCase("a", "1", 113.0, 23.0), MapCase("b", "2", 113.0, 23.0)])
    table.update([MapCase("a", "1", 113.1, 23.0), MapCase("c", "3", 113.2, 23.0)], ["b"])
    assert table.ids == ["a", "b", "a", "c"]
    assert table.alive.tolist() == [False, False, True, True]
    assert table.row_of == {"a": 2, "c": 3}
    assert table.case(1).number == "2"
    assert table.case(3).number == "3"
    assert table.worn > 0


def test_a_case_that_goes_and_comes_in_one_change_is_gone() -> None:
    table = prepare_cases([MapCase("a", "1", 113.0, 23.0)])
    assert table.update([MapCase("b", "2", 113.0, 23.0)], ["b"]) == (True, 0)
    assert set(table.row_of) == {"a"}


# --- columns ------------------------------------------------------------------------------------------


def test_columns_ask_for_their_words_when_they_are_needed() -> None:
    asked: list[str] = []

    def details(case_id: str) -> MapCase | None:
        asked.append(case_id)
        return MapCase(case_id, "1120-0001", 0.0, 0.0, title="井盖缺失") if case_id == "a" else None

    table = prepare_columns(
        ["a", "b"], [113.0, math.nan], [23.0, 23.0], [3, 5], 2, [True, False], 4, ["44", ""], details
    )
    assert asked == []
    assert table.case(0) == MapCase(
        "a", "1120-0001", 113.0, 23.0, "soon", 2, "井盖缺失", area_code="44", pending=True, stage=4
    )
    assert table.case(1) == MapCase("b", "", None, 23.0, "ok", 2, stage=4)
    assert asked == ["a", "b"]
    assert table.area_index({"44": 7}).tolist() == [7, -1]
    assert table.area_code(0) == "44"


@pytest.mark.parametrize(
    ("ids", "lon", "band", "areas"),
    [
        (["a"], [1.0, 2.0], [0], None),
        (["a", "b"], [1.0, 2.0], [0], None),
        (["a", "a"], [1.0, 2.0], [0, 0], None),
        (["a"], [1.0], [7], None),
        (["a"], [1.0], [-1], None),
        (["a"], [1.0], [0], ["x", "y"]),
    ],
)
def test_columns_that_do_not_fit_are_refused(
    ids: list[str], lon: list[float], band: list[int], areas: list[str] | None
) -> None:
    with pytest.raises(ValueError, match=r"column|twice|band"):
        prepare_columns(ids, lon, [0.0] * len(lon), band, area_codes=areas)


def test_numbers_out_of_range_are_brought_in() -> None:
    table = prepare_columns(["a"], [1.0], [1.0], [0], urgency=[9], stage=[-3])
    assert (table.case(0).urgency, table.case(0).stage) == (3, 0)
    table = prepare_cases([MapCase("a", "", 1.0, 1.0, urgency=-4, stage=77)])
    assert (table.case(0).urgency, table.case(0).stage) == (0, 0)


def test_risk_puts_the_worse_band_first_then_the_urgent() -> None:
    table = prepare_columns(list("abcd"), [1.0] * 4, [1.0] * 4, [5, 0, 0, 3], [3, 0, 3, 0])
    order = np.argsort(table.risk(np.arange(4, dtype=np.int32)), kind="stable")
    assert [table.ids[i] for i in order] == ["c", "b", "d", "a"]


# --- size and speed -----------------------------------------------------------------------------------


def test_a_hundred_thousand_cases_take_little_memory() -> None:
    rng = np.random.default_rng(2)
    n = 20_000
    values = [
        MapCase(f"case-{i:06d}", f"1120-{i:05d}", 113.0, 23.0, BANDS[int(b)], i % 4, f"类别{i % 60}",
                f"松影路与南苑街口西北角 {i} 号", f"44019900100{i % 900:04d}", f"望塔-{i % 900}",
                f"余 {i % 9}:{i % 60:02d}:07")
        for i, b in enumerate(rng.integers(0, 7, n))
    ]  # fmt: skip
    tracemalloc.start()
    table = prepare_cases(values)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Words, columns and the index from id to row, for 100,000 as for these; the ids are those of the caller.
    assert taken / n * 100_000 < 24e6
    assert table.nbytes < taken
    assert (table.nbytes + sys.getsizeof(table.row_of)) / n < 240


def test_a_handful_of_changes_does_not_touch_the_rest() -> None:
    table = many()
    column = np.arange(100_000, dtype=np.float64)
    started = time.thread_time()
    for _ in range(20):
        column.copy()
        np.flatnonzero(column > 5)
    floor = (time.thread_time() - started) / 20
    took = []
    for k in range(15):
        changed = [replace(table.case(k * 10 + i), band="over3", pending=True) for i in range(5)]
        started = time.thread_time()
        assert table.update(changed, [f"case-{90_000 + k:06d}"]) == (True, 0)
        took.append(time.thread_time() - started)
    # Five values built for comparison and a few bytes written: less than some walks over one column.
    assert float(np.median(took)) < 10 * floor + 1e-3


def test_columns_are_made_ready_in_the_time_of_a_few_walks() -> None:
    n = 100_000
    ids = [f"case-{i:06d}" for i in range(n)]
    started = time.thread_time()
    dict(zip(ids, range(n), strict=True))
    np.sin(np.random.default_rng(1).random((n, 8)))
    floor = time.thread_time() - started
    started = time.thread_time()
    many(n)
    assert time.thread_time() - started < 20 * floor


def test_comparing_two_tables_never_asks_for_their_words() -> None:
    asked: list[str] = []

    def details(case_id: str) -> MapCase | None:
        asked.append(case_id)
        return None

    def other(case_id: str) -> MapCase | None:
        return details(case_id)

    def table(words: Callable[[str], MapCase | None], urgency: int = 0) -> CaseTable:
        ids = [f"c{n}" for n in range(300)]
        return prepare_columns(
            ids, np.full(300, 113.0), np.full(300, 23.0), np.zeros(300, int), urgency, details=words
        )

    first = table(details)
    assert first.same_as(table(details))
    assert not first.same_as(table(details, urgency=2))
    assert not first.same_as(table(other))
    first.update([MapCase("c1", "1", 113.0, 23.0, "over3", 1)], [])
    asked.clear()
    assert not first.same_as(table(details))
    assert asked == []
