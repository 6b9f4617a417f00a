"""What the log may show of people, and what is kept apart."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backend.payload_mask import caller_row, normal_phone, phone_mac, shown_payload
from services.domain.ids import uuid7
from services.domain.payloads import PERSONAL

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
KEY = "ab" * 32
PLACE = {"kind": "event", "source": "hotline", "description": "井盖", "location": {"lon": 113.0, "lat": 23.0}}


def row(action: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    return caller_row(uuid7(), uuid7(), action, payload, NOW, KEY)


def test_a_payload_without_people_is_the_same_object() -> None:
    payload = {"lead_dept": "muni"}
    assert shown_payload("dispatch", payload, False) is payload
    assert shown_payload("register", PLACE, True) is PLACE
    assert row("dispatch", payload) is None and row("register", PLACE) is None


def test_names_and_numbers_are_masked_wherever_they_stand() -> None:
    payload = {
        **PLACE,
        "caller": {"name": "欧阳小明", "phone": "13812345678"},
        "ticket": {
            "caller_name": "张三", "caller_phone": "020-81234567", "caller_id_no": "44010619900101123X",
            "company_name": "某公司",
            "phone": "13912345678", "name": "李四", "text": "回拨13612345678或36123456", "channel": "12345", "count": 3,
            "urgent": True, "tags": ["a"], "nothing": None,
        },
    }  # fmt: skip
    shown = shown_payload("register", payload, False)
    assert shown["caller"] == {"name": "欧**", "phone": "138****5678"}
    assert shown["ticket"] == {
        "caller_name": "张*", "caller_phone": "****4567", "caller_id_no": "****", "company_name": "某**",
        "phone": "139****5678", "name": "李*", "text": "回拨136****5678或36123456", "channel": "12345", "count": 3,
        "urgent": True, "tags": ["a"], "nothing": None,
    }  # fmt: skip
    assert payload["caller"]["name"] == "欧阳小明"  # the original is not touched
    assert list(shown)[: len(PLACE)] == list(PLACE)


def test_a_confidential_caller_is_not_even_masked() -> None:
    payload = {
        **PLACE,
        "confidential": True,
        "caller": {"name": "张三"},
        "ticket": {"caller_name": "张三", "topic": "噪声"},
    }
    shown = shown_payload("register", payload, True)
    assert "caller" not in shown and shown["ticket"] == {"topic": "噪声"}
    assert shown_payload("log_call", {"caller": {"name": "张三"}, "phone": "1", "topic": "噪声"}, True) == {
        "topic": "噪声"
    }


def test_what_is_kept_apart() -> None:
    found = row(
        "register",
        {**PLACE, "caller": {"name": "张三", "phone": "138 1234 5678"}, "ticket": {"caller_id_no": "44"}},
    )
    assert found is not None
    assert (found["name"], found["phone"], found["last4"]) == ("张三", "138 1234 5678", "5678")
    assert found["phone_mac"] == phone_mac("13812345678", KEY) and json.loads(found["facts"]) == {
        "caller_id_no": "44"
    }
    only_ticket = row("register", {**PLACE, "ticket": {"caller_name": "李四", "caller_phone": "13900001111"}})
    assert only_ticket is not None and (only_ticket["name"], only_ticket["last4"]) == ("李四", "1111")
    call = row("log_call", {"phone": "13900001111", "topic": "x"})
    assert call is not None and call["phone"] == "13900001111" and call["name"] is None
    nameless = row("register", {**PLACE, "caller": {"name": "", "phone": ""}})
    assert nameless is None
    odd = row("log_call", {"phone": 13900001111})
    assert odd is not None and odd["phone"] is None and odd["phone_mac"] is None


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("138-1234-5678", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("020-8123", "0208123"),
        ("x", ""),
    ],
)
def test_one_number_has_one_spelling(typed: str, digits: str) -> None:
    assert normal_phone(typed) == digits


def test_marks_need_the_key() -> None:
    assert phone_mac("138", KEY) == phone_mac("138", KEY) != phone_mac("138", "cd" * 32)
    assert phone_mac("138", KEY) != phone_mac("139", KEY) and len(phone_mac("138", KEY)) == 16


@given(
    st.sampled_from(["13812345678", "15900001111", "19987654321"]),
    st.sampled_from(sorted(PERSONAL)),
    st.text(alphabet="查询 ，。abc", max_size=8),
    st.text(alphabet="查询 ，。abc", max_size=8),
)
def test_no_mobile_number_gets_through(number: str, key: str, before: str, after: str) -> None:
    payload = {"caller": {"phone": number}, key: number, "remark": before + number + after}
    for shown in (
        shown_payload("log_call", payload, False),
        shown_payload("register", {**PLACE, "ticket": payload}, False),
    ):
        assert number not in json.dumps(shown, ensure_ascii=False)
