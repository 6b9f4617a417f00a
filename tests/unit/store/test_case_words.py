"""Finding among all cached cases: words of any length, numbers, initials, names, orders; the index keeps up."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.domain.case import Case, Location
from services.ports.search import FindQuery, Found, NamedCodes
from services.sql.cipher import cipher_engine, reading, writing
from services.store import case_words
from services.store.cache import SqlCaseCache
from services.store.case_rows import UPSERT, case_values
from services.store.case_words import AT_ONCE, initials, short_number
from services.store.files import EncryptedFile
from services.store.schema import CACHE_STEPS
from services.store.stores import Stores, open_stores
from tests.unit.store.ground import KEY, T0, case, change, left, page


def key(i: int) -> str:
    return str(UUID(int=i))


def found(i: int = 1, version: int = 1, **changes: object) -> Case:
    """A case with a real id."""
    made = case(i, version, **changes)
    return replace(made, case_id=key(i))


def places(answer: Found) -> list[int]:
    """The numbers of the cases of an answer, in order."""
    packed = answer.packed
    return [int.from_bytes(packed[at : at + 16]) for at in range(0, len(packed), 16)]


@pytest.fixture
def cache(stores: Stores) -> SqlCaseCache:
    return stores.cache


def ask(cache: SqlCaseCache, text: str = "", **parts: object) -> set[int]:
    return set(places(cache.find(FindQuery(text=text, **parts))))  # type: ignore[arg-type] # any part of a query


ROAD = found(1, description="井盖缺失", location=Location(1, 2, "中山大道西12号"), category="component-0101")
LAMP = found(
    2,
    description="路灯不亮，编号A7",
    location=Location(1, 2, "长乐街3号"),
    lead_dept="muni",
    grid="440106002",
)
DONE = found(
    3, description="垃圾", location=Location(None, None, "建设路"), state="closed", number="20251231-0417"
)
OTHER = found(
    4, description='100% "坏" 垃圾堆', location=Location(1, 2, ""), number="101004113298", urgent=True
)


SAID: tuple[tuple[str, set[int]], ...] = (
    ("井盖缺失", {1}),
    ("缺失", {1}),
    ("失", {1}),
    ("垃圾", {3, 4}),
    ("圾", {3, 4}),
    ("路", {2, 3}),
    ("号", {1, 2}),
    ("a7", {2}),
    ("A7", {2}),
    ("100%", {4}),
    ('"坏"', {4}),
    ('"', {4}),
    ("zsdd", {1}),
    ("zs", {1}),
    ("dx12", {1}),
    ("clj", {2}),
    ("jsl", {3}),
    ("0417", {3}),
    ("1231-0417", {3}),
    ("20251231", {3}),
    ("202512", {3}),
    ("20251231-04", {3}),
    ("101004113", {4}),
    ("20261123-0002", {2}),
    ("0001", {1}),
    ("没有的事", set()),
    ("鑫", set()),
    ("OR", set()),
    ("  井盖  ", {1}),
)


def test_words_of_any_length_numbers_and_initials(cache: SqlCaseCache) -> None:
    cache.replace_cases([ROAD, LAMP, DONE, OTHER])
    assert {text: ask(cache, text) for text, _ in SAID} == dict(SAID)


def test_names_count_as_hits_of_the_text(cache: SqlCaseCache) -> None:
    cache.replace_cases([ROAD, LAMP, DONE, OTHER])
    assert ask(cache, "szjg", names=NamedCodes(categories=("component-0101",))) == {1}
    assert ask(cache, "sz", names=NamedCodes(depts=("muni",), areas=("440106",))) == {2}
    assert ask(cache, "垃圾", names=NamedCodes(depts=("muni",))) == {2, 3, 4}
    assert ask(cache, "", names=NamedCodes(depts=("muni",))) == {1, 2, 3, 4}, "names belong to the text"


def test_the_parts_of_a_question_are_joined(cache: SqlCaseCache) -> None:
    cache.replace_cases([ROAD, LAMP, DONE, OTHER])
    assert ask(cache, open=True) == {1, 2, 4}
    assert ask(cache, open=False) == {3}
    assert ask(cache, "垃圾", open=True) == {4}
    assert ask(cache, categories=("component",)) == {1}
    assert ask(cache, areas=("4401", "9")) == {2}
    assert ask(cache, depts=("muni", "sani")) == {2}
    assert ask(cache, sources=("patrol",), stages=("intake",)) == {1, 2, 4}
    assert ask(cache, states=("closed", "archived")) == {3}
    assert ask(cache, urgency=(3,)) == {4}
    assert ask(cache, urgency=(0,)) == {1, 2, 3}
    assert ask(cache, unplaced=True) == {3}
    assert ask(cache, since=T0 + timedelta(seconds=1)) == set()
    assert ask(cache, since=T0) == {1, 2, 3, 4}


def test_orders(cache: SqlCaseCache) -> None:
    cases = [found(i, created_at=T0 + timedelta(hours=i)) for i in range(1, 6)]
    cases[1] = replace(cases[1], urgent=True, number=None)
    cases[3] = replace(cases[3], state="closed", category="b", grid="2", source="z", lead_dept="d")
    cases[4] = replace(cases[4], category="a", grid="1", level=2)
    cache.replace_cases(cases)

    def order(name: str, descending: bool = False) -> list[int]:
        return places(cache.find(FindQuery(order=name, descending=descending)))

    assert order("newest") == [5, 3, 2, 1, 4], "open ones first, then the newest"
    assert order("risk") == [2, 5, 3, 1, 4]
    assert order("number") == [1, 3, 4, 5, 2]
    assert order("number", True) == [5, 4, 3, 1, 2], "what has none comes last either way"
    assert order("category") == [5, 4, 3, 2, 1]
    assert order("grid", True) == [4, 5, 3, 2, 1]
    assert order("source", True)[0] == 4
    assert order("holder")[0] == 4
    assert order("urgency") == [2, 5, 4, 3, 1]
    assert order("stage")[0] == 4
    assert len(order("limit")) == 5
    with pytest.raises(ValueError, match="unknown order"):
        order("price")


def test_four_digits_name_the_end_of_a_number_first(cache: SqlCaseCache) -> None:
    """Who says 1123 means the case of that number, before all cases of the 23rd of November."""
    late = T0 + timedelta(days=9)
    cache.replace_cases(
        [
            found(1, number="20261120-1123"),
            found(2, number="20261123-0001", created_at=late),
            found(3, number="20261124-0002", description="1123 号楼", created_at=late),
        ]
    )
    assert places(cache.find(FindQuery(text="1123")))[0] == 1
    assert ask(cache, "1123") == {1, 2, 3}


def test_the_index_follows_every_change(cache: SqlCaseCache) -> None:
    rng = random.Random(3)
    words = ("井盖", "路灯", "垃圾", "积水", "围挡")
    here: dict[int, str] = {}
    seq = 0
    for round_ in range(1, 40):
        changes = []
        for i in rng.sample(range(1, 9), 3):
            seq += 1
            if i in here and rng.random() < 0.3:
                changes.append(left(seq, key(i), round_))
                del here[i]
            else:
                here[i] = rng.choice(words)
                said = found(i, round_, description=f"{here[i]}，第{round_}次")
                changes.append(change(seq, said))
        cache.apply(page(*changes, next_=seq))
        word = rng.choice(words)
        assert ask(cache, word) == {i for i, said in here.items() if said == word}, round_
    cache.put(found(9, 1, description="围挡"))
    assert 9 in ask(cache, "围挡")
    cache.replace_cases([found(9, 1, description="围挡")], gone=[key(i) for i in here])
    assert ask(cache, "围挡") == {9}
    cache.forget()
    assert ask(cache, "围挡") == set()


def test_a_case_that_says_the_same_is_not_indexed_again(
    cache: SqlCaseCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put(ROAD)
    monkeypatch.setattr(case_words, "put", lambda *_: pytest.fail("nothing new was said"))
    assert cache.put(replace(ROAD, version=2, state="handling"))
    assert ask(cache, "井盖") == {1}


def test_a_large_copy_is_indexed_in_portions(cache: SqlCaseCache, stores: Stores, folder: Path) -> None:
    """A kill between two portions loses nothing: the next start goes on."""
    n = AT_ONCE + 700
    cache.begin_copy("e", 5)
    cache.add_to_copy([found(i, description=f"第{i}件积水") for i in range(1, n + 1)])
    engine = cipher_engine(folder / "cache.db", KEY)
    with reading(engine) as conn:
        before = conn.exec_driver_sql("SELECT name FROM sqlite_schema ORDER BY name").fetchall()
    assert cache.finish_copy() == n
    with reading(engine) as conn:
        assert conn.exec_driver_sql("SELECT name FROM sqlite_schema ORDER BY name").fetchall() == before
    engine.dispose()
    first = cache.find(FindQuery(text="积水"))
    assert (len(first), first.whole) == (AT_ONCE, False)
    assert cache.find(FindQuery()).whole, "without a text nothing is missing"
    # what changes meanwhile is found at once, on either side of the border
    for i in (3, n - 1):
        cache.replace_cases([found(i, 2, description="围挡")])
    cache.replace_cases([], gone=[key(n)])
    assert ask(cache, "围挡") == {3, n - 1}
    stores.close()
    again = open_stores(folder, KEY)  # indexes the next portion by itself
    while not again.cache.index_words():
        pass
    assert again.cache.index_words()
    answer = again.cache.find(FindQuery(text="积水"))
    assert (len(answer), answer.whole) == (n - 3, True)
    assert len(again.cache.find(FindQuery(text="围挡"))) == 2
    again.close()


def test_a_cache_of_the_first_version_is_found_too(folder: Path) -> None:
    """The step that makes the index runs in one transaction; the words follow in portions."""
    path = folder / "old.db"
    EncryptedFile(path, KEY, CACHE_STEPS[:1], synchronous="OFF").close()
    old_upsert = UPSERT.replace(", clock_doc = excluded.clock_doc", "").replace(", clock_doc", "")
    old_upsert = old_upsert.replace(", ".join("?" * 28), ", ".join("?" * 27))
    engine = cipher_engine(path, KEY)
    with writing(engine) as conn:
        conn.exec_driver_sql(old_upsert, [case_values(one)[:-1] for one in (ROAD, LAMP, DONE)])
    engine.dispose()
    cache = SqlCaseCache(EncryptedFile(path, KEY, CACHE_STEPS, synchronous="OFF"))
    assert ask(cache, "井盖") == {1}
    assert ask(cache, "clj") == {2}
    assert set(cache.desk(T0 + timedelta(days=1)).case_id) == {key(1), key(2)}
    cache.apply(page(change(1, found(3, 2, description="井盖")), next_=1))
    assert ask(cache, "井盖") == {1, 3}
    cache.close()


def test_the_index_holds_nothing_in_the_clear(cache: SqlCaseCache, folder: Path) -> None:
    """The file is encrypted, and the index keeps no text of its own that could be read back."""
    cache.put(ROAD)
    raw = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    for word in ("中山大道", "井盖缺失", "zsdd"):
        assert word.encode() not in raw
    engine = cipher_engine(folder / "cache.db", KEY)
    with reading(engine) as conn:
        assert conn.exec_driver_sql("SELECT text FROM case_words").fetchall() == [(None,)]
    engine.dispose()


def test_the_desk_reads_open_cases_and_those_of_today(cache: SqlCaseCache) -> None:
    ended = found(5, state="closed", created_at=T0 + timedelta(days=1))
    cache.replace_cases([ROAD, LAMP, DONE, OTHER, ended])
    desk = cache.desk(T0 + timedelta(hours=12))
    assert set(desk.case_id) == {key(i) for i in (1, 2, 4, 5)}
    at = desk.case_id.index(key(1))
    assert (desk.state[at], desk.open[at], desk.category[at], desk.lat[at]) == (
        "reported",
        1,
        "component-0101",
        2.0,
    )
    assert (desk.address[at], desk.description[at], desk.clock[at]) == ("中山大道西12号", "井盖缺失", None)
    assert len(desk) == 4
    cache.forget()
    assert len(cache.desk(T0)) == 0


def test_initials_and_short_numbers() -> None:
    assert initials("市政 A3号") == "sz a3h"
    assert initials("重庆路") == "cql"
    assert initials("") == ""
    assert short_number("20261123-0001") == "1123-0001"
    assert short_number("101004113298") == "101004113298"
    assert short_number(None) == ""


def test_an_answer_knows_its_length() -> None:
    assert len(Found(bytes(32))) == 2
    assert len(Found()) == 0
