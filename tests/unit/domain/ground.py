"""Values the domain tests share: a small invented centre, its people, its calendar, and how to move a case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from services.domain.calendar import WorkCalendar
from services.domain.case import Case
from services.domain.commands import Applied, Command, Rejected
from services.domain.decide import decide
from services.domain.ids import uuid7
from services.domain.limits import Limit
from services.domain.payloads import check_payload
from services.domain.reference import (
    Category,
    Department,
    Facts,
    FilingCondition,
    Position,
    Rules,
    Settings,
)
from services.domain.roles import SYSTEM, UPPER, Actor

CN = timezone(timedelta(hours=8))
CALENDAR = WorkCalendar()
#: the invented calendar of domain section 6.3: holidays 10-01 to 10-07, make-up Saturday 10-10
OCTOBER = WorkCalendar(
    holidays=frozenset(date(2026, 10, day) for day in range(1, 8)), workdays=frozenset({date(2026, 10, 10)})
)

DISTRICT = "440106"
STREET = "440106001"
GRID = "440106001001001"
OTHER_GRID = "440106002001001"
CASE_ID = "01930000-0000-7000-8000-000000000001"
OTHER_ID = "01930000-0000-7000-8000-000000000002"
THIRD_ID = "01930000-0000-7000-8000-000000000003"
PHOTO = "a" * 64
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=CN)  # a Monday morning


def at(text: str) -> datetime:
    """Return a wall-clock moment of the centre, for example `2026-11-20 17:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=CN)


def path_of(grid: str) -> tuple[str, ...]:
    return (grid[:6], grid[:9], grid[:12], grid)


_DAY = Limit(1, "work_day")
CATEGORIES = {
    entry.code: entry
    for entry in (
        Category(
            "event-0110",
            "暴露生活垃圾",
            "event-01",
            "市容环境",
            "sani",
            (
                FilingCondition("未入容器", Limit(4, "work_hour"), "清理"),
                FilingCondition("大面积堆积", Limit(2, "work_day"), "清除", "street"),
            ),
        ),
        Category(
            "component-0101",
            "上水井盖",
            "component-01",
            "公用设施",
            "water",
            (
                FilingCondition("缺失移位", Limit(2, "urgent_hour"), "恢复"),
                FilingCondition("破损较大", Limit(4, "work_hour"), "更换", "muni"),
            ),
            safety=True,
        ),
        Category("event-0401", "游商", "event-04", "街面秩序", "street", (FilingCondition("流动", _DAY),)),
        Category("service-01", "咨询", "service-01", "咨询", None, (FilingCondition("咨询", _DAY),)),
    )
}  # fmt: skip
DEPARTMENTS = {
    unit.id: unit
    for unit in (
        Department("sani", "市容环卫中心", "环卫"),
        Department("muni", "市政公用服务中心", "市政"),
        Department("water", "供水企业", "供水"),
        Department("street-440106001", "示例街道办事处", kind="street", area_code=STREET),
        Department("gone", "已撤销单位", active=False),
    )
}
SOURCES = {"patrol": "监督员巡查", "hotline": "公众热线", "upper": "上级平台下派"}
FACTS = Facts(
    number="20261123-0001",
    positions={CASE_ID: Position(GRID, path_of(GRID)), OTHER_ID: Position(OTHER_GRID, path_of(OTHER_GRID))},
    users={"sup1": None, "hand1": "sani", "hand2": "muni"},
    cases={OTHER_ID: None},
)
RULES = Rules("r1", CATEGORIES, DEPARTMENTS, CALENDAR, SOURCES, facts=FACTS)


def rules(**changes: Any) -> Rules:
    """Return the centre's rules with other settings, facts or fields."""
    settings = {k: v for k, v in changes.items() if k in Settings.__dataclass_fields__}
    facts = {k: v for k, v in changes.items() if k in Facts.__dataclass_fields__}
    others = {k: v for k, v in changes.items() if k not in settings and k not in facts}
    return replace(RULES, settings=Settings(**settings), facts=replace(FACTS, **facts), **others)


def person(role: str, area: str | None = DISTRICT, dept: str | None = None, id_: str | None = None) -> Actor:
    return Actor(id_ or f"{role}1", role, (role,), area, dept)


ACCEPTOR = person("acceptor")
LEADER_OF_SHIFT = person("shift_leader")
DISPATCHER = person("dispatcher")
SUPERVISOR = person("supervisor", GRID[:12], id_="sup1")
GRID_WORKER = person("grid_worker", GRID[:12])
SANI = person("dept_user", dept="sani")
MUNI = person("dept_user", dept="muni", id_="dept_user2")
WATER = person("dept_user", dept="water", id_="dept_user3")
OFFICE = person("street_user", STREET, dept="street-440106001")
HANDLER = person("handler", GRID[:12], dept="sani", id_="hand1")
LEADER = person("leader")
EVALUATOR = person("evaluator")
ADMIN = person("admin")
AUDITOR = person("auditor")
EVERYBODY = (
    ACCEPTOR, LEADER_OF_SHIFT, DISPATCHER, SUPERVISOR, GRID_WORKER, SANI, MUNI, WATER, OFFICE, HANDLER, LEADER,
    EVALUATOR, ADMIN, AUDITOR, SYSTEM, UPPER,
)  # fmt: skip

REGISTER = {
    "kind": "event",
    "source": "patrol",
    "description": "路边有垃圾",
    "location": {"lon": 113.361, "lat": 23.124, "address": "示例路 1 号"},
}
#: a payload for every action, legal where the rest of the world is
SAMPLES: dict[str, dict[str, Any]] = {
    "register": REGISTER,
    "import": {
        "kind": "event",
        "source": "patrol",
        "description": "旧案",
        "state": "handling",
        "at": "2026-11-20T09:00:00+08:00",
        "category": "event-0110",
        "condition": 0,
        "lead_dept": "sani",
        "location": {"lon": 113.361, "lat": 23.124},
    },
    "accept": {},
    "send_verify": {},
    "verify_result": {"result": "true"},
    "reject": {"reason": "不属于受理范围"},
    "file": {"category": "event-0110", "condition": 0},
    "self_close": {"result": "当场清理"},
    "dispatch": {"lead_dept": "sani", "co_depts": ["muni"]},
    "recall": {"reason": "派错了"},
    "redispatch": {"lead_dept": "water", "reason": "换单位"},
    "return_to_filing": {"reason": "条件选错"},
    "amend": {"reason": "更正", "description": "路边有一堆垃圾"},
    "adjust_limit": {"due_at": "2026-11-30T18:00:00+08:00", "reason": "天气", "basis": "会议纪要"},
    "sign": {},
    "return_case": {"reason": "不是我们的", "basis": "职责清单第三条"},
    "assign": {"to": "hand1"},
    "feed_back": {"result": "已清理"},
    "co_reply": {"text": "已配合"},
    "contact_citizen": {"at": "2026-11-23T09:00:00+08:00", "reached": True, "text": "已联系"},
    "send_check": {},
    "rework": {"reason": "没有清干净"},
    "check_pass": {},
    "check_fail": {"reason": "没有清干净"},
    "close": {"closing_condition": "清理"},
    "cancel": {"reason": "重复", "duplicate_of": OTHER_ID},
    "split": {"parts": [{"case_id": THIRD_ID, "description": "另一处"}]},
    "link": {"to": OTHER_ID, "relation": "同一地点"},
    "apply_extension": {"reason": "缺材料"},
    "decide_extension": {"approve": True},
    "apply_suspend": {"until": "2026-12-20T09:00:00+08:00", "reason": "等待工程"},
    "decide_suspend": {"approve": True},
    "resume": {},
    "reopen": {"reason": "群众反映未解决"},
    "appeal": {"reason": "材料晚到"},
    "decide_appeal": {"approve": True},
    "supervise": {"kind": "leader", "level": 1, "reason": "领导批示", "need_reply": True},
    "reply_supervise": {"text": "已落实"},
    "urge": {"text": "请尽快"},
    "flag_urgent": {},
    "log_call": {"duration_s": 61},
    "callback": {"reached": True, "solved": True, "satisfaction": 5, "text": "满意"},
    "comment": {"text": "注意安全"},
    "attach": {"sha256": PHOTO, "name": "现场.jpg", "mime": "image/jpeg", "size": 1024},
    "archive": {},
}  # fmt: skip


def command(
    action: str, payload: dict[str, Any] | None = None, case: Case | None = None, **more: Any
) -> Command:
    """Return a checked command; `payload` overrides fields of the sample, None in it drops a field."""
    merged = {**SAMPLES[action], **(payload or {})}
    cleaned = check_payload(action, {k: v for k, v in merged.items() if v is not None or k == "to"})
    case_id = more.pop("case_id", case.case_id if case is not None else CASE_ID)
    more.setdefault("base_xver", case.xver if case is not None else None)
    return Command(uuid7(), case_id, action, cleaned, **more)


def act(
    case: Case | None,
    action: str,
    actor: Actor,
    payload: dict[str, Any] | None = None,
    *,
    now: datetime = NOW,
    under: Rules = RULES,
) -> Case:
    """Apply an action and return the case after it; a refusal fails the test."""
    answer = decide(case, command(action, payload, case), actor, now, under)
    assert isinstance(answer, Applied), f"{action}: {answer}"
    return answer.case


def refused(
    case: Case | None,
    action: str,
    actor: Actor,
    payload: dict[str, Any] | None = None,
    *,
    now: datetime = NOW,
    under: Rules = RULES,
) -> str:
    """Return the code with which an action is refused; success fails the test."""
    answer = decide(case, command(action, payload, case), actor, now, under)
    assert isinstance(answer, Rejected), f"{action} was applied"
    assert answer.title.endswith("。")
    return answer.code


#: the straight way to every open state and every end; each entry is (action, actor)
WAYS = {
    "reported": [],
    "verifying": [("send_verify", ACCEPTOR)],
    "pending_filing": [("accept", ACCEPTOR)],
    "not_accepted": [("reject", ACCEPTOR)],
    "not_filed": [("accept", ACCEPTOR), ("reject", LEADER_OF_SHIFT)],
    "cancelled": [("cancel", LEADER_OF_SHIFT)],
}
_LINE = [
    ("accept", ACCEPTOR), ("file", LEADER_OF_SHIFT), ("dispatch", DISPATCHER), ("sign", SANI), ("feed_back", SANI),
    ("send_check", DISPATCHER), ("check_pass", SUPERVISOR), ("close", LEADER_OF_SHIFT), ("archive", SYSTEM),
]  # fmt: skip
_REACHED = (
    "pending_filing", "pending_dispatch", "pending_sign", "handling", "feedback_review", "checking",
    "pending_close", "closed", "archived",
)  # fmt: skip
for _n, _state in enumerate(_REACHED[1:], 2):
    WAYS[_state] = _LINE[:_n]
WAYS["returned"] = [*_LINE[:3], ("return_case", SANI)]
WAYS["suspended"] = [*_LINE[:4], ("apply_suspend", SANI), ("decide_suspend", DISPATCHER)]


def case_in(state: str, *, now: datetime = NOW, under: Rules = RULES, **register: Any) -> Case:
    """Return a case brought to a state by the straight way, every step at `now`."""
    case = act(None, "register", ACCEPTOR, register, now=now, under=under)
    for action, actor in WAYS[state]:
        case = act(case, action, actor, now=now, under=under)
    assert case.state == state
    return case


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
