"""Cases as columns: 100,000 of them in a few megabytes, a handful changed in place, values built on demand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from maps.geometry.mercator import FloatArray, project, valid_mask
from maps.layers.map_case import MapCase, number_or_nan, same_case
from maps.layers.packed import PackedTexts, PooledTexts
from maps.layers.tokens import BANDS

Rows = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

STAGES = 6
"""Steps of a case: 受理, 立案, 派遣, 处置, 核查, 结案; 0 is none of them."""
_KNOWN_BAND = {band: i for i, band in enumerate(BANDS)}
_QUIET = BANDS.index("ok")
MOST_URGENT = 3


Details = Callable[[str], MapCase | None]
"""Gives the case of an id; for tables whose words stay where they come from."""


class CaseTable:
    """Cases by row. Rows are never used again for another case: what is gone leaves its row empty.

    A table may be made on any thread; afterwards it belongs to one.
    """

    def __init__(self, ids: list[str], lonlat: FloatArray, small: Mapping[str, Bytes]) -> None:
        """Take columns that fit together; those who make tables check them."""
        n = len(ids)
        self.ids = ids
        self.row_of = dict(zip(ids, range(n), strict=True))
        good = valid_mask(lonlat[:, 0], lonlat[:, 1]) if n else np.zeros(0, dtype=bool)
        xy = np.full((n, 2), np.nan)
        if good.any():
            xy[good] = project(lonlat[good, 0], lonlat[good, 1])
        self._columns: dict[str, npt.NDArray[Any]] = {
            "lonlat": lonlat,
            "xy": xy,
            "alive": np.ones(n, dtype=bool),
            **small,
        }
        self.band_words: list[str] = list(BANDS)
        self.pooled: dict[str, PooledTexts] = {}
        self.packed: dict[str, PackedTexts] = {}
        self.details: Details | None = None
        self._late: dict[int, MapCase] = {}
        self._placed: Rows | None = None
        self._placed_xy: FloatArray | None = None
        self.revision = 0
        """Grows with every case that changes."""

    def __len__(self) -> int:
        """Cases in the table."""
        return len(self.row_of)

    def fill(self, **small: Bytes | Flags) -> None:
        """Put in the columns that were left out when the table was made."""
        self._columns |= small

    # --- columns ----------------------------------------------------------------------------------

    @property
    def xy(self) -> FloatArray:
        """``(rows, 2)`` world metres, NaN for a case without a usable point."""
        return self._columns["xy"][: len(self.ids)]

    @property
    def band(self) -> Bytes:
        """Row to index in ``band_words``; the first of them are :data:`BANDS`, worst first."""
        return self._columns["band"][: len(self.ids)]

    @property
    def urgency(self) -> Bytes:
        """Row to urgency, 0 to 3."""
        return self._columns["urgency"][: len(self.ids)]

    @property
    def stage(self) -> Bytes:
        """Row to stage, 0 to 6."""
        return self._columns["stage"][: len(self.ids)]

    @property
    def pending(self) -> Flags:
        """Rows with an operation that is not decided."""
        return self._columns["pending"][: len(self.ids)]

    @property
    def alive(self) -> Flags:
        """Rows that still stand for a case."""
        return self._columns["alive"][: len(self.ids)]

    @property
    def placed(self) -> Rows:
        """Rows of cases with a usable point, ascending."""
        if self._placed is None:
            self._placed = np.flatnonzero(self.alive & np.isfinite(self.xy[:, 0])).astype(np.int32)
        return self._placed

    @property
    def placed_xy(self) -> FloatArray:
        """World points of :attr:`placed`."""
        if len(self.placed) == len(self.ids):
            return self.xy
        if self._placed_xy is None:
            self._placed_xy = self.xy[self.placed]
        return self._placed_xy

    @property
    def shown_band(self) -> Bytes:
        """Row to index in :data:`BANDS`; a band this version does not know is drawn as the quiet ring."""
        band = self.band
        if len(self.band_words) == len(BANDS):
            return band
        return np.where(band < len(BANDS), band, np.uint8(_QUIET)).astype(np.uint8)

    def risk(self, rows: Rows) -> npt.NDArray[np.int16]:
        """Worse band first, then higher urgency; unknown bands last."""
        band = np.minimum(self.band[rows], len(BANDS)).astype(np.int16)
        return np.asarray(band * 8 - np.minimum(self.urgency[rows], 7), dtype=np.int16)

    @property
    def worn(self) -> int:
        """Rows that stand for nothing any more or were put in late."""
        return len(self.ids) - len(self.row_of) + len(self._late)

    @property
    def nbytes(self) -> int:
        """Memory of the columns and of the packed words, without the ids."""
        words = sum(texts.nbytes for _, texts in self._texts())
        return words + sum(c.nbytes for c in self._columns.values())

    def _texts(self) -> list[tuple[str, PooledTexts | PackedTexts]]:
        return [*self.pooled.items(), *self.packed.items()]

    # --- values -----------------------------------------------------------------------------------

    def case(self, row: int) -> MapCase:
        """The case of a row as a value, also of one that is gone."""
        late = self._late.get(row)
        if late is not None:
            return late
        case_id = self.ids[row]
        told = self.details(case_id) if self.details is not None else None
        lon, lat = self._columns["lonlat"][row].tolist()
        words = {name: texts[row] for name, texts in self._texts()}
        return replace(
            told if told is not None else MapCase(case_id, "", None, None),
            case_id=case_id,
            lon=None if math.isnan(lon) else lon,
            lat=None if math.isnan(lat) else lat,
            band=self.band_words[int(self.band[row])],
            urgency=int(self.urgency[row]),
            pending=bool(self.pending[row]),
            stage=int(self.stage[row]),
            **words,
        )

    def area_code(self, row: int) -> str:
        """Code of the grid a case names, without building the case."""
        late = self._late.get(row)
        if late is not None:
            return late.area_code
        return self.pooled["area_code"][row] if "area_code" in self.pooled else self.case(row).area_code

    def area_index(self, index: Mapping[str, int]) -> npt.NDArray[np.int32]:
        """Row to the index of the grid it names, -1 where it names none of ``index``."""
        out = np.full(len(self.ids), -1, dtype=np.int32)
        pool = self.pooled.get("area_code")
        if pool is not None:
            known = np.array([index.get(word, -1) for word in pool.words], dtype=np.int32)
            out[: len(pool)] = known[pool.codes]
        for row, case in self._late.items():
            out[row] = index.get(case.area_code, -1)
        return out

    # --- changes ----------------------------------------------------------------------------------

    def update(self, changed: Iterable[MapCase], removed: Iterable[str]) -> tuple[bool, int]:
        """Put in the changed cases and take out the removed ids.

        Returns:
            Whether anything differs, and how many rows were added at the end.
        """
        fresh: dict[str, MapCase] = {}
        touched = 0
        for case in changed:
            row = self.row_of.get(case.case_id)
            if row is None:
                fresh[case.case_id] = case
            elif not same_case(self.case(row), case):
                touched += 1
                here = [number_or_nan(case.lon), number_or_nan(case.lat)]
                if np.array_equal(self._columns["lonlat"][row], here, equal_nan=True):
                    self._write(row, case)
                else:
                    self._drop(case.case_id)
                    fresh[case.case_id] = case
        for case_id in removed:
            touched += fresh.pop(case_id, None) is not None or case_id in self.row_of
            self._drop(case_id)
        if fresh:
            self._append(list(fresh.values()))
        self.revision += touched + len(fresh)
        return bool(touched or fresh), len(fresh)

    def _write(self, row: int, case: MapCase) -> None:
        self._late[row] = case
        self._columns["band"][row] = self.band_code(case.band)
        self._columns["urgency"][row] = min(max(int(case.urgency), 0), MOST_URGENT)
        self._columns["pending"][row] = case.pending
        self._columns["stage"][row] = case.stage if 0 <= case.stage <= STAGES else 0

    def band_code(self, band: str) -> int:
        """Index of a band in ``band_words``; a new word is noted, up to what a byte can tell apart."""
        known = _KNOWN_BAND.get(band)
        if known is not None:
            return known
        if band not in self.band_words and len(self.band_words) < 250:
            self.band_words.append(band)
        return self.band_words.index(band) if band in self.band_words else len(self.band_words) - 1

    def _drop(self, case_id: str) -> None:
        row = self.row_of.pop(case_id, None)
        if row is not None:
            self._columns["alive"][row] = False
            self._placed = self._placed_xy = None

    def _append(self, cases: list[MapCase]) -> None:
        start, more = len(self.ids), len(cases)
        for name, column in self._columns.items():
            if len(column) < start + more:
                grown = np.zeros((start + max(more, start // 8), *column.shape[1:]), dtype=column.dtype)
                grown[:start] = column[:start]
                self._columns[name] = grown
        lonlat = degrees_of(cases)
        good = valid_mask(lonlat[:, 0], lonlat[:, 1])
        xy = np.full((more, 2), np.nan)
        xy[good] = project(lonlat[good, 0], lonlat[good, 1])
        for name, values in (("lonlat", lonlat), ("xy", xy), ("alive", True)):
            self._columns[name][start : start + more] = values
        self.ids.extend(case.case_id for case in cases)
        for row, case in enumerate(cases, start):
            self.row_of[case.case_id] = row
            self._write(row, case)
        self._placed = self._placed_xy = None

    def same_as(self, other: CaseTable) -> bool:
        """Whether both hold equal cases; two large tables in different order count as different."""
        if len(self) != len(other) or self.row_of.keys() != other.row_of.keys():
            return False
        straight = not (self.worn or other.worn) and self.ids == other.ids
        if not straight and len(self) > 5000:
            return False
        if straight and self.details == other.details:
            return self._same_columns(other)
        if self.details is not None or other.details is not None:
            return False  # words that are made when asked for would all be made here
        return all(same_case(self.case(row), other.case(other.row_of[i])) for i, row in self.row_of.items())

    def _same_columns(self, other: CaseTable) -> bool:
        n = len(self.ids)
        return (
            all(
                np.array_equal(column[:n], other._columns[name][:n], equal_nan=name in ("xy", "lonlat"))
                for name, column in self._columns.items()
            )
            and self.band_words == other.band_words
            and self.pooled == other.pooled
            and self.packed == other.packed
        )


def degrees_of(cases: Sequence[MapCase]) -> FloatArray:
    """``(n, 2)`` longitudes and latitudes, NaN where not known."""
    flat = np.array([(c.lon, c.lat) for c in cases], dtype=np.float64)
    return flat.reshape(-1, 2)


class CaseView(Mapping[str, MapCase]):
    """The cases of a table by id; each value is built when it is asked for."""

    def __init__(self, table: CaseTable) -> None:
        """Look at a table; changes of it are seen."""
        self._table = table

    def __getitem__(self, case_id: str) -> MapCase:
        """The case of an id."""
        return self._table.case(self._table.row_of[case_id])

    def __iter__(self) -> Iterator[str]:
        """All ids."""
        return iter(self._table.row_of)

    def __len__(self) -> int:
        """How many cases there are."""
        return len(self._table)

    def __contains__(self, case_id: object) -> bool:
        """Whether there is a case of that id, without building it."""
        return case_id in self._table.row_of
