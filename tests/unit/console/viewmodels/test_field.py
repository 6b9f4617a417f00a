"""The seat's things and people in the field: read from the copy, officers asked for while somebody looks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from services.domain.silence import SilenceSettings
from services.ports.errors import SignInNeeded
from services.ports.field import ACTIVITY, CAMERAS, COMPONENTS, OFFICERS, Track
from tests.support.fakes import FakeGateway, World, settled
from tests.unit.console.viewmodels.conftest import Start
from tests.unit.usecases.test_field import CAMERA, LAMP, OFFICER

GRID = "990101001001001"


def docs() -> dict[str, dict[str, Any]]:
    return {
        COMPONENTS: {"components": [LAMP]},
        CAMERAS: {"cameras": [CAMERA]},
        OFFICERS: {"officers": [OFFICER], "lost_after_s": 300},
        ACTIVITY: {"days": 90, "grids": [{"code": GRID, "reports": 9, "last_at": None}]},
    }


def test_nothing_is_there_before_the_centre_gave_something(world: World, start: Start) -> None:
    seat = start(world)
    assert seat.components == () and seat.cameras == () and seat.officer_positions.officers == ()
    assert seat.grid_activity.grids == {} and seat.field.officer("u-1") is None


def test_the_copy_is_read_at_the_start_and_works_offline(world: World, start: Start) -> None:
    world.layer_docs, world.online = docs(), False
    seat = start(world)
    assert [one.name for one in seat.components] == ["路灯"] and seat.cameras[0].heading == 90.0
    assert seat.officer_positions.lost_after_s == 300.0
    found = seat.field.officer("u-1")
    assert found is not None and found.name == "方知夏"
    assert seat.grid_activity.grids[GRID].reports == 9


def test_only_what_changed_is_read_again(world: World, start: Start, qtbot: Any) -> None:
    world.layer_docs = docs()
    seat = start(world)
    heard: list[str] = []
    for name in ("components", "cameras", "officers", "activity"):
        getattr(seat.field, f"{name}_changed").connect(lambda name=name: heard.append(name))
    world.layer_docs = {name: {} for name in world.layer_docs}
    world.announce({OFFICERS})
    settled(seat, qtbot)
    assert heard == ["officers"] and seat.officer_positions.officers == () and len(seat.components) == 1
    world.announce({COMPONENTS, CAMERAS, ACTIVITY})
    settled(seat, qtbot)
    assert sorted(heard[1:]) == ["activity", "cameras", "components"] and seat.components == ()


def test_officers_are_watched_while_anyone_looks(world: World, start: Start) -> None:
    seat = start(world)
    one, other = object(), object()
    seat.watch_officers(one, True)
    seat.watch_officers(other, True)
    seat.watch_officers(one, False)
    assert world.watching_officers
    seat.watch_officers(other, False)
    seat.watch_officers(other, False)
    assert not world.watching_officers


def test_settings_of_silence_come_with_the_reference_data(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    heard: list[int] = []
    seat.field.activity_changed.connect(lambda: heard.append(1))
    assert seat.field.silence == SilenceSettings()
    world.doc = {**world.doc, "silence": {"days": 10}}
    world.announce({"reference"})
    settled(seat, qtbot)
    assert seat.field.silence == SilenceSettings(10.0) and heard == [1]
    world.announce({"reference"})
    settled(seat, qtbot)
    assert heard == [1]


class TrackGateway(FakeGateway):
    """A gateway that knows one track."""

    def track(self, user: str, start: datetime, end: datetime) -> Track:
        """Return an empty way, or refuse."""
        self.asked.append(("track", user, start, end))
        if user == "u-9":
            raise SignInNeeded("您的岗位不能查看人员轨迹。")
        return Track(user, "方知夏", start, end)


def test_a_day_is_the_day_of_the_centres_zone(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    gateway = TrackGateway(world)
    seat.field._gateway = gateway  # type: ignore[assignment]  # a double of the one call
    found: list[Track] = []
    refused: list[Exception] = []
    seat.load_track("u-1", date(2026, 11, 20), found.append, refused.append)
    settled(seat, qtbot)
    begin, end = datetime(2026, 11, 19, 16, tzinfo=UTC), datetime(2026, 11, 20, 16, tzinfo=UTC)
    assert gateway.asked == [("track", "u-1", begin, end)] and found[0].start == begin and not refused
    seat.load_track("u-9", date(2026, 11, 20), found.append, refused.append)
    settled(seat, qtbot)
    assert len(found) == 1 and str(refused[0]) == "您的岗位不能查看人员轨迹。"
