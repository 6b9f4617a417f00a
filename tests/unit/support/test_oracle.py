"""The oracle must see every kind of fault; one that cannot is worse than none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.oracle import (
    CentreStory,
    ConsoleStory,
    HistoryFile,
    Kept,
    Logged,
    judge,
    read_history,
    sequence_faults,
)


def story() -> tuple[ConsoleStory, CentreStory]:
    """A run in which all went well: three clicks, one of them too late."""
    console = ConsoleStory(
        "seat",
        saved=["c1", "c2", "c3"],
        told=[("c1", "applied", 1), ("c2", "applied", 2), ("c3", "conflict", 2)],
        outbox=[Kept("c1", "applied", 1), Kept("c2", "applied", 2), Kept("c3", "conflict", 2)],
    )
    log = [Logged(1, "case", 1, "c1", "register", "u"), Logged(2, "case", 2, "c2", "accept", "u")]
    answers = {"c1": ("applied", 1), "c2": ("applied", 2), "c3": ("conflict", 2)}
    return console, CentreStory(log, answers)


def kinds(console: ConsoleStory, centre: CentreStory) -> set[str]:
    verdict = judge([console], centre, 7)
    return {name for name, found in verdict.kinds().items() if found}


def test_a_good_run_is_good() -> None:
    console, centre = story()
    verdict = judge([console], centre, 7).check()
    assert (verdict.saved, verdict.applied, verdict.changes) == (3, 2, 2)
    assert verdict.sentence().endswith("seed 7")


def test_shown_as_saved_and_nowhere() -> None:
    console, centre = story()
    console.saved.append("c4")
    assert kinds(console, centre) == {"lost"}
    console.outbox.append(Kept("c4", "held"))
    assert kinds(console, centre) == set()


def test_saved_and_decided_but_not_in_the_outbox_is_not_lost() -> None:
    console, centre = story()
    del console.outbox[2]
    assert kinds(console, centre) == set()


def test_an_answer_without_its_effect() -> None:
    console, centre = story()
    del centre.log[1]
    verdict = judge([console], centre, 7)
    assert len(verdict.lost) == 3  # by the outbox, by what was told, by the stored answer
    with pytest.raises(AssertionError, match="seed 7"):
        verdict.check()


def test_an_effect_twice() -> None:
    console, centre = story()
    centre.log.append(Logged(3, "case", 3, "c2", "accept", "u"))
    assert kinds(console, centre) == {"doubled"}


def test_a_split_may_have_several_cases() -> None:
    console, centre = story()
    centre.log.append(Logged(3, "part", 1, "c2", "split", "u"))
    assert kinds(console, centre) == set()


def test_two_active_dispatches() -> None:
    console, centre = story()
    centre.crowded = 1
    assert kinds(console, centre) == {"doubled"}


@pytest.mark.parametrize(
    "row", [Kept("c2", "rejected"), Kept("c2", "applied", 3), Kept("c2", "held"), Kept("c9", "rejected")]
)
def test_another_answer_than_the_centre_gave(row: Kept) -> None:
    console, centre = story()
    console.told = []
    console.outbox[1] = row
    assert "wrong answer" in kinds(console, centre)


def test_a_refused_command_in_the_log() -> None:
    console, centre = story()
    centre.log.append(Logged(3, "case", 3, "c3", "dispatch", "u"))
    assert kinds(console, centre) == {"wrong answer"}


def test_told_one_thing_and_later_another() -> None:
    console, centre = story()
    console.told[2] = ("c3", "applied", 3)
    assert kinds(console, centre) == {"lost", "wrong answer"}


def test_gaps_in_numbers_and_versions() -> None:
    console, centre = story()
    centre.log[1] = replace(centre.log[1], seq=3)
    assert kinds(console, centre) == {"gaps"}
    centre.log[1] = replace(centre.log[1], seq=None)
    assert kinds(console, centre) == {"gaps"}
    centre.log[1] = replace(centre.log[1], seq=2, version=3)
    assert kinds(console, centre) == {"gaps"}


def test_numbers() -> None:
    assert sequence_faults([]) == sequence_faults([1, 2, 3]) == []
    assert sequence_faults([2, None]) == ["1 changes have no number", "1 numbers missing: [1]"]
    assert sequence_faults([1, 1]) == ["numbers given twice: [1]"]


def test_what_nobody_clicked() -> None:
    console, centre = story()
    centre.log.append(Logged(3, "case", 3, "c8", "dispatch", "u"))
    assert kinds(console, centre) == {"made up"}
    assert judge([console], centre, 7, before=3).good, "older than the run"
    centre.log[2] = replace(centre.log[2], actor_id="somebody else")
    assert kinds(console, centre) == set()


def test_waiting_diverged_and_broken_chains() -> None:
    console, centre = story()
    console.outbox.append(Kept("c4", "waiting"))
    console.diverged = 2
    centre.chain.append("broken")
    assert kinds(console, centre) == {"still queued", "diverged", "chain"}
    console.diverged, console.drifts = 0, 1
    assert "diverged" in kinds(console, centre)


def test_a_history_survives_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    assert read_history(path) == []
    first = HistoryFile(path)
    first.append("saved", durable=True, id="c1")
    first.append("told", id="c1", status="applied", version=1)
    first.close()
    with path.open("ab") as file:
        file.write(b'{"kind": "sav')
    second = HistoryFile(path)
    second.append("saved", id="c2")
    second.close()
    console = ConsoleStory("seat")
    console.read(path)
    assert console.saved == ["c1", "c2"] and console.told == [("c1", "applied", 1)]
