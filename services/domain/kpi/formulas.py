"""Formulas over measures: sums and differences such as `due_to_close_n - deferred_close_n`.

Only whole measures are added and taken away, so that the very cases behind a formula can always be named: those whose
contributions do not cancel out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.domain.errors import ReferenceDataError

_TOKEN = re.compile(r"\s*(?:([a-z][a-z0-9_]{0,63})|([+-]))")


@dataclass(frozen=True, slots=True)
class Formula:
    """A sum of measures with whole factors, in the order of the text."""

    text: str
    terms: tuple[tuple[str, int], ...]

    def of(self, counts: Mapping[str, int]) -> int:
        """Return the value over counts of measures; a measure without one counts nothing."""
        return sum(factor * counts.get(name, 0) for name, factor in self.terms)

    @property
    def measures(self) -> tuple[str, ...]:
        """Return the measures used."""
        return tuple(name for name, _ in self.terms)


def parse_formula(text: str) -> Formula:
    """Read `a + b - c`; raises ReferenceDataError with a sentence for anything else."""
    terms: list[tuple[str, int]] = []
    sign, at, wants_name = 1, 0, True
    stripped = text.rstrip()
    while at < len(stripped):
        found = _TOKEN.match(stripped, at)
        if found is None:
            raise ReferenceDataError(f"公式“{text}”第 {at + 1} 个字符处只能写计数的编号、加号和减号")
        at = found.end()
        name, operator = found.groups()
        if (name is not None) != wants_name and not (operator == "-" and not terms and wants_name):
            raise ReferenceDataError(f"公式“{text}”里编号与加减号应交替出现")
        if name is not None:
            terms.append((name, sign))
            wants_name = False
        else:
            sign, wants_name = (1 if operator == "+" else -1), True
    if wants_name:
        raise ReferenceDataError(f"公式“{text}”不完整")
    if len({name for name, _ in terms}) < len(terms):
        raise ReferenceDataError(f"公式“{text}”里同一个计数出现两次")
    return Formula(text.strip(), tuple(terms))
