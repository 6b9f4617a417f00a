"""`griddesk recovery-key`: new, install, open."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest

from console.app import recovery_cli
from console.app.paths import Paths
from services.store.keys import Argon2Cost, KeyFile, user_folder
from services.store.recovery import Recovery, make_code, site_key

QUICK = Argon2Cost(time=1, memory_kib=64, lanes=1)


class Cli:
    """Runs the verb; what was typed stands in `typed`."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def __call__(self, *words: object, typed: str = "") -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        recovery_cli.add_arguments(parser)
        self._monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = recovery_cli.run(parser.parse_args([str(word) for word in words]))
        said = self._capsys.readouterr()
        return code, said.out + said.err


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    return Cli(capsys, monkeypatch)


def words_of(said: str) -> dict[str, str]:
    return dict(line.split("：", 1) for line in said.splitlines() if "：" in line)


def test_from_the_safe_to_the_opened_data(cli: Cli, tmp_path: Path) -> None:
    code, said = cli("new")
    words = words_of(said)
    assert code == 0 and "只显示这一次" in said
    assert cli("install", words["公钥"], "--data", tmp_path)[0] == 0
    paths = Paths(tmp_path)
    public = site_key(paths.console)
    assert public is not None
    key = KeyFile(user_folder(paths.console, "https://centre", "wang1"), QUICK)
    data_key = key.create("forgotten")
    Recovery(key.folder).seal(data_key, public)
    wanted = ("open", "wang1", "--centre", "https://centre", "--data", tmp_path)
    code, said = cli(*wanted, typed=f"{make_code()[0]}\nnew-Pass-1\n")
    assert code == 1 and "恢复码不对" in said and key.unlock("forgotten") == data_key
    code, said = cli(*wanted, typed=f"{words['恢复码']}\n\n")
    assert code == 1 and "不能为空" in said and key.unlock("forgotten") == data_key
    code, said = cli(*wanted, typed=f"{words['恢复码']}\nnew-Pass-1\n")
    assert code == 0 and key.unlock("new-Pass-1") == data_key
    assert words["恢复码"] not in said


def test_wrong_words_are_told(cli: Cli, tmp_path: Path) -> None:
    for odd in ("not base64!", "AAAA"):
        code, said = cli("install", odd, "--data", tmp_path)
        assert code == 1 and "公钥不对" in said
    code, said = cli("open", "nobody", "--centre", "x", "--data", tmp_path, typed=f"{make_code()[0]}\nnew\n")
    assert code == 1 and "封存" in said
    code, said = cli("open", "nobody", "--centre", "x", "--data", tmp_path, typed="abc\nnew\n")
    assert code == 1 and "不完整" in said
