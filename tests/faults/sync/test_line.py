"""Long fault runs of a console's core against a real centre: kills, cuts, flapping, backlogs."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ports.picture import NO_ANSWER, OFFLINE, ONLINE, CaseQuery
from tests.integration.sync.running import (
    RunningConsole,
    check_effects,
    drop,
    fresh_folder,
    kill_in_mid_click,
    nothing_lost_nothing_doubled,
    running_console,
)
from tests.support import proxy as toxic
from tests.support.demo_centre import RunningCentre
from tests.support.proxy import Proxy, proxy_to

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600), pytest.mark.allow_log(logger="urllib3")]
SEED = 20261123


@pytest.fixture
def line(demo_centre: RunningCentre) -> Iterator[Proxy]:
    with proxy_to(demo_centre.port) as proxy:
        yield proxy


def pause(seconds: float) -> None:
    """Let the other side have its time."""
    threading.Event().wait(seconds)


def test_twenty_kills_of_a_console_in_mid_click(demo_centre: RunningCentre, tmp_path: Path) -> None:
    rng = random.Random(SEED)
    folder, history = fresh_folder(), tmp_path / "history"
    try:
        for _ in range(20):
            kill_in_mid_click(folder, demo_centre, history, rng.uniform(0.0, 0.5))
        shown = nothing_lost_nothing_doubled(folder, demo_centre, history)
        print(f"20 kills, seed {SEED}: {shown} clicks shown as saved, 0 lost, 0 doubled")
        assert shown > 100
    finally:
        drop(folder)


def test_twenty_kills_of_the_centre_while_a_console_clicks(demo_centre: RunningCentre) -> None:
    rng = random.Random(SEED)
    clicks: dict[str, tuple[str, str]] = {}
    recovered: list[float] = []
    with running_console(demo_centre, wait_s=1.0) as console:
        console.until(lambda: console.pill.state == ONLINE, 30)
        cases = console.open_cases(10)
        for round_ in range(20):
            for i in range(10):
                case_id, text = cases[i], f"round-{round_}-{i}"
                clicks[console.comment(case_id, text)] = (case_id, text)
                pause(rng.uniform(0.0, 0.03))
            demo_centre.kill()
            console.until(lambda: console.pill.state != ONLINE, 15)
            demo_centre.start()
            recovered.append(console.until(lambda: console.pill.state == ONLINE, 20))
        console.until(console.drained, 60)
        console.all_applied_once(clicks)
    print(f"20 kills: recovered in {max(recovered):.1f} s at most, {len(clicks)} commands, 0 lost, 0 doubled")
    assert max(recovered) <= 10


def test_a_thousand_commands_are_decided_within_a_minute(demo_centre: RunningCentre, line: Proxy) -> None:
    with running_console(demo_centre, line.url, wait_s=2.0) as console:
        console.until(lambda: console.pill.state == ONLINE, 30)
        cases = console.open_cases(60)
        line.mode = toxic.DOWN
        line.cut()
        console.until(lambda: console.pill.state == OFFLINE, 15)
        clicks = {}
        for i in range(1000):
            case_id, text = cases[i % len(cases)], f"backlog-{i}"
            clicks[console.comment(case_id, text)] = (case_id, text)
        line.mode = toxic.OK
        began = time.monotonic()
        console.until(console.drained, 60)
        took = time.monotonic() - began
        print(f"1,000 commands decided {took:.1f} s after the line was back")
        console.all_applied_once(clicks)
    assert took <= 60


def test_a_line_that_falls_silent_is_shown_within_15_s(demo_centre: RunningCentre, line: Proxy) -> None:
    with running_console(demo_centre, line.url) as console:
        console.until(lambda: console.pill.state == ONLINE, 30)
        pause(1)
        line.mode = toxic.SILENT
        took = console.until(lambda: console.pill.state == OFFLINE, 16)
        line.mode = toxic.OK
        line.cut()
        back = console.until(lambda: console.pill.state == ONLINE, 15)
        print(f"silent line: shown after {took:.1f} s, back after {back:.1f} s")
    assert took <= 15
    assert back <= 15


@pytest.mark.parametrize("broken", [toxic.DOWN, toxic.SILENT, toxic.NO_REPLY])
def test_a_flapping_line(demo_centre: RunningCentre, line: Proxy, broken: str) -> None:
    rng = random.Random(f"{SEED}{broken}")
    with running_console(demo_centre, line.url, wait_s=2.0) as console:
        console.until(lambda: console.pill.state == ONLINE, 30)
        cases = console.open_cases(8)
        clicks: dict[str, tuple[str, str]] = {}
        ends = time.monotonic() + 30
        while time.monotonic() < ends:
            line.mode, line.lose = rng.choice([toxic.OK, broken]), 0
            if rng.random() < 0.5:
                line.cut()
            until = time.monotonic() + rng.uniform(0, 5)
            while time.monotonic() < until:
                case_id, text = rng.choice(cases), f"flap-{broken}-{len(clicks)}"
                clicks[console.comment(case_id, text)] = (case_id, text)
                pause(0.2)
        line.mode = toxic.OK
        line.cut()
        took = console.until(console.drained, 60)
        print(f"flapping ({broken}): {len(clicks)} clicks, drained {took:.1f} s after the line was good")
        console.all_applied_once(clicks)


def test_ten_thousand_changes_reach_a_console_within_half_a_minute(
    demo_centre: RunningCentre, line: Proxy
) -> None:
    with running_console(demo_centre, line.url, wait_s=2.0) as console, running_console(demo_centre) as other:
        console.until(lambda: console.pill.state == ONLINE, 30)
        other.until(lambda: other.pill.state == ONLINE, 30)
        line.mode = toxic.DOWN
        line.cut()
        console.until(lambda: console.pill.state == OFFLINE, 15)
        clicks = many_changes(other, 10_000)
        line.mode = toxic.OK
        began = time.monotonic()
        head = other.core.cache.position().cursor
        console.until(lambda: console.core.cache.position().cursor >= head, 60)
        took = time.monotonic() - began
        print(f"10,000 changes applied {took:.1f} s after the line was back")
        mine = {row.case_id: row.version for row in console.core.cache.rows(CaseQuery())}
        theirs = {row.case_id: row.version for row in other.core.cache.rows(CaseQuery())}
        assert mine == theirs
        check_effects(other.gateway, dict(list(clicks.items())[:50]))
    assert took <= 30


def many_changes(console: RunningConsole, count: int) -> dict[str, tuple[str, str]]:
    """Let one console do very much; waits until all of it has come back to it."""
    cases = console.open_cases(60)
    clicks = {}
    for i in range(count):
        case_id, text = cases[i % len(cases)], f"many-{i}"
        clicks[console.comment(case_id, text)] = (case_id, text)
    console.until(console.drained, 400)
    last = max(console.core.outbox.history(len(cases)), key=lambda c: c.version)
    console.until(lambda: (console.core.cache.row(last.case_id) or last).version >= last.version, 60)
    return clicks


def test_answers_that_drip_end_in_time(demo_centre: RunningCentre, line: Proxy) -> None:
    with running_console(demo_centre, line.url, wait_s=0.5) as console:
        console.until(lambda: console.pill.state == ONLINE, 15)
        [case_id] = console.open_cases(1)
        line.mode = toxic.DRIP
        clicks = {console.comment(case_id, "dripping"): (case_id, "dripping")}
        console.until(lambda: console.pill.state in (OFFLINE, NO_ANSWER), 15)
        line.mode = toxic.OK
        console.until(console.drained, 30)
        console.all_applied_once(clicks)
