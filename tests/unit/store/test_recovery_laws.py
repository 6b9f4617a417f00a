"""Recovery codes and seals: any key comes back by its own code and by no other; slips of the pen are found."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ports.errors import WrongPassword
from services.store.curve import public_of
from services.store.recovery import Recovery, looks_like_code, make_code, secret_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#: one code for the whole module: making one costs time
CODE, PUBLIC = make_code()
keys = st.binary(min_size=32, max_size=32)


@given(keys)
@settings(max_examples=10, deadline=None)
def test_any_key_comes_back_by_the_code_and_is_nowhere_in_the_file(key: bytes) -> None:
    with TemporaryDirectory() as room:
        recovery = Recovery(Path(room))
        assert recovery.seal(key, PUBLIC)
        written = (Path(room) / "recovery.json").read_bytes()
        assert recovery.open(CODE) == key
        assert key not in written and key.hex().encode() not in written


def test_sealing_the_same_key_twice_tells_nothing(tmp_path: Path) -> None:
    docs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        Recovery(tmp_path / name).seal(bytes(32), PUBLIC)
        docs.append(json.loads((tmp_path / name / "recovery.json").read_bytes()))
    assert docs[0]["box"] != docs[1]["box"] and docs[0]["once"] != docs[1]["once"]
    assert docs[0]["site"] == docs[1]["site"]


def test_a_code_is_fourteen_groups_of_four(tmp_path: Path) -> None:
    groups = CODE.split("-")
    assert len(groups) == 14 and {len(group) for group in groups} == {4}
    assert set("".join(groups)) <= set(LETTERS)
    assert public_of(secret_of(CODE)) == PUBLIC


@given(st.integers(0, 55), st.sampled_from(LETTERS))
def test_one_wrong_letter_is_found(place: int, letter: str) -> None:
    plain = CODE.replace("-", "")
    wrong = plain[:place] + letter + plain[place + 1 :]
    if wrong == plain:
        assert secret_of(wrong) == secret_of(CODE)
    else:
        with pytest.raises(WrongPassword, match="恢复码不对"):
            secret_of(wrong)


@given(st.integers(0, 54))
def test_two_letters_in_each_others_place_are_found(place: int) -> None:
    plain = CODE.replace("-", "")
    swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
    if swapped != plain:
        with pytest.raises(WrongPassword, match="恢复码不对"):
            secret_of(swapped)


@given(
    st.lists(
        st.tuples(st.integers(0, 56), st.sampled_from([" ", "-", "－", "\n", "\t", "\u3000"])), max_size=12
    )
)
def test_what_people_put_between_the_letters_does_not_matter(marks: list[tuple[int, str]]) -> None:
    told = list(CODE.replace("-", "").lower())
    for place, mark in marks:
        told.insert(place, mark)
    assert looks_like_code("".join(told)) and secret_of("".join(told)) == secret_of(CODE)


def test_digits_that_look_like_letters_are_read_as_those() -> None:
    written = CODE.replace("O", "0").replace("I", "1").replace("B", "8")
    assert secret_of(written) == secret_of(CODE)


@given(st.text(max_size=80))
def test_other_texts_are_no_codes_and_are_refused_in_words(text: str) -> None:
    if not looks_like_code(text):
        with pytest.raises(WrongPassword, match="恢复码不完整"):
            secret_of(text)


@pytest.mark.parametrize("name", ["once", "site", "box", "tag"])
@pytest.mark.parametrize("value", [None, 3, "", "A", "!!!!", []])
def test_a_seal_with_a_part_that_is_none_is_never_opened(tmp_path: Path, name: str, value: object) -> None:
    recovery = Recovery(tmp_path)
    recovery.seal(bytes(32), PUBLIC)
    path = tmp_path / "recovery.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), name: value}))
    with pytest.raises(Exception, match="恢复") as refused:
        recovery.open(CODE)
    assert type(refused.value).__name__ in {"StoreBroken", "WrongPassword"}
