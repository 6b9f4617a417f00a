"""Lines of a brief as they are handed in: the centre's own check takes them."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from services.api.desk_calls import line_from
from services.domain.handover import KINDS
from services.ports.handover import BriefLine
from services.ports.search import FIND_ORDERS, ID_BYTES, DeskColumns, Found

LINES = st.builds(
    BriefLine,
    st.sampled_from(sorted(KINDS)),
    st.text(min_size=1, max_size=20),
    st.none() | st.uuids().map(str),
    st.none() | st.text(min_size=1, max_size=12),
    st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.text(max_size=10),
)


@settings(max_examples=25)
@given(LINES)
def test_a_line_handed_in_is_the_line_read_back(line: BriefLine) -> None:
    assert line_from(line.doc()) == line


def test_a_line_without_a_moment_says_none() -> None:
    assert BriefLine("note", "看好抢修").doc()["due_at"] is None


def test_an_answer_of_a_search_counts_whole_ids() -> None:
    assert len(Found()) == 0
    assert len(Found(b"\0" * ID_BYTES * 3)) == 3


def test_a_desk_without_cases_is_empty_in_every_column() -> None:
    desk = DeskColumns()
    assert len(desk) == 0
    assert all(getattr(desk, name) == () for name in DeskColumns.__slots__)


def test_orders_of_a_search_are_named_once() -> None:
    assert len(set(FIND_ORDERS)) == len(FIND_ORDERS) and "newest" in FIND_ORDERS
