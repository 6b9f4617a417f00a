"""The word index: pairs of characters, and queries in both notations."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.backend.words import MAX_PAIRS, match_terms, match_text, pairs, runs


def test_runs_and_pairs() -> None:
    assert runs("井盖破损（A区-3号）") == ["井盖破损", "a区", "3号"]
    assert pairs("井盖破损") == sorted(["井盖", "盖破", "破损", "损"])
    assert pairs("Ab") == ["ab", "b"] and pairs("!?") == []
    assert len(pairs("".join(chr(0x4E00 + n) for n in range(5000)))) == MAX_PAIRS


def test_queries() -> None:
    assert match_terms("井盖破") == [("井盖", False), ("盖破", False)]
    assert match_terms("井") == [("井", True)] and match_terms("  %_ ") == []
    assert match_text("井盖 破", True) == '"井盖" AND "破"*'
    assert match_text("井盖 破", False) == "'井盖' & '破':*"
    assert match_text("'; DROP", True) == '"dr" AND "ro" AND "op"' and match_text("!", False) is None


@given(st.text(max_size=40), st.text(max_size=10), st.text(max_size=10))
def test_every_part_of_a_text_is_found_by_its_terms(middle: str, left: str, right: str) -> None:
    indexed = pairs(left + middle + right)
    whole = set(runs(left + middle + right))
    for term, prefix in match_terms(middle):
        inside = any(term in run for run in whole)
        if inside:  # a run may be cut differently where lower case makes other characters
            assert any(entry.startswith(term) for entry in indexed) if prefix else term in indexed
