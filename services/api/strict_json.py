"""Strict JSON: what Python would let pass (NaN, numbers of thousands of digits, bottomless nesting) is refused."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class NotJson(ValueError):  # noqa: N818 - says what the text is
    """The text is not JSON as the contract means it."""


def _refuse(word: str) -> NoReturn:
    """Refuse NaN, Infinity and -Infinity."""
    raise NotJson(f"{word} is not JSON")


def loads(raw: bytes) -> Any:
    """Read UTF-8 JSON; raises NotJson for anything else."""
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except NotJson:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)[:200]) from error


def dumps(value: Any) -> bytes:
    """Write compact UTF-8 JSON; raises ValueError for NaN or what JSON cannot hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")
