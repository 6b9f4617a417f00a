"""When so much came back that a rule must stop."""

from __future__ import annotations

import pytest

from services.backend.auto.watching import Today
from services.domain.reference import Settings


@pytest.mark.parametrize(
    ("concerned", "bounced", "stops"),
    [
        (10, 4, False),
        (10, 5, True),
        (25, 5, False),
        (24, 5, True),
        (100, 20, False),
        (100, 21, True),
        (0, 0, False),
    ],
)
def test_as_shipped_five_at_least_and_more_than_a_fifth(concerned: int, bounced: int, stops: bool) -> None:
    assert Today(concerned, bounced).too_many(Settings()) is stops


def test_a_centre_sets_its_own_limits() -> None:
    strict = Settings(rule_bounce_share=0.0, rule_bounce_least=0)
    assert Today(100, 1).too_many(strict) and not Today(100, 0).too_many(strict)
    assert not Today(10, 10).too_many(Settings(rule_bounce_share=1.0)), "a share of one never is passed"
