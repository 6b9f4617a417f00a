"""A notice: one sentence to the operator, how serious it is, and at most two things to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field

INFO, GOOD, WARN, ERROR = "info", "good", "warn", "error"


@dataclass(frozen=True, slots=True)
class NoticeAction:
    """A button of a notice: an id the shell knows how to run, and its word."""

    id: str
    label: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is shown as a toast or in the notice bar.

    `key` lets a newer notice about the same thing replace the older one; errors stay until closed.
    `number` is the error's own number (for example MAP-103), printed beside the time. One that `stays` waits for the
    operator like an error.
    """

    severity: str
    title: str
    text: str = ""
    actions: tuple[NoticeAction, ...] = field(default=())
    key: str = ""
    case_id: str = ""
    number: str = ""
    stays: bool = False
