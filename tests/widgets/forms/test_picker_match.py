"""Finding by name, short name, code, pinyin and initials in any mix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.forms.picker_match import EXACT, PickerItem, find, match, spelled

CENTRE = PickerItem(
    "1", "市政园林中心", "市政园林", "0301", "shi zheng yuan lin zhong xin", "szylzx", "排水设施班", "", 0.92
)
RESCUE = PickerItem(
    "2", "市政应急抢险队", "", "0302", "shi zheng ying ji qiang xian dui", "szyjqxd", "夜间值守组", "", 0.51
)
WATER = PickerItem("3", "水质监测站", "水监站", "0410", "shui zhi jian ce zhan", "szjcz", "采样组", "", 0.04)
STREET = PickerItem("4", "望塔街道办", "望塔", "1001", "wang ta jie dao ban", "wtjdb", "市政服务站", "", 0.38)
HOTLINE = PickerItem("5", "12345热线", "", "", "12345 re xian", "12345rx")
ODD = PickerItem("6", "重庆路派出所", "", "", "chong qing lu", "cql")  # pinyin that does not fit the name
ALL = (CENTRE, RESCUE, WATER, STREET, HOTLINE, ODD)


def ids(query: str) -> str:
    return "".join(hit.item.id for hit in find(ALL, query))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("市政", "124"),  # the last one by its note
        ("sz", "123"),
        ("SZ", "123"),
        ("shizheng", "12"),
        ("shizhengyuan", "1"),
        ("szyl", "1"),
        ("szy", "12"),
        ("shizy", "12"),
        ("shzh", "123"),
        ("shizheny", ""),
        ("shizhen", "12"),
        ("市zheng", "12"),
        ("市z园", "1"),
        ("市政 园林", "1"),
        ("sz 园林", "1"),
        ("园林 sz", "1"),
        ("yuanl", "1"),
        ("ylzx", "1"),
        ("zhong", "1"),
        ("shuizhi", "3"),
        ("shuzhi", ""),
        ("水监", "3"),
        ("03", "12"),
        ("0301", "1"),
        ("301", ""),
        ("望塔", "4"),
        ("wangta", "4"),
        ("wt", "4"),
        ("采样", "3"),
        ("123", "5"),
        ("12345r", "5"),
        ("12345热线", "5"),
        ("rexian", "5"),
        ("热x", "5"),
        ("重庆", "6"),
        ("cql", "6"),
        ("派出所", "6"),
        ("没有这个", ""),
        ("zzz", ""),
    ],
)
def test_found_by(query: str, found: str) -> None:
    assert sorted(ids(query)) == sorted(found)


def test_an_empty_query_gives_all_by_score() -> None:
    assert ids("")[:4] == "1243"
    assert len(ids("  ")) == len(ALL)


def test_exact_first_then_score() -> None:
    assert ids("sz") == "123"
    assert ids("0302")[0] == "2"
    assert ids("望塔")[0] == "4"
    assert find(ALL, "望塔")[0].tier == EXACT


def test_limit() -> None:
    assert len(find(ALL, "", 2)) == 2


@pytest.mark.parametrize(
    ("query", "name", "initials"),
    [
        ("sz", {0, 1}, {0, 1}),
        ("市政", {0, 1}, {0, 1}),
        ("szyl", {0, 1, 2, 3}, {0, 1, 2, 3}),
        ("园", {2}, {2}),
        ("yuan", {2}, {2}),
        ("市政 中心", {0, 1, 4, 5}, {0, 1, 4, 5}),
        ("0301", set(), set()),
        ("排水", set(), set()),
    ],
)
def test_matched_places(query: str, name: set[int], initials: set[int]) -> None:
    hit = match(CENTRE, query.split())
    assert hit is not None
    assert hit.name_places == name
    assert hit.initial_places == initials


def test_places_by_short_name_and_by_bare_initials() -> None:
    hit = match(WATER, ["水监"])
    assert hit is not None and hit.name_places == {0, 2}
    hit = match(ODD, ["cq"])
    assert hit is not None and hit.name_places == {0, 1}


def test_latin_runs_stand_for_themselves() -> None:
    units = spelled("12345热线", "12345 re xian")
    assert [(unit.text, unit.sound) for unit in units] == [("12345", "12345"), ("热", "re"), ("线", "xian")]
    hit = match(HOTLINE, ["12"])
    assert hit is not None and hit.name_places == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("name", "pinyin", "sounds"),
    [
        ("望塔", "wang ta", ["wang", "ta"]),
        ("望塔 街道", "wang ta jie dao", ["wang", "ta", "jie", "dao"]),
        ("望塔（东）", "wang ta dong", ["wang", "ta", "", "dong", ""]),
        ("望塔", "", ["", ""]),
        ("望塔", "wang", ["", ""]),
        ("", "", []),
    ],
)
def test_spelling(name: str, pinyin: str, sounds: list[str]) -> None:
    assert [unit.sound for unit in spelled(name, pinyin)] == sounds


@given(
    st.lists(st.tuples(st.sampled_from("市政园林水务"), st.integers(0, 2)), min_size=1, max_size=6),
)
def test_any_mix_of_characters_syllables_and_initials_finds_the_name(parts: list[tuple[str, int]]) -> None:
    sounds = {"市": "shi", "政": "zheng", "园": "yuan", "林": "lin", "水": "shui", "务": "wu"}
    name = "".join(character for character, _ in parts)
    pinyin = " ".join(sounds[character] for character in name)
    typed = "".join((character, sounds[character], sounds[character][0])[kind] for character, kind in parts)
    item = PickerItem("x", name, pinyin=pinyin)
    hit = match(item, [typed])
    assert hit is not None
    assert hit.name_places


@given(st.text(alphabet="szhengyuali市政 0", max_size=12))
def test_no_query_breaks_it(query: str) -> None:
    for hit in find(ALL, query):
        assert all(0 <= place < len(hit.item.name) for place in hit.name_places)
        assert all(0 <= place < len(hit.item.initials) for place in hit.initial_places)
