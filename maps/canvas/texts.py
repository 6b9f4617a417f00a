"""Every word the map shows, through the translator; Chinese is the source."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from maps.layers.areas import Measure
from maps.layers.legend import LegendModel


def measure_name(measure: Measure) -> str:
    """Name of a measure on the layer switch."""
    names = {
        Measure.DENSITY: QCoreApplication.translate("GridMap", "在办密度"),
        Measure.OVERDUE: QCoreApplication.translate("GridMap", "超时占比"),
        Measure.OFFICER: QCoreApplication.translate("GridMap", "网格员"),
        Measure.NEW_TODAY: QCoreApplication.translate("GridMap", "今日新增"),
        Measure.NEAREST: QCoreApplication.translate("GridMap", "最近到期"),
        Measure.SILENT: QCoreApplication.translate("GridMap", "静默网格"),
    }
    return names[measure]


def layer_name(layer: str) -> str:
    """Name of a layer in the layers box."""
    names = {
        "grid": QCoreApplication.translate("GridMap", "网格"),
        "cases": QCoreApplication.translate("GridMap", "案件"),
        "officers": QCoreApplication.translate("GridMap", "网格员"),
        "base": QCoreApplication.translate("GridMap", "道路水系"),
        "labels": QCoreApplication.translate("GridMap", "注记"),
    }
    return names[layer]


def band_name(band: str) -> str:
    """Word of a time-limit band."""
    names = {
        "ok": QCoreApplication.translate("GridMap", "正常"),
        "soon": QCoreApplication.translate("GridMap", "即将超时"),
        "over1": QCoreApplication.translate("GridMap", "超时<24h"),
        "over2": QCoreApplication.translate("GridMap", "超时24–72h"),
        "over3": QCoreApplication.translate("GridMap", "超时>72h"),
        "suspended": QCoreApplication.translate("GridMap", "挂账"),
        "closed": QCoreApplication.translate("GridMap", "已结案"),
    }
    return names.get(band, band)


def level_name(level: str) -> str:
    """Word of an administrative level."""
    names = {
        "city": QCoreApplication.translate("GridMap", "市"),
        "district": QCoreApplication.translate("GridMap", "区"),
        "street": QCoreApplication.translate("GridMap", "街道"),
        "community": QCoreApplication.translate("GridMap", "社区"),
        "grid": QCoreApplication.translate("GridMap", "网格"),
    }
    return names[level]


def legend_title(legend: LegendModel) -> str:
    """Heading of the legend: what is measured, in which unit."""
    if legend.measure is Measure.OVERDUE:
        return QCoreApplication.translate("GridMap", "超时占比（%）")
    if legend.measure is Measure.OFFICER:
        return QCoreApplication.translate("GridMap", "网格员在岗")
    if legend.measure is Measure.NEAREST:
        return QCoreApplication.translate("GridMap", "最近到期（小时）")
    if legend.measure is Measure.SILENT:
        days = QCoreApplication.translate("GridMap", "静默（无上报天数，0 为正常）")
        return days if legend.is_finest else QCoreApplication.translate("GridMap", "静默网格占比（%）")
    if legend.measure is Measure.NEW_TODAY:
        return QCoreApplication.translate("GridMap", "今日新增（件/{level}）").format(
            level=level_name(legend.level)
        )
    return QCoreApplication.translate("GridMap", "在办案件（件/{level}）").format(
        level=level_name(legend.level)
    )


def area_count(legend: LegendModel) -> str:
    """How many areas the fill covers."""
    if legend.level == "grid":
        return QCoreApplication.translate("GridMap", "{n} 个网格").format(n=f"{legend.areas:,}")
    return QCoreApplication.translate("GridMap", "{n} 个{level}").format(
        n=legend.areas, level=level_name(legend.level)
    )


def legend_title_short() -> str:
    """Heading of the folded legend."""
    return QCoreApplication.translate("GridMap", "图例")


def or_none(label: str) -> str:
    """A class of hours that also holds areas without any deadline."""
    return QCoreApplication.translate("GridMap", "{label}或无").format(label=label)


def no_data() -> str:
    """Word for the hatch."""
    return QCoreApplication.translate("GridMap", "无数据")


def manned() -> str:
    """Legend of grids with an officer on duty."""
    return QCoreApplication.translate("GridMap", "在岗")


def unmanned() -> str:
    """Legend of grids without."""
    return QCoreApplication.translate("GridMap", "无人在岗")


def layers_title() -> str:
    """Heading of the layers box."""
    return QCoreApplication.translate("GridMap", "图层")


def zoom_in() -> str:
    """Tooltip of the plus button."""
    return QCoreApplication.translate("GridMap", "放大 (+)")


def zoom_out() -> str:
    """Tooltip of the minus button."""
    return QCoreApplication.translate("GridMap", "缩小 (−)")


def locate() -> str:
    """Tooltip of the locate button."""
    return QCoreApplication.translate("GridMap", "全区 (0)，定位案件 (M)")


def distance(metres: float) -> str:
    """Distance in words: 180 米, from 1,000 m 1.2 公里."""
    if round(metres) >= 1000:
        kilometres = metres / 1000
        figure = f"{kilometres:.0f}" if abs(kilometres - round(kilometres)) < 0.05 else f"{kilometres:.1f}"
        return QCoreApplication.translate("GridMap", "{n} 公里").format(n=figure)
    return QCoreApplication.translate("GridMap", "{n} 米").format(n=round(metres))


def nearest_officer(name: str, metres: float) -> str:
    """Line of the info box about the nearest officer."""
    text = QCoreApplication.translate("GridMap", "最近网格员 {name} · {distance}")
    return text.format(name=name, distance=distance(metres))


def case_count(count: int) -> str:
    """Heading of the card of a cluster."""
    return QCoreApplication.translate("GridMap", "{n} 件在办").format(n=f"{count:,}")


def open_and_overdue(opened: int, overdue: int) -> str:
    """Line of the card of an area."""
    text = QCoreApplication.translate("GridMap", "在办 {open} 件 · 超时 {late} 件")
    return text.format(open=f"{opened:,}", late=f"{overdue:,}")


def officer_state(busy: bool, lost: bool, seen: str) -> str:
    """Line of the card of an officer."""
    if lost:
        return QCoreApplication.translate("GridMap", "位置为 {time} 最后上报").format(time=seen or "—")
    if busy:
        return QCoreApplication.translate("GridMap", "处置中")
    return QCoreApplication.translate("GridMap", "在岗")


def landed(area: str, metres: float) -> str:
    """Pick mode: grid of the point and how exact the click can be."""
    text = QCoreApplication.translate("GridMap", "已落入网格 {area} · 精度约 {distance}")
    return text.format(area=area, distance=distance(max(metres, 1.0)))


def outside() -> str:
    """Pick mode: the point is in no grid."""
    return QCoreApplication.translate("GridMap", "地址不在本区范围内，请重选")


def pick_hint() -> str:
    """Pick mode: what to do."""
    return QCoreApplication.translate("GridMap", "点击地图选定位置，图钉可拖动")


def fine_tune() -> str:
    """Mini map: how to reach the point by keyboard."""
    return QCoreApplication.translate("GridMap", "在地图上微调")


def map_name() -> str:
    """Accessible name of the map."""
    return QCoreApplication.translate("GridMap", "网格地图")


def nothing_loaded() -> str:
    """Shown while there are no areas."""
    return QCoreApplication.translate("GridMap", "正在载入网格地图")
