"""The feed: first copy, cursor, must-refetch, centre time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.ports.errors import MustRefetch, NeverValid, Problem, Unknown
from services.ports.picture import CaseQuery
from services.sync.feed import Feed
from tests.support.console_core import REGISTER
from tests.support.model_centre import ModelCentre
from tests.unit.sync.ground import Ground, ground


def fill(g: Ground, count: int) -> list[str]:
    """Cases that only the centre knows."""
    made = [g.core.desk.register(REGISTER) for _ in range(count)]
    while g.core.outbox.waiting():
        g.core.push()
    return [c.case_id for c in made]


def test_the_first_copy_comes_page_by_page_with_progress() -> None:
    with ground(copied=False) as g:
        fill(g, 120)
        g.gateway.snapshot_size = 50
        assert g.core.feed.copying
        shares = []
        while True:
            report = g.core.pull()
            shares.append(report.progress)
            if report.copied:
                break
            assert g.core.cache.rows(CaseQuery()) == []
        assert shares == [50 / 120, 100 / 120, 1.0]
        assert len(g.core.cache.rows(CaseQuery())) == 120
        assert g.core.feed.place.complete
        assert not g.core.feed.copying


def test_progress_is_unknown_when_the_centre_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    with ground(copied=False) as g:
        fill(g, 3)
        g.gateway.snapshot_size = 2
        snapshot = g.gateway.snapshot
        monkeypatch.setattr(g.gateway, "snapshot", lambda page=None: replace(snapshot(page), total=0))
        assert g.core.pull().progress is None


def test_a_copy_that_changes_under_the_reader_starts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with ground(copied=False) as g:
        fill(g, 4)
        g.gateway.snapshot_size = 2
        g.core.pull()
        snapshot = g.gateway.snapshot
        monkeypatch.setattr(g.gateway, "snapshot", lambda page=None: replace(snapshot(page), as_of_seq=99))
        report = g.core.pull()
        assert report.refetch
        monkeypatch.setattr(g.gateway, "snapshot", snapshot)
        g.core.catch_up()
        assert len(g.core.cache.rows(CaseQuery())) == 4


def test_changes_follow_with_the_cursor(g: Ground) -> None:
    ids = fill(g, 3)
    g.gateway.page_limit = 2
    first = g.core.pull()
    assert (len(first.changes), first.caught_up, g.core.feed.place.cursor) == (2, False, 2)
    second = g.core.pull()
    assert (second.caught_up, g.core.feed.place.cursor) == (True, 3)
    assert first.changed | second.changed == set(ids)
    assert g.core.cache.position().cursor == 3


def test_nothing_new_writes_nothing_but_time_now_and_then(g: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    g.core.pull()
    stored = g.core.cache.position().server_time
    applied: list[Any] = []
    apply = g.core.cache.apply
    monkeypatch.setattr(g.core.cache, "apply", lambda page: applied.append(page) or apply(page))
    assert g.core.pull().caught_up
    assert applied == []
    g.centre.now += timedelta(seconds=61)
    g.core.pull()
    assert len(applied) == 1
    assert g.core.cache.position().server_time != stored


def test_time_is_written_when_none_was_known(g: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    changes = g.gateway.changes
    monkeypatch.setattr(g.core.feed, "_place", replace(g.core.feed.place, server_time=None))
    g.core.pull()
    assert g.core.feed.place.server_time == g.centre.now
    monkeypatch.setattr(g.gateway, "changes", lambda *a: replace(changes(*a), server_time=None))
    before = g.core.feed.place
    assert g.core.pull().caught_up
    assert g.core.feed.place == before
    fill(g, 1)
    g.core.pull()
    assert g.core.feed.place.server_time == before.server_time


@pytest.mark.parametrize("how", ["cut", "epoch", "answer"])
def test_another_history_costs_the_copy_never_the_outbox(
    g: Ground, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    ids = fill(g, 2)
    g.core.catch_up()
    waiting = g.click("comment", ids[0], {"text": "还没发"})
    changes = g.gateway.changes
    if how == "cut":
        fill_elsewhere(g.centre, ids[1])
        g.centre.keep_from = g.centre.head
    elif how == "epoch":
        g.centre.epoch = "epoch-2"
    else:
        monkeypatch.setattr(g.gateway, "changes", lambda *a: replace(changes(*a), epoch="epoch-3"))
    report = g.core.pull()
    assert report.refetch
    assert g.core.feed.copying
    assert len(g.core.cache.rows(CaseQuery())) == 2, "the old copy is shown until the new one is complete"
    monkeypatch.setattr(g.gateway, "changes", changes)
    g.core.catch_up()
    assert [c.command_id for c in g.core.outbox.waiting()] == [waiting.command_id]
    g.drain()
    assert g.status(waiting) == "applied"


def fill_elsewhere(centre: ModelCentre, case_id: str) -> None:
    """Somebody else works on a case."""
    from services.ports.centre import WireCommand
    from tests.support.console_core import LEADER

    centre.handle(WireCommand(f"other-{case_id}", case_id, "comment", {"text": "别处"}, None, None), LEADER)


def test_a_cursor_never_goes_back(g: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(g, 2)
    g.core.catch_up()
    changes = g.gateway.changes
    monkeypatch.setattr(g.gateway, "changes", lambda *a: replace(changes(*a), next=1))
    with pytest.raises(Unknown) as odd:
        g.core.feed.step(0)
    assert odd.value.code == "feed_went_back"
    assert g.core.cache.position().cursor == 2


def test_a_history_that_went_back_is_told_before_the_old_copy_is_given_up(
    g: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill between the two would leave a copy that looks right, and nobody to ask what was lost."""
    fill(g, 3)
    g.core.catch_up()
    place: list[int] = []
    feed = Feed(g.core.cache, g.gateway, lambda: place.append(g.core.cache.position().cursor))
    snapshot = g.gateway.snapshot
    monkeypatch.setattr(g.gateway, "snapshot", lambda page=None: replace(snapshot(page), as_of_seq=2))
    feed.refetch()
    assert feed.step(0).copied and place == [3]
    monkeypatch.setattr(g.gateway, "snapshot", snapshot)
    feed.refetch()
    assert feed.step(0).copied and place == [3], "a log that goes on is no other history"


def test_another_log_under_the_same_numbers_is_told_at_once(
    g: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    feed = Feed(g.core.cache, g.gateway, lambda: told.append(True))
    fill(g, 2)
    assert feed.step(0).changes
    g.gateway.faults = ["lost_request"]
    with pytest.raises(Unknown):
        feed.step(0)
    changes = g.gateway.changes

    def other(epoch: str, since: int, limit: int, wait: float) -> Any:
        page = changes(epoch, since, limit, wait)
        return replace(page, changes=tuple(replace(c, command_id="another") for c in page.changes))

    monkeypatch.setattr(g.gateway, "changes", other)
    assert feed.step(0).refetch and told == [True]


def test_a_failure_stores_nothing(g: Ground) -> None:
    fill(g, 1)
    g.gateway.faults = ["lost_request"]
    with pytest.raises(Unknown):
        g.core.feed.step(0)
    assert g.core.cache.position().cursor == 0


def test_a_new_start_goes_on_where_the_cache_stands(g: Ground) -> None:
    fill(g, 2)
    g.core.catch_up()
    g.core.restart()
    assert not g.core.feed.copying
    assert g.core.feed.place.cursor == 2
    assert g.core.pull().changed == frozenset()


def test_a_wish_for_a_new_copy(g: Ground) -> None:
    fill(g, 2)
    g.core.catch_up()
    g.core.feed.refetch()
    assert g.core.pull().copied


def test_must_refetch_in_the_middle_of_a_copy_starts_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with ground(copied=False) as g:
        fill(g, 4)
        g.gateway.snapshot_size = 2
        g.core.pull()
        g.gateway.faults = [MustRefetch("换了。")]
        assert g.core.pull().refetch
        g.core.catch_up()
        assert len(g.core.cache.rows(CaseQuery())) == 4


@pytest.mark.parametrize("copying", [True, False])
def test_a_page_or_cursor_the_centre_does_not_know_is_not_asked_for_ever(copying: bool) -> None:
    with ground(copied=not copying) as g:
        fill(g, 4)
        g.gateway.snapshot_size = 2
        g.core.pull()
        g.gateway.faults = [NeverValid(Problem(422, "unknown_page", "没有这一页。"))]
        with pytest.raises(NeverValid):
            g.core.pull()
        assert g.core.feed.copying
        g.core.catch_up()
        assert len(g.core.cache.rows(CaseQuery())) == 4
