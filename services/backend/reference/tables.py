"""Reading CSV and TOML tables so that every complaint names file, line and column."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from services.domain.errors import DomainError, ReferenceDataError

#: a reference table is small; anything above this is some other file
MAX_BYTES = 4 * 1024 * 1024
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its cells by column name, trimmed, and where it stands."""

    file: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return a cell."""
        return self.cells[column]

    def need(self, column: str) -> str:
        """Return a cell that must not be empty; raises ReferenceDataError."""
        if not self.cells[column]:
            raise self.wrong(column, "不能为空")
        return self.cells[column]

    def read(self, column: str, parse: Callable[[str], T]) -> T:
        """Return a parsed cell; a ValueError or DomainError of `parse` becomes a ReferenceDataError."""
        try:
            return parse(self.need(column))
        except (DomainError, ValueError) as error:
            if isinstance(error, ReferenceDataError):
                raise
            raise self.wrong(column, str(error)) from None

    def wrong(self, column: str, sentence: str) -> ReferenceDataError:
        """Return the error to raise for a cell."""
        return ReferenceDataError(f"{self.file} 第 {self.line} 行 {column} 列：{sentence}")


def read_text(path: Path) -> str:
    """Return a UTF-8 file, with or without a byte order mark; raises ReferenceDataError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ReferenceDataError(f"{path.name}：文件超过 {MAX_BYTES // 1024 // 1024} MB，不是参考表")
        return path.read_text(encoding="utf-8-sig")
    except OSError:
        raise ReferenceDataError(f"{path.name}：文件不存在或无法读取") from None
    except UnicodeDecodeError as error:
        raise ReferenceDataError(f"{path.name}：不是 UTF-8 编码（第 {error.start + 1} 个字节）") from None


def read_csv(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Row]:
    """Yield the rows of a CSV file that has exactly these columns; empty lines are passed over.

    Of the `optional` columns any may be there; one that is not reads as empty. `line` is the physical line on which the
    row ends. Raises ReferenceDataError.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        head = [name.strip() for name in next(reader, [])]
        left_out = [name for name in optional if name not in head]
        if sorted([*head, *left_out]) != sorted([*columns, *optional]):
            missing = "、".join(name for name in columns if name not in head) or "无"
            extra = "、".join(name for name in head if name not in (*columns, *optional)) or "无"
            raise ReferenceDataError(f"{path.name} 第 1 行：列不符，缺少 {missing}，多出 {extra}")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(head):
                raise ReferenceDataError(
                    f"{path.name} 第 {reader.line_num} 行：有 {len(cells)} 格，应为 {len(head)} 格"
                )
            trimmed = (cell.strip() for cell in cells)
            found = dict(zip(head, trimmed, strict=True))
            yield Row(path.name, reader.line_num, {**dict.fromkeys(left_out, ""), **found})
    except csv.Error as error:
        raise ReferenceDataError(f"{path.name} 第 {reader.line_num} 行：引号或分隔有误（{error}）") from None


def flag(text: str) -> bool:
    """Read 0 or 1; raises ValueError."""
    if text not in ("0", "1"):
        raise ValueError("应为 0 或 1")
    return text == "1"


@dataclass(frozen=True, slots=True)
class Table:
    """A TOML table with the words to say where something is wrong."""

    file: str
    values: Mapping[str, Any]
    at: str = ""

    def wrong(self, key: str, sentence: str) -> ReferenceDataError:
        """Return the error to raise for a key."""
        return ReferenceDataError(f"{self.file} 的 {self.at}{key}：{sentence}")

    def need(self, key: str, kind: type[T], words: str) -> T:
        """Return a value of a type; raises ReferenceDataError."""
        value = self.values.get(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(key, f"应为{words}" if key in self.values else "不能缺少")
        return value

    def day(self, key: str) -> date:
        """Return a date (not a moment); raises ReferenceDataError."""
        value = self.need(key, date, "日期")
        if type(value) is not date:
            raise self.wrong(key, "应为日期，不带时刻")
        return value

    def tables(self, key: str) -> list[Table]:
        """Return the entries of an array of tables, in order; none when the key is missing."""
        entries = self.values.get(key, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise self.wrong(key, "应为一组表")
        return [Table(self.file, entry, f"{self.at}{key} 第 {n} 项的 ") for n, entry in enumerate(entries, 1)]

    def only(self, *known: str) -> None:
        """Refuse keys nobody reads: a slip of the pen must not pass in silence."""
        for key in self.values:
            if key not in known:
                raise self.wrong(key, "不认识的项")


def read_toml(path: Path) -> Table:
    """Read a TOML file; raises ReferenceDataError, which names the line."""
    try:
        return Table(path.name, tomllib.loads(read_text(path)))
    except tomllib.TOMLDecodeError as error:
        raise ReferenceDataError(f"{path.name}：格式有误（{error}）") from None
