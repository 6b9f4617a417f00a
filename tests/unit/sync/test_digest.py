"""The digest check: drift is found, repaired case by case where that is enough, else by a new copy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.domain.digest import bucket_of
from services.ports.errors import NeverValid, Problem, Unknown
from services.sync import digest as digest_module
from services.sync.digest import DigestCheck, Drift
from tests.support.console_core import REGISTER
from tests.unit.sync.ground import Ground


@pytest.fixture
def check(g: Ground) -> DigestCheck:
    for _ in range(6):
        g.core.desk.register(REGISTER)
    g.drain()
    return DigestCheck(g.core.cache, g.gateway)


def spoil(g: Ground, case_id: str, by: int = 5) -> None:
    """Change a cached version by hand."""
    case = g.core.cache.get(case_id)
    assert case is not None
    g.core.cache.replace_cases([replace(case, version=case.version + by)])


def test_equal_copies_show_no_drift(g: Ground, check: DigestCheck) -> None:
    report = check.check(g.core.feed.place.cursor)
    assert report.drift is Drift.NONE
    assert not check.doubtful


def test_one_wrong_case_is_read_again(g: Ground, check: DigestCheck) -> None:
    wrong = sorted(g.centre.cases)[2]
    spoil(g, wrong)
    report = check.check(g.core.feed.place.cursor)
    assert (report.drift, report.changed) == (Drift.REPAIRED, {wrong})
    assert check.doubtful
    assert g.core.cache.get(wrong) == g.centre.cases[wrong]
    alike = [case_id for case_id in g.centre.cases if bucket_of(case_id) == bucket_of(wrong)]
    assert g.gateway.calls.count("case_detail") == len(alike)
    assert check.check(g.core.feed.place.cursor).drift is Drift.NONE


def test_a_case_that_left_is_removed(g: Ground, check: DigestCheck) -> None:
    gone = sorted(g.centre.cases)[0]
    del g.centre.cases[gone]
    g.centre.log = [entry for entry in g.centre.log if entry.case.case_id != gone]
    report = check.check(g.core.feed.place.cursor)
    assert report.drift is Drift.REPAIRED
    assert gone in report.changed
    assert g.core.cache.get(gone) is None


def test_a_case_never_had_costs_a_new_copy(g: Ground, check: DigestCheck) -> None:
    lost = sorted(g.centre.cases)[0]
    g.core.cache.replace_cases([], [lost])
    reports = [check.check(g.core.feed.place.cursor).drift for _ in range(2)]
    assert Drift.REFETCH in reports, "either at once, or when the repair did not help"


def test_drift_that_a_repair_does_not_cure_costs_a_new_copy(
    g: Ground, check: DigestCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = sorted(g.centre.cases)[0]
    spoil(g, wrong)
    monkeypatch.setattr(g.core.cache, "replace_cases", lambda cases, gone: frozenset())
    assert check.check(g.core.feed.place.cursor).drift is Drift.REPAIRED
    assert check.check(g.core.feed.place.cursor).drift is Drift.REFETCH
    assert not check.doubtful


def test_too_many_wrong_cases_cost_a_new_copy(
    g: Ground, check: DigestCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest_module, "MAX_SINGLE", 0)
    spoil(g, sorted(g.centre.cases)[0])
    assert check.check(g.core.feed.place.cursor).drift is Drift.REFETCH


def test_too_old_a_cursor_costs_a_new_copy(g: Ground, check: DigestCheck) -> None:
    g.centre.keep_from = 100
    assert check.check(g.core.feed.place.cursor).drift is Drift.REFETCH


@pytest.mark.parametrize(
    "error", [Unknown("断了"), NeverValid(Problem(422, "odd", "不行。"))], ids=["no answer", "refused"]
)
def test_a_repair_that_is_cut_off_changes_nothing(g: Ground, check: DigestCheck, error: Exception) -> None:
    wrong = sorted(g.centre.cases)[0]
    spoil(g, wrong)
    g.gateway.details[wrong] = error
    with pytest.raises(type(error)):
        check.check(g.core.feed.place.cursor)
    case = g.core.cache.get(wrong)
    assert case is not None
    assert case.version != g.centre.cases[wrong].version
