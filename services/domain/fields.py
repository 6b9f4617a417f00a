"""Checks of single payload fields: what came in goes out cleaned, or a Chinese sentence says what is wrong.

A check is a function `(value) -> cleaned value` that raises `Bad`. Nothing here knows an action.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from services.domain.ids import canonical_uuid
from services.domain.limits import MAX_AMOUNT, UNITS

Check = Callable[[Any], Any]

TEXT_MAX = 5000
NAME_MAX = 200
LIST_MAX = 50
_SHA = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
#: characters PostgreSQL or a screen cannot hold: NUL, other controls but tab and line ends, lone surrogates
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Bad(ValueError):  # noqa: N818 - reads as what it says where it is raised
    """One field is wrong; `str()` is the Chinese sentence, `at` a path below the field."""

    def __init__(self, sentence: str, at: str = "") -> None:
        """Keep sentence and path."""
        super().__init__(sentence)
        self.at = at


def fit_text(value: Any) -> str:
    """Return a string without unfit characters, or raise Bad."""
    if not isinstance(value, str):
        raise Bad("应为文字")
    if _UNFIT.search(value):
        raise Bad("含有无法保存的控制字符")
    return value


def text(least: int = 1, most: int = TEXT_MAX) -> Check:
    """Make a check for text of `least` to `most` characters after trimming."""

    def check(value: Any) -> str:
        cleaned = fit_text(value).strip()
        if len(cleaned) < least:
            raise Bad("不能为空")
        if len(cleaned) > most:
            raise Bad(f"最多 {most} 个字")
        return cleaned

    return check


def flag(value: Any) -> bool:
    """Check a true or false."""
    if not isinstance(value, bool):
        raise Bad("应为是或否")
    return value


def whole(least: int, most: int) -> Check:
    """Make a check for a whole number in a range."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Bad("应为整数")
        if not least <= value <= most:
            raise Bad(f"应在 {least} 到 {most} 之间")
        return value

    return check


def number(least: float, most: float) -> Check:
    """Make a check for a finite number in a range."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Bad("应为数字")
        if not least <= value <= most:  # not a number fails both; compared first, no whole number is too big
            raise Bad(f"应在 {least:g} 到 {most:g} 之间")
        return value

    return check


def one_of(*words: str) -> Check:
    """Make a check for one of some fixed words."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise Bad("应为 " + "、".join(words) + " 之一")
        return value

    return check


def ident(value: Any) -> str:
    """Check an identifier of the reference data (department, category, user, source)."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Bad("不是有效的标识")
    return value


def ident_or_null(value: Any) -> str | None:
    """Check an identifier or null."""
    return None if value is None else ident(value)


def uuid(value: Any) -> str:
    """Check a UUID and return it in canonical form."""
    found = canonical_uuid(value)
    if found is None:
        raise Bad("不是有效的 UUID")
    return found


def moment(value: Any) -> str:
    """Check an ISO 8601 time with offset; returned in UTC."""
    if not isinstance(value, str) or len(value) > 40:
        raise Bad("应为带时区的时间")
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise Bad("应为带时区的时间，例如 2026-11-20T09:30:00+08:00") from None
    if found.tzinfo is None:
        raise Bad("时间缺少时区")
    try:
        found = found.astimezone(UTC)
    except OverflowError:
        raise Bad("时间超出范围") from None
    if not 1990 <= found.year <= 2200:
        raise Bad("时间超出范围")
    return found.isoformat()


def listed(each: Check, most: int = LIST_MAX, least: int = 0) -> Check:
    """Make a check for a list whose entries pass `each`; doubles are refused."""

    def check(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise Bad("应为列表")
        if not least <= len(value) <= most:
            raise Bad(f"应有 {least} 到 {most} 项")
        cleaned = []
        for index, entry in enumerate(value):
            try:
                item = each(entry)
            except Bad as bad:
                raise Bad(str(bad), f"[{index}]{bad.at}") from None
            if item in cleaned:
                raise Bad("有重复的项", f"[{index}]")
            cleaned.append(item)
        return cleaned

    return check


def sha256(value: Any) -> str:
    """Check a lower-case hex sha256."""
    if not isinstance(value, str) or not _SHA.fullmatch(value):
        raise Bad("不是有效的附件摘要（sha256）")
    return value


photos = listed(sha256, 20)


def record(required: dict[str, Check], optional: dict[str, Check]) -> Check:
    """Make a check for an object with exactly these fields."""

    def check(value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Bad("应为对象")
        cleaned: dict[str, Any] = {}
        for key in value:
            if key not in required and key not in optional:
                raise Bad("不认识的字段", f".{str(key)[:40]}")
        for key, each in {**required, **optional}.items():
            if key not in value:
                if key in required:
                    raise Bad("不能缺少", f".{key}")
                continue
            try:
                cleaned[key] = each(value[key])
            except Bad as bad:
                raise Bad(str(bad), f".{key}{bad.at}") from None
        return cleaned

    return check


def open_record(value: Any) -> dict[str, Any]:
    """Check the free facts of a call: at most 40 plain values under snake_case names, 8 KB in all."""
    if not isinstance(value, dict):
        raise Bad("应为对象")
    if len(value) > 40:
        raise Bad("最多 40 项")
    cleaned: dict[str, Any] = {}
    size = 0
    for key, entry in value.items():
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise Bad("字段名应为小写字母、数字和下划线", f".{str(key)[:40]}")
        if isinstance(entry, str):
            fit_text(entry)
            size += len(entry)
        elif isinstance(entry, list):
            entry = listed(text(0, 200))(entry)
            size += sum(len(item) for item in entry)
        elif isinstance(entry, float) and not math.isfinite(entry):
            raise Bad("应为有限的数字", f".{key}")
        elif isinstance(entry, int) and abs(entry) > 1 << 53:
            raise Bad("数字太大", f".{key}")
        elif not (entry is None or isinstance(entry, bool | int | float)):
            raise Bad("只能是文字、数字、是否或列表", f".{key}")
        cleaned[key] = entry
    if size > 8192:
        raise Bad("内容过长")
    return cleaned


def unit(value: Any) -> str:
    """Check a unit of time limits."""
    if not isinstance(value, str) or value not in UNITS:
        raise Bad("不认识的时限单位")
    return value


def limit_amount(value: Any) -> float:
    """Check the amount of a limit."""
    return float(number(0.01, MAX_AMOUNT)(value))
