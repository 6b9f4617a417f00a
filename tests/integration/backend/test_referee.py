"""The 退单裁判 sheet and the list of cases that wait for a joint meeting: everything from log and ground."""

from __future__ import annotations

from typing import Any

import pytest

from services.backend.auto.following import Follower
from services.domain.bounces import ASKED, DECIDED, meeting_text
from tests.support.centre import CATEGORY, HERE, NEAR, STREETS, THERE, Backend, grid_code

one_database = pytest.mark.parametrize("own_backend", ["sqlite"], indirect=True)


@pytest.fixture
def quiet(own_backend: Backend) -> Backend:
    """A centre whose own thread stands still: the test takes the turns."""
    own_backend.centre.auto.stop()
    return own_backend


def follow(backend: Backend) -> None:
    backend.settle()
    follower = Follower(backend.engine)
    while follower.turn():
        pass


def bounced(backend: Backend, times: int, location: dict[str, Any] | None = None) -> dict[str, Any]:
    """A case that muni and sani send to and fro."""
    case = backend.reach("pending_sign", location, dept="muni")
    for n in range(times):
        here, there = (("muni", "sani"), ("sani", "muni"))[n % 2]
        case = backend.seat(f"{here}1").do(
            "return_case", case, reason=f"第{n + 1}次不归我", basis="清单第3条"
        )["case"]
        if n < times - 1:
            case = backend.seat("dispatcher1").do("redispatch", case, lead_dept=there, reason="经核对")[
                "case"
            ]
    return case


def sheet(backend: Backend, case: dict[str, Any], who: str = "dispatcher1") -> dict[str, Any]:
    answer = backend.seat(who).get(f"/cases/{case['case_id']}/referee")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def waiting(backend: Backend, who: str = "shift_leader1") -> list[str]:
    follow(backend)
    answer = backend.seat(who).get("/meetings")
    assert answer.status_code == 200
    return [entry["case"]["case_id"] for entry in answer.json()["cases"]]


def test_the_sheet_tells_who_returned_it_and_why(quiet: Backend) -> None:
    case = bounced(quiet, 3)
    found = sheet(quiet, case)
    assert [(one["giver"], one["taker"], one["returned"]) for one in found["bounces"]] == [
        ("muni", "sani", True), ("sani", "muni", True), ("muni", "", True),
    ]  # fmt: skip
    first = found["bounces"][0]
    assert (first["reason"], first["basis"], first["answer"]) == ("第1次不归我", "清单第3条", "经核对")
    assert first["by"] == "muni1先生" and found["bounces"][-1]["answer"] == ""
    assert (found["limit"], found["due"], found["state"]) == (3, True, "returned")
    assert not sheet(quiet, bounced(quiet, 2))["due"]


@one_database
def test_the_ground_is_measured(quiet: Backend) -> None:
    ground = sheet(quiet, bounced(quiet, 1, NEAR))["ground"]
    assert ground["grid"]["code"] == grid_code(0, 0) and ground["inside"]
    assert ground["edge_m"] == pytest.approx(5.1, abs=0.3)
    nearest = ground["neighbours"][0]
    assert nearest["code"] == grid_code(1, 0) and nearest["distance_m"] == pytest.approx(5.1, abs=0.3)
    assert nearest["street"] == STREETS[0] and nearest["street_name"] == "区域001"
    assert len(ground["grid"]["outline"][0]) == 5
    far = sheet(quiet, bounced(quiet, 1, HERE))["ground"]
    assert far["edge_m"] > 200


@one_database
def test_the_duty_table_shows_every_row_and_the_chosen_one(quiet: Backend) -> None:
    rows = sheet(quiet, bounced(quiet, 1))["duty"]
    category = quiet.centre.reference.rules.categories[CATEGORY]
    assert [row["text"] for row in rows] == [condition.text for condition in category.conditions]
    assert [row["condition"] for row in rows if row["chosen"]] == [0]
    assert rows[0]["dept"] == quiet.centre.reference.rules.lead_of(CATEGORY, 0, (STREETS[0],))
    assert rows[0]["limit"] == category.conditions[0].limit.words


def test_precedents_tell_who_handled_it_in_the_end(quiet: Backend) -> None:
    near = quiet.reach("closed", HERE, dept="sani", category=CATEGORY)
    far = quiet.reach("closed", {**HERE, "lon": HERE["lon"] + 0.002}, dept="muni")
    quiet.reach("handling", HERE, dept="muni")
    found = sheet(quiet, bounced(quiet, 1, HERE))
    assert [one["case_id"] for one in found["precedents"]] == [near["case_id"], far["case_id"]]
    assert [(one["final"], one["returned"], one["units"]) for one in found["precedents"]] == [
        ("sani", 0, ["sani"]), ("muni", 0, ["muni"]),
    ]  # fmt: skip
    assert found["precedents"][0]["distance_m"] == 0 < found["precedents"][1]["distance_m"] < 300
    assert {one["dept"]: one["count"] for one in found["handled"]} == {"sani": 1, "muni": 1}


def test_pairs_are_counted_over_all_cases(quiet: Backend) -> None:
    bounced(quiet, 2)
    bounced(quiet, 3)
    case = bounced(quiet, 2)
    follow(quiet)
    pair = next(one for one in sheet(quiet, case)["pairs"] if one["giver"] == "muni")
    assert (pair["taker"], pair["bounces"], pair["back"], pair["open"]) == ("sani", 3, 1, 3)
    assert pair["passed_on"] == 3, "sani let go of every one of them again"
    assert pair["ended"] == []


@one_database
def test_pairs_know_how_it_ended_and_only_what_the_asker_may_see(quiet: Backend) -> None:
    case = bounced(quiet, 1, THERE)
    case = quiet.seat("dispatcher1").do("redispatch", case, lead_dept="sani", reason="经核对")["case"]
    case = quiet.seat("sani1").do("sign", case)["case"]
    case = quiet.seat("sani1").do("feed_back", case, result="好了")["case"]
    case = quiet.seat("dispatcher1").do("send_check", case)["case"]
    case = quiet.seat("supervisor2").do("check_pass", case)["case"]
    quiet.seat("shift_leader1").do("close", case, closing_condition="清理")
    here = bounced(quiet, 2, HERE)
    follow(quiet)
    whole = sheet(quiet, here)["pairs"][0]
    assert whole["bounces"] == 2 and whole["ended"] == [{"dept": "sani", "count": 1}]
    street = sheet(quiet, here, "acceptor_street")["pairs"][0]
    assert street["bounces"] == 1 and street["ended"] == []


# --- 会商 -----------------------------------------------------------------------------------------------


def test_a_case_waits_for_a_meeting_until_one_has_decided(quiet: Backend) -> None:
    often, seldom = bounced(quiet, 3), bounced(quiet, 1)
    assert waiting(quiet) == [often["case_id"]]
    desk = quiet.seat("dispatcher1")
    desk.do("comment", seldom, text=meeting_text(ASKED, "两家都说不归自己"))
    assert waiting(quiet) == [often["case_id"], seldom["case_id"]]
    assert sheet(quiet, seldom)["meeting"]["asked"]["text"] == "两家都说不归自己"
    quiet.seat("shift_leader1").do("comment", often, text=meeting_text(DECIDED, "由市政承办"))
    assert waiting(quiet) == [seldom["case_id"]]
    meeting = sheet(quiet, often)["meeting"]
    assert meeting["asked"] is None and meeting["decided"]["name"] == "shift_leader1先生"
    case = desk.do("redispatch", often, lead_dept="muni", reason="会商决定：由市政承办")["case"]
    case = quiet.seat("muni1").do("return_case", case, reason="还是不归我", basis="清单")["case"]
    assert waiting(quiet) == [often["case_id"], seldom["case_id"]], "it came back after the decision"


@one_database
def test_only_a_desk_asks_for_a_meeting(quiet: Backend) -> None:
    case = bounced(quiet, 1)
    quiet.seat("leader1").do("comment", case, text=meeting_text(ASKED, "请会商"))
    quiet.seat("dispatcher1").do("comment", case, text="说起【提请会商】而已")
    assert waiting(quiet) == [] and sheet(quiet, case)["meeting"]["asked"] is None


@one_database
def test_a_reopened_case_begins_without_a_dispute(quiet: Backend) -> None:
    case = bounced(quiet, 3)
    case = quiet.seat("dispatcher1").do("redispatch", case, lead_dept="sani", reason="定了")["case"]
    quiet.seat("dispatcher1").do("comment", case, text=meeting_text(ASKED, "请会商"))
    case = quiet.seat("sani1").do("sign", case)["case"]
    case = quiet.seat("sani1").do("feed_back", case, result="好了")["case"]
    case = quiet.seat("dispatcher1").do("send_check", case)["case"]
    case = quiet.seat("supervisor1").do("check_pass", case)["case"]
    case = quiet.seat("shift_leader1").do("close", case, closing_condition="清理")["case"]
    assert waiting(quiet) == []
    case = quiet.seat("shift_leader1").do("reopen", case, reason="没好")["case"]
    assert waiting(quiet) == []
    found = sheet(quiet, case)
    assert found["bounces"] == [] and found["meeting"] == {"asked": None, "decided": None}


@one_database
def test_units_and_outsiders_see_nothing(quiet: Backend) -> None:
    case = bounced(quiet, 1)
    path = f"/cases/{case['case_id']}/referee"
    for who in ("muni1", "street1", "handler1", "grid_worker1", "admin1", "auditor1", "nowhere1"):
        assert quiet.seat(who).get(path).status_code == 404, who
    for who in ("muni1", "admin1", "auditor1"):
        assert quiet.seat(who).get("/meetings").status_code == 404, who
    assert waiting(quiet, "nowhere1") == []
    assert quiet.seat("dispatcher1").get("/cases/x/referee").status_code == 404
    assert quiet.seat("dispatcher1").get(path, x="1").status_code == 422
    assert quiet.client.get("/v1" + path).status_code == 401


@one_database
def test_in_small_turns_as_in_one(quiet: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.backend.auto import following

    bounced(quiet, 3)
    bounced(quiet, 2)
    monkeypatch.setattr(following, "SPAN", 8)
    monkeypatch.setattr(following, "CASES", 1)
    follow(quiet)
    case = bounced(quiet, 2)
    follow(quiet)
    pair = sheet(quiet, case)["pairs"][0]
    assert (pair["bounces"], pair["back"]) == (3, 1)


@one_database
def test_of_two_that_follow_one_wins(quiet: Backend) -> None:
    bounced(quiet, 3)
    quiet.settle()
    one, two = Follower(quiet.engine), Follower(quiet.engine)
    assert one.turn() and not two.turn()
    assert len(waiting(quiet)) == 1
