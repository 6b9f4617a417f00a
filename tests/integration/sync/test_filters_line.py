"""Saved filters from the console's line to a real centre and back."""

from __future__ import annotations

import pytest

from console.viewmodels.case_filter import CaseFilter, Region
from services.api.filter_calls import HttpFilterCalls
from services.domain.ids import uuid7
from services.ports.errors import NeverValid, SignInNeeded
from services.ports.filters import SavedFilter, filter_from
from tests.support.demo_centre import RunningCentre

ASKED = CaseFilter(
    text="井盖", stages=("handle",), states=("handling",), bands=("soon",), urgency=(3,), categories=("event-01",),
    sources=("hotline",), departments=("muni",), areas=("990101001",), unplaced=True,
    region=Region(((1.5, 2.0), (30.0, 2.0), (30.0, 40.25))),
)  # fmt: skip


def saved(name: str, asked: CaseFilter = ASKED, share: str = "") -> SavedFilter:
    parts = {key: value for key, value in asked.to_doc().items() if value}
    return SavedFilter(uuid7(), name, parts, "open", share, 1)


def test_what_one_writes_the_other_reads(demo_centre: RunningCentre) -> None:
    leader, _ = demo_centre.seat("shift_leader")
    dispatcher, _ = demo_centre.seat("dispatcher")
    mine, theirs = HttpFilterCalls(leader), HttpFilterCalls(dispatcher)
    entry = saved("早班", share="dispatcher")
    mine.keep(entry.filter_id, entry.body())
    mine.keep(entry.filter_id, entry.body())
    told = theirs.filters()
    assert told.doc is not None and told.etag is not None
    found = [one for doc in told.doc["filters"] if (one := filter_from(doc)) is not None]
    assert [(one.name, one.mine, one.tab, one.share) for one in found] == [
        ("早班", False, "open", "dispatcher")
    ]
    assert found[0].owner
    assert CaseFilter.from_doc(found[0].filter) == ASKED, "every part of a filter survives the way"
    assert theirs.filters(told.etag).doc is None, "unchanged is not sent again"
    with pytest.raises(NeverValid):
        theirs.keep(entry.filter_id, entry.body())
    with pytest.raises(SignInNeeded):
        theirs.drop(entry.filter_id)
    mine.drop(entry.filter_id)
    mine.drop(entry.filter_id)
    assert theirs.filters().doc == {"filters": [], "may_share": False}
    leader.close()
    dispatcher.close()


def test_refusals_are_told_apart(demo_centre: RunningCentre) -> None:
    dispatcher, _ = demo_centre.seat("dispatcher")
    calls, entry = HttpFilterCalls(dispatcher), saved("共享", share="all")
    with pytest.raises(SignInNeeded) as shared:
        calls.keep(entry.filter_id, entry.body())
    assert shared.value.problem is not None and shared.value.problem.status == 403
    with pytest.raises(NeverValid) as wrong:
        calls.keep(entry.filter_id, {**entry.body(), "share": "", "name": "字" * 21})
    assert wrong.value.problem.fields
    dispatcher.close()
