"""A console without a screen: the real stores, overlay, desk, sender and feed, put together for tests."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from services.domain.roles import Actor
from services.ports.centre import CentreGateway
from services.store.cache import SqlCaseCache
from services.store.outbox import SqlOutbox
from services.store.stores import Stores, open_stores
from services.sync.centre_time import CentreTimeKeeper
from services.sync.feed import Feed
from services.sync.overlay import Overlay
from services.sync.sender import Sender
from services.usecases.desk import Desk, Ground
from services.usecases.world import World

#: a small invented centre as `/reference` gives it
REFERENCE: dict[str, Any] = {
    "version": "r1",
    "categories": [
        {
            "code": "event-0110", "name": "暴露生活垃圾", "major": "event-01", "major_name": "市容环境", "dept": "sani",
            "safety": False,
            "conditions": [
                {"text": "未入容器", "limit": {"amount": 4, "unit": "work_hour"}, "closing": "清理", "dept": None},
                {"text": "大面积", "limit": {"amount": 2, "unit": "work_day"}, "closing": "清除", "dept": "street"},
            ],
        },
        {
            "code": "component-0101", "name": "上水井盖", "major": "component-01", "major_name": "公用设施",
            "dept": "water", "safety": True,
            "conditions": [
                {"text": "缺失", "limit": {"amount": 2, "unit": "urgent_hour"}, "closing": "恢复", "dept": None}
            ],
        },
    ],
    "departments": [
        {"id": "sani", "name": "市容环卫中心", "short": "环卫", "kind": "dept", "area_code": None, "active": True,
         "pinyin": "shironghuanweizhongxin", "initials": "srhwzx"},
        {"id": "water", "name": "供水企业", "short": "供水", "kind": "dept", "area_code": None, "active": True,
         "pinyin": "gongshuiqiye", "initials": "gsqy"},
        {"id": "gone", "name": "已撤销单位", "short": "", "kind": "dept", "area_code": None, "active": False,
         "pinyin": "", "initials": ""},
    ],
    "roster": [
        {"user": "sup1", "name": "方知夏", "role": "supervisor", "dept": None, "area_code": "440106001001",
         "phone_masked": "138****0000", "on_duty": True, "lon": 113.36, "lat": 23.12,
         "seen_at": "2026-11-23T00:59:00Z"},
        {"user": "hand1", "name": "陆行", "role": "handler", "dept": "sani", "area_code": "440106001001",
         "phone_masked": "", "on_duty": False, "lon": None, "lat": None, "seen_at": None},
    ],
    "calendar": {
        "zone": "Asia/Shanghai", "slots": [["08:00", "12:00"], ["14:00", "18:00"]], "week": [0, 1, 2, 3, 4],
        "day_hours": 8, "holidays": [{"date": "2026-10-01", "name": "国庆节"}],
        "workdays": [{"date": "2026-10-10", "name": "调休"}],
    },
    "windows": [],
    "sources": [{"id": "patrol", "name": "监督员巡查"}, {"id": "hotline", "name": "公众热线"}],
    "settings": {
        "confirm_after_s": 600, "a_later_setting": 7, "stage_limits": {"accept": {"amount": 20, "unit": "minute"}},
    },
    "kpis": [],
}  # fmt: skip

REGISTER = {
    "kind": "event",
    "source": "patrol",
    "description": "路边有垃圾堆积",
    "location": {"lon": 113.361, "lat": 23.124, "address": "示例路 1 号"},
}
ACCEPTOR = Actor("acc1", "林晓禾", ("acceptor",), "440106")
DISPATCHER = Actor("disp1", "江予安", ("dispatcher",), "440106")
LEADER = Actor("lead1", "顾怀舟", ("shift_leader",), "440106")
SANI = Actor("sani1", "环卫受理", ("dept_user",), "440106", "sani")


class HandClock:
    """A clock moved by hand."""

    def __init__(self, start: datetime = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)) -> None:
        self.start = start
        self.elapsed = 0.0

    def wall(self) -> datetime:
        return self.start + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return 1000.0 + self.elapsed

    def pass_(self, seconds: float) -> None:
        self.elapsed += seconds


class CountedIds:
    """UUIDs in order, the same on every run; `space` keeps two consoles apart."""

    def __init__(self, space: int = 0) -> None:
        self._space = space
        self._count = itertools.count(1)

    def new_id(self) -> str:
        return f"0193{self._space:04x}-0000-7000-8000-{next(self._count):012x}"


def quick_folder() -> Path:
    """A fresh folder in memory where the system has one; these tests are about logic, not about disks."""
    memory = Path("/dev/shm")
    base = str(memory) if memory.is_dir() and os.access(memory, os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix="griddesk-core-", dir=base))


@dataclass
class ConsoleCore:
    """A console's core on a folder. `restart` is a kill and a new start: the stores are opened again."""

    folder: Path
    gateway: CentreGateway
    actor: Actor
    clock: Any
    ids: Any
    reference: dict[str, Any] | None = None
    key: bytes | None = None
    synchronous: str = "OFF"
    #: planted mistakes: subclasses that take the place of the real classes
    outbox_class: type[SqlOutbox] = SqlOutbox
    cache_class: type[SqlCaseCache] = SqlCaseCache
    feed_class: type[Feed] = Feed

    def __post_init__(self) -> None:
        self.saved: list[str] = []
        self.open()

    def open(self) -> None:
        """Open the stores and put the parts together."""
        self.stores: Stores = open_stores(self.folder, self.key, synchronous=self.synchronous)
        self.outbox, self.cache = self.stores.outbox, self.stores.cache
        self.outbox.__class__, self.cache.__class__ = self.outbox_class, self.cache_class
        if self.reference is not None and self.cache.document("reference").doc is None:
            self.cache.put_document("reference", "r1", self.reference)
        self.time = CentreTimeKeeper(self.clock, self.cache.position().server_time)
        self.world = World(self.cache, self.clock, self.time)
        self.world.sign_in(self.actor)
        self.overlay = Overlay(self.outbox, self.cache, self.world)
        self.desk = Desk(
            Ground(
                self.outbox,
                self.overlay,
                self.world,
                self.time,
                self.clock,
                self.ids,
                "console-1",
                self._saved,
            )
        )
        self.sender = Sender(self.outbox, self.gateway, self.ids, self.clock, lambda: 0.5)
        self.feed = self.feed_class(self.cache, self.gateway)

    def _saved(self, *commands: Any) -> None:
        self.overlay.touch(command.case_id for command in commands)
        self.saved.extend(command.command_id for command in commands)

    def restart(self) -> None:
        """Die and start again on the same files."""
        self.stores.close()
        self.open()

    def pull(self) -> Any:
        """One step of the feed, announced as the engine does."""
        report = self.feed.step(0)
        self.time.heard(report.server_time)
        if report.copied:
            self.overlay.copied()
        self.overlay.arrived(report.changes)
        self.overlay.touch(report.changed | report.left)
        return report

    def push(self) -> Any:
        """One round of the sender, announced as the engine does."""
        report = self.sender.step()
        self.overlay.decided(report.outcomes)
        self.overlay.touch(command.case_id for command in report.changed)
        return report

    def catch_up(self) -> None:
        """Pull until there is nothing more."""
        while not self.pull().caught_up:
            pass

    def close(self) -> None:
        """Close the stores and remove the folder."""
        self.stores.close()
        shutil.rmtree(self.folder, ignore_errors=True)
