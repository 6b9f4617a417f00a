"""Times of a conflict: every one of them in the centre's zone, whoever wrote it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.viewmodels.conflict import ConflictRow, ConflictViewModel
from services.domain.payloads import check_payload
from services.ports.centre import TimelineEntry, Winner
from services.ports.outbox import SavedCommand
from tests.support.fakes import NOW, World, settled
from tests.unit.console.viewmodels.conftest import Start


def lost_limit(world: World, mine: str, theirs: str) -> SavedCommand:
    """Two people changed the limit of one case; this seat came second."""
    case = world.walk("handling")

    def asked(due: str) -> dict[str, Any]:
        words = {"reason": "道路施工占用", "basis": "区里通知"}
        return dict(check_payload("adjust_limit", {"due_at": due, **words}))

    world.timelines[case.case_id] = [
        TimelineEntry(
            9, 4, "adjust_limit", "u-gu", "顾怀舟", "shift_leader", NOW, None, asked(theirs)
        )
    ]  # fmt: skip
    saved = SavedCommand(
        0, "lost", case.case_id, "adjust_limit", asked(mine), case.xver, NOW, "u-me", NOW, status="conflict",
        winner=Winner("顾怀舟", NOW, "adjust_limit", "改了时限"),
    )  # fmt: skip
    world.commands.append(saved)
    return saved


def rows(world: World, start: Start, qtbot: Any) -> dict[str, ConflictRow]:
    seat = start(world)
    model = ConflictViewModel(seat, "lost")
    model.load()
    settled(seat, qtbot)
    return {row.label: row for row in model.rows}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("2026-11-20T18:00:00+08:00", "11-20 18:00"),
        ("2026-11-20T10:00:00+00:00", "11-20 18:00"),
        ("2026-11-20T20:30:00+00:00", "11-21 04:30"),
    ],
    ids=["centre", "utc", "next_day"],
)
def test_a_limit_in_a_payload_is_shown_in_the_centres_zone(
    world: World, start: Start, qtbot: Any, written: str, shown: str
) -> None:
    lost_limit(world, written, "2026-11-23T09:00:00+08:00")
    found = rows(world, start, qtbot)["到期"]
    assert (found.mine, found.theirs) == (shown, "11-23 09:00")


def test_who_was_when_is_said_in_the_centres_zone(world: World, start: Start, qtbot: Any) -> None:
    saved = lost_limit(world, "2026-11-20T18:00:00+08:00", "2026-11-23T09:00:00+08:00")
    world.commands[0] = replace(saved, saved_at=datetime(2026, 11, 20, 16, 5, tzinfo=UTC))
    found = rows(world, start, qtbot)["何人何时"]
    assert found.mine == "本席 00:05" and found.theirs == "顾怀舟 09:30"


def test_the_limit_of_today_stands_beside_them(world: World, start: Start, qtbot: Any) -> None:
    saved = lost_limit(world, "2026-11-20T18:00:00+08:00", "2026-11-23T09:00:00+08:00")
    due = world.cases[saved.case_id].due_at
    assert due is not None
    local = due + timedelta(hours=8)
    assert rows(world, start, qtbot)["到期"].now == f"{local:%m-%d %H:%M}"
