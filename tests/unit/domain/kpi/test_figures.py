"""Figures: division, rounding, comparison, and the vectors of published reports."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backend.reference.kpis import catalogue_of
from services.domain.kpi.figures import (
    Figure,
    agrees,
    change,
    department_score,
    figure,
    mean,
    shown,
    weighted,
)

CATALOGUE = catalogue_of({})


def value_of(name: str, **counts: int) -> Fraction | None:
    found = figure(CATALOGUE.definitions[name], {key: n * 1000 for key, n in counts.items()})
    return found.value


# domain 8.2 and 8.3: every figure that comes with both of its sides
VECTORS = [
    ("assigned_on_time_handling_rate", {"assigned_on_time_n": 29_220, "assigned_due_n": 33_385}, "87.52"),
    ("assigned_case_handling_rate", {"assigned_handled_n": 33_385, "assigned_n": 33_385}, "100"),
    ("issue_resolution_rate", {"service_solved_n": 9_150, "service_n": 9_287}, "98.52"),
    ("closure_rate", {"close_n": 911, "due_to_close_n": 972}, "93.72"),
    ("on_time_closure_rate", {"on_time_close_n": 737, "due_to_close_n": 972}, "75.82"),
    ("closure_rate", {"close_n": 902, "due_to_close_n": 956}, "94.35"),
    ("closure_rate", {"close_n": 9, "due_to_close_n": 16}, "56.25"),
    ("case_closure_rate", {"close_n": 1_950_000, "due_to_close_n": 2_000_000}, "97"),
    ("transfer_accuracy_rate", {"accurate_transfer_n": 9_639, "transfer_n": 10_000}, "96.39"),
    ("transfer_timeliness_rate", {"on_time_dispatch_n": 988, "need_dispatch_n": 1_000}, "98.8"),
    ("grid_event_completion_rate", {"grid_closed_n": 9_997, "grid_due_n": 10_000}, "99.97"),
    ("service_request_response_rate", {"responded_n": 36_831, "report_n": 36_831}, "100"),
    ("user_satisfaction_rate", {"satisfied_n": 99, "rated_n": 100}, "99"),
    ("annual_ticket_volume", {"accept_n": 36_831}, "36831"),
    ("closed_case_count", {"closed_day_n": 1_900_000}, "1900000"),
    ("extension_rate", {"extension_n": 20, "due_to_handle_n": 10_000}, "0.20"),
    ("rework_rate", {"rework_n": 11, "due_to_close_n": 10_000}, "0.11"),
]


@pytest.mark.parametrize(("name", "counts", "printed"), VECTORS)
def test_published_figures_come_out(name: str, counts: dict[str, int], printed: str) -> None:
    value = value_of(name, **counts)
    assert value is not None and agrees(value, printed)


def test_the_seeds_exact_fractions() -> None:
    assert value_of("assigned_on_time_handling_rate", assigned_on_time_n=29_220, assigned_due_n=33_385) == (
        Fraction(2_922_000, 33_385)
    )
    assert weighted([(Fraction(4, 10), Fraction(98)), (Fraction(6, 10), Fraction(100))]) == Fraction(992, 10)


def test_nothing_below_the_line_gives_no_value() -> None:
    assert value_of("handling_rate") is None and value_of("avg_handling_hours") is None
    assert shown(None) == "—" and shown(Fraction(0)) == "0.00"
    assert value_of("report_n") == 0


def test_durations_are_told_in_their_unit() -> None:
    counts = {"accept_seconds": 90_000 * 1000, "accept_n": 1000 * 1000}  # a thousand cases, 90,000 s
    assert figure(CATALOGUE.definitions["avg_accept_minutes"], counts).value == Fraction(3, 2)
    hours = {"handle_seconds": 7200 * 1000, "handled_day_n": 1000}
    assert figure(CATALOGUE.definitions["avg_handling_hours"], hours).value == 2
    assert figure(CATALOGUE.definitions["handle_seconds"], hours).value == 2


@pytest.mark.parametrize(
    ("value", "printed", "same"),
    [
        (Fraction(98525, 1000), "98.52", True),
        (Fraction(98525, 1000), "98.53", True),
        (Fraction(98525, 1000), "98.51", False),
        (Fraction(975, 10), "97", True),
        (Fraction(975, 10), "98", True),
        (Fraction(87524, 1000), "87.52", True),
        (Fraction(100), "100", True),
        (Fraction(9999, 100), "100", True),
        (Fraction(9940, 100), "100", False),
    ],
)
def test_equal_at_the_printed_digits_rounded_or_cut(value: Fraction, printed: str, same: bool) -> None:
    assert agrees(value, printed) is same


@given(st.fractions(0, 1000), st.integers(0, 4))
def test_what_is_shown_agrees_with_what_it_shows(value: Fraction, digits: int) -> None:
    assert agrees(value, shown(value, digits))


def test_comparison_and_mean() -> None:
    assert change(Fraction(110), Fraction(100)) == 10
    assert change(Fraction(1), Fraction(0)) is None and change(None, Fraction(1)) is None
    assert mean([Fraction(1), None, Fraction(2)]) == Fraction(3, 2) and mean([None]) is None
    both = Figure(Fraction(1), Fraction(2), True) + Figure(Fraction(2), Fraction(2), True)
    assert both.value == 75 and (Figure(Fraction(1), None) + Figure(Fraction(2), None)).value == 3


def test_the_departments_score() -> None:
    rates = {
        "handling_rate": Fraction(100), "on_time_handling_rate": Fraction(90), "rework_rate": Fraction(5),
        "overdue_open_rate": Fraction(0), "extension_rate": Fraction(10),
    }  # fmt: skip
    assert department_score(rates) == 30 + 18 + 19 + 20 + 9
    assert department_score({**rates, "rework_rate": None}) is None
