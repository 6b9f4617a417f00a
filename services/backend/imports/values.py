"""Values of a mapping: how a field is made from the cells of a row.

A value is a column, several joined, a constant or a template; then it may be cut to a pattern, written as
digits, and looked up in a table. Nothing is guessed: what does not fit refuses the row, with the reason.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.backend.imports.errors import RowRefusedError
from services.backend.imports.tables import Cell

#: control characters that only stand for a blank in pasted text
_BLANKS = re.compile(r"[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
_EXCEL_DAY_0 = datetime(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Value:
    """How one field is made; see the documented mapping for what each key does.

    `other` is what a word missing in `map` becomes; without it the row is refused. `blank` stands in for an
    empty cell; `limit` cuts a text.
    """

    column: str | None = None
    columns: tuple[str, ...] = ()
    join: str = " "
    constant: str | None = None
    template: str | None = None
    pattern: re.Pattern[str] | None = None
    width: int | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    mapped: bool = False
    other: str | None = None
    blank: str | None = None
    limit: int | None = None

    def used_columns(self) -> tuple[str, ...]:
        """Return the columns it reads (those of a template are not known here)."""
        return (*((self.column,) if self.column else ()), *self.columns)

    def placeholders(self) -> tuple[str, ...]:
        """Return the names a template asks for."""
        return tuple(name for _, name, _, _ in string.Formatter().parse(self.template or "") if name)


@dataclass(frozen=True, slots=True)
class Zone:
    """How the source writes moments: zone, formats, and what to do in the hour a clock change repeats or skips.

    `repeated` is `first`, `second` or `refuse`; `missing` is `forward` (02:30 becomes 03:30) or `refuse`.
    """

    zone: ZoneInfo
    formats: tuple[str, ...]
    repeated: str = "first"
    missing: str = "forward"


def text_of(cell: Cell) -> str:
    """Return a cell as text: whole numbers without `.0`, moments in ISO form, blanks trimmed."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return _BLANKS.sub(" ", str(cell)).strip()


def evaluate(
    value: Value, cells: Mapping[str, Cell], named: Mapping[str, str], what: str
) -> tuple[str, bool]:
    """Return a field's text and whether it fell back to `other`; raises RowRefusedError.

    `named` are values of the mapping made before; `what` is the field's name for the reason.
    """
    text = _raw(value, cells, named)
    if text and value.pattern is not None:
        found = value.pattern.search(text)
        text = (found[1] if found.re.groups else found[0]).strip() if found else ""
    if text and value.width is not None:
        text = _digits(text, value.width, what)
    if not text:
        return value.blank or "", False
    fallback = False
    if value.mapped:
        known = value.map.get(text)
        if known is None:
            if value.other is None:
                raise RowRefusedError(f"{what}“{text[:40]}”不在映射表中")
            known, fallback = value.other, True
        text = known
    return text[: value.limit] if value.limit else text, fallback


def _raw(value: Value, cells: Mapping[str, Cell], named: Mapping[str, str]) -> str:
    """Return the text before pattern and map."""
    if value.constant is not None:
        return value.constant
    if value.template is not None:
        asked = {
            name: named[name] if name in named else text_of(cells.get(name)) for name in value.placeholders()
        }
        return value.template.format(**asked).strip() if any(asked.values()) else ""
    if value.columns:
        return value.join.join(text for name in value.columns if (text := text_of(cells.get(name))))
    return text_of(cells.get(value.column or ""))


def _digits(text: str, width: int, what: str) -> str:
    """Return a code of digits that a spreadsheet may have written as a number: `2119.0` is `02119`."""
    whole = text.partition(".")[0] if re.fullmatch(r"[0-9]+\.0*", text) else text
    if not re.fullmatch(r"[0-9]+", whole) or len(whole) > width:
        raise RowRefusedError(f"{what}“{text[:40]}”不是 {width} 位以内的数字")
    return whole.zfill(width)


def number_of(text: str, what: str) -> float | None:
    """Return a finite number, None for nothing; raises RowRefusedError."""
    if not text:
        return None
    try:
        found = float(
            text.replace("，", ",").replace(",", "") if text.count(",") == 1 and "." in text else text
        )
    except ValueError:
        raise RowRefusedError(f"{what}“{text[:40]}”不是数字") from None
    if not math.isfinite(found):
        raise RowRefusedError(f"{what}“{text[:40]}”不是有限的数字")
    return found


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in UTC; `repeated` or `missing` when the clock change made its wall time ambiguous or impossible."""

    at: datetime
    repeated: bool = False
    missing: bool = False
    second: datetime | None = None


def moment_of(cell: Cell, zone: Zone, what: str) -> Moment | None:
    """Return the moment a cell stands for, None for an empty one; raises RowRefusedError.

    A moment with an offset of its own is taken as it is; a wall time without one lies in the source's zone.
    """
    wall = _wall(cell, zone, what)
    if wall is None:
        return None
    if wall.tzinfo is not None:
        return Moment(wall.astimezone(UTC))
    early = wall.replace(tzinfo=zone.zone, fold=0)
    late = wall.replace(tzinfo=zone.zone, fold=1)
    before, after = early.utcoffset() or timedelta(0), late.utcoffset() or timedelta(0)
    if before == after:
        return Moment(early.astimezone(UTC))
    if before > after:
        if zone.repeated == "refuse":
            raise RowRefusedError(f"{what} {wall} 落在夏令时重复的一小时内")
        first, second = early.astimezone(UTC), late.astimezone(UTC)
        return Moment(second if zone.repeated == "second" else first, repeated=True, second=second)
    if zone.missing == "refuse":
        raise RowRefusedError(f"{what} {wall} 落在夏令时跳过的一小时内，这个时刻不存在")
    return Moment(early.astimezone(UTC), missing=True)


def _wall(cell: Cell, zone: Zone, what: str) -> datetime | None:
    """Return the wall time of a cell."""
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time.min)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _EXCEL_DAY_0 + timedelta(days=float(cell)) if 1 < cell < 200_000 else _no_time(str(cell), what)
    text = text_of(cell)
    if not text:
        return None
    for form in zone.formats:
        try:
            return datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)
        except ValueError:
            continue
    return _no_time(text, what)


def _no_time(text: str, what: str) -> datetime:
    raise RowRefusedError(f"{what}“{text[:40]}”不是约定格式的时间")
