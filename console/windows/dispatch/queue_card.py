"""What is told of a row on request: its time left, the usual handling time it rests on, and the slack between them."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from console.viewmodels.rows import category_name, dept_word
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.slack import LEAST, Slack
from services.domain.bands import Reading
from widgets import format as fmt


def tr(text: str) -> str:
    """Translate a word of the card."""
    return QCoreApplication.translate("QueueCard", text)


def slack_lines(slack: Slack, seat: SeatViewModel, now: datetime) -> tuple[str, ...]:
    """Return time left, usual time and slack, one line each; and why there is none where there is none."""
    if slack.reading is None:
        return (tr("没有计时"),)
    return (_left(slack.reading, slack.due_at, now), *_rest(slack, seat))


def _left(reading: Reading, due_at: datetime | None, now: datetime) -> str:
    """Return 余 3:12:00 · 14:37 到期."""
    left = reading.remaining_s
    words = fmt.remaining(left) if left > 0 else fmt.overdue(-left)
    if reading.off_hours and not reading.counting:
        words = tr("{time}（工作时间）").format(time=words)
    if due_at is None:
        return tr("{time} · 挂账，时限停止").format(time=words)
    due = fmt.moment_text(due_at, now)
    return tr("{time} · {due} 到期").format(time=words, due=due)


def _rest(slack: Slack, seat: SeatViewModel) -> tuple[str, ...]:
    """Return usual time and slack."""
    found = slack.slack_s
    if found is None:
        late = slack.reading is not None and slack.reading.band.startswith("over")
        return (tr("已超时，排在还来得及的之后"),) if late else ()
    if not slack.unit:
        return (tr("还没有单位处置，余量就是剩余时间"),)
    category = category_name(slack.category, seat)
    if slack.usual_s is None:
        few = tr("{category}办结不足 {n} 件，不知道通常用时；余量按剩余时间")
        return (few.format(category=category, n=LEAST),)
    whose = dept_word(slack.unit, seat) if slack.own else tr("各单位")
    usual = tr("通常用时 {span}（{whose}办{category} {n} 件的中位数）").format(
        span=fmt.span_words(slack.usual_s), whose=whose, category=category, n=fmt.count(slack.known)
    )
    if found < 0:
        short = tr("余量 −{span}：按通常用时已来不及").format(span=fmt.span_words(-found))
        return (usual, short)
    return (usual, tr("余量 {span}").format(span=fmt.span_words(found)))
