"""Masks for personal data (domain section 13.3): shown by default wherever no reason was given."""

from __future__ import annotations

import re

_MOBILE = re.compile(r"(?:\+?86)?(1[0-9]{10})")
_IN_TEXT = re.compile(r"(?<![0-9])(1[3-9][0-9])[0-9]{4}([0-9]{4})(?![0-9])")


def mask_name(name: str) -> str:
    """Keep the first character: 张**."""
    name = name.strip()
    return name[:1] + "*" * min(len(name) - 1, 2) if name else ""


def mask_phone(phone: str) -> str:
    """Mask a mobile as 138****5678, any other number to its last four digits."""
    digits = re.sub(r"[^0-9+]", "", phone)
    mobile = _MOBILE.fullmatch(digits)
    if mobile:
        return f"{mobile[1][:3]}****{mobile[1][-4:]}"
    tail = digits.lstrip("+")[-4:]
    return f"****{tail}" if len(digits) > 4 else "****"


def mask_caller(name: str | None, phone: str | None) -> str | None:
    """Return the one line lists may show, for example `张** 138****5678`; None when nothing is known."""
    parts = [mask_name(name or ""), mask_phone(phone) if phone else ""]
    return " ".join(part for part in parts if part) or None


def mask_phones_in(text: str) -> str:
    """Mask every mobile number that stands inside a text."""
    return _IN_TEXT.sub(r"\1****\2", text)
