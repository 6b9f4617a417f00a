"""Short forms of the fault runs: a real console core, a real centre, a bad line between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ports.picture import OFFLINE, ONLINE
from tests.integration.sync.running import (
    drop,
    fresh_folder,
    kill_in_mid_click,
    nothing_lost_nothing_doubled,
    running_console,
)
from tests.support import proxy as toxic
from tests.support.demo_centre import RunningCentre
from tests.support.proxy import Proxy, proxy_to


@pytest.fixture
def line(demo_centre: RunningCentre) -> Iterator[Proxy]:
    with proxy_to(demo_centre.port) as proxy:
        yield proxy


def test_replies_that_are_lost_after_commit_double_nothing(demo_centre: RunningCentre, line: Proxy) -> None:
    with running_console(demo_centre, line.url, wait_s=0.5) as console:
        console.until(lambda: console.pill.state == ONLINE, 15)
        cases = console.open_cases(4)
        clicks = {}
        for i in range(4):
            line.lost, line.lose, line.mode = 0, 2, toxic.NO_REPLY
            text = f"lost-{i}"
            clicks[console.comment(cases[i % 4], text)] = (cases[i % 4], text)
            console.until(lambda: line.mode == toxic.OK, 15)
        console.until(console.drained, 20)
        console.all_applied_once(clicks)


def test_a_cut_is_shown_and_healed(demo_centre: RunningCentre, line: Proxy) -> None:
    with running_console(demo_centre, line.url, wait_s=1.0) as console:
        console.until(lambda: console.pill.state == ONLINE, 15)
        cases = console.open_cases(20)
        line.mode = toxic.DOWN
        line.cut()
        assert console.until(lambda: console.pill.state == OFFLINE, 15) < 15
        clicks = {
            console.comment(case_id, f"cut-{case_id}"): (case_id, f"cut-{case_id}") for case_id in cases
        }
        assert console.pill.queued == len(cases)
        line.mode = toxic.OK
        assert console.until(lambda: console.pill.state == ONLINE, 15) < 15
        console.until(console.drained, 20)
        console.all_applied_once(clicks)


def test_sliced_answers_are_answers(demo_centre: RunningCentre, line: Proxy) -> None:
    with running_console(demo_centre, line.url, wait_s=0.5) as console:
        console.until(lambda: console.pill.state == ONLINE, 15)
        [case_id] = console.open_cases(1)
        line.mode = toxic.SLICES
        clicks = {console.comment(case_id, "sliced"): (case_id, "sliced")}
        console.until(console.drained, 30)
        console.all_applied_once(clicks)


def test_a_killed_centre_is_found_again(demo_centre: RunningCentre) -> None:
    with running_console(demo_centre, wait_s=1.0) as console:
        console.until(lambda: console.pill.state == ONLINE, 15)
        cases = console.open_cases(8)
        clicks = {console.comment(c, f"kill-{c}"): (c, f"kill-{c}") for c in cases[:4]}
        demo_centre.kill()
        console.until(lambda: console.pill.state == OFFLINE, 15)
        clicks |= {console.comment(c, f"dead-{c}"): (c, f"dead-{c}") for c in cases[4:]}
        demo_centre.start()
        console.until(lambda: console.pill.state == ONLINE, 15)
        console.until(console.drained, 20)
        console.all_applied_once(clicks)


def test_a_console_killed_in_mid_click_loses_nothing(demo_centre: RunningCentre, tmp_path: Path) -> None:
    folder, history = fresh_folder(), tmp_path / "history"
    try:
        for after_s in (0.05, 0.21):
            kill_in_mid_click(folder, demo_centre, history, after_s)
        assert nothing_lost_nothing_doubled(folder, demo_centre, history) > 5
    finally:
        drop(folder)
