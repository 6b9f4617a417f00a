"""Bytes to parsed JSON under limits: size, packed size, depth, double keys, numbers JSON does not have.

A file from a stranger must never take the memory or the process down: everything is refused with a sentence.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from services.geo.errors import FeatureFileError

_GZIP = b"\x1f\x8b"
_STRING = re.compile(r'"(?:[^"\\]+|\\.)*"?', re.DOTALL)
_SLICE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is taken: bytes unpacked, levels, features, vertices of one feature and of all."""

    most_bytes: int = 256 * 1024 * 1024
    most_depth: int = 64
    most_features: int = 500_000
    most_vertices: int = 1_000_000
    most_vertices_in_file: int = 50_000_000


class JsonObject(dict[str, Any]):
    """A JSON object that remembers which of its keys came more than once (the last one counts)."""

    __slots__ = ("doubles",)

    def __init__(self, pairs: Iterable[tuple[str, Any]], doubles: tuple[str, ...] = ()) -> None:
        super().__init__(pairs)
        self.doubles = doubles


def read_bytes(source: bytes | Path, limits: Limits) -> bytes:
    """Take bytes or read a file, unpack gzip, and hold the size limit all the way.

    Raises:
        FeatureFileError: Can't be read, is too big, or the packing is broken.
    """
    if isinstance(source, bytes):
        data = source
    else:
        try:
            with source.open("rb") as stream:
                data = stream.read(limits.most_bytes + 1)
        except OSError as error:
            raise FeatureFileError(f"读不到文件 {source.name}：{error.strerror or error}。") from error
    if data.startswith(_GZIP):
        data = _unpacked(data, limits.most_bytes)
    if len(data) > limits.most_bytes:
        raise FeatureFileError(_too_big(limits.most_bytes))
    return data


def _too_big(most_bytes: int) -> str:
    return f"文件解开后超过 {most_bytes / 1048576:,.0f} MB 的上限。"


def _unpacked(data: bytes, most_bytes: int) -> bytes:
    pieces, size = [], 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            while piece := stream.read(_SLICE):
                size += len(piece)
                if size > most_bytes:
                    raise FeatureFileError(_too_big(most_bytes))
                pieces.append(piece)
    except (OSError, EOFError, zlib.error) as error:
        raise FeatureFileError("文件的 gzip 压缩已损坏或不完整。") from error
    return b"".join(pieces)


def parse_json(data: bytes, limits: Limits) -> Any:
    """Parse UTF-8 (with or without BOM) or GB18030 JSON into `JsonObject`s; NaN and Infinity come as floats.

    NaN is not JSON, but many tools write it; who reads the values must refuse it where it stands, so that
    one bad number does not refuse a whole file.

    Raises:
        FeatureFileError: Not text, not JSON, nested too deeply, or a number too long to read.
    """
    if not data.strip():
        raise FeatureFileError("文件是空的。")
    text = _decoded(data)
    _check_depth(text, limits.most_depth)
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise FeatureFileError(
            f"文件不是正确的 JSON：第 {error.lineno} 行第 {error.colno} 列附近有误。"
        ) from error
    except RecursionError as error:
        raise FeatureFileError("文件的嵌套层数过多。") from error
    except ValueError as error:  # an integer of thousands of digits
        raise FeatureFileError("文件中有位数过多的数字。") from error


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FeatureFileError("文件的文字编码既不是 UTF-8 也不是 GB18030。")


def _check_depth(text: str, most_depth: int) -> None:
    """Refuse deep nesting before the parser sees it: brackets outside strings are counted."""
    depth = 0
    bare = _STRING.sub("", text)
    for start in range(0, len(bare), _SLICE):
        piece = np.frombuffer(bare[start : start + _SLICE].encode("utf-8", "replace"), dtype=np.uint8)
        opening = (piece == ord("[")) | (piece == ord("{"))
        closing = (piece == ord("]")) | (piece == ord("}"))
        steps = (opening.astype(np.int8) - closing.astype(np.int8))[opening | closing]
        if steps.size:
            levels = depth + np.cumsum(steps, dtype=np.int64)
            if int(levels.max()) > most_depth:
                raise FeatureFileError(f"文件的嵌套超过 {most_depth} 层。")
            depth = int(levels[-1])


def _object(pairs: list[tuple[str, Any]]) -> JsonObject:
    made = JsonObject(pairs)
    if len(made) < len(pairs):
        times = Counter(key for key, _ in pairs)
        made.doubles = tuple(key for key, count in times.items() if count > 1)
    return made
