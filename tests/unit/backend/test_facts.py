"""What is looked up before a decision: facts, numbers, positions, and the answer rendered from what is stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from services.backend.commands.facts import Looked, Numbers, facts_for, look_up, named_cases
from services.backend.commands.outcomes import Outcome, conflict_title, render, summary
from services.backend.commands.parsing import parse_command
from services.backend.db.opening import open_database
from services.backend.db.tables import attachments, counters
from services.backend.log import append
from services.backend.places import Places, areas_version, touch_areas
from services.backend.reference.rules import rules_from
from services.backend.reference_store import NoReferenceError, ReferenceStore, publish
from services.backend.rows import Entry, command_row
from services.domain.case import Case, Location
from services.domain.commands import Command
from services.domain.errors import ReferenceDataError
from services.domain.ids import uuid7
from services.domain.reference import Position
from services.domain.roles import Actor
from services.sql.engine import glancing, writing
from tests.support.centre import CATEGORY, HERE, NEAR, OUTSIDE, THERE, command, furnish_url, reference_doc

NOW = datetime(2026, 11, 20, 2, 0, 0, 123_000, UTC)
ACTOR = Actor("u-acceptor1", "受理员", ("acceptor",), "990101")
STREET = Actor("u-s", "街道", ("acceptor",), "990101001")
RULES = rules_from(reference_doc())


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("facts")
    made = f"sqlite:///{folder / 'centre.db'}"
    furnish_url(made)
    return made


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    found = open_database(url)
    yield found
    found.dispose()


@pytest.fixture
def places(engine: Engine) -> Places:
    found = Places(engine)
    found.refresh()
    return found


def born(grid: str | None = "990101001001001", **more: object) -> Case:
    made = Case(
        uuid7(), "event", "app", "reported", "井盖", Location(113.3, 23.1), NOW, grid=grid, version=1, xver=1
    )
    return replace(made, **more)  # type: ignore[arg-type]  # fields by name


def given(action: str, case: str, **payload: object) -> Command:
    return parse_command(command(action, case, **payload)).command


# --- facts -----------------------------------------------------------------------------------------------


def test_the_cases_a_command_names() -> None:
    one, two, three = uuid7(), uuid7(), uuid7()
    assert named_cases(given("comment", one, text="x")) == {one}
    assert named_cases(given("link", one, to=two, relation="x")) == {one, two}
    assert named_cases(given("cancel", one, reason="x", duplicate_of=two)) == {one, two}
    assert named_cases(given("cancel", one, reason="x")) == {one}
    parts = [{"case_id": two, "description": "a"}, {"case_id": three, "description": "b"}]
    assert named_cases(given("split", one, parts=parts)) == {one, two, three}


def test_everything_is_looked_up_in_one_go(engine: Engine) -> None:
    case, other = born(number="n-1"), born(number="n-2")
    with writing(engine) as conn:
        entries = [
            Entry(None, one, "register", ACTOR, "acceptor", NOW, uuid7(), {}, 1) for one in (case, other)
        ]
        append(conn, entries)
        conn.execute(
            attachments.insert().values(sha256="a" * 64, size=1, mime="image/png", at=0, user_id="u")
        )
        batch = [
            parse_command(command("link", case.case_id, to=other.case_id, relation="x")),
            parse_command(command("attach", case.case_id, sha256="a" * 64, name="a", mime="b", size=1)),
            parse_command(command("attach", case.case_id, sha256="b" * 64, name="a", mime="b", size=1)),
            parse_command(command("send_verify", case.case_id, to="u-supervisor1") | {"base_xver": 1}),
            parse_command(command("comment", uuid7(), text="x")),
        ]
        looked = look_up(conn, batch)
    assert looked.cases == {case.case_id: case, other.case_id: other}
    assert looked.stored == {"a" * 64} and looked.users == {
        "u-supervisor1": (None, frozenset({"supervisor"}))
    }


def test_facts_of_a_command(places: Places) -> None:
    case, other = born(), born("990101002001001")
    merged = born(state="cancelled", parent=case.case_id)
    looked = Looked({one.case_id: one for one in (case, other, merged)}, frozenset({"a" * 64}), {
        "u-1": ("muni", frozenset({"handler"})), "u-2": (None, frozenset({"supervisor"})),
    })  # fmt: skip
    link = facts_for(given("link", case.case_id, to=other.case_id, relation="x"), ACTOR, looked, places)
    assert link.cases == {other.case_id: None}
    assert (
        facts_for(given("link", case.case_id, to=other.case_id, relation="x"), STREET, looked, places).cases
        == {}
    )
    chain = facts_for(
        given("cancel", other.case_id, reason="x", duplicate_of=merged.case_id), ACTOR, looked, places
    )
    assert chain.cases == {merged.case_id: case.case_id}
    photos = facts_for(given("check_pass", case.case_id, photos=["a" * 64, "c" * 64]), ACTOR, looked, places)
    assert photos.missing == {"c" * 64}
    assert facts_for(given("assign", case.case_id, to="u-1"), ACTOR, looked, places).users == {
        "u-1": "muni",
        "u-2": None,
    }
    assert facts_for(given("send_verify", case.case_id, to="u-2"), ACTOR, looked, places).users == {
        "u-2": None
    }
    taken = facts_for(
        given("split", case.case_id, parts=[{"case_id": other.case_id, "description": "x"}]),
        STREET,
        looked,
        places,
    )
    assert other.case_id in taken.cases  # an id is taken whether one may see the case or not


def test_positions_of_every_point(places: Places) -> None:
    part = uuid7()
    parts = [{"case_id": part, "description": "x", "location": THERE}]
    assert set(facts_for(given("split", uuid7(), parts=parts), ACTOR, Looked(), places).positions) == {part}
    here = places.position(HERE["lon"], HERE["lat"])
    assert here == Position(
        "990101001001001", ("990101", "990101001", "990101001001", "990101001001001"), None
    )
    assert places.position(NEAR["lon"], NEAR["lat"]).near == "990101001001003"
    assert places.position(OUTSIDE["lon"], OUTSIDE["lat"]) == Position(None)
    assert places.has_grid("990101001001001") and not places.has_grid("x")


def test_the_index_follows_the_areas(engine: Engine, places: Places) -> None:
    version = places.version
    assert places.refresh() is False
    assert places.refresh(0.001) is True and places.position(NEAR["lon"], NEAR["lat"]).near is None
    with writing(engine) as conn:
        assert touch_areas(conn) == version + 1 == areas_version(conn)
    assert places.refresh() is True and places.version == version + 1


# --- numbers ---------------------------------------------------------------------------------------------


def taken(engine: Engine, day: str) -> int | None:
    with glancing(engine) as conn:
        return conn.execute(select(counters.c.value).where(counters.c.day == day)).scalar()


def test_numbers_are_taken_together_and_the_rest_is_given_back(engine: Engine) -> None:
    later = NOW + timedelta(days=30)
    with writing(engine) as conn:
        numbers = Numbers(conn, RULES.calendar, later, 5)
        assert [numbers.next() for _ in range(3)] == ["20261220-0001", "20261220-0002", "20261220-0003"]
        numbers.give_back()
        numbers.give_back()
    assert taken(engine, "20261220") == 3
    with writing(engine) as conn:
        numbers = Numbers(conn, RULES.calendar, later, 1)
        assert [numbers.next(), numbers.next()] == ["20261220-0004", "20261220-0005"]
        Numbers(conn, RULES.calendar, later, 9).give_back()
    assert taken(engine, "20261220") == 5


def test_the_day_is_that_of_the_centre_and_grows_a_fifth_digit(engine: Engine) -> None:
    evening = datetime(2027, 1, 1, 16, 30, tzinfo=UTC)  # already the second in Shanghai
    with writing(engine) as conn:
        conn.execute(counters.insert().values(day="20270102", value=9998))
        numbers = Numbers(conn, RULES.calendar, evening, 2)
        assert [numbers.next(), numbers.next()] == ["20270102-9999", "20270102-10000"]


# --- answers ---------------------------------------------------------------------------------------------


def test_the_answer_is_made_of_what_is_stored() -> None:
    case = born(number="20261120-0001")
    row = command_row(uuid7(), "u", b"m" * 16, case.case_id, NOW, 1, version=1)
    answer = render(Outcome(row, None, case), RULES.calendar)
    assert answer == render(Outcome(dict(row), None, case), RULES.calendar)
    document = json.loads(answer)
    assert list(document) == [
        "command_id", "case_id", "outcome", "version", "xver", "number", "decided_at", "case", "reason", "winner",
    ]  # fmt: skip
    assert (document["decided_at"], document["number"], document["reason"]) == (
        "2026-11-20T02:00:00.123Z",
        "20261120-0001",
        None,
    )
    bare = json.loads(render(Outcome(row, {"reason": {"code": "x", "title": "y"}}, None), RULES.calendar))
    assert bare["case"] is bare["version"] is None and bare["reason"] == {"code": "x", "title": "y"}


@pytest.mark.parametrize(
    ("action", "payload", "said"),
    [
        ("dispatch", {"lead_dept": "muni"}, "派遣：市政公用服务中心"),
        ("dispatch", {"lead_dept": "gone"}, "派遣"),
        ("file", {"category": CATEGORY, "condition": 0}, "立案："),
        ("return_case", {"reason": "不" * 60}, f"退单：{'不' * 40}"),
        ("accept", {}, "受理"),
        ("unheard_of", {}, "unheard_of"),
    ],
)
def test_what_somebody_did_in_a_few_words(action: str, payload: dict[str, object], said: str) -> None:
    assert summary(action, payload, RULES).startswith(said)


def test_the_loser_hears_who_it_was() -> None:
    assert "张三" in conflict_title({"actor": {"name": "张三"}, "summary": "派遣"}) and conflict_title(None)


# --- reference data --------------------------------------------------------------------------------------


def test_documents_are_kept_and_equal_ones_not_twice(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    store = ReferenceStore(engine)
    with pytest.raises(NoReferenceError):
        _ = store.current
    first, second = reference_doc(), reference_doc()
    second["settings"]["max_extensions"] = 7
    with writing(engine) as conn:
        assert [publish(conn, doc) for doc in (first, first, second, second, first)] == [1, 1, 2, 2, 3]
    assert store.current.number == 3 and store.refresh() is False
    assert store.at(2).rules.settings.max_extensions == 7 and store.at(2) is store.at(2)
    assert store.at(1).etag != store.at(2).etag and store.at(1).doc == store.at(3).doc
    with pytest.raises(NoReferenceError):
        store.at(9)
    with pytest.raises(ReferenceDataError), writing(engine) as conn:
        publish(conn, {**first, "settings": {"no_such": 1}})
    engine.dispose()
