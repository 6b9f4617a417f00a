"""Departments of the `/reference` document: search keys by pinyin, and the street offices of an area tree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.domain.errors import ReferenceDataError
from services.domain.roles import street_dept


def pinyin(text: str) -> str:
    """Return the toneless pinyin of a text in one word, lower case; what is not Chinese stays as it is."""
    # imported here: its tables take half a second, and a centre that is set up already does not need them
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(text)).lower().replace(" ", "")


def initials(text: str) -> str:
    """Return the first letters of the pinyin, for example `szggfwzx`."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER)).lower().replace(" ", "")


def department(
    id_: str,
    name: str,
    *,
    short: str = "",
    kind: str = "dept",
    area_code: str | None = None,
    active: bool = True,
) -> dict[str, Any]:
    """Return one department entry; pinyin and initials are those of the short name and the full name.

    Both are given as words with a space between, so that a prefix of either finds the unit.
    """
    short = short or name
    names = (short, name) if short != name else (name,)
    return {
        "id": id_,
        "name": name,
        "short": short,
        "kind": kind,
        "area_code": area_code,
        "active": active,
        "pinyin": " ".join(pinyin(text) for text in names),
        "initials": " ".join(initials(text) for text in names),
    }


def street_departments(streets: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the street offices for (9-digit code, name of the street) pairs, in order.

    Raises ReferenceDataError for a code that is no street's.
    """
    made = []
    for code, name in streets:
        if len(code) != 9 or not code.isascii() or not code.isdigit():
            raise ReferenceDataError(f"街道编码 {code[:24]} 应为 9 位数字")
        office = name if name.endswith("办事处") else f"{name}办事处"
        made.append(department(street_dept(code), office, short=name, kind="street", area_code=code))
    return made


def with_streets(doc: dict[str, Any], streets: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return a reference document whose street offices are those of the given streets; others stay.

    The version is left alone: whoever stores the document seals it (`load.seal`).
    """
    others = [entry for entry in doc["departments"] if not entry["id"].startswith("street-")]
    return {**doc, "departments": [*others, *street_departments(streets)]}
