"""Prepared districts on disk, by the hash of what they were made from, so that the next start does not wait.

One file holds the areas of a district, one its step plan, one each zoom step. A file is written beside its place
and moved there whole. It begins with a header that names format, version, key and kind; a file that is broken,
cut short, of another version or of something else is thrown away and made again. Nothing in a file is executed
(no pickle). The folder keeps within a size: what was not used for longest goes first.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import logging
import os
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from maps.geometry.arcs import BoolArray
from maps.geometry.shapes import AreaShape

log = logging.getLogger(__name__)

FORMAT = "griddesk-district"
VERSION = 2
"""Raised whenever the making of districts changes, so that old files are not taken for new ones."""
MOST_BYTES = 256 * 1024 * 1024
_A_BATCH = 2000
_BROKEN = (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile,
           NotImplementedError, RuntimeError, shapely.errors.ShapelyError)  # fmt: skip
"""What reading a file that is not what it should be may raise."""

Arrays = Mapping[str, np.ndarray[Any, Any]]


def content_key(shapes: Sequence[AreaShape]) -> str:
    """Hash of everything a prepared district depends on: codes, names, levels, parents, coordinates, version."""
    digest = hashlib.sha256(f"{FORMAT} {VERSION}\\n".encode())
    for start in range(0, len(shapes), _A_BATCH):
        batch = shapes[start : start + _A_BATCH]
        words = [(s.code, s.name, s.level, s.parent) for s in batch]
        digest.update(json.dumps(words).encode())
        geometry = np.empty(len(batch), dtype=object)
        geometry[:] = [s.geometry for s in batch]
        for packed in shapely.to_wkb(geometry, output_dimension=2, byte_order=1).tolist():
            digest.update(b"-" if packed is None else len(packed).to_bytes(8, "little"))
            digest.update(packed or b"")
    return digest.hexdigest()[:40]


class Shelf:
    """The files of one district in a folder; used by one lane at a time, by several programs at once."""

    def __init__(self, folder: Path, key: str, most_bytes: int = MOST_BYTES) -> None:
        """Take the folder (made when something is put there), the district's key and the folder's size limit."""
        self._folder = folder
        self._key = key
        self._most_bytes = most_bytes

    def path(self, kind: str) -> Path:
        """Where a kind of content stands."""
        return self._folder / f"{self._key}.{kind}.npz"

    def take(self, kind: str) -> Arrays | None:
        """Read a file; None when it is not there or not what it should be (then it is removed)."""
        path = self.path(kind)
        if not path.exists():
            return None
        try:
            arrays = self._read(path, kind)
            os.utime(path)
        except _BROKEN as error:
            log.info("a kept map file could not be used and is made again: %s (%s)", path.name, error)
            self.drop(kind)
            return None
        return arrays

    def drop(self, kind: str) -> None:
        """Remove a file that turned out to be of no use."""
        with contextlib.suppress(OSError):
            self.path(kind).unlink(missing_ok=True)

    def put(self, kind: str, arrays: Arrays) -> None:
        """Write a file; a full or read-only disk costs the next start some time and nothing else."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(prefix=".new-", suffix=".npz", dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as stream:
                    np.savez(stream, header=packed(self._header(kind)), **arrays)  # type: ignore[arg-type]  # arrays only
                os.replace(name, self.path(kind))
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(name)
                raise
            self._sweep()
        except OSError as error:
            log.info("the prepared map could not be kept: %s", error)

    def _header(self, kind: str) -> dict[str, Any]:
        return {"format": FORMAT, "version": VERSION, "key": self._key, "kind": kind}

    def _read(self, path: Path, kind: str) -> Arrays:
        with zipfile.ZipFile(path) as archive:
            if sum(info.file_size for info in archive.infolist()) > self._most_bytes:
                raise ValueError("too big")
        with np.load(path, allow_pickle=False) as stored:
            if unpacked(stored["header"]) != self._header(kind):
                raise ValueError("another version or something else")
            return {name: stored[name] for name in stored.files if name != "header"}

    def _sweep(self) -> None:
        """Remove what was not used for longest until the folder keeps within its size, this district last."""
        files = []
        for path in self._folder.glob("*.npz"):
            with contextlib.suppress(OSError):
                stat = path.stat()
                files.append((path.name.startswith(self._key), stat.st_mtime, stat.st_size, path))
        total = sum(size for _, _, size, _ in files)
        for mine, _, size, path in sorted(files, key=lambda f: f[:2]):
            if total <= self._most_bytes or mine:
                return
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size


def packed(value: Any) -> np.ndarray[Any, Any]:
    """JSON as bytes in an array."""
    return np.frombuffer(json.dumps(value, ensure_ascii=True).encode(), dtype=np.uint8)


def unpacked(array: np.ndarray[Any, Any]) -> Any:
    """The value of what :func:`packed` made. Raises ValueError."""
    if array.dtype != np.uint8:
        raise ValueError("not text")
    return json.loads(array.tobytes())


def packed_shapes(geometry: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """Polygons as one run of well-known binary with offsets."""
    parts = shapely.to_wkb(geometry).tolist()
    sizes = np.array([len(part) for part in parts], dtype=np.int64)
    return {"wkb": np.frombuffer(b"".join(parts), dtype=np.uint8), "wkb_stop": np.cumsum(sizes)}


def unpacked_shapes(wkb: np.ndarray[Any, Any], stop: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Polygons of what :func:`packed_shapes` made. Raises ShapelyError, ValueError."""
    raw = wkb.tobytes()
    bounds = [0, *stop.tolist()]
    made = np.empty(len(stop), dtype=object)
    made[:] = [shapely.from_wkb(raw[a:b]) for a, b in itertools.pairwise(bounds)]
    return made


def packed_mask(kept: BoolArray) -> dict[str, np.ndarray[Any, Any]]:
    """A mask as bits with its length."""
    return {"bits": np.packbits(kept), "count": np.array([len(kept)], dtype=np.int64)}


def unpacked_mask(arrays: Arrays) -> BoolArray:
    """The mask of what :func:`packed_mask` made. Raises KeyError, ValueError."""
    count = int(arrays["count"][0])
    if arrays["bits"].dtype != np.uint8 or len(arrays["bits"]) != (count + 7) // 8:
        raise ValueError("bits and count do not fit")
    return np.unpackbits(arrays["bits"], count=count).astype(bool)
