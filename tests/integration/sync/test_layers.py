"""The map's layers from a real centre to the console's values, over HTTP: what one side writes the other reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.domain.silence import SilenceSettings
from services.ports.errors import NeverValid, SignInNeeded
from services.usecases.field import activity_from, cameras_from, components_from, officers_from
from tests.support.demo_centre import RunningCentre


def test_things_of_the_district_arrive_whole(demo_centre: RunningCentre) -> None:
    gateway, actor = demo_centre.seat("dispatcher")
    told = gateway.components()
    found = components_from(told.doc)
    assert told.doc is not None and len(found) == len(told.doc["components"]) > 100
    assert all(one.grid.startswith(actor.area_code or "-") and one.name and one.dept for one in found)
    assert gateway.components(told.etag).doc is None, "unchanged is not sent again"
    pictures = gateway.cameras()
    assert len(cameras_from(pictures.doc)) == len((pictures.doc or {})["cameras"]) >= 10
    assert gateway.cameras(pictures.etag).doc is None
    gateway.close()


def test_activity_tells_silent_grids_apart(demo_centre: RunningCentre) -> None:
    gateway, _ = demo_centre.seat("dispatcher")
    told = gateway.grid_activity()
    found = activity_from(told.doc)
    assert len(found.grids) == 60 and found.as_of is not None
    assert sum(one.reports for one in found.grids.values()) > 0
    answers = {found.silent(code, datetime.now(UTC), SilenceSettings(days=30)) for code in found.grids}
    assert answers <= {True, False, None} and False in answers
    gateway.close()


def test_officers_move_and_their_way_can_be_replayed(demo_centre: RunningCentre) -> None:
    gateway, _ = demo_centre.seat("shift_leader")
    board = officers_from(gateway.officers().doc)
    heard = [one for one in board.officers if one.at is not None]
    assert heard and board.server_time is not None
    now = board.server_time
    assert any(not board.lost(one, now) and one.on_duty for one in heard)
    one = heard[0]
    way = gateway.track(one.user, now - timedelta(hours=9), now)
    assert way.name == one.name and len(way.points) > 30
    moments = [point.at for point in way.points]
    assert moments == sorted(moments) and moments[-1] <= now + timedelta(minutes=1)
    with pytest.raises(NeverValid):
        gateway.track("nobody", now - timedelta(hours=1), now)
    gateway.close()


def test_who_does_not_steer_the_field_sees_no_way(demo_centre: RunningCentre) -> None:
    leader, _ = demo_centre.seat("shift_leader")
    user = officers_from(leader.officers().doc).officers[0].user
    leader.close()
    gateway, actor = demo_centre.seat("dept_user")
    assert [one.user for one in officers_from(gateway.officers().doc).officers if one.user != actor.id] == []
    with pytest.raises(SignInNeeded, match="轨迹"):
        gateway.track(user, datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC))
    assert activity_from(gateway.grid_activity().doc).grids == {}
    assert {one.dept for one in components_from(gateway.components().doc)} <= {actor.dept}
    gateway.close()
