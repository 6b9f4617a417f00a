"""Reading the rows of a table file: CSV and XLSX, plain or gzipped, in bounded memory.

A foreign file is not trusted: what it unpacks to is capped in size and in ratio, XML with a document type is
refused (entities could grow without end), cells are capped in length.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from services.backend.imports.errors import ImportFileError

#: a cell as read: text, or what a spreadsheet holds natively
Cell = str | int | float | bool | datetime | date | time | None
MAX_CELL = csv.field_size_limit()  # 131,072 characters; csv keeps its limit for the whole process
MAX_COLUMNS = 2_000
MAX_UNPACKED = 8 * 1024**3
MAX_RATIO = 200
#: XLSX: parts of the package, their size and that of one part (a part is parsed in a stream)
MAX_PARTS = 5_000
MAX_XLSX = 1024**3
#: the texts of a workbook are held in memory while its rows are read
MAX_XLSX_TEXTS = 256 * 1024**2
_SCAN = 1 << 20
_XML_PROLOG = (b"<!DOCTYPE", b"<!ENTITY")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: the line (CSV) or row number (XLSX) it ends on, and its cells by column name."""

    line: int
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How a file is to be read: `encoding` and `delimiter` of CSV, `sheet` of XLSX (the first by default)."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A file ready to be read once: its columns and its rows."""

    columns: Sequence[str]
    rows: Iterator[TableRow]


@contextmanager
def open_table(path: Path, options: TableOptions) -> Iterator[OpenTable]:
    """Open a table by the name of its file: .csv, .csv.gz, .xlsx or .xlsx.gz.

    Raises ImportFileError, also later from the rows, with a sentence that says what is wrong and where.
    """
    kind = path.name.lower().removesuffix(".gz")
    packed = path.name.lower().endswith(".gz")
    try:
        with path.open("rb") as raw:
            source: IO[bytes] = (
                io.BufferedReader(_Unpacked(raw, path.stat().st_size), _SCAN) if packed else raw
            )
            if kind.endswith((".csv", ".txt", ".tsv")):
                yield _open_csv(source, options, path.name)
            elif kind.endswith((".xlsx", ".xlsm")):
                with _whole_file(source, packed) as file, _open_xlsx(file, options, path.name) as table:
                    yield table
            else:
                raise ImportFileError(f"{path.name}：只能导入 .csv 和 .xlsx（可用 gzip 压缩）。")
    except FileNotFoundError:
        raise ImportFileError(f"没有找到文件 {path}。") from None
    except (IsADirectoryError, PermissionError):
        raise ImportFileError(f"{path} 不是可以读取的文件。") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise ImportFileError(f"{path.name}：gzip 压缩已损坏或不完整。") from None


class _Unpacked(io.RawIOBase):
    """A gzip stream that stops at the caps instead of filling memory or disk."""

    def __init__(self, raw: IO[bytes], packed_size: int) -> None:
        super().__init__()
        self._file = gzip.GzipFile(fileobj=raw)
        self._left = min(MAX_UNPACKED, max(packed_size, 1024) * MAX_RATIO)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise ImportFileError("压缩文件解开后大得不合理，已停止读取。")
        buffer[: len(data)] = data
        return len(data)


# -- CSV ----------------------------------------------------------------------------------------------------


def _open_csv(source: IO[bytes], options: TableOptions, name: str) -> OpenTable:
    """Open a CSV file; the first line names the columns."""
    text = io.TextIOWrapper(source, encoding=options.encoding, newline="")
    reader = csv.reader(text, delimiter=options.delimiter, strict=True)
    columns = _columns(_next_csv(reader, name) or [], name)
    return OpenTable(columns, _csv_rows(reader, columns, name))


def _csv_rows(reader: Any, columns: Sequence[str], name: str) -> Iterator[TableRow]:
    """Yield the rows below the head; empty lines are passed over, a short line lacks its last cells."""
    while (cells := _next_csv(reader, name)) is not None:
        if not any(cells):
            continue
        if len(cells) > len(columns):
            cells = [*cells[: len(columns) - 1], _rest(cells[len(columns) - 1 :])]
        yield TableRow(reader.line_num, dict(zip(columns, cells, strict=False)))


def _rest(cells: Sequence[str]) -> str:
    """Join what stands beyond the last column, so that nothing is dropped in silence."""
    return " | ".join(cell for cell in cells if cell)


def _next_csv(reader: Any, name: str) -> list[str] | None:
    """Return the next line's cells, None at the end."""
    try:
        return next(reader)  # type: ignore[no-any-return]  # csv gives lists of text
    except StopIteration:
        return None
    except csv.Error as error:
        raise ImportFileError(f"{name} 第 {reader.line_num} 行：引号或分隔有误（{error}）。") from None
    except UnicodeDecodeError as error:
        raise ImportFileError(f"{name}：不是 {error.encoding} 编码，请在映射文件中写明 encoding。") from None


def _columns(cells: Sequence[Cell], name: str) -> list[str]:
    """Check the head of a table."""
    columns = ["" if cell is None else str(cell).strip() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise ImportFileError(f"{name}：第一行没有列名。")
    if len(columns) > MAX_COLUMNS:
        raise ImportFileError(f"{name}：有 {len(columns)} 列，最多 {MAX_COLUMNS} 列。")
    double = next((column for column in columns if column and columns.count(column) > 1), None)
    if double is not None:
        raise ImportFileError(f"{name}：列名“{double[:40]}”出现了两次。")
    return columns


# -- XLSX ---------------------------------------------------------------------------------------------------


@contextmanager
def _whole_file(source: IO[bytes], packed: bool) -> Iterator[IO[bytes]]:
    """Return a file that can be searched: XLSX is read from its end."""
    if not packed:
        yield source
        return
    with tempfile.TemporaryFile() as file:
        while data := source.read(_SCAN):
            file.write(data)
        file.seek(0)
        yield file


@contextmanager
def _open_xlsx(file: IO[bytes], options: TableOptions, name: str) -> Iterator[OpenTable]:
    """Open one sheet of a workbook; the first row names the columns."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    _check_package(file, name)
    file.seek(0)
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, ParseError, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise ImportFileError(f"{name}：不是可以读取的 XLSX 文件（{type(error).__name__}）。") from None
    try:
        sheet = book[options.sheet] if options.sheet else book.worksheets[0]
        rows = _unbroken(sheet.iter_rows(values_only=True), name)
        columns = _columns(next(rows, ()), name)
        yield OpenTable(columns, _xlsx_rows(rows, columns))
    except KeyError:
        names = "、".join(book.sheetnames[:10])
        raise ImportFileError(f"{name}：没有工作表“{options.sheet}”，有：{names}。") from None
    except IndexError:
        raise ImportFileError(f"{name}：没有工作表。") from None
    finally:
        book.close()


def _unbroken(rows: Iterator[Sequence[Any]], name: str) -> Iterator[Sequence[Any]]:
    """Yield rows; a part that turns out to be broken while it is read is told as one sentence.

    The XML reader is defusedxml's, which refuses entities wherever they stand.
    """
    try:
        yield from rows
    except (ParseError, zipfile.BadZipFile, zlib.error, ValueError, TypeError, KeyError, IndexError) as error:
        raise ImportFileError(f"{name}：XLSX 的内容已损坏（{type(error).__name__}）。") from None


def _xlsx_rows(rows: Iterator[Sequence[Any]], columns: Sequence[str]) -> Iterator[TableRow]:
    """Yield the rows below the head; empty ones are passed over."""
    for line, cells in enumerate(rows, 2):
        if any(cell is not None and cell != "" for cell in cells):
            yield TableRow(line, {key: _cell(cell) for key, cell in zip(columns, cells, strict=False) if key})


def _cell(value: Any) -> Cell:
    """Return a spreadsheet's value; numbers that are not finite count as empty."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, str):
        return value[:MAX_CELL]
    return value if isinstance(value, int | float | bool | datetime | date | time) else None


def _check_package(file: IO[bytes], name: str) -> None:
    """Refuse a workbook that unpacks to too much, or whose XML declares a document type."""
    try:
        with zipfile.ZipFile(file) as package:
            parts = package.infolist()
            if len(parts) > MAX_PARTS:
                raise ImportFileError(f"{name}：XLSX 内有 {len(parts)} 个部分，太多了。")
            packed = sum(part.compress_size for part in parts)
            unpacked = sum(part.file_size for part in parts)
            if unpacked > MAX_XLSX or unpacked > max(packed, 4096) * MAX_RATIO:
                raise ImportFileError(f"{name}：XLSX 解开后大得不合理，不能导入。")
            for part in parts:
                if part.filename.lower().endswith("sharedstrings.xml") and part.file_size > MAX_XLSX_TEXTS:
                    raise ImportFileError(f"{name}：XLSX 中的文字太多，请另存为 CSV 再导入。")
                if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _check_xml(package, part, name)
    except zipfile.BadZipFile:
        raise ImportFileError(f"{name}：不是 XLSX 文件，或已损坏。") from None
    except (NotImplementedError, RuntimeError):
        raise ImportFileError(f"{name}：XLSX 已加密或压缩方式不支持。") from None


def _check_xml(package: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> None:
    """Refuse document types and entities, in the only encoding the format uses."""
    with package.open(part) as file:
        head = file.read(_SCAN)
        if head[:2] in (b"\xff\xfe", b"\xfe\xff") or any(mark in head for mark in _XML_PROLOG):
            raise ImportFileError(f"{name}：XLSX 内含文档类型声明，出于安全不能导入。")
