"""Points find their grid on this machine; candidates near by are found without the centre."""

from __future__ import annotations

from datetime import timedelta

from console.viewmodels.areas import AreaBook
from console.viewmodels.intake_place import PlaceFinder, build_index, place_finder
from console.viewmodels.intake_similar import from_centre, from_rows
from services.ports.centre import SimilarCase
from tests.support.fakes import STEP, WEST, invented_areas, settled, world_for


def test_a_point_finds_grid_community_street_and_officer(start, qtbot):
    seat = start(world_for("acceptor"))
    finder = place_finder(seat)
    settled(seat, qtbot)
    place = finder.find(WEST + STEP * 1.5, 23.015)
    assert place.inside
    assert (place.grid_name, place.community, place.street) == ("柳岸-02", "柳岸社区", "柳岸街道")
    assert place.officer == "方知夏"
    assert place.position.grid == place.grid == "990101002001002"
    assert place.position.area_path[0] == "990101"


def test_a_point_outside_every_grid_is_outside(start, qtbot):
    seat = start(world_for("acceptor"))
    finder = place_finder(seat)
    settled(seat, qtbot)
    place = finder.find(114.0, 24.0)
    assert not place.inside
    assert place.position.grid is None


def test_near_the_border_the_neighbour_is_named(start, qtbot):
    seat = start(world_for("acceptor"))
    finder = place_finder(seat)
    settled(seat, qtbot)
    place = finder.find(WEST + STEP - 0.0001, 23.005)
    assert place.near_boundary
    assert place.neighbour == "柳岸-01"
    assert place.position.near == "990101002001001"


def test_a_seat_has_one_finder_and_before_the_areas_it_knows_nothing(start, qtbot):
    world = world_for("acceptor")
    seat = start(world)
    seat.areas = AreaBook({})
    finder = PlaceFinder(seat)
    assert not finder.ready
    assert finder.find(WEST, 23.0) is None
    assert place_finder(seat) is finder
    with qtbot.waitSignal(finder.ready_changed):
        seat.areas = AreaBook(invented_areas())
        seat.areas_changed.emit()
    assert finder.ready


def test_a_broken_shape_is_left_out():
    docs = invented_areas()
    docs["grid"]["features"][0]["geometry"] = {"type": "Polygon", "coordinates": "?"}
    docs["grid"]["features"][1]["geometry"] = None
    assert len(build_index(AreaBook(docs))) == 7


# --- near by ------------------------------------------------------------------------------------------


def near_world():
    world = world_for("acceptor")
    here = world.register("井盖缺失", lon=113.005, lat=23.005, category="component-0101")
    other = world.register("噪音", lon=113.0055, lat=23.005)
    world.register("远处", lon=113.02, lat=23.02)
    return world, here, other


def test_own_rows_give_cases_within_250_metres_same_category_first():
    world, here, other = near_world()
    found = from_rows(world.cases.values(), 113.0054, 23.005, "component-0101", world.now, world.rules)
    assert [each.case_id for each in found] == [here.case_id, other.case_id]
    assert found[0].why == "同类别"
    assert found[1].why == "位置较近，类别不同"
    assert found[0].score < 0
    assert 30 < found[0].distance_m < 60


def test_without_a_category_the_nearest_comes_first():
    world, here, other = near_world()
    found = from_rows(world.cases.values(), 113.0054, 23.005, "", world.now, world.rules)
    assert [each.case_id for each in found] == [other.case_id, here.case_id]
    assert found[0].why == "位置较近"


def test_older_than_a_week_the_own_case_and_unlocated_ones_are_left_out():
    world, here, other = near_world()
    late = world.now + timedelta(days=8)
    assert from_rows(world.cases.values(), 113.005, 23.005, "", late, world.rules) == ()
    found = from_rows(world.cases.values(), 113.005, 23.005, "", world.now, world.rules, here.case_id)
    assert [each.case_id for each in found] == [other.case_id]


def test_ended_cases_come_last():
    world, here, other = near_world()
    world.apply("reject", here.case_id, reason="不属实")
    found = from_rows(world.cases.values(), 113.005, 23.005, "", world.now, world.rules)
    assert [(each.case_id, each.open) for each in found] == [(other.case_id, True), (here.case_id, False)]
    assert found[1].band == "closed"


def test_the_centres_candidates_keep_score_and_reasons():
    world, here, _ = near_world()
    (found,) = from_centre([SimilarCase(here, 8.0, 2.0, 0.92, ("同小类", "50 米内"))], world.now, world.rules)
    assert (found.score, found.why, found.distance_m) == (0.92, "同小类、50 米内", 8.0)
    assert found.number.startswith("1120-")
    assert found.category == "上水井盖"
