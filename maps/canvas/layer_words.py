"""Words of the layers: names, cards of officers, cameras and components, replay. Chinese is the source."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from PySide6.QtCore import QCoreApplication

from maps.layers.book import LayerSpec

CENTRE_ZONE = timezone(timedelta(hours=8))
"""Times are shown as the centre counts them: Beijing time, without summer time."""


def layer_title(spec: LayerSpec) -> str:
    """Name of a layer in the panel; the title of a source as it was given."""
    names = {
        "base.sea": QCoreApplication.translate("MapLayers", "底色"),
        "outside": QCoreApplication.translate("MapLayers", "区外"),
        "fill": QCoreApplication.translate("MapLayers", "网格着色"),
        "water": QCoreApplication.translate("MapLayers", "水系"),
        "roads": QCoreApplication.translate("MapLayers", "道路"),
        "borders": QCoreApplication.translate("MapLayers", "边界线"),
        "heat": QCoreApplication.translate("MapLayers", "热力"),
        "components": QCoreApplication.translate("MapLayers", "部件"),
        "cameras": QCoreApplication.translate("MapLayers", "视频"),
        "officers": QCoreApplication.translate("MapLayers", "网格员"),
        "tracks": QCoreApplication.translate("MapLayers", "轨迹"),
        "cases": QCoreApplication.translate("MapLayers", "案件"),
        "drawings": QCoreApplication.translate("MapLayers", "标绘"),
        "labels": QCoreApplication.translate("MapLayers", "注记"),
    }
    return names.get(spec.id) or spec.title or spec.id


def local(moment: float) -> datetime:
    """A moment (epoch seconds) as the centre's clock shows it."""
    return datetime.fromtimestamp(moment, CENTRE_ZONE)


def age(seconds: float, moment: float | None = None) -> str:
    """Age of a report: 3 秒前, 25 分钟前, 2 小时前, from a day on the date."""
    if seconds < 60:
        return QCoreApplication.translate("MapLayers", "{n} 秒前").format(n=int(seconds))
    if seconds < 3600:
        return QCoreApplication.translate("MapLayers", "{n} 分钟前").format(n=int(seconds // 60))
    if seconds < 86400 or moment is None:
        return QCoreApplication.translate("MapLayers", "{n} 小时前").format(n=int(seconds // 3600))
    return f"{local(moment):%m-%d %H:%M}"


def clock(moment: float) -> str:
    """Time of day of a moment, seconds included."""
    return f"{local(moment):%H:%M:%S}"


def short_clock(moment: float) -> str:
    """Time of day of a moment without seconds."""
    return f"{local(moment):%H:%M}"


def officer_count(n: int) -> str:
    """Heading of the card of officers who stand close together."""
    return QCoreApplication.translate("MapLayers", "{n} 名网格员").format(n=n)


def and_more(n: int) -> str:
    """Last line of a list that is cut."""
    return QCoreApplication.translate("MapLayers", "另有 {n} 名").format(n=n)


def position_age(words: str) -> str:
    """Line of the card of an officer: how old the position is."""
    return QCoreApplication.translate("MapLayers", "位置 {age}").format(age=words)


def component_class(main: int) -> str:
    """Name of a main class of components (GB/T 30428.2)."""
    return (
        QCoreApplication.translate("MapLayers", "公用设施"),
        QCoreApplication.translate("MapLayers", "交通设施"),
        QCoreApplication.translate("MapLayers", "市容环境"),
        QCoreApplication.translate("MapLayers", "园林绿化"),
        QCoreApplication.translate("MapLayers", "其他部件"),
    )[main]


def component_count(n: int) -> str:
    """Heading of the card of a component badge."""
    return QCoreApplication.translate("MapLayers", "{n} 个部件").format(n=f"{n:,}")


def component_lines() -> tuple[str, str, str, str]:
    """Patterns of the lines of a component's card: code, department, unit, state."""
    return (
        QCoreApplication.translate("MapLayers", "标识码 {}"),
        QCoreApplication.translate("MapLayers", "主管部门 {}"),
        QCoreApplication.translate("MapLayers", "养护单位 {}"),
        QCoreApplication.translate("MapLayers", "状态 {}"),
    )


def mostly(name: str) -> str:
    """Second line of the card of a component badge."""
    return QCoreApplication.translate("MapLayers", "多为{name}").format(name=name)


def camera_state(watched: bool, lost: bool, since: str) -> str:
    """Line of the card of a camera."""
    if lost:
        text = QCoreApplication.translate("MapLayers", "视频信号中断 {since} 起")
        return text.format(since=since or "—")
    if watched:
        return QCoreApplication.translate("MapLayers", "正在查看")
    return QCoreApplication.translate("MapLayers", "视频点位")


def stay_words(minutes: int, since: str, until: str) -> str:
    """Line of the card of a stay."""
    text = QCoreApplication.translate("MapLayers", "停留 {n} 分钟（{since}–{until}）")
    return text.format(n=minutes, since=since, until=until)


def no_track() -> str:
    """Sentence of the replay without a track."""
    return QCoreApplication.translate("MapLayers", "没有轨迹可回放：当天没有位置上报。")


def way_unknown(since: str) -> str:
    """What the replay says inside a gap."""
    return QCoreApplication.translate("MapLayers", "{since} 后无上报，行踪不明").format(since=since)


def track_sum(distance: str, gaps: int, minutes: int) -> str:
    """Summary of a day's track."""
    if not gaps:
        return QCoreApplication.translate("MapLayers", "行程 {way}，无间断").format(way=distance)
    text = QCoreApplication.translate("MapLayers", "行程 {way}，间断 {n} 段共 {m} 分钟")
    return text.format(way=distance, n=gaps, m=minutes)


def drawn_by(who: str, when: str) -> str:
    """Line of the card of a drawn mark."""
    return QCoreApplication.translate("MapLayers", "{who} 标绘于 {when}").format(
        who=who or "—", when=when or "—"
    )


def shape_name(shape: str) -> str:
    """Name of a shape of drawn marks."""
    names = {
        "point": QCoreApplication.translate("MapLayers", "标点"),
        "line": QCoreApplication.translate("MapLayers", "标线"),
        "polygon": QCoreApplication.translate("MapLayers", "标面"),
        "text": QCoreApplication.translate("MapLayers", "标字"),
    }
    return names[shape]


def colour_name(colour: str) -> str:
    """Name of a colour of drawn marks."""
    names = {
        "ink": QCoreApplication.translate("MapLayers", "墨"),
        "blue": QCoreApplication.translate("MapLayers", "蓝"),
        "green": QCoreApplication.translate("MapLayers", "绿"),
        "brown": QCoreApplication.translate("MapLayers", "褐"),
        "violet": QCoreApplication.translate("MapLayers", "紫"),
    }
    return names.get(colour, colour)


# --- layers panel -----------------------------------------------------------------------------------


def panel_title() -> str:
    """Heading of the layers panel."""
    return QCoreApplication.translate("MapLayers", "图层")


def panel_help() -> str:
    """What the keys do, for the screen reader and the tooltip."""
    return QCoreApplication.translate(
        "MapLayers",
        "上下键选图层，空格开关，Alt+上下键调整顺序，左右键调整不透明度，T 换画法，B 分级，R 恢复初始，Esc 回到地图",
    )


def note(reason: str) -> str:
    """Why a layer shows nothing."""
    names = {
        "no_data": QCoreApplication.translate("MapLayers", "暂无数据"),
        "no_source": QCoreApplication.translate("MapLayers", "来源未连接"),
        "newer": QCoreApplication.translate("MapLayers", "新版图层"),
        "fault": QCoreApplication.translate("MapLayers", "服务未答复"),
    }
    return names.get(reason, "")


def row_spoken(title: str, shown: bool, percent: int, choice: str, why: str) -> str:
    """One row as the screen reader says it."""
    state = (
        QCoreApplication.translate("MapLayers", "已显示")
        if shown
        else QCoreApplication.translate("MapLayers", "已隐藏")
    )
    opacity = QCoreApplication.translate("MapLayers", "不透明度 {n}%").format(n=percent)
    return "，".join(t for t in (title, state, opacity, choice, why) if t)


def breaks_button() -> str:
    """Button that opens the class breaks."""
    return QCoreApplication.translate("MapLayers", "分级")


def reset_button() -> str:
    """Button that puts the layers back as they were at first."""
    return QCoreApplication.translate("MapLayers", "恢复初始")


def default_button() -> str:
    """Button that puts the class breaks back."""
    return QCoreApplication.translate("MapLayers", "默认分级")


def apply_button() -> str:
    """Button that takes the class breaks."""
    return QCoreApplication.translate("MapLayers", "应用")


def back_button() -> str:
    """Button that goes back to the list."""
    return QCoreApplication.translate("MapLayers", "返回")


def breaks_title(measure: str, level: str) -> str:
    """Heading of the class breaks: measure and level."""
    return QCoreApplication.translate("MapLayers", "分级：{measure}（{level}）").format(
        measure=measure, level=level
    )


def no_breaks() -> str:
    """The present measure has no classes to change."""
    return QCoreApplication.translate("MapLayers", "网格员图层没有分级，可切换到其他图层。")


def lower_bound(n: int) -> str:
    """Accessible name of the field of a class."""
    return QCoreApplication.translate("MapLayers", "第 {n} 级下限").format(n=n)


def breaks_refused(reason: str) -> str:
    """Why class breaks cannot be used, and what to do."""
    names = {
        "number": QCoreApplication.translate("MapLayers", "请填数字；件数须为整数。"),
        "order": QCoreApplication.translate("MapLayers", "下限须逐级增大。"),
        "first": QCoreApplication.translate("MapLayers", "第 1 级从 0 开始。"),
    }
    return names.get(reason, QCoreApplication.translate("MapLayers", "这组分级不能用，请检查。"))


def class_number(n: int) -> str:
    """Name of a class beside its colour."""
    return QCoreApplication.translate("MapLayers", "第 {n} 级 ≥").format(n=n)


# --- drawing ------------------------------------------------------------------------------------------


def draw_hint(shape: str, colour: str, corners: int) -> str:
    """What to do with the drawing tool."""
    ways = {
        "point": QCoreApplication.translate("MapLayers", "单击或空格落点"),
        "line": QCoreApplication.translate("MapLayers", "逐点单击，双击或回车完成"),
        "polygon": QCoreApplication.translate("MapLayers", "逐角单击，双击或回车完成"),
        "text": QCoreApplication.translate("MapLayers", "单击或空格定位，再写字"),
    }
    back = QCoreApplication.translate("MapLayers", "，退格撤一点") if corners else ""
    text = QCoreApplication.translate(
        "MapLayers",
        "{shape}（{colour}）：{way}{back} · 1 点 2 线 3 面 4 字 · C 换色 · Delete 删除 · Ctrl+Z 撤销 · Esc 退出",
    )
    return text.format(shape=shape_name(shape), colour=colour, way=ways[shape], back=back)


def note_hint(shape: str) -> str:
    """What to do while the note of a mark is written."""
    if shape == "text":
        return QCoreApplication.translate("MapLayers", "写字：回车完成，Esc 放弃")
    return QCoreApplication.translate("MapLayers", "备注：回车完成，Esc 不写备注")


def note_placeholder() -> str:
    """Shown in the empty field of a note."""
    return QCoreApplication.translate("MapLayers", "备注")


def drawing_refused(reason: str) -> str:
    """Why a mark was not drawn."""
    if reason == "full":
        return QCoreApplication.translate("MapLayers", "标绘已满 2000 个，请先删除不用的。")
    if reason == "range":
        return QCoreApplication.translate("MapLayers", "位置超出地图范围，没有画上。")
    if reason == "text":
        return QCoreApplication.translate("MapLayers", "没有写字，没有画上。")
    return QCoreApplication.translate("MapLayers", "没有画上，请重画。")


# --- replay -------------------------------------------------------------------------------------------


def track_bar_name() -> str:
    """Accessible name of the bar of the replay."""
    return QCoreApplication.translate("MapLayers", "轨迹回放")


def track_bar_help() -> str:
    """Keys of the bar of the replay."""
    return QCoreApplication.translate(
        "MapLayers",
        "空格播放或暂停，左右键一分钟，Shift 加左右键十分钟，PageDown 到下一处停留或间断，加减号调速",
    )


# --- ways of drawing ----------------------------------------------------------------------------------


def case_mode(mode: str) -> str:
    """How cases are drawn."""
    names = {
        "clusters": QCoreApplication.translate("MapLayers", "聚合"),
        "dots": QCoreApplication.translate("MapLayers", "散点"),
        "heat": QCoreApplication.translate("MapLayers", "热力"),
    }
    return names.get(mode, mode)


def heat_radius(metres: float) -> str:
    """Radius of the heat; 0 follows the zoom."""
    if metres <= 0:
        return QCoreApplication.translate("MapLayers", "随比例")
    return QCoreApplication.translate("MapLayers", "{n} 米").format(n=round(metres))
