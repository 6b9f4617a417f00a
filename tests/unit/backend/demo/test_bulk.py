"""Rows of stories: order of time, numbers without gaps, seals that chain, the form of each database."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest

from services.backend.demo.bulk import Encoded, Encoder, Stream, batches
from services.backend.demo.history import CaseStory
from services.backend.demo.progress import Bar
from services.backend.demo.shapes import COLUMNS, Shapes
from services.backend.sequencer import GENESIS, seal_hash
from services.sql.types import to_ms, uid_text

KEY = "00" * 32


@pytest.fixture(scope="module")
def encoded(stories: list[CaseStory]) -> list[Encoded]:
    encoder = Encoder(1, KEY, Shapes(sqlite=True))
    return [encoder.encode(rank, story) for rank, story in enumerate(stories[:200])]


def _run(encoded: list[Encoded], size: int, seal_every: int = 5000) -> tuple[list[Any], list[Any]]:
    changes: list[Any] = []
    seals: list[Any] = []
    for batch in batches(iter(encoded), size, Stream(seal_every)):
        changes += batch.changes
        seals += batch.seals
    return changes, seals


def test_changes_come_in_the_order_of_time_numbered_without_gaps(
    encoded: list[Encoded], stories: list[CaseStory]
) -> None:
    changes, _ = _run(encoded, 16)
    assert [seq for seq, _ in changes] == list(range(1, len(changes) + 1))
    at = COLUMNS["changes"].index("at") - 2
    times = [row[at] for _, row in changes]
    assert times == sorted(times)
    assert len(changes) == sum(len(story.steps) for story in stories[:200])


@pytest.mark.parametrize("size", [1, 7, 200, 1000])
def test_the_cut_into_batches_changes_nothing(encoded: list[Encoded], size: int) -> None:
    assert _run(encoded, size)[0] == _run(encoded, 50)[0]


def test_a_batch_holds_only_what_no_later_birth_can_precede(encoded: list[Encoded]) -> None:
    stream = Stream()
    at = COLUMNS["changes"].index("at") - 2
    first = stream.feed(encoded[:50])
    later = encoded[50].born_ms
    assert first.changes and all(row[at] < encoded[49].born_ms <= later for _, row in first.changes)


@pytest.mark.parametrize("every", [1, 3, 5000])
def test_seals_chain_over_all_changes(encoded: list[Encoded], every: int) -> None:
    changes, seals = _run(encoded, 40, every)
    hashes = {seq: waiting for seq, waiting in enumerate(sorted(w for e in encoded for w in e.changes), 1)}
    previous, at = GENESIS, 0
    for seal in seals:
        assert seal["from_seq"] == at + 1
        assert seal["to_seq"] - at <= every
        assert seal["prev_hash"] == previous
        rows = [hashes[seq][3] for seq in range(seal["from_seq"], seal["to_seq"] + 1)]
        previous, at = seal_hash(previous, seal["from_seq"], seal["to_seq"], rows), seal["to_seq"]
        assert seal["hash"] == previous
    assert at == len(changes)


def test_counters_stand_at_the_last_number_of_each_day(
    encoded: list[Encoded], stories: list[CaseStory]
) -> None:
    counters: dict[str, int] = {}
    for batch in batches(iter(encoded), 30, Stream()):
        counters.update(batch.counters)
    wanted: dict[str, int] = {}
    for story in stories[:200]:
        day, _, number = str(story.case.number).partition("-")
        wanted[day] = max(wanted.get(day, 0), int(number))
    assert counters == wanted


def test_nothing_in_nothing_out() -> None:
    assert _run([], 10) == ([], [])


def test_sqlite_rows_hold_uuids_as_bytes(encoded: list[Encoded], stories: list[CaseStory]) -> None:
    row = encoded[3].tables["cases"][0]
    names = COLUMNS["cases"]
    assert uid_text(row[names.index("case_id")]) == stories[3].case_id
    assert row[names.index("ref")] == 4
    assert row[names.index("created_at")] == to_ms(stories[3].case.created_at)


def test_postgres_lines_hold_every_column_once(stories: list[CaseStory]) -> None:
    encoder = Encoder(1, KEY, Shapes(sqlite=False), first_ref=10)
    made = encoder.encode(2, stories[2])
    for table, lines in made.tables.items():
        width = 2 if table == "case_words" else len(COLUMNS[table])
        assert all(line.count("\t") == width - 1 and "\n" not in line for line in lines), table
    assert made.tables["cases"][0].startswith("12\t" + stories[2].case_id)
    assert made.changes[0][4].count("\t") == len(COLUMNS["changes"]) - 3


def test_copy_lines_escape_what_copy_would_read_as_its_own() -> None:
    shape = Shapes(sqlite=False).callers
    row = {"case_id": "a", "command_id": "b", "name": "a\tb\\c\nd", "phone": None, "phone_mac": b"\x01\xff",
           "last4": "12", "facts": "", "at": 5}  # fmt: skip
    assert shape(row) == "a\tb\ta\\tb\\\\c\\nd\t\\N\t\\\\x01ff\t12\t\t5"


def test_callers_are_kept_apart_from_the_log(stories: list[CaseStory]) -> None:
    story = next(s for s in stories if "caller" in s.steps[0].command.payload)
    made = Encoder(1, KEY, Shapes(sqlite=False)).encode(0, story)
    phone = story.steps[0].command.payload["caller"]["phone"]
    assert phone in made.tables["callers"][0]
    assert all(
        phone not in str(row) for name, rows in made.tables.items() if name != "callers" for row in rows
    )


# -- the progress bar -----------------------------------------------------------------------------------


class _Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_bar_moves_on_a_terminal() -> None:
    screen = _Screen()
    bar = Bar("生成", "件", screen)
    bar(1, 4)
    bar(4, 4)
    bar.end()
    told = screen.getvalue()
    assert told.startswith("\r生成 [") and told.endswith("\n")
    assert "100% 4/4 件" in told
    assert told.count("\n") == 1


def test_bar_says_a_line_every_tenth_in_a_file() -> None:
    file = io.StringIO()
    bar = Bar("生成", "件", file)
    for done in range(0, 1001):
        bar(done, 1000)
    bar.end()
    lines = file.getvalue().splitlines()
    assert len(lines) == 11
    assert "\r" not in file.getvalue()


def test_bar_line_tells_speed_and_what_is_left() -> None:
    line = Bar("生成", "件", io.StringIO()).line(500, 2000, 10.0)
    assert "25%" in line and "500/2,000" in line and "50 件/秒" in line and "剩余 0:30" in line
    assert Bar("生成", "件", io.StringIO()).line(0, 0, 0.0).count("100%") == 1


def test_random_cuts_keep_order(encoded: list[Encoded]) -> None:
    rng = random.Random(3)
    stream = Stream(17)
    seqs: list[int] = []
    at = 0
    while at < len(encoded):
        step = rng.randint(1, 40)
        seqs += [seq for seq, _ in stream.feed(encoded[at : at + step]).changes]
        at += step
    seqs += [seq for seq, _ in stream.finish().changes]
    assert seqs == list(range(1, len(seqs) + 1))
    assert stream.seq == len(seqs)
