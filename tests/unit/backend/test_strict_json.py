"""Strict JSON and problem documents."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backend.problems import Problem, invalid
from services.backend.strict_json import read_json

_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(_VALUES)
def test_good_json_is_read_as_ever(value: object) -> None:
    text = json.dumps(value)
    assert read_json(text.encode()) == json.loads(text)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_told(body: bytes) -> None:
    try:
        read_json(body)
    except Problem as problem:
        assert (problem.status, problem.code) == (400, "bad_json") and problem.detail


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":1}',
        b'[{"b":{"c":1,"c":2}}]',
        b"NaN",
        b"[Infinity]",
        b"1e400",
        b"9" * 41,
        b"0." + b"1" * 50,
    ],
)
def test_what_the_standard_reader_takes_is_refused(body: bytes) -> None:
    json.loads(body)
    with pytest.raises(Problem):
        read_json(body)


def test_a_problem_says_everything_and_can_always_be_written() -> None:
    problem = invalid({"a\ud800": "错", "b": "也错"})
    assert problem.title.startswith("a") and problem.status == 422
    document = json.loads(problem.body("t1"))
    assert (
        document["trace_id"] == "t1" and document["code"] == "invalid" and document["fields"]["b"] == "也错"
    )
    assert "422 invalid" in str(problem) and invalid({}).title
