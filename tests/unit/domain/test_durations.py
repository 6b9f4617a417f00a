"""Durations in buckets: quantiles near the true ones, and sums that can be taken apart."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.durations import BUCKETS, LEAST_S, Durations, bucket_of, middle_of

seconds = st.floats(60, 3e7)


@given(seconds)
def test_a_bucket_stands_for_what_lies_in_it(value: float) -> None:
    assert abs(math.log2(middle_of(bucket_of(value)) / value)) <= 0.126


@given(st.lists(seconds, min_size=1, max_size=200), st.sampled_from([0.1, 0.5, 0.8, 0.95]))
def test_quantiles_are_within_nine_percent(values: list[float], share: float) -> None:
    true = sorted(values)[max(1, math.ceil(share * len(values))) - 1]
    found = Durations.of(values).quantile(share)
    assert found is not None and abs(found / true - 1) <= 0.0951


def test_the_median_of_handling_times() -> None:
    hours = [2, 3, 3.5, 4, 30]
    found = Durations.of(h * 3600 for h in hours).quantile(0.5)
    assert found == pytest.approx(statistics.median(hours) * 3600, rel=0.09)


def test_ends() -> None:
    assert bucket_of(0) == bucket_of(59.9) == 0 and bucket_of(LEAST_S) == 1
    assert bucket_of(1e12) == BUCKETS
    assert middle_of(0) == 30
    assert Durations().quantile(0.5) is None and Durations().share_within(60) is None
    for wrong in (-1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="finite"):
            bucket_of(wrong)


@given(st.lists(seconds, max_size=40), st.lists(seconds, max_size=40))
def test_sums_add_up_and_can_be_taken_apart(one: list[float], two: list[float]) -> None:
    both = Durations.of(one)
    both.merge(Durations.of(two))
    assert both.counts == Durations.of([*one, *two]).counts
    assert both.total == len(one) + len(two)
    for value in two:
        both.add(value, -1)
    assert both.counts == Durations.of(one).counts
    assert Durations.from_doc(both.to_doc()).counts == both.counts


def test_taking_back_what_was_never_counted_leaves_nothing_negative() -> None:
    made = Durations()
    made.add(100, -1)
    assert made.total == 0


@pytest.mark.parametrize("doc", [{"81": 1}, {"-1": 1}, {"0": 0}, {"x": 1}])
def test_documents_that_are_none(doc: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        Durations.from_doc(doc)


def test_the_share_within_a_limit() -> None:
    made = Durations.of([3600.0] * 3 + [36_000.0])
    assert made.share_within(7200) == 0.75
    assert made.share_within(-5) == 0.0
    assert made.share_within(1e9) == 1.0
