"""A hand-written double of the centre's desk routes: keeps hand-overs and marks, knows the line of a `World`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from console.viewmodels.handover.kept import handover_from
from services.domain.handover import check_brief
from services.ports.errors import NeverValid, Problem, Unknown
from services.ports.handover import BriefLine, CallerMark, Handover, HandoverHead, LogFacts, Person
from tests.support.fakes import World

PASSWORDS = {"pqy02": ("u-next", "卢见青", "Next-Pass-2026")}


def refusal(code: str, title: str, status: int = 409) -> NeverValid:
    """An answer that is never valid."""
    return NeverValid(Problem(status, code, title))


@dataclass
class FakeDeskCentre:
    """The `DeskCentre` of one world; `facts` is what its log tells, `refuse` makes the next brief refused."""

    world: World
    facts: LogFacts = field(default_factory=lambda: LogFacts(1, (), (), {}))
    kept: dict[str, Handover] = field(default_factory=dict)
    marks: dict[str, CallerMark] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refuse: str = ""

    def _line(self, what: str) -> None:
        self.asked.append(what)
        if not self.world.online:
            raise Unknown("中心没有答复。", code="offline")

    def handover_facts(self) -> LogFacts:
        self._line("facts")
        return self.facts

    def hand_over(self, brief: Mapping[str, Any]) -> Handover:
        self._line("hand_over")
        if self.refuse:
            raise refusal("invalid", self.refuse, 422)
        checked = check_brief(dict(brief))
        actor = self.world.actor
        sheet = handover_from(
            {
                **checked, "left": _person(actor.id, actor.name, self.world.now.isoformat()), "taken_over": None,
                "hash": "ab" * 32,
                "lines": [{"case_id": None, "number": None, "due_at": None, "remark": "", **line}
                          for line in checked["lines"]],
            }
        )  # fmt: skip
        assert sheet is not None
        return self.kept.setdefault(checked["handover_id"], sheet)

    def handovers(self, limit: int = 20, *, unsigned: bool = False) -> tuple[HandoverHead, ...]:
        self._line("handovers")
        heads = [sheet.head for sheet in reversed(self.kept.values())]
        return tuple(head for head in heads if not (unsigned and head.taken_over))[:limit]

    def handover(self, handover_id: str) -> Handover:
        self._line("handover")
        return self.kept[handover_id]

    def take_over(self, handover_id: str, note: str = "", username: str = "", password: str = "") -> Handover:
        self._line("take_over")
        who = (self.world.actor.id, self.world.actor.name)
        if username:
            known = PASSWORDS.get(username)
            if known is None or known[2] != password:
                raise refusal("wrong_credentials", "用户名或密码不对。", 422)
            who = known[:2]
        sheet = self.kept[handover_id]
        if sheet.head.left.user_id == who[0]:
            raise refusal("own_handover", "交班人不能接自己的班，请接班人签字。")
        moved = tuple(line.case_id for line in sheet.lines if line.kind == "claim" and line.case_id)
        taken = Person(who[0], who[1], self.world.now, note, moved)
        self.kept[handover_id] = replace(sheet, head=replace(sheet.head, taken_over=taken))
        return self.kept[handover_id]

    def match_caller(self, phone: str) -> tuple[CallerMark | None, int]:
        self._line("match")
        return self.marks.get(phone), 3

    def marked_callers(self) -> tuple[CallerMark, ...]:
        self._line("marks")
        return tuple(self.marks.values())

    def mark_caller(self, reason: str, days: int, *, phone: str = "", case_id: str = "") -> CallerMark:
        self._line("mark")
        now = self.world.now
        made = CallerMark(
            f"m-{len(self.marks)}",
            phone[-4:],
            reason,
            3,
            now + timedelta(days=days),
            self.world.actor.name,
            now,
        )
        self.marks[phone or case_id] = made
        return made

    def unmark_caller(self, mark_id: str) -> None:
        self._line("unmark")
        self.marks = {key: mark for key, mark in self.marks.items() if mark.mark_id != mark_id}


def _person(user_id: str, name: str, at: str) -> dict[str, Any]:
    return {"user_id": user_id, "name": name, "at": at, "note": "", "moved": []}


def left_by(world: World, *lines: BriefLine, remarks: str = "") -> Handover:
    """A hand-over another dispatcher left an hour ago."""
    at = world.now - timedelta(hours=1)
    head = HandoverHead(
        "0193d6c1-0000-7000-8000-0000000000aa", "dispatcher", Person("u-last", "谢临川", at), at - timedelta(hours=8),
        at, "cd" * 32,
    )  # fmt: skip
    return Handover(head, lines, remarks, at)
