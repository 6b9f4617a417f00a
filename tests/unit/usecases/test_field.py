"""Documents of the district's things and people as values; what cannot be read is left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.domain.silence import SilenceSettings
from services.ports.centre import Tagged
from services.ports.field import Camera, Component, GridActivity, OfficerPosition, OfficerPositions
from services.usecases.field import (
    activity_from,
    cameras_from,
    components_from,
    officers_from,
    stored_components,
)

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
LAMP = {
    "code": "9901010137000001", "category": "component-0137", "name": "路灯", "dept": "muni", "maintainer": "养护一队",
    "status": "intact", "lon": 113.3, "lat": 23.1, "grid": "990101001001001", "address": "松影路1号",
}  # fmt: skip
CAMERA = {
    "code": "99010100001320000001",
    "name": "东门",
    "lon": 113.3,
    "lat": 23.1,
    "heading": 450,
    "state": "off",
}
OFFICER = {
    "user": "u-1", "name": "方知夏", "role": "grid_worker", "area_code": "990101001001", "on_duty": True,
    "at": "2026-11-20T05:55:00+00:00", "lon": 113.3, "lat": 23.1, "accuracy_m": 12, "grid": "990101001001001",
}  # fmt: skip


def test_nothing_is_known_without_a_document() -> None:
    assert components_from(None) == () and cameras_from(None) == ()
    assert officers_from(None) == OfficerPositions() and activity_from(None) == GridActivity()
    assert components_from({}) == () and components_from({"components": 7}) == ()


def test_a_component_and_a_camera() -> None:
    assert components_from({"components": [LAMP]}) == (
        Component(
            "9901010137000001", "component-0137", "路灯", "muni", "养护一队", "intact", 113.3, 23.1, "990101001001001",
            "松影路1号",
        ),
    )  # fmt: skip
    assert cameras_from({"cameras": [CAMERA]}) == (
        Camera("99010100001320000001", "东门", 113.3, 23.1, 90.0, "off", ""),
    )
    assert cameras_from({"cameras": [{**CAMERA, "heading": None}]})[0].heading is None


@pytest.mark.parametrize(
    "wrong",
    [
        None, 7, "x", [], {}, {**LAMP, "lon": None}, {**LAMP, "lon": 200}, {**LAMP, "lat": float("nan")},
        {**LAMP, "lat": float("inf")}, {**LAMP, "lon": "east"}, {k: v for k, v in LAMP.items() if k != "code"},
    ],
)  # fmt: skip
def test_one_that_cannot_be_read_is_left_out(wrong: Any) -> None:
    assert [c.code for c in components_from({"components": [LAMP, wrong, LAMP]})] == [LAMP["code"]] * 2


def test_officers_with_and_without_a_position() -> None:
    never = {**OFFICER, "user": "u-2", "at": None, "lon": None, "lat": None}
    half = {**OFFICER, "user": "u-3", "lat": None}
    found = officers_from(
        {"officers": [OFFICER, never, half], "server_time": "2026-11-20T06:00:00Z", "lost_after_s": 300}
    )
    assert found.server_time == NOW and found.lost_after_s == 300.0
    first, second, third = found.officers
    assert first.at == NOW - timedelta(minutes=5) and (first.lon, first.accuracy_m) == (113.3, 12.0)
    assert second.at is None and second.lon is None and third.at is None and third.lat is None


@pytest.mark.parametrize(("lost_after", "kept"), [(None, 600.0), (-5, 600.0), ("x", 600.0), (90, 90.0)])
def test_the_centre_says_who_counts_as_lost(lost_after: Any, kept: float) -> None:
    assert officers_from({"officers": [], "lost_after_s": lost_after}).lost_after_s == kept


def test_lost_are_those_on_duty_who_are_not_heard_of() -> None:
    board = OfficerPositions(lost_after_s=600)
    fresh = OfficerPosition("u", "n", "grid_worker", "", True, NOW - timedelta(seconds=599), 1.0, 1.0)
    assert not board.lost(fresh, NOW) and board.lost(fresh, NOW + timedelta(seconds=2))
    off = OfficerPosition("u", "n", "grid_worker", "", False, NOW - timedelta(days=1), 1.0, 1.0)
    never = OfficerPosition("u", "n", "grid_worker", "", True)
    assert not board.lost(off, NOW) and board.lost(never, NOW)
    assert never.age_s(NOW) is None and fresh.age_s(NOW - timedelta(hours=1)) == 0.0


def test_a_moment_without_a_zone_is_none() -> None:
    assert officers_from({"server_time": "2026-11-20T06:00:00"}).server_time is None
    assert officers_from({"server_time": "gestern"}).server_time is None
    assert officers_from({"server_time": 5}).server_time is None


def activity(*grids: tuple[str, int, str | None]) -> GridActivity:
    rows = [{"code": code, "reports": n, "last_at": last} for code, n, last in grids]
    return activity_from({"days": 90, "as_of": "2026-11-20T06:00:00Z", "grids": rows})


def test_activity_mixes_the_community_into_each_grid() -> None:
    found = activity(
        ("990101001001001", 180, "2026-11-20T01:00:00Z"),
        ("990101001001002", 0, None),
        ("990101002001001", 0, None),
    )
    assert found.days == 90 and found.as_of == NOW
    assert found.around == {"990101001001": 1.0, "990101002001": 0.0}
    assert found.per_day("990101001001001") == pytest.approx((180 + 15) / 105)
    assert found.per_day("990101001001002") == pytest.approx(15 / 105)
    assert found.per_day("990101002001001") == 0.0 and found.per_day("unknown") == 0.0


def test_silent_grids_of_the_activity() -> None:
    found = activity(
        ("990101001001001", 180, "2026-11-20T01:00:00Z"),
        ("990101001001002", 0, None),
        ("990101001001003", 180, "2026-10-01T01:00:00Z"),
        ("990101002001001", 0, None),
    )
    settings = SilenceSettings(days=30)
    answers = {code: found.silent(code, NOW, settings) for code in found.grids}
    assert answers == {
        "990101001001001": False,
        "990101001001002": True,  # measured by its neighbours
        "990101001001003": True,
        "990101002001001": None,  # nothing known around it either
    }
    assert found.silent("unknown", NOW, settings) is None
    assert found.silent_days("990101001001003", NOW) == pytest.approx(50 + 5 / 24)
    assert found.silent_days("990101001001002", NOW) is None and found.silent_days("unknown", NOW) is None


def test_a_grid_that_cannot_be_read_is_left_out() -> None:
    found = activity_from(
        {"grids": [{"code": "1", "reports": "x"}, {"code": "2", "reports": -4, "last_at": 5}, 7]}
    )
    assert set(found.grids) == {"2"} and found.grids["2"].reports == 0 and found.days == 90


# --- what the copy holds ------------------------------------------------------------------------------------


class Copy:
    """A cache of documents by name."""

    def __init__(self, **documents: Any) -> None:
        self.documents = {name.replace("__", "/"): doc for name, doc in documents.items()}

    def document(self, name: str) -> Tagged:
        """Return a document, (None, None) when absent."""
        return Tagged("t", self.documents.get(name)) if name in self.documents else Tagged(None, None)


def stored(**documents: Any) -> list[str]:
    return [one.code for one in stored_components(Copy(**documents))]  # type: ignore[arg-type]  # only documents are asked for


def test_stored_components_are_read_part_by_part() -> None:
    other = {**LAMP, "code": "9901010137000002"}
    parts = {"components__a__0": {"components": [LAMP]}, "components__a__1": {"components": [other]}}
    assert stored(components={"side": "a", "parts": 2}, **parts) == [LAMP["code"], other["code"]]
    assert stored(components={"side": "a", "parts": 1}, **parts) == [LAMP["code"]]
    assert stored(components={"side": "b", "parts": 0}, **parts) == []


def test_a_part_that_is_missing_leaves_the_others() -> None:
    assert stored(components={"side": "a", "parts": 3}, components__a__1={"components": [LAMP]}) == [
        LAMP["code"]
    ]


def test_a_document_in_one_piece_is_read_too() -> None:
    assert stored(components={"components": [LAMP]}) == [LAMP["code"]] and stored() == []
