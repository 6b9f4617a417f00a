"""The digest both sides compute over open cases, to find silent drift (contract section 3)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

BUCKETS = 256


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many cases fall into a bucket and the xor of their marks (16 hex digits)."""

    count: int
    xor: str


def bucket_of(case_id: str) -> int:
    """Return the bucket 0–255 of a case: the first byte of sha256(case_id)."""
    return hashlib.sha256(case_id.encode()).digest()[0]


def digest(rows: Iterable[tuple[str, int]]) -> list[Bucket]:
    """Return 256 buckets over (case_id, version) pairs; order does not matter."""
    counts = [0] * BUCKETS
    marks = [0] * BUCKETS
    for case_id, version in rows:
        at = bucket_of(case_id)
        counts[at] += 1
        mark = hashlib.sha256(f"{case_id}|{version}".encode()).digest()[:8]
        marks[at] ^= int.from_bytes(mark, "big")
    return [Bucket(count, f"{mark:016x}") for count, mark in zip(counts, marks, strict=True)]
