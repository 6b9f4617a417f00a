"""Waiting for the head of the log without holding anything."""

from __future__ import annotations

import asyncio
import threading
import time

from services.backend.feed_hub import FeedHub, Recent
from services.backend.history import Lru
from services.backend.http.metrics import Metrics


def test_waiters_wake_when_the_head_moves_beyond_them() -> None:
    async def scene() -> None:
        hub = FeedHub()
        hub.open(asyncio.get_running_loop(), 5)
        assert await hub.beyond(4, 10) is True
        begun = time.monotonic()
        assert await hub.beyond(5, 0.05) is False and time.monotonic() - begun < 2
        waiting = [asyncio.create_task(hub.beyond(seq, 10)) for seq in (5, 6, 7)]
        await asyncio.sleep(0.01)
        threading.Thread(target=lambda: (hub.tell(6), hub.tell(3))).start()
        assert await asyncio.wait_for(waiting[0], 5) is True
        assert hub.head == 6 and not waiting[1].done()
        hub.tell(8)
        assert await asyncio.gather(*waiting[1:]) == [True, True]

    asyncio.run(scene())


def test_closing_answers_everybody() -> None:
    async def scene() -> FeedHub:
        hub = FeedHub()
        hub.open(asyncio.get_running_loop(), 0)
        waiting = [asyncio.create_task(hub.beyond(0, 60)) for _ in range(3)]
        await asyncio.sleep(0.01)
        hub.close()
        assert await asyncio.wait_for(asyncio.gather(*waiting), 5) == [False] * 3
        assert hub.closed and await hub.beyond(0, 60) is False
        return hub

    async def again() -> None:
        hub.open(asyncio.get_running_loop(), 1)
        assert not hub.closed and await hub.beyond(0, 1)

    hub = asyncio.run(scene())
    hub.tell(9)  # nobody serves any more: nothing happens
    asyncio.run(again())


def test_a_hub_that_was_never_opened_takes_news() -> None:
    hub = FeedHub()
    hub.tell(3)
    hub.close()
    assert hub.head == 3


def test_the_least_recently_used_goes_first() -> None:
    kept: Lru[int, str] = Lru(2)
    kept.put(1, "a")
    kept.put(2, "b")
    assert kept.get(1) == "a"
    kept.put(3, "c")
    assert (kept.get(1), kept.get(2), kept.get(3)) == ("a", None, "c")
    kept.clear()
    assert kept.get(1) is None


def test_metrics_are_prometheus_text() -> None:
    metrics = Metrics()
    metrics.request("/v1/me", 200, 0.004)
    metrics.request("/v1/me", 200, 20.0)
    metrics.request("/v1/me", 500, 0.2)
    metrics.outcome("applied")
    text = metrics.text({"feed_head": 7.0})
    for line in (
        'griddesk_requests_total{route="/v1/me",status="200"} 2',
        'griddesk_request_seconds_bucket{route="/v1/me",le="0.005"} 1',
        'griddesk_request_seconds_bucket{route="/v1/me",le="10.0"} 2',
        'griddesk_request_seconds_bucket{route="/v1/me",le="+Inf"} 3',
        'griddesk_request_seconds_count{route="/v1/me"} 3',
        'griddesk_commands_total{outcome="applied"} 1',
        "griddesk_feed_head 7",
    ):
        assert line in text.splitlines(), line


def test_recent_rows_reach_back_as_far_as_they_are_kept() -> None:
    recent = Recent(most=3)
    recent.start(10)
    assert recent.after(10, 5) == [] and recent.after(9, 5) is None and recent.after(11, 5) is None
    rows = [{"seq": seq} for seq in range(11, 16)]
    recent.add(rows[:2])
    assert (
        recent.after(10, 5) == rows[:2]
        and recent.after(10, 1) == rows[:1]
        and recent.after(11, 5) == rows[1:2]
    )
    recent.add(rows[2:])
    assert recent.last == 15 and recent.after(12, 9) == rows[2:] and recent.after(11, 9) is None
    recent.add([{"seq": 20}])  # a hole: what was kept no longer joins
    assert recent.last == 20 and recent.after(14, 9) is None and recent.after(20, 9) == []


def test_news_in_a_busy_stretch_come_together() -> None:
    async def scene() -> None:
        hub = FeedHub()
        hub.open(asyncio.get_running_loop(), 0)
        hub.tell(1)
        hub.tell(2)
        assert hub.busy
        waiting = [asyncio.create_task(hub.beyond(2, 10)) for _ in range(40)]
        await asyncio.sleep(0.01)
        assert hub.waiting == 40
        hub.tell(3)
        await asyncio.sleep(0.01)
        assert not any(one.done() for one in waiting)
        hub.tell(4)
        assert all(await asyncio.wait_for(asyncio.gather(*waiting), 5)) and hub.head == 4 and hub.waiting == 0

    asyncio.run(scene())
