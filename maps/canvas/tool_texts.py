"""Words of the tools, the legend filter, the coordinates and the context menu; Chinese is the source."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from maps.layers.areas import AreaFigures, Measure


def metres(value: float) -> str:
    """A measured length: 182.4 米 below a kilometre, 1.234 公里 above."""
    if value < 999.95:
        return QCoreApplication.translate("GridMap", "{n} 米").format(n=f"{value:.1f}")
    return QCoreApplication.translate("GridMap", "{n} 公里").format(n=f"{value / 1000:,.3f}")


def square_metres(value: float) -> str:
    """A measured area: 平方米 below a hectare, 公顷 below a square kilometre, then 平方公里."""
    if value < 9999.5:
        return QCoreApplication.translate("GridMap", "{n} 平方米").format(n=f"{value:,.0f}")
    if value < 999_950:
        return QCoreApplication.translate("GridMap", "{n} 公顷").format(n=f"{value / 1e4:.2f}")
    return QCoreApplication.translate("GridMap", "{n} 平方公里").format(n=f"{value / 1e6:,.3f}")


def leave() -> str:
    """End of every hint."""
    return QCoreApplication.translate("GridMap", "Esc 退出")


def rectangle_hint(begun: bool) -> str:
    """What to do with the rectangle."""
    if begun:
        words = QCoreApplication.translate("GridMap", "框选：松开或再按空格完成")
    else:
        words = QCoreApplication.translate("GridMap", "框选：拖出矩形，或用方向键移动十字、空格定两角")
    return f"{words} · {leave()}"


def polygon_hint(points: int) -> str:
    """What to do with the region."""
    if points < 3:
        words = QCoreApplication.translate("GridMap", "多边形选区：逐点单击，或按住画圈；键盘用方向键和空格")
    else:
        words = QCoreApplication.translate(
            "GridMap", "多边形选区：{n} 个角，双击或回车完成，退格撤一点"
        ).format(n=points)
    return f"{words} · {leave()}"


def distance_hint(total: str, points: int, done: bool) -> str:
    """What to do while measuring a way, with the total."""
    if points < 1:
        words = QCoreApplication.translate("GridMap", "测距：单击加点，或用方向键移动十字、空格定点")
        return f"{words} · {leave()}"
    if done:
        words = QCoreApplication.translate("GridMap", "测距：共 {total}，{n} 段，单击重新开始")
        return f"{words.format(total=total, n=max(points - 1, 0))} · {leave()}"
    words = QCoreApplication.translate("GridMap", "测距：{total}，双击或回车结束，退格撤一点")
    return f"{words.format(total=total)} · {leave()}"


def area_hint(total: str, points: int, done: bool) -> str:
    """What to do while measuring an area, with the total."""
    if points < 1:
        words = QCoreApplication.translate("GridMap", "测面积：单击加角，或用方向键移动十字、空格定角")
        return f"{words} · {leave()}"
    if done:
        words = QCoreApplication.translate("GridMap", "测面积：{total}，单击重新开始")
        return f"{words.format(total=total)} · {leave()}"
    words = QCoreApplication.translate("GridMap", "测面积：{total}，双击或回车结束，退格撤一点")
    return f"{words.format(total=total)} · {leave()}"


def area_and_rim(area: str, rim: str) -> str:
    """Area with the length of its rim."""
    return QCoreApplication.translate("GridMap", "{area}，周长 {rim}").format(area=area, rim=rim)


def crossing() -> str:
    """The ring crosses itself, so it has no area."""
    return QCoreApplication.translate("GridMap", "边线相交，量不出面积")


def no_grid() -> str:
    """The crosshair stands outside every grid."""
    return QCoreApplication.translate("GridMap", "不在任何网格内")


def three_corners() -> str:
    """An area needs three corners."""
    return QCoreApplication.translate("GridMap", "至少三个角")


def legend_hint(name: str, shown: bool) -> str:
    """What to do while the keyboard is in the legend."""
    state = QCoreApplication.translate("GridMap", "显示中") if shown else hidden()
    words = QCoreApplication.translate(
        "GridMap", "图例：{name}（{state}），方向键换项，空格开关，退格全部显示"
    )
    return f"{words.format(name=name, state=state)} · {leave()}"


def hidden() -> str:
    """State of a class that is switched off."""
    return QCoreApplication.translate("GridMap", "已隐藏")


def entries_off(count: int) -> str:
    """Row of the legend while entries are switched off: how many, and the way back."""
    return QCoreApplication.translate("GridMap", "已隐藏 {n} 项 · 显示全部").format(n=count)


def band_tip(name: str, shown: bool) -> str:
    """Tooltip of a band of the legend."""
    if shown:
        text = QCoreApplication.translate("GridMap", "{name}：单击不看这些案件")
    else:
        text = QCoreApplication.translate("GridMap", "{name}：案件已隐藏，单击显示")
    return text.format(name=name)


def class_tip(name: str, areas: int, shown: bool) -> str:
    """Tooltip of a class of the legend."""
    if shown:
        text = QCoreApplication.translate("GridMap", "{name}：{n} 个区域，单击隐藏")
    else:
        text = QCoreApplication.translate("GridMap", "{name}：{n} 个区域，已隐藏，单击显示")
    return text.format(name=name, n=f"{areas:,}")


def all_classes() -> str:
    """Menu entry: switch every class on."""
    return QCoreApplication.translate("GridMap", "图例全部显示")


def copied(text: str) -> str:
    """Said after something was copied."""
    return QCoreApplication.translate("GridMap", "已复制 {text}").format(text=text)


def picture_copied() -> str:
    """Said after the picture was copied."""
    return QCoreApplication.translate("GridMap", "已复制地图图片")


def picture_saved(name: str) -> str:
    """Said after the picture was saved."""
    return QCoreApplication.translate("GridMap", "图片已保存：{name}").format(name=name)


def picture_not_saved(name: str) -> str:
    """Said when the picture could not be written."""
    return QCoreApplication.translate("GridMap", "图片没有保存：{name} 写不进去，请换一个位置").format(
        name=name
    )


def chosen_region(cases: int, areas: int) -> str:
    """Said after a rubber band."""
    text = QCoreApplication.translate("GridMap", "选区内 {cases} 件、{areas} 个网格 · Esc 取消选区")
    return text.format(cases=f"{cases:,}", areas=f"{areas:,}")


def region_gone() -> str:
    """Said after the selection was taken back."""
    return QCoreApplication.translate("GridMap", "已取消选区")


def no_region() -> str:
    """Said when a band encloses nothing."""
    return QCoreApplication.translate("GridMap", "选区没有围出面积，请重画")


def no_way(back: bool) -> str:
    """Said when there is no view to go to."""
    if back:
        return QCoreApplication.translate("GridMap", "没有更早的视图")
    return QCoreApplication.translate("GridMap", "没有更新的视图")


def officers_of_area(names: list[str]) -> str:
    """Line of the card of an area: who looks after it."""
    text = QCoreApplication.translate("GridMap", "网格员 {names}")
    more = len(names) - 3
    shown = "、".join(names[:3])
    if more > 0:
        shown = QCoreApplication.translate("GridMap", "{names}等 {n} 人").format(names=shown, n=len(names))
    return text.format(names=shown)


def measure_line(measure: Measure, figures: AreaFigures) -> str:
    """Figure of the present fill in the card of an area; empty where the other lines say it already."""
    if measure is Measure.OVERDUE:
        share = 100.0 * figures.overdue / figures.open if figures.open else 0.0
        return QCoreApplication.translate("GridMap", "超时占比 {n}%").format(n=f"{share:.0f}")
    if measure is Measure.NEW_TODAY:
        return QCoreApplication.translate("GridMap", "今日新增 {n} 件").format(n=figures.new_today)
    if measure is Measure.NEAREST:
        return _nearest(figures)
    if measure is Measure.SILENT:
        return _silence(figures)
    return ""


def _nearest(figures: AreaFigures) -> str:
    hours = figures.nearest_h
    if not figures.open or hours is None or math.isinf(hours):
        return QCoreApplication.translate("GridMap", "没有临近到期的案件")
    if hours < 0:
        return QCoreApplication.translate("GridMap", "最早的一件已超时 {n} 小时").format(n=f"{-hours:.1f}")
    return QCoreApplication.translate("GridMap", "最近到期 {n} 小时后").format(n=f"{hours:.1f}")


def _silence(figures: AreaFigures) -> str:
    if figures.silent_days is None:
        return QCoreApplication.translate("GridMap", "没有上报记录")
    days = f"{figures.silent_days:.0f}"
    if figures.silent:
        return QCoreApplication.translate("GridMap", "静默 {n} 天，比往常久").format(n=days)
    return QCoreApplication.translate("GridMap", "{n} 天前有上报").format(n=days)


def coordinates_tip(other: str) -> str:
    """Tooltip of the coordinates."""
    return QCoreApplication.translate("GridMap", "指针处坐标（Ctrl+C 复制），单击换成 {system}").format(
        system=other
    )


def switch_name() -> str:
    """Accessible name of the box that chooses the measure."""
    return QCoreApplication.translate("GridMap", "填色指标")


def zoom_name() -> str:
    """Accessible name of the box of buttons."""
    return QCoreApplication.translate("GridMap", "缩放与视图")


def coordinates_name() -> str:
    """Accessible name of the coordinates."""
    return QCoreApplication.translate("GridMap", "坐标")


def command_title(command: str) -> str:
    """Verb of a command in menus and tooltips."""
    words = {
        "back": QCoreApplication.translate("GridMap", "上一视图"),
        "forward": QCoreApplication.translate("GridMap", "下一视图"),
        "zoom_in": QCoreApplication.translate("GridMap", "放大"),
        "zoom_out": QCoreApplication.translate("GridMap", "缩小"),
        "fit": QCoreApplication.translate("GridMap", "显示全区"),
        "centre": QCoreApplication.translate("GridMap", "定位所选案件"),
        "tool:rectangle": QCoreApplication.translate("GridMap", "框选案件"),
        "tool:polygon": QCoreApplication.translate("GridMap", "多边形选区"),
        "tool:distance": QCoreApplication.translate("GridMap", "测距离"),
        "tool:area": QCoreApplication.translate("GridMap", "测面积"),
        "next_mark": QCoreApplication.translate("GridMap", "下一个人员、视频、部件或标绘"),
        "last_mark": QCoreApplication.translate("GridMap", "上一个人员、视频、部件或标绘"),
        "tool:draw": QCoreApplication.translate("GridMap", "标绘"),
        "tool:legend": QCoreApplication.translate("GridMap", "按图例筛选"),
        "clear_region": QCoreApplication.translate("GridMap", "取消选区"),
        "copy_point": QCoreApplication.translate("GridMap", "复制坐标"),
        "system": QCoreApplication.translate("GridMap", "切换坐标系"),
        "copy_picture": QCoreApplication.translate("GridMap", "复制图片"),
        "save_picture": QCoreApplication.translate("GridMap", "导出图片、PDF、数据…"),
        "menu": QCoreApplication.translate("GridMap", "更多操作"),
        "legend_all": all_classes(),
        "layers": QCoreApplication.translate("GridMap", "图层"),
    }
    return words[command]


def with_key(title: str, keys: str) -> str:
    """Tooltip: what it does and its key."""
    return QCoreApplication.translate("GridMap", "{title}（{keys}）").format(title=title, keys=keys)
