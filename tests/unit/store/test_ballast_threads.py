"""The room kept back, from several threads at once and over restarts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from services.ports.errors import StorageFull
from services.store.ballast import Ballast

SIZE = 64 * 1024


def at_once(count: int, act: Callable[[], object]) -> list[object]:
    """Do something on several threads that begin together; what each got."""
    gate, got = threading.Barrier(count), list[object]()

    def run() -> None:
        gate.wait(10)
        got.append(act())

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return got


def test_only_one_of_many_gets_the_room(tmp_path: Path) -> None:
    kept = Ballast(tmp_path, SIZE)
    got = at_once(8, kept.give_up)
    assert sorted(map(bool, got)) == [False] * 7 + [True]
    assert kept.state == "given_up" and not (tmp_path / "ballast").exists()
    assert set(at_once(8, kept.restore)) == {"whole"}
    assert (tmp_path / "ballast").stat().st_size == SIZE


@pytest.mark.parametrize("size", [0, 1, SIZE - 1, SIZE + 1])
def test_a_file_of_another_size_is_taken_anew(tmp_path: Path, size: int) -> None:
    (tmp_path / "ballast").write_bytes(b"x" * size)
    assert Ballast(tmp_path, SIZE).state == "whole"
    assert (tmp_path / "ballast").stat().st_size == SIZE


def test_a_restart_while_it_is_given_up_takes_it_again_where_there_is_room(tmp_path: Path) -> None:
    (tmp_path / "outbox.db").write_bytes(b"")
    Ballast(tmp_path, SIZE).give_up()
    assert Ballast(tmp_path, SIZE).state == "whole"


def test_a_restart_on_a_full_disk_knows_that_it_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outbox.db").write_bytes(b"")
    Ballast(tmp_path, SIZE).give_up()
    monkeypatch.setattr(Ballast, "_free", lambda _self: SIZE)
    again = Ballast(tmp_path, SIZE)
    assert again.state == "given_up" and again.tight
    with pytest.raises(StorageFull, match="磁盘已满"):
        again.spare_copy()
    monkeypatch.undo()
    assert again.restore() == "whole" and not again.tight


@pytest.mark.parametrize(("free", "tight"), [(0, True), (256 * 1024 - 1, True), (256 * 1024, False)])
def test_a_disk_with_hardly_a_page_is_tight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, tight: bool
) -> None:
    kept = Ballast(tmp_path, 0)
    monkeypatch.setattr(Ballast, "_free", lambda _self: free)
    assert kept.tight is tight


def test_somebody_who_removed_the_file_frees_nothing_twice(tmp_path: Path) -> None:
    kept = Ballast(tmp_path, SIZE)
    (tmp_path / "ballast").unlink()
    assert kept.give_up() and not kept.give_up(), "the file being gone is no error"
