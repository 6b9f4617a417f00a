"""A city's standard as CSV and XLSX: every row taken or refused with its reason, hostile files refused whole."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from services.backend.imports import standard_file
from services.backend.imports.standards import (
    COLUMNS,
    Standard,
    StandardFileError,
    merge_standard,
    read_standard,
)
from services.backend.reference.load import load_reference, rules_from
from services.domain.limits import Limit

SAMPLE = Path(__file__).resolve().parents[5] / "shared" / "data" / "city_management_case_standards.csv"
HEAD = ",".join(COLUMNS)
ROW = "部件,1,公用设施,1,上水井盖,市政公用服务中心,管理局,缺失移位,恢复,2紧急工作时"


def written(tmp_path: Path, *rows: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
    path = tmp_path / "standard.csv"
    path.write_bytes("\n".join([head, *rows]).encode(encoding))
    return path


def read(tmp_path: Path, *rows: str) -> Standard:
    return read_standard(written(tmp_path, *rows))


def reasons(standard: Standard) -> list[tuple[int, str]]:
    return [(refused.line, refused.reason) for refused in standard.refused]


def test_the_real_sample_is_accounted_for_row_by_row() -> None:
    if not SAMPLE.exists():
        pytest.skip("the shared sample data is not beside this checkout")
    doc = load_reference()
    standard = read_standard(SAMPLE, doc["departments"])
    assert standard.rows == 519
    assert standard.taken + len(standard.refused) == 519
    assert standard.refused == ()
    assert len(standard.categories) == 190
    by_code = {entry["code"]: entry for entry in standard.categories}
    assert by_code["component-0101"]["name"] == "上水井盖"
    assert by_code["event-0110"]["name"] == "暴露生活垃圾"
    units = [(c["limit"]["amount"], c["limit"]["unit"]) for c in by_code["component-0101"]["conditions"]]
    assert units == [(2, "urgent_hour"), (4, "work_hour"), (2, "work_day"), (5, "work_day")]
    assert by_code["component-0101"]["dept"] == "water"
    assert by_code["component-0123"]["dept"] == "street"
    assert all(entry["dept"] for entry in standard.categories)
    assert any("第 403 行" in note and "1紧急工作时制止" in note for note in standard.notes)
    assert "baoyeqiye" in {unit["id"] for unit in standard.departments}
    assert any("报业企业：新增单位 baoyeqiye" in note for note in standard.notes)
    rules = rules_from(merge_standard(doc, standard))
    assert rules.handling_limit("component-0101", 0) == Limit(2, "urgent_hour")
    assert rules.categories["component-0101"].safety
    assert "grid-G01" in rules.categories
    assert rules.version != doc["version"]


def test_codes_restart_per_major_and_get_their_zeros_back(tmp_path: Path) -> None:
    standard = read(
        tmp_path,
        ROW,
        "部件,02,交通设施,1,停车场,产权单位,,私设,拆除,2天",
        "事件,1,市容,1,私搭,街办,,在建,恢复,2紧急工作日",
    )
    assert [entry["code"] for entry in standard.categories] == [
        "component-0101",
        "component-0201",
        "event-0101",
    ]
    assert [entry["major"] for entry in standard.categories] == ["component-01", "component-02", "event-01"]
    assert any("前导零" in note for note in standard.notes)


def test_blank_cells_of_follow_on_rows_are_filled_from_above(tmp_path: Path) -> None:
    standard = read(
        tmp_path, ROW, "部件,1,公用设施,1,上水井盖,,,破损,更换,4小时", ",,,,,,,锈蚀,更换,1.5工作时"
    )
    (category,) = standard.categories
    assert [c["text"] for c in category["conditions"]] == ["缺失移位", "破损", "锈蚀"]
    assert [c["dept"] for c in category["conditions"]] == [None, None, None]
    assert any("有 2 行的空白单元格" in note for note in standard.notes)


def test_rows_below_a_refused_one_never_slip_into_the_category_above_it(tmp_path: Path) -> None:
    standard = read(
        tmp_path, ROW, "部件,1,公用设施,2,污水井盖,排水中心,,缺失,恢复,很快", ",,,,,,,破损,更换,4小时"
    )
    assert [(e["code"], len(e["conditions"])) for e in standard.categories] == [
        ("component-0101", 1),
        ("component-0102", 1),
    ]
    assert standard.categories[1]["dept"] == "drain"
    assert reasons(standard) == [(3, "处置时限“很快”：看不懂的时限：'很快'")]


def test_a_follow_on_row_may_name_a_unit_of_its_own(tmp_path: Path) -> None:
    (category,) = read(
        tmp_path, ROW, "部件,1,公用设施,1,上水井盖,市容环卫中心、街办,,不洁,清洁,4小时"
    ).categories
    assert [c["dept"] for c in category["conditions"]] == [None, "sani"]


def test_a_category_may_learn_its_unit_later_or_never(tmp_path: Path) -> None:
    standard = read(
        tmp_path,
        "部件,1,公用设施,1,上水井盖,,,缺失,恢复,2紧急工作时",
        "部件,1,公用设施,1,上水井盖,供水企业,,破损,更换,4小时",
        "部件,1,公用设施,2,污水井盖,,,缺失,恢复,2紧急工作时",
    )
    assert [entry["dept"] for entry in standard.categories] == ["water", None]
    assert "没有处置单位的类别：component-0102，派遣时需人工选择。" in standard.notes


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("道具,1,公用设施,1,上水井盖,,,缺失,恢复,1天", "类别“道具”应为 部件 或 事件"),
        (",1,公用设施,1,上水井盖,,,缺失,恢复,1天", "类别“”应为 部件 或 事件"),
        ("部件,A,公用设施,1,上水井盖,,,缺失,恢复,1天", "大类代码“A”应为 1 到 99"),
        ("部件,1,公用设施,0,上水井盖,,,缺失,恢复,1天", "小类代码“0”应为 1 到 99"),
        ("部件,1,公用设施,123,上水井盖,,,缺失,恢复,1天", "小类代码“123”应为 1 到 99"),
        ("部件,1,公用设施,١,上水井盖,,,缺失,恢复,1天", "小类代码“١”应为 1 到 99"),
        ("部件,1,公用设施,1,,,,缺失,恢复,1天", "大类名称、小类名称不能为空"),
        ("部件,1,,1,上水井盖,,,缺失,恢复,1天", "大类名称、小类名称不能为空"),
        ("部件,1,公用设施,1,上水井盖,,,,恢复,1天", "立案条件为空"),
        ("部件,1,公用设施,1,上水井盖,,,缺失,恢复,", "处置时限为空"),
        ("部件,1,公用设施,1,上水井盖,,,缺失,恢复,0天", "处置时限“0天”：时限必须大于 0"),
        ("部件,1,公用设施,1,上水井盖,,,缺失,恢复,3光年", "处置时限“3光年”：看不懂的时限单位：'光年'"),
        ("部件,1,公用设施,1,上水井盖,,,缺失,恢复,0天制止", "处置时限“0天制止”：时限必须大于 0"),
        (f"部件,1,公用设施,1,上水井盖,,,{'缺' * 2001},恢复,1天", "有一格超过 2000 个字"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_reason(tmp_path: Path, row: str, reason: str) -> None:
    standard = read(tmp_path, row, ROW.replace("事件", "部件").replace(",1,上水", ",9,上水"))
    ((line, said),) = reasons(standard)
    assert line == 2
    assert said.startswith(reason)
    assert standard.rows == 2
    assert standard.taken == 1


def test_doubles_and_contradictions_are_refused(tmp_path: Path) -> None:
    standard = read(tmp_path, ROW, ROW, ROW.replace("上水井盖", "下水井盖"))
    assert reasons(standard) == [
        (3, "component-0101 上水井盖 已有同样的立案条件"),
        (4, "编码 component-0101 前面是“上水井盖”，这里是“下水井盖”"),
    ]


def test_a_code_without_name_and_a_name_without_code(tmp_path: Path) -> None:
    standard = read(
        tmp_path, ROW, "部件,1,公用设施,1,,,,破损,更换,4小时", "部件,1,公用设施,,新井盖,,,破损,更换,4小时"
    )
    assert standard.taken == 2
    assert reasons(standard) == [(4, "小类代码“”应为 1 到 99")]


def test_two_names_of_a_major_are_noted(tmp_path: Path) -> None:
    standard = read(tmp_path, ROW, "部件,1,公共设施,2,污水井盖,排水,,缺失,恢复,1天")
    assert {entry["major_name"] for entry in standard.categories} == {"公用设施"}
    assert "component-01 的大类名称有两种：采用“公用设施”，未采用“公共设施”。" in standard.notes


def test_unknown_units_become_departments_by_pinyin(tmp_path: Path) -> None:
    known = [{"id": "shizhang", "name": "市长办"}, {"id": "wuyeguanlibumen", "name": "别的单位"}]
    path = written(
        tmp_path,
        "部件,1,公用设施,1,井盖甲,市长办,,缺失,恢复,1天",
        "部件,1,公用设施,2,井盖乙,各物业管理部门及街办,,缺失,恢复,1天",
        "部件,1,公用设施,3,井盖丙,110 ＆,,缺失,恢复,1天",
    )
    standard = read_standard(path, known)
    assert [entry["dept"] for entry in standard.categories] == ["shizhang", "wuyeguanlibumen-2", "u110"]
    assert [unit["id"] for unit in standard.departments] == ["wuyeguanlibumen-2", "u110", "unit"]
    assert any("物业管理部门：新增单位 wuyeguanlibumen-2" in note for note in standard.notes)


def test_merging_keeps_other_tables_and_adds_units_once(tmp_path: Path) -> None:
    doc = load_reference()
    path = written(tmp_path, "事件,1,市容环境,10,暴露生活垃圾,物业管理部门,,未入容器,清理,1天")
    standard = read_standard(path, doc["departments"])
    merged = merge_standard(doc, standard)
    kinds = [entry["code"].partition("-")[0] for entry in merged["categories"]]
    assert kinds.count("event") == 1
    assert kinds.count("component") == sum(e["code"].startswith("component") for e in doc["categories"])
    again = merge_standard(merged, standard)
    assert again == merged
    assert merged["version"] != doc["version"]
    assert rules_from(merged).categories["event-0110"].dept == "wuyeguanlibumen"


# --- the file as a whole -----------------------------------------------------------------------------


def test_a_title_above_the_header_and_a_byte_order_mark_and_gb18030(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD, ROW, head="某市立案标准（试行）")
    assert read_standard(path).taken == 1
    for encoding in ("utf-8-sig", "gb18030"):
        assert read_standard(written(tmp_path, ROW, encoding=encoding)).taken == 1


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("x.csv", b"", "没有找到表头"),
        ("x.csv", HEAD.encode(), "没有任何数据"),
        ("x.csv", "类别,大类代码\n部件,1".encode(), "没有找到表头"),
        ("x.csv", b"\n".join([b"a"] * 20), "没有找到表头"),
        ("x.csv", b"\xff\xfe\x81", "既不是 UTF-8 也不是 GB18030"),
        ("x.csv", (HEAD + "\n" + "x" * 200_000).encode(), "引号或分隔有误"),
        ("x.txt", b"", "只能读取 CSV 或 XLSX"),
        ("x.xlsx", b"not a zip", "不是可读的 XLSX"),
        ("x.xlsx", b"PK\x03\x04broken", "不是可读的 XLSX"),
    ],
)
def test_what_is_no_standard_is_refused_whole(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(StandardFileError, match=words):
        read_standard(path)


def test_missing_and_oversize_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StandardFileError, match="不存在"):
        read_standard(tmp_path / "none.csv")
    path = written(tmp_path, ROW)
    monkeypatch.setattr(standard_file, "MAX_BYTES", 10)
    with pytest.raises(StandardFileError, match="超过"):
        read_standard(path)


def test_too_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standard_file, "MAX_ROWS", 3)
    with pytest.raises(StandardFileError, match="超过 3 行"):
        read_standard(written(tmp_path, *[""] * 5, ROW))


# --- workbooks ---------------------------------------------------------------------------------------


def workbook(tmp_path: Path, *rows: list[object]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    path = tmp_path / "standard.xlsx"
    book.save(path)
    return path


def test_a_workbook_with_numbers_merged_cells_and_a_title(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        ["某市标准"],
        list(COLUMNS),
        ["部件", 1, "公用设施", 1.0, "上水井盖", "供水企业", "", "缺失", "恢复", "2紧急工作时"],
        [None, None, None, None, None, None, None, "破损", "更换", "4小时"],
        [],
        ["事件", "01", "市容环境", 10, "暴露垃圾", "环卫", None, "未入容器", "清理", "4工作时"],
        ["事件", 1, "市容环境", 11.5, "积存", "环卫", None, "堆积", "清理", "4工作时"],
    )
    standard = read_standard(path)
    assert [(e["code"], len(e["conditions"])) for e in standard.categories] == [
        ("component-0101", 2),
        ("event-0110", 1),
    ]
    assert reasons(standard) == [(7, "小类代码“11.5”应为 1 到 99")]


def test_dates_and_truth_values_in_cells_are_text(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, list(COLUMNS), ["部件", 1, "公用", 1, date(2026, 1, 2), "环卫", True, "缺失", "恢复", "1天"]
    )
    assert read_standard(path).categories[0]["name"].startswith("2026-01-02")


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (65 * 1024 * 1024))
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(packed.getvalue())
    with pytest.raises(StandardFileError, match="解开后超过"):
        read_standard(path)


def test_entity_tricks_in_a_workbook_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, list(COLUMNS), ROW.split(","))
    bad = tmp_path / "entities.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bad, "w") as new:
        for entry in old.infolist():
            data = old.read(entry.filename)
            if entry.filename == "xl/worksheets/sheet1.xml":
                data = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]>' + data.partition(b"?>")[2]
            new.writestr(entry.filename, data)
    with pytest.raises(StandardFileError, match=r"拒绝读取|不是可读"):
        read_standard(bad)


def test_a_workbook_with_missing_parts_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, list(COLUMNS), ROW.split(","))
    bad = tmp_path / "holes.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(bad, "w") as new:
        for entry in old.infolist():
            if "sheet1" not in entry.filename:
                new.writestr(entry.filename, old.read(entry.filename))
    with pytest.raises(StandardFileError):
        read_standard(bad)
