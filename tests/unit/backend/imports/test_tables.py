"""Reading foreign tables: formats, odd files, and files made to hurt."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from services.backend.imports import tables
from services.backend.imports.errors import ImportFileError
from services.backend.imports.refused import RefusedReport, safe_cell
from services.backend.imports.tables import TableOptions, TableRow, open_table


def _read(path: Path, options: TableOptions | None = None) -> tuple[list[str], list[TableRow]]:
    with open_table(path, options or TableOptions()) as table:
        return list(table.columns), list(table.rows)


def _csv(tmp_path: Path, text: str, name: str = "a.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    data = text.encode(encoding)
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def _xlsx(tmp_path: Path, rows: Sequence[Sequence[Any]], name: str = "a.xlsx") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "案件"
    for row in rows:
        sheet.append(list(row))
    book.create_sheet("别的").append(["x"])
    path = tmp_path / name
    made = io.BytesIO()
    book.save(made)
    path.write_bytes(gzip.compress(made.getvalue()) if name.endswith(".gz") else made.getvalue())
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "A.CSV"])
def test_csv_with_quotes_commas_and_line_breaks(tmp_path: Path, name: str) -> None:
    path = _csv(tmp_path, 'id,text\n1,"a, ""b""\nc"\n\n2,d\n', name)
    columns, rows = _read(path)
    assert columns == ["id", "text"]
    assert [dict(row.cells) for row in rows] == [{"id": "1", "text": 'a, "b"\nc'}, {"id": "2", "text": "d"}]
    assert [row.line for row in rows] == [3, 5]  # the line on which the row ends


def test_other_encodings_and_delimiters(tmp_path: Path) -> None:
    path = _csv(tmp_path, "编号;描述\n1;井盖\n", encoding="gb18030")
    columns, rows = _read(path, TableOptions("gb18030", ";"))
    assert columns == ["编号", "描述"] and rows[0].cells["描述"] == "井盖"


def test_a_byte_order_mark_is_no_part_of_the_name(tmp_path: Path) -> None:
    assert _read(_csv(tmp_path, "id,b\n1,2\n", encoding="utf-8-sig"))[0] == ["id", "b"]


def test_short_and_long_lines_lose_nothing(tmp_path: Path) -> None:
    _, rows = _read(_csv(tmp_path, "a,b\n1\n1,2,3,4\n"))
    assert dict(rows[0].cells) == {"a": "1"}
    assert dict(rows[1].cells) == {"a": "1", "b": "2 | 3 | 4"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "没有列名"),
        (",,\n1,2,3\n", "没有列名"),
        ("a,a\n1,2\n", "出现了两次"),
        ('a,b\n1,"open\n', "第"),
        (",".join(f"c{i}" for i in range(2001)) + "\n", "最多"),
        ("a,b\n" + "x" * 300_000 + ",1\n", "第"),
        ("a\x00,b\n1,2\n3,\x00\n", ""),
    ],
)
def test_broken_csv_is_told_in_words(tmp_path: Path, text: str, said: str) -> None:
    path = _csv(tmp_path, text)
    if not said:  # NUL is read by newer Pythons and refused by older ones; both are fine
        with suppress(ImportFileError):
            _read(path)
        return
    with pytest.raises(ImportFileError, match=said):
        _read(path)


def test_a_wrong_encoding_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="编码"):
        _read(_csv(tmp_path, "编号,描述\n1,井盖\n", encoding="gb18030"))


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="没有找到"):
        _read(tmp_path / "none.csv")
    with pytest.raises(ImportFileError, match="只能导入"):
        _read(_csv(tmp_path, "a", "a.pdf"))
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ImportFileError, match="不是可以读取的文件"):
        _read(tmp_path / "folder.csv")


@pytest.mark.parametrize("data", [b"no gzip at all", gzip.compress(b"a,b\n" * 5000, mtime=0)[:40], b""])
def test_broken_gzip(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(data)
    with pytest.raises(ImportFileError):
        _read(path)


def test_a_gzip_bomb_is_stopped(tmp_path: Path) -> None:
    path = _csv(tmp_path, "a,b\n" + "1,2\n" * 600_000, "a.csv.gz")
    assert path.stat().st_size < 12_000
    with pytest.raises(ImportFileError, match="不合理"):
        _read(path)


# -- XLSX ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.xlsx", "a.xlsx.gz"])
def test_xlsx_keeps_native_values(tmp_path: Path, name: str) -> None:
    when = datetime(2024, 1, 2, 3, 4, 5)
    path = _xlsx(
        tmp_path,
        [["id", "when", "n", "", None], [1, when, 2.5, "dropped"], [None, None], ["x", "", True]],
        name,
    )
    columns, rows = _read(path)
    assert columns == ["id", "when", "n"]
    assert dict(rows[0].cells) == {"id": 1, "when": when, "n": 2.5}
    assert [row.line for row in rows] == [2, 4]
    assert rows[1].cells["n"] is True


def test_a_sheet_by_name(tmp_path: Path) -> None:
    path = _xlsx(tmp_path, [["id"], [1]])
    assert _read(path, TableOptions(sheet="别的"))[0] == ["x"]
    with pytest.raises(ImportFileError, match="有：案件、别的"):
        _read(path, TableOptions(sheet="没有"))


def _packed(tmp_path: Path, parts: dict[str, bytes]) -> Path:
    path = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return path


def test_xlsx_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK no")
    with pytest.raises(ImportFileError, match="不是 XLSX"):
        _read(path)
    with pytest.raises(ImportFileError, match="XLSX"):
        _read(_packed(tmp_path, {"readme.txt": b"hello"}))


@pytest.mark.parametrize(
    "head",
    [
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "xxxxxxxxxx">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        "<?xml version='1.0' encoding='UTF-16'?><a/>".encode("utf-16"),
    ],
)
def test_xml_with_a_document_type_is_refused(tmp_path: Path, head: bytes) -> None:
    with pytest.raises(ImportFileError, match="文档类型"):
        _read(_packed(tmp_path, {"xl/workbook.xml": head}))


def test_an_xlsx_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="不合理"):
        _read(_packed(tmp_path, {"xl/workbook.xml": b" " * 3_000_000}))


def _with_sheet(tmp_path: Path, sheet: bytes) -> Path:
    """A real workbook whose first sheet is replaced by other XML."""
    good = _xlsx(tmp_path, [["id"], [1]], "good.xlsx")
    path = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, sheet if part.filename.endswith("sheet1.xml") else old.read(part))
    return path


_SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
)


def test_a_sheet_that_breaks_off(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="XLSX"):
        _read(_with_sheet(tmp_path, _SHEET + b'<row r="2"><c r="A2"'))


def test_a_document_type_behind_a_long_comment(tmp_path: Path) -> None:
    """It stands beyond what is looked at beforehand; the XML reader itself refuses it."""
    filler = b"".join(b"%07x " % n for n in range(150_000))
    sheet = b"<!--" + filler + b'--><!DOCTYPE a [<!ENTITY x "yyyy">]>' + _SHEET + b"</sheetData></worksheet>"
    with pytest.raises(ImportFileError, match="XLSX"):
        _read(_with_sheet(tmp_path, sheet))


def test_too_many_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_XLSX_TEXTS", 100)
    with pytest.raises(ImportFileError, match="另存为 CSV"):
        _read(_packed(tmp_path, {"xl/sharedStrings.xml": b"<sst>" + b"<si><t>x</t></si>" * 20 + b"</sst>"}))


def test_too_many_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_PARTS", 3)
    with pytest.raises(ImportFileError, match="太多"):
        _read(_packed(tmp_path, {f"p{i}.xml": b"<a/>" for i in range(4)}))


# -- the report of refused rows ---------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_what_could_be_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == "'" + text


def test_other_texts_stay() -> None:
    assert safe_cell("a=1") == "a=1" and safe_cell("") == ""


def test_the_report_holds_line_number_reason_and_row(tmp_path: Path) -> None:
    report = RefusedReport(tmp_path / "a.csv.gz", ["id", "text", ""])
    report.add(7, "=X1", "没有状态", {"id": "=X1", "text": None})
    report.close()
    assert report.path.name == "a.csv.gz.refused.csv"
    lines = report.path.read_text(encoding="utf-8-sig").splitlines()
    assert lines == ["行号,外部编号,原因,id,text", "7,'=X1,没有状态,'=X1,"]
    assert report.count == 1


def test_nothing_refused_leaves_no_report_not_even_an_old_one(tmp_path: Path) -> None:
    old = tmp_path / "a.csv.refused.csv"
    old.write_text("old")
    report = RefusedReport(tmp_path / "a.csv", ["id"])
    report.close()
    assert not old.exists()


def test_a_broken_run_leaves_the_old_report(tmp_path: Path) -> None:
    old = tmp_path / "a.csv.refused.csv"
    old.write_text("old")
    report = RefusedReport(tmp_path / "a.csv", ["id"])
    report.add(2, "1", "x", {"id": "1"})
    report.close(keep=False)
    assert [p.name for p in tmp_path.iterdir()] == ["a.csv.refused.csv"]
    assert old.read_text() == "old"
