"""Trials on history: whose moment it was, what people did about it then, and what became of that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.backend.auto import trying
from tests.support.centre import STREETS, THERE, Backend, birth, command

pytestmark = pytest.mark.parametrize("own_backend", ["sqlite"], indirect=True)
ACCEPT: dict[str, Any] = {"name": "受理", "action": "accept", "when": {}, "then": {}}
FILE: dict[str, Any] = {"name": "立案", "action": "file", "when": {}, "then": {"condition": 0}}
DISPATCH: dict[str, Any] = {"name": "派遣", "action": "dispatch", "when": {}, "then": {"lead_dept": "sani"}}


@pytest.fixture
def quiet(own_backend: Backend) -> Backend:
    own_backend.centre.auto.stop()
    return own_backend


def tried(backend: Backend, doc: dict[str, Any], days: int = 30, **when: Any) -> dict[str, Any]:
    backend.settle()
    seat = backend.seat("shift_leader1")
    answer = seat.call("PUT", "/rules/tt", json={**doc, "when": {**doc["when"], **when}})
    assert answer.status_code == 200, answer.text
    answer = seat.post("/rules/tt/try", {"days": days})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["trial"]
    return found


def sums(found: dict[str, Any]) -> tuple[int, int, int, int]:
    return found["looked"], found["acted"], found["same"], found["other"]


def born_on(backend: Backend, day: int, hour: int = 12) -> str:
    """Register a case at an hour of a coming day on the wall of the hall; its id."""
    local = backend.centre.calendar.local(datetime.now(UTC)) + timedelta(days=1 + day)
    moment = local.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(UTC)
    with at(backend, moment):
        sent = {**command("register", **birth()), "seen_at": moment.isoformat()}
        outcome = backend.seat("acceptor1").send(sent)
    assert outcome["outcome"] == "applied", outcome
    return str(outcome["case_id"])


@contextmanager
def at(backend: Backend, moment: datetime) -> Iterator[None]:
    """Let the centre's clock (not that of sessions) stand at a moment."""
    ordinary = backend.centre.now
    backend.centre.now = lambda: moment
    try:
        yield
    finally:
        backend.centre.now = ordinary


def test_a_rule_that_waits_meets_only_what_people_left(quiet: Backend) -> None:
    """One accepted after three minutes, one after eight: whoever waits five meets the second."""
    quick, slow = (quiet.seat("acceptor1").register() for _ in range(2))
    with quiet.later(minutes=3):
        assert quiet.seat("acceptor1").do("accept", quick)["outcome"] == "applied"
    with quiet.later(minutes=8):
        assert quiet.seat("acceptor1").do("accept", slow)["outcome"] == "applied"
    with quiet.later(minutes=60):
        at_once = tried(quiet, ACCEPT)
        waited = tried(quiet, ACCEPT, wait_s=300)
        too_long = tried(quiet, ACCEPT, wait_s=1200)
    assert sums(at_once) == (2, 2, 2, 0)
    assert sums(waited) == (2, 1, 1, 0) and waited["passed"] == {"early": 1}
    assert waited["cases"][0]["case_id"] == slow["case_id"]
    assert sums(too_long) == (2, 0, 0, 0) and too_long["passed"] == {"early": 2}


def test_a_window_holds_what_was_registered_in_it(quiet: Backend) -> None:
    born_on(quiet, 0)
    late = born_on(quiet, 3)
    with quiet.later(days=5):
        assert tried(quiet, ACCEPT, days=2)["cases"][0]["case_id"] == late
        assert tried(quiet, {**ACCEPT, "cap": 7}, days=2)["looked"] == 1
        assert tried(quiet, {**ACCEPT, "cap": 8}, days=6)["looked"] == 2


def test_the_cap_is_one_of_a_day_on_the_wall(quiet: Backend) -> None:
    """One in the morning, one late at night, one just after midnight: two days, though hours apart."""
    first = born_on(quiet, 0, 7)
    born_on(quiet, 0, 23)
    second = born_on(quiet, 1, 0)
    with quiet.later(days=4):
        found = tried(quiet, {**ACCEPT, "cap": 1})
    assert (found["acted"], found["passed"]) == (2, {"cap": 1})
    assert [one["case_id"] for one in found["cases"]] == [first, second]
    assert [day["acted"] for day in found["days"]] == [1, 1]


def test_hours_put_a_case_off_to_the_next_time(quiet: Backend) -> None:
    """Registered at noon, the night rule meets it at ten in the evening, if nobody was quicker."""
    born_on(quiet, 0, 12)
    born_on(quiet, 0, 23)
    with quiet.later(days=4):
        found = tried(quiet, ACCEPT, hours=["22:00", "06:00"])
    calendar = quiet.centre.calendar
    met = [calendar.local(datetime.fromisoformat(one["at"])).strftime("%H:%M") for one in found["cases"]]
    assert met == ["22:00", "23:00"] and found["acted"] == 2


def test_filing_by_another_condition_is_another_opinion(quiet: Backend) -> None:
    entries = quiet.centre.reference.rules.categories.values()
    code = next(
        one.code for one in entries if one.kind == "event" and len(one.conditions) > 1 and not one.safety
    )
    first, second = (quiet.reach("pending_filing", category=code) for _ in range(2))
    quiet.seat("shift_leader1").do("file", first, category=code, condition=0)
    other = quiet.seat("shift_leader1").do("file", second, category=code, condition=1)
    assert other["outcome"] == "applied", other
    found = tried(quiet, FILE)
    assert sums(found) == (2, 2, 1, 1) and found["agreement"] == 0.5
    made = {one["case_id"]: (one["verdict"], one["did"]["condition"]) for one in found["cases"]}
    assert made == {first["case_id"]: ("same", 0), second["case_id"]: ("other", 1)}
    assert found["judged"] == 0, "who handled it in the end says nothing about a filing"


def test_what_was_cancelled_after_all_came_back(quiet: Backend) -> None:
    case = quiet.reach("pending_filing")
    quiet.reach("pending_filing")
    assert tried(quiet, ACCEPT)["bounced"] == 0
    quiet.seat("shift_leader1").do("cancel", case, reason="误报")
    found = tried(quiet, {**ACCEPT, "cap": 9})
    assert (found["same"], found["bounced"], found["reworked"]) == (2, 1, 0)
    assert {one["case_id"]: one["undone"] for one in found["cases"]}[case["case_id"]] is True


def test_who_was_right_is_who_handled_it_not_who_was_asked_first(quiet: Backend) -> None:
    case = quiet.reach("pending_sign", dept="muni")
    case = quiet.seat("muni1").do("return_case", case, reason="不归我", basis="清单")["case"]
    case = quiet.seat("dispatcher1").do("redispatch", case, lead_dept="sani", reason="核对")["case"]
    case = quiet.seat("sani1").do("sign", case)["case"]
    open_yet = tried(quiet, DISPATCH)
    assert (open_yet["judged"], open_yet["other"]) == (0, 1), "nobody has handled it yet"
    quiet.seat("sani1").do("feed_back", case, result="好了")
    found = tried(quiet, {**DISPATCH, "cap": 9})
    assert (found["judged"], found["right"], found["people_right"]) == (1, 1, 0)
    assert found["cases"][0]["final"] == "sani" and found["cases"][0]["right"] is True


def test_work_sent_back_is_rework_and_no_bounce(quiet: Backend) -> None:
    case = quiet.reach("feedback_review", dept="sani")
    quiet.seat("dispatcher1").do("rework", case, reason="没清干净")
    found = tried(quiet, DISPATCH)
    assert (found["same"], found["bounced"], found["reworked"]) == (1, 0, 1)
    assert tried(quiet, ACCEPT)["reworked"] == 0, "an acceptance is not reworked"


def test_what_does_not_move_a_case_is_no_answer_to_it(quiet: Backend) -> None:
    """A comment or a correction before the acceptance: people have still accepted."""
    case = quiet.seat("acceptor1").register()
    quiet.seat("acceptor1").do("comment", case, text="问过了")
    case = quiet.seat("acceptor1").do("amend", case, reason="更正", description="井盖破损，有异响")["case"]
    assert tried(quiet, ACCEPT)["open"] == 1
    quiet.seat("acceptor1").do("accept", case)
    found = tried(quiet, {**ACCEPT, "cap": 9})
    assert sums(found) == (1, 1, 1, 0) and found["cases"][0]["action"] == "accept"


def test_a_rejection_is_another_opinion_with_its_reason(quiet: Backend) -> None:
    case = quiet.seat("acceptor1").register()
    quiet.seat("acceptor1").do("reject", case, reason="不属于受理范围")
    one = tried(quiet, ACCEPT)["cases"][0]
    assert (one["verdict"], one["action"], one["did"]) == ("other", "reject", {"reason": "不属于受理范围"})


def test_only_cases_of_the_rules_own_area_are_walked(quiet: Backend) -> None:
    quiet.reach("pending_filing")
    quiet.reach("pending_filing", THERE)
    assert tried(quiet, ACCEPT)["looked"] == 2
    assert tried(quiet, ACCEPT, areas=[STREETS[1]])["looked"] == 1


def test_the_latest_cases_are_shown_when_there_are_many(
    quiet: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    born = []
    for minutes in (0, 1, 2):
        with quiet.later(minutes=minutes):
            born.append(quiet.reach("pending_filing")["case_id"])
    monkeypatch.setattr(trying, "SHOWN", 2)
    with quiet.later(minutes=5):
        found = tried(quiet, ACCEPT)
    assert found["acted"] == 3, "the figures are of all"
    assert [one["case_id"] for one in found["cases"]] == born[1:]


def test_a_trial_changes_nothing(quiet: Backend) -> None:
    case = quiet.seat("acceptor1").register()
    head = quiet.settle()
    tried(quiet, ACCEPT)
    assert quiet.settle() == head
    assert quiet.seat("acceptor1").get(f"/cases/{case['case_id']}").json()["state"] == "reported"
