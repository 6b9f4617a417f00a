"""Telling one case of a plan: every step a real command, decided by `judge()` at its moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from services.backend.demo.telling import CaseStory, Step
from services.backend.kpi.seeds.plans import Way
from services.domain.case import Case
from services.domain.codes import area_path
from services.domain.commands import Applied, Command
from services.domain.decide import judge
from services.domain.ids import uuid7
from services.domain.lifecycle import ADDITIVE
from services.domain.payloads import check_payload
from services.domain.reference import Facts, Position, Rules
from services.domain.roles import UPPER, Actor

DISTRICT = "990201"
GRID = f"{DISTRICT}001001001"
POSITION = Position(GRID, area_path(GRID))
ACCEPTOR = Actor("u-acceptor", "受理员", ("acceptor",), DISTRICT, None)
SHIFT_LEADER = Actor("u-shift-leader", "值班长", ("shift_leader",), DISTRICT, None)
DISPATCHER = Actor("u-dispatcher", "派遣员", ("dispatcher",), DISTRICT, None)
SUPERVISOR = Actor("u-supervisor", "监督员", ("supervisor",), DISTRICT, None)
GRID_WORKER = Actor("u-grid-worker", "网格员", ("grid_worker",), DISTRICT, None)
WRONG, RIGHT = "drain", "sani"
CATEGORIES = {"event": "event-0110", "grid": "event-0110", "hotline": "event-0110", "service": "event-0110"}
_MINUTE = timedelta(minutes=1)
_REPORTERS = {"upper": UPPER, "grid_worker": GRID_WORKER, "patrol": SUPERVISOR}


@dataclass(frozen=True, slots=True)
class Birth:
    """When and under which number a case of a plan is born, and how it goes."""

    at: datetime
    number: str
    way: Way
    seed: int


class Teller:
    """Tells the cases of a plan under some rules."""

    def __init__(self, rules: Rules) -> None:
        """Keep the rules."""
        self.rules = rules

    def tell(self, birth: Birth) -> CaseStory:
        """Return the story of one case; raises RuntimeError when the law refuses a step of it."""
        told = _Telling(self.rules, birth)
        told.go()
        return CaseStory(told.case_id, tuple(told.steps))


class _Telling:
    """One case on its way."""

    def __init__(self, rules: Rules, birth: Birth) -> None:
        self.rules, self.birth, self.way = rules, birth, birth.way
        self.rng = Random(birth.seed)
        self.now = birth.at
        self.steps: list[Step] = []
        self.case: Case | None = None
        self.case_id = uuid7(int(birth.at.timestamp() * 1000), self.rng.randbytes(10))

    def go(self) -> None:
        """Tell it to its end."""
        way = self.way
        self._register()
        if way.until == "report":
            return
        self._do("accept", ACCEPTOR)
        if way.until == "answer":
            self._do("self_close", ACCEPTOR, result="已当场答复办结")
            self._call_back()
        if way.until in ("accept", "answer"):
            return
        self._do("file", SHIFT_LEADER, category=CATEGORIES[way.kind], condition=0)
        self._dispatch()
        if way.until != "dispatch":
            self._handle()

    def _register(self) -> None:
        """登记."""
        way = self.way
        payload: dict[str, Any] = {
            "kind": way.kind, "source": way.source, "description": "按报告件数登记",
            "location": {"lon": 113.3, "lat": 23.1, "address": ""},
        }  # fmt: skip
        facts = Facts(number=self.birth.number, positions={self.case_id: POSITION})
        self._do("register", _REPORTERS.get(way.source, ACCEPTOR), facts=facts, **payload)

    def _dispatch(self) -> None:
        """派遣, late or to a wrong unit first where the way says so."""
        if self.way.late_dispatch:
            self._past_due()
        if self.way.wrong_first:
            self._do("dispatch", DISPATCHER, lead_dept=WRONG)
            self._do("return_case", _unit(WRONG), reason="非本单位职责", basis="权责清单")
            self._do("redispatch", DISPATCHER, lead_dept=RIGHT, reason="改派")
        else:
            self._do("dispatch", DISPATCHER, lead_dept=RIGHT)

    def _handle(self) -> None:
        """签收 to 结案."""
        self._do("sign", _unit(RIGHT))
        if self.way.late:
            self._past_due()
        self._do("feed_back", _unit(RIGHT), result="已处置")
        self._do("send_check", DISPATCHER)
        self._do("check_pass", SUPERVISOR)
        self._do("close", SHIFT_LEADER, closing_condition="已处置")
        self._call_back()

    def _call_back(self) -> None:
        """回访 where the way has marks."""
        marks = self.way.marks
        if marks is not None:
            self._do("callback", ACCEPTOR, reached=True, solved=marks > 2, satisfaction=marks, text="回访")

    def _past_due(self) -> None:
        """Wait until just after the running clock's deadline."""
        due = self.case.due_at if self.case is not None else None
        if due is not None:
            self.now = max(self.now, due)

    def _do(self, action: str, actor: Actor, facts: Facts | None = None, **payload: Any) -> None:
        """Give one command, a minute after the last one."""
        if self.steps:
            self.now += _MINUTE
        cleaned: Mapping[str, Any] = check_payload(action, payload)
        base = self.case.xver if self.case is not None and action not in ADDITIVE else None
        at = int(self.now.timestamp() * 1000)
        command = Command(uuid7(at, self.rng.randbytes(10)), self.case_id, action, cleaned, base, self.now)
        rules = self.rules if facts is None else self.rules.with_facts(facts)
        verdict = judge(self.case, command, actor, self.now, rules)
        if not isinstance(verdict, Applied):
            raise RuntimeError(f"the plan's own {action} was refused: {verdict}")
        self.case = verdict.case
        self.steps.append(Step(self.now, actor, verdict.role, verdict.override, command, verdict.case))


def _unit(dept: str) -> Actor:
    """Return somebody who answers for a department."""
    return Actor(f"u-{dept}", dept, ("dept_user",), DISTRICT, dept)
