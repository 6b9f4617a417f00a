"""What five published evaluation reports say, as plans: how many cases went which way, and which figures were printed.

Every case of a plan is told step by step and decided by the law itself; what a report gives no case numbers for is
built to a size stated in the note. Where a report contradicts itself, the note says which reading was recorded.
Source: domain 8.2; scale 1000 means one told case for a thousand of the report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Way:
    """How cases go: `until` is the last thing that happens to them (`report`, `accept`, `answer`, `dispatch`, `close`).

    Attributes:
        count: how many cases.
        kind: kind of the case.
        source: where it came from.
        until: how far it goes; `answer` is closed on the spot.
        late_dispatch: dispatched after its time.
        wrong_first: sent to a wrong unit first, returned, and sent on.
        late: handled after the deadline.
        marks: what the caller says at the call-back, 1 to 5; None: nobody calls back.
    """

    count: int
    kind: str = "event"
    source: str = "patrol"
    until: str = "close"
    late_dispatch: bool = False
    wrong_first: bool = False
    late: bool = False
    marks: int | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure a report prints: its id, the text as printed, by what the told count is multiplied, and a note."""

    id: str
    reported: str
    times: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure entered by hand for the year."""

    id: str
    numerator: int
    denominator: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One report: its system, year, scale, the ways of its cases, what was entered, and what it printed."""

    system: str
    year: int
    scale: int
    ways: tuple[Way, ...]
    printed: tuple[Printed, ...]
    entries: tuple[Entry, ...] = ()
    grids: int = 0

    @property
    def cases(self) -> int:
        """Return how many cases are told."""
        return sum(way.count for way in self.ways)

    def smaller(self, by: int) -> Plan:
        """Return the plan with every way divided by a number, at least one case of each: for quick looks."""
        ways = tuple(replace(way, count=max(1, way.count // by)) for way in self.ways)
        return replace(self, scale=self.scale * by, ways=ways)


_BUILT = "报告未给件数，按 {} 件登记"

TIANHE = Plan(
    "天河区城市社区网格化服务管理信息系统", 2022, 1000,
    (
        Way(1_900, source="grid_worker"),
        Way(58, source="grid_worker", until="dispatch", late=True),
        Way(42, source="grid_worker", until="accept"),
    ),
    (
        Printed("case_closure_rate", "97", note="报告印 97，正文 195/200 万为 97.5；登记办结 190 万、应结 195.8 万"),
        Printed("closed_case_count", "1900000", 1000, "报告表中 190 万，正文 195 万；登记 190 万"),
        Printed("system_uptime_rate", "100", note="按全年分钟登记"),
    ),
    (Entry("system_uptime_rate", 365 * 1440, 365 * 1440),),
)  # fmt: skip
GUANGZHOU = Plan(
    "广州市城市社区网格化服务管理项目", 2023, 1,
    (
        Way(9_516, "grid", "grid_worker"),
        Way(3, "grid", "grid_worker", until="dispatch", late=True),
        Way(361, "grid", "grid_worker", wrong_first=True),
        Way(120, "grid", "grid_worker", late_dispatch=True),
    ),
    (
        Printed("integrated_grid_registration_rate", "100", note="报告未给网格数，按 400 个登记"),
        Printed("transfer_accuracy_rate", "96.39", note=_BUILT.format(10_000)),
        Printed("transfer_timeliness_rate", "98.8", note=_BUILT.format(10_000) + "；报告正文误写为准确率"),
        Printed("grid_event_completion_rate", "99.97", note=_BUILT.format(10_000)),
        Printed("valid_complaint_count", "0", note="登记簿"),
    ),
    (Entry("valid_complaint_count", 0),),
    grids=400,
)  # fmt: skip
WANGCHENG = Plan(
    "望城区社会治理系统", 2020, 1,
    (
        Way(26_831, "hotline", "hotline", until="answer"),
        Way(9_900, "hotline", "hotline", until="answer", marks=4),
        Way(100, "hotline", "hotline", until="answer", marks=2),
    ),
    (
        Printed("service_request_response_rate", "100"),
        Printed("user_satisfaction_rate", "99", note="报告未给回访数，按 10000 件登记"),
        Printed("annual_ticket_volume", "36831"),
        Printed("major_event_support_rate", "100", note="报告未给活动数，按 6 次登记"),
    ),
    (Entry("major_event_support_rate", 6, 6),),
)  # fmt: skip
LONGHUA = Plan(
    "龙华区“互联网+政务服务”系统运维", 2018, 1,
    (Way(9_150, "service", "app", until="answer"), Way(137, "service", "app", until="accept")),
    (
        Printed("fault_response_time", "1"),
        Printed("issue_resolution_rate", "98.52", note="正文称剩 127 件，9287−9150=137；登记 137"),
    ),
)  # fmt: skip
ZHANHE = Plan(
    "湛河区数字城市综合管理系统平台", 2021, 1,
    (
        Way(28_220, "event", "upper"),
        Way(940, "event", "upper", marks=4),
        Way(60, "event", "upper", marks=2),
        Way(4_165, "event", "upper", late=True),
    ),
    (
        Printed("assigned_case_handling_rate", "100"),
        Printed("assigned_on_time_handling_rate", "87.52"),
        Printed("public_satisfaction_score", "9.4", note="满分未写明，按满意率折成 10 分；回访按 1000 件登记"),
    ),
)  # fmt: skip
PLANS = (TIANHE, GUANGZHOU, WANGCHENG, LONGHUA, ZHANHE)
#: figures printed as points out of ten: what a percentage is divided by
POINTS = {"public_satisfaction_score": 10}
