"""Laws of figures, formulas and sums: adding before dividing, rounding, what a report may print, what a claim says."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backend.reference.kpis import catalogue_of
from services.domain.errors import ReferenceDataError
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
from services.domain.kpi.formulas import parse_formula
from services.domain.kpi.measures import WHOLE
from services.domain.kpi.sums import lint, parse_claim

CATALOGUE = catalogue_of({})
parts = st.fractions(0, 10_000)
sides = st.tuples(parts, parts)


@given(st.lists(sides, min_size=1, max_size=6))
def test_groups_are_added_before_they_are_divided(groups: list[tuple[Fraction, Fraction]]) -> None:
    """The whole is no mean of the parts: both sides are added up first."""
    whole = Figure(Fraction(0), Fraction(0), True)
    for above, below in groups:
        whole = whole + Figure(above, below, True)
    above = sum((a for a, _ in groups), Fraction(0))
    below = sum((b for _, b in groups), Fraction(0))
    assert whole.value == (above / below * 100 if below else None)


@given(sides, sides, sides)
def test_adding_figures_keeps_to_no_order(
    one: tuple[Fraction, Fraction], two: tuple[Fraction, Fraction], three: tuple[Fraction, Fraction]
) -> None:
    a, b, c = (Figure(*side, percent=True) for side in (one, two, three))
    assert a + b == b + a and (a + b) + c == a + (b + c)
    assert a + Figure(Fraction(0), Fraction(0), True) == a


def test_two_units_of_different_size_are_not_averaged() -> None:
    small, large = Figure(Fraction(1), Fraction(1), True), Figure(Fraction(0), Fraction(99), True)
    assert (small + large).value == 1
    assert mean([small.value, large.value]) == 50, "which is why the mean is told beside, never instead"


@pytest.mark.parametrize(
    ("value", "digits", "printed"),
    [
        (Fraction(98525, 1000), 2, "98.53"), (Fraction(98524, 1000), 2, "98.52"), (Fraction(1, 3), 4, "0.3333"),
        (Fraction(2, 3), 4, "0.6667"), (Fraction(5, 10), 0, "1"), (Fraction(15, 10), 0, "2"),
        (Fraction(25, 10), 0, "3"),
        (Fraction(100), 1, "100.0"), (Fraction(0), 1, "0.0"), (Fraction(-1, 3), 1, "-0.3"), (Fraction(-5, 10), 0, "-1"),
        (Fraction(99996, 1000), 2, "100.00"), (None, 1, "—"),
    ],
    ids=range(13),
)  # fmt: skip
def test_values_are_printed_rounded_half_up(value: Fraction | None, digits: int, printed: str) -> None:
    assert shown(value, digits) == printed


@given(st.fractions(0, 1000), st.integers(0, 4))
def test_what_is_printed_is_never_further_off_than_half_a_digit(value: Fraction, digits: int) -> None:
    assert abs(Fraction(Decimal(shown(value, digits))) - value) <= Fraction(1, 2 * 10**digits)


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(0, 3))
def test_another_last_digit_does_not_agree(above: int, below: int, digits: int) -> None:
    value = Fraction(above, below)
    step = Fraction(1, 10**digits)
    for far in (value + 2 * step, value - 2 * step):
        if far >= 0:
            assert not agrees(value, shown(far, digits))


@pytest.mark.parametrize(
    ("now", "before", "percent"),
    [
        (Fraction(3), Fraction(4), Fraction(-25)), (Fraction(0), Fraction(4), Fraction(-100)),
        (Fraction(8), Fraction(4), Fraction(100)), (Fraction(4), Fraction(4), Fraction(0)),
        (Fraction(1), Fraction(3), Fraction(-200, 3)), (Fraction(4), Fraction(0), None), (None, Fraction(4), None),
        (Fraction(4), None, None),
    ],
    ids=range(8),
)  # fmt: skip
def test_a_change_is_told_against_what_was_before(
    now: Fraction | None, before: Fraction | None, percent: Fraction | None
) -> None:
    assert change(now, before) == percent


def test_a_mean_leaves_out_what_has_no_value() -> None:
    assert mean([None, Fraction(90), None, Fraction(100)]) == 95
    assert mean([]) is None and mean([None, None]) is None
    assert mean([Fraction(0), Fraction(1)]) == Fraction(1, 2), "0 is a value"


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.fractions(0, 100), min_size=3))
def test_a_score_of_full_weights_lies_between_its_parts(scores: dict[str, Fraction]) -> None:
    found = weighted([(Fraction(1, 3), score) for score in scores.values()])
    assert min(scores.values()) <= found <= max(scores.values())
    assert weighted([]) == 0


GOOD = {
    "handling_rate": Fraction(100), "on_time_handling_rate": Fraction(100), "rework_rate": Fraction(0),
    "overdue_open_rate": Fraction(0), "extension_rate": Fraction(0),
}  # fmt: skip
POINTS = {
    "handling_rate": 30, "on_time_handling_rate": 20, "rework_rate": 20, "overdue_open_rate": 20, "extension_rate": 10,
}  # fmt: skip


@pytest.mark.parametrize(("name", "points"), sorted(POINTS.items()), ids=sorted(POINTS))
def test_each_rate_weighs_what_the_district_says(name: str, points: int) -> None:
    assert department_score(GOOD) == 100 == sum(POINTS.values())
    worst = Fraction(0) if GOOD[name] == 100 else Fraction(100)
    assert department_score({**GOOD, name: worst}) == 100 - points
    half = department_score({**GOOD, name: Fraction(50)})
    assert half == 100 - Fraction(points, 2)
    assert department_score({key: value for key, value in GOOD.items() if key != name}) is None


# --- units -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "counts", "value"),
    [
        ("avg_handling_hours", {"handle_seconds": 5400, "handled_day_n": 1}, Fraction(3, 2)),
        ("avg_handling_hours", {"handle_seconds": 3600, "handled_day_n": 3}, Fraction(1, 3)),
        ("avg_accept_minutes", {"accept_seconds": 45, "accept_n": 1}, Fraction(3, 4)),
        ("fault_response_time", {"service_accept_seconds": 600, "service_accept_n": 4}, Fraction(5, 2)),
        ("handle_seconds", {"handle_seconds": 1800}, Fraction(1, 2)),  # the base count is told in hours
        ("on_time_open_n", {"unhandled_n": 9, "overtime_open_n": 2}, Fraction(7)),
        ("on_time_open_n", {"unhandled_n": 2, "overtime_open_n": 9}, Fraction(-7)),
        ("handling_rate", {"handle_n": 1, "due_to_handle_n": 3}, Fraction(100, 3)),
    ],
    ids=range(8),
)
def test_a_figure_is_told_in_its_unit(name: str, counts: dict[str, int], value: Fraction) -> None:
    found = figure(CATALOGUE.definitions[name], {key: n * WHOLE for key, n in counts.items()})
    assert found.value == value


def test_a_shared_case_counts_in_thousandths() -> None:
    found = figure(CATALOGUE.definitions["handling_rate"], {"handle_n": 300, "due_to_handle_n": 700})
    assert (found.numerator, found.denominator) == (Fraction(3, 10), Fraction(7, 10))
    assert found.value == Fraction(300, 7)


# --- formulas ---------------------------------------------------------------------------------------------------

names = st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), min_size=1, max_size=5, unique=True)


@given(names, st.randoms(use_true_random=False), st.integers(0, 3))
def test_a_formula_is_read_as_it_is_written(used: list[str], chance: object, blanks: int) -> None:
    signs = [chance.choice("+-") for _ in used]  # type: ignore[attr-defined]  # random.Random
    gap = " " * blanks
    text = f"{gap}".join(f"{sign}{gap}{name}" for sign, name in zip(signs, used, strict=True))
    text = text.removeprefix("+")
    formula = parse_formula(text)
    assert formula.terms == tuple(
        (name, 1 if sign == "+" else -1) for sign, name in zip(signs, used, strict=True)
    )
    counts = {name: n + 1 for n, name in enumerate(used)}
    assert formula.of(counts) == sum(factor * counts[name] for name, factor in formula.terms)
    assert formula.of({}) == 0


@given(st.text(alphabet="ab_n+- *(3", max_size=12))
def test_a_formula_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        formula = parse_formula(text)
    except ReferenceDataError as error:
        assert "公式" in error.title
    else:
        assert parse_formula(formula.text) == formula and formula.measures


# --- sums of reports --------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=6))
def test_a_right_sum_is_let_pass_and_a_wrong_one_is_told_with_the_right_one(terms: list[int]) -> None:
    total = sum(terms)
    text = " + ".join(str(term) for term in terms)
    assert lint([f"{text} = {total}"]) == []
    (told,) = lint([f"{text} = {total + 1}"])
    assert told == f"{text} = {total + 1}：应为 {total}"


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_rate_may_be_printed_rounded_or_cut(above: int, below: int) -> None:
    exact = Fraction(above * 100, below)
    assert lint([f"{above} / {below} = {shown(exact)}%"]) == []
    cut = Decimal(int(exact * 100)) / 100
    assert lint([f"{above} ÷ {below} = {cut:.2f}%"]) == []
    assert len(lint([f"{above} ÷ {below} = {Decimal(shown(exact)) + 1}%"])) == 1


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("2 + 3 × 4 = 20", Fraction(20)),  # from the left, as a calculator on the desk does
        ("10 − 4 − 3 = 3", Fraction(3)),
        ("1，000 + 1,000 = 2000", Fraction(2000)),
        ("50％ × 80 = 40", Fraction(40)),
        ("12 – 2 = 10", Fraction(10)),
        ("1.5万 + 500 = 1.55万", Fraction(15_500)),
        ("3 ÷ 0 = 0", None),
    ],
    ids=range(7),
)  # fmt: skip
def test_how_a_claim_is_read(text: str, counted: Fraction | None) -> None:
    claim = parse_claim(text)
    assert claim.counted == counted and claim.holds == (counted is not None)


def test_each_wrong_sum_is_told_in_its_place() -> None:
    told = lint(["1 + 1 = 2", "1 + 1 = 3", "5 × 5 = 25", "9 − 1 = 7"])
    assert told == ["1 + 1 = 3：应为 2", "9 − 1 = 7：应为 8"]
