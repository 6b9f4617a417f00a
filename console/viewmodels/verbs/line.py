"""What the operator typed, cut into words: the prefix that narrows the search, words, digits of a case number."""

from __future__ import annotations

import re
from dataclasses import dataclass

CASES, PEOPLE, PLACES, COMMANDS = "#", "@", "/", ">"
PREFIXES = (CASES, PEOPLE, PLACES, COMMANDS)
#: what an input method writes for a prefix, and for digits
_FULL_WIDTH = str.maketrans("＃＠／、＞》０１２３４５６７８９－", "#@//>>0123456789-")
#: digits (with hyphens, as in case numbers) stand apart from letters; marks between words mean nothing
_WORD = re.compile(r"[0-9][0-9-]*|[^\W\d]+")
#: words that only join: 派遣 0312 至 市政
JOINING = frozenset({"至", "到", "给", "由", "的"})


@dataclass(frozen=True, slots=True)
class Line:
    """A typed line: its prefix (empty for none) and its words in lower case."""

    text: str
    prefix: str
    words: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.words

    def wants(self, kind: str) -> bool:
        """Tell whether a kind (one of `PREFIXES`) is asked for."""
        return self.prefix in ("", kind)


def read_line(text: str) -> Line:
    """Cut a line: full-width marks count as narrow ones, digits stand apart from letters (`pq0312sz`)."""
    plain = text.translate(_FULL_WIDTH).strip()
    prefix = plain[:1] if plain[:1] in PREFIXES else ""
    found = _WORD.findall(plain[len(prefix) :].casefold())
    words = tuple(word.rstrip("-") for word in found)
    return Line(text, prefix, tuple(word for word in words if word not in JOINING))


def is_number(word: str) -> bool:
    """Tell whether a word is (the end of) a case number."""
    return word[:1].isdigit() and word.replace("-", "").isdigit()
