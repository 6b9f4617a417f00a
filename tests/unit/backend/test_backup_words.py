"""`griddesk backup` and `restore` at the terminal: exit codes and sentences, whatever goes wrong."""

from __future__ import annotations

import argparse
import errno
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy.exc import ArgumentError, OperationalError

from services.backend import backup_cli, restore_cli
from services.backend.backup import ATTACHMENT, BackupError
from services.backend.backup_cli import _sentence
from services.sql.driver import sqlite_driver


def run(module: ModuleType, capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    code = module.run(parser.parse_args([str(word) for word in words]))
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (BackupError("文件 x 已经存在，没有覆盖。"), "文件 x 已经存在，没有覆盖。"),
        (OSError(errno.ENOSPC, "No space left on device"), "文件不能读写（No space left on device）。"),
        (PermissionError(errno.EACCES, "Permission denied"), "文件不能读写（Permission denied）。"),
        (OSError("odd"), "文件不能读写（odd）。"),
        (
            OperationalError("SELECT 1", {}, sqlite_driver.OperationalError("file is not a database\nmore")),
            "数据库打不开：file is not a database",
        ),
        (ArgumentError("Could not parse URL"), "数据库打不开：Could not parse URL"),
        (ValueError("odd value"), "数据库打不开：odd value"),
    ],
    ids=range(7),
)
def test_every_error_is_one_line(error: Exception, sentence: str) -> None:
    assert _sentence(error) == sentence


def test_a_folder_without_a_centre_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(backup_cli, capsys, tmp_path / "x.backup", "--data", tmp_path)
    assert (code, out) == (1, "") and err == f"griddesk backup: {tmp_path} 里没有中心数据库。\n"
    assert list(tmp_path.iterdir()) == [], "nothing is made on the way"


@pytest.mark.parametrize("content", [b"", b"no database at all" * 500], ids=["empty", "noise"])
def test_a_file_that_is_no_database_gives_no_backup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (tmp_path / "centre.db").write_bytes(content)
    code, out, err = run(backup_cli, capsys, tmp_path / "x.backup", "--data", tmp_path)
    assert (code, out) == (1, "") and err.startswith("griddesk backup: ") and err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["centre.db"], (
        "no half of one, no scratch folder"
    )
    assert (tmp_path / "centre.db").read_bytes() == content


@pytest.mark.parametrize(
    "words", [("x.backup",), ("--data", "y"), ()], ids=["no folder", "no file", "nothing"]
)
@pytest.mark.parametrize("module", [backup_cli, restore_cli], ids=["backup", "restore"])
def test_a_file_and_a_folder_must_be_named(
    module: ModuleType, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(module, capsys, *words)
    assert stopped.value.code == 2


def test_a_restore_from_nothing_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    code, out, err = run(restore_cli, capsys, tmp_path / "nowhere", "--data", data)
    assert (code, out) == (1, "") and err.startswith("griddesk restore: ") and err.count("\n") == 1
    assert not list(data.glob("centre.db*"))
    assert data.stat().st_mode & 0o077 == 0, "a folder made on the way is nobody else's"


def test_a_folder_that_is_a_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").write_bytes(b"")
    code, _, err = run(restore_cli, capsys, tmp_path / "x.backup", "--data", tmp_path / "data")
    assert code == 1 and "文件不能读写" in err


def test_an_address_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(backup_cli, capsys, tmp_path / "x.backup", "--data", tmp_path, "--db", "nonsense")
    assert code == 1 and "数据库打不开" in err and not (tmp_path / "x.backup").exists()


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        (f"attachments/ab/{'ab' * 32}", True),
        (f"attachments/ab/{'AB' * 32}", False),
        (f"attachments/ab/{'ab' * 31}", False),
        (f"attachments/ab/../{'ab' * 32}", False),
        (f"/attachments/ab/{'ab' * 32}", False),
        (f"attachments/ab/{'ab' * 32}.part", False),
        (f"attachments/abc/{'ab' * 32}", False),
        (f"attachments/ab/{'ab' * 32}\n", False),
    ],
    ids=range(8),
)
def test_only_attachments_by_their_hash_belong_into_a_backup(name: str, ours: bool) -> None:
    assert (ATTACHMENT.fullmatch(name) is not None) is ours
