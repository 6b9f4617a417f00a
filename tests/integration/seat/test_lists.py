"""The lists of the seats, on both databases: who sees what, in which order, with which figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.backend.seat import lists
from tests.integration.seat.web import Web, forms_in, said
from tests.support.centre import HERE, THERE, Backend, furnish_url, running


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def backend(
    request: pytest.FixtureRequest, seat_template: bytes, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Backend]:
    """A furnished centre on each database."""
    folder: Path = tmp_path_factory.mktemp("seat_lists")
    if request.param == "sqlite":
        (folder / "centre.db").write_bytes(seat_template)
        with running(f"sqlite:///{folder / 'centre.db'}", folder) as served:
            yield served
        return
    cluster = request.getfixturevalue("pg_cluster")
    name = cluster.create(cluster.template("furnished", furnish_url))
    with running(cluster.url(name), folder) as served:
        yield served
    cluster.drop(name)


@pytest.fixture(scope="module")
def browsers(backend: Backend) -> dict[str, Web]:
    """Signed-in browsers, and one case in every state in both streets."""
    for where, dept in ((HERE, "muni"), (THERE, "sani")):
        for state in ("pending_sign", "handling", "feedback_review", "reported"):
            backend.reach(state, where, dept)
    backend.reach("closed", HERE, "muni")
    urgent = backend.reach("pending_sign", HERE, "muni", description="路面塌陷")
    backend.seat("dispatcher1").do("flag_urgent", urgent)
    found = {}
    for name in (
        "muni1",
        "sani1",
        "green1",
        "street1",
        "handler1",
        "supervisor1",
        "grid_worker1",
        "leader1",
        "evaluator1",
    ):
        found[name] = Web(backend, name)
        found[name].sign_in()
    return found


def counts(page: str) -> dict[str, str]:
    """The figure on each tab."""
    return dict(re.findall(r">([^<>]+) <span class=\"count\">([^<]+)</span></a>", page))


def numbers(page: str) -> list[str]:
    """The case numbers of the rows, in order."""
    return re.findall(r'<span class="number">([^<]+)</span>', page)


def test_a_unit_sees_its_own_cases_with_true_figures(browsers: dict[str, Web]) -> None:
    page = browsers["muni1"].get("/")
    assert counts(page) == {
        "待签收": "2", "处置中": "1", "挂账": "0", "待审批": "0", "已反馈": "1", "最近结案": "1",
    }  # fmt: skip
    for tab, count in (
        ("sign", 2),
        ("work", 1),
        ("suspended", 0),
        ("pending", 0),
        ("done", 1),
        ("recent", 1),
    ):
        assert len(numbers(browsers["muni1"].get(f"/?tab={tab}"))) == count, tab
    assert counts(browsers["sani1"].get("/"))["待签收"] == "1"
    assert set(numbers(browsers["sani1"].get("/?tab=sign"))).isdisjoint(
        numbers(browsers["muni1"].get("/?tab=sign"))
    )


def test_empty_lists_say_so(browsers: dict[str, Web]) -> None:
    text = said(browsers["green1"].get("/"))
    assert "没有待签收的案件" in text
    assert "没有挂账的案件" in said(browsers["muni1"].get("/?tab=suspended"))
    assert "没有待签收的案件" in said(browsers["green1"].get("/?tab=nonsense&page=99999999"))


def test_urgent_comes_first(browsers: dict[str, Web]) -> None:
    page = browsers["muni1"].get("/?tab=sign")
    rows = re.findall(r'<li class="row">.*?</li>', page, flags=re.S)
    assert "急要件" in rows[0]
    assert "level l3" in rows[0]
    assert "路面塌陷" in rows[0]
    assert "急要件" not in rows[1]


def test_reading_roles_see_their_area(browsers: dict[str, Web]) -> None:
    assert counts(browsers["leader1"].get("/")) == {"超时": "0", "在办": "9", "最近结案": "1"}
    assert counts(browsers["supervisor1"].get("/")) == {"待核实": "0", "待核查": "0"}
    assert counts(browsers["handler1"].get("/")) == {"指派给我": "0", "挂账": "0", "已反馈": "0"}
    assert counts(browsers["evaluator1"].get("/")) == {"申诉待裁定": "0", "最近结案": "1"}
    assert "还没有上报过" in said(browsers["grid_worker1"].get("/"))
    # a street office that leads nothing here has nothing to do
    assert set(counts(browsers["street1"].get("/")).values()) == {"0"}


def test_late_cases_are_counted_by_wall_time(backend: Backend, browsers: dict[str, Web]) -> None:
    with backend.later(days=40):
        assert counts(browsers["leader1"].get("/"))["超时"] == "9"
        page = browsers["leader1"].get("/?tab=late")
        assert re.search(r'class="left over3".*?超 \d+天 \d\d:\d\d', page, flags=re.S)
        assert counts(browsers["leader1"].get("/"))["最近结案"] == "0"


def test_long_lists_have_pages(browsers: dict[str, Web], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 4)
    every = numbers(browsers["leader1"].get("/?tab=open"))
    second = browsers["leader1"].get("/?tab=open&page=2")
    third = browsers["leader1"].get("/?tab=open&page=99")
    assert "第 2 / 3 页" in said(second)
    assert "第 3 / 3 页" in said(third)
    seen = every + numbers(second) + numbers(third)
    assert len(seen) == len(set(seen)) == 9


def test_list_that_was_cut_off_says_so(browsers: dict[str, Web], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_OPEN", 3)
    page = browsers["leader1"].get("/?tab=open")
    assert counts(page)["在办"] == "3+"
    assert "只列出最紧的一部分" in said(page)


def test_own_reports_are_ones_own(backend: Backend, browsers: dict[str, Web]) -> None:
    form = browsers["grid_worker1"].form("/register")
    typed = {"description": "垃圾满溢 <i>急</i>", "lon": str(HERE["lon"]), "lat": str(HERE["lat"])}
    assert browsers["grid_worker1"].post("/register", {**form, **typed}).status_code == 303
    page = browsers["grid_worker1"].get("/")
    assert len(numbers(page)) == 1
    assert "垃圾满溢 &lt;i&gt;" in page
    assert "待受理" in page
    assert numbers(browsers["supervisor1"].get("/reports")) == []
    assert forms_in(page)[-1].keys() == {"form_token"}


def test_case_page_tells_facts_clock_and_story(backend: Backend, browsers: dict[str, Web]) -> None:
    case = backend.reach("handling", HERE, "muni", description="井盖破损，联系 13812345678")
    page = browsers["muni1"].get(f"/cases/{case['case_id']}")
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
    assert "按期结案" in said(browsers["muni1"].get(f"/cases/{ended['case_id']}"))


def test_every_page_forbids_foreign_code(backend: Backend, browsers: dict[str, Web]) -> None:
    case = backend.reach("pending_sign")
    for path in (
        "/",
        "/reports",
        "/register",
        f"/cases/{case['case_id']}",
        f"/cases/{case['case_id']}/sign",
        "/nowhere",
    ):
        answer = browsers["muni1"].request("GET", f"/seat{path}")
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
