"""Laws of callers' numbers: one number has one spelling however a switch tells it, and masks fit it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.caller_number import HIDDEN, LONGEST, CallerNumber, caller_number

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
landlines = st.from_regex(r"0(?:2[0-9]|[3-9][1-9][0-9])[2-8][0-9]{6,7}", fullmatch=True)
numbers = st.one_of(mobiles, landlines)


@given(mobiles, st.sampled_from(["", "+86", "0086", "86", "0", "+86 ", "tel:+86-", "sip:", "sip:+86"]))
def test_a_mobile_is_one_number_however_it_is_told(number: str, before: str) -> None:
    found = caller_number(before + number + ("@10.0.0.1:5060" if before.startswith("sip") else ""))
    assert (found.digits, found.kind) == (number, "mobile")
    assert found.shown.replace(" ", "") == number and not found.hidden


@given(landlines)
def test_a_land_line_keeps_its_trunk_zero_and_is_split_behind_its_area(number: str) -> None:
    found = caller_number(number)
    assert (found.digits, found.kind) == (number, "landline")
    area, _, rest = found.shown.partition("-")
    assert area + rest == number and len(rest) in (6, 7, 8)
    assert len(area) == (3 if number[1] in "12" else 4)


@given(landlines)
def test_a_land_line_with_its_country_is_the_same_number(number: str) -> None:
    for told in (f"+86{number[1:]}", f"+86{number}", f"0086{number[1:]}"):
        assert caller_number(told).digits == number, told


@given(
    numbers,
    st.lists(st.sampled_from([" ", "-", "(", ")", "/", "\u3000", "－", "."]), max_size=6),
    st.randoms(use_true_random=False),
)
def test_blanks_dashes_and_brackets_are_read_over(number: str, signs: list[str], chance: object) -> None:
    told = list(number)
    for sign in signs:
        told.insert(chance.randint(0, len(told)), sign)  # type: ignore[attr-defined]  # random.Random
    assert caller_number("".join(told)) == caller_number(number)


@given(numbers)
def test_full_width_digits_are_digits(number: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in number)
    assert caller_number(wide) == caller_number(number)


@given(st.text(max_size=60))
def test_what_is_shown_can_be_read_in_again(told: str) -> None:
    found = caller_number(told)
    if found.digits and not found.digits.startswith(("00", "86")):  # these read as codes of countries
        assert caller_number(found.shown).digits == found.digits
    assert found.kind in {"mobile", "landline", "service", "foreign", "short", "hidden", "odd"}
    assert found.hidden == (not found.digits)


@given(st.text(alphabet="0123456789", min_size=LONGEST + 1, max_size=80))
def test_a_number_longer_than_any_is_neither_searched_nor_called_back(told: str) -> None:
    found = caller_number(told)
    assert (found.digits, found.kind, found.shown) == ("", "odd", told[:LONGEST] + "…")


@pytest.mark.parametrize(
    "word", ["anonymous", "UNKNOWN", "Unavailable", "private", "Restricted", "withheld", "asterisk"]
)
@pytest.mark.parametrize("form", ["{}", " {} ", "sip:{}@pbx", '"x" <sip:{}@pbx>', "tel:{}"])
def test_words_for_nobody_are_hidden_in_every_form(word: str, form: str) -> None:
    assert caller_number(form.format(word)) == HIDDEN


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("110", "service"), ("8001", "short"), ("10086", "service"), ("12319", "service"), ("955555", "service"),
        ("8008101234", "service"), ("88886666", "landline"), ("123456", "short"), ("+8675512345678", "landline"),
        ("+12025550123", "foreign"), ("0012025550123", "foreign"), ("12025550123", "odd"), ("19912345678", "mobile"),
        ("11912345678", "odd"), ("+8610086", "service"), ("+8613812342716", "mobile"),
    ],
)  # fmt: skip
def test_kinds(told: str, kind: str) -> None:
    assert caller_number(told).kind == kind


@pytest.mark.parametrize("told", ["sip:13812342716;evil=1@x", "13812342716\r\nVia: x", "<sip:13812342716>"])
def test_what_stands_around_a_number_is_no_part_of_it(told: str) -> None:
    found = caller_number(told)
    assert found == CallerNumber("13812342716", "138 1234 2716", "mobile")
