"""A command and what becomes of it: the plain values between a click and the log (contract section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.domain.case import Case


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody asks for. `payload` is cleaned (`payloads.check_payload`); `base_xver` the case as seen.

    `seen_at` is centre time of the picture the operator acted on; None for commands of the centre itself.
    """

    command_id: str
    case_id: str
    action: str
    payload: Mapping[str, Any]
    base_xver: int | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """The command took effect: the case after it, the role it was taken in, new cases it gave birth to."""

    case: Case
    role: str
    override: bool = False
    births: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A role or a rule refused it; nothing changed. `title` is a sentence for the operator."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody decided first: the exclusive version is another one than the command was based on."""

    xver: int


@dataclass(frozen=True, slots=True)
class NeedsConfirm:
    """The picture was too old to act on blindly: nothing was applied, the operator is asked."""

    age_s: int


Verdict = Applied | Rejected | Conflict | NeedsConfirm
