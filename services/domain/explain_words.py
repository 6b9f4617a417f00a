"""The sentences of 时限说明书: codes with parameters, their Chinese text, and how moments and spans are said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType

from services.domain.calendar import WorkCalendar

_WEEKDAYS = "一二三四五六日"

#: code -> Chinese sentence; a screen in another language has its own table by the same codes
SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "rule.condition": "{clock}为 {limit}，由立案条件“{condition}”（{category}）确定。",
        "rule.stage": "{clock}为 {limit}，由本中心的环节时限设置确定。",
        "rule.unknown": "{clock}为 {limit}；现行标准中没有对应的立案条件。",
        "rule.changed": "现行标准中这个立案条件的时限是 {limit}，只用于新派遣的案件。",
        "unit.continuous": "{unit}连续计算，夜间、周末和节假日都计入。",
        "unit.working": "{unit}只计工作时段：{week} {slots}，1 工作日等于 {hours} 工作时；节假日不计，调休上班日计入。",
        "days.off": "期间的节假日不计：{days}。",
        "days.on": "期间的调休上班日计入：{days}。",
        "start.now": "自 {start} 起计。",
        "start.later": "开始于非工作时间（{start}），自 {first} 起计。",
        "start.pause": "开始于免计时段内（{start}），自 {first} 起计。",
        "start.never": "开始于 {start}，到 {until} 还没有开始计时。",
        "pause.over": "{start} 至 {end} 挂账，不计时（共 {span}）。",
        "pause.late": "{start} 至 {end} 挂账；挂账前已超期，恢复后超期时间不增不减。",
        "pause.open": "自 {start} 起挂账，时限暂停，恢复后接着计。",
        "window": "{start} 至 {end} 为免计时段，依据：{document}；其中 {span} 不计入本时限。",
        "window.unknown": "{start} 至 {end} 为免计时段（编号 {document}）；其中 {span} 不计入本时限。",
        "extension": "第 {n} 次延期 {limit}，于 {at} 批准，到期时间由 {before} 改为 {due}。",
        "fixed.hand": "到期时间于 {at} 由值班长人工调整为 {due}；按规则推算为 {ruled}，理由和依据见办理经过。",
        "fixed.source": "到期时间 {due} 取自导入的原系统；按规则推算为 {ruled}。",
        "calendar": "按现行工作日历推算应为 {ruled}；工作日历在起计之后有过变更，只用于新的时限，到期时间不变。",
        "due": "因此到期时间为 {due}。",
        "due.open": "挂账期间没有到期时间；恢复时剩余 {left} 接着计。",
        "due.open_late": "挂账期间没有到期时间；挂账前已超期 {late}。",
        "now.left": "到 {now} 已计 {counted}，剩余 {left}。",
        "now.late": "到 {now} 已超期 {late}（自然时间）。",
        "end.in_time": "于 {end} 结束，未超期，已计 {counted}。",
        "end.late": "于 {end} 结束，超期 {late}（自然时间）。",
        "end.paused": "于 {end} 在挂账中结束，已计 {counted}。",
        "end.replaced": "于 {end} 被新的时限取代，不算办结，已计 {counted}。",
    }
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an explanation: its code, its parameters in words, and the Chinese text."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the Chinese sentence."""
        return SENTENCES[self.code].format(**self.params)


def moment_words(moment: datetime, calendar: WorkCalendar) -> str:
    """Say a moment in the centre's zone, seconds only where it has some: `2026-11-20（周五）16:00`."""
    local = calendar.local(moment)
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    return f"{local:%Y-%m-%d}（周{_WEEKDAYS[local.weekday()]}）{clock}"


def span_words(seconds: int) -> str:
    """Say a span: days (of 24 hours) only from three days on, then hours, minutes, seconds."""
    days, rest = divmod(seconds, 86400) if seconds >= 3 * 86400 else (0, seconds)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    parts = ((days, "天"), (hours, "小时"), (minutes, "分"), (left, "秒"))
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount) or "0 秒"


def counted_words(seconds: int, working: bool) -> str:
    """Say counted time; working time is never said in days of 24 hours."""
    if not working:
        return span_words(seconds)
    hours, rest = divmod(seconds, 3600)
    parts = ((hours, "工作时"), (rest // 60, "分"), (rest % 60, "秒"))
    return " ".join(f"{amount} {unit}" for amount, unit in parts if amount) or "0 秒"


def week_words(calendar: WorkCalendar) -> str:
    """Say the working weekdays, neighbours as a range: `周一至周五`."""
    runs: list[list[int]] = []
    for day in sorted(calendar.week):
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return "、".join(
        f"周{_WEEKDAYS[run[0]]}" + (f"至周{_WEEKDAYS[run[-1]]}" if len(run) > 1 else "") for run in runs
    )


def slot_words(calendar: WorkCalendar) -> str:
    """Say the slots: `08:00–12:00、14:00–18:00`."""
    return "、".join(f"{a:%H:%M}–{b:%H:%M}" for a, b in calendar.slots)


def day_words(days: Sequence[date]) -> str:
    """Say days, neighbours as a range: `2026-10-01 至 2026-10-07、2026-10-10`."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day == runs[-1][-1] + timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return "、".join(str(run[0]) + (f" 至 {run[-1]}" if len(run) > 1 else "") for run in runs)
