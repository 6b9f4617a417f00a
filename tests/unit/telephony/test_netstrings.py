"""Netstrings: whole bodies however they come, and an end to what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.telephony.netstrings import LONGEST, NotNetstringsError, Unframer, framed


@given(st.lists(st.binary(max_size=60), max_size=8), st.integers(1, 9))
def test_bodies_come_whole_however_they_are_cut(bodies: list[bytes], step: int) -> None:
    stream = b"".join(framed(body) for body in bodies)
    frames, found = Unframer(), []
    for begin in range(0, len(stream), step):
        found += frames.feed(stream[begin : begin + step])
    assert found == bodies


@pytest.mark.parametrize(
    "stream", [b"x:", b"3:abcd", b"99999999", f"{LONGEST + 1}:".encode(), b":abc,", b"-1:,"], ids=range(6)
)
def test_what_is_no_netstring_is_refused(stream: bytes) -> None:
    with pytest.raises(NotNetstringsError):
        Unframer().feed(stream)
