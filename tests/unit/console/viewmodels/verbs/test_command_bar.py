"""The command bar over an invented district: lines read as verbs with objects, reasons, history, many cases."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs import offers
from console.viewmodels.verbs.case_acts import CaseActs, acts_of_post, asks_nothing
from console.viewmodels.verbs.case_verbs import action_of, case_verbs, verb_id
from console.viewmodels.verbs.command_bar import CommandBar
from console.viewmodels.verbs.history import MOST, NAME, LineHistory
from console.viewmodels.verbs.offers import Row
from console.viewmodels.verbs.verb import A_TEXT, AN_AREA, SETTINGS_GROUP, Call, Verb
from tests.support.fakes import FakeSettings, World, settled, world_for
from tests.support.many_cases import many

Start = Callable[[World], SeatViewModel]
Opened = list[tuple[str, str, dict[str, str]]]


class Bench:
    """A seat with its actions bound, and the command bar on it."""

    def __init__(self, world: World, seat: SeatViewModel) -> None:
        self.world, self.seat = world, seat
        self.opened: Opened = []
        self.bulk: list[tuple[str, tuple[str, ...]]] = []
        self.places: list[Call] = []
        book = seat.verbs
        book.add_for(
            Verb("case.open", "打开案件", takes=("case",), group="case", place="case"), self.places.append
        )
        book.add_for(
            Verb("map.go_to", "地图移到", ("去",), takes=(AN_AREA,)),
            self.places.append,
            lambda c: "" if c.area else "还没有写",
        )
        book.add_for(Verb("queue.search", "在队列中查找", takes=(A_TEXT,)), self.places.append)
        book.add(
            Verb("frame.theme", "切换深色、浅色", ("主题",), SETTINGS_GROUP),
            lambda: self.places.append(Call()),
        )
        CaseActs(
            seat,
            lambda action, case, preset: self.opened.append((action, case, dict(preset))),
            lambda action, cases, preset: self.bulk.append((action, cases)),
        )
        self.bar = CommandBar(seat)

    def ask(self, line: str) -> tuple[Row, ...]:
        """Ask and wait for the answer."""
        self.bar.ask(line)
        self.bar.finish()
        return self.bar.rows

    def titles(self, line: str, section: str = offers.COMMANDS) -> list[str]:
        """Return the titles of a section."""
        return [row.title for row in self.ask(line) if row.section == section]


@pytest.fixture
def bench(start: Start) -> Bench:
    world = world_for("dispatcher")
    for state in ("pending_dispatch", "pending_dispatch", "feedback_review", "handling"):
        world.walk(state)
    return Bench(world, start(world))


def number(bench: Bench, state: str, place: int = 0) -> tuple[str, str]:
    """Return id and last four digits of a case in a state."""
    found = [case for case in bench.world.cases.values() if case.state == state][place]
    assert found.number is not None
    return found.case_id, found.number[-4:]


@pytest.mark.parametrize(
    "pattern", ["pq {n} sz", "pf {n} sz", "派遣 {n} 市政", "paiqian {n} shizheng", "pq{n}sz", "{n} pq sz", "pq sz {n}",
                "派 {n} 至 市政", "派发 …{n} 给 市政", "zp {n} szgy"],
)  # fmt: skip
def test_a_dispatch_is_written_in_any_mix(bench: Bench, pattern: str) -> None:
    case_id, digits = number(bench, "pending_dispatch")
    row = bench.ask(pattern.format(n=digits))[0]
    assert (row.verb_id, row.reason) == ("case.dispatch", "")
    assert row.title == f"派遣 1120-{digits} 上水井盖 至 市政"
    assert bench.bar.run(row)
    assert bench.opened == [("dispatch", case_id, {"lead_dept": "muni"})]


def test_what_was_typed_is_marked(bench: Bench) -> None:
    _, digits = number(bench, "pending_dispatch")
    row = bench.ask(f"pq {digits} sz")[0]
    assert "".join(row.title[place] for place in sorted(row.places)) == f"派遣{digits}市政"


def test_tab_writes_a_row_out_and_the_line_means_the_same(bench: Bench) -> None:
    _, digits = number(bench, "pending_dispatch")
    row = bench.ask(f"pq {digits} sz")[0]
    line = bench.bar.complete(row)
    assert line == f"派遣 {digits} 市政"
    assert bench.ask(line)[0].call == row.call


def test_what_needs_no_payload_goes_out_at_once(bench: Bench, qtbot: Any) -> None:
    _, digits = number(bench, "feedback_review")
    row = bench.ask(f"pz {digits}")[0]
    assert row.title.startswith("送核查")
    assert bench.bar.run(row)
    settled(bench.seat, qtbot)
    assert [command.action for command in bench.world.commands] == ["send_check"]
    assert not bench.opened


def test_what_is_not_possible_says_why_and_does_nothing(bench: Bench) -> None:
    _, digits = number(bench, "handling")
    rows = [row for row in bench.ask(f"pq {digits}") if row.verb_id == "case.dispatch"]
    assert "现在不能派遣" in rows[0].reason
    assert bench.bar.problem == rows[0].reason
    assert not bench.bar.run(rows[0])


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("pq 9999 sz", "没有案号以 9999 结尾的案件。"),
        ("zzzz", "没有找到“zzzz”。"),
        ("jiean", "“结案”不在您的岗位里。"),
        ("pq xqqx", "“派遣”后面的“xqqx”没有对上案件、单位或区域。"),
    ],
)
def test_a_wrong_line_gets_a_sentence(bench: Bench, line: str, sentence: str) -> None:
    bench.ask(line)
    assert bench.bar.problem.startswith(sentence)


def test_cases_are_found_by_number_text_address_and_names(bench: Bench) -> None:
    _, digits = number(bench, "pending_dispatch")
    assert len(bench.titles(digits, offers.CASES)) == 1
    for words in ("井盖", "松影路", "wt 井盖", "上水", "ssjg"):
        assert len(bench.titles(words, offers.CASES)) == 4, words
    assert bench.bar.total == 4
    row = next(row for row in bench.ask(f"#{digits}") if row.section == offers.CASES)
    assert bench.bar.run(row)
    assert bench.places[-1].case == row.call.case


def test_places_people_and_units_are_found_by_name(bench: Bench) -> None:
    assert bench.titles("/wt", offers.PLACES)[0] == "望塔街道"
    assert bench.titles("@sz", offers.PEOPLE)[0] == "市政"
    assert "方知夏" in bench.titles("@fzx", offers.PEOPLE)
    row = bench.ask("/望塔-02")[0]
    assert bench.bar.run(row)
    assert bench.places[-1].area == "990101001001002"[: len(bench.places[-1].area)]


def test_a_prefix_shows_its_kind_alone(bench: Bench) -> None:
    for line, sections in (("#井盖", {offers.CASES}), ("@sz", {offers.PEOPLE}), ("/wt", {offers.PLACES})):
        assert {row.section for row in bench.ask(line)} == sections
    assert {row.section for row in bench.ask(">")} == {offers.COMMANDS, offers.SETTINGS}
    assert bench.titles(">zhuti", offers.SETTINGS) == ["切换深色、浅色"]


def test_a_text_verb_takes_the_rest_of_the_line(bench: Bench) -> None:
    row = next(row for row in bench.ask("在队列中查找 井盖 南苑") if row.verb_id == "queue.search")
    assert row.call.text == "井盖 南苑"


def test_before_a_word_is_typed_the_case_under_the_hand_comes_first(bench: Bench) -> None:
    case_id, _ = number(bench, "pending_dispatch")
    assert bench.ask("") == ()
    bench.seat.verbs.set_subject(lambda: (case_id,))
    titles = bench.titles("")
    assert titles[0] == "派遣"
    assert all(not row.reason for row in bench.bar.rows)


def test_several_marked_cases_go_to_the_preview(bench: Bench) -> None:
    ids = tuple(number(bench, "pending_dispatch", place)[0] for place in (0, 1))
    bench.seat.verbs.set_subject(lambda: ids)
    assert bench.bar.run(bench.ask("cuiban")[0])
    assert bench.bulk == [("urge", ids)]


def test_lines_are_remembered_for_the_user(bench: Bench, qtbot: Any) -> None:
    _, digits = number(bench, "pending_dispatch")
    for line in (f"pq {digits} sz", f"cb {digits}"):
        bench.bar.run(bench.ask(line)[0])
    settled(bench.seat, qtbot)
    assert bench.world.settings[NAME] == [f"cb {digits}", f"pq {digits} sz"]
    again = CommandBar(bench.seat)
    again.ask("")
    again.finish()
    assert [row.title for row in again.rows if row.section == offers.RECENT] == [
        f"cb {digits}",
        f"pq {digits} sz",
    ]


def test_what_cannot_be_saved_is_told(bench: Bench, qtbot: Any) -> None:
    bench.world.full = True
    _, digits = number(bench, "feedback_review")
    assert bench.bar.run(bench.ask(f"pz {digits}")[0])
    settled(bench.seat, qtbot)
    assert "没有保存" in bench.seat.notices.kept[0].title


@pytest.mark.parametrize("count", [3_000, pytest.param(50_000, marks=pytest.mark.faults)])
def test_many_cases_are_answered_soon(start: Start, count: int) -> None:
    world = world_for("dispatcher")
    bench = Bench(world, start(world))
    entries = many(count, world.now, world.rules)
    bench.seat.cases = {entry.case.case_id: entry for entry in entries}
    bench.seat.book.rebuild()
    bench.seat.book.finish()
    wanted = entries[count // 2].case
    digits = wanted.number or ""
    bench.ask("sz")  # the sounds of the names are worked out once
    best = 1.0
    for _ in range(4):
        began = time.perf_counter()
        rows = bench.ask(f"cb {digits}")
        best = min(best, time.perf_counter() - began)
    assert any(row.call.case == wanted.case_id for row in rows)
    # 50 ms is the goal on a quiet machine; the fastest of four is asked, with room for a busy one
    assert best < 0.2, best


def test_a_new_line_drops_the_answer_to_the_last(bench: Bench) -> None:
    bench.bar.ask("井盖")
    bench.bar.ask("zzzz")
    bench.bar.finish()
    assert bench.bar.rows == ()
    assert bench.bar.line.text == "zzzz"


def test_every_action_has_a_verb_and_a_verb_knows_its_action() -> None:
    for verb in case_verbs():
        assert verb_id(action_of(verb)) == verb.id
    assert action_of("case.open") == ""
    assert action_of("frame.lock") == ""


def test_the_acts_of_a_post(start: Start) -> None:
    seat = start(world_for("acceptor"))
    actions = {action_of(verb) for verb in acts_of_post(seat)}
    assert {"accept", "send_verify"} <= actions
    assert "dispatch" not in actions
    assert asks_nothing("accept")


class TestHistory:
    """Walking through earlier lines."""

    def make(self, lines: list[str] | None = None) -> LineHistory:
        world = world_for("dispatcher")
        if lines is not None:
            world.settings[NAME] = lines
        return LineHistory(FakeSettings(world))

    def test_up_and_down(self) -> None:
        history = self.make(["c", "b", "a"])
        assert [history.earlier("x") for _ in range(4)] == ["c", "b", "a", "a"]
        assert history.walking
        assert [history.later() for _ in range(4)] == ["b", "c", "x", "x"]
        assert not history.walking

    def test_a_line_moves_to_the_front_and_the_oldest_fall_away(self) -> None:
        history = self.make([f"l{n}" for n in range(MOST)])
        history.add("l7")
        assert history.lines[:2] == ["l7", "l0"]
        history.add("new")
        assert len(history.lines) == MOST
        history.add("   ")
        assert history.lines[0] == "new"

    def test_an_empty_history_gives_the_line_back(self) -> None:
        assert self.make().earlier("x") == "x"
        assert LineHistory(FakeSettings(world_for("dispatcher"))).lines == []


def test_a_returned_case_is_dispatched_by_the_same_word(start: Start) -> None:
    world = world_for("dispatcher")
    case = world.walk("pending_sign")
    world.apply("return_case", case.case_id, reason="不属我单位", basis="权责清单第三条")
    bench = Bench(world, start(world))
    row = bench.ask(f"pq {(case.number or '')[-4:]} sz")[0]
    assert (row.verb_id, row.reason) == ("case.redispatch", "")
