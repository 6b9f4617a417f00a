"""Own operations in a brief: every fate that asks for somebody's eye is handed over, none that is settled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.viewmodels.handover.drafting import MOST, Sight, draft
from services.ports.outbox import APPLIED, ATTENTION, DISCARDED, REPLACED, WAITING, SavedCommand
from services.ports.picture import Projected
from tests.support.fakes import NOW, World, world_for


def command(status: str, n: int = 0, label: str = "示例路", **more: object) -> SavedCommand:
    return SavedCommand(
        n, f"c-{n}", f"case-{n}", "dispatch", {}, 1, NOW, "u-me", NOW - timedelta(minutes=5), status=status,
        label=label, **more,  # type: ignore[arg-type]  # fields of a saved command
    )  # fmt: skip


def lines(world: World, *commands: SavedCommand) -> list[tuple[str, str]]:
    cases = tuple(Projected(case, case) for case in world.cases.values())
    sight = Sight(
        cases, commands, None, world.rules, NOW, "u-me", lambda dept: dept or "", lambda code: code or ""
    )
    return [(line.kind, line.text) for line in draft(sight)]


@pytest.fixture
def world() -> World:
    return world_for("dispatcher")


@pytest.mark.parametrize("status", ATTENTION)
def test_what_wants_an_eye_is_in_the_brief_in_words(world: World, status: str) -> None:
    [(kind, text)] = lines(world, command(status))
    assert kind == "failed"
    assert text.startswith("派遣") and text.endswith(" · 示例路")
    assert status not in text


@pytest.mark.parametrize("status", [APPLIED, DISCARDED, REPLACED])
def test_what_is_settled_is_not(world: World, status: str) -> None:
    assert lines(world, command(status)) == []


def test_what_has_not_left_says_since_when(world: World) -> None:
    [(kind, text)] = lines(world, command(WAITING))
    assert kind == "unsent" and "09:25" in text


def test_failures_stand_before_what_has_not_left(world: World) -> None:
    found = lines(world, command(WAITING, 1), command("conflict", 2), command(WAITING, 3))
    assert [kind for kind, _ in found] == ["failed", "unsent", "unsent"]


def test_a_number_in_a_label_is_masked(world: World) -> None:
    [(_, text)] = lines(world, command("rejected", label="来电 13800138000 王女士"))
    assert "13800138000" not in text and "8000" in text


@pytest.mark.parametrize(("n", "listed", "rest"), [(MOST, MOST, ""), (MOST + 1, MOST, "另有 1 件")])
def test_more_than_fit_are_counted(world: World, n: int, listed: int, rest: str) -> None:
    found = lines(world, *(command("held", at) for at in range(n)))
    assert len(found) == listed + bool(rest)
    assert found[-1][1].startswith(rest)
