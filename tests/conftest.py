"""What holds for every test: a home of its own, no screen, and nothing left behind.

A test fails when it leaves a thread, a top-level widget or a Qt warning behind, or when something was
logged at WARNING or above that it did not expect. The ways out are named and narrow:

* ``@pytest.mark.allow_log`` or ``allow_log(logger="services.sync", containing="...")`` in the test;
* ``@pytest.mark.allow_threads`` and ``@pytest.mark.allow_widgets``, with the reason beside them.

Qt warnings are judged by pytest-qt (``qt_log_level_fail`` in pyproject.toml, way out
``@pytest.mark.qt_log_ignore``).
"""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Before anything imports Qt. A run on a real or virtual screen says so: QT_QPA_PLATFORM=xcb.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false")

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from tests.support.browser import browser
from tests.support.postgres import db_url, pg_cluster, pg_url

__all__ = ["browser", "db_url", "pg_cluster", "pg_url"]

ROOT = Path(__file__).resolve().parent.parent
THREAD_GRACE_S = 2.0

settings.register_profile(
    "griddesk",
    deadline=None,  # machines are shared; time is judged by benches
    suppress_health_check=[HealthCheck.too_slow],
    database=DirectoryBasedExampleDatabase(ROOT / "out" / "hypothesis"),
    print_blob=True,
)
settings.load_profile("griddesk")


# --- a home of its own ------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def isolated_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """HOME and the XDG folders in a fresh folder; no setting of the person who runs the tests leaks in."""
    home = Path(tempfile.mkdtemp(prefix="griddesk-home-"))
    monkeypatch.setenv("HOME", str(home))
    for name, folder in {
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_CONFIG_HOME": ".config",
        "XDG_CACHE_HOME": ".cache",
        "XDG_RUNTIME_DIR": "run",
    }.items():
        (home / folder).mkdir(parents=True, mode=0o700)
        monkeypatch.setenv(name, str(home / folder))
    for name in list(os.environ):
        if name.startswith("GRIDDESK_") or name.lower() in {"http_proxy", "https_proxy", "all_proxy"}:
            monkeypatch.delenv(name)
    yield home
    shutil.rmtree(home, ignore_errors=True)


# --- nothing logged that was not expected -----------------------------------------------------------


class _Collector(logging.Handler):
    """Keeps every record at WARNING or above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class AllowedLog:
    """Which records a test expects: everything when never called, otherwise what the calls name."""

    def __init__(self) -> None:
        self.rules: list[tuple[str, str, int]] = []

    def __call__(self, logger: str = "", containing: str = "", level: int = logging.CRITICAL) -> None:
        """Expect records of ``logger`` (and below it) whose text has ``containing``, up to ``level``."""
        self.rules.append((logger, containing, level))

    def allows(self, record: logging.LogRecord) -> bool:
        if not self.rules:
            return True
        return any(
            (not logger or record.name == logger or record.name.startswith(logger + "."))
            and containing in record.getMessage()
            and record.levelno <= level
            for logger, containing, level in self.rules
        )


@pytest.fixture
def allow_log() -> AllowedLog:
    """Say which WARNING+ records this test expects; see ``AllowedLog``."""
    return AllowedLog()


def _allowed_by_marker(item: pytest.Item, record: logging.LogRecord) -> bool:
    for marker in item.iter_markers("allow_log"):
        rule = AllowedLog()
        if marker.args or marker.kwargs:
            rule(*marker.args, **marker.kwargs)
        if rule.allows(record):
            return True
    return False


@pytest.fixture(autouse=True)
def no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail on records at WARNING or above that the test did not expect."""
    allowed: AllowedLog | None = None
    if "allow_log" in request.fixturenames:
        allowed = request.getfixturevalue("allow_log")
    collector = _Collector()
    logging.getLogger().addHandler(collector)
    yield
    logging.getLogger().removeHandler(collector)
    unexpected = [
        f"{record.levelname} {record.name}: {record.getMessage()}"
        for record in collector.records
        if not (allowed is not None and allowed.allows(record))
        and not _allowed_by_marker(request.node, record)
    ]
    if unexpected:
        pytest.fail("unexpected log records:\n  " + "\n  ".join(unexpected), pytrace=False)


# --- nothing left running ---------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_left_over_threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail on non-daemon threads that outlive the test; they would keep the program from ending."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + THREAD_GRACE_S
    left: list[threading.Thread] = []
    for thread in threading.enumerate():
        if thread in before or thread.daemon or isinstance(thread, threading._DummyThread):
            continue
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            left.append(thread)
    if left and request.node.get_closest_marker("allow_threads") is None:
        names = ", ".join(f"{thread.name} ({type(thread).__name__})" for thread in left)
        pytest.fail(f"threads left running: {names}", pytrace=False)


# --- Qt's garbage on the main thread ------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _modules_set_aside() -> Iterator[None]:
    """What was imported so far is no garbage; each collection after a Qt test passes it by."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


_qt_used: list[bool] = []


@pytest.fixture(autouse=True)
def qt_garbage_here(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect on this thread what a Qt test left in cycles; a worker of a later test would take Qt down with it.

    It is done before the next test begins: until then pytest itself holds the fixtures of the last one.
    """
    if _qt_used:
        _qt_used.clear()
        gc.collect()
        gc.freeze()  # the next collection walks only what came after: milliseconds instead of a fifth of a second
    if "qapp" not in request.fixturenames or not gc.isenabled():
        yield
        return
    gc.disable()
    yield
    _qt_used.append(True)
    gc.enable()


# --- no window left over ----------------------------------------------------------------------------

# Qt keeps these itself, one for the life of the program.
_QTS_OWN = {"QTipLabel", "QComboBoxPrivateContainer", "QRubberBand", "QShapedPixmapWidget", "QAlphaWidget"}


def _top_level_widgets() -> dict[int, Any]:
    """Parentless widgets by C++ address; empty while no test has used QtWidgets."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return {}
    import shiboken6

    return {
        shiboken6.getCppPointer(widget)[0]: widget
        for widget in widgets.QApplication.topLevelWidgets()
        if widget.parent() is None and widget.metaObject().className() not in _QTS_OWN
    }


def _deliver_deletions() -> None:
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(autouse=True)
def no_left_over_widgets(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail on top-level widgets that the test made and neither closed nor gave to ``qtbot.addWidget``."""
    before = set(_top_level_widgets())
    yield
    if not set(_top_level_widgets()) - before:
        return
    _deliver_deletions()
    if set(_top_level_widgets()) - before:
        gc.collect()  # a widget held by a cycle alone is not left over; only then, it takes a tenth of a second
    left = {address: widget for address, widget in _top_level_widgets().items() if address not in before}
    names = [f"{type(widget).__name__} {widget.objectName()!r}" for widget in left.values()]
    for widget in left.values():
        widget.close()
        widget.deleteLater()
    left.clear()
    if names:
        _deliver_deletions()
        if request.node.get_closest_marker("allow_widgets") is None:
            pytest.fail("top-level widgets left over: " + ", ".join(names), pytrace=False)


# --- places and fonts -------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The folder that holds pyproject.toml."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """A function that gives a file of the shared material by its name, or skips where there is none."""

    def find(name: str) -> Path:
        path = ROOT.parent / "shared" / name
        if not path.exists():
            pytest.skip(f"the shared material is not on this machine: {name}")
        return path

    return find


@pytest.fixture
def chinese_font(qapp: Any) -> str:
    """The family that draws Chinese; a picture without one is a row of boxes, so its lack is an error."""
    from PySide6.QtGui import QFontDatabase

    families = QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese)
    if not families:
        pytest.fail("no font with Chinese glyphs: install Debian's fonts-noto-cjk", pytrace=False)
    return next((family for family in families if "CJK SC" in family), families[0])


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say on what the run stands."""
    return [f"qt platform: {os.environ['QT_QPA_PLATFORM']}, CI: {os.environ.get('CI', 'no')}"]
