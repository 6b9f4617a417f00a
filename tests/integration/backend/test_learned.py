"""What the centre learns from its log: once, in order, whoever follows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.backend.learned.following import Learner, facts_at, lessons, read_experience, used_s
from services.domain.experience import Experience
from services.domain.facts import HANDLED
from services.sql.engine import reading
from tests.support.centre import CATEGORY, Backend, command


def follow(backend: Backend) -> Experience:
    learner = Learner(backend.engine, lambda: backend.centre.calendar)
    backend.settle()
    while learner.turn(backend.centre.calendar):
        pass
    return read_experience(backend.engine)[1]


def test_a_closed_case_teaches_once(own_backend: Backend) -> None:
    backend = own_backend
    case = backend.reach("closed")
    made = follow(backend)
    assert made.handled_by(CATEGORY) == {"muni": 1}
    assert made.handled_by(CATEGORY, case["grid"][:9]) == {"muni": 1}
    record = made.record("muni", CATEGORY)
    assert (record.received, record.returned, record.handled, record.in_time) == (1, 0, 1, 1)
    assert record.times.total == 1
    assert follow(backend).to_doc() == made.to_doc()


def test_a_reopened_case_is_taken_back_and_teaches_again(own_backend: Backend) -> None:
    backend = own_backend
    case = backend.reach("closed")
    follow(backend)
    case = backend.seat("shift_leader1").do("reopen", case, reason="未解决")["case"]
    assert follow(backend).to_doc() == {"units": [], "right": [], "filed": []}
    case = backend.seat("dispatcher1").do("dispatch", case, lead_dept="sani")["case"]
    case = backend.seat("sani1").do("sign", case)["case"]
    case = backend.seat("sani1").do("feed_back", case, result="好了")["case"]
    case = backend.seat("dispatcher1").do("send_check", case)["case"]
    case = backend.seat("supervisor1").do("check_pass", case)["case"]
    backend.seat("shift_leader1").do("close", case, closing_condition="清理")
    assert follow(backend).handled_by(CATEGORY) == {"sani": 1}


def test_open_cases_teach_nothing_yet(own_backend: Backend) -> None:
    own_backend.reach("feedback_review")
    assert follow(own_backend).to_doc() == {"units": [], "right": [], "filed": []}


def test_in_small_turns_as_in_one(own_backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.backend.learned import following

    for _ in range(3):
        own_backend.reach("closed")
    own_backend.settle()
    whole = follow(own_backend).to_doc()
    with reading(own_backend.engine) as conn:
        todo, upto = lessons(conn, 0)
        parts, since = [], 0
        while True:
            some, after = lessons(conn, since, span=7, most=1)
            if after == since:
                break
            parts += some
            since = after
    assert parts == todo and since == upto
    monkeypatch.setattr(following, "CASES", 1)
    assert follow(own_backend).to_doc() == whole


def test_of_two_that_follow_one_wins(own_backend: Backend) -> None:
    backend = own_backend
    backend.reach("closed")
    backend.settle()
    one, two = (Learner(backend.engine, lambda: backend.centre.calendar) for _ in range(2))
    two._known = read_experience(backend.engine)
    assert one.turn(backend.centre.calendar)
    assert two.turn(backend.centre.calendar)
    assert two._known is None
    assert read_experience(backend.engine)[1].handled_by(CATEGORY) == {"muni": 1}
    backend.reach("closed")
    backend.settle()
    three, four = (Learner(backend.engine, lambda: backend.centre.calendar) for _ in range(2))
    four._known = read_experience(backend.engine)
    assert three.turn(backend.centre.calendar) and four.turn(backend.centre.calendar)
    assert follow(backend).handled_by(CATEGORY) == {"muni": 2}


def test_handling_time_is_counted_as_the_limit_counts(own_backend: Backend) -> None:
    backend = own_backend
    case = backend.reach("handling")
    later = datetime.now(UTC) + timedelta(hours=1, minutes=30)
    with backend.later(hours=1, minutes=30):
        body = {**command("feed_back", case, result="好了"), "seen_at": later.isoformat()}
        case = backend.seat("muni1").send(body)["case"]
    backend.settle()
    with reading(backend.engine) as conn:
        found = facts_at(conn, case["case_id"], case["version"])
        assert facts_at(conn, "01930000-0000-7000-8000-00000000ffff", 9) is None
    assert found is not None and found[0].stints[-1].outcome == HANDLED
    took = used_s(found[1], backend.centre.calendar)
    clock = found[1].clocks["handle"]
    assert took is not None and clock.stopped_at is not None
    if clock.limit.working:
        assert 0 <= took <= 5401
    else:
        assert took == pytest.approx(5400, abs=60)
    assert clock.stopped_at - clock.started_at >= timedelta(minutes=89)


def test_the_route_is_for_those_who_dispatch_and_lead(own_backend: Backend) -> None:
    backend = own_backend
    backend.reach("closed")
    follow(backend)
    answer = backend.seat("dispatcher1").get("/experience")
    assert answer.status_code == 200
    doc: dict[str, Any] = answer.json()
    assert Experience.from_doc(doc).handled_by(CATEGORY) == {"muni": 1}
    tag = answer.headers["etag"]
    again = backend.client.get(
        "/v1/experience", headers={**backend.seat("dispatcher1").headers, "If-None-Match": tag}
    )
    assert again.status_code == 304
    for who in ("muni1", "handler1", "street1", "admin1", "auditor1", "grid_worker1"):
        refused = backend.seat(who).get("/experience")
        assert refused.status_code == 404, who
    assert backend.seat("dispatcher1").get("/experience", x="1").status_code == 422
    assert backend.client.get("/v1/experience").status_code == 401


def test_a_running_centre_learns_by_itself(own_backend: Backend) -> None:
    learner = Learner(own_backend.engine, lambda: own_backend.centre.calendar)
    own_backend.reach("closed")
    own_backend.settle()
    learner.start()
    learner.stop()
    assert read_experience(own_backend.engine)[1].handled_by(CATEGORY) in ({"muni": 1}, {})
