"""Reference tables: the shipped ones, and how every slip in a replaced one is named by file, line and column."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.backend.reference import tables
from services.backend.reference.calendar_table import load_calendar
from services.backend.reference.departments import (
    department,
    initials,
    pinyin,
    street_departments,
    with_streets,
)
from services.backend.reference.load import load_reference, rules_from, seal
from services.domain.errors import ReferenceDataError
from services.domain.limits import Limit
from services.domain.reference import STAGE_LIMITS, Settings

SHIPPED = Path(__file__).resolve().parents[4] / "resources" / "reference"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped tables to be spoiled."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "reference"))


def spoil(folder: Path, name: str, old: str, new: str, *, count: int = 1) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


# --- what is shipped ---------------------------------------------------------------------------------


def test_the_shipped_tables_become_rules() -> None:
    doc = load_reference()
    rules = rules_from(doc)
    assert rules.version == doc["version"]
    assert len(rules.categories) == 161
    assert rules.handling_limit("component-0101", 0) == Limit(2, "urgent_hour")
    assert rules.categories["event-0110"].major_name == "市容环境"
    assert {f"grid-G{n:02d}" for n in range(1, 13)} <= set(rules.categories)
    assert rules.categories["grid-G12"].safety
    assert rules.sources["hotline"] == "公众热线"
    assert len(rules.departments) == 23
    assert json.loads(json.dumps(doc)) == doc


def test_the_shipped_settings_are_those_of_the_code() -> None:
    doc = load_reference()
    rules = rules_from(doc)
    shipped = Settings()
    assert {
        name: getattr(rules.settings, name)
        for name in Settings.__dataclass_fields__
        if name != "needs_verify"
    } == {name: getattr(shipped, name) for name in Settings.__dataclass_fields__ if name != "needs_verify"}
    assert not any(rules.settings.needs_verify.values())
    assert dict(rules.stage_limits) == dict(STAGE_LIMITS)


def test_the_shipped_sources_are_those_of_the_contract() -> None:
    ids = [source["id"] for source in load_reference()["sources"]]
    assert ids == [
        "patrol",
        "grid_worker",
        "hotline",
        "app",
        "video",
        "iot",
        "leader",
        "upper",
        "transfer",
        "media",
        "petition",
    ]


def test_every_department_of_a_category_exists_or_is_the_street() -> None:
    doc = load_reference()
    known = {unit["id"] for unit in doc["departments"]} | {"street"}
    for category in doc["categories"]:
        assert category["dept"] in known
        assert all(condition["dept"] in known | {None} for condition in category["conditions"])


def test_the_calendar_holds_the_published_days_of_two_years() -> None:
    rules = rules_from(load_reference())
    assert not rules.calendar.is_working_day(date(2025, 10, 8))
    assert rules.calendar.is_working_day(date(2025, 10, 11))
    assert not rules.calendar.is_working_day(date(2026, 2, 23))
    assert rules.calendar.is_working_day(date(2026, 2, 28))
    assert rules.calendar.is_working_day(date(2026, 10, 8))
    for year, off, extra in ((2025, 28, 5), (2026, 33, 6)):
        assert sum(day.year == year for day in rules.calendar.holidays) == off
        assert sum(day.year == year for day in rules.calendar.workdays) == extra
    assert all(day.weekday() >= 5 for day in rules.calendar.workdays)


def test_the_version_follows_the_content_and_not_the_roster() -> None:
    doc = load_reference()
    assert seal(doc)["version"] == doc["version"] == load_reference(SHIPPED)["version"]
    assert seal({**doc, "roster": [{"user": "u"}]})["version"] == doc["version"]
    assert seal({**doc, "sources": doc["sources"][:1]})["version"] != doc["version"]


# --- departments -------------------------------------------------------------------------------------


def test_pinyin_and_initials() -> None:
    assert pinyin("市政公用") == "shizhenggongyong"
    assert initials("重庆路 A 区") == "cqlaq"
    assert department("muni", "市政公用服务中心", short="市政") == {
        "id": "muni",
        "name": "市政公用服务中心",
        "short": "市政",
        "kind": "dept",
        "area_code": None,
        "active": True,
        "pinyin": "shizheng shizhenggongyongfuwuzhongxin",
        "initials": "sz szgyfwzx",
    }
    assert department("civil", "民政局")["pinyin"] == "minzhengju"


def test_street_offices_are_made_from_areas() -> None:
    (office, other) = street_departments([("440106001", "示例街道"), ("440106002", "东湖街道办事处")])
    assert (office["id"], office["name"], office["short"]) == (
        "street-440106001",
        "示例街道办事处",
        "示例街道",
    )
    assert (other["name"], other["area_code"], other["kind"]) == ("东湖街道办事处", "440106002", "street")
    doc = with_streets(load_reference(), [("440106001", "示例街道")])
    again = with_streets(doc, [("440106002", "东湖街道")])
    assert [u["id"] for u in again["departments"] if u["kind"] == "street"] == ["street-440106002"]
    with pytest.raises(ReferenceDataError, match="9 位"):
        street_departments([("4401", "示例")])


# --- a replaced table with a slip in it --------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        (
            "categories.csv",
            "0101,上水井盖,component-01,公用设施,water,破损较大,4wh",
            "0101,上水井盖,component-01,公用设施,water,破损较大,4xx",
            "categories.csv 第 3 行 limit 列：看不懂的时限单位：'xx'",
        ),
        ("categories.csv", "破损较大,4wh", "破损较大,", "第 3 行 limit 列：不能为空"),
        (
            "categories.csv",
            "公用设施,water,破损较大",
            "公用设施,wter,破损较大",
            "第 3 行 dept 列：departments.csv 中没有 wter",
        ),
        (
            "categories.csv",
            "component,component-0101",
            "event,component-0101",
            "第 2 行 kind 列：event 与编码 component-0101 不一致",
        ),
        ("categories.csv", "component,component-0101", "component,0101", "第 2 行 code 列：0101 应为"),
        (
            "categories.csv",
            "上水井盖,component-01,",
            "上水井盖,component-02,",
            "第 2 行 major 列：component-02 不是编码",
        ),
        (
            "categories.csv",
            "弹跳异响,2wd,更换或修复,1",
            "弹跳异响,2wd,更换或修复,0",
            "第 4 行 safety 列：与同一编码前面的行不一致",
        ),
        (
            "categories.csv",
            "弹跳异响,2wd,更换或修复,1",
            "弹跳异响,2wd,更换或修复,是",
            "第 4 行 safety 列：应为 0 或 1",
        ),
        (
            "categories.csv",
            "component-0101,上水井盖,component-01,公用设施,water,弹跳",
            "component-0101,井盖,component-01,公用设施,water,弹跳",
            "第 4 行 name 列：井盖 与同一编码前面的 上水井盖 不一致",
        ),
        (
            "categories.csv",
            "water,弹跳异响",
            "water,破损较大",
            "第 4 行 condition 列：component-0101 已有同样的立案条件",
        ),
        (
            "categories.csv",
            "kind,code,name",
            "kind,kode,name",
            "categories.csv 第 1 行：列不符，缺少 code，多出 kode",
        ),
        ("categories.csv", "1,A1\n", "1,A1,多余\n", "第 2 行：有 12 格，应为 11 格"),
        (
            "categories.csv",
            "component,component-0101,上水井盖",
            'component,"component-0101,上水井盖',
            "引号或分隔有误",
        ),
        ("departments.csv", "sani,", "muni,", "departments.csv 第 3 行 id 列：muni 重复"),
        ("departments.csv", "sani,", "street,", "street 指案件所在街道"),
        ("departments.csv", "sani,", "Sani,", "第 3 行 id 列：只能用小写字母"),
        ("departments.csv", "市容环卫中心", "", "第 3 行 name 列：不能为空"),
        ("sources.csv", "grid_worker,", "patrol,", "sources.csv 第 3 行 id 列：patrol 重复"),
        ("sources.csv", "网格员上报,0", "网格员上报,2", "第 3 行 needs_verify 列：应为 0 或 1"),
        ("calendar.toml", '["14:00", "18:00"]', '["11:00", "18:00"]', "工作时段 11:00–18:00 与前一段重叠"),
        ("calendar.toml", '["14:00", "18:00"]', '["14:00"]', "calendar.toml 的 slots：应为"),
        (
            "calendar.toml",
            '[["08:00", "12:00"], ["14:00", "18:00"]]',
            '"早八晚六"',
            "calendar.toml 的 slots：应为",
        ),
        ("calendar.toml", '"14:00"', '"25:00"', "calendar.toml 的 slots：应为"),
        ("calendar.toml", "week = [0, 1, 2, 3, 4]", "week = [0, 7]", "的 week：应为 0（星期一）到 6"),
        ("calendar.toml", "week = [0, 1, 2, 3, 4]", "week = []", "week 应为 0"),
        ("calendar.toml", "day_hours = 8", "day_hours = 0", "的 day_hours：应为大于 0"),
        ("calendar.toml", "day_hours = 8", "day_hours = true", "的 day_hours：应为大于 0"),
        ("calendar.toml", '"Asia/Shanghai"', '"Asia/Atlantis"', "没有 Asia/Atlantis 这个时区"),
        ("calendar.toml", '"Asia/Shanghai"', "8", "的 zone：应为时区名"),
        ("calendar.toml", "to = 2025-02-04", "to = 2025-01-04", "holidays 第 2 项的 to：应不早于 from"),
        ("calendar.toml", "to = 2025-02-04", "to = 2025-12-04", "不超过 31 天"),
        ("calendar.toml", "from = 2025-04-04", "from = 2025-02-04", "holidays 第 3 项的 to：应不早于 from"),
        (
            "calendar.toml",
            "from = 2025-04-04\nto = 2025-04-06",
            "from = 2025-02-04\nto = 2025-02-04",
            "holidays 第 3 项的 from：2025-02-04 重复",
        ),
        ("calendar.toml", "year = 2025", "year = 2024", "holidays 第 1 项的 year：与日期的年份不一致"),
        (
            "calendar.toml",
            "date = 2025-01-26",
            "date = 2025-01-29",
            "workdays 第 1 项的 date：2025-01-29 重复，或同时列为节假日",
        ),
        (
            "calendar.toml",
            "date = 2025-01-26",
            "date = 2025-01-26T08:00:00",
            "workdays 第 1 项的 date：应为日期，不带时刻",
        ),
        ("calendar.toml", "date = 2025-01-26", "day = 2025-01-26", "workdays 第 1 项的 day：不认识的项"),
        ("calendar.toml", 'name = "元旦"', "name = 1", "holidays 第 1 项的 name：应为文字"),
        ("calendar.toml", 'name = "元旦"\n', "", "holidays 第 1 项的 name：不能缺少"),
        ("calendar.toml", "week = [", "week = [[", "calendar.toml：格式有误"),
        (
            "settings.toml",
            "max_extensions = 2",
            'max_extensions = "2"',
            "settings：max_extensions 应为不小于 0 的整数",
        ),
        (
            "settings.toml",
            "max_extensions = 2",
            "max_extension = 2",
            "settings.toml 的 max_extension：不认识的项",
        ),
        ("settings.toml", "similar_m = 50.0", "similar_m = nan", "similar_m 应为不小于 0 的数"),
        ("settings.toml", "suspend_once = true", "suspend_once = 1", "suspend_once 应为是或否"),
        (
            "settings.toml",
            "[photos_required]",
            "[photos_required]\nshout = true",
            "photos_required 中没有可附照片的操作 shout",
        ),
        (
            "settings.toml",
            "[photos_required]",
            "[photos_required]\nclose = true",
            "photos_required 中没有可附照片的操作 close",
        ),
        (
            "settings.toml",
            "[photos_required]",
            "[photos_required]\ncheck_pass = 1",
            "photos_required 应为名称到是否的对照",
        ),
        (
            "settings.toml",
            "[photos_required]",
            "[needs_verify]\npatrol = true",
            "在 sources.csv 中按来源设置",
        ),
        (
            "settings.toml",
            'check = "2uh"',
            'check = "2 光年"',
            "settings.toml 的 stage_limits.check：看不懂的时限单位",
        ),
        ("settings.toml", 'check = "2uh"\n', "", "stage_limits.check：不能缺少"),
        (
            "settings.toml",
            'check = "2uh"',
            'check = "2uh"\nhandle = "1wd"',
            "stage_limits.handle：不认识的项",
        ),
        ("settings.toml", "[stage_limits]", "[stages]", "的 stages：不认识的项"),
    ],
)
def test_a_slip_is_named(folder: Path, name: str, old: str, new: str, sentence: str) -> None:
    if name == "settings.toml" and "check" in old:
        text = (folder / name).read_text(encoding="utf-8")
        line = next(line for line in text.splitlines() if line.startswith("check = "))
        (folder / name).write_text(text.replace(line, 'check = "2uh"'), encoding="utf-8")
    spoil(folder, name, old, new)
    with pytest.raises(ReferenceDataError) as caught:
        load_reference(folder)
    assert sentence in caught.value.title


def test_rows_of_one_code_stand_together(folder: Path) -> None:
    path = folder / "categories.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], lines[1], lines[5], *lines[2:5]]), encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="第 4 行 code 列：component-0101 的各行应连在一起"):
        load_reference(folder)


@pytest.mark.parametrize("name", ["categories.csv", "departments.csv", "sources.csv"])
def test_empty_tables(folder: Path, name: str) -> None:
    path = folder / name
    head = path.read_text(encoding="utf-8").splitlines()[0]
    path.write_text(f"{head}\n\n ,\n" if name != "x" else "", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="没有任何"):
        load_reference(folder)


def test_files_that_are_no_tables(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "sources.csv").write_bytes(b"id,name\xff")
    with pytest.raises(ReferenceDataError, match=r"sources.csv：不是 UTF-8 编码（第 8 个字节）"):
        load_reference(folder)
    (folder / "sources.csv").unlink()
    with pytest.raises(ReferenceDataError, match="文件不存在"):
        load_reference(folder)
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    with pytest.raises(ReferenceDataError, match="不是参考表"):
        load_reference(folder)


def test_a_byte_order_mark_is_no_slip(folder: Path) -> None:
    path = folder / "sources.csv"
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert load_reference(folder)["version"] == load_reference()["version"]


def test_a_calendar_of_one_year_alone_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "2027.toml"
    path.write_text(
        '[[workdays]]\nname = "调休"\nyear = 2027\ndate = 2027-01-02\nsource = "某号"\n', encoding="utf-8"
    )
    calendar = load_calendar(path)
    assert calendar["workdays"] == [{"date": "2027-01-02", "name": "调休"}]
    assert (calendar["zone"], calendar["week"], calendar["holidays"]) == (
        "Asia/Shanghai",
        [0, 1, 2, 3, 4],
        [],
    )
    path.write_text("holidays = 3", encoding="utf-8")
    with pytest.raises(ReferenceDataError, match="应为一组表"):
        load_calendar(path)


# --- a document that was edited or came from elsewhere -----------------------------------------------

WINDOW = {
    "id": "w1",
    "start": "2026-11-23T10:00:00+08:00",
    "end": "2026-11-23T15:00:00+08:00",
    "document": "防汛〔2026〕7号",
    "area_code": "440106",
    "dept": None,
    "clock": "handle",
}


def test_windows_of_a_document_become_windows_of_the_rules() -> None:
    rules = rules_from({**load_reference(), "windows": [WINDOW]})
    (window,) = rules.windows
    assert (window.document, window.area_code, window.dept, window.clock) == (
        "防汛〔2026〕7号",
        "440106",
        "",
        "handle",
    )
    assert len(rules.pauses("handle", "440106001001001", "muni")) == 1
    assert rules.pauses("check", "440106001001001", "muni") == ()


Spoil = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.pop("categories"), "参考数据 categories：缺少 categories"),
        (lambda d: d.update(categories={}), "参考数据 categories：应为列表"),
        (lambda d: d["categories"].append(3), "应为对象"),
        (lambda d: d["categories"].append(d["categories"][0]), "component-0101 重复"),
        (lambda d: d["categories"][2].pop("name"), "参考数据 categories[2]：缺少 name"),
        (lambda d: d["categories"][2].update(name=""), "categories[2]：应为文字，不能为空"),
        (lambda d: d["categories"][2].update(major=5), "categories[2]：应为文字"),
        (lambda d: d["categories"][2].update(safety=1), "categories[2]：应为是或否"),
        (lambda d: d["categories"][2].update(conditions=[]), "categories[2]：没有立案条件"),
        (lambda d: d["categories"][2].update(conditions=None), "categories[2]"),
        (
            lambda d: d["categories"][2]["conditions"][1]["limit"].update(unit="parsec"),
            "categories[2].conditions[1]：不认识的时限单位：parsec",
        ),
        (
            lambda d: d["categories"][2]["conditions"][1]["limit"].update(amount=True),
            "conditions[1]：时限应有 amount",
        ),
        (lambda d: d["categories"][2]["conditions"][1].update(limit=None), "categories[2].conditions[1]"),
        (lambda d: d["departments"][0].update(active="yes"), "departments[0]：应为是或否"),
        (lambda d: d["departments"].append(d["departments"][0]), "departments[23]：muni 重复"),
        (lambda d: d["sources"].append({"id": "x"}), "参考数据 sources：缺少 name"),
        (lambda d: d["sources"].append(d["sources"][0]), "sources[11]：patrol 重复"),
        (lambda d: d["calendar"].update(week=[]), "week 应为"),
        (lambda d: d["calendar"].update(slots=[["8", "12"]]), "参考数据 calendar"),
        (
            lambda d: d["calendar"]["holidays"].append({"date": "2026-02-30", "name": "x"}),
            "参考数据 calendar",
        ),
        (
            lambda d: d["calendar"]["holidays"].append({"date": "2026-10-10", "name": "x"}),
            "2026-10-10 同时是节假日和调休工作日",
        ),
        (lambda d: d["calendar"].update(zone="../etc/passwd"), "时区"),
        (lambda d: d["settings"].update(colour="red"), "settings：不认识的设置 colour"),
        (lambda d: d["settings"]["stage_limits"].pop("check"), "settings：stage_limits 缺少 check"),
        (
            lambda d: d["settings"]["stage_limits"].update(handle={"amount": 1, "unit": "minute"}),
            "stage_limits 中不认识 handle",
        ),
        (lambda d: d["settings"].pop("stage_limits"), "stage_limits 缺少 accept"),
        (lambda d: d.update(version=None), "参考数据 version：应为文字"),
        (lambda d: d["windows"].append({**WINDOW, "end": WINDOW["start"]}), "windows[0]：起止时间应带时区"),
        (
            lambda d: d["windows"].append({**WINDOW, "start": "2026-11-23T10:00:00"}),
            "windows[0]：起止时间应带时区",
        ),
        (lambda d: d["windows"].append({**WINDOW, "document": ""}), "windows[0]：应为文字，不能为空"),
        (lambda d: d["windows"].append({**WINDOW, "clock": "tea"}), "windows[0]：不认识的时限 tea"),
        (lambda d: d["windows"].extend([WINDOW, WINDOW]), "windows[1]：w1 重复"),
    ],
)
def test_a_document_with_a_slip_names_the_place(change: Spoil, sentence: str) -> None:
    doc = deepcopy(load_reference())
    change(doc)
    with pytest.raises(ReferenceDataError) as caught:
        rules_from(doc)
    assert sentence in caught.value.title


# --- base maps of a centre ----------------------------------------------------------------------------


def test_a_centre_may_give_base_maps_to_all_seats(folder: Path) -> None:
    assert "map_sources" not in load_reference(folder)
    given = [{"id": "city", "kind": "xyz", "address": "https://gis.example/{z}/{x}/{y}", "title": "市局底图"}]
    (folder / "map_sources.json").write_text("\ufeff" + json.dumps(given), encoding="utf-8")
    doc = load_reference(folder)
    assert doc["map_sources"] == given
    assert doc["version"] != load_reference()["version"], "seats hear of it"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "JSON"),
        ("[" * 100_000, "JSON"),
        ("{}", "列表"),
        ("[5]", "第 1 项"),
        ('[{"id": "a", "kind": "xyz"}]', "第 1 项"),
        ('[{"id": "a", "kind": "xyz", "address": "x"}, {"id": "a", "kind": "wfs", "address": "y"}]', "重复"),
    ],
    ids=lambda value: value[:12],
)
def test_base_maps_that_are_none_are_refused(folder: Path, text: str, words: str) -> None:
    (folder / "map_sources.json").write_text(text, encoding="utf-8")
    with pytest.raises(ReferenceDataError, match=words):
        load_reference(folder)
