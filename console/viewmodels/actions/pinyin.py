"""Search keys of Chinese names: full pinyin and initials, worked out once a name."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=20_000)
def spell(name: str) -> tuple[str, str]:
    """Return (pinyin syllables with spaces, initials) of a name; what is not Chinese stays as it is.

    `市政` gives (`shi zheng`, `sz`). The dictionary is read at the first call (some 100 ms).
    """
    from pypinyin import Style, lazy_pinyin

    return " ".join(lazy_pinyin(name)).lower(), "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()
