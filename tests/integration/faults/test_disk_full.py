"""F15: the disk of the console is full. A clear refusal at once, nothing half-saved, and all goes on with room."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.domain.digest import digest
from services.ports.errors import StorageFull
from services.ports.outbox import NewAttachment, NewCommand, SavedCommand
from services.usecases.desk import attachment
from tests.integration.faults.ground import Disk, Hall, act, engine_of, say
from tests.support.console_core import ConsoleCore

LONG = "长" * 3000


def disk_of(core: ConsoleCore) -> Disk:
    """The disk under both files of a console."""
    return Disk(core.outbox._file._open(), core.cache._file._open())


def until_refused(core: ConsoleCore, case_id: str, clicks: list[SavedCommand]) -> float:
    """Click until the disk is full; the seconds the refusal took. What was saved before goes into `clicks`."""
    for n in range(60):
        began = time.monotonic()
        try:
            clicks.append(say(core, case_id, f"{n} {LONG}"))
        except StorageFull as full:
            assert "磁盘已满" in full.title and "没有保存" in full.title
            return time.monotonic() - began
    pytest.fail("the disk never was full")


def rows(core: ConsoleCore) -> list[tuple[str, str, dict[str, Any]]]:
    """All that the outbox holds."""
    return [(row.command_id, row.status, dict(row.payload)) for row in core.outbox.history(10_000)]


def test_a_click_is_refused_clearly_and_everything_else_stays(hall: Hall) -> None:
    [case] = hall.cases(1)
    core = hall.sit_down()
    disk, clicks = disk_of(core), [say(core, case["case_id"], "before")]
    disk.fill()
    took = [until_refused(core, case["case_id"], clicks)]
    before = rows(core)
    assert [command_id for command_id, _, _ in before] == [c.command_id for c in reversed(clicks)]
    for _ in range(3):  # asking again changes nothing
        began = time.monotonic()
        with pytest.raises(StorageFull):
            say(core, case["case_id"], LONG + LONG[:1900])
        took.append(time.monotonic() - began)
    assert min(took) <= 1.0
    assert rows(core) == before and core.saved == [c.command_id for c in clicks]
    projected = core.overlay.project(case["case_id"])
    assert projected is not None and [p.command_id for p in projected.pending] == [
        c.command_id for c in clicks
    ]
    core.restart()
    assert rows(core) == before
    disk.clear()
    clicks.append(say(core, case["case_id"], LONG))
    assert hall.settled(clicks) == {"applied": len(clicks)}


def note(core: ConsoleCore, case_id: str, photo: NewAttachment) -> NewCommand:
    """A checked command with a photo, as the desk would build it."""
    payload = {"sha256": photo.sha256, "name": LONG[:80], "mime": photo.mime, "size": len(photo.data)}
    return NewCommand(
        core.ids.new_id(), case_id, "attach", payload, None, core.time.now(), core.actor.id, core.clock.wall(),
        label=LONG, attachments=(photo,),
    )  # fmt: skip


def test_several_at_once_are_saved_all_or_none(hall: Hall) -> None:
    cases = hall.cases(3)
    core = hall.sit_down()
    disk, clicks = disk_of(core), []
    photo = attachment(b"\xff\xd8" + bytes(40_000), "1.jpg", "image/jpeg")
    disk.fill()
    until_refused(core, cases[0]["case_id"], clicks)
    before = rows(core)
    with pytest.raises(StorageFull):
        core.outbox.save_all([note(core, case["case_id"], photo) for case in cases])
    assert rows(core) == before
    assert list((core.folder / "attachments").iterdir()) == [], "half of an attachment was left"
    disk.clear()
    clicks += core.outbox.save_all([note(core, case["case_id"], photo) for case in cases])
    assert hall.settled(clicks) == {"applied": len(clicks)}
    assert core.outbox.attachment(photo.sha256) is None, "uploaded and no longer kept"


def test_what_comes_in_while_the_disk_is_full_is_taken_later(hall: Hall) -> None:
    """The feed cannot store, answers cannot be noted: nothing moves half-way, and it all comes when there is room."""
    cases = hall.cases(4)
    core = hall.sit_down()
    clicks = [act(core, "accept", cases[0]["case_id"])]
    disk, place = disk_of(core), core.cache.position()
    disk.fill()
    until_refused(core, cases[0]["case_id"], clicks)
    leader = hall.backend.seat("shift_leader1")
    for n in range(40):
        leader.do("amend", hall.backend.reach("reported"), reason=f"{n}", description=LONG[:900] + str(n))
    hall.backend.settle()
    with pytest.raises(StorageFull):
        core.catch_up()
    after = core.cache.position()
    assert after.cursor == place.cursor or diverged_at(core, after.cursor) == 0
    core.restart()
    assert core.cache.position().cursor == after.cursor
    disk.clear()
    assert hall.settled(clicks) == {"applied": len(clicks)}


def diverged_at(core: ConsoleCore, cursor: int) -> int:
    """How many buckets of the copy differ from the centre's digest at a number of the log."""
    theirs = core.gateway.digest(cursor).buckets
    return sum(1 for a, b in zip(digest(core.cache.open_versions()), theirs, strict=True) if a != b)


@pytest.mark.allow_log(logger="services.sync")
def test_an_answer_that_cannot_be_noted_is_asked_for_again(hall: Hall) -> None:
    """The centre has decided, the console cannot write it down: the same id again, one effect."""
    cases = hall.cases(2)
    core = hall.sit_down()
    clicks = [act(core, "accept", case["case_id"]) for case in cases]

    class Full(type(core.outbox)):  # type: ignore[misc] # the disk fills between the departure and the answer
        full = True

        def decided(self, outcomes: Any) -> Any:
            if Full.full:
                raise StorageFull("本机磁盘已满，没有保存。")
            return super().decided(outcomes)

    core.outbox.__class__ = Full
    worker = engine_of(core)._workers["sender"]
    for _ in range(3):
        assert worker._safely() is not None, "the thread must go on"
        assert [row.status for row in core.outbox.waiting()] == ["waiting", "waiting"]
    Full.full = False
    assert hall.settled(clicks) == {"applied": 2}


# --- a disk that really is full -----------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB of its own."""
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True)
    if made.returncode != 0:
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_disk_that_really_is_full(hall: Hall, small_disk: Path) -> None:
    [case] = hall.cases(1)
    core = hall.sit_down(folder=small_disk / "user")
    clicks = [say(core, case["case_id"], "before")]
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="space"):
        while True:
            file.write(bytes(65536))
    until_refused(core, case["case_id"], clicks)
    photo = attachment(b"\xff\xd8" + bytes(300_000), "1.jpg", "image/jpeg")
    with pytest.raises(StorageFull):
        core.outbox.save(note(core, case["case_id"], photo))
    assert list((core.folder / "attachments").iterdir()) == []
    before = rows(core)
    core.stores.close()
    ballast.unlink()
    core.open()
    assert rows(core) == before and len(before) == len(clicks)
    clicks.append(core.outbox.save(note(core, case["case_id"], photo)))
    assert hall.settled(clicks) == {"applied": len(clicks)}
