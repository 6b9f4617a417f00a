"""One row of the case queue as a value, and what stands in which column."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, Qt

from widgets.indicators.countdown import LimitReading, limit_parts, limit_text, limit_words
from widgets.indicators.sla_shape import band_label
from widgets.indicators.urgency import urgency_label
from widgets.theme.tokens import value

# Role under which a model gives the whole row value; None means "still being read".
ROW_ROLE = int(Qt.ItemDataRole.UserRole) + 1
# Role under which a model says whether the row is marked (several selected).
MARK_ROLE = int(Qt.ItemDataRole.UserRole) + 2


class PendingMark(StrEnum):
    """Where an operation stands between this machine and the centre (DESIGN §3.4)."""

    NONE = ""
    QUEUED = "queued"
    NEEDS_CONFIRM = "needs_confirm"
    CONFLICT = "conflict"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """What one row of the queue shows.

    Attributes:
        case_id: the key; unique in a list.
        number_short: 1120-0417 (this year) or the full number.
        category: class word, e.g. 井盖缺失.
        grid: grid name, e.g. 望塔-09.
        summary: one line.
        source_icon: drawing or source name.
        source: the source's word for tool tip and screen reader.
        stage: word of the present state (派遣, 回退, 签收 …).
        stage_index: step 1–6.
        band: band of the running clock; the shape.
        limit: the running clock; None shows ``limit_text`` as it is.
        limit_text: fixed words of the limit column when there is no reading.
        holder: who has it (待派遣 when nobody).
        holder_tone: ``""`` quiet, ``accent`` (待派遣), ``pending`` (→ target that is not sent yet).
        urgency: 0 一般 … 3 特急.
        pending: mark of an operation that the centre has not decided.
        locked_by: seat that is working on it; empty when nobody.
        locked_silent: that seat has not been heard of for a while; amber.
        is_new: highlight once.
    """

    case_id: str
    number_short: str = ""
    category: str = ""
    grid: str = ""
    summary: str = ""
    source_icon: str = "document"
    source: str = ""
    stage: str = ""
    stage_index: int = 0
    band: str = "ok"
    limit: LimitReading | None = None
    limit_text: str = ""
    holder: str = ""
    holder_tone: str = ""
    urgency: int = 0
    pending: str = PendingMark.NONE
    locked_by: str = ""
    locked_silent: bool = False
    is_new: bool = False

    def limit_shown(self, now: datetime) -> str:
        """Return the words of the limit column at a moment."""
        return limit_text(self.limit, now) if self.limit else self.limit_text

    def limit_parts(self, now: datetime) -> tuple[str, str]:
        """Return why the clock stands still (usually empty) and the words of the limit column."""
        return limit_parts(self.limit, now) if self.limit else ("", self.limit_text)

    def spoken(self, now: datetime) -> str:
        """Return the row as a screen reader says it (DESIGN §9)."""
        time = limit_words(self.limit, now) if self.limit else self.limit_text
        parts = [
            urgency_label(self.urgency),
            band_label(self.band),
            time,
            self.number_short,
            self.category,
            self.grid,
            self.stage,
            self.holder,
        ]
        if is_pending_mark(self.pending):
            parts.append(pending_look(self.pending)[0])
        if self.locked_by:
            parts.append(self.locked_by)
        return "，".join(part for part in parts if part)


def is_pending_mark(mark: str) -> bool:
    """Return whether a mark has a look; other words are passed over by paint and speech."""
    return bool(mark) and any(mark == known.value for known in PendingMark)


def pending_look(mark: str) -> tuple[str, str, str]:
    """Return word, drawing and tone of a pending mark.

    Raises:
        KeyError: an unknown mark, or none.
    """
    words = {
        PendingMark.QUEUED: QCoreApplication.translate("Pending", "待发送"),
        PendingMark.NEEDS_CONFIRM: QCoreApplication.translate("Pending", "需再确认"),
        PendingMark.CONFLICT: QCoreApplication.translate("Pending", "冲突"),
        PendingMark.REJECTED: QCoreApplication.translate("Pending", "未通过"),
    }
    known = PendingMark(mark)
    entry = value(f"pending.{known.value}")
    return words[known], str(entry["icon"]), str(entry["token"])


def column_names() -> tuple[str, ...]:
    """Return the column ids from left to right, as the tokens order them."""
    return tuple(str(name) for name, _ in value("columns.queue"))


def column_width(name: str) -> int:
    """Return a column's width in logical pixels; 0 for the one that takes the rest."""
    for column, width in value("columns.queue"):
        if column == name:
            return 0 if width == "stretch" else int(width)
    raise KeyError(name)


def column_title(name: str) -> str:
    """Return the head word of a column; the narrow marks have none."""
    titles = {
        "number": QCoreApplication.translate("Queue", "案号"),
        "category": QCoreApplication.translate("Queue", "类别"),
        "grid": QCoreApplication.translate("Queue", "网格"),
        "summary": QCoreApplication.translate("Queue", "摘要"),
        "source": QCoreApplication.translate("Queue", "来源"),
        "stage": QCoreApplication.translate("Queue", "阶段"),
        "limit": QCoreApplication.translate("Queue", "时限"),
        "holder": QCoreApplication.translate("Queue", "承办"),
    }
    return titles.get(name, "")
