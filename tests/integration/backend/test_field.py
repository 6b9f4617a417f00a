"""Components, cameras, officers, tracks, positions and activity of grids, over HTTP on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update

from services.backend.db.access_tables import accounts, audit
from services.backend.db.field_tables import cameras, components, last_positions, positions
from services.backend.field.activity import FRESH_S, Activity, read_activity
from services.backend.field.judging import Fix
from services.backend.field.positions import forget_old, store
from services.backend.field.things import (
    CameraRow,
    ComponentRow,
    things_scope,
    write_cameras,
    write_components,
)
from services.backend.reference_store import publish
from services.domain.codes import covers
from services.domain.roles import DEPT_ROLES, Actor
from services.sql.engine import glancing, writing
from services.sql.types import to_ms
from tests.integration.backend.test_matrix import PEOPLE, actor, faults
from tests.support.centre import DISTRICT, HERE, OUTSIDE, STEP, THERE, Backend, grid_code, reference_doc

#: 11:00 in the centre's zone, on the day the tests believe it is
DAY = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
GRIDS = [grid_code(column, row) for column in range(4) for row in range(2)]


@pytest.fixture
def noon(own_backend: Backend) -> Iterator[Backend]:
    """A centre of its own whose clock stands at eleven in the morning."""
    ordinary = own_backend.centre.now
    own_backend.centre.now = lambda: DAY
    yield own_backend
    own_backend.centre.now = ordinary


def component(number: int, grid: str = GRIDS[0], dept: str | None = "muni", **more: Any) -> ComponentRow:
    values: dict[str, Any] = {
        "code": f"{DISTRICT}0137{number:06d}", "category": "component-0137", "name": "路灯", "dept": dept,
        "maintainer": "养护一队", "status": "intact", "lon": HERE["lon"], "lat": HERE["lat"], "grid": grid,
        "address": "人民路1号",
    }  # fmt: skip
    return ComponentRow(**{**values, **more})


def camera(number: int, grid: str = GRIDS[0], dept: str | None = "police", **more: Any) -> CameraRow:
    values: dict[str, Any] = {
        "code": f"99010100001320{number:06d}", "name": f"路口{number}", "lon": HERE["lon"], "lat": HERE["lat"],
        "heading": 90.0, "state": "on", "dept": dept, "grid": grid,
    }  # fmt: skip
    return CameraRow(**{**values, **more})


def furnished(backend: Backend) -> None:
    """Things of several grids and departments, some in no grid at all."""
    depts = ("muni", "sani", "street-990101001", None)
    with writing(backend.engine) as conn:
        conn.execute(delete(components))
        conn.execute(delete(cameras))
        places = [(grid, dept) for grid in (*GRIDS, "") for dept in depts]
        write_components(conn, [component(n, grid, dept) for n, (grid, dept) in enumerate(places)])
        write_cameras(conn, [camera(n, grid, dept) for n, (grid, dept) in enumerate(places)])


# --- components and cameras ---------------------------------------------------------------------------------


def sees(person: Actor, grid: str, dept: str | None) -> bool:
    """The plain words of the rule: area prefix, and who works for a unit sees its own things."""
    if not covers(person.area_code, grid or None):
        return False
    return dept == person.dept if all(role in DEPT_ROLES for role in person.roles) else True


def test_things_are_seen_in_scope_only(backend: Backend) -> None:
    furnished(backend)
    for route, table, name in (("/components", components, "components"), ("/cameras", cameras, "cameras")):
        with glancing(backend.engine) as conn:
            rows = conn.execute(select(table.c.code, table.c.grid, table.c.dept)).all()
        for who in PEOPLE:
            person = actor(backend, who)
            wanted = {row.code for row in rows if sees(person, row.grid, row.dept)}
            got = backend.seat(who).get(route).json()[name]
            assert {entry["code"] for entry in got} == wanted, (who, route)
            assert name == "components" or all("dept" not in entry for entry in got)


def test_somebody_without_an_area_or_department_sees_nothing() -> None:
    for lost in (
        Actor("u", "n", ("acceptor",)), Actor("u", "n", ("acceptor",), ""), Actor("u", "n", ("dept_user",), DISTRICT)
    ):  # fmt: skip
        text = str(things_scope(lost, components).compile(compile_kwargs={"literal_binds": True}))
        assert "false" in text.lower() or "0 = 1" in text, text


def test_pages_put_together_are_the_whole(backend: Backend) -> None:
    furnished(backend)
    seat = backend.seat("dispatcher1")
    whole = seat.get("/components").json()
    assert whole["next_cursor"] is None and len(whole["components"]) == 36
    found: list[dict[str, Any]] = []
    cursor, pages = None, 0
    while True:
        page = seat.get("/components", limit=7, **({"cursor": cursor} if cursor else {})).json()
        assert page["version"] == whole["version"]
        found += page["components"]
        cursor, pages = page["next_cursor"], pages + 1
        if cursor is None:
            break
    assert found == whole["components"] and pages == 6
    keys = [(entry["grid"], entry["code"]) for entry in found]
    assert keys == sorted(keys)


def test_an_area_narrows_and_never_widens(backend: Backend) -> None:
    furnished(backend)
    seat = backend.seat("dispatcher1")
    narrow = seat.get("/components", area="990101002").json()["components"]
    assert {entry["grid"][:9] for entry in narrow} == {"990101002"} and len(narrow) == 16
    assert seat.get("/components", area="110101").json()["components"] == []
    assert backend.seat("street1").get("/components", area="990101002").json()["components"] == []


def test_an_unchanged_state_is_not_sent_again(backend: Backend) -> None:
    furnished(backend)
    seat = backend.seat("dispatcher1")
    for route in ("/components", "/cameras"):
        first = seat.get(route)
        tag = first.headers["etag"]
        again = seat.call("GET", route, headers={"If-None-Match": tag})
        assert again.status_code == 304 and again.headers["etag"] == tag
        # another scope, another page: another tag
        assert backend.seat("street1").get(route).headers["etag"] != tag
        with writing(backend.engine) as conn:
            write_components(conn, [component(1, status="lost")])
        assert seat.call("GET", route, headers={"If-None-Match": tag}).status_code == 200
    assert seat.get("/components", limit=3).headers["etag"] != seat.get("/components").headers["etag"]


@pytest.mark.parametrize(
    "query",
    [{"cursor": "x"}, {"cursor": "W10"}, {"cursor": "WzEsMl0"}, {"limit": "0"}, {"limit": "5001"}, {"area": "x1"},
     {"category": "0137"}, {"cursor": "WyJcdTAwMDAiLCJ4Il0ü"}],
)  # fmt: skip
def test_a_wrong_question_is_named(backend: Backend, query: dict[str, str]) -> None:
    answer = backend.seat("dispatcher1").get("/components", **query)
    assert answer.status_code == 422 and set(answer.json()["fields"]) == set(query)


def test_writing_again_replaces(own_backend: Backend) -> None:
    with writing(own_backend.engine) as conn:
        assert write_components(conn, [component(1), component(2)]) == 2
        assert write_components(conn, [component(2, status="damaged", name="地灯")]) == 1
        assert write_cameras(conn, (camera(n) for n in range(1500))) == 1500
    found = own_backend.seat("dispatcher1").get("/components").json()["components"]
    assert [(entry["status"], entry["name"]) for entry in found] == [("intact", "路灯"), ("damaged", "地灯")]


@pytest.mark.parametrize(
    "row",
    [component(1, code="1"), component(1, code="99010101370000０1"), component(1, category="component-0101"),
     component(1, status="broken"), camera(1, code="1"), camera(1, state="maybe")],
)  # fmt: skip
def test_a_row_that_breaks_its_layout_is_refused_whole(own_backend: Backend, row: Any) -> None:
    write = write_components if isinstance(row, ComponentRow) else write_cameras
    table = components if isinstance(row, ComponentRow) else cameras
    with pytest.raises(ValueError, match=r"部件|摄像机"), writing(own_backend.engine) as conn:
        write(conn, [row])  # type: ignore[list-item]  # one of two kinds of rows
    with glancing(own_backend.engine) as conn:
        assert conn.execute(select(func.count()).select_from(table)).scalar_one() == 0


# --- positions ----------------------------------------------------------------------------------------------


def point(seconds: float, spot: dict[str, Any] = HERE, **more: Any) -> dict[str, Any]:
    at = (DAY + timedelta(seconds=seconds)).isoformat()
    return {"at": at, "lon": spot["lon"], "lat": spot["lat"], **more}


def send(backend: Backend, who: str, *points: dict[str, Any]) -> Any:
    return backend.seat(who).post("/positions", {"points": list(points)})


def test_a_batch_is_judged_point_by_point(noon: Backend) -> None:
    answer = send(
        noon, "grid_worker1", point(-600), point(-300, accuracy_m=12), point(-300), point(-290, OUTSIDE), point(600),
        point(-200, THERE), point(-199, NEAR_THERE),
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["taken"], found["known"]) == (3, 1)
    assert [(entry["index"], entry["code"]) for entry in found["refused"]] == [
        (3, "outside_area"), (4, "future"), (6, "impossible_speed"),
    ]  # fmt: skip
    assert all(entry["title"] for entry in found["refused"])
    again = send(noon, "grid_worker1", point(-600), point(-300)).json()
    assert again == {"taken": 0, "known": 2, "refused": []}
    with glancing(noon.engine) as conn:
        rows = conn.execute(select(positions).order_by(positions.c.at)).all()
        assert [row.grid for row in rows] == [GRIDS[0], GRIDS[0], grid_code(2, 0)]
        assert [row.accuracy_m for row in rows] == [None, 12.0, None]
        last = conn.execute(select(last_positions)).one()
    assert (last.user_id, last.at) == ("u-grid_worker1", to_ms(DAY) - 200_000)


#: a kilometre beyond THERE, a second later
NEAR_THERE = {"lon": THERE["lon"] - 2 * STEP, "lat": THERE["lat"]}


def test_the_last_position_never_goes_back(noon: Backend) -> None:
    send(noon, "supervisor1", point(-60))
    assert send(noon, "supervisor1", point(-3000)).json()["taken"] == 1
    with glancing(noon.engine) as conn:
        assert conn.execute(select(last_positions.c.at)).scalar_one() == to_ms(DAY) - 60_000


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "points"),
        ({"points": []}, "points"),
        ({"points": [point(0)] * 501}, "points"),
        ({"points": [{**point(0), "lon": 181}]}, "points[0].lon"),
        ({"points": [{**point(0), "lat": None}]}, "points[0].lat"),
        ({"points": [{**point(0), "at": "2026-11-20T03:00:00"}]}, "points[0].at"),
        ({"points": [point(0), {**point(1), "speed": 3}]}, "points[1].speed"),
        ({"points": [point(0, accuracy_m=-1)]}, "points[0].accuracy_m"),
        ({"points": [point(0)], "user": "u-supervisor2"}, "user"),
    ],
)
def test_a_malformed_batch_stores_nothing(backend: Backend, body: Any, field: str) -> None:
    mine = select(func.count()).select_from(positions).where(positions.c.user_id == "u-supervisor2")
    with glancing(backend.engine) as conn:
        before = conn.execute(mine).scalar_one()  # other tests of the module may have sent some
    answer = backend.seat("supervisor2").post("/positions", body)
    assert answer.status_code == 422 and field in answer.json()["fields"], answer.text
    with glancing(backend.engine) as conn:
        assert conn.execute(mine).scalar_one() == before


def test_only_the_field_sends_positions(backend: Backend) -> None:
    may = {who for who in PEOPLE if send(backend, who, point(0)).status_code != 403}
    assert may == {"supervisor1", "supervisor2", "grid_worker1", "handler1"}
    assert send(backend, "dispatcher1", point(0)).json()["code"] == "positions_not_allowed"


def test_off_work_nobody_is_followed(noon: Backend) -> None:
    night = [point(-9 * 3600 - 60), point(-60)]
    assert [e["code"] for e in send(noon, "supervisor1", *night).json()["refused"]] == ["off_hours"]
    with writing(noon.engine) as conn:  # stored under longer hours, before the centre shortened them
        store(conn, {"u-supervisor1": [Fix(to_ms(DAY) - 9 * 3_600_000, HERE["lon"], HERE["lat"])]})
    shown = track(noon, "dispatcher1", "u-supervisor1", hours=24).json()["points"]
    assert [datetime.fromisoformat(entry["at"]) for entry in shown] == [DAY - timedelta(seconds=60)]


# --- officers and tracks ------------------------------------------------------------------------------------


def track(backend: Backend, who: str, user: str, hours: float = 2, start: datetime | None = None) -> Any:
    begin = start or DAY - timedelta(hours=hours) + timedelta(seconds=1)
    end = begin + timedelta(hours=hours)
    return backend.seat(who).get(f"/officers/{user}/track", from_=begin.isoformat(), to=end.isoformat())


def test_who_sees_whom_in_the_field(backend: Backend) -> None:
    """Every kind of person: live positions for those who steer the field, ways of the past for fewer."""
    field = {
        "u-supervisor1": "990101001001",
        "u-supervisor2": "990101002001",
        "u-grid_worker1": "990101001001",
    }
    for who in PEOPLE:
        person = actor(backend, who)
        steers = bool({"acceptor", "dispatcher", "shift_leader", "leader", "street_user"} & set(person.roles))
        looks_back = bool({"dispatcher", "shift_leader", "leader", "street_user"} & set(person.roles))
        got = {entry["user"] for entry in backend.seat(who).get("/officers").json()["officers"]}
        for user, area in field.items():
            seen = user == person.id or (steers and area.startswith(person.area_code or "-"))
            assert (user in got) == seen, (who, user)
            wanted = 200 if user == person.id else 403 if not looks_back else 200 if seen else 404
            assert track(backend, who, user).status_code == wanted, (who, user)


def test_where_everybody_is(noon: Backend) -> None:
    send(noon, "supervisor1", point(-30, accuracy_m=9))
    send(noon, "handler1", point(-40))
    found = noon.seat("dispatcher1").get("/officers").json()
    by_user = {entry["user"]: entry for entry in found["officers"]}
    first = dict(by_user["u-supervisor1"])
    assert datetime.fromisoformat(first.pop("at")) == DAY - timedelta(seconds=30)
    assert first == {
        "user": "u-supervisor1", "name": "supervisor1先生", "role": "supervisor", "area_code": "990101001001",
        "on_duty": True, "lon": HERE["lon"], "lat": HERE["lat"], "accuracy_m": 9.0, "grid": GRIDS[0],
    }  # fmt: skip
    assert by_user["u-supervisor2"]["at"] is None and by_user["u-supervisor2"]["on_duty"] is False
    assert by_user["u-handler1"]["role"] == "handler"  # listed once heard of
    assert not {"u-dispatcher1", "u-muni1"} & set(by_user) and found["lost_after_s"] == 600


def test_the_roster_says_who_is_on_duty_and_nobody_is_at_night(noon: Backend) -> None:
    roster = [{"user": "u-supervisor1", "on_duty": False}, {"user": "u-supervisor2", "on_duty": True}]
    with writing(noon.engine) as conn:
        publish(conn, {**reference_doc(), "roster": roster, "field": {"lost_after_s": 300}})
    noon.centre.references.refresh()
    send(noon, "supervisor1", point(-30))

    def duty() -> dict[str, bool]:
        found = noon.seat("dispatcher1").get("/officers").json()
        assert found["lost_after_s"] == 300
        return {entry["user"]: entry["on_duty"] for entry in found["officers"]}

    assert duty()["u-supervisor1"] is False and duty()["u-supervisor2"] is True
    noon.centre.now = lambda: DAY + timedelta(hours=12)
    assert not any(duty().values())


def test_officers_who_have_not_moved_are_not_sent_again(noon: Backend) -> None:
    seat = noon.seat("dispatcher1")
    send(noon, "supervisor1", point(-30))
    tag = seat.get("/officers").headers["etag"]
    assert seat.call("GET", "/officers", headers={"If-None-Match": tag}).status_code == 304
    send(noon, "supervisor1", point(-10))
    assert seat.call("GET", "/officers", headers={"If-None-Match": tag}).status_code == 200


def test_somebody_who_left_is_not_shown(noon: Backend) -> None:
    send(noon, "supervisor1", point(-30))
    with writing(noon.engine) as conn:
        conn.execute(update(accounts).where(accounts.c.user_id == "u-supervisor1").values(active=False))
    listed = {entry["user"] for entry in noon.seat("dispatcher1").get("/officers").json()["officers"]}
    assert "u-supervisor1" not in listed


def test_a_track_is_the_way_in_order_and_every_look_is_written_down(noon: Backend) -> None:
    send(noon, "supervisor1", point(-100), point(-300), point(-200, accuracy_m=5))
    answer = track(noon, "leader1", "u-supervisor1")
    found = answer.json()
    moments = [datetime.fromisoformat(entry["at"]) for entry in found["points"]]
    assert moments == [DAY - timedelta(seconds=s) for s in (300, 200, 100)]
    assert found["user"] == {"id": "u-supervisor1", "name": "supervisor1先生"}
    assert [entry["accuracy_m"] for entry in found["points"]] == [None, 5.0, None]
    assert track(noon, "acceptor1", "u-supervisor1").json()["code"] == "track_not_allowed"
    with glancing(noon.engine) as conn:
        rows = conn.execute(select(audit).where(audit.c.action.like("track%")).order_by(audit.c.id)).all()
    assert [(row.actor_id, row.action, row.target) for row in rows] == [
        ("u-leader1", "track_shown", "u-supervisor1"), ("u-acceptor1", "track_refused", "u-supervisor1"),
    ]  # fmt: skip
    assert set(json.loads(rows[0].detail)) == {"from", "to"} and rows[0].trace_id


def test_a_track_ends_where_it_was_asked_to(noon: Backend) -> None:
    send(noon, "supervisor1", point(-300), point(-200), point(-100))
    begin = DAY - timedelta(seconds=300)
    found = track(noon, "dispatcher1", "u-supervisor1", hours=200 / 3600, start=begin).json()["points"]
    assert len(found) == 2  # from is included, to is not


@pytest.mark.parametrize(
    ("query", "field"),
    [({}, "from"), ({"from_": "2026-11-20T00:00:00Z"}, "to"), ({"from_": "x", "to": "y"}, "from"),
     ({"from_": "2026-11-20T00:00:00Z", "to": "2026-11-20T00:00:00Z"}, "to"),
     ({"from_": "2026-11-20T00:00:00Z", "to": "2026-11-19T00:00:00Z"}, "to"),
     ({"from_": "2026-11-20T00:00:00Z", "to": "2026-11-21T01:00:01Z"}, "to"),
     ({"from_": "2026-11-20T00:00:00Z", "to": "2026-11-20T01:00:00Z", "day": "1"}, "day")],
)  # fmt: skip
def test_a_track_is_asked_for_a_day_at_most(backend: Backend, query: dict[str, str], field: str) -> None:
    answer = backend.seat("dispatcher1").get("/officers/u-supervisor1/track", **query)
    assert answer.status_code == 422 and field in answer.json()["fields"]


@pytest.mark.parametrize("user", ["nobody", "u-dispatcher2", "%25", "a" * 70])
def test_a_track_of_nobody_is_not_found(backend: Backend, user: str) -> None:
    assert track(backend, "street1", user).status_code == 404


def test_positions_go_when_their_time_is_over(noon: Backend) -> None:
    send(noon, "supervisor1", point(-600), point(-60))
    send(noon, "supervisor2", point(-600, THERE))
    assert noon.centre.duties.forget() == 0
    noon.centre.now = lambda: DAY + timedelta(days=30, seconds=-300)
    assert forget_old(noon.centre) == 2
    with glancing(noon.engine) as conn:
        assert conn.execute(select(positions.c.user_id)).scalars().all() == ["u-supervisor1"]
        assert conn.execute(select(last_positions.c.user_id)).scalars().all() == ["u-supervisor1"]
    assert forget_old(noon.centre) == 0


def test_many_old_positions_go_in_portions(noon: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.backend.field.positions._DELETE_AT_ONCE", 10)
    with writing(noon.engine) as conn:
        store(conn, {"u-supervisor1": [Fix(n, 113.3, 23.1) for n in range(25)]})
    gone = [forget_old(noon.centre) for _ in range(4)]
    assert gone == [10, 10, 5, 0]


# --- activity of grids --------------------------------------------------------------------------------------


def test_activity_is_given_in_scope(backend: Backend) -> None:
    for who in PEOPLE:
        person = actor(backend, who)
        unit = all(role in DEPT_ROLES - {"street_user"} for role in person.roles)
        mine = set() if unit else {code for code in GRIDS if code.startswith(person.area_code or "-")}
        got = {entry["code"] for entry in backend.seat(who).get("/grids/activity").json()["grids"]}
        assert got == mine, who


def test_reports_are_counted_over_ninety_days_and_the_last_is_found(own_backend: Backend) -> None:
    backend = own_backend
    seat = backend.seat("acceptor1")
    for spot in (HERE, HERE, THERE):
        seat.register(spot)
    now = backend.centre.now()
    old = to_ms(now - timedelta(days=91))
    from services.backend.db.tables import cases

    with writing(backend.engine) as conn:
        ref = conn.execute(select(func.min(cases.c.ref))).scalar_one()
        conn.execute(update(cases).where(cases.c.ref == ref).values(created_at=old))
        third = conn.execute(select(cases.c.ref).where(cases.c.grid == grid_code(2, 0))).scalar_one()
        conn.execute(update(cases).where(cases.c.ref == third).values(created_at=old))
    backend.centre.activity.forget()
    answer = seat.get("/grids/activity").json()
    by_code = {entry["code"]: entry for entry in answer["grids"]}
    assert answer["days"] == 90 and len(by_code) == 8
    assert by_code[GRIDS[0]]["reports"] == 1
    assert abs(datetime.fromisoformat(by_code[GRIDS[0]]["last_at"]) - now) < timedelta(minutes=5)
    there = by_code[grid_code(2, 0)]
    assert there["reports"] == 0 and to_ms(datetime.fromisoformat(there["last_at"])) == old
    assert by_code[GRIDS[1]] == {"code": GRIDS[1], "reports": 0, "last_at": None}


def test_figures_are_read_once_in_a_while(own_backend: Backend) -> None:
    moments = [0.0]
    kept = Activity(own_backend.engine, own_backend.centre.now, lambda: moments[0])
    first, as_of = kept.current()
    own_backend.seat("acceptor1").register(HERE)
    moments[0] = FRESH_S - 1
    assert kept.current() == (first, as_of)
    moments[0] = FRESH_S
    assert sum(grid.reports for grid in kept.current()[0]) == 1
    own_backend.seat("acceptor1").register(HERE)
    kept.forget()
    assert sum(grid.reports for grid in kept.current()[0]) == 2


def test_the_tag_of_the_activity_follows_the_figures(own_backend: Backend) -> None:
    seat, activity = own_backend.seat("acceptor1"), own_backend.centre.activity
    tag = seat.get("/grids/activity").headers["etag"]
    activity.forget()
    assert seat.call("GET", "/grids/activity", headers={"If-None-Match": tag}).status_code == 304
    seat.register(HERE)
    activity.forget()
    assert seat.call("GET", "/grids/activity", headers={"If-None-Match": tag}).status_code == 200


def test_activity_never_walks_the_cases(own_backend: Backend) -> None:
    """The plan stays on the index over (grid, created_at), however many cases there are."""
    from sqlalchemy import event, text

    statements: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "FROM areas" in statement:
            statements.append((statement, parameters))

    event.listen(own_backend.engine, "before_cursor_execute", note)
    read_activity(own_backend.engine, own_backend.centre.now())
    event.remove(own_backend.engine, "before_cursor_execute", note)
    statement, parameters = statements[0]
    with own_backend.engine.connect() as conn:
        if own_backend.sqlite:
            plan = [row[3] for row in conn.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)]
            lines = [line for line in plan if "cases" in line]
            assert len(lines) == 2 and all("COVERING INDEX ix_cases_grid" in line for line in lines), plan
        else:
            conn.execute(text("SET enable_seqscan = off"))
            plan = [row[0] for row in conn.exec_driver_sql("EXPLAIN " + statement, parameters)]
            assert sum("ix_cases_grid" in line for line in plan) == 2, plan
        conn.rollback()


# --- as described -------------------------------------------------------------------------------------------


def test_answers_are_as_described(noon: Backend) -> None:
    furnished(noon)
    send(noon, "supervisor1", point(-30))
    seat = noon.seat("dispatcher1")
    answers = {
        "GridActivity": seat.get("/grids/activity"), "Components": seat.get("/components", limit=2),
        "Cameras": seat.get("/cameras"), "Officers": seat.get("/officers"),
        "Track": track(noon, "dispatcher1", "u-supervisor1"),
        "PositionsTaken": send(noon, "supervisor1", point(-30), point(-29, OUTSIDE), point(-20)),
    }  # fmt: skip
    for name, answer in answers.items():
        assert answer.status_code == 200, answer.text
        assert faults(answer.json(), {"$ref": f"#/x/{name}"}) == [], name


def test_people_with_like_ids_are_kept_apart(noon: Backend) -> None:
    """Ids of people are texts; one that looks like another must not be found."""
    with writing(noon.engine) as conn:
        conn.execute(
            insert(positions), [{"user_id": "u-supervisor10", "at": to_ms(DAY) - 5, "lon": 1, "lat": 1}]
        )
    assert track(noon, "dispatcher1", "u-supervisor1").json()["points"] == []
