"""The order of judgement (contract section 4): scope, version, role and rule, age; a refusal changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.domain.case_doc import to_doc
from services.domain.commands import Applied, Command, Conflict, NeedsConfirm, Rejected
from services.domain.decide import NOT_FOUND, decide, judge
from services.domain.lifecycle import ADDITIVE, EXCLUSIVE
from tests.unit.domain.ground import (
    ACCEPTOR,
    DISPATCHER,
    NOW,
    RULES,
    SAMPLES,
    SANI,
    act,
    case_in,
    command,
    person,
    rules,
)

OLD = NOW - timedelta(seconds=601)
FOREIGN = person("dispatcher", "440107")


def test_a_case_nobody_knows_is_not_found() -> None:
    assert judge(None, command("dispatch"), DISPATCHER, NOW, RULES) == NOT_FOUND
    assert decide(None, command("dispatch"), DISPATCHER, NOW, RULES) == NOT_FOUND
    assert isinstance(judge(None, command("register"), ACCEPTOR, NOW, RULES), Applied)


def test_scope_comes_before_the_version() -> None:
    case = case_in("pending_dispatch")
    assert judge(case, command("dispatch", {}, case, base_xver=99), FOREIGN, NOW, RULES) == NOT_FOUND


def test_another_version_is_a_conflict_even_when_the_action_would_now_be_illegal() -> None:
    seen = case_in("pending_dispatch")
    now = act(seen, "dispatch", DISPATCHER)
    late = command("dispatch", {}, seen)
    assert judge(now, late, DISPATCHER, NOW, RULES) == Conflict(now.xver)
    assert judge(now, late, SANI, NOW, RULES) == Conflict(now.xver)
    assert judge(now, replace(late, base_xver=None), DISPATCHER, NOW, RULES) == Conflict(now.xver)
    illegal = judge(now, replace(late, base_xver=now.xver), DISPATCHER, NOW, RULES)
    assert isinstance(illegal, Rejected)
    assert (illegal.code, illegal.title) == ("illegal_state", "待签收的案件不能派遣。")


@pytest.mark.parametrize("action", sorted(ADDITIVE))
def test_additive_actions_ignore_the_version_and_the_age(action: str) -> None:
    case = case_in("handling")
    asked = command(action, {}, case, base_xver=99, seen_at=OLD)
    assert not isinstance(judge(case, asked, ACCEPTOR, NOW, RULES), Conflict | NeedsConfirm)


def test_a_refusal_comes_before_the_question_about_age() -> None:
    case = case_in("pending_dispatch")
    answer = judge(case, command("dispatch", {}, case, seen_at=OLD), ACCEPTOR, NOW, RULES)
    assert isinstance(answer, Rejected)
    assert answer.code == "not_allowed"


def test_an_old_picture_is_asked_about_and_a_fresh_one_is_not() -> None:
    case = case_in("pending_dispatch")

    def asked(seconds: int, limit: int = 600) -> object:
        seen = NOW - timedelta(seconds=seconds)
        return judge(
            case, command("dispatch", {}, case, seen_at=seen), DISPATCHER, NOW, rules(confirm_after_s=limit)
        )

    assert asked(601) == NeedsConfirm(601)
    assert isinstance(asked(600), Applied)
    assert isinstance(asked(-9999), Applied)
    assert asked(31, limit=30) == NeedsConfirm(31)
    assert isinstance(judge(case, command("dispatch", {}, case), DISPATCHER, NOW, RULES), Applied)


def test_a_birth_from_an_old_picture_is_asked_about_like_any_exclusive_action() -> None:
    assert isinstance(judge(None, command("register", seen_at=OLD), ACCEPTOR, NOW, RULES), NeedsConfirm)


def test_a_case_that_exists_is_not_born_again() -> None:
    case = case_in("handling")
    assert judge(case, command("register", {}, case, base_xver=None), ACCEPTOR, NOW, RULES) == Conflict(
        case.xver
    )
    answer = judge(case, command("register", {}, case), ACCEPTOR, NOW, RULES)
    assert isinstance(answer, Rejected)
    assert answer.code == "case_exists"


@pytest.mark.parametrize("action", sorted(EXCLUSIVE - {"register", "import"}))
def test_neither_case_nor_command_nor_rules_are_changed(action: str) -> None:
    """Whatever the answer, what went in is what it was."""
    for state in ("reported", "pending_filing", "pending_dispatch", "handling", "checking", "closed"):
        case = case_in(state)
        before, asked = to_doc(case), command(action, {}, case)
        payload = dict(asked.payload)
        decide(case, asked, SANI, NOW, RULES)
        decide(case, asked, DISPATCHER, NOW, RULES)
        assert to_doc(case) == before
        assert asked == Command(asked.command_id, case.case_id, action, payload, case.xver)
    assert SAMPLES["register"]["kind"] == "event"


def test_the_same_question_has_the_same_answer() -> None:
    case = case_in("pending_dispatch")
    asked = command("dispatch", {}, case)
    assert decide(case, asked, DISPATCHER, NOW, RULES) == decide(case, asked, DISPATCHER, NOW, RULES)
