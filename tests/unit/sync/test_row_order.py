"""Filter and order in Python say the same as the cache's SQL, for every query."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.case import Case, Location
from services.domain.clocks import Clock
from services.domain.limits import Limit
from services.ports.picture import CaseQuery, row_of
from services.store.stores import Stores, open_stores
from services.sync.row_order import matches, sorted_rows
from tests.support.console_core import quick_folder

T0 = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LIMIT = Limit(1, "urgent_hour")


def case(i: int, **changes: object) -> Case:
    """A case that differs from the others in every column a queue looks at."""
    state = ("reported", "pending_dispatch", "handling", "closed", "suspended")[i % 5]
    clocks = {
        "accept": Clock("accept", T0, LIMIT, T0 + timedelta(hours=i % 7)),
        "dispatch": Clock("dispatch", T0, LIMIT, T0 + timedelta(hours=i % 3)),
        "handle": Clock("handle", T0, LIMIT, T0 + timedelta(hours=i)),
    }  # fmt: skip
    if state == "suspended":
        clocks["handle"] = Clock("handle", T0, LIMIT, None, frozen_s=9)
    made = Case(
        f"case-{i:03d}", ("event", "component")[i % 2], ("patrol", "hotline")[i % 3 == 0], state,
        f"第{i}处 Garbage 垃圾", Location(113.0, 23.0, f"示例路 {i} 号"), T0 + timedelta(minutes=i),
        number=None if i % 6 == 0 else f"20261123-{i:04d}", category=f"event-01{i % 4:02d}",
        grid=None if i % 11 == 0 else f"44010600{i % 3}001001", urgent=i % 4 == 0, lead_dept=("sani", None)[i % 2],
        clocks=clocks, version=1, xver=1, closed_at=T0 + timedelta(minutes=i * 5) if state == "closed" else None,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type] # test data


CASES = [case(i) for i in range(60)]


@pytest.fixture(scope="module")
def stores() -> Iterator[Stores]:
    folder = quick_folder()
    made = open_stores(folder, None, synchronous="OFF")
    made.cache.replace_cases(CASES)
    yield made
    made.close()
    shutil.rmtree(folder)


QUERIES = st.builds(
    CaseQuery,
    states=st.sampled_from([(), ("reported",), ("handling", "closed")]),
    stages=st.sampled_from([(), ("dispatch",), ("handle", "intake")]),
    area=st.sampled_from(["", "440106001", "44010600", "4401060"]),
    categories=st.sampled_from([(), ("event-0101", "event-0102")]),
    lead_depts=st.sampled_from([(), ("sani",)]),
    sources=st.sampled_from([(), ("patrol",)]),
    kinds=st.sampled_from([(), ("event",)]),
    text=st.sampled_from(
        ["", "垃圾", "第1处", "garbage", "示例路 12", "GA", "圾", "20261123-0007", "没有这样的字", '"', "  "]
    ),
    open_only=st.booleans(),
    due_before=st.sampled_from([None, T0 + timedelta(hours=4)]),
    closed_since=st.sampled_from([None, T0, T0 + timedelta(hours=2)]),
    order=st.sampled_from(["due", "newest", "number", "closed"]),
)


@given(query=QUERIES)
def test_python_and_sql_agree(stores: Stores, query: CaseQuery) -> None:
    by_sql = stores.cache.rows(query)
    by_python = sorted_rows((row_of(c) for c in CASES if matches(c, query)), query.order)
    assert {row.case_id for row in by_sql} == {row.case_id for row in by_python}
    assert [key(row, query.order) for row in by_sql] == [key(row, query.order) for row in by_python]


def key(row: object, order: str) -> object:
    """What the order is told by; ties may fall either way."""
    columns = {
        "due": ("urgent", "due_at"), "newest": ("created_at",), "number": ("number",), "closed": ("closed_at",),
    }[order]  # fmt: skip
    return tuple(getattr(row, column) for column in columns)


def test_unknown_orders_are_refused(stores: Stores) -> None:
    with pytest.raises(ValueError, match="unknown order"):
        stores.cache.rows(CaseQuery(order="price"))
    with pytest.raises(KeyError):
        sorted_rows([], "price")
