"""The ground the tests stand on: what is left behind fails a test, and the ways out are narrow."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Each test below is run by a pytest of its own under the real conftest; the names say how it must end.
PLANTED = '''
"""Planted."""
import gc
import logging
import os
import threading
import warnings

import pytest
from PySide6.QtCore import qWarning
from PySide6.QtWidgets import QLabel

release = threading.Event()


def leave_a_thread():
    threading.Thread(target=release.wait, args=(20,), name="forgotten").start()


@pytest.fixture(autouse=True, scope="module")
def end():
    yield
    release.set()


def test_quiet_passes():
    pass


def test_thread_errors():
    leave_a_thread()


@pytest.mark.allow_threads  # planted
def test_thread_with_marker_passes():
    leave_a_thread()


def test_daemon_passes():
    threading.Thread(target=release.wait, args=(20,), daemon=True).start()


def test_short_thread_passes():
    threading.Timer(0.2, lambda: None).start()


def test_log_errors():
    logging.getLogger("services.sync").warning("line lost")


def test_info_passes():
    logging.getLogger("services.sync").info("line is there")


@pytest.mark.allow_log
def test_log_with_marker_passes():
    logging.getLogger("services.sync").error("line lost")


@pytest.mark.allow_log(logger="services.sync", containing="lost")
def test_log_with_narrow_marker_passes():
    logging.getLogger("services.sync.feed").error("line lost")


@pytest.mark.allow_log(logger="services.sync", containing="lost")
def test_other_text_errors():
    logging.getLogger("services.sync").error("disk full")


@pytest.mark.allow_log(logger="services.sync")
def test_other_logger_errors():
    logging.getLogger("services.syncopation").error("line lost")


@pytest.mark.allow_log(logger="services.sync", level=logging.WARNING)
def test_worse_level_errors():
    logging.getLogger("services.sync").error("line lost")


def test_log_with_fixture_passes(allow_log):
    logging.getLogger("services.sync").error("line lost")


def test_log_with_narrow_fixture_errors(allow_log):
    allow_log(containing="lost")
    logging.getLogger("services.sync").error("disk full")


def test_widget_errors(qapp):
    qapp.forgotten = QLabel("forgotten")


def test_widget_given_to_qtbot_passes(qtbot):
    label = QLabel("kept")
    qtbot.addWidget(label)
    qtbot.label = label


def test_widget_in_a_cycle_passes(qapp):
    label = QLabel("cycle")
    label.me = label


def test_child_passes(qtbot):
    parent = QLabel("parent")
    qtbot.addWidget(parent)
    parent.child = QLabel("child", parent)


@pytest.mark.allow_widgets  # planted
def test_widget_with_marker_passes(qapp):
    qapp.allowed = QLabel("allowed")


def test_qt_warning_fails(qapp):
    qWarning("planted")


@pytest.mark.qt_log_ignore("planted")
def test_qt_warning_ignored_passes(qapp):
    qWarning("planted")


def test_exception_in_a_thread_fails():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()


@pytest.mark.faults
def test_fault_run_is_left_out():
    raise AssertionError


def test_environment_passes(isolated_home):
    assert os.environ["HOME"] == str(isolated_home)
    assert os.environ["XDG_DATA_HOME"].startswith(str(isolated_home))
    assert "GRIDDESK_DATA" not in os.environ
    assert "HTTPS_PROXY" not in os.environ
'''


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """How each planted test ended: the set of words pytest printed for it."""
    folder = tmp_path_factory.mktemp("planted")
    planted = folder / "test_planted.py"
    planted.write_text(PLANTED)
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", folder,
            "-p", "tests.conftest", "-p", "no:cacheprovider", "-p", "no:randomly", "-v", planted,
        ],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "GRIDDESK_DATA": "/elsewhere",
            "HTTPS_PROXY": "127.0.0.1:9",
            "QT_QPA_PLATFORM": "offscreen",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    found: dict[str, set[str]] = {}
    for name, word in re.findall(r"::(\w+) (PASSED|FAILED|ERROR|SKIPPED)", done.stdout):
        found.setdefault(name, set()).add(word)
    assert found, done.stdout + done.stderr
    return found


ENDINGS = {"passes": {"PASSED"}, "errors": {"PASSED", "ERROR"}, "fails": {"FAILED"}}
NAMES = re.findall(r"^def (test_\w+)", PLANTED, re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith("left_out")])
def test_planted(outcomes, name):
    assert outcomes[name] == ENDINGS[name.rpartition("_")[2]]


def test_fault_runs_are_not_in_the_default_run(outcomes):
    assert "test_fault_run_is_left_out" in NAMES
    assert "test_fault_run_is_left_out" not in outcomes


def test_each_test_has_a_home_that_is_removed(isolated_home):
    assert Path(os.environ["XDG_RUNTIME_DIR"]).stat().st_mode & 0o777 == 0o700
    assert list(isolated_home.rglob("*.db")) == []


def test_threads_are_told_by_name():
    assert threading.current_thread() is threading.main_thread()
    assert logging.getLogger().handlers, "the collector of unexpected records is on"
