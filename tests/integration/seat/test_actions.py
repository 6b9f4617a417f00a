"""Every action of the seats, each by the role it belongs to, through the pages, down to the log."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.domain.ids import uuid7
from tests.integration.seat.web import Web, forms_in, photo, picture, said
from tests.support.centre import HERE, THERE, Backend

Browsers = Callable[[str], Web]


def now_is(backend: Backend, case: dict[str, Any]) -> dict[str, Any]:
    """The case as the centre has it, with its timeline."""
    found: dict[str, Any] = backend.seat("shift_leader1").get(f"/cases/{case['case_id']}").json()
    return found


def last_change(backend: Backend, case: dict[str, Any]) -> dict[str, Any]:
    """The newest change of a case."""
    change: dict[str, Any] = now_is(backend, case)["timeline"][-1]
    return change


def test_sign(backend: Backend, web: Browsers) -> None:
    case = backend.reach("pending_sign")
    answer = web("muni1").act(case, "sign")
    assert "已签收，处置时限继续计时" in web("muni1").answer(answer)
    assert now_is(backend, case)["state"] == "handling"
    change = last_change(backend, case)
    assert change["actor"] == {"id": "u-muni1", "name": "muni1先生", "role": "dept_user"}
    assert answer.headers["location"].endswith(change["command_id"])
    # version 7: the id is born with the form
    assert change["command_id"][14] == "7"


def test_return_with_reason_and_basis(backend: Backend, web: Browsers) -> None:
    case = backend.reach("pending_sign")
    incomplete = web("muni1").act(case, "return_case", reason="不归我们管")
    assert incomplete.status_code == 422
    assert "依据：请填写" in said(incomplete.text)
    assert forms_in(incomplete.text)[0]["reason"] == "不归我们管"
    text = web("muni1").answer(
        web("muni1").act(case, "return_case", reason="不归我们管", basis="职责清单第 3 条")
    )
    assert "已退单" in text
    assert "依据：职责清单第 3 条" in text
    assert now_is(backend, case)["state"] == "returned"
    assert last_change(backend, case)["payload"] == {"reason": "不归我们管", "basis": "职责清单第 3 条"}
    # the unit no longer leads: it is gone from its list, but stays visible as long as the round lasts
    assert case["number"][4:] not in web("muni1").get("/?tab=sign")


def test_assign_inside_the_unit_and_revoke(backend: Backend, web: Browsers) -> None:
    case = backend.reach("handling")
    page = web("muni1").get(f"/cases/{case['case_id']}/assign")
    assert "handler1先生（处置人员）" in said(page)
    assert "sani1" not in page
    web("muni1").answer(web("muni1").act(case, "assign", to="u-handler1"))
    assert now_is(backend, case)["assignee"] == "u-handler1"
    assert case["number"][4:] in web("handler1").get("/?tab=mine")
    assert "处置人员 handler1先生" in said(web("muni1").get(f"/cases/{case['case_id']}"))
    assert forms_in(web("muni1").get(f"/cases/{case['case_id']}/assign"))[0]["to"] == "u-handler1"
    web("muni1").answer(web("muni1").act(case, "assign", to=""))
    assert now_is(backend, case)["assignee"] is None
    wrong = web("muni1").act(case, "assign", to="u-sani1")
    assert wrong.status_code == 422
    assert "本单位没有这个人员" in said(wrong.text)


def test_handler_feeds_back_what_was_assigned(backend: Backend, web: Browsers) -> None:
    case = backend.reach("handling")
    assert "反馈" not in said(web("handler1").get(f"/cases/{case['case_id']}")).split("办理经过")[0]
    backend.seat("muni1").do("assign", case, to="u-handler1")
    done = web("handler1").act(case, "feed_back", [photo()], result="已换新井盖")
    assert "已反馈" in web("handler1").answer(done)
    assert last_change(backend, case)["actor"]["role"] == "handler"
    assert case["number"][4:] in web("handler1").get("/?tab=mine_done")


def test_feed_back_with_photos_and_public_reply(backend: Backend, web: Browsers) -> None:
    case = backend.reach("handling")
    first, second = picture("green", exif=True), picture("blue", form="PNG")
    files = [photo("前.jpg", first), photo("后.png", second), photo("又一次.jpg", first)]
    done = web("muni1").act(
        case, "feed_back", files, result="已更换\r\n井盖", public_reply="您反映的问题已处理", solved="yes"
    )
    assert "照片 2 张" in web("muni1").answer(done)
    payload = last_change(backend, case)["payload"]
    shas = [hashlib.sha256(body).hexdigest() for body in (first, second)]
    assert payload == {
        "result": "已更换\n井盖", "public_reply": "您反映的问题已处理", "photos": shas, "solved": True,
    }  # fmt: skip
    # stored byte for byte, camera data and all, and shown to whoever sees the case
    assert backend.seat("dispatcher1").get(f"/attachments/{shas[0]}").content == first
    page = web("muni1").get(f"/cases/{case['case_id']}")
    assert page.count(f"/files/{shas[0]}/small") == 2, "in the photos and in the timeline"
    assert "反馈（已解决） ：已更换" in said(page)
    assert "公开答复：您反映的问题已处理" in said(page)


def test_feed_back_outside_duty_and_unsolved(backend: Backend, web: Browsers) -> None:
    case = backend.reach("handling")
    web("muni1").answer(
        web("muni1").act(case, "feed_back", result="管线属供电公司", solved="no", outside_duty="yes")
    )
    assert last_change(backend, case)["payload"] == {
        "result": "管线属供电公司",
        "solved": False,
        "outside_duty": True,
    }


def test_first_contact_with_the_citizen(backend: Backend, web: Browsers) -> None:
    case = backend.reach("handling")
    form = web("muni1").form(f"/cases/{case['case_id']}/contact_citizen")
    # begins at the present minute of the centre's zone
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", form["at"])
    web("muni1").answer(
        web("muni1").act(case, "contact_citizen", at="2026-11-20T14:30", reached="yes", text="约好下午上门")
    )
    payload = last_change(backend, case)["payload"]
    assert datetime.fromisoformat(payload["at"]) == datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
    assert payload["reached"] is True
    wrong = web("muni1").act(case, "contact_citizen", at="下午两点", reached="yes")
    assert wrong.status_code == 422
    assert "联系时间：请按" in said(wrong.text)
    assert forms_in(wrong.text)[0]["at"] == "下午两点"


def test_extension_of_an_original_limit_or_a_given_one(backend: Backend, web: Browsers) -> None:
    case, other = backend.reach("handling"), backend.reach("handling")
    web("muni1").answer(web("muni1").act(case, "apply_extension", reason="等待配件"))
    assert last_change(backend, case)["payload"] == {"reason": "等待配件"}
    assert case["number"][4:] in web("muni1").get("/?tab=pending")
    assert "延期待批" in web("muni1").get("/?tab=work")
    again = web("muni1").get(f"/cases/{case['case_id']}/apply_extension", 409)
    assert "已有一份延期申请" in said(again)
    for amount, unit, sentence in (
        ("三", "work_day", "应为数字"),
        ("2", "moon", "请选择单位"),
        ("-1", "work_day", ""),
    ):
        bad = web("muni1").act(other, "apply_extension", reason="等待配件", amount=amount, unit=unit)
        assert bad.status_code == 422, amount
        assert sentence in said(bad.text)
    web("muni1").answer(
        web("muni1").act(other, "apply_extension", reason="雨季", amount="1.5", unit="work_day")
    )
    assert last_change(backend, other)["payload"] == {"reason": "雨季", "amount": 1.5, "unit": "work_day"}
    assert "申请延期 1.5 工作日" in said(web("muni1").get(f"/cases/{other['case_id']}"))


def test_suspension_to_a_day(backend: Backend, web: Browsers) -> None:
    case = backend.reach("handling")
    bad = web("muni1").act(case, "apply_suspend", reason="等待苗木", until="下个月")
    assert "挂账到（含当天）：请按" in said(bad.text)
    past = web("muni1").act(case, "apply_suspend", reason="等待苗木", until="2020-01-01")
    assert past.status_code == 422
    assert "挂账的结束时间应在现在之后" in said(past.text)
    day = datetime.now(UTC).date() + timedelta(days=20)
    web("muni1").answer(web("muni1").act(case, "apply_suspend", reason="等待苗木", until=day.isoformat()))
    until = datetime.fromisoformat(last_change(backend, case)["payload"]["until"])
    assert until.astimezone(UTC) == datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=16)
    outcome = backend.seat("dispatcher1").do("decide_suspend", now_is(backend, case), approve=True)
    assert outcome["outcome"] == "applied"
    listed = said(web("muni1").get("/?tab=suspended"))
    assert "挂账 余" in listed
    assert "挂账到" in said(web("muni1").get(f"/cases/{case['case_id']}"))


def test_appeal_and_its_decision(backend: Backend, web: Browsers) -> None:
    case = backend.reach("closed")
    assert case["number"][4:] in web("muni1").get("/?tab=recent")
    web("muni1").answer(web("muni1").act(case, "appeal", reason="停水不由我单位造成"))
    again = web("muni1").get(f"/cases/{case['case_id']}/appeal", 409)
    assert "每件只能申诉一次" in said(again)
    assert case["number"][4:] in web("evaluator1").get("/?tab=appeals")
    nothing = web("evaluator1").act(case, "decide_appeal", note="核实")
    assert "裁定：请选择一项" in said(nothing.text)
    assert forms_in(nothing.text)[0]["note"] == "核实"
    web("evaluator1").answer(web("evaluator1").act(case, "decide_appeal", approve="yes", note="情况属实"))
    assert "appeal_exempt" in now_is(backend, case)["flags"]
    assert case["number"][4:] not in web("evaluator1").get("/?tab=appeals")


def test_co_department_replies(backend: Backend, web: Browsers) -> None:
    case = backend.reach("pending_dispatch")
    sent = backend.seat("dispatcher1").do("dispatch", case, lead_dept="muni", co_depts=["sani"])
    assert sent["outcome"] == "applied"
    assert "协办" in web("sani1").get("/?tab=sign")
    web("sani1").get(f"/cases/{case['case_id']}/sign", 409)
    web("sani1").answer(web("sani1").act(case, "co_reply", [photo()], text="已清扫周边"))
    payload = last_change(backend, case)["payload"]
    assert payload["text"] == "已清扫周边"
    assert len(payload["photos"]) == 1


def test_supervision_is_answered(backend: Backend, web: Browsers) -> None:
    case = backend.reach("handling")
    closed = said(web("muni1").get(f"/cases/{case['case_id']}/reply_supervise", 409))
    assert "没有等待回复的督办" in closed
    backend.seat("leader1").do("supervise", case, kind="leader", level=1, reason="请尽快", need_reply=True)
    assert "督办待回复" in web("muni1").get("/?tab=work")
    web("muni1").answer(web("muni1").act(case, "reply_supervise", text="今晚完成"))
    assert "reply_due" not in now_is(backend, case)["flags"]


def test_comment_urge_and_single_photo(backend: Backend, web: Browsers) -> None:
    case = backend.reach("handling")
    web("muni1").answer(web("muni1").act(case, "comment", text="<b>现场</b>已围挡，联系 13812345678"))
    page = web("muni1").get(f"/cases/{case['case_id']}")
    assert "&lt;b&gt;现场&lt;/b&gt;" in page
    assert "138****5678" in page
    assert "13812345678" not in page
    web("leader1").answer(web("leader1").act(case, "urge", text="群众等着用水"))
    assert now_is(backend, case)["counts"]["urge"] == 1
    body = picture("yellow")
    without = web("muni1").act(case, "attach")
    assert "照片：请选择一张照片" in said(without.text)
    web("muni1").answer(web("muni1").act(case, "attach", [photo("围挡.jpg", body, "photo")]))
    assert last_change(backend, case)["payload"] == {
        "sha256": hashlib.sha256(body).hexdigest(), "name": "围挡.jpg", "mime": "image/jpeg", "size": len(body),
    }  # fmt: skip


@pytest.mark.parametrize(("result", "word"), [("true", "属实"), ("false", "不属实"), ("not_found", "未找到")])
def test_supervisor_verifies_on_the_spot(backend: Backend, web: Browsers, result: str, word: str) -> None:
    case = backend.seat("acceptor1").register()
    assert backend.seat("acceptor1").do("send_verify", case, to="u-supervisor1")["outcome"] == "applied"
    assert "指名给我" in web("supervisor1").get("/?tab=verify")
    assert "核实人员 supervisor1先生" in said(web("supervisor1").get(f"/cases/{case['case_id']}"))
    position = {"lon": str(HERE["lon"] + 0.0005), "lat": str(HERE["lat"]), "accuracy": "12"}
    done = web("supervisor1").act(case, "verify_result", [photo()], result=result, note="看过了", **position)
    assert f"核实反馈：{word}" in web("supervisor1").answer(done)
    payload = last_change(backend, case)["payload"]
    assert payload["result"] == result
    assert payload["note"] == "看过了\n现场位置 113.303000,23.102500（定位精度 12 米），距案件位置 51 米。"


def test_supervisor_checks_and_passes(backend: Backend, web: Browsers) -> None:
    case = backend.reach("checking")
    assert case["number"][4:] in web("supervisor1").get("/?tab=check")
    assert case["number"][4:] not in web("supervisor2").get("/?tab=check")
    web("supervisor2").get(f"/cases/{case['case_id']}", 404)
    # a position from a GCJ-02 map is turned into WGS84 first
    done = web("supervisor1").act(
        case,
        "check_pass",
        lon="113.307983",
        lat="23.099860",
        crs="gcj02",
        note="",
        case_lon="113.3025",
        case_lat="23.1025",
    )
    assert "已核查通过" in web("supervisor1").answer(done)
    note = last_change(backend, case)["payload"]["note"]
    assert note.startswith("现场位置 113.30")
    assert "距案件位置" in note


def test_supervisor_fails_a_check_with_reason_and_photo(backend: Backend, web: Browsers) -> None:
    case = backend.reach("checking")
    half = web("supervisor1").act(case, "check_fail", reason="还在漏水", lon="113.3")
    assert half.status_code == 422
    assert "现场位置：纬度应为数字" in said(half.text)
    swapped = web("supervisor1").act(case, "check_fail", reason="还在漏水", lon="23.1", lat="113.3")
    assert "是否填反了" in said(swapped.text)
    web("supervisor1").answer(
        web("supervisor1").act(
            case, "check_fail", [photo()], reason="还在漏水", lon="113.3025", lat="23.1025"
        )
    )
    after = now_is(backend, case)
    assert after["state"] == "handling"
    assert after["counts"]["rework"] == 1
    assert (
        after["timeline"][-1]["payload"]["reason"]
        == "还在漏水\n现场位置 113.302500,23.102500，距案件位置 0 米。"
    )
    assert "返工 1" in web("muni1").get("/?tab=work")


@pytest.mark.parametrize(
    ("who", "source", "where"),
    [("supervisor1", "patrol", HERE), ("grid_worker1", "grid_worker", HERE), ("muni1", "transfer", THERE),
     ("street1", "transfer", HERE)],
)  # fmt: skip
def test_report_with_position_and_photos(
    backend: Backend, web: Browsers, who: str, source: str, where: dict[str, Any]
) -> None:
    browser = web(who)
    form = browser.form("/register")
    bodies = [picture("orange"), picture("purple")]
    typed = {
        "description": f"{who} 看到路灯不亮", "lon": str(where["lon"]), "lat": str(where["lat"]),
        "address": "松影路口", "urgent": "yes", "category": "component-0101",
    }  # fmt: skip
    dept = who in ("muni1", "street1")
    files = [] if dept else [photo(f"{n}.jpg", body) for n, body in enumerate(bodies)]
    answer = browser.post("/register", {**form, **typed}, files)
    text = browser.answer(answer)
    assert "已登记，由中心受理" in text
    found = backend.seat("shift_leader1").get(f"/cases/{form['case_id']}").json()
    assert found["number"] in text
    assert (found["source"], found["kind"], found["urgent"]) == (source, "component", True)
    spot = {"lon": round(where["lon"], 6), "lat": round(where["lat"], 6), "address": "松影路口"}
    assert found["location"] == spot
    hashes = {hashlib.sha256(body).hexdigest() for body in bodies}
    assert {file["sha256"] for file in found["attachments"]} == (set() if dept else hashes)
    assert ("查看案件" in text) is not dept
    listed = said(browser.get("/reports"))
    assert found["number"][4:] in listed
    assert ("派到本单位后可在任务中查看" in listed) is dept
    # sent once more: nothing new, the same answer
    again = browser.post("/register", {**form, **typed}, files)
    assert again.headers["location"] == answer.headers["location"]
    assert len(backend.seat("shift_leader1").get(f"/cases/{form['case_id']}").json()["timeline"]) == len(
        found["timeline"]
    )


def test_report_outside_the_district_is_told_at_once(backend: Backend, web: Browsers) -> None:
    form = web("grid_worker1").form("/register")
    answer = web("grid_worker1").post(
        "/register", {**form, "description": "坑洞", "lon": "110.0", "lat": "20.0"}
    )
    assert answer.status_code == 422
    assert "地址不在本区范围内" in said(answer.text)
    again = forms_in(answer.text)[0]
    assert again["description"] == "坑洞"
    assert again["command_id"] != form["command_id"]
    assert again["case_id"] != form["case_id"]
    nothing = web("grid_worker1").post("/register", {**form, "description": ""})
    assert "位置：请取当前位置" in said(nothing.text)
    assert "情况描述：请填写" in said(nothing.text)


def test_self_close_by_the_reporter_where_the_centre_allows_it(own_backend: Backend) -> None:
    from services.backend.reference_store import publish
    from services.sql.engine import writing
    from tests.support.centre import reference_doc

    doc = reference_doc()
    doc["settings"]["self_close_by_reporter"] = True
    with writing(own_backend.engine) as conn:
        publish(conn, doc)
    own_backend.centre.references.refresh()
    web = Web(own_backend, "grid_worker1")
    web.sign_in()
    form = web.form("/register")
    typed = {"description": "小广告", "lon": str(HERE["lon"]), "lat": str(HERE["lat"])}
    web.answer(web.post("/register", {**form, **typed}))
    case = {"case_id": form["case_id"]}
    text = web.answer(web.act(case, "self_close", [photo()], result="当场清除"))
    assert "已自行处置结案" in text
    assert now_is(own_backend, case)["state"] == "closed"


def test_unknown_forms_and_cases_are_not_there(web: Browsers) -> None:
    for path in (
        f"/cases/{uuid7()}",
        f"/cases/{uuid7()}/sign",
        "/cases/x",
        f"/cases/{uuid7()}/dispatch",
        "/nowhere",
    ):
        assert "没有" in said(web("muni1").get(path, 404))


def test_report_outside_ones_own_area_says_what_becomes_of_the_photos(
    backend: Backend, web: Browsers
) -> None:
    form = web("supervisor1").form("/register")
    typed = {"description": "邻区的路灯", "lon": str(THERE["lon"]), "lat": str(THERE["lat"])}
    replies = [web("supervisor1").post("/register", {**form, **typed}, [photo()]) for _ in range(2)]
    assert {reply.headers["location"][-10:] for reply in replies} == {"?unsaved=1"}
    text = said(web("supervisor1").get(replies[0].headers["location"].removeprefix("/seat")))
    assert "有 1 张照片没有随案件保存" in text
    assert "查看案件" not in text
    assert "不在您的责任区内" in said(web("supervisor1").get("/reports"))


def test_report_written_for_a_long_time_needs_no_confirmation(backend: Backend, web: Browsers) -> None:
    form = web("grid_worker1").form("/register")
    assert form["seen_at"] == ""
    typed = {"description": "写了很久", "lon": str(HERE["lon"]), "lat": str(HERE["lat"])}
    with backend.later(hours=3):
        web("grid_worker1").answer(web("grid_worker1").post("/register", {**form, **typed}))


def test_report_sent_again_with_a_renamed_photo_attaches_nothing_twice(
    backend: Backend, web: Browsers
) -> None:
    form = web("supervisor1").form("/register")
    typed = {"description": "护栏松动", "lon": str(HERE["lon"]), "lat": str(HERE["lat"])}
    body = picture("gold")
    replies = [
        web("supervisor1").post("/register", {**form, **typed}, [photo(name, body)])
        for name in ("一.jpg", "二.jpg")
    ]
    assert replies[0].headers["location"] == replies[1].headers["location"]
    found = now_is(backend, {"case_id": form["case_id"]})
    assert [change["action"] for change in found["timeline"]] == ["register", "attach"]
