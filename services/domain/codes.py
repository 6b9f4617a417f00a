"""Grid and area codes: 6 district, 9 street, 12 community, 15 grid digits (domain section 3.1)."""

from __future__ import annotations

import re

from services.domain.errors import CodeError

LEVELS = ("city", "district", "street", "community", "grid")
_LENGTH_LEVEL = {4: "city", 6: "district", 9: "street", 12: "community", 15: "grid"}
LEVEL_LENGTH = {level: length for length, level in _LENGTH_LEVEL.items()}
_DIGITS = re.compile(r"[0-9]+")


def level_of(code: str) -> str:
    """Return the level a code's length stands for; raises CodeError for any other length or a non-digit."""
    if not _DIGITS.fullmatch(code):
        raise CodeError(f"编码 {code[:24]!r} 只能由数字组成")
    level = _LENGTH_LEVEL.get(len(code))
    if level is None:
        raise CodeError(f"编码 {code[:24]} 长度为 {len(code)} 位，应为 4、6、9、12 或 15 位")
    return level


def check_area_code(code: str, level: str) -> None:
    """Check that `code` is a well-formed code of `level`; raises CodeError."""
    actual = level_of(code)
    if actual != level:
        raise CodeError(f"编码 {code} 是 {len(code)} 位，{level} 级应为 {LEVEL_LENGTH[level]} 位")
    if level == "grid" and code[-3:] == "000":
        raise CodeError(f"网格编码 {code} 的顺序号应为 001–999")


def check_grid_code(code: str) -> None:
    """Check the 15-digit unit-grid layout: 6 + 3 + 3 + sequence 001–999; raises CodeError."""
    check_area_code(code, "grid")


def parent_code(code: str) -> str | None:
    """Return the code one level up, None for a city; raises CodeError for a malformed code."""
    index = LEVELS.index(level_of(code))
    return None if index == 0 else code[: LEVEL_LENGTH[LEVELS[index - 1]]]


def area_path(grid: str) -> tuple[str, ...]:
    """Return district, street, community and grid code of a 15-digit grid code."""
    return (grid[:6], grid[:9], grid[:12], grid) if len(grid) == 15 else (grid,)


def covers(area_code: str | None, grid: str | None) -> bool:
    """Tell whether an area (prefix) holds a grid; an unlocated case lies in no area but the whole centre's.

    A null `area_code` covers nothing; a case without a grid is covered by codes of at most 6 digits.
    """
    if not area_code:
        return False
    if grid is None:
        return len(area_code) <= 6
    return grid.startswith(area_code)
