"""Null says the same as leaving an optional field out; a field that must be there stays wrong."""

from __future__ import annotations

import pytest

from services.domain.errors import PayloadError
from services.domain.payloads import PAYLOADS, check_payload

BIRTH = {"kind": "event", "source": "hotline", "description": "垃圾", "location": {"lon": 113, "lat": 23}}


def test_null_in_optional_fields_is_nothing() -> None:
    full = {**BIRTH, "category": None, "caller": None, "ticket": None, "level": None, "upper_due": None}
    assert check_payload("register", full) == check_payload("register", BIRTH)
    assert check_payload("assign", {"to": None}) == {"to": None}


@pytest.mark.parametrize("action", sorted(action for action, (required, _) in PAYLOADS.items() if required))
def test_null_in_required_fields_is_wrong(action: str) -> None:
    required, _ = PAYLOADS[action]
    if action == "assign":
        return
    with pytest.raises(PayloadError) as wrong:
        check_payload(action, dict.fromkeys(required))
    assert set(wrong.value.fields) == set(required)
