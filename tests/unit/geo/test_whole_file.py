"""A file is there whole or not at all, and what went wrong is one sentence."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.geo.whole_file import FileNotWritten, GivenUp, file_name, not_written, unexplained, whole_file


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes: the nearest thing to a full disk without one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_written_files_are_moved_to_their_place(tmp_path: Path) -> None:
    path = tmp_path / "图.txt"
    with whole_file(path) as part:
        part.write_text("新", encoding="utf-8")
        assert not path.exists() and part.suffix == ".txt" and part.parent == tmp_path
    assert path.read_text(encoding="utf-8") == "新" and os.listdir(tmp_path) == ["图.txt"]


def test_an_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("旧", encoding="utf-8")
    with pytest.raises(RuntimeError), whole_file(path) as part:
        part.write_text("新", encoding="utf-8")
        raise RuntimeError("power cut")
    assert path.read_text(encoding="utf-8") == "旧" and os.listdir(tmp_path) == ["a.txt"]
    with whole_file(path) as part:
        part.write_text("新", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "新"


def test_an_existing_file_is_kept_where_asked_so(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("旧", encoding="utf-8")
    with pytest.raises(FileNotWritten, match="已经存在"), whole_file(path, overwrite=False):
        raise AssertionError("nothing may be worked for")
    other = tmp_path / "b.txt"
    with pytest.raises(FileNotWritten, match="已经存在"), whole_file(other, overwrite=False) as part:
        part.write_text("mine", encoding="utf-8")
        other.write_text("theirs", encoding="utf-8")  # somebody was quicker
    assert other.read_text(encoding="utf-8") == "theirs" and sorted(os.listdir(tmp_path)) == [
        "a.txt",
        "b.txt",
    ]


def test_a_file_too_large_for_the_disk_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    with (
        pytest.raises(FileNotWritten, match=r"big\.bin 超过了"),
        largest_file(4096),
        whole_file(path) as part,
    ):
        part.write_bytes(b"x" * 100_000)
    assert os.listdir(tmp_path) == []


def test_places_that_cannot_be_taken_are_named(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for path, words in (
        (tmp_path / "folder.png", "是一个文件夹"),
        (tmp_path / "missing" / "a.png", "不存在"),
        (tmp_path / "file" / "a.png", "不是文件夹"),
        (tmp_path / ("长" * 200 + ".png"), "文件名太长"),
    ):
        with pytest.raises(FileNotWritten, match=words), whole_file(path) as part:
            part.write_text("x", encoding="utf-8")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.png"]


@pytest.mark.parametrize(
    ("code", "words"),
    [("ENOSPC", "磁盘已满"), ("EDQUOT", "配额"), ("EACCES", "没有权限"), ("EPERM", "没有权限"), ("EROFS", "只读"),
     ("EIO", "没有保存")],
)  # fmt: skip
def test_every_failure_is_one_sentence(code: str, words: str, tmp_path: Path) -> None:
    import errno

    error = OSError(getattr(errno, code), os.strerror(getattr(errno, code)))
    told = not_written(tmp_path / "图.png", error)
    assert words in told.title and "图.png" in told.title and told.code == "file_not_written"
    with pytest.raises(FileNotWritten, match=words), whole_file(tmp_path / "图.png"):
        raise error


def test_a_failure_in_a_librarys_own_words(tmp_path: Path) -> None:
    assert (
        "磁盘已满"
        in unexplained(tmp_path / "a.gpkg", "sqlite3_exec() failed: database or disk is full").title
    )
    told = unexplained(tmp_path / "a.gpkg", "  some driver said no  ").title
    assert told == "a.gpkg 没有保存：some driver said no。"
    assert unexplained(tmp_path / "nowhere" / "a.gpkg", "").title.endswith("写入失败。")
    assert GivenUp().code == "given_up"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("示例区网格案件图", "示例区网格案件图.png"),
        ('a/b\\c:d*e?f"g<h>i|j', "a_b_c_d_e_f_g_h_i_j.png"),
        ("../../etc/passwd", "etc_passwd.png"),
        ("", "导出.png"),
        (" . . ", "导出.png"),
        ("con", "导出_con.png"),
        ("LPT1.x", "导出_LPT1.x.png"),
        ("好\u202e倒\ud800序\x00", "好_倒_序.png"),
        ("👨‍👩‍👧", "👨_👩_👧.png"),
    ],
)
def test_names_every_file_system_takes(title: str, name: str) -> None:
    assert file_name(title, ".png") == name


@given(st.text(max_size=400))
def test_any_title_makes_a_name(title: str) -> None:
    name = file_name(title, ".png")
    assert (
        4 < len(name.encode()) <= 200 and "/" not in name and "\x00" not in name and not name.startswith(".")
    )
