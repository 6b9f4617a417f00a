"""What a line may mean: verbs by words and aliases, what is left for objects, and who gets which words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.viewmodels.verbs.line import read_line
from console.viewmodels.verbs.matching import BEGIN, INSIDE, WHOLE
from console.viewmodels.verbs.offers import Asked, Reading, asked, fit_of, named_by, readings
from console.viewmodels.verbs.verb import A_CASE, A_TEXT, A_UNIT, AN_AREA, Verb

DISPATCH = Verb("case.dispatch", "派遣", ("派发", "派单"), takes=(A_CASE, A_UNIT))
URGE = Verb("case.urge", "催办", ("催单",), takes=(A_CASE,))
GO_TO = Verb("map.go_to", "地图定位", ("去",), takes=(AN_AREA,))
FIND = Verb("queue.find", "筛选文字", takes=(A_TEXT,))
LOCK = Verb("shell.lock", "锁屏", ("suoping",))
DARK = Verb("shell.dark", "切换深色浅色")
ALL = (DISPATCH, URGE, GO_TO, FIND, LOCK, DARK)


def read(text: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.verb.id, one.rest) for one in readings(ALL, read_line(text).words)]


def first(text: str) -> tuple[str, tuple[str, ...]]:
    return read(text)[0]


@pytest.mark.parametrize(
    ("line", "verb", "rest"),
    [
        ("派遣", "case.dispatch", ()),
        ("pq", "case.dispatch", ()),
        ("pd", "case.dispatch", ()),
        ("派遣 0312 市政", "case.dispatch", ("0312", "市政")),
        ("0312 派遣 市政", "case.dispatch", ("0312", "市政")),
        ("市政 0312 pq", "case.dispatch", ("市政", "0312")),
        ("pq0312sz", "case.dispatch", ("0312", "sz")),
        ("催办 0312", "case.urge", ("0312",)),
        ("cuid 0312", "case.urge", ("0312",)),
        ("去 望塔", "map.go_to", ("望塔",)),
        ("锁屏", "shell.lock", ()),
        ("suoping", "shell.lock", ()),
        ("深色", "shell.dark", ()),
    ],
)
def test_a_line_is_read_as_a_verb_with_the_words_that_are_left(
    line: str, verb: str, rest: tuple[str, ...]
) -> None:
    assert first(line) == (verb, rest)


@pytest.mark.parametrize("line", ["0312", "0312 1120", "不存在的词", ""])
def test_what_names_no_verb_is_read_as_none(line: str) -> None:
    assert read(line) == []


def test_a_verb_without_object_takes_no_words() -> None:
    assert all(verb != "shell.lock" for verb, _ in read("锁屏 0312"))
    assert all(verb != "shell.dark" for verb, _ in read("深色 市政"))


def test_with_objects_a_verb_is_named_from_its_beginning() -> None:
    """定位 alone is found inside 地图定位; with words behind it the beginning must be said."""
    assert ("map.go_to", ()) in read("定位")
    assert ("map.go_to", ("望塔",)) not in read("定位 望塔")
    assert ("map.go_to", ("望塔",)) in read("地图 望塔")


def test_whole_names_stand_before_beginnings_and_these_before_what_lies_inside() -> None:
    whole, begin, inside = Verb("a", "派"), Verb("b", "派遣"), Verb("c", "重派")
    found = readings((inside, begin, whole), ("派",))
    assert [(one.verb.id, one.hit.tier) for one in found] == [("a", WHOLE), ("b", BEGIN), ("c", INSIDE)]


def test_the_longest_name_counts() -> None:
    """`切换 深色 浅色` is one verb, not 切换 with two objects."""
    found = readings((Verb("x", "切换深色浅色", takes=(A_TEXT,)),), ("切换", "深色", "浅色"))
    assert [(one.hit.tier, one.rest) for one in found] == [(WHOLE, ())]


def test_an_alias_marks_no_character_of_the_title() -> None:
    by_title, by_alias = fit_of(DISPATCH, ("派遣",)), fit_of(DISPATCH, ("派单",))
    assert by_title is not None and by_title.places == {0, 1}
    assert by_alias is not None and (by_alias.tier, by_alias.places) == (WHOLE, frozenset())
    assert fit_of(DISPATCH, ("催",)) is None


def test_an_alias_counts_only_when_it_fits_better() -> None:
    verb = Verb("v", "派遣", ("派遣单",))
    hit = fit_of(verb, ("派遣",))
    assert hit is not None and (hit.tier, hit.places) == (WHOLE, frozenset({0, 1}))


def test_a_word_names_a_verb_by_title_or_alias() -> None:
    assert named_by(DISPATCH, "qian") and named_by(DISPATCH, "单")
    assert not named_by(DISPATCH, "sz")


def reading(verb: Verb, *rest: str) -> Reading:
    hit = fit_of(verb, (verb.title,))
    assert hit is not None
    return Reading(verb, hit, rest)


@pytest.mark.parametrize(
    ("verb", "rest", "wanted"),
    [
        (DISPATCH, ("0312", "市政"), Asked(("0312",), unit=("市政",))),
        (DISPATCH, ("市政", "园林", "0312"), Asked(("0312",), unit=("市政", "园林"))),
        (URGE, ("0312",), Asked(("0312",))),
        (URGE, ("井盖",), Asked(case=("井盖",))),
        (URGE, ("0312", "井盖"), Asked(("0312",), case=("井盖",))),
        (GO_TO, ("望塔", "09"), Asked(area=("望塔", "09"))),
        (FIND, ("松影路", "12"), Asked(text="松影路 12")),
        (LOCK, (), Asked()),
    ],
    ids=["unit", "unit_of_two_words", "number", "words", "both", "area_with_digits", "text", "nothing"],
)
def test_words_are_shared_out_among_the_objects(verb: Verb, rest: tuple[str, ...], wanted: Asked) -> None:
    assert asked(reading(verb, *rest)) == wanted


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from(["派遣", "催", "0312", "sz", "市政", "锁屏", "去", "12", "定位"]), max_size=5)
)
def test_no_word_is_lost_and_none_is_made_up(words: list[str]) -> None:
    for one in readings(ALL, words):
        rest = list(words)
        for word in one.rest:
            rest.remove(word)
        assert rest, "some word named the verb"
        assert not one.rest or one.verb.takes
        share = asked(one)
        said = [*share.numbers, *share.unit, *share.area, *share.case, *share.text.split()]
        assert sorted(said) == sorted(one.rest)


@settings(max_examples=25)
@given(st.permutations(["派遣", "0312", "市政"]))
def test_the_order_of_the_words_does_not_matter(words: list[str]) -> None:
    best = readings(ALL, words)[0]
    share = asked(best)
    assert (best.verb.id, share.numbers, share.unit) == ("case.dispatch", ("0312",), ("市政",))
