"""Facts of a case: what rates are counted from, and that folding the log again gives the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.domain.case import Case
from services.domain.facts import (
    ENDED,
    HANDLED,
    OPEN,
    RECALLED,
    REDISPATCHED,
    RETURNED,
    CaseFacts,
    Passage,
    fold,
)
from services.domain.roles import SYSTEM, Actor
from tests.unit.domain.ground import (
    ACCEPTOR,
    DISPATCHER,
    EVALUATOR,
    LEADER_OF_SHIFT,
    NOW,
    OFFICE,
    RULES,
    SANI,
    STREET,
    SUPERVISOR,
    WATER,
    act,
)
from tests.unit.domain.test_walks import CENTRES, STARTS, Walk, _asked, steps

MINUTE = timedelta(minutes=1)


class Story:
    """A case told step by step, a minute apart, with its facts beside it."""

    def __init__(self, action: str = "register", actor: Actor = ACCEPTOR, **payload: Any) -> None:
        self.now = NOW
        self.case = act(None, action, actor, payload, now=NOW)
        self.facts = fold(None, self.case, action, actor.id, NOW, payload)
        self.log: list[tuple[Case, str, str, datetime, dict[str, Any]]] = [
            (self.case, action, actor.id, NOW, payload)
        ]

    def do(self, action: str, actor: Actor, after: timedelta = MINUTE, **payload: Any) -> Story:
        self.now += after
        self.case = act(self.case, action, actor, payload, now=self.now)
        self.facts = fold(self.facts, self.case, action, actor.id, self.now, payload)
        self.log.append((self.case, action, actor.id, self.now, payload))
        return self

    def to_dispatch(self) -> Story:
        return self.do("accept", ACCEPTOR).do("file", LEADER_OF_SHIFT)

    def to_close(self) -> Story:
        return (
            self.do("send_check", DISPATCHER).do("check_pass", SUPERVISOR).do("close", LEADER_OF_SHIFT)
        )  # fmt: skip


def refolded(story: Story) -> CaseFacts | None:
    facts = None
    for case, action, user, when, payload in story.log:
        facts = fold(facts, case, action, user, when, payload)
    return facts


def test_the_straight_way_gives_every_moment_and_one_stint() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI).do("feed_back", SANI).to_close()
    facts = story.facts
    assert list(facts.first) == [
        "register", "accept", "file", "dispatch", "sign", "feed_back", "send_check", "check_pass", "close",
    ]  # fmt: skip
    assert facts.first["dispatch"] == NOW + 3 * MINUTE == facts.last["dispatch"]
    assert facts.by["file"] == LEADER_OF_SHIFT.id and facts.by["dispatch"] == DISPATCHER.id
    assert set(facts.runs) == {"accept", "file", "dispatch", "handle", "forward", "check", "close"}
    assert all(run.on_time for run in facts.runs.values())
    assert facts.runs["accept"].stopped_at == NOW + MINUTE
    (stint,) = facts.stints
    assert (stint.dept, stint.before, stint.by, stint.round) == ("sani", "", DISPATCHER.id, 1)
    assert (stint.at, stint.signed_at, stint.end) == (NOW + 3 * MINUTE, NOW + 4 * MINUTE, NOW + 5 * MINUTE)
    assert stint.outcome == HANDLED and stint.on_time
    assert facts.right_first is True
    assert facts.handle is not None and facts.handle.on_time and facts.handle.due_at == stint.due_at
    assert (facts.state, facts.closed_at) == ("closed", NOW + 8 * MINUTE)
    assert refolded(story) == facts


def test_a_late_clock_is_late_to_the_second() -> None:
    run = Passage(NOW, NOW + MINUTE, NOW + MINUTE)
    assert run.on_time
    assert not Passage(NOW, NOW + MINUTE, NOW + MINUTE + timedelta(seconds=1)).on_time
    assert Passage(NOW, None, NOW + MINUTE).on_time
    story = Story().do("accept", ACCEPTOR, timedelta(hours=3))
    assert not story.facts.runs["accept"].on_time


def test_late_handling_is_the_units_and_the_cases() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI)
    story.do("feed_back", SANI, timedelta(days=5))
    assert story.facts.stints[0].outcome == HANDLED and not story.facts.stints[0].on_time
    assert story.facts.handle is not None and not story.facts.handle.on_time


def test_a_return_was_the_wrong_unit_and_the_next_answers_for_itself() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("return_case", SANI)
    assert story.facts.stints[0].outcome == RETURNED
    assert story.facts.right_first is False
    story.do("redispatch", DISPATCHER, lead_dept="water").do("sign", WATER).do("feed_back", WATER)
    first, second = story.facts.stints
    assert (second.dept, second.before, second.n) == ("water", "sani", 2)
    assert second.on_time and not first.on_time
    assert story.facts.right_first is False
    assert story.facts.counts.return_ == 1


def test_a_redispatch_ends_the_first_stint_unhandled() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI)
    story.do("redispatch", LEADER_OF_SHIFT, lead_dept="water")
    first, second = story.facts.stints
    assert first.outcome == REDISPATCHED and first.end == story.now and not first.on_time
    assert second.outcome == OPEN and second.at == story.now
    assert story.facts.right_first is False


def test_a_recall_takes_the_dispatch_back() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("recall", DISPATCHER)
    assert story.facts.stints[0].outcome == RECALLED and story.facts.standing == ()
    assert story.facts.right_first is None
    story.do("dispatch", DISPATCHER, lead_dept=f"street-{STREET}", co_depts=[]).do("sign", OFFICE)
    assert story.facts.stints[1].before == ""
    assert story.do("feed_back", OFFICE).facts.right_first is True


def test_rework_takes_the_feedback_back_until_the_next() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI).do("feed_back", SANI)
    story.do("send_check", DISPATCHER).do("check_fail", SUPERVISOR)
    assert story.facts.handle is None
    assert (story.facts.stints[0].outcome, story.facts.stints[0].reworks) == (OPEN, 1)
    assert story.facts.right_first is None
    story.do("feed_back", SANI, timedelta(days=4))
    assert story.facts.handle is not None and not story.facts.handle.on_time
    assert story.facts.stints[0].end == story.now
    assert story.facts.runs["handle"].on_time  # the first stop is kept as well


def test_an_extension_moves_the_deadline_of_the_stint() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI)
    before = story.facts.stints[0].due_at
    story.do("apply_extension", SANI).do("decide_extension", DISPATCHER)
    after = story.facts.stints[0].due_at
    assert before is not None and after is not None and after > before
    assert after == story.case.due_at


def test_a_case_ended_in_the_units_hands_is_neither_handled_nor_returned() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("cancel", LEADER_OF_SHIFT)
    assert story.facts.stints[0].outcome == ENDED
    assert story.facts.right_first is None and story.facts.state == "cancelled"


def test_closing_leaves_a_handled_stint_as_it_is() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI).do("feed_back", SANI)
    before = story.facts.stints
    assert story.do("cancel", LEADER_OF_SHIFT).facts.stints == before


def test_a_reopened_case_is_judged_by_its_new_round() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI).do("feed_back", SANI).to_close()
    story.do("reopen", LEADER_OF_SHIFT, timedelta(days=1))
    assert set(story.facts.runs) == {"accept", "file"}  # the desk is not asked again
    assert story.facts.handle is None and story.facts.standing == ()
    assert story.facts.first["dispatch"] < story.now
    story.do("dispatch", DISPATCHER, lead_dept="water", co_depts=[]).do("sign", WATER)
    assert set(story.facts.runs) == {"accept", "file", "dispatch"}
    assert [s.round for s in story.facts.stints] == [1, 2] and story.facts.stints[1].before == ""
    story.do("feed_back", WATER)
    assert story.facts.right_first is True
    assert set(story.facts.runs) == {"accept", "file", "dispatch", "handle"}


def test_the_latest_call_back_that_reached_somebody_counts() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI).do("feed_back", SANI)
    story.do("send_check", DISPATCHER).do("check_pass", SUPERVISOR)
    assert story.facts.solved is None
    story.do("callback", ACCEPTOR, reached=True, solved=False, satisfaction=2)
    assert (story.facts.solved, story.facts.satisfaction) == (False, 2)
    story.do("callback", ACCEPTOR, reached=False, solved=None, satisfaction=None)
    assert (story.facts.solved, story.facts.satisfaction) == (False, 2)
    story.do("close", LEADER_OF_SHIFT, callback={"reached": True, "solved": True})
    assert (story.facts.solved, story.facts.satisfaction) == (True, 2)


def test_an_appeal_exempts() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("sign", SANI).do("feed_back", SANI).to_close()
    story.do("appeal", SANI)
    assert not story.facts.exempt
    assert story.do("decide_appeal", EVALUATOR).facts.exempt


def test_an_imported_case_brings_its_unit() -> None:
    story = Story("import", SYSTEM)
    (stint,) = story.facts.stints
    assert (stint.dept, stint.by, stint.outcome) == ("sani", "", OPEN)
    story.do("feed_back", SANI)
    assert story.facts.stints[0].outcome == HANDLED and story.facts.right_first is True
    waiting = Story("import", SYSTEM, state="pending_dispatch", lead_dept=None)
    assert waiting.facts.stints == ()


class Told(Walk):
    """A random walk with its facts beside it."""

    facts: CaseFacts | None = None
    sends = 0

    def do(self, action: str, actor: Actor, variant: int) -> None:
        if self.facts is None:
            born = "import" if "imported" in self.case.marks else "register"
            self.facts = fold(None, self.case, born, "u", self.now)
        before = self.case.version
        super().do(action, actor, variant)
        if self.case.version == before:
            return
        payload = _asked(action, variant, self.case).payload
        self.facts = fold(self.facts, self.case, action, actor.id, self.now, payload)
        self.sends += action in ("dispatch", "redispatch")
        _agrees(self.facts, self.case)


@given(st.sampled_from(CENTRES), st.sampled_from(STARTS), st.integers(0, 3), steps)
def test_facts_agree_with_the_case_wherever_it_goes(
    under: Any, start: str, variant: int, path: list[tuple[int, int, int]]
) -> None:
    walk = Told(under, start, variant)
    for pick, which, wait in path:
        if walk.case.state == "archived":
            break
        walk.step(pick, which, wait)
    if walk.facts is not None:
        assert sum(1 for s in walk.facts.stints if s.by) == walk.sends


def _agrees(facts: CaseFacts, case: Case) -> None:
    """What must hold between the facts of a case and the case."""
    assert (facts.state, facts.version, facts.lead_dept) == (case.state, case.version, case.lead_dept)
    assert facts.counts == case.counts
    ends = [s.end for s in facts.stints[:-1]]
    assert None not in ends
    for one, two in zip(facts.stints, facts.stints[1:], strict=False):
        assert one.end is not None and one.end <= two.at and one.n + 1 == two.n
    if case.state in ("pending_sign", "handling", "suspended") and facts.stints:
        assert facts.stints[-1].dept == case.lead_dept and facts.stints[-1].outcome == OPEN
        assert facts.handle is None
    handled = case.state in ("feedback_review", "checking", "pending_close") and facts.handle is not None
    if handled and facts.stints:  # one that was imported under way was given to nobody by us
        assert facts.stints[-1].outcome == HANDLED
    for name, run in facts.runs.items():
        assert run.started_at <= run.stopped_at
        assert name in case.clocks


def test_every_step_of_the_straight_way_is_known_to_the_rules() -> None:
    assert set(RULES.stage_limits) >= {"accept", "file", "dispatch", "forward", "check", "close"}
