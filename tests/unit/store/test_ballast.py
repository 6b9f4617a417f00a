"""The room kept back: taken, given up once, taken again; who may use it, and who must wait."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ports.errors import StorageFull
from services.store import ballast as module
from services.store.ballast import BALLAST_BYTES, Ballast
from services.store.stores import open_stores
from tests.unit.store.ground import KEY, change, command, page
from tests.unit.store.ground import case as cached_case

SIZE = 256 * 1024


def test_it_is_really_taken_and_for_the_owner_only(tmp_path: Path) -> None:
    kept = Ballast(tmp_path, SIZE)
    found = (tmp_path / "ballast").stat()
    assert kept.state == "whole" and found.st_size == SIZE and found.st_blocks * 512 >= SIZE
    assert found.st_mode & 0o077 == 0
    assert Ballast(tmp_path, SIZE).state == "whole", "the one that is there is used"


def test_it_is_given_up_once_and_taken_again(tmp_path: Path) -> None:
    kept = Ballast(tmp_path, SIZE)
    assert kept.give_up() and not (tmp_path / "ballast").exists()
    assert not kept.give_up() and kept.state == "given_up"
    with pytest.raises(StorageFull, match="照常保存"):
        kept.spare_copy()
    assert kept.restore() == "whole"
    kept.spare_copy()


def test_it_waits_for_plenty_of_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Ballast(tmp_path, SIZE)
    kept.give_up()
    monkeypatch.setattr(Ballast, "_free", lambda _self: 4 * SIZE - 1)
    assert kept.restore() == "given_up"
    monkeypatch.setattr(Ballast, "_free", lambda _self: 4 * SIZE)

    def refuse(*_words: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(module.os, "posix_fallocate", refuse)
    assert kept.restore() == "given_up" and not (tmp_path / "ballast").exists(), "half of it is none of it"
    monkeypatch.undo()
    assert kept.restore() == "whole"


def test_none_is_kept_where_none_is_wanted_or_never_was_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = Ballast(tmp_path, 0)
    assert (none.state, none.give_up(), none.restore()) == ("none", False, "none")
    none.spare_copy()
    monkeypatch.setattr(Ballast, "_free", lambda _self: 0)
    assert Ballast(tmp_path, SIZE).state == "none", "a fresh installation on a small disk works"
    (tmp_path / "outbox.db").write_bytes(b"")
    assert Ballast(tmp_path, SIZE).state == "given_up", "it was here before"
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _path: (_ for _ in ()).throw(OSError("gone")))
    monkeypatch.undo()


def test_a_disk_nobody_can_measure_has_no_room(tmp_path: Path) -> None:
    assert Ballast(tmp_path / "nowhere", SIZE).state == "none"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MiB of its own."""
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)], capture_output=True
    )
    if made.returncode != 0:
        pytest.skip("no file system may be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place: Path) -> Path:
    """Take every byte that is left."""
    waste = place / "waste"
    with waste.open("wb", buffering=0) as file, pytest.raises(OSError, match="space"):
        while True:
            file.write(bytes(4096))
    return waste


def test_on_a_full_disk_saving_and_draining_go_on_and_the_copy_waits(small_disk: Path) -> None:
    size = 2 * 1024 * 1024
    stores = open_stores(small_disk / "user", KEY, ballast_bytes=size)
    assert stores.ballast.state == "whole"
    stores.cache.apply(page(change(1, cached_case(1))))
    waste = fill(small_disk)
    saved = [stores.outbox.save(command(payload={"text": "长" * 3000})) for _ in range(20)]
    assert stores.ballast.state == "given_up", "the disk was full on the way"
    left = stores.outbox.leaving([one.command_id for one in saved])
    assert len(left) == 20, "they leave"
    with pytest.raises(StorageFull):
        stores.cache.apply(page(change(2, cached_case(2)), next_=2))
    assert stores.cache.position().cursor == 1
    waste.unlink()
    assert stores.ballast.restore() == "whole"
    stores.cache.apply(page(change(2, cached_case(2)), next_=2))
    stores.close()


def test_a_start_on_a_full_disk_works(small_disk: Path) -> None:
    folder = small_disk / "user"
    stores = open_stores(folder, KEY, ballast_bytes=2 * 1024 * 1024)
    kept = stores.outbox.save(command())
    stores.close()
    fill(small_disk)
    again = open_stores(folder, KEY, ballast_bytes=2 * 1024 * 1024)
    assert [row.command_id for row in again.outbox.waiting()] == [kept.command_id]
    again.outbox.save(command(payload={"text": "长" * 3000}))
    again.close()


def test_a_disk_that_fails_is_not_a_full_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stores = open_stores(tmp_path, KEY, ballast_bytes=SIZE)
    file = stores.outbox._file

    class FailingError(Exception):
        sqlite_errorcode = 10

    assert not file.make_room(FailingError()) and stores.ballast.state == "whole", (
        "told, and not tried again in silence"
    )
    assert not file.make_room(None) and not file.make_room(ValueError())
    monkeypatch.setattr(Ballast, "_free", lambda _self: 1000)
    assert file.make_room(FailingError()) and stores.ballast.state == "given_up"
    assert not stores.cache._file.make_room(OSError(errno.ENOSPC, "full")), "only the precious file"
    stores.close()


def test_the_shipped_size_is_some_mib() -> None:
    assert 4 << 20 <= BALLAST_BYTES <= 32 << 20 and os.name == "posix"
