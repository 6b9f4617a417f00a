"""The page of a case, own reports, and what every page carries."""

from __future__ import annotations

import re
from collections.abc import Callable

from services.domain.ids import uuid7
from tests.integration.seat.test_lists import numbers
from tests.integration.seat.web import Web, forms_in, said
from tests.support.centre import HERE, Backend

Browsers = Callable[[str], Web]


def test_own_reports_are_ones_own(backend: Backend, web: Browsers) -> None:
    form = web("grid_worker1").form("/register")
    typed = {"description": "垃圾满溢 <i>急</i>", "lon": str(HERE["lon"]), "lat": str(HERE["lat"])}
    assert web("grid_worker1").post("/register", {**form, **typed}).status_code == 303
    page = web("grid_worker1").get("/")
    assert len(numbers(page)) == 1
    assert "垃圾满溢 &lt;i&gt;" in page
    assert "待受理" in page
    assert numbers(web("supervisor1").get("/reports")) == []
    assert forms_in(page)[-1].keys() == {"form_token"}


def test_case_page_tells_facts_clock_and_story(backend: Backend, web: Browsers) -> None:
    case = backend.reach("handling", HERE, "muni", description="井盖破损，联系 13812345678")
    page = web("muni1").get(f"/cases/{case['case_id']}")
    text = said(page)
    for part in (
        case["number"], "处置中", "事件 · 公众热线", "立案条件", "主办 市政公用服务中心", "人民路1号",
        "113.302500, 23.102500", "处置时限", "到期", "时限说明书", "因此到期时间为", "办理经过",
        "派遣员 dispatcher1先生 派遣 → 市政公用服务中心", "值班长 shift_leader1先生 立案", "138****5678",
    ):  # fmt: skip
        assert part in text, part
    assert "13812345678" not in page
    # the newest first, every clock explained once
    assert text.index("签收", text.index("办理经过")) < text.index("派遣 →") < text.rindex("登记")
    assert page.count("<summary>处置时限") == 1
    assert page.count('<ol class="stages"') == 1
    ended = backend.reach("closed", HERE, "muni")
    assert "按期结案" in said(web("muni1").get(f"/cases/{ended['case_id']}"))


def test_every_page_forbids_foreign_code(backend: Backend, web: Browsers) -> None:
    case = backend.reach("pending_sign")
    for path in (
        "/",
        "/reports",
        "/register",
        f"/cases/{case['case_id']}",
        f"/cases/{case['case_id']}/sign",
        "/nowhere",
    ):
        answer = web("muni1").request("GET", f"/seat{path}")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=", answer.text)
    for name in ("seat.css", "seat.js", "mark.svg"):
        answer = Web(backend).request("GET", f"/seat/static/{name}")
        assert answer.status_code == 200
        assert "max-age" in answer.headers["cache-control"]
    assert Web(backend).request("GET", "/seat/static/../app.py").status_code == 404
    assert Web(backend).request("GET", "/seat/static/other.css").status_code == 404


def test_signing_is_one_tap_on_the_page_of_the_case(backend: Backend, web: Browsers) -> None:
    case = backend.reach("pending_sign")
    page = web("muni1").get(f"/cases/{case['case_id']}")
    form = next(form for form in forms_in(page) if "command_id" in form)
    assert form["base_xver"] == str(case["xver"])
    path = f"/cases/{case['case_id']}/sign"
    first, second = web("muni1").post(path, form), web("muni1").post(path, form)
    assert first.headers["location"] == second.headers["location"]
    assert "已签收" in web("muni1").answer(first)
    # a tap on a page that has grown stale
    refused = web("muni1").post(path, {**form, "command_id": uuid7()})
    assert refused.status_code == 409
    assert "对方先办了这件" in said(refused.text)
    assert "案件现在是“处置中”" in said(refused.text)


def test_case_that_ended_off_the_line_has_no_steps(backend: Backend, web: Browsers) -> None:
    case = backend.reach("pending_sign")
    ended = backend.seat("shift_leader1").do("cancel", case, reason="重复上报")
    assert ended["outcome"] == "applied"
    page = web("muni1").get(f"/cases/{case['case_id']}")
    assert '<ol class="stages"' not in page
    assert "已结束" in said(page)
    assert "结束时间" in said(page)
    closed = web("muni1").get(f"/cases/{case['case_id']}/sign", 409)
    assert "案件现在是“作废”" in said(closed)
    assert "作废 ：重复上报" in said(page)
