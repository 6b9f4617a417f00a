"""Whole cases read for a trial, and the shapes of the answers of rules and referee."""

from __future__ import annotations

from typing import Any

import pytest

from services.backend.auto.stories import read_stories
from services.backend.http import openapi
from services.backend.learned.following import facts_at, used_s
from services.domain.experience import Experience
from services.sql.engine import reading
from tests.integration.backend.test_matrix import faults
from tests.support.centre import Backend

one_database = pytest.mark.parametrize("own_backend", ["sqlite"], indirect=True)


@one_database
def test_a_story_is_what_the_log_folds_to_and_teaches_once(own_backend: Backend) -> None:
    backend = own_backend
    case = backend.reach("closed")
    case = backend.seat("shift_leader1").do("reopen", case, reason="没好")["case"]
    open_case = backend.reach("handling")
    backend.settle()
    ids = [case["case_id"], open_case["case_id"], "01930000-0000-7000-8000-00000000ffff"]
    with reading(backend.engine) as conn:
        stories = read_stories(conn, ids)
        folded = facts_at(conn, case["case_id"], case["version"])
    assert set(stories) == set(ids[:2]) and folded is not None
    story = stories[case["case_id"]]
    assert story.facts == folded[0] and story.moments[-1].case == folded[1]
    assert [moment.version for moment in story.moments] == list(range(1, case["version"] + 1))
    calendar = backend.centre.calendar
    taught, back = story.lessons(calendar)
    assert (taught.times, back.times) == (1, -1) and taught.seq < back.seq
    closed = next(moment for moment in story.moments if moment.action == "close")
    assert taught.used == used_s(closed.case, calendar)
    experience = Experience()
    taught.learn(experience)
    assert experience.to_doc() != Experience().to_doc()
    back.learn(experience)
    assert experience.to_doc() == Experience().to_doc(), "taken back it was never there"
    assert list(stories[open_case["case_id"]].lessons(calendar)) == []


@one_database
def test_answers_are_as_described(own_backend: Backend) -> None:
    backend = own_backend
    backend.centre.auto.stop()
    case = backend.reach("pending_sign")
    case = backend.seat("muni1").do("return_case", case, reason="不是", basis="清单")["case"]
    seat = backend.seat("shift_leader1")
    doc: dict[str, Any] = {"name": "试", "action": "dispatch", "when": {}, "then": {"lead_dept": "sani"}}
    answers = {
        "Rule": seat.call("PUT", "/rules/shape", json=doc), "Referee": seat.get(f"/cases/{case['case_id']}/referee"),
        "Meetings": seat.get("/meetings"),
    }  # fmt: skip
    tried = seat.post("/rules/shape/try", {})
    described = {**answers, "Rules": seat.get("/rules"), "RuleDays": seat.get("/rules/shape/days")}
    for name, answer in [*described.items(), ("Rule", tried)]:
        assert answer.status_code == 200, answer.text
        assert faults(answer.json(), {"$ref": f"#/x/{name}"}) == [], name
    assert {"Rule", "Referee", "Meetings"} <= set(openapi.SCHEMAS)
