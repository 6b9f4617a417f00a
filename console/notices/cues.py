"""The sounds of a desk as data (design section 12): notes, repeats, which is the more serious."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

URGENT, CALL, OVER, CONFLICT, REFUSED = "urgent_new", "call", "over", "conflict", "refused"
LINE_DOWN, LINE_UP, SOON, NEW, ACCEPTED = "offline", "online", "soon", "new_case", "accepted"

#: the most serious first: a danger, a person on the line, a limit that is broken, own work that was not done
SERIOUS = (URGENT, CALL, OVER, CONFLICT, REFUSED, LINE_DOWN, SOON, NEW, LINE_UP, ACCEPTED)
RANK: Mapping[str, int] = {cue: at for at, cue in enumerate(SERIOUS)}

#: cue -> (what it is called, when it comes)
_WORDS: dict[str, tuple[str, str]] = {
    URGENT: (
        str(QT_TRANSLATE_NOOP("Sound", "急要件")),
        str(QT_TRANSLATE_NOOP("Sound", "打开前每 8 秒一次，最多三次；可调低，不能关闭")),
    ),
    CALL: (str(QT_TRANSLATE_NOOP("Sound", "来电")), str(QT_TRANSLATE_NOOP("Sound", "振铃时每 3 秒一次"))),
    OVER: (
        str(QT_TRANSLATE_NOOP("Sound", "已超时")),
        str(QT_TRANSLATE_NOOP("Sound", "我手里的案件过了时限")),
    ),
    CONFLICT: (
        str(QT_TRANSLATE_NOOP("Sound", "对方先办")),
        str(QT_TRANSLATE_NOOP("Sound", "别人先办了这件")),
    ),
    REFUSED: (
        str(QT_TRANSLATE_NOOP("Sound", "没有办成")),
        str(QT_TRANSLATE_NOOP("Sound", "中心没有办理我的操作")),
    ),
    LINE_DOWN: (
        str(QT_TRANSLATE_NOOP("Sound", "网络断开")),
        str(QT_TRANSLATE_NOOP("Sound", "转为离线工作")),
    ),
    SOON: (
        str(QT_TRANSLATE_NOOP("Sound", "将超时")),
        str(QT_TRANSLATE_NOOP("Sound", "我手里的案件快到时限")),
    ),
    NEW: (
        str(QT_TRANSLATE_NOOP("Sound", "新到案件")),
        str(QT_TRANSLATE_NOOP("Sound", "轮到我办，或关注到了提醒时间；10 秒内只响一次")),
    ),
    LINE_UP: (
        str(QT_TRANSLATE_NOOP("Sound", "网络恢复")),
        str(QT_TRANSLATE_NOOP("Sound", "重新连上中心")),
    ),
    ACCEPTED: (
        str(QT_TRANSLATE_NOOP("Sound", "已生效")),
        str(QT_TRANSLATE_NOOP("Sound", "中心办理了我的操作")),
    ),
}

#: the same cue is not begun again sooner (a choice of the product; the design says 10 s for a new case)
LEAST_S = 2.0
NEW_LEAST_S = 10.0


@dataclass(frozen=True, slots=True)
class Cue:
    """One sound.

    Attributes:
        id: its name in the tokens.
        notes: (hertz, milliseconds) one after the other; 0 Hz is a pause.
        repeat_s: seconds from one ring to the next while its reason lasts; 0 sounds once.
        most: so many rings for one reason; 0 has no limit.
        least_s: seconds between two beginnings.
    """

    id: str
    notes: tuple[tuple[float, int], ...]
    repeat_s: float = 0.0
    most: int = 0
    least_s: float = LEAST_S

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return sum(ms for _, ms in self.notes) / 1000.0

    @property
    def rank(self) -> int:
        """Its place among all, 0 for the most serious."""
        return RANK[self.id]


def cue_title(cue: str) -> str:
    """Return what a cue is called."""
    return QCoreApplication.translate("Sound", _WORDS[cue][0])


def cue_when(cue: str) -> str:
    """Return when a cue comes."""
    return QCoreApplication.translate("Sound", _WORDS[cue][1])


def cues_from(doc: Mapping[str, object]) -> dict[str, Cue]:
    """Read the cues of a tokens document, the most serious first.

    Raises:
        KeyError: one of the ten is missing.
        ValueError: notes, or a time of one, are no numbers.
    """
    found: dict[str, Cue] = {}
    for name in SERIOUS:
        entry = doc[name]
        if not isinstance(entry, Mapping):
            raise ValueError(f"cue {name} is no object")
        notes = tuple((float(hertz), int(ms)) for hertz, ms in entry["notes"])
        least = NEW_LEAST_S if name == NEW else LEAST_S
        repeat, most = float(entry.get("repeat_s", 0)), int(entry.get("max_repeats", 0))
        found[name] = Cue(name, notes, repeat, most, least)
    return found


@lru_cache(maxsize=1)
def shipped_cues() -> Mapping[str, Cue]:
    """Return the cues of the design tokens."""
    text = (files("resources") / "styles" / "tokens.json").read_text(encoding="utf-8")
    return cues_from(json.loads(text)["sound"])
