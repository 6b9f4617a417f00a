"""Numbers of callers as switches tell them: hidden, foreign, with a slash, far too long; and where they come from.

A number is never trusted: it is shown, searched by its digits and never put into an address of anything.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: longer than any number there is; what exceeds it is noise of a switch or an attack
LONGEST = 20
_HIDDEN = frozenset(
    {"", "anonymous", "unknown", "unavailable", "private", "restricted", "withheld", "asterisk"}
)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_SERVICE = re.compile(r"(?:1[0-2]\d{1,3}|9\d{4,5}|400\d{7}|800\d{7})")
_SIP = re.compile(r"^\s*(?:\"[^\"]*\"\s*)?<?(?:sips?|tel):([^@;>?]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CallerNumber:
    """A caller's number: `digits` to search by (empty when hidden), `shown` for the screen, `kind`.

    `kind` is one of `mobile, landline, service, foreign, short, hidden, odd`.
    """

    digits: str
    shown: str
    kind: str

    @property
    def hidden(self) -> bool:
        """Whether the caller's number was not told; such a caller cannot be called back."""
        return not self.digits


HIDDEN = CallerNumber("", "", "hidden")


def caller_number(told: str) -> CallerNumber:
    """Return what a switch told as a number; never raises.

    Takes a bare number or a SIP or TEL address; full-width digits, blanks, dashes, brackets and a slash behind the
    area code are read over; the country code 86 (`+86`, `0086`, `86` before a mobile number) is taken off.
    """
    text = unicodedata.normalize("NFKC", told[:400])
    found = _SIP.match(text)
    text = (found.group(1) if found else text).strip()
    if text.lower() in _HIDDEN:
        return HIDDEN
    plus = text.startswith("+")
    digits = re.sub(r"[^0-9]", "", text)
    if not digits:
        return HIDDEN if not re.search(r"\w", text) else CallerNumber("", _printable(text), "hidden")
    if len(digits) > LONGEST:
        return CallerNumber("", digits[:LONGEST] + "…", "odd")
    return _sorted(*_home(digits, plus))


def _home(digits: str, plus: bool) -> tuple[str, bool]:
    """Return the digits without the country code, and whether they are of another country."""
    if digits.startswith("00"):
        digits, plus = digits[2:], True
    if plus:
        if not digits.startswith("86"):
            return digits, True
        digits = digits[2:]
        return (digits if _MOBILE.fullmatch(digits) or digits.startswith("0") else _with_trunk(digits)), False
    if digits.startswith("86") and _MOBILE.fullmatch(digits[2:]):
        return digits[2:], False
    return digits, False


def _with_trunk(digits: str) -> str:
    """Return a land line written with its country code with the leading 0 it is dialled with at home."""
    return digits if _SERVICE.fullmatch(digits) or len(digits) < 9 else "0" + digits


def _sorted(digits: str, foreign: bool) -> CallerNumber:
    """Return a number with its kind and spelling."""
    if foreign:
        return CallerNumber(digits, "+" + digits, "foreign")
    if _MOBILE.fullmatch(digits):
        return CallerNumber(digits, f"{digits[:3]} {digits[3:7]} {digits[7:]}", "mobile")
    if _SERVICE.fullmatch(digits):
        return CallerNumber(digits, digits, "service")
    if digits.startswith("01") and _MOBILE.fullmatch(digits[1:]):  # a mobile of another place, dialled with 0
        return _sorted(digits[1:], False)
    if digits.startswith("0") and 10 <= len(digits) <= 12:
        area = 3 if digits[1] in "12" else 4
        return CallerNumber(digits, f"{digits[:area]}-{digits[area:]}", "landline")
    if 7 <= len(digits) <= 8:
        return CallerNumber(digits, digits, "landline")
    if len(digits) < 7:
        return CallerNumber(digits, digits, "short")
    return CallerNumber(digits, digits, "odd")


def _printable(text: str) -> str:
    """Return a name that stood where a number should: no control signs, short."""
    return "".join(sign for sign in text if sign.isprintable())[:LONGEST]
