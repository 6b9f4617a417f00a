"""The actions of the rules as verbs: one for each, words that find it, keys that do not collide, all in Chinese."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from console.viewmodels.case_actions import KEYS, ORDER
from console.viewmodels.pools import POOL_ACTIONS
from console.viewmodels.verbs.book import VerbBook
from console.viewmodels.verbs.case_acts import asks_nothing
from console.viewmodels.verbs.case_verbs import ALIASES, ICONS, UNIT_ACTIONS, action_of, case_verbs, verb_id
from console.viewmodels.verbs.key_lists import key_of_action, keys_of_places
from console.viewmodels.verbs.keymap import KeyMap
from console.viewmodels.verbs.line import read_line
from console.viewmodels.verbs.matching import WHOLE
from console.viewmodels.verbs.offers import fit_of
from console.viewmodels.verbs.verb import A_CASE, A_UNIT, CASE, EVERYWHERE, MAP, PLACE_WORDS, QUEUE, Verb
from services.domain.lifecycle import ACTION_NAMES, ACTIONS

VERBS = {verb.id: verb for verb in case_verbs()}


def test_one_verb_for_each_action_in_the_order_of_the_menu() -> None:
    assert [action_of(verb) for verb in case_verbs()] == list(ORDER)
    assert len(VERBS) == len(ORDER)


def test_a_verb_is_called_as_the_rules_call_it_and_found_by_that() -> None:
    for action in ORDER:
        called_and_found(action)


def called_and_found(action: str) -> None:
    verb = VERBS[verb_id(action)]
    assert verb.title == ACTION_NAMES[action]
    hit = fit_of(verb, read_line(verb.title).words)
    assert hit is not None and hit.tier == WHOLE
    assert verb.takes[:1] == (A_CASE,) and verb.in_case_menu


def test_other_words_belong_to_real_actions_and_find_them() -> None:
    for action in sorted(set(ALIASES) & set(ORDER)):
        found_by_other_words(action)


def found_by_other_words(action: str) -> None:
    for alias in ALIASES[action]:
        assert alias.strip() == alias and alias != ACTION_NAMES[action]
        hit = fit_of(VERBS[verb_id(action)], (alias,))
        assert hit is not None and hit.tier == WHOLE


def test_tables_name_real_actions() -> None:
    assert set(ALIASES) <= set(ACTIONS)
    assert set(ICONS) <= set(ORDER) and set(UNIT_ACTIONS) <= set(ORDER)
    assert {verb.id for verb in VERBS.values() if A_UNIT in verb.takes} == {
        "case.dispatch", "case.redispatch",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("word", "action"),
    [
        ("case.dispatch", "dispatch"), ("dispatch", ""), ("case.", ""), ("case.open", ""), ("", ""),
        ("case.case.dispatch", ""), ("map.fit", ""),
    ],
)  # fmt: skip
def test_only_ids_of_actions_name_one(word: str, action: str) -> None:
    assert action_of(word) == action


def test_no_two_verbs_hear_one_key_in_one_place_unless_one_stands_for_the_other() -> None:
    keymap = KeyMap()
    for verb in case_verbs():
        for place, key in verb.bindings:
            assert place in PLACE_WORDS
            assert keymap.taken_by(verb, place, key, case_verbs()) is None, (verb.id, place, key)


def test_keys_of_the_pools_are_those_of_the_actions() -> None:
    for pool, acts in POOL_ACTIONS.items():
        for action, key in acts:
            if verb_id(action) in VERBS:
                assert (f"pool.{pool}", key) in VERBS[verb_id(action)].bindings


def test_what_asks_for_nothing_has_no_field() -> None:
    assert asks_nothing("accept") and not asks_nothing("comment")
    assert not asks_nothing("no_such_action")


class TestKeyLists:
    """What `?` shows."""

    @pytest.fixture
    def book(self, qapp: object) -> VerbBook:
        book = VerbBook()
        nothing: Callable[[object], None] = lambda _call: None  # noqa: E731 - one line says it
        for action in ("dispatch", "redispatch", "urge"):
            book.add_for(VERBS[verb_id(action)], nothing)
        book.add(Verb("queue.down", "下一行", keys=("J", "Down"), place=QUEUE), lambda: None)
        book.add(Verb("map.fit", "全区", keys=("0",), place=MAP), lambda: None)
        book.add(Verb("intake.new", "新登记", keys=("N",), place="intake"), lambda: None)
        book.add(Verb("shell.help", "按键一览", keys=("?",)), lambda: None)
        return book

    def test_the_place_under_the_hand_stands_first_and_everywhere_last(self, book: VerbBook) -> None:
        titles = [title for title, _ in keys_of_places(book, (MAP, EVERYWHERE))]
        assert titles == [PLACE_WORDS[place] for place in (MAP, QUEUE, CASE, EVERYWHERE)]
        titles = [title for title, _ in keys_of_places(book, (EVERYWHERE, CASE))]
        assert titles == [PLACE_WORDS[place] for place in (CASE, QUEUE, MAP, EVERYWHERE)]

    def test_keys_of_the_other_workspace_are_not_shown(self, book: VerbBook) -> None:
        assert PLACE_WORDS["intake"] not in dict(keys_of_places(book, (QUEUE,)))
        assert PLACE_WORDS[QUEUE] not in dict(keys_of_places(book, ("intake",)))

    def test_verbs_that_share_a_key_share_a_line(self, book: VerbBook) -> None:
        lines = dict(keys_of_places(book, (CASE,)))[PLACE_WORDS[CASE]]
        assert dict(lines)[KEYS["dispatch"]] == "派遣、改派"
        assert len({keys for keys, _ in lines}) == len(lines)

    def test_several_keys_of_a_verb_stand_side_by_side(self, book: VerbBook) -> None:
        assert ("J Down", "下一行") in dict(keys_of_places(book, (QUEUE,)))[PLACE_WORDS[QUEUE]]

    def test_changed_keys_are_shown_and_taken_ones_are_not(self, book: VerbBook) -> None:
        keymap = book.keymap.with_key(VERBS["case.urge"], CASE, "F8")
        book.set_keymap(keymap.with_key(VERBS["case.dispatch"], CASE, ""))
        lines = dict(dict(keys_of_places(book, (CASE,)))[PLACE_WORDS[CASE]])
        assert lines["F8"] == "催办" and lines[KEYS["dispatch"]] == "改派"

    def test_the_key_beside_a_button_is_the_one_that_is_set(self, book: VerbBook) -> None:
        assert key_of_action(book, "urge", CASE, "X") == KEYS["urge"]
        book.set_keymap(book.keymap.with_key(VERBS["case.urge"], CASE, "F8"))
        assert key_of_action(book, "urge", CASE, "X") == "F8"
        book.set_keymap(book.keymap.with_key(VERBS["case.urge"], CASE, ""))
        assert key_of_action(book, "urge", CASE, "X") == ""
        assert key_of_action(book, "accept", CASE, "X") == "X", "nothing is bound: the shipped one"

    def test_without_a_place_only_what_counts_everywhere(self, book: VerbBook) -> None:
        assert [title for title, _ in keys_of_places(book, ())] == [PLACE_WORDS[EVERYWHERE]]
