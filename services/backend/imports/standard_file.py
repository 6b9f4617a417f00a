"""Rows of a small CSV or XLSX workbook as text, read so that no file can hurt: caps on bytes, rows, cells.

A workbook is a zip of XML written by somebody else. It is measured before it is unpacked; openpyxl parses it
read-only and, with defusedxml installed, refuses entity tricks. Formulas are not computed, links not followed.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException

from services.domain.errors import DomainError

MAX_BYTES = 8 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 60
MAX_CELL = 2000


class StandardFileError(DomainError):
    """A file cannot be read as a table at all: too big, broken, of another kind, or without the columns."""

    code = "bad_standard_file"


#: line in the file (1 is the first) and the cells of a row
Line = tuple[int, list[str]]


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a CSV or XLSX file that hold anything, cells trimmed; raises StandardFileError."""
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".xlsx"):
        raise StandardFileError(f"{path.name}：只能读取 CSV 或 XLSX 文件")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise StandardFileError(f"{path.name}：文件超过 {MAX_BYTES // 1024 // 1024} MB")
        data = path.read_bytes()
    except OSError:
        raise StandardFileError(f"{path.name}：文件不存在或无法读取") from None
    lines = _csv_lines(path.name, data) if suffix == ".csv" else _xlsx_lines(path.name, data)
    for at, (line, cells) in enumerate(lines, 1):
        if at > MAX_ROWS:
            raise StandardFileError(f"{path.name}：超过 {MAX_ROWS} 行")
        if any(cells):
            yield line, cells


def _csv_lines(name: str, data: bytes) -> Iterator[Line]:
    """Yield the lines of a CSV file in UTF-8 (with or without a byte order mark) or GB18030."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            raise StandardFileError(f"{name}：既不是 UTF-8 也不是 GB18030 编码") from None
    reader = csv.reader(io.StringIO(text, newline=""))
    start = 1
    try:
        for cells in reader:
            yield start, [cell.strip() for cell in cells]
            start = reader.line_num + 1
    except csv.Error as error:
        raise StandardFileError(f"{name} 第 {start} 行：引号或分隔有误（{error}）") from None


def _xlsx_lines(name: str, data: bytes) -> Iterator[Line]:
    """Yield the rows of the first sheet of a workbook."""
    from openpyxl import load_workbook  # half a second to import; only an import of a workbook needs it

    _measure(name, data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its size is only what the file says
            rows = sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS, max_row=MAX_ROWS + 1)
            for line, cells in enumerate(rows, 1):
                yield line, [_cell_text(cell) for cell in cells]
        finally:
            book.close()
    except (DefusedXmlException, ParseError):
        raise StandardFileError(f"{name}：工作簿的内容有误，拒绝读取") from None
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        AttributeError,
        OSError,
        EOFError,
    ):
        raise StandardFileError(f"{name}：不是可读的 XLSX 工作簿") from None


def _measure(name: str, data: bytes) -> None:
    """Refuse a workbook that would unpack to more than a standard can need."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise StandardFileError(f"{name}：不是可读的 XLSX 工作簿") from None
    if unpacked > MAX_UNPACKED:
        raise StandardFileError(f"{name}：解开后超过 {MAX_UNPACKED // 1024 // 1024} MB，拒绝读取")


def _cell_text(value: Any) -> str:
    """Return a cell as text; whole numbers without a decimal point, however the workbook kept them."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).strip()
