"""Words in Chinese names by characters, pinyin and initials; lines cut into words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.viewmodels.verbs.line import is_number, read_line
from console.viewmodels.verbs.matching import BEGIN, INSIDE, WHOLE, match, match_all, sounded


@pytest.mark.parametrize(
    ("word", "name", "tier", "places"),
    [
        ("pq", "派遣", WHOLE, {0, 1}),
        ("paiqian", "派遣", WHOLE, {0, 1}),
        ("派q", "派遣", WHOLE, {0, 1}),
        ("paiq", "派遣", WHOLE, {0, 1}),
        ("p", "派遣", BEGIN, {0}),
        ("sz", "市政园林中心", BEGIN, {0, 1}),
        ("shiz园", "市政园林中心", BEGIN, {0, 1, 2}),
        ("yq", "审批延期", INSIDE, {2, 3}),
        ("wt09", "望塔-09", WHOLE, {0, 1, 3, 4}),
        ("zhsz", "综合市政", WHOLE, {0, 1, 2, 3}),
    ],
)
def test_a_word_is_spelled_in_a_name(word: str, name: str, tier: int, places: set[int]) -> None:
    hit = match(word, name)
    assert hit is not None
    assert (hit.tier, set(hit.places)) == (tier, places)


@pytest.mark.parametrize(
    ("word", "name"), [("xx", "派遣"), ("qp", "派遣"), ("", "派遣"), ("paiqianx", "派遣")]
)
def test_what_is_not_spelled_is_not_found(word: str, name: str) -> None:
    assert match(word, name) is None


def test_all_words_must_be_found_and_together_may_be_the_whole_name() -> None:
    hit = match_all(("pai", "qian"), "派遣")
    assert hit is not None
    assert hit.tier == WHOLE
    assert match_all(("pai", "zz"), "派遣") is None
    assert match_all((), "派遣") is None


def test_marks_in_a_name_are_not_typed() -> None:
    assert sounded("切换深色、浅色").letters.count("、") == 0
    assert match("深色浅色", "切换深色、浅色") is not None


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_text_is_answered_and_places_lie_inside(word: str, name: str) -> None:
    hit = match(word.casefold(), name)
    if hit is not None:
        assert all(0 <= place < len(name.casefold()) for place in hit.places)


@given(st.text(alphabet="市政园林环卫水务城管", min_size=1, max_size=8))
def test_a_name_is_found_by_itself_and_by_any_part(name: str) -> None:
    assert match(name, name) is not None
    assert match(name[len(name) // 2 :], name) is not None


class TestLine:
    """Cutting a line."""

    @pytest.mark.parametrize(
        ("text", "prefix", "words"),
        [
            ("pq 0312 sz", "", ("pq", "0312", "sz")),
            ("pq0312sz", "", ("pq", "0312", "sz")),
            ("派遣 …0312 至 市政", "", ("派遣", "0312", "市政")),
            ("＃０３１２", "#", ("0312",)),
            ("、望塔", "/", ("望塔",)),
            ("> 锁屏", ">", ("锁屏",)),
            ("@方", "@", ("方",)),
            ("1120-0312", "", ("1120-0312",)),
            ("  ", "", ()),
            ("PQ", "", ("pq",)),
            ("，。！", "", ()),
        ],
    )
    def test_words_and_prefix(self, text: str, prefix: str, words: tuple[str, ...]) -> None:
        line = read_line(text)
        assert (line.prefix, line.words, line.empty) == (prefix, words, not words)

    def test_a_prefix_narrows_what_is_wanted(self) -> None:
        assert read_line("#0312").wants("#")
        assert not read_line("#0312").wants(">")
        assert read_line("0312").wants(">")

    def test_what_is_a_number(self) -> None:
        assert is_number("0312")
        assert is_number("1120-0312")
        assert not is_number("sz")
        assert not is_number("")

    @given(st.text(max_size=30))
    def test_any_text_is_cut(self, text: str) -> None:
        line = read_line(text)
        assert all(word and word == word.casefold() for word in line.words)
