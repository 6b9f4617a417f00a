"""The key file: unlocking offline, wrong passwords, changing the password, several users."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from services.ports.errors import NoLocalKey, StorageFull, StoreBroken, WrongPassword
from services.store import keys
from services.store.keys import KEY_BYTES, Argon2Cost, KeyFile, user_folder

QUICK = Argon2Cost(time=1, memory_kib=64, lanes=1)


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "user", QUICK)


def test_the_key_is_made_once_and_opened_by_the_password(key_file: KeyFile) -> None:
    assert not key_file.exists
    key = key_file.open("Pass-1 密码")
    assert len(key) == KEY_BYTES
    assert key_file.exists
    assert key_file.open("Pass-1 密码") == key
    assert KeyFile(key_file.folder).unlock("Pass-1 密码") == key, "the file tells its own cost"


def test_nobody_may_read_it(key_file: KeyFile) -> None:
    key = key_file.open("Pass-1")
    path = key_file.folder / "key.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.folder.stat().st_mode) == 0o700
    assert key.hex() not in path.read_text()
    assert [file.name for file in key_file.folder.iterdir()] == ["key.json"]


@pytest.mark.parametrize("wrong", ["", "pass-1", "Pass-1 ", "Ｐass-1"])
def test_a_wrong_password_is_told_and_changes_nothing(key_file: KeyFile, wrong: str) -> None:
    key = key_file.open("Pass-1")
    with pytest.raises(WrongPassword) as told:
        key_file.open(wrong)
    assert "密码不对" in told.value.title
    assert key_file.unlock("Pass-1") == key


def test_who_never_signed_in_here_cannot_unlock(key_file: KeyFile) -> None:
    with pytest.raises(NoLocalKey):
        key_file.unlock("Pass-1")


def test_a_key_is_never_made_over_another(key_file: KeyFile) -> None:
    key = key_file.create("Pass-1")
    with pytest.raises(StoreBroken):
        key_file.create("Pass-2")
    assert key_file.unlock("Pass-1") == key


def test_a_changed_password_opens_the_same_key(key_file: KeyFile) -> None:
    key = key_file.open("old")
    key_file.rewrap("old", "new")
    assert key_file.unlock("new") == key
    with pytest.raises(WrongPassword):
        key_file.unlock("old")
    with pytest.raises(WrongPassword):
        key_file.rewrap("old", "newer")


def test_two_wraps_of_one_key_share_nothing(key_file: KeyFile) -> None:
    key_file.open("same")
    before = json.loads((key_file.folder / "key.json").read_text())
    key_file.rewrap("same", "same")
    after = json.loads((key_file.folder / "key.json").read_text())
    assert all(before[name] != after[name] for name in ("salt", "box", "tag"))


@pytest.mark.parametrize("name", ["salt", "box", "tag"])
def test_a_changed_wrap_is_not_believed(key_file: KeyFile, name: str) -> None:
    key_file.open("Pass-1")
    path = key_file.folder / "key.json"
    doc = json.loads(path.read_text())
    doc[name] = doc[name][::-1] if doc[name][0] != "=" else doc[name]
    doc[name] = (
        ("A" if doc[name].lstrip("=")[0] != "A" else "B")
        + doc[name].lstrip("=")[1:]
        + "=" * (len(doc[name]) - len(doc[name].lstrip("=")))
    )
    path.write_text(json.dumps(doc))
    with pytest.raises(WrongPassword):
        key_file.unlock("Pass-1")


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"salt": "!", "box": "", "tag": ""}', "\x00"])
def test_a_damaged_file_is_told_apart_from_a_wrong_password(key_file: KeyFile, text: str) -> None:
    key_file.open("Pass-1")
    (key_file.folder / "key.json").write_text(text)
    with pytest.raises(StoreBroken):
        key_file.unlock("Pass-1")


def test_destroying_the_wrap_is_destroying_the_data(key_file: KeyFile) -> None:
    key = key_file.open("Pass-1")
    key_file.destroy()
    key_file.destroy()
    assert not key_file.exists
    assert key_file.open("Pass-1") != key


def test_a_full_disk_keeps_the_old_wrap(key_file: KeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_file.open("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keys.os, "fsync", full)
    with pytest.raises(StorageFull):
        key_file.rewrap("old", "new")
    monkeypatch.undo()
    assert key_file.unlock("old") == key
    assert [file.name for file in key_file.folder.iterdir()] == ["key.json"]


def test_every_user_of_every_centre_has_a_folder_that_tells_nothing(tmp_path: Path) -> None:
    folders = {
        user_folder(tmp_path, centre, user)
        for centre in ("https://a", "https://b")
        for user in ("zhang", "li")
    }
    assert len(folders) == 4
    assert not any("zhang" in str(folder) for folder in folders)
    assert user_folder(tmp_path, "https://a", "li") in folders
