"""A month of evaluation is one sheet for the whole district: who answers for a street alone does not move it."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from services.backend.access.accounts import change_rights
from services.sql.engine import writing
from tests.support.centre import STREETS, Backend


def into_a_street(conn: Connection, user: str) -> None:
    change_rights(conn, user, area_code=STREETS[0])


@pytest.mark.parametrize("step", ["compute", "publish", "rescore", "freeze"])
def test_an_evaluator_of_a_street_does_not_evaluate_the_district(own_backend: Backend, step: str) -> None:
    path = "/kpi/months/2026-10"
    with writing(own_backend.engine) as conn:
        into_a_street(conn, "u-evaluator1")
    seat = own_backend.fresh_seat("evaluator1")
    seat.get("/snapshot")
    answer = seat.post(path, {"step": step})
    assert answer.status_code == 403 and answer.json()["code"] == "not_allowed"
    assert "全区" in answer.json()["title"]
