"""Time limits as amount and unit, never only a deadline (domain section 6.1).

Six units: 紧急工作时, 紧急工作日, 工作时, 工作日, 自然日, 分钟. "紧急" in a name means continuous.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.domain.errors import LimitError

#: unit id -> (Chinese name, short code, seconds of one unit or None for the calendar's own day, working time?)
UNITS: dict[str, tuple[str, str, int | None, bool]] = {
    "urgent_hour": ("紧急工作时", "uh", 3600, False),
    "urgent_day": ("紧急工作日", "ud", 86400, False),
    "work_hour": ("工作时", "wh", 3600, True),
    "work_day": ("工作日", "wd", None, True),
    "natural_day": ("自然日", "nd", 86400, False),
    "minute": ("分钟", "min", 60, False),
}

_CODES = {code: unit for unit, (_, code, _, _) in UNITS.items()}
# In the published workbooks 小时 and 天 mean working time (domain section 4.2).
_WORDS = {
    "紧急工作时": "urgent_hour",
    "紧急工作小时": "urgent_hour",
    "紧急工作日": "urgent_day",
    "工作时": "work_hour",
    "工作小时": "work_hour",
    "小时": "work_hour",
    "工作日": "work_day",
    "天": "work_day",
    "日": "work_day",
    "自然日": "natural_day",
    "自然天": "natural_day",
    "分钟": "minute",
}
_PATTERN = re.compile(r"(?P<amount>[0-9]+(?:\.[0-9]+)?)\s*个?\s*(?P<unit>[a-z]+|[一-鿿]+)")
MAX_AMOUNT = 100_000


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of one unit; `amount` is positive, at most 100,000, and may be a half (1.5 工作时).

    Raises LimitError for an unknown unit or an amount outside the range.
    """

    amount: float
    unit: str

    def __post_init__(self) -> None:
        """Refuse what could never be a limit."""
        if self.unit not in UNITS:
            raise LimitError(f"不认识的时限单位：{self.unit}")
        if not 0 < self.amount <= MAX_AMOUNT:
            raise LimitError(f"时限必须大于 0，不超过 {MAX_AMOUNT}")
        if isinstance(self.amount, float) and self.amount.is_integer():
            object.__setattr__(self, "amount", int(self.amount))

    @property
    def working(self) -> bool:
        """Whether only working slots count."""
        return UNITS[self.unit][3]

    def seconds(self, day_hours: float = 8.0) -> int:
        """Return the seconds of the clock's own counting; a work day has `day_hours` work hours."""
        unit_s = UNITS[self.unit][2]
        return round(self.amount * (day_hours * 3600 if unit_s is None else unit_s))

    @property
    def code(self) -> str:
        """Return the short notation, for example `2uh`."""
        return f"{self.amount:g}{UNITS[self.unit][1]}"

    @property
    def words(self) -> str:
        """Return the Chinese words, for example `2 紧急工作时`."""
        return f"{self.amount:g} {UNITS[self.unit][0]}"


def parse_limit(text: str) -> Limit:
    """Read `2uh`, `4小时`, `2 紧急工作时`, `1.5工作日` …; raises LimitError with the offending text."""
    match = _PATTERN.fullmatch(text.strip())
    if match is None:
        raise LimitError(f"看不懂的时限：{text.strip()[:20]!r}")
    word = match["unit"]
    unit = _CODES.get(word) or _WORDS.get(word)
    if unit is None:
        raise LimitError(f"看不懂的时限单位：{word[:20]!r}")
    return Limit(float(match["amount"]), unit)
