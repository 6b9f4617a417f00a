"""The rules of sound: one at a time, the more serious wins, 急要件 is never silenced and rings three times at most."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.notices.cues import (
    ACCEPTED,
    CALL,
    CONFLICT,
    LINE_DOWN,
    LINE_UP,
    NEW,
    OVER,
    REFUSED,
    SERIOUS,
    SOON,
    URGENT,
    cue_title,
    cue_when,
    cues_from,
    shipped_cues,
)
from console.notices.sounding import SHIPPED_VOLUME, URGENT_FLOOR, Play, Sounding, SoundSettings

CUES = shipped_cues()
CALM = st.sampled_from([cue for cue in SERIOUS if cue not in (URGENT, CALL)])


def started(rules: Sounding, now: float) -> str:
    play = rules.begin(now)
    return play.cue.id if play is not None else ""


# --- the table ------------------------------------------------------------------------------------------------


def test_the_notes_are_those_of_the_design() -> None:
    wanted = {
        URGENT: ((880, 120), (0, 60), (1175, 180)), NEW: ((659, 90),), OVER: ((523, 160), (392, 240)),
        CALL: ((784, 300), (0, 120), (988, 300)), ACCEPTED: ((1047, 50),), REFUSED: ((330, 180), (262, 220)),
        CONFLICT: ((587, 120), (494, 120), (587, 160)), LINE_DOWN: ((440, 200), (330, 300)),
        LINE_UP: ((330, 120), (440, 180)),
    }  # fmt: skip
    for cue, notes in wanted.items():
        assert CUES[cue].notes == notes
    assert [note for note in CUES[SOON].notes if note[0]] == [(740, 120), (740, 120)]
    assert (CUES[URGENT].repeat_s, CUES[URGENT].most) == (8, 3)
    assert (CUES[CALL].repeat_s, CUES[CALL].most) == (3, 0)
    assert CUES[NEW].least_s == 10


def test_the_shipped_cues_are_those_of_the_design_file(shared_data: Callable[[str], Path]) -> None:
    theirs = json.loads(shared_data("design/tokens.json").read_text(encoding="utf-8"))["sound"]
    assert cues_from(theirs) == dict(CUES)


def test_every_cue_has_words() -> None:
    assert tuple(CUES) == SERIOUS
    assert len({cue_title(cue) for cue in SERIOUS}) == len(SERIOUS)
    assert all(cue_when(cue) for cue in SERIOUS)


@pytest.mark.parametrize("broken", ["missing", "no object", "words for notes"])
def test_a_broken_table_is_refused(broken: str) -> None:
    text = (files("resources") / "styles" / "tokens.json").read_text(encoding="utf-8")
    doc = json.loads(text)["sound"]
    if broken == "missing":
        del doc[SOON]
    else:
        doc[SOON] = [] if broken == "no object" else {"notes": [["la", 100]]}
    with pytest.raises((KeyError, ValueError)):
        cues_from(doc)


# --- settings -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("volume", [None, "60", -1, 101, True, 3.5])
def test_an_odd_volume_is_the_shipped_one(volume: object) -> None:
    assert SoundSettings.read(volume, None).volume == SHIPPED_VOLUME


def test_unknown_cues_and_the_urgent_one_are_never_off() -> None:
    kept = SoundSettings.read(40, [URGENT, NEW, "tune", 7])
    assert kept == SoundSettings(40, frozenset({NEW}))
    assert SoundSettings.read(40, "new_case").off == frozenset()
    assert kept.switched(URGENT, False).off == {NEW}
    assert kept.switched(NEW, True).off == frozenset()


def test_urgent_is_lowered_to_a_floor_and_halved_on_the_telephone() -> None:
    silent = SoundSettings(0)
    assert silent.level(URGENT) == URGENT_FLOOR / 100
    assert silent.level(NEW) == 0
    loud = SoundSettings(80)
    assert loud.level(URGENT) == 0.8
    assert loud.level(URGENT, on_telephone=True) == 0.4
    assert all(loud.level(cue, on_telephone=True) == 0 for cue in SERIOUS if cue != URGENT)


# --- one after the other --------------------------------------------------------------------------------------


def test_the_more_serious_of_two_wins_and_the_other_is_dropped() -> None:
    rules = Sounding(CUES)
    rules.want(ACCEPTED)
    rules.want(OVER)
    assert started(rules, 0.0) == OVER
    assert started(rules, 5.0) == ""


def test_the_more_serious_cuts_off_and_the_lesser_does_not() -> None:
    rules = Sounding(CUES)
    rules.want(LINE_DOWN)
    assert started(rules, 0.0) == LINE_DOWN
    rules.want(ACCEPTED)
    assert started(rules, 0.1) == ""
    rules.want(CONFLICT)
    assert started(rules, 0.2) == CONFLICT
    rules.want(ACCEPTED)
    assert started(rules, 1.0) == ACCEPTED


def test_a_new_case_sounds_once_in_ten_seconds() -> None:
    rules = Sounding(CUES)
    heard = []
    for second in range(31):
        rules.want(NEW)
        if started(rules, float(second)):
            heard.append(second)
    assert heard == [0, 10, 20, 30]


def test_a_cue_that_is_off_gives_way_to_the_next() -> None:
    rules = Sounding(CUES, SoundSettings(60, frozenset({OVER})))
    rules.want(OVER)
    rules.want(NEW)
    assert started(rules, 0.0) == NEW


def test_urgent_rings_every_eight_seconds_three_times() -> None:
    rules = Sounding(CUES)
    rules.ring(URGENT, "a", 0.0)
    heard, now = [], 0.0
    while (moment := rules.next_at(now)) is not None:
        now = moment
        rules.ring(URGENT, "a", now)
        assert started(rules, now) == URGENT
        heard.append(now)
    assert heard == [0.0, 8.0, 16.0]
    assert started(rules, 24.0) == ""


def test_urgent_stops_when_the_row_was_opened() -> None:
    rules = Sounding(CUES)
    rules.ring(URGENT, "a", 0.0)
    assert started(rules, 0.0) == URGENT
    rules.hush(URGENT, "a")
    rules.hush(URGENT, "unknown")
    assert rules.next_at(1.0) is None
    assert started(rules, 8.0) == ""


def test_a_second_urgent_case_rings_at_once_and_then_with_the_first() -> None:
    rules = Sounding(CUES)
    rules.ring(URGENT, "a", 0.0)
    assert started(rules, 0.0) == URGENT
    rules.ring(URGENT, "b", 3.0)
    assert rules.next_at(3.0) == 3.0
    assert started(rules, 3.0) == URGENT
    assert rules.next_at(3.0) == 11.0
    assert started(rules, 11.0) == URGENT
    assert rules.rings(URGENT) == {"b"}, "the first was heard three times"
    assert started(rules, 19.0) == URGENT
    assert rules.rings(URGENT) == frozenset()


def test_a_ring_waits_for_the_end_of_what_sounds() -> None:
    rules = Sounding(CUES)
    rules.ring(URGENT, "a", 0.0)
    assert started(rules, 0.0) == URGENT
    rules.ring(CALL, "call", 0.1)
    assert started(rules, 0.1) == ""
    moment = rules.next_at(0.1)
    assert moment is not None and 0.1 < moment < 1.0
    assert started(rules, moment) == CALL


def test_on_the_telephone_only_urgent_sounds() -> None:
    rules = Sounding(CUES, SoundSettings(60))
    rules.on_telephone = True
    rules.ring(CALL, "call", 0.0)
    rules.want(CONFLICT)
    assert started(rules, 0.0) == ""
    assert rules.rings(CALL) == {"call"}, "it rings on when the other call has ended"
    rules.ring(URGENT, "a", 1.0)
    play = rules.begin(1.0)
    assert play == Play(CUES[URGENT], 0.3)


def test_reasons_of_one_cue_are_dropped_together() -> None:
    rules = Sounding(CUES)
    for case_id in "abc":
        rules.ring(URGENT, case_id, 0.0)
    rules.ring(CALL, "call", 0.0)
    rules.hush_all(URGENT, ("b",))
    assert rules.rings(URGENT) == {"b"} and rules.rings(CALL) == {"call"}


def test_a_trial_is_heard_though_the_cue_is_off_but_never_over_a_more_serious_one() -> None:
    rules = Sounding(CUES, SoundSettings(0, frozenset({NEW})))
    play = rules.trial(NEW, 0.0)
    assert play is not None and play.level == URGENT_FLOOR / 100
    rules.ring(URGENT, "a", 1.0)
    assert started(rules, 1.0) == URGENT
    assert rules.trial(NEW, 1.1) is None
    assert rules.trial(URGENT, 1.1) is not None


# --- whatever happens -----------------------------------------------------------------------------------------

EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("want"), CALM),
        st.tuples(st.just("ring"), st.sampled_from("abcd")),
        st.tuples(st.just("open"), st.sampled_from("abcd")),
        st.tuples(st.just("call"), st.booleans()),
        st.tuples(st.just("telephone"), st.booleans()),
        st.tuples(st.just("volume"), st.integers(0, 100)),
        st.tuples(st.just("off"), st.sampled_from(SERIOUS)),
        st.tuples(st.just("wait"), st.floats(0.01, 12.0)),
    ),
    max_size=60,
)


class Room:
    """A room with one loudspeaker; it notes what began, when, and for which reasons."""

    def __init__(self) -> None:
        self.rules, self.now = Sounding(CUES), 0.0
        self.began: list[tuple[float, Play]] = []
        self.heard: dict[str, int] = {}
        self.rung: set[str] = set()

    def begin(self) -> None:
        waiting = self.rules.rings(URGENT)
        play = self.rules.begin(self.now)
        if play is None:
            return
        if self.began:
            at, last = self.began[-1]
            if self.now < at + last.cue.seconds:
                assert play.cue.rank < last.cue.rank, "a lesser one broke in"
        self.began.append((self.now, play))
        if play.cue.id == URGENT:
            assert play.level > 0
            for case_id in waiting:
                self.heard[case_id] = self.heard.get(case_id, 0) + 1

    def wait(self, span: float) -> None:
        until = self.now + span
        while (moment := self.rules.next_at(self.now)) is not None and moment <= until:
            assert moment >= self.now
            self.now = max(moment, self.now + 0.001)
            self.begin()
        self.now = max(until, self.now)

    def do(self, event: tuple[str, object]) -> None:
        kind, value = event
        rules = self.rules
        if kind == "want":
            rules.want(str(value))
        elif kind == "ring" and value not in self.rung:
            self.rung.add(str(value))
            rules.ring(URGENT, str(value), self.now)
        elif kind == "open":
            rules.hush(URGENT, str(value))
        elif kind == "call" and value:
            rules.ring(CALL, "call", self.now)
        elif kind == "call":
            rules.hush(CALL, "call")
        elif kind == "telephone":
            rules.on_telephone = bool(value)
        elif kind == "volume":
            rules.settings = SoundSettings.read(value, rules.settings.off)
        elif kind == "off":
            rules.settings = rules.settings.switched(str(value), False)
        elif kind == "wait":
            assert isinstance(value, float)
            self.wait(value)
        self.begin()


@settings(max_examples=150, deadline=None)
@given(EVENTS)
def test_whatever_happens_the_rules_hold(events: list[tuple[str, object]]) -> None:
    room = Room()
    for event in events:
        room.do(event)
    left = room.rules.rings(URGENT)
    room.wait(60.0)
    assert room.rules.rings(URGENT) == frozenset()
    assert all(count <= 3 for count in room.heard.values())
    assert all(room.heard.get(case_id) == 3 for case_id in left), "what is not opened is heard three times"
    for cue in SERIOUS:
        moments = [at for at, play in room.began if play.cue.id == cue]
        assert all(b - a >= CUES[cue].least_s for a, b in pairwise(moments))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 100),
    st.frozensets(st.sampled_from(SERIOUS)),
    st.booleans(),
    st.lists(CALM, max_size=6),
)
def test_urgent_is_heard_under_any_settings(
    volume: int, off: frozenset[str], on_telephone: bool, others: list[str]
) -> None:
    rules = Sounding(CUES, SoundSettings.read(volume, off))
    rules.on_telephone = on_telephone
    for cue in others:
        rules.want(cue)
    rules.ring(URGENT, "a", 0.0)
    play = rules.begin(0.0)
    assert play is not None and play.cue.id == URGENT
    assert URGENT_FLOOR / 200 <= play.level <= 1
