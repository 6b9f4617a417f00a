"""交接班: the lines of a hand-over brief, and the hash under which two people sign it.

A brief is a plain document, equal on console and centre: `lines` (what the next shift must know), each of one
of KINDS, and `remarks` of the one who leaves. Its hash is chained to the hand-over before it, so that none can be
changed or taken out later without being seen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from services.domain import fields as f
from services.domain.masking import mask_phones_in

#: kinds of lines in the order of the sheet: what may not be forgotten stands first
KINDS: dict[str, str] = {
    "urgent": "急要件在办",
    "promise": "对市民的承诺",
    "callback": "待回访",
    "breach": "临近超期",
    "silent_unit": "单位未签收",
    "upper": "上级件待答复",
    "failed": "交换失败",
    "unsent": "待发送操作",
    "waiting": "申请待批",
    "claim": "手上的案件",
    "silent_grid": "静默网格",
    "note": "交代事项",
}
#: who hands over and takes over: the posts of the centre's desks
POSTS = ("acceptor", "dispatcher", "shift_leader")
#: who may read the hand-overs of an area
READERS = frozenset({*POSTS, "leader"})
MOST_LINES = 500
REMARK_MAX, REMARKS_MAX = 500, 4000
#: the chain begins here
NO_HASH = bytes(32)


def _or_null(check: f.Check) -> f.Check:
    """Make a check that also takes null."""
    return lambda value: None if value is None else check(value)


def _masked(least: int, most: int) -> f.Check:
    """Make a check for a text in which no mobile number stands in full."""
    check = f.text(least, most)
    return lambda value: mask_phones_in(check(value))


_line = f.record(
    {"kind": f.one_of(*KINDS), "text": _masked(1, 500)},
    {
        "case_id": _or_null(f.uuid),
        "number": _or_null(f.text(1, 20)),
        "due_at": _or_null(f.moment),
        "remark": _masked(0, REMARK_MAX),
    },
)


def _lines(value: Any) -> list[dict[str, Any]]:
    """Check the lines; equal ones are allowed (two promises may read alike)."""
    if not isinstance(value, list) or len(value) > MOST_LINES:
        raise f.Bad(f"应为最多 {MOST_LINES} 行的列表")
    found = []
    for index, entry in enumerate(value):
        try:
            found.append(_line(entry))
        except f.Bad as bad:
            raise f.Bad(str(bad), f"[{index}]{bad.at}") from None
    return found


#: a brief as it is handed in: `said_at` is when the one who leaves signed it, `drafted_at` when it was drafted
check_brief: f.Check = f.record(
    {
        "handover_id": f.uuid,
        "post": f.one_of(*POSTS),
        "began_at": f.moment,
        "drafted_at": f.moment,
        "said_at": f.moment,
        "lines": _lines,
        "remarks": _masked(0, REMARKS_MAX),
    },
    {},
)


def brief_hash(brief: Mapping[str, Any], user: str, before: bytes) -> bytes:
    """Return the hash of a signed brief: over the hash before it, who leaves, and the whole content."""
    content = json.dumps(brief, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(before + f"{user}\n".encode() + content.encode()).digest()


def signature_hash(brief: bytes, user: str, at_ms: int, note: str) -> bytes:
    """Return the hash of the incoming person's signature under a brief."""
    return hashlib.sha256(brief + f"{user}\n{at_ms}\n{note}".encode()).digest()


def counts_by_kind(lines: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many lines of each kind there are, in the order of the sheet, kinds without any left out."""
    found = dict.fromkeys(KINDS, 0)
    for line in lines:
        found[line["kind"]] += 1
    return {kind: count for kind, count in found.items() if count}


def held_cases(brief: Mapping[str, Any]) -> list[str]:
    """Return the cases whose claim moves with the brief, each once."""
    ids = (line.get("case_id") for line in brief["lines"] if line["kind"] == "claim")
    return list(dict.fromkeys(case_id for case_id in ids if case_id))
