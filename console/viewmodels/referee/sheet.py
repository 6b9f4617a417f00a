"""The 退单裁判 sheet of a case in words, and what can be done from it: ask for a joint meeting, record its decision.

Everything shown comes from the centre's sheet; nothing is guessed. Asking and deciding are comments of a desk with a
mark (`services.domain.bounces`), and the decision is carried out by an ordinary 改派 with its reason filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.rows import dept_word
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.suggested import span
from services.domain.bounces import ASKED, DECIDED, meeting_text
from services.ports.errors import GatewayError
from services.ports.picture import ONLINE, SYNCING
from services.ports.rules import RuleCentre

LANE = "referee"
_NEVER = datetime.min.replace(tzinfo=UTC)
Doc = Mapping[str, Any]


def tr(text: str) -> str:
    """Translate a word of the referee."""
    return QCoreApplication.translate("Referee", text)


def _when(mark: Doc) -> datetime:
    """Return when something was; as text 09:00:00.5Z would come before 09:00:00Z."""
    return datetime.fromisoformat(mark["at"])


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the sheet: what, its details, a figure at the right with its tone, and the case behind it."""

    text: str
    under: str = ""
    side: str = ""
    tone: str = "text.tertiary"
    case_id: str = ""
    lead: str = ""


class RefereeViewModel(QObject):
    """The sheet of one case. `changed()` tells that `sheet` or `trouble` is new; `said()` that a mark was saved."""

    changed = Signal()
    said = Signal()

    def __init__(
        self, seat: SeatViewModel, centre: RuleCentre | None, case_id: str, parent: QObject | None = None
    ) -> None:
        """Ask nothing yet."""
        super().__init__(parent)
        self.seat, self.centre, self.case_id = seat, centre, case_id
        self.sheet: Doc | None = None
        self.trouble = ""

    def load(self) -> None:
        """Ask the centre."""
        line = self.seat.connection
        if self.centre is None or line is None or line.state not in (ONLINE, SYNCING):
            self.trouble = tr("离线：裁判依据在中心的记录里，联网后才能查看。")
            self.changed.emit()
            return
        work = partial(self.centre.referee, self.case_id)
        self.seat.background.submit(LANE, "sheet", work, self._read, self._failed)

    def _read(self, sheet: Doc) -> None:
        self.sheet, self.trouble = sheet, ""
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self.trouble = error.title if isinstance(error, GatewayError) else tr("没有读到，请再试。")
        self.changed.emit()

    # --- in words -------------------------------------------------------------------------------------------

    @property
    def headline(self) -> tuple[str, str, str]:
        """Return severity, title and detail of the state of the dispute."""
        sheet = self.sheet
        if sheet is None:
            return "info", self.trouble or tr("正在读取…"), ""
        count, limit = len(sheet["bounces"]), int(sheet["limit"])
        counted = tr("本轮流转 {n} 次，满 {limit} 次提请会商").format(n=count, limit=limit)
        asked, decided = sheet["meeting"][ASKED], sheet["meeting"][DECIDED]
        last = max((_when(one) for one in sheet["bounces"]), default=_NEVER)
        settled = decided is not None and (asked is None or _when(decided) >= _when(asked))
        if settled and _when(decided) >= last:
            return "good", tr("已会商：{text}").format(text=decided["text"]), self._by(decided)
        if asked is not None and not settled:
            return (
                "warning",
                tr("待会商：{text}").format(text=asked["text"]),
                f"{counted} · {self._by(asked)}",
            )
        if sheet["due"]:
            return "error", tr("已到会商次数，请提请会商"), counted
        return "info", counted, ""

    def steps(self) -> tuple[Entry, ...]:
        """Return who let go of it, when and why, newest first."""
        found = []
        for n, one in enumerate(self._list("bounces"), 1):
            giver, taker = self.unit(one["giver"]), self.unit(one["taker"])
            verb = tr("退回") if one["returned"] else tr("改派")
            to = tr(" → {unit}").format(unit=taker) if taker else tr(" → 尚无单位承办")
            why = [
                part
                for part in (one["reason"], tr("依据：{b}").format(b=one["basis"]) if one["basis"] else "")
                if part
            ]
            if one["answer"]:
                why.append(tr("派遣员：{a}").format(a=one["answer"]))
            side = f"{one['by']} {self._at(one['at'])}"
            tone = "sla.over2.text" if one["returned"] else "text.tertiary"
            found.append(
                Entry(f"{giver} {verb}{to}", " · ".join(why), side, tone, lead=tr("第 {n} 次").format(n=n))
            )
        return tuple(reversed(found))

    def duty(self) -> tuple[Entry, ...]:
        """Return the rows of the duty table, the chosen condition marked."""
        return tuple(
            Entry(
                row["text"],
                tr("时限 {limit}").format(limit=row["limit"]),
                self.unit(row["dept"]) or tr("未定"),
                "accent.base" if row["chosen"] else "text.secondary",
                lead=tr("本案") if row["chosen"] else tr("第 {n} 条").format(n=int(row["condition"]) + 1),
            )
            for row in self._list("duty")
        )

    def units(self) -> tuple[Entry, ...]:
        """Return what is known of the units that had it, with such cases."""
        found = []
        for row in self._list("units"):
            received, returned = int(row["received"]), int(row["returned"])
            rate = f"{100 * returned / received:.0f}%" if received else "—"
            usual = (
                tr("，通常 {t} 办结").format(t=span(float(row["usual_s"])))
                if row["usual_s"] is not None
                else ""
            )
            under = tr("同类收 {r} 件、退 {b} 件、办结 {h} 件（按期 {t}）").format(
                r=received, b=returned, h=row["handled"], t=row["in_time"]
            )
            found.append(
                Entry(self.unit(row["dept"]), under + usual, tr("退单率 {rate}").format(rate=rate),
                      "sla.over2.text" if received and returned / received >= 0.15 else "text.secondary")
            )  # fmt: skip
        return tuple(found)

    def pairs(self) -> tuple[Entry, ...]:
        """Return what happened between the pairs of units in the last months."""
        found = []
        for pair in self._list("pairs"):
            title = tr("{a} → {b}").format(a=self.unit(pair["giver"]), b=self.unit(pair["taker"]))
            ended = "、".join(f"{self.unit(one['dept'])} {one['count']}" for one in pair["ended"][:3])
            under = tr("接手后又退出 {p} 件，反向 {back} 件，未结 {open} 件").format(
                p=pair["passed_on"], back=pair["back"], open=pair["open"]
            )
            if ended:
                under += tr("；已结案的最终承办：{who}").format(who=ended)
            bounces = int(pair["bounces"])
            rate = f"{100 * int(pair['passed_on']) / bounces:.0f}%" if bounces else "—"
            side = tr("{n} 件 · 再退 {rate}").format(n=bounces, rate=rate)
            found.append(Entry(title, under, side, "text.secondary"))
        return tuple(found)

    def precedents(self) -> tuple[Entry, ...]:
        """Return similar cases near by and who handled them in the end."""
        found = []
        for one in self._list("precedents"):
            way = " → ".join(self.unit(unit) for unit in one["units"]) or self.unit(one["final"])
            near = tr("{m:.0f} 米 · {d} 天前 · {where}").format(
                m=float(one["distance_m"]), d=one["days_ago"], where=one["address"] or tr("无地址")
            )
            extra = tr(" · 退 {n} 次").format(n=one["returned"]) if one["returned"] else ""
            found.append(
                Entry(tr("{unit} 办结").format(unit=self.unit(one["final"])), near,
                      (way if one["returned"] else "") + extra, "text.secondary", one["case_id"],
                      str(one["number"] or "")[4:])
            )  # fmt: skip
        return tuple(found)

    def handled(self) -> str:
        """Return who handled the cases near by, in one line."""
        counts = self._list("handled")
        total = sum(int(one["count"]) for one in counts)
        if not total:
            return tr("近 90 天 3 公里内没有已办结的同类案件")
        words = "、".join(f"{self.unit(one['dept'])} {one['count']}" for one in counts[:4])
        return tr("近 90 天 3 公里内同类已办结 {n} 件：{words}").format(n=total, words=words)

    def ground_words(self) -> tuple[str, ...]:
        """Return the evidence of the ground, line by line."""
        ground = None if self.sheet is None else self.sheet["ground"]
        if ground is None:
            return (tr("这件案件没有坐标，无法核对边界。"),)
        grid = ground["grid"]
        inside = tr("在 {g}（{s}）内").format(g=grid["name"], s=grid["street_name"])
        lines = [
            inside if ground["inside"] else tr("坐标不在登记的网格 {g} 内").format(g=grid["name"]),
            tr("距网格边界 {m:.0f} 米").format(m=float(ground["edge_m"])),
        ]
        for other in ground["neighbours"][:3]:
            foreign = other["street"] != grid["street"]
            street = tr("（{s}，跨街道）").format(s=other["street_name"]) if foreign else ""
            lines.append(
                tr("邻 {g}{s}：{m:.0f} 米").format(g=other["name"], s=street, m=float(other["distance_m"]))
            )
        return tuple(lines)

    def unit(self, dept: str | None) -> str:
        """Return the short name of a unit."""
        return dept_word(dept, self.seat) if dept else ""

    def _list(self, name: str) -> list[Doc]:
        return [] if self.sheet is None else list(self.sheet[name])

    def _by(self, mark: Doc) -> str:
        return f"{mark['name']} {self._at(mark['at'])}"

    def _at(self, text: str) -> str:
        return self.seat.rules.calendar.local(datetime.fromisoformat(text)).strftime("%m-%d %H:%M")

    # --- acting ---------------------------------------------------------------------------------------------

    def why_not_ask(self) -> str:
        """Return why a joint meeting cannot be asked for, empty when it can."""
        if {"dispatcher", "shift_leader"}.isdisjoint(self.seat.actor.roles):
            return tr("提请会商由派遣员或值班长办理")
        return "" if self.sheet is not None else tr("还没有读到案件的流转记录")

    def why_not_decide(self) -> str:
        """Return why a decision cannot be recorded, empty when it can."""
        return "" if "shift_leader" in self.seat.actor.roles else tr("会商决定由值班长记录")

    def ask(self, text: str) -> None:
        """Ask for a joint meeting, with a reason."""
        self._say(ASKED, text)

    def decide(self, unit: str, text: str) -> str:
        """Record the decision; returns the reason for the 改派 that carries it out."""
        words = tr("由{unit}承办").format(unit=self.unit(unit)) + (
            f"：{text.strip()}" if text.strip() else ""
        )
        self._say(DECIDED, words)
        return tr("会商决定{words}").format(words=words)

    def _say(self, word: str, text: str) -> None:
        payload = {"text": meeting_text(word, text)}
        self.seat.submit("comment", self.case_id, payload, done=self._said, failed=self._failed)

    def _said(self, _saved: object) -> None:
        self.said.emit()
