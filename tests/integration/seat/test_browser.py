"""The seats in a real browser of a phone's width: taps, camera files, double clicks, reloads, dead lines, no script."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.integration.seat.web import picture
from tests.support.browser import start_browser
from tests.support.centre import HERE, PASSWORD, Backend, running
from tests.support.demo_centre import RunningCentre

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
WAIT_S = 15


class Phone:
    """A browser of 360 pixels and the few things a person does with it."""

    def __init__(self, driver: Chrome, centre: RunningCentre) -> None:
        self.driver = driver
        self.centre = centre
        metrics = {"width": 360, "height": 760, "deviceScaleFactor": 2, "mobile": True}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def open(self, path: str) -> None:
        self.driver.get(f"{self.centre.url}/seat{path}")
        self.check_width()

    def check_width(self) -> None:
        """Nothing has to be pushed sideways."""
        wide = self.driver.execute_script("return document.documentElement.scrollWidth")
        assert wide <= 360, (wide, self.driver.current_url)

    def one(self, css: str) -> Any:
        return self.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, css))

    def wait(self, condition: Callable[[Chrome], Any]) -> Any:
        """Ask until it holds; a page that is replaced while it is read is asked again."""
        return WebDriverWait(self.driver, WAIT_S, 0.05, [WebDriverException]).until(condition)

    def tap(self, css: str) -> None:
        self.one(css).click()

    def type(self, name: str, text: str) -> None:
        self.one(f"[name={name}]").send_keys(text)

    def text(self) -> str:
        return str(self.one("main").text)

    def value(self, name: str) -> str:
        return str(self.one(f"[name={name}]").get_property("value"))

    def wait_text(self, words: str) -> None:
        self.wait(lambda driver: words in driver.find_element(By.TAG_NAME, "main").text)

    def sign_in(self, username: str) -> None:
        self.open("/")
        self.type("username", username)
        self.one("[name=password]").send_keys(PASSWORD, Keys.ENTER)
        self.wait(lambda driver: driver.find_element(By.CLASS_NAME, "foot"))
        self.check_width()

    def script(self, on: bool) -> None:
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not on})

    def complaints(self) -> list[str]:
        """What the console of the browser has to complain about: policy breaches, script errors."""
        return [
            str(entry["message"]) for entry in self.driver.get_log("browser") if entry["source"] != "network"
        ]


@pytest.fixture(scope="module")
def served(seat_template: bytes) -> Iterator[tuple[RunningCentre, dict[str, list[dict[str, Any]]]]]:
    """A centre in a process of its own, with cases in several states."""
    folder = Path(tempfile.mkdtemp(prefix="griddesk-seat-"))
    (folder / "centre.db").write_bytes(seat_template)
    cases: dict[str, list[dict[str, Any]]] = {}
    with running(f"sqlite:///{folder / 'centre.db'}", folder) as made:
        for state, count in (("pending_sign", 2), ("handling", 6), ("checking", 1)):
            cases[state] = [made.reach(state) for _ in range(count)]
    centre = RunningCentre(folder)
    centre.start()
    yield centre, cases
    centre.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One chromium for the module; like the fixture `browser`, but begun once."""
    try:
        started = start_browser(tmp_path_factory.mktemp("chromium") / "profile")
    except FileNotFoundError as missing:
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    yield started
    started.quit()


@pytest.fixture
def phone(driver: Chrome, served: tuple[RunningCentre, Any]) -> Iterator[Phone]:
    """A phone at the running centre; afterwards nothing of the person is left on it."""
    found = Phone(driver, served[0])
    yield found
    found.script(on=True)
    driver.get("about:blank")
    everything = {"origin": served[0].url, "storageTypes": "all"}
    driver.execute_cdp_cmd("Storage.clearDataForOrigin", everything)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    driver.get_log("browser")


def actions_of(centre: RunningCentre, case: dict[str, Any]) -> list[str]:
    """The actions of a case as its log has them, read beside the running centre."""
    with running(f"sqlite:///{centre.folder / 'centre.db'}", centre.folder) as beside:
        return story_of(beside, case)


def story_of(backend: Backend, case: dict[str, Any]) -> list[str]:
    found = backend.seat("shift_leader1").get(f"/cases/{case['case_id']}").json()
    return [change["action"] for change in found["timeline"]]


def test_a_unit_signs_and_feeds_back_from_the_phone(
    phone: Phone, served: tuple[RunningCentre, Any], tmp_path: Path
) -> None:
    centre, cases = served
    case = cases["pending_sign"][0]
    phone.sign_in("muni1")
    phone.tap(f"a[href$='{case['case_id']}']")
    phone.check_width()
    # signing needs no page of its own; a double tap is one tap
    phone.driver.execute_script("var b=document.querySelector('.actions button.main'); b.click(); b.click();")
    phone.wait_text("已签收")
    phone.check_width()
    phone.tap("a.main")
    phone.tap(".actions a[href$='/feed_back']")
    phone.check_width()
    for n, colour in enumerate(("green", "blue")):
        file = tmp_path / f"照片{n}.jpg"
        file.write_bytes(picture(colour, (900, 600), exif=True))
        # each shot takes a fresh input; the earlier ones stay in the form
        phone.one("label.pick:not([hidden]) input[name=photos]").send_keys(str(file))
        phone.wait(lambda driver, n=n: len(driver.find_elements(By.CSS_SELECTOR, ".previews img")) == n + 1)
    names = "return Array.from(document.querySelectorAll('.previews img')).map(i => i.alt)"
    assert phone.driver.execute_script(names) == ["照片0.jpg", "照片1.jpg"]
    phone.type("result", "已更换井盖")
    phone.type("public_reply", "您好，井盖已更换。")
    phone.check_width()
    # two clicks in one turn of the event loop
    phone.driver.execute_script("var b=document.querySelector('#act button.main'); b.click(); b.click();")
    phone.wait_text("已反馈")
    assert "照片 2 张" in phone.text()
    answer, told = phone.driver.current_url, phone.text()
    phone.driver.refresh()
    phone.wait_text("已反馈")
    assert (phone.driver.current_url, phone.text()) == (answer, told)
    assert actions_of(centre, case)[-2:] == ["sign", "feed_back"]
    phone.tap("a.main")
    loaded = "return Array.from(document.images).every(i => i.complete && i.naturalWidth > 0)"
    phone.driver.execute_script("document.querySelectorAll('img').forEach(i => { i.loading = 'eager'; })")
    phone.wait(lambda driver: driver.execute_script(loaded))
    assert phone.complaints() == []


def test_dead_line_keeps_the_form_and_the_same_command(
    phone: Phone, served: tuple[RunningCentre, Any], tmp_path: Path
) -> None:
    centre, cases = served
    case = cases["handling"][0]
    phone.sign_in("muni1")
    phone.open(f"/cases/{case['case_id']}/feed_back")
    file = tmp_path / "现场.jpg"
    file.write_bytes(picture("brown", (400, 300)))
    phone.one("input[name=photos]").send_keys(str(file))
    phone.type("result", "断网时写的处置情况")
    command_id = phone.value("command_id")
    centre.stop()
    phone.tap("#act button.main")
    phone.wait_text("没有送出")
    assert "已存在这台设备上" in phone.text()
    assert phone.value("result") == "断网时写的处置情况"
    phone.check_width()
    phone.tap("#act button.main")
    phone.wait(lambda driver: driver.find_element(By.CSS_SELECTOR, "#act button.main").is_enabled())
    centre.start()
    assert phone.value("command_id") == command_id
    phone.tap("#act button.main")
    phone.wait_text("已反馈")
    assert "照片 1 张" in phone.text()
    assert phone.driver.current_url.endswith(command_id)
    assert actions_of(centre, case).count("feed_back") == 1


def test_lost_answer_is_asked_for_again_with_the_same_id(
    phone: Phone, served: tuple[RunningCentre, Any]
) -> None:
    centre, cases = served
    case = cases["handling"][1]
    phone.sign_in("muni1")
    phone.open(f"/cases/{case['case_id']}/comment")
    phone.type("text", "答复丢失的备注")
    command_id = phone.value("command_id")
    # the command arrives and is applied, but its answer never reaches the page
    phone.driver.execute_async_script(
        """var done = arguments[0], form = document.getElementById('act'), data = new FormData(form);
        var request = new XMLHttpRequest();
        request.open('POST', location.href);
        request.onload = function () { done(request.status); };
        request.send(data);"""
    )
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    phone.driver.execute_cdp_cmd("Network.enable", {})
    phone.driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    phone.tap("#act button.main")
    phone.wait_text("没有送出")
    phone.driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    # the page is thrown away and opened anew: the draft brings contents and id back
    phone.open(f"/cases/{case['case_id']}/comment")
    phone.wait_text("上次提交没有收到答复")
    assert phone.value("text") == "答复丢失的备注"
    assert phone.value("command_id") == command_id
    phone.tap("#act button.main")
    phone.wait_text("备注已添加")
    assert phone.driver.current_url.endswith(command_id)
    assert actions_of(centre, case).count("comment") == 1
    phone.open(f"/cases/{case['case_id']}/comment")
    assert phone.value("text") == "", "the draft is gone after success"
    assert phone.value("command_id") != command_id


def test_draft_survives_a_reload_and_can_be_thrown_away(
    phone: Phone, served: tuple[RunningCentre, Any]
) -> None:
    case = served[1]["handling"][2]
    phone.sign_in("muni1")
    phone.open(f"/cases/{case['case_id']}/return_case")
    phone.type("reason", "写到一半")
    phone.driver.refresh()
    phone.wait_text("已恢复上次没有提交的内容")
    assert phone.value("reason") == "写到一半"
    phone.tap("#unsent button")
    phone.wait(lambda driver: driver.find_element(By.NAME, "reason").get_property("value") == "")
    # what the server finds wrong is said at the field, and the page keeps its place
    phone.type("reason", "只有理由")
    phone.driver.execute_script("document.querySelector('[name=basis]').removeAttribute('required')")
    phone.tap("#act button.main")
    phone.wait_text("依据：请填写")
    assert phone.value("reason") == "只有理由"
    phone.check_width()
    phone.tap("button.small[type=submit]")
    phone.one("#password")
    assert phone.driver.execute_script("return localStorage.length") == 0, "drafts leave with the person"


def test_everything_essential_works_without_script(phone: Phone, served: tuple[RunningCentre, Any]) -> None:
    centre, cases = served
    case = cases["pending_sign"][1]
    phone.script(False)
    phone.sign_in("muni1")
    phone.open(f"/cases/{case['case_id']}/sign")
    phone.tap("button.main")
    phone.wait_text("已签收")
    told = phone.text()
    phone.driver.refresh()
    phone.wait_text("已签收")
    assert phone.text() == told
    phone.open(f"/cases/{case['case_id']}/comment")
    phone.type("text", "没有脚本也能写")
    phone.tap("button.main")
    phone.wait_text("备注已添加")
    assert actions_of(centre, case)[-2:] == ["sign", "comment"]
    # a refused form stands on the answer to the POST itself; reloading it sends the same command again
    phone.open(f"/cases/{case['case_id']}/apply_extension")
    phone.type("reason", "等待配件")
    with running(f"sqlite:///{centre.folder / 'centre.db'}", centre.folder) as beside:
        seen = beside.seat("muni1").get(f"/cases/{case['case_id']}").json()
        assert beside.seat("muni1").do("assign", seen, to="u-handler1")["outcome"] == "applied"
    phone.tap("button.main")
    phone.wait_text("对方先办了这件")
    phone.driver.refresh()
    phone.wait_text("对方先办了这件")
    assert phone.value("reason") == "等待配件"
    phone.tap("button.main")
    phone.wait_text("延期申请已提交")
    assert actions_of(centre, case).count("apply_extension") == 1


def test_supervisor_takes_position_and_reports(phone: Phone, served: tuple[RunningCentre, Any]) -> None:
    centre, cases = served
    case = cases["checking"][0]
    phone.driver.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["geolocation"], "origin": centre.url}
    )
    spot = {"latitude": HERE["lat"], "longitude": HERE["lon"] + 0.001, "accuracy": 9}
    phone.driver.execute_cdp_cmd("Emulation.setGeolocationOverride", spot)
    phone.sign_in("supervisor1")
    phone.open(f"/cases/{case['case_id']}/check_pass")
    phone.tap(".locate")
    phone.wait_text("已定位，精度约 9 米。距案件位置 102 米。")
    assert phone.value("lon") == "113.303500"
    phone.tap("#act button.main")
    phone.wait_text("现场位置 113.303500,23.102500（定位精度 9 米），距案件位置 102 米。")
    phone.open("/register")
    phone.type("description", "路面积水")
    phone.tap(".locate")
    phone.wait_text("已定位")
    phone.check_width()
    phone.tap("#act button.main")
    phone.wait_text("已登记")
    phone.open("/reports")
    assert "路面积水" in phone.text()
    assert phone.complaints() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_fit_a_narrow_screen_in_both_themes(
    phone: Phone, served: tuple[RunningCentre, Any], theme: str
) -> None:
    case = served[1]["handling"][3]
    media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    phone.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    phone.sign_in("muni1")
    forms = (
        "feed_back",
        "assign",
        "contact_citizen",
        "apply_extension",
        "apply_suspend",
        "return_case",
        "attach",
    )
    for path in ("/", "/?tab=work", "/reports", "/register", "/password", f"/cases/{case['case_id']}"):
        phone.open(path)
    for action in forms:
        phone.open(f"/cases/{case['case_id']}/{action}")
    ground = phone.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(233, 237, 241)", "dark": "rgb(14, 18, 22)"}[theme]
    clocks = "return document.querySelector('[data-left]').textContent"
    first = (
        phone.driver.execute_script(clocks)
        if phone.driver.find_elements(By.CSS_SELECTOR, "[data-left]")
        else None
    )
    if first is not None and "天" not in first:
        phone.wait(lambda driver: driver.execute_script(clocks) != first)
    assert phone.complaints() == []
