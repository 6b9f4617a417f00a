"""What people declare for figures: exclusion windows (剔除时段), and numbers the log cannot know.

A window is data of the reference document: declaring one publishes a new version of it. Clocks that run already are
moved by the timed work of the centre (`services.backend.jobs`); figures are told with and without. A window is never
taken back in silence: its end may be moved by declaring it again under its id, as long as it is not over.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from services.backend.access.audit import record
from services.backend.db.kpi_tables import kpi_entries
from services.backend.kpi.spans import day_number
from services.backend.problems import Problem, invalid
from services.backend.reference_store import load, newest_number, publish
from services.domain.codes import covers
from services.domain.kpi.definitions import Catalogue
from services.domain.kpi.measures import WHOLE
from services.domain.roles import Actor
from services.sql.types import to_ms

_DECLARERS = frozenset({"shift_leader"})
_ENTERERS = frozenset({"shift_leader", "evaluator"})


def declare_window(
    conn: Connection, actor: Actor, given: Mapping[str, Any], now: datetime, trace: str
) -> dict[str, Any]:
    """Put a window into the reference document and return it; must run in a writing transaction.

    Raises Problem 403 for another post, 422 for an area outside the caller's, an unknown unit, a window that is over
    already or one that ends before it begins, 409 when another document was published at the same moment.
    """
    if _DECLARERS.isdisjoint(actor.roles):
        raise Problem(403, "not_allowed", "只有值班长可以申报剔除时段。")
    number = newest_number(conn)
    doc = dict(load(conn, number).doc)
    entry = _window(actor, given, now, {str(unit["id"]) for unit in doc["departments"]})
    others = [window for window in doc["windows"] if window["id"] != entry["id"]]
    before = next((window for window in doc["windows"] if window["id"] == entry["id"]), None)
    if before is not None:
        _only_shorter(before, entry)
    try:
        publish(conn, {**doc, "windows": [*others, entry]}, now)
    except IntegrityError:
        raise Problem(409, "published_meanwhile", "参考数据刚刚被别人更新，请再提交一次。") from None
    record(conn, actor.id, "declare_window", entry["id"], entry, trace)
    return entry


def _window(actor: Actor, given: Mapping[str, Any], now: datetime, depts: set[str]) -> dict[str, Any]:
    """Return the window as it stands in the document."""
    start, end = datetime.fromisoformat(given["start"]), datetime.fromisoformat(given["end"])
    if end <= start:
        raise invalid({"end": "应晚于开始时间"})
    if end <= now:
        raise invalid({"end": "已经过去的时段不能再申报，请按申诉办理"})
    area = given.get("area_code") or actor.area_code
    if not covers(actor.area_code, area):
        raise invalid({"area_code": "不在您的区域内"})
    dept = given.get("dept") or ""
    if dept and dept not in depts:
        raise invalid({"dept": "没有这个承办单位"})
    return {
        "id": given["id"], "start": given["start"], "end": given["end"], "document": given["document"],
        "area_code": area, "dept": dept, "clock": given.get("clock") or "", "declared_by": actor.id,
    }  # fmt: skip


def _only_shorter(before: Mapping[str, Any], entry: Mapping[str, Any]) -> None:
    """Refuse a change of a declared window that is more than an earlier or later end."""
    for key in ("start", "area_code", "dept", "clock", "document"):
        if before.get(key) != entry[key]:
            raise invalid({key: "已申报的时段只能改结束时间，请另行申报"})


def enter_figure(
    conn: Connection,
    actor: Actor,
    given: Mapping[str, Any],
    now: datetime,
    catalogue: Catalogue,
    trace: str,
) -> dict[str, Any]:
    """Keep a number for a day with the document it rests on; entries of one day add up.

    Raises Problem 403 for another post, 422 for a figure that is counted or a denominator where none belongs.
    """
    if _ENTERERS.isdisjoint(actor.roles):
        raise Problem(403, "not_allowed", "只有值班长和考评员可以登记指标数据。")
    definition = catalogue.get(given["kpi"])
    if definition is None or definition.kind != "entered":
        raise invalid({"kpi": "这个指标由系统计算，不能登记"})
    above, below = given["numerator"], given.get("denominator")
    if (below is not None) != (definition.unit == "%"):
        raise invalid({"denominator": "比率要填分母" if definition.unit == "%" else "件数不填分母"})
    if below is not None and not 0 <= above <= below:
        raise invalid({"numerator": "应在 0 到分母之间"})
    area = given.get("area_code") or actor.area_code
    if not covers(actor.area_code, area):
        raise invalid({"area_code": "不在您的区域内"})
    row = {
        "kpi": definition.id, "day": day_number(datetime.fromisoformat(given["day"]).date()), "area": area,
        "numerator": round(above * WHOLE), "denominator": None if below is None else round(below * WHOLE),
        "document": given["document"], "by_user": actor.id, "at": to_ms(now),
    }  # fmt: skip
    conn.execute(insert(kpi_entries).values(**row))
    record(conn, actor.id, "enter_figure", definition.id, dict(given), trace)
    return {**given, "area_code": area, "definition_version": definition.version}
