"""The lists of the seats, on both databases: who sees what, in which order, with which figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.backend.seat import lists
from tests.integration.seat.web import Web, said
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
