"""退单 referee: bounces of a case, and when a joint meeting decides."""

from __future__ import annotations

from services.domain.bounces import (
    ASKED,
    DECIDED,
    Bounce,
    between,
    bounces,
    meeting_mark,
    meeting_text,
    needs_meeting,
)
from tests.unit.domain.ground import DISPATCHER, LEADER_OF_SHIFT, OFFICE, SANI, STREET, WATER
from tests.unit.domain.test_facts import Story


def thrice() -> Story:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("return_case", SANI)
    story.do("redispatch", DISPATCHER, lead_dept="water").do("sign", WATER)
    story.do("redispatch", LEADER_OF_SHIFT, lead_dept=f"street-{STREET}", co_depts=[])
    return story.do("return_case", OFFICE)


def test_returns_and_redispatches_bounce() -> None:
    story = thrice()
    first, second, third = bounces(story.facts)
    assert first == Bounce("sani", "water", story.facts.stints[0].end, True)  # type: ignore[arg-type] # ended
    assert (second.giver, second.taker, second.returned) == ("water", f"street-{STREET}", False)
    assert (third.taker, third.returned) == ("", True)
    assert needs_meeting(story.facts) and not needs_meeting(story.facts, 4)


def test_a_recall_is_no_bounce() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("recall", DISPATCHER)
    story.do("dispatch", DISPATCHER, lead_dept="water", co_depts=[])
    assert bounces(story.facts) == () and not needs_meeting(story.facts)


def test_a_reopened_case_starts_without_bounces() -> None:
    story = Story().to_dispatch().do("dispatch", DISPATCHER).do("return_case", SANI)
    story.do("redispatch", DISPATCHER, lead_dept="water").do("sign", WATER).do("feed_back", WATER).to_close()
    assert len(bounces(story.facts)) == 1
    story.do("reopen", LEADER_OF_SHIFT)
    assert bounces(story.facts) == ()


def test_pairs_are_counted_over_cases() -> None:
    counts = between([thrice().facts, thrice().facts])
    assert counts[("sani", "water")] == 2
    assert counts[("water", f"street-{STREET}")] == 2
    assert not [pair for pair in counts if not pair[1]]


def test_marks_of_a_joint_meeting_are_read_back() -> None:
    assert meeting_mark(meeting_text(ASKED, " 两家都说不归自己 ")) == (ASKED, "两家都说不归自己")
    assert meeting_mark(meeting_text(DECIDED, "由市政承办")) == (DECIDED, "由市政承办")
    assert meeting_mark("说起【提请会商】而已") is None and meeting_mark("") is None
