"""待会商: the cases whose units need to sit together, as the centre knows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from console.viewmodels.referee.sheet import LANE, Entry
from console.viewmodels.rows import dept_word
from console.viewmodels.seat import SeatViewModel
from services.ports.errors import GatewayError
from services.ports.picture import ONLINE, SYNCING
from services.ports.rules import RuleCentre


def tr(text: str) -> str:
    """Translate a word of the list."""
    return QCoreApplication.translate("Referee", text)


class MeetingList(QObject):
    """Cases that wait for a joint meeting. `changed()` tells that `rows` or `trouble` is new."""

    changed = Signal()

    def __init__(self, seat: SeatViewModel, centre: RuleCentre | None, parent: QObject | None = None) -> None:
        """Ask nothing yet."""
        super().__init__(parent)
        self.seat, self.centre = seat, centre
        self.rows: tuple[Mapping[str, Any], ...] = ()
        self.limit = 0
        self.trouble = ""

    def load(self) -> None:
        """Ask the centre."""
        line = self.seat.connection
        if self.centre is None or line is None or line.state not in (ONLINE, SYNCING):
            self.trouble = tr("离线：待会商清单在中心，联网后才能查看。")
            self.changed.emit()
            return
        self.seat.background.submit(LANE, "meetings", self.centre.meetings, self._read, self._failed)

    def _read(self, doc: Mapping[str, Any]) -> None:
        self.rows, self.limit, self.trouble = tuple(doc["cases"]), int(doc["limit"]), ""
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self.trouble = error.title if isinstance(error, GatewayError) else tr("没有读到，请再试。")
        self.changed.emit()

    def entries(self) -> tuple[Entry, ...]:
        """Return the cases in words."""
        found = []
        for row in self.rows:
            case, asked = row["case"], row["asked"]
            category = self.seat.rules.categories.get(case["category"] or "")
            title = category.name if category is not None else tr("未定类别")
            lead = dept_word(case["lead_dept"], self.seat)
            why = asked["text"] if asked is not None else tr("流转已满 {n} 次").format(n=self.limit)
            under = " · ".join(part for part in (lead, case["location"]["address"], why) if part)
            side = tr("流转 {n} 次").format(n=row["bounces"])
            found.append(
                Entry(title, under, side, "sla.over2.text", case["case_id"], str(case["number"] or "")[4:])
            )
        return tuple(found)
