"""Automatic rules from end to end: written, tried, switched, acting, followed, stopped; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from services.backend import presence
from services.backend.auto import acting, looking
from services.backend.auto.acting import Acting
from services.backend.auto.following import Follower
from services.backend.auto.store import all_rules
from services.backend.auto.watching import stop_bad_ones
from services.backend.db.access_tables import audit
from services.backend.db.auto_tables import auto_acts, auto_rules
from services.backend.db.packing import pack
from services.backend.db.tables import changes, commands
from services.backend.learned.following import Learner
from services.backend.reference_store import publish
from services.domain.auto_rules import rule_command_id
from services.sql.engine import glancing, writing
from services.sql.types import to_ms
from tests.support.centre import CATEGORY, DISTRICT, HERE, STREETS, THERE, Backend, reference_doc

ACCEPT: dict[str, Any] = {
    "name": "热线受理", "action": "accept", "when": {"sources": ["hotline"]}, "then": {}, "cap": 50,
}  # fmt: skip
DISPATCH: dict[str, Any] = {
    "name": "垃圾直派", "action": "dispatch", "when": {"categories": ["event-01"]}, "then": {"lead_dept": "sani"},
    "cap": 50,
}  # fmt: skip


#: what is the same statement on both databases is asked on one
one_database = pytest.mark.parametrize("own_backend", ["sqlite"], indirect=True)


@pytest.fixture
def quiet(own_backend: Backend) -> Backend:
    """A centre whose own thread for rules stands still: the test takes the turns."""
    own_backend.centre.auto.stop()
    return own_backend


def put(backend: Backend, rule_id: str, doc: dict[str, Any], who: str = "shift_leader1") -> Any:
    return backend.seat(who).call("PUT", f"/rules/{rule_id}", json=doc)


def made(backend: Backend, rule_id: str, doc: dict[str, Any]) -> dict[str, Any]:
    """A rule that was written, tried and switched on."""
    seat = backend.seat("shift_leader1")
    assert put(backend, rule_id, doc).status_code == 200
    assert seat.post(f"/rules/{rule_id}/try", {}).status_code == 200
    answer = seat.post(f"/rules/{rule_id}/switch", {"active": True})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def turn(backend: Backend) -> int:
    """Follow the log to its end, then one turn of acting; how many commands were given."""
    backend.settle()
    follower = Follower(backend.engine)
    while follower.turn():
        pass
    with glancing(backend.engine) as conn:
        kept = all_rules(conn)
    stopped = stop_bad_ones(backend.centre, kept)
    return Acting(backend.centre).turn([one for one in kept if one.rule.id not in stopped])


def log_of(backend: Backend, case_id: str) -> list[tuple[str, str]]:
    with glancing(backend.engine) as conn:
        rows = conn.execute(
            select(changes.c.action, changes.c.actor_id)
            .where(changes.c.case_id == case_id)
            .order_by(changes.c.version)
        )
        return [(row.action, row.actor_id) for row in rows]


def shown(backend: Backend, case_id: str) -> dict[str, Any]:
    found: dict[str, Any] = backend.seat("shift_leader1").get(f"/cases/{case_id}").json()
    return found


# --- acting ------------------------------------------------------------------------------------------------


def test_a_rule_acts_as_itself_and_once(quiet: Backend) -> None:
    case = quiet.seat("acceptor1").register()
    made(quiet, "night-accept", ACCEPT)
    assert turn(quiet) == 1 and turn(quiet) == 0
    assert log_of(quiet, case["case_id"]) == [("register", "u-acceptor1"), ("accept", "rule-night-accept")]
    entry = shown(quiet, case["case_id"])["timeline"][-1]
    assert entry["actor"] == {"id": "rule-night-accept", "name": "自动规则·热线受理", "role": "acceptor"}
    assert entry["command_id"] == rule_command_id("night-accept", case["case_id"], "accept", 1)
    days = quiet.seat("shift_leader1").get("/rules/night-accept/days").json()
    assert [(day["applied"], day["bounced"]) for day in days["days"]] == [(1, 0)]
    assert days["acts"][0]["number"] == case["number"] and days["acts"][0]["outcome"] == "applied"


@one_database
def test_what_a_person_took_back_stays_so(quiet: Backend) -> None:
    case = quiet.reach("pending_dispatch")
    made(quiet, "direct", DISPATCH)
    assert turn(quiet) == 1
    case = quiet.seat("dispatcher1").do("recall", shown(quiet, case["case_id"]), reason="派错了")["case"]
    assert case["state"] == "pending_dispatch"
    assert turn(quiet) == 0
    made(quiet, "direct-too", {**DISPATCH, "name": "另一条"})
    assert turn(quiet) == 0, "another rule does not do it again either"
    days = quiet.seat("shift_leader1").get("/rules/direct/days").json()
    assert days["days"][0]["bounced"] == 1 and days["acts"][0]["undone_by"] == "recall"


@one_database
def test_a_rule_leaves_what_a_person_has_done_before(quiet: Backend) -> None:
    case = quiet.reach("pending_sign", dept="muni")
    quiet.seat("dispatcher1").do("recall", case, reason="再看看")
    made(quiet, "direct", DISPATCH)
    assert turn(quiet) == 0


@one_database
def test_a_held_case_is_left_alone(quiet: Backend) -> None:
    case = quiet.seat("acceptor1").register()
    made(quiet, "a1", ACCEPT)
    assert quiet.seat("acceptor2").call("PUT", f"/cases/{case['case_id']}/claim").status_code == 200
    assert turn(quiet) == 0
    quiet.seat("acceptor2").call("DELETE", f"/cases/{case['case_id']}/claim")
    assert turn(quiet) == 1
    assert looking.HELD_MS == presence.LAPSE_MS


@one_database
def test_urgent_confidential_and_foreign_cases_are_left_to_people(quiet: Backend) -> None:
    seat = quiet.seat("acceptor1")
    seat.register(urgent=True)
    seat.register(confidential=True)
    seat.register(source="app")
    seat.register(THERE)
    made(quiet, "a1", {**ACCEPT, "when": {"sources": ["hotline"], "areas": [STREETS[0]]}})
    assert turn(quiet) == 0
    made(quiet, "a2", {**ACCEPT, "when": {"include": ["urgent"], "areas": [STREETS[0]]}})
    assert turn(quiet) == 2, "the urgent one and the one of the app"


def test_the_cap_of_a_day_holds_whoever_acts(quiet: Backend) -> None:
    for _ in range(5):
        quiet.seat("acceptor1").register()
    made(quiet, "a1", {**ACCEPT, "cap": 3})
    assert turn(quiet) == 3 and turn(quiet) == 0
    with quiet.later(days=1):
        assert turn(quiet) == 2


def test_of_two_processes_one_acts(quiet: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have looked before either wrote: the second finds its places taken."""
    cases = [quiet.seat("acceptor1").register() for _ in range(3)]
    made(quiet, "a1", ACCEPT)
    with glancing(quiet.engine) as conn:
        kept = all_rules(conn)
    one, two = Acting(quiet.centre), Acting(quiet.centre)
    given: list[int] = []
    look = acting.sights

    def late(*args: Any) -> Any:
        monkeypatch.setattr(acting, "sights", look)
        seen = look(*args)
        given.append(two.turn(kept))
        return seen

    monkeypatch.setattr(acting, "sights", late)
    given.append(one.turn(kept))
    assert given == [3, 0]
    for case in cases:
        assert [action for action, _ in log_of(quiet, case["case_id"])] == ["register", "accept"]


def test_what_a_killed_process_reserved_is_finished_by_another(quiet: Backend) -> None:
    case = quiet.seat("acceptor1").register()
    rule = made(quiet, "a1", ACCEPT)
    now = quiet.centre.now()
    row = {
        "case_id": case["case_id"], "action": "accept", "rule_id": "a1", "edit": rule["edit"],
        "day": acting.day_of(quiet.centre, now), "slot": 1, "at": to_ms(now), "version": 1, "xver": 1,
        "doc": pack({"payload": {}, "confidence": None}),
    }  # fmt: skip
    with writing(quiet.engine) as conn:
        conn.execute(insert(auto_acts), [row])
    assert turn(quiet) == 0, "it may still be at work"
    with quiet.later(minutes=2):
        assert turn(quiet) == 1
    assert log_of(quiet, case["case_id"])[-1] == ("accept", "rule-a1")


@one_database
def test_what_was_reserved_by_a_rule_switched_off_is_dropped(quiet: Backend) -> None:
    case = quiet.seat("acceptor1").register()
    made(quiet, "a1", ACCEPT)
    with writing(quiet.engine) as conn:
        conn.execute(
            insert(auto_acts).values(
                case_id=case["case_id"], action="accept", rule_id="a1", edit=1, day="20260101", slot=1, at=0,
                version=1, xver=1, doc=pack({"payload": {}, "confidence": None}),
            )
        )  # fmt: skip
    quiet.seat("shift_leader1").post("/rules/a1/switch", {"active": False})
    assert turn(quiet) == 0
    with glancing(quiet.engine) as conn:
        assert conn.execute(select(auto_acts.c.outcome)).scalar_one() == "dropped"


@one_database
def test_what_was_decided_before_a_kill_is_counted_though_the_rule_is_off(
    quiet: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = quiet.seat("acceptor1").register()
    made(quiet, "a1", ACCEPT)
    with monkeypatch.context() as killed:
        killed.setattr(Acting, "_note", lambda *_: None)  # dies between the command and the note of it
        assert turn(quiet) == 1
    quiet.seat("shift_leader1").post("/rules/a1/switch", {"active": False})
    with quiet.later(minutes=2):
        assert turn(quiet) == 0
    assert log_of(quiet, case["case_id"])[-1] == ("accept", "rule-a1")
    days = quiet.seat("shift_leader1").get("/rules/a1/days").json()
    assert [day["applied"] for day in days["days"]] == [1] and days["acts"][0]["outcome"] == "applied"


@one_database
def test_a_rule_switched_off_while_it_looks_gives_nothing_more(quiet: Backend) -> None:
    case = quiet.seat("acceptor1").register()
    made(quiet, "a1", ACCEPT)
    with glancing(quiet.engine) as conn:
        kept = all_rules(conn)
    quiet.seat("shift_leader1").post("/rules/a1/switch", {"active": False})
    assert Acting(quiet.centre).turn(kept) == 0
    assert [action for action, _ in log_of(quiet, case["case_id"])] == ["register"]


@one_database
def test_a_case_that_moved_on_is_a_refusal_and_nothing_more(quiet: Backend) -> None:
    case = quiet.seat("acceptor1").register()
    rule = made(quiet, "a1", ACCEPT)
    with writing(quiet.engine) as conn:
        conn.execute(
            insert(auto_acts).values(
                case_id=case["case_id"], action="accept", rule_id="a1", edit=rule["edit"], day="20260101", slot=1,
                at=0, version=1, xver=1, doc=pack({"payload": {}, "confidence": None}),
            )
        )  # fmt: skip
    quiet.seat("acceptor1").do("accept", case)
    assert turn(quiet) == 1
    with glancing(quiet.engine) as conn:
        assert conn.execute(select(auto_acts.c.outcome)).scalar_one() == "refused"
        stored = conn.execute(select(commands.c.outcome).where(commands.c.user_id == "rule-a1")).scalar_one()
    assert stored == "conflict"
    assert [action for action, _ in log_of(quiet, case["case_id"])] == ["register", "accept"]


@one_database
def test_own_reports_are_closed_in_batches(quiet: Backend) -> None:
    """自采自结: what the field reported with the agreed words."""
    words = {"source": "patrol", "description": "占道杂物，已当场清理"}
    own = [quiet.seat("supervisor1").register(**words) for _ in range(4)]
    foreign = quiet.seat("acceptor1").register(**words)
    spoken = quiet.seat("supervisor1").register(source="patrol", description="占道杂物")
    doc = {
        "name": "自采自结", "action": "self_close", "when": {"own_report": True, "words": ["已当场"]},
        "then": {"result": "一线人员当场处置完毕"},
    }  # fmt: skip
    made(quiet, "self", doc)
    assert turn(quiet) == 4
    assert {shown(quiet, case["case_id"])["state"] for case in own} == {"closed"}
    assert shown(quiet, foreign["case_id"])["state"] == shown(quiet, spoken["case_id"])["state"] == "reported"


@one_database
def test_the_street_closes_what_it_handled(quiet: Backend) -> None:
    mine = quiet.reach("pending_close", dept=f"street-{STREETS[0]}")
    other = quiet.reach("pending_close", dept="muni")
    made(
        quiet, "street", {"name": "街道结案", "action": "close", "when": {"street_handled": True}, "then": {}}
    )
    assert turn(quiet) == 1
    assert shown(quiet, mine["case_id"])["state"] == "closed"
    assert shown(quiet, other["case_id"])["state"] == "pending_close"


@one_database
def test_filing_and_dispatch_by_what_was_learned(quiet: Backend) -> None:
    for _ in range(6):
        quiet.reach("closed", dept="muni")
    quiet.settle()
    learner = Learner(quiet.engine, lambda: quiet.centre.calendar)
    while learner.turn(quiet.centre.calendar):
        pass
    case = quiet.reach("pending_filing", category=CATEGORY)
    bare = quiet.reach("pending_filing")
    made(
        quiet,
        "fi",
        {"name": "立案", "action": "file", "when": {"min_confidence": 0.8}, "then": {"condition": "usual"}},
    )
    made(
        quiet,
        "di",
        {
            "name": "派遣",
            "action": "dispatch",
            "when": {"min_confidence": 0.5},
            "then": {"lead_dept": "suggested"},
        },
    )
    assert turn(quiet) >= 1
    turn(quiet)
    assert [who for _, who in log_of(quiet, case["case_id"])][-2:] == ["rule-fi", "rule-di"]
    assert shown(quiet, case["case_id"])["lead_dept"] == "muni"
    assert shown(quiet, bare["case_id"])["state"] == "pending_filing", "no category, no filing"


# --- switched off by itself -----------------------------------------------------------------------------------


def strict(backend: Backend) -> None:
    doc = reference_doc()
    doc["settings"] |= {"rule_bounce_least": 2, "rule_bounce_share": 0.5}
    with writing(backend.engine) as conn:
        publish(conn, doc)
    backend.centre.references.refresh()


def test_a_rule_of_which_too_much_comes_back_stops(quiet: Backend) -> None:
    strict(quiet)
    cases = [quiet.reach("pending_dispatch") for _ in range(3)]
    made(quiet, "direct", DISPATCH)
    assert turn(quiet) == 3
    seat = quiet.seat("sani1")
    seat.do("return_case", shown(quiet, cases[0]["case_id"]), reason="不是", basis="清单")
    turn(quiet)
    assert rule_of(quiet, "direct")["active"], "one of three is not enough"
    seat.do("return_case", shown(quiet, cases[1]["case_id"]), reason="不是", basis="清单")
    quiet.reach("pending_dispatch")
    assert turn(quiet) == 0
    stopped = rule_of(quiet, "direct")
    assert (
        not stopped["active"] and stopped["switched_by"] == "系统" and "自动停用" in stopped["switched_why"]
    )
    assert "3 件中退回 2 件" in stopped["switched_why"]
    # who knows it and switches it on again is not overruled by the same two
    quiet.seat("shift_leader1").post("/rules/direct/switch", {"active": True})
    assert turn(quiet) == 1 and rule_of(quiet, "direct")["active"]
    seat.do("return_case", shown(quiet, cases[2]["case_id"]), reason="不是", basis="清单")
    turn(quiet)
    assert not rule_of(quiet, "direct")["active"]


def rule_of(backend: Backend, rule_id: str) -> dict[str, Any]:
    found: dict[str, Any] = backend.seat("shift_leader1").get(f"/rules/{rule_id}").json()
    return found


@one_database
def test_rework_is_counted_beside(quiet: Backend) -> None:
    case = quiet.reach("pending_dispatch")
    made(quiet, "direct", DISPATCH)
    turn(quiet)
    case = quiet.seat("sani1").do("sign", shown(quiet, case["case_id"]))["case"]
    case = quiet.seat("sani1").do("feed_back", case, result="好了")["case"]
    quiet.seat("dispatcher1").do("rework", case, reason="没清干净")
    turn(quiet)
    day = quiet.seat("shift_leader1").get("/rules/direct/days").json()["days"][0]
    assert (day["bounced"], day["reworked"]) == (0, 1)


# --- who may what ------------------------------------------------------------------------------------------------


@one_database
def test_a_rule_not_tried_since_its_edit_cannot_be_switched_on(quiet: Backend) -> None:
    seat = quiet.seat("shift_leader1")
    assert put(quiet, "a1", ACCEPT).json()["active"] is False
    refused = seat.post("/rules/a1/switch", {"active": True})
    assert refused.status_code == 409 and "试运行" in refused.json()["title"]
    made(quiet, "a1", ACCEPT)
    edited = put(quiet, "a1", {**ACCEPT, "cap": 7}).json()
    assert edited["edit"] == 2 and not edited["active"] and not edited["tried"]
    assert edited["switched_why"] == "规则已修改"
    assert seat.post("/rules/a1/switch", {"active": True}).status_code == 409
    assert put(quiet, "a1", {**ACCEPT, "cap": 8, "edit": 1}).status_code == 409, "somebody else edited it"
    assert put(quiet, "a1", {**ACCEPT, "cap": 7}).json()["edit"] == 2, "the same again is no edit"


RIGHTS = {
    "shift_leader1": (200, 200, 200), "admin1": (200, 200, 403), "evaluator1": (200, 403, 403),
    "auditor1": (200, 403, 403), **dict.fromkeys(
        ("acceptor1", "dispatcher1", "leader1", "muni1", "street1", "supervisor1", "grid_worker1", "handler1"),
        (404, 404, 404),
    ),
}  # fmt: skip


@one_database
def test_rights(quiet: Backend) -> None:
    """Who reads, who writes and tries, who switches on; whoever writes may switch off."""
    doc = {**ACCEPT, "when": {"sources": ["media"]}}
    made(quiet, "rights", doc)
    for who, (read, write, on) in RIGHTS.items():
        seat = quiet.seat(who)
        for path in ("/rules", "/rules/rights", "/rules/rights/days"):
            assert seat.get(path).status_code == read, (who, path)
        assert put(quiet, "rights", doc, who).status_code == write, who
        assert seat.post("/rules/rights/try", {"days": 1}).status_code == write, who
        assert seat.post("/rules/rights/switch", {"active": True}).status_code == on, who
        assert seat.post("/rules/rights/switch", {"active": False}).status_code == write, who


@one_database
def test_nobody_writes_beyond_the_own_area(own_backend: Backend) -> None:
    backend = own_backend
    assert put(backend, "wide", {**ACCEPT, "when": {"areas": ["110101"]}}).status_code == 422
    assert put(backend, "wide", {**ACCEPT, "when": {"areas": ["9901"]}}).status_code == 422
    found = put(backend, "wide", {**ACCEPT, "when": {"areas": list(STREETS)}}).json()
    assert found["when"]["areas"] == list(STREETS)
    with writing(backend.engine) as conn:
        conn.execute(update(auto_rules).where(auto_rules.c.id == "wide").values(area="110101"))
    assert backend.seat("shift_leader1").get("/rules/wide").status_code == 404
    assert put(backend, "wide", ACCEPT).status_code == 404
    assert "wide" not in {rule["id"] for rule in backend.seat("shift_leader1").get("/rules").json()["rules"]}


@one_database
def test_what_is_wrong_is_named(own_backend: Backend) -> None:
    backend = own_backend
    cases: list[tuple[dict[str, Any], str]] = [
        ({**ACCEPT, "action": "cancel"}, "action"),
        ({**ACCEPT, "when": {"sources": ["moon"]}}, "when.sources"),
        ({**ACCEPT, "when": {"categories": ["event-99"]}}, "when.categories"),
        ({**DISPATCH, "then": {"lead_dept": "moon"}}, "then.lead_dept"),
        ({**DISPATCH, "then": {}}, "then.lead_dept"),
        ({**ACCEPT, "when": {"hours": ["22:00"]}}, "when.hours"),
        ({**ACCEPT, "more": 1}, "more"),
    ]
    for doc, where in cases:
        answer = put(backend, "wrong", doc)
        assert answer.status_code == 422 and where in answer.json()["fields"], (doc, answer.text)
    assert put(backend, "Wrong", ACCEPT).status_code == 422
    assert backend.seat("shift_leader1").call("PUT", "/rules/wrong", json=[1]).status_code == 422
    assert backend.seat("shift_leader1").get("/rules/none").status_code == 404
    assert backend.seat("shift_leader1").post("/rules/wrong/switch", {}).status_code in (404, 422)
    assert backend.seat("shift_leader1").get("/rules", x="1").status_code == 422
    assert backend.client.get("/v1/rules").status_code == 401


@one_database
def test_every_act_on_a_rule_is_audited(quiet: Backend) -> None:
    made(quiet, "a1", ACCEPT)
    quiet.seat("admin1").post("/rules/a1/switch", {"active": False, "why": "先停"})
    with glancing(quiet.engine) as conn:
        rows = conn.execute(
            select(audit.c.actor_id, audit.c.action).where(audit.c.target == "a1").order_by(audit.c.id)
        ).all()
    assert [tuple(row) for row in rows] == [
        ("u-shift_leader1", "rule_edited"), ("u-shift_leader1", "rule_tried"), ("u-shift_leader1", "rule_on"),
        ("u-admin1", "rule_off"),
    ]  # fmt: skip


# --- trying ----------------------------------------------------------------------------------------------------


def tried(backend: Backend, doc: dict[str, Any], days: int = 30) -> dict[str, Any]:
    assert put(backend, "tt", doc).status_code == 200
    answer = backend.seat("shift_leader1").post("/rules/tt/try", {"days": days})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["trial"]
    return found


def test_a_trial_tells_what_people_did(quiet: Backend) -> None:
    quiet.reach("closed", dept="sani")
    quiet.reach("pending_sign", dept="muni")
    case = quiet.reach("pending_sign", dept="sani")
    quiet.seat("sani1").do("return_case", case, reason="不是", basis="清单")
    quiet.reach("pending_dispatch")
    quiet.reach("pending_dispatch", THERE)
    quiet.reach("reported")
    quiet.settle()
    found = tried(quiet, {**DISPATCH, "when": {"categories": ["event-01"], "areas": [STREETS[0]]}})
    assert (found["looked"], found["acted"], found["same"], found["other"], found["open"]) == (4, 4, 2, 1, 1)
    assert found["agreement"] == pytest.approx(2 / 3, abs=1e-3)
    assert (found["bounced"], found["judged"], found["right"], found["people_right"]) == (1, 1, 1, 1)
    assert {one["verdict"] for one in found["cases"]} == {"same", "other", "open"}
    returned = next(one for one in found["cases"] if one["undone"])
    assert returned["did"]["lead_dept"] == "sani" and returned["number"] == case["number"]
    assert found["days"][0]["acted"] == 4


@one_database
def test_a_trial_knows_nothing_of_the_future(quiet: Backend) -> None:
    """Eight cases that all went to muni: the first ones could not know it."""
    for _ in range(8):
        quiet.reach("closed", dept="muni")
    quiet.settle()
    learner = Learner(quiet.engine, lambda: quiet.centre.calendar)
    while learner.turn(quiet.centre.calendar):
        pass
    found = tried(
        quiet, {**DISPATCH, "when": {"categories": ["event-01"]}, "then": {"lead_dept": "suggested"}}
    )
    first, last = found["cases"][0], found["cases"][-1]
    assert first["payload"]["lead_dept"] == "sani", "what the duty table says"
    assert last["payload"]["lead_dept"] == "muni" and last["confidence"] > first["confidence"] - 0.5
    assert 0 < found["same"] < 8 and found["same"] + found["other"] == 8
    sure = tried(
        quiet,
        {
            **DISPATCH,
            "when": {"categories": ["event-01"], "min_confidence": 0.97},
            "then": {"lead_dept": "muni"},
        },
    )
    assert sure["acted"] < 8 and sure["passed"].get("unsure", 0) > 0


@one_database
def test_a_trial_holds_cap_hours_and_wait(quiet: Backend) -> None:
    for _ in range(4):
        quiet.reach("pending_filing")
    quiet.settle()
    capped = tried(quiet, {**ACCEPT, "cap": 1})
    assert capped["acted"] == 1 and capped["passed"]["cap"] == 3
    late = tried(quiet, {**ACCEPT, "when": {"wait_s": 3600}})
    assert late["acted"] == 0 and late["passed"]["early"] == 4, "people were quicker"


@one_database
def test_what_a_rule_did_is_no_opinion_of_people(quiet: Backend) -> None:
    quiet.seat("acceptor1").register()
    made(quiet, "a1", ACCEPT)
    turn(quiet)
    quiet.settle()
    found = tried(quiet, ACCEPT)
    assert (found["acted"], found["by_rule"], found["agreement"]) == (1, 1, None)


@one_database
def test_the_result_of_a_trial_is_kept_and_is_gone_for_an_administrator(quiet: Backend) -> None:
    quiet.reach("pending_filing")
    quiet.settle()
    tried(quiet, ACCEPT)
    kept = quiet.seat("shift_leader1").get("/rules/tt").json()["trial"]
    assert len(kept["cases"]) == 1 and "area" not in kept
    assert quiet.seat("admin1").get("/rules/tt").json()["trial"]["cases"] == []
    listed = quiet.seat("admin1").get("/rules").json()["rules"][0]["trial"]
    assert listed["acted"] == 1 and "cases" not in listed


@one_database
def test_a_long_window_is_shortened_and_says_so(quiet: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.backend.auto import trying

    for _ in range(4):
        quiet.reach("pending_filing")
    quiet.settle()
    whole = tried(quiet, ACCEPT)
    monkeypatch.setattr(trying, "CASES", 2)
    short = tried(quiet, {**ACCEPT, "cap": 9})
    assert whole["looked"] == 4 and short["looked"] == 2 and short["from"] > whole["from"]


@one_database
def test_the_thread_does_it_all(own_backend: Backend, qwait: Callable[[Callable[[], bool]], None]) -> None:
    backend = own_backend
    backend.centre.auto.stop()
    case = backend.seat("acceptor1").register()
    made(backend, "a1", ACCEPT)
    from services.backend.auto.runner import AutoDesk

    desk = AutoDesk(backend.centre)
    desk.start()
    try:
        qwait(lambda: len(log_of(backend, case["case_id"])) == 2)
    finally:
        desk.stop()


@pytest.fixture
def qwait() -> Callable[[Callable[[], bool]], None]:
    """Wait for a condition, up to half a minute."""
    import threading
    import time

    pause = threading.Event()

    def wait(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end
            pause.wait(0.02)

    return wait


def test_areas_of_the_test_centre_are_as_thought() -> None:
    assert HERE["lon"] < THERE["lon"] and all(street.startswith(DISTRICT) for street in STREETS)
