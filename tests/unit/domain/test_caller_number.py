"""Callers' numbers as switches tell them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.caller_number import HIDDEN, LONGEST, caller_number


@pytest.mark.parametrize(
    ("told", "digits", "shown", "kind"),
    [
        ("13812342716", "13812342716", "138 1234 2716", "mobile"),
        ("+8613812342716", "13812342716", "138 1234 2716", "mobile"),
        ("008613812342716", "13812342716", "138 1234 2716", "mobile"),
        ("8613812342716", "13812342716", "138 1234 2716", "mobile"),
        ("013812342716", "13812342716", "138 1234 2716", "mobile"),
        ("１３８ 1234-2716", "13812342716", "138 1234 2716", "mobile"),
        ("020/88886666", "02088886666", "020-88886666", "landline"),
        ("+862088886666", "02088886666", "020-88886666", "landline"),
        ("0375-2962319", "03752962319", "0375-2962319", "landline"),
        ("2962319", "2962319", "2962319", "landline"),
        ("12345", "12345", "12345", "service"),
        ("95598", "95598", "95598", "service"),
        ("4008123123", "4008123123", "4008123123", "service"),
        ("+14155550123", "14155550123", "+14155550123", "foreign"),
        ("8001", "8001", "8001", "short"),
        ("sip:13812342716@10.0.0.1:5060;user=phone", "13812342716", "138 1234 2716", "mobile"),
        ('"张三" <sip:02088886666@pbx>', "02088886666", "020-88886666", "landline"),
        ("tel:+86-138-1234-2716", "13812342716", "138 1234 2716", "mobile"),
    ],
)
def test_one_number_has_one_spelling(told: str, digits: str, shown: str, kind: str) -> None:
    found = caller_number(told)
    assert (found.digits, found.shown, found.kind) == (digits, shown, kind)


@pytest.mark.parametrize(
    "told", ["", "/", "anonymous", "Anonymous", "sip:anonymous@anonymous.invalid", " ", "<>"]
)
def test_hidden_callers(told: str) -> None:
    assert caller_number(told) == HIDDEN
    assert caller_number(told).hidden


def test_a_name_instead_of_a_number_is_shown_but_not_searched() -> None:
    found = caller_number("sip:front-desk@pbx")
    assert (found.digits, found.shown, found.kind) == ("", "front-desk", "hidden")


def test_noise_is_cut() -> None:
    found = caller_number("9" * 300)
    assert (found.digits, found.kind) == ("", "odd")
    assert len(found.shown) == LONGEST + 1


@given(st.text(max_size=500))
def test_nothing_a_switch_says_breaks_it(told: str) -> None:
    found = caller_number(told)
    assert found.digits == "" or (found.digits.isascii() and found.digits.isdigit())
    assert len(found.shown) <= LONGEST + 5
    assert found.shown.isprintable()
