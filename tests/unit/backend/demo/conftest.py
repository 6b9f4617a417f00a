"""A small district with its rules, made once: the history's tests tell from it."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.backend.demo.build import demo_reference
from services.backend.demo.geometry import District, make_district
from services.backend.demo.history import CaseStory, History
from services.backend.reference.load import rules_from
from services.domain.reference import Rules

#: a Friday morning
NOW = datetime.fromisoformat("2026-11-20T10:20:00+08:00")
CASES, DAYS, SEED = 900, 60, 11


@pytest.fixture(scope="session")
def district() -> District:
    return make_district(5, 120)


@pytest.fixture(scope="session")
def rules(district: District) -> Rules:
    return rules_from(demo_reference(district))


@pytest.fixture(scope="session")
def history(district: District, rules: Rules) -> History:
    return History(district, rules, NOW, CASES, DAYS, SEED)


@pytest.fixture(scope="session")
def stories(history: History) -> list[CaseStory]:
    return list(history.stories())
