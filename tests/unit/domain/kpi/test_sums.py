"""Sums of reports, counted again."""

from __future__ import annotations

from fractions import Fraction

import pytest

from services.domain.kpi.sums import lint, parse_claim


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        ("9,287 − 9,150 = 127", "应为 137"),
        ("50万 × 12 = 200万", "应为 600万"),
        ("50万/月 × 12 = 200万", "应为 600万"),
        ("4.53+49+29+10 = 92.6", "应为 92.53"),
        ("29220/33385 = 90%", "应为 87.52%"),
        ("1 / 0 = 3", "无法计算"),
        ("12+19+39.38+11+9.4=90.79", "应为 90.78"),
    ],
)
def test_a_sum_that_does_not_come_out_is_told(claim: str, told: str) -> None:
    found = lint([claim])
    assert len(found) == 1 and found[0].startswith(claim) and found[0].endswith(told)


@pytest.mark.parametrize(
    "claim",
    [
        "9287-9150=137",
        "50万×12=600万",
        "4.53 + 49 + 29 + 10 = 92.53",
        "12+19+39.38+11+9.4=90.78",
        "29220/33385 = 87.52%",
        "9150 ÷ 9287 = 98.52%",
        "199.44/440=45.33%",
        "195/200 = 97%",
        "0.005 x 36831 = 184",
        "-3 + 5 = 2",
    ],
)
def test_a_sum_that_comes_out_rounded_or_cut_is_let_pass(claim: str) -> None:
    assert lint([claim]) == []


def test_a_claim_is_read_in_parts() -> None:
    claim = parse_claim("50万 × 12 = 600万")
    assert claim.first == 500_000 and claim.steps == (("*", Fraction(12)),)
    assert claim.counted == 6_000_000 and claim.scale == 10_000 and claim.holds


@pytest.mark.parametrize("text", ["", "abc", "1+1", "1+=2", "1+1=2=2", "=2", "5 = 5", "1 ** 2 = 2"])
def test_what_is_no_sum_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="算式"):
        parse_claim(text)
