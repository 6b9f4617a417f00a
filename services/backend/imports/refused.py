"""The report of refused rows, beside the imported file: line, number, reason, and the row as it was."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from services.backend.imports.tables import Cell
from services.backend.imports.values import text_of

#: a spreadsheet takes a cell that begins with one of these for a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_HEAD = ("行号", "外部编号", "原因")


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula: an apostrophe in front of what could be one."""
    return f"'{text}" if text.startswith(_FORMULA) else text


class RefusedReport:
    """Writes `<file>.refused.csv` row by row; nothing is left behind when no row was refused.

    The file appears in one step at the end (`close`); until then it has the ending `.part`.
    """

    def __init__(self, imported: Path, columns: Sequence[str]) -> None:
        """Name the report after the imported file; `columns` are the source's own."""
        self.path = imported.with_name(imported.name + ".refused.csv")
        self._part = self.path.with_name(self.path.name + ".part")
        self._columns = [column for column in columns if column]
        self._file: IO[str] | None = None
        self.count = 0

    def add(self, line: int, external_id: str, reason: str, cells: Mapping[str, Cell]) -> None:
        """Add one refused row; raises OSError when the folder cannot be written."""
        if self._file is None:
            self._file = self._part.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._file).writerow([*_HEAD, *(safe_cell(column) for column in self._columns)])
        kept = [safe_cell(text_of(cells.get(column))) for column in self._columns]
        csv.writer(self._file).writerow([line, safe_cell(external_id), reason, *kept])
        self.count += 1

    def close(self, *, keep: bool = True) -> None:
        """Put the report in its place, or away when the import broke off (`keep` False) or refused nothing."""
        if self._file is not None:
            self._file.close()
            self._file = None
            if keep:
                self._part.replace(self.path)
            else:
                self._part.unlink(missing_ok=True)
        elif keep:
            self.path.unlink(missing_ok=True)
