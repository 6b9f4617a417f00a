"""What of the map may leave the house as data: filtered cases and areas with their measures, as rows for a file.

No caller's data ever: neither name nor phone (domain section 13.3); phone numbers inside a text are masked, rooms
in an address are left out, and of a confidential case only its place in the loop remains. Rows are made one by
one on the lane that writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import shapely
from PySide6.QtCore import QCoreApplication

from console.viewmodels.areas import AreaBook
from console.viewmodels.rows import state_word
from maps.layers.figures import AreaFigures
from services.domain.calendar import WorkCalendar
from services.domain.case import Case
from services.domain.masking import mask_phones_in
from services.domain.reference import Rules
from services.geo.export_files import Field, Layer, Row

_ROOM = re.compile(r"(?<=[栋幢座号楼])(?:[^栋幢座号楼]{0,8}?(?:单元|层))?[^栋幢座号楼]{0,8}?(?:室|房|户).*$")

CASE_FIELDS = (
    Field("案件编号", "number"), Field("状态", "state"), Field("来源", "source"),
    Field("类别编码", "category"), Field("类别", "category_name"), Field("问题描述", "description"),
    Field("地址", "address"), Field("网格编码", "grid"), Field("网格", "grid_name"), Field("主办单位", "lead_dept"),
    Field("紧急", "urgent", "flag"), Field("级别", "level", "whole"), Field("截止时间", "due_at", "time"),
    Field("已超时", "overdue", "flag"), Field("上报时间", "created_at", "time"), Field("结案时间", "closed_at", "time"),
    Field("返工次数", "rework", "whole"), Field("督办次数", "supervise", "whole"),
)  # fmt: skip
AREA_FIELDS = (
    Field("编码", "code"), Field("名称", "name"), Field("上级编码", "parent"), Field("在办", "open", "whole"),
    Field("超时", "overdue", "whole"), Field("网格员在岗", "on_duty", "flag"), Field("今日新增", "new_today", "whole"),
    Field("最近到期小时", "nearest_h", "number"), Field("无上报天数", "silent_days", "number"),
    Field("静默", "silent", "flag"),
)  # fmt: skip


def tr(text: str) -> str:
    """Translate a word of the export."""
    return QCoreApplication.translate("MapExport", text)


@dataclass(frozen=True, slots=True)
class Words:
    """Names that rows need: the rules in force, the areas, the moment of the export."""

    rules: Rules
    areas: AreaBook
    now: datetime

    @property
    def calendar(self) -> WorkCalendar:
        """Return the calendar, for the centre's zone."""
        return self.rules.calendar

    def local(self, moment: datetime | None) -> datetime | None:
        """Return a moment in the centre's zone."""
        return None if moment is None else self.calendar.local(moment)


def case_layer(cases: Iterable[Case], words: Words, about: str = "") -> Layer:
    """Return the cases as a layer of points; those without a position come without a shape."""
    return Layer(tr("案件"), CASE_FIELDS, _case_rows(cases, words), "Point", about)


def _case_rows(cases: Iterable[Case], words: Words) -> Iterator[Row]:
    for case in cases:
        place = case.location
        known = place.lon is not None and place.lat is not None
        shape = shapely.Point(place.lon, place.lat) if known else None
        yield Row(shape if "confidential" not in case.flags else None, _case_values(case, words))


def _case_values(case: Case, words: Words) -> tuple[str | int | bool | datetime | None, ...]:
    """Return one case in the order of `CASE_FIELDS`."""
    rules, secret = words.rules, "confidential" in case.flags
    category, unit = rules.categories.get(case.category or ""), rules.departments.get(case.lead_dept or "")
    return (
        case.number, state_word(case.state), rules.sources.get(case.source, case.source),
        case.category, category.name if category is not None else None,
        tr("（保密）") if secret else mask_phones_in(case.description),
        tr("（保密）") if secret else mask_address(case.location.address),
        case.grid, words.areas.name(case.grid), unit.name if unit is not None else case.lead_dept, case.urgent,
        case.level, words.local(case.due_at), case.due_at is not None and case.due_at < words.now,
        words.local(case.created_at), words.local(case.closed_at), case.counts.rework, case.counts.supervise,
    )  # fmt: skip


def mask_address(address: str) -> str:
    """Return an address to street or building; unit, floor and room are left out (domain section 13.3)."""
    return mask_phones_in(_ROOM.sub("*", address))


def area_layer(
    areas: AreaBook, figures: Mapping[str, AreaFigures], level: str = "grid", about: str = ""
) -> Layer:
    """Return the areas of a level with their measures as polygons."""
    return Layer(tr("网格"), AREA_FIELDS, _area_rows(areas, figures, level), "MultiPolygon", about)


def _area_rows(areas: AreaBook, figures: Mapping[str, AreaFigures], level: str) -> Iterator[Row]:
    for entry in areas.of_level(level):
        known = figures.get(entry.code)
        values = (
            (None,) * 7
            if known is None
            else (known.open, known.overdue, known.on_duty, known.new_today, known.nearest_h, known.silent_days,
                  known.silent)
        )  # fmt: skip
        yield Row(entry.shape, (entry.code, entry.name, entry.parent, *values))


def about_text(words: Words, filter_words: str, operator: str) -> str:
    """Return the small print of a file: moment, filter, who made it."""
    at = words.calendar.local(words.now)
    parts = [tr("导出时间 {time}").format(time=at.isoformat(timespec="seconds"))]
    if filter_words:
        parts.append(tr("筛选 {words}").format(words=filter_words))
    parts.append(tr("导出人 {name}").format(name=operator))
    return "；".join(parts)


def zone_words(moment: datetime) -> str:
    """Return a local moment with its offset as a page says it: 2026-11-20 14:07（UTC+8）."""
    offset = moment.utcoffset() or timedelta(0)
    hours = offset.total_seconds() / 3600
    return tr("{time}（UTC{offset}）").format(time=moment.strftime("%Y-%m-%d %H:%M"), offset=f"{hours:+g}")
