"""A lint of sums: what a report adds, takes away, multiplies or divides is counted again.

Seeds of this check: 9,287 − 9,150 is 137 and not 127; 500,000 a month are 6,000,000 a year and not 2,000,000.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from services.domain.kpi.figures import agrees, shown

_NUMBER = r"(-?\d[\d,，]*(?:\.\d+)?)\s*(万|%|％)?"
_CLAIM = re.compile(
    rf"^\s*{_NUMBER}(?:\s*/\s*月)?\s*((?:[-+−–×x*/÷]\s*{_NUMBER}\s*)+)=\s*{_NUMBER}\s*$".replace(
        "–", "\u2013"
    )
)
_STEP = re.compile(r"([-+−\u2013×x*/÷])\s*" + _NUMBER)
_SIGNS = {"−": "-", "\u2013": "-", "×": "*", "x": "*", "÷": "/"}


@dataclass(frozen=True, slots=True)
class Claim:
    """A sum as a report states it: the terms with their operators (`+ - * /`, from the left), and the result."""

    text: str
    first: Fraction
    steps: tuple[tuple[str, Fraction], ...]
    stated: str
    percent: bool = False
    scale: int = 1

    @property
    def counted(self) -> Fraction | None:
        """Return what it really comes to; None where it divides by 0."""
        value = self.first
        for sign, number in self.steps:
            if sign == "/" and number == 0:
                return None
            value = _OPERATIONS[sign](value, number)
        return value * 100 if self.percent else value

    @property
    def holds(self) -> bool:
        """Tell whether the stated result is right at its digits."""
        counted = self.counted
        return counted is not None and agrees(counted / self.scale, self.stated)


_OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


def parse_claim(text: str) -> Claim:
    """Read `9,287 − 9,150 = 127` or `50万 × 12 = 200万`; raises ValueError with a sentence for anything else."""
    found = _CLAIM.match(text)
    if found is None:
        raise ValueError(f"“{text}”不是“数 ± 数 = 数”这样的算式")
    steps = tuple(
        (_SIGNS.get(sign, sign), _number(number, unit))
        for sign, number, unit in _STEP.findall(found.group(3))
    )
    *_, stated, unit = found.groups()
    scale = 10_000 if unit == "万" else 1
    first = _number(found.group(1), found.group(2))
    return Claim(text.strip(), first, steps, _plain(stated), unit in ("%", "％"), scale)


def lint(claims: Iterable[str]) -> list[str]:
    """Return a sentence for each sum that does not come out."""
    wrong = []
    for text in claims:
        claim = parse_claim(text)
        if not claim.holds:
            counted = claim.counted
            told = "无法计算" if counted is None else f"应为 {_told(counted / claim.scale)}"
            unit = "万" if claim.scale > 1 else "%" if claim.percent else ""
            wrong.append(f"{claim.text}：{told}{unit if counted is not None else ''}")
    return wrong


def _told(value: Fraction) -> str:
    """Return a number without needless digits."""
    return shown(value, 0) if value.denominator == 1 else shown(value, 2)


def _plain(number: str) -> str:
    """Return a number without its separators."""
    return number.replace(",", "").replace("，", "")


def _number(number: str, unit: str | None) -> Fraction:
    """Return a number with its unit."""
    value = Fraction(_plain(number))
    return value * 10_000 if unit == "万" else value / 100 if unit in ("%", "％") else value
