"""Packing: small, exact, and for ever readable."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backend.db import packing
from services.backend.db.packing import compact, pack, unpack

DISPATCH = {
    "d": {
        "version": 5, "xver": 4, "state": "pending_sign", "lead_dept": "muni", "owner": ["dept_user", "muni", None],
        "clocks": {
            "dispatch": {"start": "2026-11-20T09:30:00Z", "limit": [30, "minute"], "due": "2026-11-20T10:00:00Z",
                         "stop": "2026-11-20T09:41:12Z"},
            "handle": {"start": "2026-11-20T09:41:12Z", "limit": [4, "work_hour"], "due": "2026-11-20T13:41:12Z"},
        },
    },
    "p": {"lead_dept": "muni", "co_depts": [], "note": ""}, "n": "王小明",
}  # fmt: skip
DICTIONARY_1 = "70ddb3c091aebec2d1b07d5cf0270436bd6388eed54d789d32af0ae5e9489875"
DISPATCH_1 = (
    "01ab86841e66309be81013a4b9c0feb7120e5742e4602e251cc68686ba460621069656c60656060651c40439448b21483d54"
    "0b720cc00d34310436c8a2f04408ba4aa2e2076ab931dcf85a6c11000d21bc91f0bcaffbe986fe6733fa946a01"
)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 60), 1 << 60)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), _VALUES, max_size=6))
def test_what_is_packed_comes_back(doc: dict[str, object]) -> None:
    text = json.dumps(doc)
    if "\\ud" in text:  # lone surrogates never reach the log
        return
    assert unpack(pack(doc)) == doc and pack(doc) == pack(doc)


def test_a_dispatch_takes_a_quarter_of_its_json() -> None:
    assert len(pack(DISPATCH)) < len(compact(DISPATCH).encode()) / 4


def test_the_dictionary_is_never_edited() -> None:
    """Every row ever written needs it as it was: a new one takes the next number instead."""
    digest = hashlib.sha256(packing._DICTIONARY_1).hexdigest()
    assert digest == DICTIONARY_1
    old = bytes.fromhex(DISPATCH_1)
    assert unpack(old) == DISPATCH


def test_plain_json_is_a_form_too() -> None:
    assert unpack(b"\x00" + compact(DISPATCH).encode()) == DISPATCH


@pytest.mark.parametrize("packed", [b"", b"\x07abc", b"\x01", b"\x01\xff\xff\xff", b"\x00{"])
def test_damaged_bytes_are_told(packed: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(packed)


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError):
        compact({"a": float("nan")})
