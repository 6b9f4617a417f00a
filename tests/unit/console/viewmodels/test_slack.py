"""Usual handling times of all open cases at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from console.viewmodels.case_columns import STATE_AT, Codes
from console.viewmodels.slack import UsualTimes
from services.domain.durations import Durations
from services.domain.experience import Experience, Record

HOUR = 3600.0


class Columns:
    """What `UsualTimes` reads of the columns."""

    def __init__(self, *rows: tuple[str, str, str]) -> None:
        self.n = len(rows)
        self.depts, self.categories = Codes(), Codes()
        self.state = np.array([STATE_AT[state] for state, _, _ in rows], dtype=np.int8)
        self.dept = np.array([self.depts.number(dept) for _, dept, _ in rows], dtype=np.int32)
        self.category = np.array([self.categories.number(code) for _, _, code in rows], dtype=np.int32)


def knows(**hours: float) -> Experience:
    made = Experience()
    for dept, value in hours.items():
        made.records[(dept, "event-0110")] = Record(9, 0, 9, 9, Durations.of([value * HOUR] * 9))
    return made


def of(columns: Columns, experience: Experience) -> list[float]:
    times: Any = UsualTimes().of(columns, experience)  # type: ignore[arg-type] # the part that is read
    return [float(value) for value in times]


def test_units_at_work_have_their_usual_time() -> None:
    columns = Columns(
        ("handling", "sani", "event-0110"), ("pending_sign", "muni", "event-0110"), ("handling", "sani", "event-0110")
    )  # fmt: skip
    found = of(columns, knows(sani=2, muni=40))
    assert found == pytest.approx([2 * HOUR, 40 * HOUR, 2 * HOUR], rel=0.1)


def test_who_is_not_at_work_needs_no_time() -> None:
    columns = Columns(
        ("pending_dispatch", "", "event-0110"), ("checking", "sani", "event-0110"), ("handling", "sani", ""),
        ("handling", "sani", "event-0999"), ("suspended", "sani", "event-0110"),
    )  # fmt: skip
    assert of(columns, knows(sani=2)) == [0.0] * 5
    assert of(columns, Experience()) == [0.0] * 5
    assert of(Columns(), knows(sani=2)) == []


def test_a_pair_is_asked_once_until_more_was_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = Experience.usual_s
    monkeypatch.setattr(
        Experience, "usual_s", lambda self, dept, category: asked.append(dept) or ask(self, dept, category)
    )
    columns: Any = Columns(*[("handling", "sani", "event-0110")] * 50)
    times, experience = UsualTimes(), knows(sani=2)
    times.of(columns, experience)
    times.of(columns, experience)
    assert asked == ["sani"]
    again = times.of(columns, knows(sani=9))
    assert asked == ["sani", "sani"]
    assert again[0] == pytest.approx(9 * HOUR, rel=0.1)
