"""`SqlCaseCache`: changes with their cursor, copies as a whole, queues, search, documents."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.domain.case import Case, Counts, Location, Owner
from services.domain.clocks import Clock, Pause
from services.domain.limits import Limit
from services.ports.centre import Tagged
from services.ports.picture import CaseQuery, row_of
from services.store.cache import SqlCaseCache
from services.store.stores import Stores, open_stores
from tests.unit.store.ground import KEY, T0, case, change, left, page


@pytest.fixture
def cache(stores: Stores) -> SqlCaseCache:
    return stores.cache


def versions(cache: SqlCaseCache) -> dict[str, int]:
    return {row.case_id: row.version for row in cache.rows(CaseQuery(open_only=False))}


def full_case() -> Case:
    """A case with every field set."""
    clock = Clock(
        "handle", T0, Limit(1.5, "work_hour"), T0 + timedelta(hours=5), None, (Limit(1, "work_day"),),
        (Pause("window", T0, T0 + timedelta(hours=1), "w-1"), Pause("suspend", T0, None)), T0, 60, T0, (T0,),
    )  # fmt: skip
    return case(
        7, 9, state="suspended", category="event-0110", condition=1, grid="440106001001001",
        area_path=("440106", "440106001"), urgent=True, level=3, lead_dept="sani", co_depts=("muni",),
        owner=Owner("dept_user", "sani", "hand1"), clocks={"handle": clock, "accept": replace(clock, name="accept")},
        counts=Counts(1, 2, 3, 4, 5, 6), round=2, parent="case-1", flags=frozenset({"override", "reply_due"}),
        upper_id="U-1", upper_due=T0, caller_masked="张** 138****8000", need_callback=True, reporter="sup1",
        assignee="hand1", closed_at=T0, pending={"suspend": {"until": "2026-12-01"}}, marks=frozenset({"called"}),
    )  # fmt: skip


def test_a_case_comes_back_as_it_was(cache: SqlCaseCache) -> None:
    assert cache.put(full_case())
    found = cache.get("case-7")
    assert found == full_case()
    assert cache.row("case-7") == row_of(full_case())
    assert cache.get("nobody") is None
    assert cache.row("nobody") is None


def test_several_cases_come_in_one_go_whatever_stands_in_them(cache: SqlCaseCache) -> None:
    """They come as one text with a mark between them, which must not be mistaken for what an operator typed."""
    odd = case(2, description="上\x1e下\n\u2028，“引号”")
    cache.replace_cases([case(1), odd, full_case()])
    assert cache.many(["case-1", "case-2", "case-7", "nobody"]) == {
        "case-1": case(1), "case-2": odd, "case-7": full_case(),
    }  # fmt: skip
    assert cache.many([]) == {}


def test_an_unlocated_case_has_no_place(cache: SqlCaseCache) -> None:
    cache.put(case(1, location=Location(None, None), number=None))
    row = cache.row("case-1")
    assert row is not None
    assert (row.lon, row.lat, row.address, row.number) == (None, None, "", None)


def test_changes_are_applied_when_newer(cache: SqlCaseCache) -> None:
    applied = cache.apply(page(change(1, case(1, 2)), change(2, case(2, 1)), next_=2))
    assert (applied.changed, applied.left) == ({"case-1", "case-2"}, frozenset())
    applied = cache.apply(page(change(3, case(1, 1, state="closed")), change(4, case(2, 2)), next_=4))
    assert applied.changed == {"case-2"}
    assert versions(cache) == {"case-1": 2, "case-2": 2}
    assert cache.position().cursor == 4


def test_of_several_changes_of_one_case_the_last_counts(cache: SqlCaseCache) -> None:
    cache.apply(page(change(1, case(1, 1)), change(2, case(1, 2)), change(3, case(1, 3)), next_=3))
    assert versions(cache) == {"case-1": 3}


def test_a_case_that_leaves_the_scope_goes(cache: SqlCaseCache) -> None:
    cache.apply(page(change(1, case(1, 2)), next_=1))
    applied = cache.apply(page(left(2, "case-1", 3), left(3, "case-9", 1), next_=3))
    assert applied.left == {"case-1"}
    assert versions(cache) == {}
    assert cache.search("垃圾") == []


def test_leaving_and_coming_back_in_one_page(cache: SqlCaseCache) -> None:
    cache.apply(page(change(1, case(1, 2)), next_=1))
    cache.apply(page(left(2, "case-1", 3), change(3, case(1, 4)), next_=3))
    assert versions(cache) == {"case-1": 4}
    cache.apply(page(left(4, "case-1", 4), next_=4))
    assert versions(cache) == {}, "the change that leads out of scope has the version of its case"
    cache.apply(page(change(5, case(1, 6)), next_=5))
    cache.apply(page(left(6, "case-1", 5), next_=6))
    assert versions(cache) == {"case-1": 6}, "an old departure does not take a newer case away"


def test_an_empty_page_moves_the_cursor(cache: SqlCaseCache) -> None:
    assert cache.apply(page(next_=17)).changed == frozenset()
    place = cache.position()
    assert (place.cursor, place.epoch, place.complete, place.server_time) == (17, "e1", False, T0)
    cache.apply(replace(page(next_=18), server_time=None))
    assert cache.position().server_time == T0


def test_rows_and_cursor_are_one_transaction(cache: SqlCaseCache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.apply(page(change(1, case(1, 1)), next_=1))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cache, "_move", die)
    with pytest.raises(KeyboardInterrupt):
        cache.apply(page(change(2, case(1, 2)), next_=2))
    assert (versions(cache), cache.position().cursor) == ({"case-1": 1}, 1)


def test_a_new_copy_replaces_the_old_as_a_whole(cache: SqlCaseCache, stores: Stores, folder: Path) -> None:
    cache.apply(page(change(1, case(1, 1)), change(2, case(2, 5)), next_=2))
    cache.begin_copy("e2", 40)
    cache.add_to_copy([case(2, 1), case(3, 1)])
    cache.add_to_copy([])
    cache.add_to_copy([case(3, 2)])
    assert versions(cache) == {"case-1": 1, "case-2": 5}, "the old copy is shown until the new one is whole"
    assert cache.position().epoch == "e1"
    assert cache.finish_copy(T0 + timedelta(hours=1)) == 2
    assert versions(cache) == {"case-2": 1, "case-3": 2}
    place = cache.position()
    assert (place.epoch, place.cursor, place.complete) == ("e2", 40, True)
    assert place.server_time == T0 + timedelta(hours=1)
    assert [row.case_id for row in cache.search("第 3 处")] == ["case-3"]
    assert cache.search("第 1 处") == []
    cache.apply(page(change(41, case(3, 3, description="井盖破损伤人")), next_=41, epoch="e2"))
    assert [row.case_id for row in cache.search("井盖破损")] == ["case-3"]
    assert cache.search("第 3 处") == []


def test_an_unfinished_copy_is_dropped(cache: SqlCaseCache) -> None:
    cache.begin_copy("e2", 40)
    cache.add_to_copy([case(1), case(2)])
    cache.begin_copy("e2", 50)
    cache.add_to_copy([case(3)])
    assert cache.finish_copy() == 1
    assert (versions(cache), cache.position().cursor) == ({"case-3": 1}, 50)


def test_a_case_read_alone_is_taken_when_newer(cache: SqlCaseCache) -> None:
    assert cache.put(case(1, 3))
    assert not cache.put(case(1, 3))
    assert not cache.put(case(1, 2))
    assert cache.put(case(1, 4))


def test_a_repair_takes_any_version(cache: SqlCaseCache) -> None:
    cache.replace_cases([case(1, 9), case(2, 1)])
    changed = cache.replace_cases([case(1, 3), case(2, 1)], gone=["case-7", "case-8"])
    assert changed == {"case-1"}
    assert cache.replace_cases([], ["case-2"]) == {"case-2"}
    assert versions(cache) == {"case-1": 3}


def test_open_versions_are_those_of_open_cases(cache: SqlCaseCache) -> None:
    cache.replace_cases([case(1, 2), case(2, 3, state="closed"), case(3, 4, state="handling")])
    assert sorted(cache.open_versions()) == [("case-1", 2), ("case-3", 4)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("垃圾堆", {"case-1", "case-2"}),
        ("垃", {"case-1", "case-2"}),
        ("路 1", {"case-1"}),
        ("20261123-0002", {"case-2"}),
        ("0002", {"case-2"}),
        ("PIPE", {"case-3"}),
        ('a"b', {"case-3"}),
        ("100%", {"case-3"}),
        ("OR NOT", set()),
        ("  ", set()),
        ("", set()),
    ],
)
def test_search_finds_what_stands_there(cache: SqlCaseCache, text: str, found: set[str]) -> None:
    odd = case(3, description='pipe a"b 100% 坏', location=Location(1, 2, "别处"), state="closed")
    cache.replace_cases([case(1), case(2), odd])
    assert {row.case_id for row in cache.search(text)} == found


def test_open_cases_are_found_first(cache: SqlCaseCache) -> None:
    cache.replace_cases([case(1, state="closed", created_at=T0 + timedelta(days=1)), case(2), case(3)])
    assert [row.case_id for row in cache.search("垃圾堆积")][2] == "case-1"
    assert len(cache.search("垃圾堆积", 1)) == 1


def test_times_before_and_after_the_epoch_of_computers(cache: SqlCaseCache) -> None:
    for i, year in enumerate((1969, 2026, 2040, 9999), start=1):
        cache.put(case(i, created_at=datetime(year, 6, 1, 12, 0, 0, tzinfo=UTC)))
        row = cache.row(f"case-{i}")
        assert row is not None
        assert row.created_at.year == year


def test_documents_with_their_tag(cache: SqlCaseCache) -> None:
    assert cache.document("reference") == Tagged(None, None)
    cache.put_document("reference", "v1", {"名称": ["值", 1, None]})
    cache.put_document("reference", None, {"名称": 2})
    assert cache.document("reference") == Tagged(None, {"名称": 2})


def test_a_large_collection_comes_back_as_it_was(
    cache: SqlCaseCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read in parts, in its order, with every number as it was written."""
    monkeypatch.setattr("services.store.cache._LARGE", 100)
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"{i:03d}", "name": "望塔\x1e-“01”"},
            "geometry": [113.1 + i / 7, None],
        }
        for i in range(350)
    ]
    doc = {"type": "FeatureCollection", "features": features, "version": "v"}
    cache.put_document("areas/grid", "a1", doc)
    found = cache.document("areas/grid")
    assert found == Tagged("a1", doc)
    cache.put_document("areas/grid", "a2", {"features": [], "words": "长" * 200})
    assert cache.document("areas/grid") == Tagged("a2", {"features": [], "words": "长" * 200})
    cache.put_document("other", None, {"features": {"no": "list"}, "words": "长" * 200})
    assert cache.document("other").doc == {"features": {"no": "list"}, "words": "长" * 200}


def test_forgetting_drops_copy_place_and_documents(cache: SqlCaseCache) -> None:
    cache.apply(page(change(1, case(1)), next_=1))
    cache.put_document("reference", "v1", {})
    cache.begin_copy("e1", 4)
    cache.forget()
    assert versions(cache) == {}
    assert cache.position().epoch is None
    assert cache.document("reference").doc is None
    assert cache.search("垃圾") == []


def test_a_damaged_cache_starts_anew_and_says_so(folder: Path) -> None:
    stores = open_stores(folder, KEY)
    stores.cache.replace_cases([case(i) for i in range(50)])
    stores.close()
    (folder / "cache.db").write_bytes(b"not a database at all" * 1000)
    again = open_stores(folder, KEY)
    assert again.cache_was_reset
    assert versions(again.cache) == {}
    assert not again.cache.position().complete
    again.close()


def test_random_changes_end_where_the_log_ends(cache: SqlCaseCache) -> None:
    rng = random.Random(7)
    log, now = [], dict.fromkeys(range(5), 0)
    for seq in range(1, 200):
        i = rng.randrange(5)
        now[i] += 1
        log.append(change(seq, case(i, now[i], description=f"第 {now[i]} 版的说明")))
    at = 0
    while at < len(log):
        size = rng.randrange(1, 9)
        start = max(0, at - rng.randrange(4))  # delivered again now and then
        chunk = log[start : at + size]
        cache.apply(page(*chunk, next_=chunk[-1].seq))
        at += size
    assert versions(cache) == {f"case-{i}": version for i, version in now.items()}
    for i, version in now.items():
        assert f"case-{i}" in [row.case_id for row in cache.search(f"第 {version} 版的")]
