"""Double clicks, reloads, stale pages, other people's cases, wrong files: one effect, one answer, nothing lost."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.backend.problems import Problem
from services.backend.seat import acting, uploads
from services.domain.ids import uuid7
from tests.integration.seat.web import Web, forms_in, photo, picture, said
from tests.support.centre import THERE, Backend

Browsers = Callable[[str], Web]


def story(backend: Backend, case: dict[str, Any]) -> list[str]:
    """The actions of a case, oldest first."""
    found = backend.seat("shift_leader1").get(f"/cases/{case['case_id']}").json()
    return [change["action"] for change in found["timeline"]]


def test_same_form_twice_has_one_effect_and_the_same_answer(backend: Backend, web: Browsers) -> None:
    case, browser = backend.reach("handling"), web("muni1")
    path = f"/cases/{case['case_id']}/feed_back"
    values = {**browser.form(path), "result": "修好了"}
    files = [photo("一.jpg", picture("navy"))]
    first = browser.post(path, values, files)
    again = [browser.post(path, values, files) for _ in range(3)]
    assert {answer.headers["location"] for answer in (first, *again)} == {first.headers["location"]}
    pages = {said(browser.get(first.headers["location"].removeprefix("/seat"))) for _ in range(3)}
    assert len(pages) == 1
    assert story(backend, case).count("feed_back") == 1


def test_double_click_at_the_same_moment(backend: Backend, web: Browsers) -> None:
    case, browser = backend.reach("handling"), web("muni1")
    path = f"/cases/{case['case_id']}/comment"
    values = {**browser.form(path), "text": "同时点了两下"}
    places: list[str] = []

    def click() -> None:
        places.append(
            Web(backend, "muni1", cookies=dict(browser.cookies)).post(path, values).headers["location"]
        )

    clicks = [threading.Thread(target=click) for _ in range(6)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert len(places) == 6
    assert len(set(places)) == 1
    assert story(backend, case).count("comment") == 1


def test_refused_form_sent_again_gives_the_same_refusal(backend: Backend, web: Browsers) -> None:
    case, browser = backend.reach("handling"), web("muni1")
    path = f"/cases/{case['case_id']}/apply_suspend"
    values = {**browser.form(path), "reason": "等待苗木", "until": "2020-01-01"}
    pages = [browser.post(path, values) for _ in range(2)]
    assert [page.status_code for page in pages] == [422, 422]
    fresh = re.compile(r'name="(command_id|seen_at)" value="[^"]*"')
    assert len({fresh.sub("", page.text) for page in pages}) == 1
    # the stored answer has a page of its own as well
    told = said(browser.get(f"/answers/{values['command_id']}"))
    assert "没有办成 挂账的结束时间应在现在之后" in told


def test_stale_page_is_a_conflict_with_the_contents_kept(backend: Backend, web: Browsers) -> None:
    case, browser = backend.reach("handling"), web("muni1")
    path = f"/cases/{case['case_id']}/apply_extension"
    values = {**browser.form(path), "reason": "等待配件到货", "amount": "2", "unit": "work_day"}
    backend.seat("muni1").do("assign", case, to="u-handler1")
    answer = browser.post(path, values)
    assert answer.status_code == 409
    text = said(answer.text)
    assert "对方先办了这件" in text
    assert "已由muni1先生先处理（指派）" in text
    kept = forms_in(answer.text)[0]
    assert (kept["reason"], kept["amount"], kept["unit"]) == ("等待配件到货", "2", "work_day")
    assert kept["command_id"] != values["command_id"]
    assert int(kept["base_xver"]) == int(values["base_xver"]) + 1
    # with what the page shows now it goes through
    browser.answer(browser.post(path, kept))
    assert story(backend, case)[-1] == "apply_extension"
    assert "已由muni1先生先处理" in said(browser.get(f"/answers/{values['command_id']}"))


def test_conflict_that_ends_the_action_keeps_the_text_to_be_copied(backend: Backend, web: Browsers) -> None:
    case, browser = backend.reach("handling"), web("muni1")
    path = f"/cases/{case['case_id']}/feed_back"
    values = {**browser.form(path), "result": "写了很久的处置情况", "solved": "no"}
    moved = backend.seat("shift_leader1").do(
        "redispatch", case, lead_dept="sani", co_depts=["muni"], reason="改由环卫"
    )
    assert moved["outcome"] == "applied"
    answer = browser.post(path, values)
    assert answer.status_code == 409
    text = said(answer.text)
    assert "写了很久的处置情况" in text
    assert "未解决" in text
    assert "可以复制" in text
    assert 'name="command_id"' not in answer.text


def test_old_page_asks_for_confirmation(backend: Backend, web: Browsers) -> None:
    case, browser = backend.reach("pending_sign"), web("muni1")
    path = f"/cases/{case['case_id']}/sign"
    old = (datetime.now(UTC) - timedelta(minutes=25)).isoformat()
    answer = browser.post(path, {**browser.form(path), "seen_at": old})
    assert answer.status_code == 409
    text = said(answer.text)
    assert "需再确认" in text
    assert "约 25 分钟前" in text
    assert "仍要签收" in text
    assert story(backend, case)[-1] == "dispatch"
    browser.answer(browser.post(path, forms_in(answer.text)[0]))
    assert story(backend, case)[-1] == "sign"


def test_changed_contents_under_a_used_id_are_not_taken_silently(backend: Backend, web: Browsers) -> None:
    case, browser = backend.reach("handling"), web("muni1")
    path = f"/cases/{case['case_id']}/comment"
    values = {**browser.form(path), "text": "第一次写的"}
    browser.answer(browser.post(path, values))
    answer = browser.post(path, {**values, "text": "改过的"})
    assert answer.status_code == 409
    assert "这次修改的内容没有提交" in said(answer.text)
    kept = forms_in(answer.text)[0]
    assert kept["text"] == "改过的"
    assert kept["command_id"] != values["command_id"]
    assert story(backend, case).count("comment") == 1


def test_form_token_of_another_session_is_not_enough_and_loses_nothing(
    backend: Backend, web: Browsers
) -> None:
    case = backend.reach("handling")
    path = f"/cases/{case['case_id']}/comment"
    other = Web(backend, "sani1")
    other.sign_in()
    stolen = other.form("/register")["form_token"]
    browser = web("muni1")
    values = browser.form(path)
    for token in ("", "x", stolen, "\udc80"):
        answer = browser.post(
            path, {**values, "text": "围挡已设", "form_token": token.encode("utf-8", "replace").decode()}
        )
        assert answer.status_code == 403
        assert "这次没有提交" in said(answer.text)
        assert forms_in(answer.text)[0]["text"] == "围挡已设"
    assert story(backend, case)[-1] != "comment"
    foreign = browser.post(path, {**values, "text": "围挡已设"}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert "围挡已设" not in foreign.text
    browser.answer(browser.post(path, {**forms_in(answer.text)[0]}))
    assert story(backend, case)[-1] == "comment"


def test_other_peoples_cases_and_answers_are_not_there(backend: Backend, web: Browsers) -> None:
    foreign = backend.reach("handling", THERE, dept="sani")
    for path in ("", "/sign", "/comment"):
        web("muni1").get(f"/cases/{foreign['case_id']}{path}", 404)
    values = {**web("muni1").form("/register"), "base_xver": "3", "text": "x"}
    values.pop("case_id")
    answer = web("muni1").post(f"/cases/{foreign['case_id']}/comment", values)
    assert answer.status_code == 404
    assert foreign["number"] not in answer.text
    own = backend.reach("handling")
    place = web("muni1").act(own, "comment", text="只给自己看").headers["location"].removeprefix("/seat")
    web("muni1").get(place)
    web("sani1").get(place, 404)
    web("muni1").get(f"/answers/{uuid7()}", 404)
    # an id that somebody else has used
    path = f"/cases/{foreign['case_id']}/comment"
    taken = {**web("sani1").form(path), "text": "抢号", "command_id": place.rsplit("/", 1)[1]}
    answer = web("sani1").post(path, taken)
    assert answer.status_code == 409
    assert "只给自己看" not in answer.text


@pytest.mark.parametrize(
    ("broken", "status"),
    [
        ({"command_id": "x"}, 422),
        ({"base_xver": "-1"}, 422),
        ({"base_xver": ""}, 409),
        ({"seen_at": "gestern"}, 422),
    ],
)
def test_form_cut_short_changes_nothing(
    backend: Backend, web: Browsers, broken: dict[str, str], status: int
) -> None:
    case, browser = backend.reach("pending_sign"), web("muni1")
    path = f"/cases/{case['case_id']}/sign"
    answer = browser.post(path, {**browser.form(path), **broken})
    assert answer.status_code == status
    assert story(backend, case)[-1] == "dispatch"


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("脚本.jpg", b"<script>alert(1)</script>", "这个文件不是照片"),
        ("空.jpg", b"", "照片文件是空的"),
        ("半张.jpg", picture(size=(800, 600))[:2500], "不完整或已损坏"),
        ("苹果.heic", b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "HEIC"),
        ("太大.jpg", picture() + b"\x00" * (20 * 1024 * 1024), "超过 20 MiB"),
    ],
)
def test_files_that_are_no_photos_are_refused_and_the_text_is_kept(
    backend: Backend, web: Browsers, name: str, body: bytes, sentence: str
) -> None:
    case, browser = backend.reach("handling"), web("muni1")
    good = picture("pink")
    answer = browser.act(case, "feed_back", [photo("好.jpg", good), photo(name, body)], result="修好了")
    assert answer.status_code == 422
    text = said(answer.text)
    assert f"{name}：" in text
    assert sentence in text
    kept = forms_in(answer.text)[0]
    assert kept["result"] == "修好了"
    # the good one is stored and need not be taken again
    assert kept["kept"] == f"{hashlib.sha256(good).hexdigest()} 好.jpg"
    browser.answer(browser.post(f"/cases/{case['case_id']}/feed_back", kept))
    page = backend.seat("muni1").get(f"/cases/{case['case_id']}").json()
    assert page["timeline"][-1]["payload"]["photos"] == [hashlib.sha256(good).hexdigest()]


def test_too_many_photos_and_unknown_kept_ones(backend: Backend, web: Browsers) -> None:
    case, browser = backend.reach("handling"), web("muni1")
    files = [photo(f"{n}.jpg", picture(size=(20 + n, 20))) for n in range(10)]
    answer = browser.act(case, "feed_back", files, result="修好了")
    assert answer.status_code == 422
    assert "最多 9 张照片" in said(answer.text)
    path = f"/cases/{case['case_id']}/feed_back"
    browser.answer(
        browser.post(path, {**browser.form(path), "result": "修好了", "kept": f"{'a' * 64} 假.jpg"})
    )
    payload = backend.seat("muni1").get(f"/cases/{case['case_id']}").json()["timeline"][-1]["payload"]
    assert "photos" not in payload


def test_oversize_form_is_refused(web: Browsers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "FORM_BYTES", 50_000)
    browser = web("muni1")
    values = browser.form("/register")
    files = [photo("大.jpg", b"\xff" * 80_000)]
    claimed = browser.post("/register", values, files)
    assert claimed.status_code == 413
    assert "合计最多" in said(claimed.text)
    boundary = "x1"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n'.encode()

    def pieces() -> Any:
        yield head
        for _ in range(20):
            yield b"\xff" * 8_000

    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    counted = browser.request("POST", "/seat/register", content=pieces(), headers=headers)
    assert counted.status_code == 413
    lies = browser.request(
        "POST", "/seat/sign-out", content=b"x", headers={"Content-Type": "multipart/form-data"}
    )
    assert lies.status_code == 400
    assert "表单没有传完整" in said(lies.text)


@pytest.mark.allow_log(logger="services.backend.errors")
def test_centre_that_cannot_decide_asks_for_a_reload(
    backend: Backend, web: Browsers, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    case, browser = backend.reach("handling"), web("muni1")

    def busy(*_args: object) -> None:
        raise Problem(503, "busy", "中心正忙，请稍后重试。", headers={"Retry-After": "1"})

    path = f"/cases/{case['case_id']}/comment"
    values = {**browser.form(path), "text": "忙时的备注"}
    with monkeypatch.context() as patched:
        patched.setattr(acting, "give", busy)
        answer = browser.post(path, values)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert "中心正忙" in said(answer.text)
    assert "同一编号" in said(answer.text)
    browser.answer(browser.post(path, values))
    with monkeypatch.context() as patched:
        patched.setattr(acting, "give", lambda *_args: 1 // 0)
        broken = browser.post(path, values)
    assert broken.status_code == 500
    assert "内部错误" in said(broken.text)
    assert broken.headers["x-trace-id"] in broken.text
    assert "ZeroDivisionError" not in broken.text
    assert "ZeroDivisionError" in caplog.text
    caplog.clear()


def test_unit_that_lost_a_case_loses_sight_of_its_photos(backend: Backend, web: Browsers) -> None:
    case, browser = backend.reach("handling"), web("muni1")
    body = picture("teal", size=(1200, 900), exif=True)
    browser.answer(browser.act(case, "feed_back", [photo("一.jpg", body)], result="修好了"))
    sha = hashlib.sha256(body).hexdigest()
    whole, small = (browser.request("GET", f"/seat/files/{sha}{size}") for size in ("", "/small"))
    assert whole.content == body
    assert whole.headers["content-type"] == "image/jpeg"
    assert "sandbox" in whole.headers["content-security-policy"]
    assert len(small.content) < len(body)
    assert b"2026:11:20" in whole.content
    assert b"2026:11:20" not in small.content
    web("sani1").get(f"/files/{sha}", 404)
    web("sani1").get(f"/files/{sha}/small", 404)
    web("muni1").get("/files/zzz", 404)
    assert Web(backend).request("GET", f"/seat/files/{sha}").status_code == 303


def test_attachment_that_is_no_picture_is_a_download(backend: Backend, web: Browsers) -> None:
    case = backend.reach("handling")
    body = b"RIFF....WAVE a recording"
    sha = hashlib.sha256(body).hexdigest()
    put = backend.seat("muni1").call(
        "PUT", f"/attachments/{sha}", content=body, headers={"Content-Type": "audio/wav"}
    )
    assert put.status_code in (200, 201)
    backend.seat("muni1").do("attach", case, sha256=sha, name="录音.wav", mime="audio/wav", size=len(body))
    assert "附件（audio/wav）" in said(web("muni1").get(f"/cases/{case['case_id']}"))
    whole = web("muni1").request("GET", f"/seat/files/{sha}")
    assert whole.headers["content-type"] == "application/octet-stream"
    assert whole.headers["content-disposition"].startswith("attachment")
    web("muni1").get(f"/files/{sha}/small", 404)


def test_caller_is_shown_for_a_reason_only_and_written_down(backend: Backend, web: Browsers) -> None:
    case = backend.reach("handling", caller={"name": "王小明", "phone": "13800138000"})
    browser = web("muni1")
    page = browser.get(f"/cases/{case['case_id']}")
    assert "王** 138****8000" in page
    assert "13800138000" not in page
    form = next(form for form in forms_in(page) if "reason" in form)
    path = f"/seat/cases/{case['case_id']}/caller"
    assert browser.request("POST", path, data={**form, "reason": "  "}).status_code == 303
    assert browser.request("POST", path, data={"reason": "约时间"}).status_code == 403
    shown = browser.request("POST", path, data={**form, "reason": "约时间"})
    assert "13800138000" in shown.text
    assert "王小明" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert "查看来电人电话" not in web("handler1").get(f"/cases/{case['case_id']}")
    secret = backend.reach("handling", caller={"name": "李某", "phone": "13900139000"}, confidential=True)
    assert "139" not in said(browser.get(f"/cases/{secret['case_id']}")).replace(secret["number"], "")
