"""Reading JSON from outside, strictly: the standard reader takes NaN, doubled keys and numbers of any length."""

from __future__ import annotations

import json
from typing import Any

from services.backend.problems import Problem

#: no number of the contract is longer
MAX_DIGITS = 40


class _BadJsonError(ValueError):
    """What was read is not strict JSON; `str()` is the Chinese reason."""


def _constant(name: str) -> Any:
    raise _BadJsonError(f"不允许 {name}")


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise _BadJsonError("数字太长")
    return int(text)


def _decimal(text: str) -> float:
    if len(text) > MAX_DIGITS:
        raise _BadJsonError("数字太长")
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _BadJsonError("数字太大")
    return value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _BadJsonError("字段名重复")
    return found


_decoder = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_whole, parse_float=_decimal
)


def read_json(body: bytes) -> Any:
    """Return what a body holds.

    Raises Problem 400 `bad_json` for anything that is not one JSON value in UTF-8: broken or doubled keys,
    NaN, numbers without end, nesting without end.
    """
    try:
        return _decoder.decode(body.decode("utf-8"))
    except _BadJsonError as error:
        raise _bad(str(error)) from None
    except UnicodeDecodeError:
        raise _bad("不是 UTF-8 文字") from None
    except json.JSONDecodeError as error:
        raise _bad(f"第 {error.lineno} 行第 {error.colno} 列附近不是有效的 JSON") from None
    except RecursionError:
        raise _bad("嵌套太深") from None
    except ValueError:
        raise _bad("内容无法读取") from None


def _bad(why: str) -> Problem:
    return Problem(400, "bad_json", "请求内容不是有效的 JSON。", detail=why)
