"""The lines a user has run: newest first, each once, walked through with what was being typed kept."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.viewmodels.verbs.history import MOST, NAME, LineHistory


class Store:
    """A settings store in memory."""

    def __init__(self, kept: Any = None) -> None:
        self.kept: dict[str, Any] = {} if kept is None else {NAME: kept}

    def value(self, name: str, default: Any = None) -> Any:
        return self.kept.get(name, default)

    def put_value(self, name: str, value: Any) -> None:
        self.kept[name] = value


def history(kept: Any = None) -> LineHistory:
    return LineHistory(Store(kept))


def test_the_newest_stands_first_and_a_line_run_again_moves_up() -> None:
    lines = history()
    for line in ("pq 0312", "望塔", "pq 0312"):
        lines.add(line)
    assert lines.lines == ["pq 0312", "望塔"]


def test_blank_lines_are_not_remembered_and_edges_are_cut() -> None:
    lines = history()
    assert lines.add("   ") == []
    assert lines.add("  催办 0312 ") == ["催办 0312"]


def test_it_is_there_at_the_next_start() -> None:
    store = Store()
    first = LineHistory(store)
    first.add("甲")
    first.add("乙")
    assert store.kept == {}, "remembering writes nothing, `write` does"
    first.write()
    first.add("丙")
    assert LineHistory(store).lines == ["乙", "甲"], "what was written is a copy"


@pytest.mark.parametrize("kept", [None, 7, "派遣", {"a": 1}], ids=["none", "number", "text", "map"])
def test_what_is_no_history_is_an_empty_one(kept: Any) -> None:
    assert history(kept).lines == []


def test_what_is_no_line_in_it_is_left_out() -> None:
    assert history(["甲", 3, None, "乙"]).lines == ["甲", "乙"]


def test_walking_back_stops_at_the_oldest_and_forth_ends_at_what_was_typed() -> None:
    lines = history(["丙", "乙", "甲"])
    assert not lines.walking
    assert [lines.earlier("派"), lines.earlier("x"), lines.earlier("y"), lines.earlier("z")] == [
        "丙", "乙", "甲", "甲",
    ]  # fmt: skip
    assert lines.walking
    assert [lines.later(), lines.later(), lines.later()] == ["乙", "丙", "派"]
    assert not lines.walking


def test_without_a_line_walking_back_leaves_what_is_typed() -> None:
    lines = history()
    assert lines.earlier("半句") == "半句" and not lines.walking
    assert lines.later() == "半句"


def test_running_a_line_begins_again_at_the_newest() -> None:
    lines = history(["乙", "甲"])
    lines.earlier("")
    lines.earlier("")
    lines.add("丙")
    assert not lines.walking
    assert lines.earlier("新") == "丙"


def test_a_rest_forgets_what_was_being_typed() -> None:
    lines = history(["甲"])
    lines.earlier("草稿")
    lines.rest()
    assert (lines.walking, lines.later()) == (False, "")


@settings(max_examples=25)
@given(st.lists(st.text(alphabet="甲乙丙 丁1", max_size=3), max_size=80))
def test_never_too_many_never_twice_never_blank(typed: list[str]) -> None:
    lines = history()
    for line in typed:
        lines.add(line)
    said = [line.strip() for line in typed if line.strip()]
    assert len(lines.lines) <= MOST
    assert len(set(lines.lines)) == len(lines.lines)
    assert lines.lines == list(dict.fromkeys(reversed(said)))[:MOST]


@settings(max_examples=25)
@given(st.lists(st.sampled_from(["earlier", "later"]), max_size=30))
def test_any_walk_shows_lines_of_the_history_or_what_was_typed(steps: list[str]) -> None:
    kept = ["丁", "丙", "乙", "甲"]
    lines, at = history(kept), -1
    for step in steps:
        shown = lines.earlier("打字") if step == "earlier" else lines.later()
        at = min(at + 1, 3) if step == "earlier" else max(at - 1, -1)
        if at >= 0:
            assert shown == kept[at]
        elif "earlier" in steps[: steps.index(step) + 1]:
            assert shown in ("打字", "")
        assert lines.walking == (at >= 0)
