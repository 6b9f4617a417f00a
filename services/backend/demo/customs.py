"""What the duty table does not say (习惯做法): in some streets another unit handles a kind of case in the end.

In a real district cleaning or street order has gone down to the street office here and there, or a neighbour unit does
the work because its crew is near. Which streets and which 大类 is fixed by their codes alone, so that a history of any
size has the same customs; the desk knows most of them, and what it does not know comes back and teaches.
"""

from __future__ import annotations

import zlib

#: unit of the duty table -> who handles it where the custom differs ("street": the office of the street)
INSTEAD = {
    "sani": "street", "order": "street", "enforce": "street", "green": "street", "drain": "muni",
    "street": "order",
}  # fmt: skip
_STREET = 9
_WHOLE = 1 << 32


def custom_of(duty: str, major: str, area_path: tuple[str, ...], share: float) -> str | None:
    """Return the unit that handles a 大类 in a street by custom; None where the duty table holds.

    Args:
        duty: the unit of the duty table.
        major: code of the 大类.
        area_path: area codes of the case.
        share: how many of all pairs of street and 大类 have a custom.
    """
    street = next((code for code in area_path if len(code) == _STREET), None)
    kin = "street" if duty.startswith("street-") else duty
    instead = INSTEAD.get(kin)
    if street is None or instead is None or drawn(f"{street}|{major}") >= share:
        return None
    return f"street-{street}" if instead == "street" else instead


def drawn(text: str) -> float:
    """Return a number from 0 to 1 that is always the same for a text."""
    return zlib.crc32(text.encode()) / _WHOLE
