"""Scope as SQL and scope as the domain has it are the same, for every actor and case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from services.backend.db.opening import open_database
from services.backend.db.tables import cases
from services.backend.log import Bulk, insert_rows
from services.backend.rows import case_row
from services.backend.scoping import of_dept, scoped
from services.domain.case import Case, Location, sees
from services.domain.ids import uuid7
from services.domain.roles import ROLES, SYSTEM, UPPER, Actor
from services.sql.engine import glancing, writing

GRIDS = (None, "990101001001001", "990101001002001", "990101002001001", "990102001001001", "110101001001001")
DEPTS = (None, "muni", "sani", "street-990101001")
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def _all_cases() -> list[Case]:
    made = []
    for grid in GRIDS:
        for lead in DEPTS:
            for co in ((), ("sani",), ("green", "sani"), ("sani2",)):
                made.append(
                    Case(
                        uuid7(),
                        "event",
                        "app",
                        "handling",
                        "x",
                        Location(1, 1),
                        NOW,
                        grid=grid,
                        lead_dept=lead,
                        co_depts=co,
                    )
                )
    return made


CASES = _all_cases()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("scope")
    made = open_database(f"sqlite:///{folder / 'scope.db'}")
    with writing(made) as conn:
        insert_rows(conn, Bulk(cases=[case_row(case) for case in CASES]))
    yield made
    made.dispose()


ACTORS = st.builds(
    Actor,
    st.just("u"),
    st.just("某人"),
    st.lists(st.sampled_from(sorted(ROLES)), min_size=1, max_size=2, unique=True).map(tuple),
    st.sampled_from(
        [None, "", "9901", "990101", "990101001", "990101001001", "990101001001001", "99", "110101", "8"]
    ),
    st.sampled_from([None, "muni", "sani", "street-990101001", "nobody", "san_", "%"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(ACTORS)
def test_the_statement_finds_what_the_law_lets_see(engine: Engine, actor: Actor) -> None:
    with glancing(engine) as conn:
        found = set(conn.execute(select(cases.c.case_id).where(scoped(actor))).scalars())
    assert found == {case.case_id for case in CASES if sees(actor, case)}


@pytest.mark.parametrize("actor", [SYSTEM, UPPER])
def test_the_centre_itself_sees_everything(engine: Engine, actor: Actor) -> None:
    with glancing(engine) as conn:
        assert len(conn.execute(select(cases.c.case_id).where(scoped(actor))).all()) == len(CASES)


@pytest.mark.parametrize("dept", ["sani", "san_", "%", "green", "muni", "a,b"])
def test_departments_are_compared_whole(engine: Engine, dept: str) -> None:
    with glancing(engine) as conn:
        found = set(conn.execute(select(cases.c.case_id).where(of_dept(dept))).scalars())
    assert found == {case.case_id for case in CASES if dept == case.lead_dept or dept in case.co_depts}
