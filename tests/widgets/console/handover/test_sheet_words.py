"""A brief in words: headings with counts, limits past and to come, the page on paper, nothing of it read as HTML."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.windows.handover.words import (
    ICONS,
    PaperSigns,
    brief_lines,
    counts_words,
    head_words,
    paper_body,
    signs_of,
)
from services.domain.handover import KINDS
from services.ports.handover import BriefLine, Handover, HandoverHead, Person
from tests.support.fakes import NOW, shipped_rules

CALENDAR = shipped_rules().calendar
LEFT = Person("u-jiang", "江予安", NOW - timedelta(minutes=2))
TAKEN = Person("u-lu", "卢见青", NOW, "钥匙 <已收>")


def line(kind: str, text: str = "在办", **more: object) -> BriefLine:
    return BriefLine(kind, text, **more)  # type: ignore[arg-type]  # fields of a line


def lines(*found: BriefLine) -> list[tuple[str, str, str, str, str, bool]]:
    made = brief_lines(found, NOW, CALENDAR)
    return [(one.key, one.text, one.lead, one.under, one.side, one.heading) for one in made]


def test_kinds_stand_in_their_order_under_counted_headings() -> None:
    found = lines(line("note", "看好"), line("urgent", "甲"), line("note", "再看"), line("breach", "乙"))
    order = [key for key, *_ in found]
    wanted = [kind for kind in KINDS if kind in ("note", "urgent", "breach")]
    assert [key for key in order if key.startswith("head-")] == [f"head-{kind}" for kind in wanted]
    heads = {key: side for key, _, _, _, side, heading in found if heading}
    assert heads == {"head-note": "2", "head-urgent": "1", "head-breach": "1"}


def test_a_line_is_known_by_its_place_in_the_brief() -> None:
    found = lines(line("note", "零"), line("urgent", "一"), line("note", "二"))
    assert {key: text for key, text, *_, heading in found if not heading} == {"0": "零", "1": "一", "2": "二"}


def test_nothing_to_hand_over_is_no_line() -> None:
    assert lines() == [] and counts_words(()) == ""


@pytest.mark.parametrize(
    ("due", "words", "tone"),
    [
        (None, "", "text.tertiary"),
        (NOW + timedelta(minutes=1), "09:31 到期", "text.secondary"),
        (NOW, "09:30 已过", "sla.over1.text"),
        (NOW - timedelta(days=1), "11-19 09:30 已过", "sla.over1.text"),
    ],
    ids=["none", "ahead", "now", "yesterday"],
)
def test_a_limit_says_whether_it_is_past(due: object, words: str, tone: str) -> None:
    made = brief_lines((line("breach", due_at=due),), NOW, CALENDAR)[1]
    assert (made.side, made.tone) == (words, tone)


def test_numbers_of_this_year_are_short_and_remarks_stand_below() -> None:
    old, new = line("urgent", number="20251120-0417"), line("urgent", number="20261120-0417", remark="已催")
    found = lines(old, new)
    assert [lead for _, _, lead, _, _, heading in found if not heading] == ["20251120-0417", "1120-0417"]
    assert [note for _, _, _, note, _, heading in found if not heading] == ["", "附注：已催"]


def test_every_kind_has_a_drawing_and_a_word() -> None:
    assert set(ICONS) == set(KINDS)
    for kind in KINDS:
        [head, one] = brief_lines((line(kind),), NOW, CALENDAR)
        assert head.text and head.text != kind and one.icon


def test_counts_name_kinds_that_are_there() -> None:
    words = counts_words((line("urgent"), line("urgent"), line("note")))
    assert words.count(" · ") == 1 and words.split(" · ")[0].endswith(" 2")


def head(post: str = "dispatcher") -> HandoverHead:
    return HandoverHead(
        "h", post, LEFT, NOW - timedelta(hours=10), NOW, "0123456789abcdef" * 4, taken_over=TAKEN
    )


def test_who_left_which_post_when() -> None:
    words = head_words(head(), NOW, CALENDAR)
    assert words.endswith("江予安 · 11-19 23:30 至 09:28") and not words.startswith("dispatcher")
    assert head_words(head("night_watch"), NOW, CALENDAR).startswith("night_watch 江予安")


class TestPaper:
    """The sheet as a page."""

    def page(self, *found: BriefLine, remarks: str = "", signs: PaperSigns = PaperSigns(None, None)) -> str:  # noqa: B008 - a value
        return paper_body("派遣席", found, remarks, signs, NOW, CALENDAR)

    def test_what_people_wrote_is_not_read_as_html(self) -> None:
        page = self.page(
            line("note", "<b>粗</b> & 细", remark="<script>"), remarks="<img src=x>",
            signs=PaperSigns(LEFT, TAKEN, "ab"),
        )  # fmt: skip
        for raw in ("<b>粗", "<script>", "<img", "<已收>"):
            assert raw not in page
        assert "&lt;b&gt;粗&lt;/b&gt; &amp; 细" in page and "&lt;已收&gt;" in page

    def test_an_empty_sheet_says_so(self) -> None:
        page = self.page()
        assert "没有要交代的事项。" in page and "无" in page

    def test_without_signatures_there_is_room_for_a_hand(self) -> None:
        page = self.page(line("urgent"))
        assert page.count("________________") == 2 and "还没有到中心，没有校验码" in page

    def test_signatures_and_hash_of_the_centre(self) -> None:
        sheet = Handover(head(), (), "", NOW)
        page = self.page(signs=signs_of(sheet))
        assert "江予安" in page and "卢见青" in page and "________________" not in page
        assert "校验 0123456789abcdef · " in page and "打印于 2026-11-20 09:30" in page

    def test_limits_stand_at_their_lines(self) -> None:
        page = self.page(line("breach", "甲", due_at=NOW + timedelta(hours=1), number="20261120-0417"))
        assert "10:30" in page and "1120-0417" in page
