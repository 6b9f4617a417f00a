"""Paths, hooks and the verbs: what the program does before and around its windows."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal

from console import cli
from console.app.crash import CrashHooks
from console.app.embedded import CentreNotStarted, EmbeddedCentre
from console.app.main import read_accounts
from console.app.paths import Paths, default_paths
from console.app.run import has_display


def test_paths_follow_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    assert default_paths().data == tmp_path / "xdg" / "griddesk"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert default_paths().data == Path.home() / ".local" / "share" / "griddesk"
    monkeypatch.setenv("GRIDDESK_HOME", str(tmp_path / "own"))
    paths = default_paths().make()
    assert paths.data == tmp_path / "own"
    for folder in (paths.centre, paths.console, paths.logs):
        assert folder.is_dir()
        assert folder.stat().st_mode & 0o077 == 0


class Bell(QObject):
    rang = Signal()


@pytest.mark.allow_log(logger="griddesk.crash")
def test_an_error_in_a_slot_is_reported_with_a_number(qtbot: Any, tmp_path: Path) -> None:
    heard: list[tuple[str, str]] = []
    hooks = CrashHooks(tmp_path, lambda number, text: heard.append((number, text)))
    before = (sys.excepthook, threading.excepthook)
    hooks.install()
    try:
        hooks._on_error(ValueError, ValueError("in a slot"), None)
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
    finally:
        hooks.remove()
    assert (sys.excepthook, threading.excepthook) == before
    assert [number[:2] for number, _ in heard] == ["E-", "E-"]
    assert "in a slot" in heard[0][1]
    assert "ZeroDivisionError" in heard[1][1]


@pytest.mark.allow_log(logger="qt")
def test_messages_of_qt_go_to_the_log(qtbot: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from PySide6.QtCore import qWarning

    hooks = CrashHooks(tmp_path)
    hooks.install()
    try:
        with caplog.at_level(logging.WARNING, logger="qt"):
            qWarning("from qt")
    finally:
        hooks.remove()
    assert "from qt" in caplog.text


def test_a_centre_that_does_not_start_says_why(tmp_path: Path) -> None:
    file = tmp_path / "not-a-folder"
    file.write_text("x")
    centre = EmbeddedCentre(file)
    with pytest.raises(CentreNotStarted, match="内置中心没有启动"):
        centre.start(20)
    assert not centre.running
    centre.stop()


def test_demo_accounts_are_offered_on_loopback_only(tmp_path: Path) -> None:
    file = tmp_path / "demo-accounts.json"
    file.write_text(json.dumps([{"username": "a1", "password": "p", "roles": ["acceptor"]}]))
    assert read_accounts(file, "http://127.0.0.1:1")[0].role == "acceptor"
    assert read_accounts(file, "https://centre.example") == ()
    assert read_accounts(tmp_path / "none.json", "http://127.0.0.1:1") == ()


@pytest.mark.parametrize(
    ("platform", "display", "shown"),
    [("offscreen", ":0", False), ("", "", False), ("", ":0", True), ("xcb", "", True)],
)
def test_a_display_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, platform: str, display: str, shown: bool
) -> None:
    for name, value in (("QT_QPA_PLATFORM", platform), ("DISPLAY", display), ("WAYLAND_DISPLAY", "")):
        monkeypatch.setenv(name, value)
    assert has_display() is shown


def test_every_verb_has_help_and_wrong_words_end_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["no-such-verb"])
    assert ended.value.code == 2
    with pytest.raises(SystemExit) as ended:
        cli.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(verb in shown for verb in cli.VERBS)


@pytest.mark.parametrize("verb", ["serve", "demo", "import", "account", "verify-log"])
def test_the_centre_s_verbs_import_no_qt(verb: str) -> None:
    code = (
        "import sys; from console.cli import build_parser; build_parser(sys.argv[1]);"
        "sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code, verb], timeout=60, check=False).returncode == 0


def test_paths_are_values(tmp_path: Path) -> None:
    assert Paths(tmp_path) == Paths(tmp_path)
