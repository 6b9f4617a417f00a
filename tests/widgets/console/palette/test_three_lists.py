"""Command bar, hot keys, context menus and `?` hold the same verbs: the list is one, and these tests keep it one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from console.viewmodels.case_actions import ORDER, of_post
from console.viewmodels.verbs.case_verbs import verb_id
from console.viewmodels.verbs.key_lists import keys_of_places
from console.viewmodels.verbs.verb import EVERYWHERE, GROUP_WORDS, MAP, PLACE_WORDS, WORKSPACE_OF, Call
from console.windows.dialogs.registry import has_dialog
from console.windows.dispatch.case_menu import case_menu
from console.windows.dispatch.map_commands import commands
from console.windows.palette.key_hands import KeyHands
from console.windows.shell import ShellWindow
from maps.canvas.keys import KEY_WORDS
from services.domain.lifecycle import MOVES
from tests.widgets.console.palette.conftest import Open

ROLES = ("dispatcher", "acceptor", "shift_leader", "leader")


@pytest.fixture(params=ROLES)
def window(request: Any, open_window: Open) -> ShellWindow:
    return open_window(request.param, "pending_dispatch")[2]


def test_the_lists_hold_the_same_verbs(window: ShellWindow) -> None:
    """One window a post: it is built once, and everything is asked of it."""
    every_verb_is_well_formed(window)
    every_action_of_the_post_is_a_verb(window)
    no_key_means_two_things(window)
    every_verb_stands_in_the_command_bar(window)
    the_context_menu_holds_every_verb_of_a_case(window)
    every_key_is_listed_under_the_question_mark(window)
    every_key_is_heard(window)


def every_verb_is_well_formed(window: ShellWindow) -> None:
    for verb in window.seat.verbs.verbs:
        assert verb.words, verb
        assert verb.group in GROUP_WORDS, verb
        assert verb.place in PLACE_WORDS, verb
        assert all(place in PLACE_WORDS for place, _ in verb.bindings), verb
    places = {place for verb in window.seat.verbs.verbs for place, _ in verb.bindings}
    assert {WORKSPACE_OF.get(place, "") for place in places} <= {"", "dispatch", "intake", *window.workspaces}


def every_action_of_the_post_is_a_verb(window: ShellWindow) -> None:
    seat = window.seat
    for action in ORDER:
        assert has_dialog(action), action
        assert (verb_id(action) in seat.verbs) == of_post(action, seat.actor, seat.rules), action


def no_key_means_two_things(window: ShellWindow) -> None:
    """In one place a key is one verb's, or two that are never possible together; what counts everywhere is free."""
    taken: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for verb in window.seat.verbs.verbs:
        for place, key in verb.bindings:
            taken[place, key].append(verb)
    for (place, key), verbs in taken.items():
        if place != EVERYWHERE:
            verbs = verbs + taken.get((EVERYWHERE, key), [])
        names = {verb.id for verb in verbs}
        alone = [verb for verb in verbs if verb.instead_of not in names]
        assert len(alone) == 1, f"{key} in {place}: {sorted(names)}"


def every_verb_stands_in_the_command_bar(window: ShellWindow) -> None:
    bar = window.command_bar
    bar.ask(">")
    bar.finish()
    assert {row.verb_id for row in bar.rows} == {verb.id for verb in window.seat.verbs.verbs if verb.listed}
    for verb in window.seat.verbs.verbs:
        if verb.listed:
            bar.ask(f">{verb.words}")
            bar.finish()
            assert verb.id in {row.verb_id for row in bar.rows}, verb


def the_context_menu_holds_every_verb_of_a_case(window: ShellWindow) -> None:
    book, case_id = window.seat.verbs, next(iter(window.seat.cases))
    menu = case_menu(book, Call((case_id,)), window)
    entries = {action.data(): action for action in menu.actions() if action.data()}
    assert set(entries) == {verb.id for verb in book.verbs if verb.in_case_menu}
    assert {verb_id(action) for action in ORDER if verb_id(action) in book} <= set(entries)
    for name, entry in entries.items():
        reason = book.why_not(name, Call((case_id,)))
        assert entry.isEnabled() == (not reason), name
        assert entry.toolTip() == reason or not reason
    menu.deleteLater()


def every_key_is_listed_under_the_question_mark(window: ShellWindow) -> None:
    book = window.seat.verbs
    sides = (("queue", "case", MAP), ("intake", "pool.reported", "pool.pending_filing", "pool.pending_close"))
    listed = set()
    for side in sides:
        for title, lines in keys_of_places(book, side):
            listed |= {
                (title, key, word)
                for keys, words in lines
                for key in keys.split(" ")
                for word in words.split("、")
            }
    for verb in book.verbs:
        for place, key in book.keymap.bindings(verb):
            for word in verb.words.split("、"):
                assert (PLACE_WORDS[place], key, word) in listed, verb


def every_key_is_heard(window: ShellWindow) -> None:
    """Each key of a verb is found again by the hands that run it (combined keys as shortcuts, single ones by name)."""
    book, hands = window.seat.verbs, window.hands
    assert isinstance(hands, KeyHands)
    hands.bind()
    for verb in book.verbs:
        for place, key in book.keymap.bindings(verb):
            if not verb.fixed and WORKSPACE_OF.get(place, "") in ("", *window.workspaces):
                assert verb in book.of_key(key, (place,)), verb
                assert hands.hears(place, key), (verb.id, place, key)


def test_dispatch_and_redispatch_are_never_possible_together() -> None:
    assert not MOVES["dispatch"].keys() & MOVES["redispatch"].keys()


def test_every_command_of_the_map_menu_and_every_key_of_the_map_is_a_verb(open_window: Open) -> None:
    book = open_window("dispatcher")[2].seat.verbs
    assert {f"map.{command}" for command in commands()} <= {verb.id for verb in book.verbs}
    assert set(KEY_WORDS) <= set(commands())
