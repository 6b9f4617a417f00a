"""Columns of words in little room: unlike words end to end in one block, repeated words once each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_END = "\x00"


@dataclass(frozen=True, slots=True, eq=False)
class PackedTexts:
    """Words in UTF-8 end to end.

    Attributes:
        block: all words, each closed by a zero byte.
        stops: where each word's zero byte is.
    """

    block: bytes
    stops: npt.NDArray[np.uint32]

    @staticmethod
    def of(words: Sequence[str]) -> PackedTexts:
        """Pack words; a zero character inside a word is left out, a lone surrogate becomes a question mark."""
        block = _END.join([*words, ""]).encode("utf-8", "replace")
        stops = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == 0)
        if len(stops) != len(words):
            return PackedTexts.of([word.replace(_END, "") for word in words])
        return PackedTexts(block, stops.astype(np.uint32))

    def __getitem__(self, row: int) -> str:
        """The word of a row; empty beyond the last."""
        if row >= len(self.stops):
            return ""
        start = int(self.stops[row - 1]) + 1 if row else 0
        return self.block[start : int(self.stops[row])].decode("utf-8")

    def __len__(self) -> int:
        """How many words there are."""
        return len(self.stops)

    def __eq__(self, other: object) -> bool:
        """Equal words in the same order."""
        return isinstance(other, PackedTexts) and self.block == other.block

    __hash__ = None  # type: ignore[assignment] # a column is no key

    @property
    def nbytes(self) -> int:
        """Memory of block and stops."""
        return len(self.block) + self.stops.nbytes


@dataclass(frozen=True, slots=True, eq=False)
class PooledTexts:
    """Words that repeat: each once, and its index by row.

    Attributes:
        words: the unlike words in the order of their first row.
        codes: row to index in ``words``.
    """

    words: tuple[str, ...]
    codes: npt.NDArray[np.int32]

    @staticmethod
    def of(words: Iterable[str]) -> PooledTexts:
        """Pool words."""
        known: dict[str, int] = {}
        codes = np.array([known.setdefault(word, len(known)) for word in words], dtype=np.int32)
        return PooledTexts(tuple(known), codes)

    def __getitem__(self, row: int) -> str:
        """The word of a row; empty beyond the last."""
        return self.words[int(self.codes[row])] if row < len(self.codes) else ""

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.codes)

    def __eq__(self, other: object) -> bool:
        """Equal words in the same order."""
        return (
            isinstance(other, PooledTexts)
            and self.words == other.words
            and np.array_equal(self.codes, other.codes)
        )

    __hash__ = None  # type: ignore[assignment] # a column is no key

    @property
    def nbytes(self) -> int:
        """Memory of the codes; the words are few."""
        return self.codes.nbytes
