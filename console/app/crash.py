"""Nothing fails in silence: hooks for errors in slots, in threads and inside Qt, and a trace on hard crashes.

An exception in a slot reaches only `sys.excepthook`, one in a plain thread only `threading.excepthook`
(measured on PySide6 6.11), so both are installed, with Qt's own message handler and faulthandler.
"""

from __future__ import annotations

import faulthandler
import logging
import secrets
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

log = logging.getLogger("griddesk.crash")
_qt_log = logging.getLogger("qt")
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

#: called with the number of the report and its text
Report = Callable[[str, str], None]


class CrashHooks:
    """Installs the hooks and takes them away again; `report` hears of every error of ours, on any thread."""

    def __init__(self, folder: Path, report: Report | None = None) -> None:
        """Keep where traces go; nothing is installed before `install`."""
        self._folder = folder
        self.report = report
        self._file: IO[str] | None = None
        self._old: tuple[object, object] | None = None

    def install(self) -> None:
        """Install all hooks."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = (self._folder / "fault.log").open("a", encoding="utf-8")
        faulthandler.enable(self._file)
        self._old = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._on_error
        threading.excepthook = self._on_thread_error
        qInstallMessageHandler(_on_qt_message)

    def remove(self) -> None:
        """Put everything back."""
        qInstallMessageHandler(None)
        faulthandler.disable()
        if self._old is not None:
            sys.excepthook, threading.excepthook = self._old  # type: ignore[assignment] # what was there before
        if self._file is not None:
            self._file.close()

    def _on_error(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Record an error of ours; Ctrl+C ends the program as usual."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        number = f"E-{secrets.token_hex(3).upper()}"
        # locals are left out on purpose: they may hold personal data
        text = "".join(traceback.format_exception(kind, error, trace))
        log.error("%s\n%s", number, text)
        if self.report is not None:
            self.report(number, text)

    def _on_thread_error(self, args: threading.ExceptHookArgs) -> None:
        """Record an error of a thread."""
        if args.exc_value is not None:
            self._on_error(args.exc_type, args.exc_value, args.exc_traceback)


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Pass Qt's messages to the log."""
    _qt_log.log(_QT_LEVELS.get(kind, logging.INFO), "%s", text)
