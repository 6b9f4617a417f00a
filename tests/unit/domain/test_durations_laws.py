"""Durations in buckets: laws that hold for any counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.durations import BUCKETS, LEAST_S, STEPS, Durations, bucket_of, middle_of

seconds = st.floats(0, 1e9)
some = st.lists(seconds, min_size=1, max_size=30)


@given(seconds, seconds)
def test_what_takes_longer_lies_in_no_earlier_bucket(one: float, two: float) -> None:
    assert (bucket_of(one) <= bucket_of(two)) or one > two
    assert 0 <= bucket_of(one) <= BUCKETS


@given(st.integers(0, BUCKETS))
def test_a_bucket_holds_what_stands_for_it(bucket: int) -> None:
    assert bucket_of(middle_of(bucket)) == bucket


@pytest.mark.parametrize("octave", range(15))
def test_twice_as_long_is_four_buckets_on_and_edges_belong_to_the_later_one(octave: int) -> None:
    edge = LEAST_S * 2**octave
    assert bucket_of(edge) == 1 + STEPS * octave
    assert bucket_of(edge * 0.999) == bucket_of(edge) - 1


@given(some, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_takes_no_less_time(values: list[float], one: float, two: float) -> None:
    made = Durations.of(values)
    low, high = made.quantile(min(one, two)), made.quantile(max(one, two))
    assert low is not None and high is not None and low <= high


@given(some, seconds)
def test_a_quantile_and_its_share_agree(values: list[float], limit: float) -> None:
    made = Durations.of(values)
    for share in (0.25, 0.5, 1.0):
        value = made.quantile(share)
        assert value is not None
        within = made.share_within(value)
        assert within is not None and within >= share - 1e-9
    inside = made.share_within(limit)
    assert inside is not None and 0 <= inside <= 1


@given(some, st.integers(1, 5))
def test_counting_all_several_times_changes_no_quantile(values: list[float], times: int) -> None:
    once, often = Durations.of(values), Durations()
    for value in values:
        often.add(value, times)
    assert often.total == times * once.total
    assert [often.quantile(share) for share in (0.1, 0.5, 0.9)] == [
        once.quantile(share) for share in (0.1, 0.5, 0.9)
    ]


@given(some, some)
def test_adding_leaves_the_other_as_it_is(one: list[float], two: list[float]) -> None:
    first, second = Durations.of(one), Durations.of(two)
    kept = dict(second.counts)
    first.merge(second)
    first.add(60)
    assert second.counts == kept


def test_documents_are_in_the_order_of_the_buckets() -> None:
    made = Durations({9: 1, 2: 3, 40: 2})
    assert list(made.to_doc().items()) == [("2", 3), ("9", 1), ("40", 2)]
    assert Durations.from_doc({}).total == 0
