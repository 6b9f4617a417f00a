"""Figures: a definition's sides divided, told in its unit, compared with what a report prints.

0 in the denominator gives no value (shown as "—"), never 0 % or 100 % (domain 8.1). One decimal on screens, two in
reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

from services.domain.kpi.definitions import Definition
from services.domain.kpi.measures import WHOLE


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure before rounding: both sides exact; `denominator` None where the figure is no quotient."""

    numerator: Fraction
    denominator: Fraction | None
    percent: bool = False

    @property
    def value(self) -> Fraction | None:
        """Return the value in its unit; None when the denominator is 0."""
        if self.denominator is None:
            return self.numerator
        if self.denominator == 0:
            return None
        return self.numerator / self.denominator * (100 if self.percent else 1)

    def __add__(self, other: Figure) -> Figure:
        """Return both counted together."""
        both = None if self.denominator is None else self.denominator + (other.denominator or 0)
        return Figure(self.numerator + other.numerator, both, self.percent)


def figure(definition: Definition, counts: Mapping[str, int]) -> Figure:
    """Return the figure of a definition over counts of measures in thousandths."""
    above = Fraction(definition.numerator.of(counts) if definition.numerator else 0, WHOLE)
    below = definition.denominator
    if definition.kind == "mean":
        above /= definition.seconds_a_unit
    elif definition.kind == "count" and definition.unit == "小时":
        above /= 3600
    denominator = None if below is None else Fraction(below.of(counts), WHOLE)
    return Figure(above, denominator, definition.unit == "%")


def shown(value: Fraction | None, digits: int = 2) -> str:
    """Return a value as printed, rounded half up; "—" for none."""
    return "—" if value is None else str(_quantised(value, digits, ROUND_HALF_UP))


def _quantised(value: Fraction, digits: int, rounding: str) -> Decimal:
    """Return a value with so many digits after the point."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal(1).scaleb(-digits), rounding=rounding)


def agrees(computed: Fraction, reported: str) -> bool:
    """Tell whether a value equals a printed one at the printed digits, rounded or cut (`98.52` for 98.525…)."""
    printed = Decimal(reported)
    exponent = printed.as_tuple().exponent
    digits = max(0, -exponent) if isinstance(exponent, int) else 0
    return printed in (_quantised(computed, digits, ROUND_HALF_UP), _quantised(computed, digits, ROUND_DOWN))


def change(now: Fraction | None, before: Fraction | None) -> Fraction | None:
    """Return by how many percent a value changed (同比, 环比); None without a value to compare with."""
    if now is None or before is None or before == 0:
        return None
    return (now - before) / before * 100


def mean(values: Sequence[Fraction | None]) -> Fraction | None:
    """Return the mean (均值) of the values there are; None when there are none."""
    known = [value for value in values if value is not None]
    return sum(known, Fraction(0)) / len(known) if known else None


def weighted(parts: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    """Return Σ weight × score, for a score put together of parts: 0.4 × 98 + 0.6 × 100 = 99.2."""
    return sum((weight * score for weight, score in parts), Fraction(0))


def department_score(values: Mapping[str, Fraction | None]) -> Fraction | None:
    """Return one district's department score out of 100 [B2]; None while one of its five rates has no value.

    处置率 × 30 + 按期处置率 × 20 + (1 − 返工率) × 20 + (1 − 超期未处置率) × 20 + (1 − 延期率) × 10; rates in percent.
    """
    total = Fraction(0)
    for name, weight, good in (
        ("handling_rate", 30, True), ("on_time_handling_rate", 20, True), ("rework_rate", 20, False),
        ("overdue_open_rate", 20, False), ("extension_rate", 10, False),
    ):  # fmt: skip
        value = values.get(name)
        if value is None:
            return None
        total += (value / 100 if good else 1 - value / 100) * weight
    return total
