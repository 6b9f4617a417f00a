"""Laws of changed keys: what is written is read, what is set counts, what collides is named, in whatever order."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from console.viewmodels.verbs.keymap import KeyMap
from console.viewmodels.verbs.verb import CASE, EVERYWHERE, INTAKE, MAP, PLACE_WORDS, QUEUE, Verb

WATCH = Verb("case.watch", "关注", place=CASE, keys=("Y", "pool.reported:V"))
DISPATCH = Verb("case.dispatch", "派遣", place=CASE, keys=("D",))
AGAIN = Verb("case.redispatch", "改派", place=CASE, keys=("D",), instead_of="case.dispatch")
LOCK = Verb("shell.lock", "锁屏", keys=("Ctrl+L",))
BARE = Verb("map.fit", "全区", place=MAP)

PLACES = st.sampled_from(sorted(PLACE_WORDS))
KEYS = st.sampled_from(["A", "D", "Y", "V", "F5", "Ctrl+K", "Ctrl+:", "Shift+D", "?", "[", "`"])
BINDINGS = st.lists(st.tuples(PLACES, KEYS), max_size=4).map(tuple)
MAPS = st.dictionaries(st.sampled_from([WATCH.id, DISPATCH.id, LOCK.id, BARE.id]), BINDINGS, max_size=4)


@settings(max_examples=25)
@given(MAPS)
def test_what_is_kept_is_read_back(changed: dict[str, tuple[tuple[str, str], ...]]) -> None:
    keymap = KeyMap(changed)
    again = KeyMap.from_doc(keymap.doc)
    assert again.doc == keymap.doc
    for verb in (WATCH, DISPATCH, LOCK, BARE):
        assert again.bindings(verb) == keymap.bindings(verb)


@settings(max_examples=25)
@given(MAPS, PLACES, KEYS)
def test_a_key_that_is_set_is_the_only_one_in_its_place(
    changed: dict[str, tuple[tuple[str, str], ...]], place: str, key: str
) -> None:
    before = KeyMap(changed)
    after = before.with_key(WATCH, place, key)
    assert [held for where, held in after.bindings(WATCH) if where == place] == [key]
    elsewhere = [pair for pair in before.bindings(WATCH) if pair[0] != place]
    assert [pair for pair in after.bindings(WATCH) if pair[0] != place] == elsewhere
    assert after.bindings(LOCK) == before.bindings(LOCK), "other verbs keep theirs"


@settings(max_examples=25)
@given(MAPS, PLACES)
def test_a_key_taken_away_leaves_nothing_in_its_place(
    changed: dict[str, tuple[tuple[str, str], ...]], place: str
) -> None:
    after = KeyMap(changed).with_key(WATCH, place, "")
    assert all(where != place for where, _ in after.bindings(WATCH))


@settings(max_examples=25)
@given(MAPS, PLACES, KEYS)
def test_a_change_taken_back_is_no_change(
    changed: dict[str, tuple[tuple[str, str], ...]], place: str, key: str
) -> None:
    after = KeyMap(changed).with_key(DISPATCH, place, key).without_change(DISPATCH)
    assert not after.is_changed(DISPATCH)
    assert after.bindings(DISPATCH) == DISPATCH.bindings


@settings(max_examples=25)
@given(MAPS, PLACES, KEYS)
def test_who_is_named_really_has_the_key(
    changed: dict[str, tuple[tuple[str, str], ...]], place: str, key: str
) -> None:
    keymap, verbs = KeyMap(changed), (WATCH, DISPATCH, AGAIN, LOCK, BARE)
    other = keymap.taken_by(LOCK, place, key, verbs)
    holders = [
        verb
        for verb in verbs
        if verb is not LOCK
        and any(
            held == key and (where == place or EVERYWHERE in (where, place))
            for where, held in keymap.bindings(verb)
        )
    ]
    assert (other is None) == (not holders)
    assert other is None or other == holders[0]


def test_a_key_set_back_by_hand_is_the_shipped_one_again() -> None:
    """The order in which a verb's places are listed is no change."""
    moved = KeyMap().with_key(WATCH, CASE, "Shift+Y")
    assert moved.is_changed(WATCH)
    assert not moved.with_key(WATCH, CASE, "Y").is_changed(WATCH)


def test_a_verb_is_no_rival_of_itself_or_of_what_stands_in_its_place() -> None:
    verbs = (WATCH, DISPATCH, AGAIN, LOCK, BARE)
    assert KeyMap().taken_by(AGAIN, CASE, "D", verbs) is None, "改派 shares the key of 派遣"
    assert KeyMap().taken_by(DISPATCH, CASE, "D", verbs) is None
    assert KeyMap().taken_by(WATCH, CASE, "Y", verbs) is None
    assert KeyMap().taken_by(WATCH, CASE, "D", verbs) == DISPATCH


def test_a_key_everywhere_meets_a_key_of_any_place() -> None:
    verbs = (WATCH, DISPATCH, LOCK, BARE)
    for place in (CASE, QUEUE, MAP, INTAKE):
        assert KeyMap().taken_by(BARE, place, "Ctrl+L", verbs) == LOCK
    assert KeyMap().taken_by(BARE, EVERYWHERE, "Y", verbs) == WATCH
    assert KeyMap().taken_by(BARE, MAP, "Y", verbs) is None


def test_a_freed_key_can_be_given_to_another() -> None:
    freed = KeyMap().with_key(DISPATCH, CASE, "G")
    assert freed.taken_by(WATCH, CASE, "D", (WATCH, DISPATCH)) is None
    assert freed.taken_by(WATCH, CASE, "G", (WATCH, DISPATCH)) == DISPATCH


def test_the_map_that_was_asked_is_not_changed_by_the_answer() -> None:
    first = KeyMap()
    first.with_key(WATCH, CASE, "A")
    assert first.doc == {} and first.bindings(WATCH) == WATCH.bindings


def test_keys_with_a_colon_survive_the_store() -> None:
    keymap = KeyMap().with_key(LOCK, EVERYWHERE, "Ctrl+:")
    assert KeyMap.from_doc(keymap.doc).bindings(LOCK) == ((EVERYWHERE, "Ctrl+:"),)


@settings(max_examples=25)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=6),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
        max_leaves=8,
    )
)
def test_any_json_is_read_as_some_map(doc: object) -> None:
    keymap = KeyMap.from_doc(doc)
    assert KeyMap.from_doc(keymap.doc).doc == keymap.doc
    assert all(place and key for place, key in keymap.bindings(LOCK))
