"""A progress bar on standard error: one moving line on a terminal, a line every tenth elsewhere."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_WIDTH = 30
_EVERY_S = 0.2


class Bar:
    """Shows how far a long job is; call it with (done, total), then `end`.

    `what` names the job and `unit` what is counted, both in Chinese.
    """

    def __init__(self, what: str, unit: str, stream: TextIO | None = None) -> None:
        """Start the clock."""
        self._what, self._unit = what, unit
        self._stream = stream or sys.stderr
        self._moving = self._stream.isatty()
        self._begun = time.monotonic()
        self._shown = 0.0
        self._tenth = -1

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` are done."""
        now = time.monotonic()
        if self._moving:
            if now - self._shown >= _EVERY_S or done >= total:
                self._shown = now
                self._stream.write("\r" + self.line(done, total, now - self._begun) + "\x1b[K")
                self._stream.flush()
        elif total and done * 10 // total > self._tenth:
            self._tenth = done * 10 // total
            self._stream.write(self.line(done, total, now - self._begun) + "\n")
            self._stream.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._moving:
            self._stream.write("\n")
            self._stream.flush()

    def line(self, done: int, total: int, seconds: float) -> str:
        """Return the line for so much done in so many seconds."""
        share = done / total if total else 1.0
        full = int(share * _WIDTH)
        speed = done / seconds if seconds > 0 else 0.0
        left = (total - done) / speed if speed else 0.0
        bar = "#" * full + "-" * (_WIDTH - full)
        return (
            f"{self._what} [{bar}] {share:4.0%} {done:,}/{total:,} {self._unit}"
            f" {speed:,.0f} {self._unit}/秒 剩余 {int(left) // 60}:{int(left) % 60:02d}"
        )
