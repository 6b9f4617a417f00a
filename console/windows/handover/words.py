"""A brief as lines of a list and as a page on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from console.viewmodels.desk.words import moment_words
from console.viewmodels.handover.drafting import kind_word
from console.viewmodels.rows import short_number
from console.windows.desk.desk_list import ListLine
from console.windows.desk.paper import esc, heading, table
from services.domain.calendar import WorkCalendar
from services.domain.handover import KINDS, counts_by_kind
from services.domain.roles import ROLES
from services.ports.handover import BriefLine, Handover, HandoverHead, Person

ICONS = {
    "urgent": "siren", "promise": "speech", "callback": "phone", "breach": "clock", "silent_unit": "building",
    "upper": "branch", "failed": "warn", "unsent": "cloud_up", "waiting": "stamp", "claim": "person",
    "silent_grid": "map", "note": "edit",
}  # fmt: skip


def tr(text: str) -> str:
    """Translate a word of the sheet."""
    return QCoreApplication.translate("Handover", text)


def brief_lines(lines: Sequence[BriefLine], now: datetime, calendar: WorkCalendar) -> tuple[ListLine, ...]:
    """Return headings with counts and lines in the order of the kinds; keys are places in `lines`."""
    year = calendar.local(now).year
    made: list[ListLine] = []
    for kind in KINDS:
        places = [place for place, line in enumerate(lines) if line.kind == kind]
        if not places:
            continue
        made.append(ListLine(f"head-{kind}", kind_word(kind), side=str(len(places)), heading=True))
        for place in places:
            line = lines[place]
            side, tone = "", "text.tertiary"
            if line.due_at is not None:
                late = line.due_at <= now
                words = tr("{due} 已过") if late else tr("{due} 到期")
                side = words.format(due=moment_words(line.due_at, now, calendar))
                tone = "sla.over1.text" if late else "text.secondary"
            lead = short_number(line.number, year) if line.number else ""
            made.append(
                ListLine(
                    str(place), line.text, lead, tr("附注：{text}").format(text=line.remark) if line.remark else "",
                    side, ICONS[kind], tone, "accent.base",
                )
            )  # fmt: skip
    return tuple(made)


def head_words(head: HandoverHead, now: datetime, calendar: WorkCalendar) -> str:
    """Return who left which post when."""
    return tr("{post} {name} · {began} 至 {at}").format(
        post=ROLES.get(head.post, head.post), name=head.left.name,
        began=moment_words(head.began_at, now, calendar), at=moment_words(head.left.at, now, calendar),
    )  # fmt: skip


def counts_words(lines: Sequence[BriefLine]) -> str:
    """Return the counts of a brief: 急要件在办 2 · 临近超期 12."""
    counts = counts_by_kind([line.doc() for line in lines])
    return " · ".join(f"{kind_word(kind)} {n}" for kind, n in counts.items())


class PaperSigns(NamedTuple):
    """The signatures as they stand on paper; None leaves a line to sign by hand."""

    left: Person | None
    taken: Person | None
    hash: str = ""


def signs_of(sheet: Handover) -> PaperSigns:
    """Return the signatures of a kept hand-over."""
    return PaperSigns(sheet.head.left, sheet.head.taken_over, sheet.head.hash)


def paper_body(
    title: str,
    lines: Sequence[BriefLine],
    remarks: str,
    signs: PaperSigns,
    now: datetime,
    calendar: WorkCalendar,
) -> str:
    """Return the sheet as HTML for A4."""
    year = calendar.local(now).year
    parts = [f'<h1 align="center">{esc(tr("交接班单"))}</h1>', f'<p align="center">{esc(title)}</p>']
    for kind in KINDS:
        found = [line for line in lines if line.kind == kind]
        if not found:
            continue
        parts.append(heading(f"{kind_word(kind)} {len(found)}"))
        rows = "".join(_paper_row(line, now, year, calendar) for line in found)
        parts.append(table(rows, 4))
    if not lines:
        parts.append(f"<p>{esc(tr('没有要交代的事项。'))}</p>")
    parts.append(heading(tr("交代事项")) + f"<p>{esc(remarks) or esc(tr('无'))}</p>")
    parts.append(_signatures(signs, now, calendar))
    return "".join(parts)


def _paper_row(line: BriefLine, now: datetime, year: int, calendar: WorkCalendar) -> str:
    number = short_number(line.number, year) if line.number else ""
    due = moment_words(line.due_at, now, calendar) if line.due_at is not None else ""
    text = esc(line.text)
    if line.remark:
        text += f"<br><b>{esc(tr('附注：{text}').format(text=line.remark))}</b>"
    return (
        f'<tr><td class="n" width="92">{esc(number) or "&nbsp;"}</td><td>{text}</td>'
        f'<td class="n" width="96" align="right">{esc(due) or "&nbsp;"}</td></tr>'
    )


def _signatures(signs: PaperSigns, now: datetime, calendar: WorkCalendar) -> str:
    def signed(word: str, person: Person | None) -> str:
        if person is None:
            return f"{esc(word)}：________________　____ 月 ____ 日 ____:____"
        at = moment_words(person.at, now, calendar)
        note = f"<br>{esc(person.note)}" if person.note else ""
        return f"{esc(word)}：<b>{esc(person.name)}</b>　{esc(at)}{note}"

    chain = tr("校验 {hash}").format(hash=signs.hash[:16]) if signs.hash else tr("还没有到中心，没有校验码")
    printed = tr("打印于 {at}").format(at=calendar.local(now).strftime("%Y-%m-%d %H:%M"))
    cells = (
        f'<tr><td width="50%">{signed(tr("交班人"), signs.left)}</td>'
        f'<td width="50%">{signed(tr("接班人"), signs.taken)}</td></tr>'
    )
    return f'<p>&nbsp;</p>{table(cells, 8)}<p class="q">{esc(chain)} · {esc(printed)}</p>'
