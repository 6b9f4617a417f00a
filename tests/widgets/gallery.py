"""Renders pages of components with invented values, dark and light, into a folder.

QT_QPA_PLATFORM=offscreen python tests/widgets/gallery.py out/gallery
"""

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from tests.widgets.gallery_rows import NOW, queue_rows, reading
from widgets.charts.limit_ledger import LedgerBar, LedgerSlice, LimitLedger, SliceKind
from widgets.dialogs.frame import DialogFrame
from widgets.forms.attachments import Attachment, AttachmentDrop, AttachmentStrip
from widgets.forms.buttons import Button, ButtonKind, ButtonSize, IconButton
from widgets.forms.category_picker import CategoryNode, CategoryPicker, FilingCondition, LimitByRule
from widgets.forms.chip import Chip
from widgets.forms.choice import ChoiceList, ChoiceValue
from widgets.forms.datetime_field import DateTimeField
from widgets.forms.fields import ComboField, Field, FieldRow, LineField, TextField
from widgets.forms.filter_button import FilterButton
from widgets.forms.picker import Picker
from widgets.forms.picker_match import PickerItem
from widgets.forms.segmented import Segment, Segmented
from widgets.forms.tab_strip import Tab, TabStrip
from widgets.indicators.connection_pill import ConnectionPill, ConnectionReading, ConnectionState
from widgets.indicators.countdown import CountdownLabel
from widgets.indicators.data_age import DataAge
from widgets.indicators.facts import Fact, FactGrid
from widgets.indicators.key_legend import KeyHint, KeyLegend
from widgets.indicators.limit_bar import LimitBar
from widgets.indicators.notice_bar import NoticeBar
from widgets.indicators.skeleton import Skeleton, case_panel_blocks
from widgets.indicators.sla_shape import BANDS, SlaShape, band_label
from widgets.indicators.state_panel import PanelState, StateAction, StatePanel
from widgets.indicators.step_line import Step, StepLine, StepLineValue, StepState, steps_for
from widgets.indicators.suggestion import Suggestion, SuggestionList
from widgets.indicators.text_label import TextLabel
from widgets.indicators.timeline import Timeline, TimelineEntry
from widgets.indicators.toast import Toast, ToastStack, ToastValue
from widgets.indicators.top_bar import BellButton, CommandField, ProductMark, SeatLabel, TopClock
from widgets.indicators.urgency import UrgencyTag
from widgets.tables.queue_table import CaseQueueTable
from widgets.theme import theme_store


def panel(ground: str = "panel", margin: int = 0, spacing: int = 0, vertical: bool = True):
    box = QWidget()
    box.setProperty("ground", ground)
    box.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    layout = QVBoxLayout(box) if vertical else QHBoxLayout(box)
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(spacing)
    return box, layout


def heading(text: str) -> TextLabel:
    return TextLabel(text, "heading")


def row_of(*widgets: QWidget, spacing: int = 10) -> QHBoxLayout:
    layout = QHBoxLayout()
    layout.setSpacing(spacing)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return layout


def grey_photo(seed: int) -> QImage:
    image = QImage(188, 128, QImage.Format.Format_RGB32)
    for y in range(128):
        for x in range(188):
            image.setPixel(x, y, 0xFF000000 | ((60 + (x * seed + y) % 90) * 0x010101))
    return image


# --- pages -----------------------------------------------------------------------------------------


def top_bar() -> QWidget:
    bar, layout = panel("panel", vertical=False)
    bar.setFixedHeight(48)
    layout.setContentsMargins(16, 0, 16, 0)
    layout.setSpacing(16)
    layout.addWidget(ProductMark("网格调度席"))
    tabs = TabStrip(
        (
            Tab("i", "受理席", keys="Ctrl+1"),
            Tab("d", "派遣席", keys="Ctrl+2"),
            Tab("s", "督查席", keys="Ctrl+3"),
            Tab("w", "大屏控制", keys="Ctrl+4"),
        ),
        top=True,
    )
    tabs.set_current("d")
    layout.addWidget(tabs)
    layout.addStretch(1)
    layout.addWidget(CommandField("搜索案件、网格、人员，或输入命令"))
    layout.addStretch(1)
    layout.addWidget(ConnectionPill())
    bell = BellButton()
    bell.set_count(3)
    layout.addWidget(bell)
    seat = SeatLabel()
    seat.set_lines("白班 A 组 · 派遣 03 席 · 江予安", "08:00–20:00 · 值班长 顾怀舟")
    layout.addWidget(seat)
    clock = TopClock()
    clock.tick(NOW)
    layout.addWidget(clock)
    return bar


def queue_panel() -> QWidget:
    box, layout = panel()
    box.setFixedWidth(808)
    head = QHBoxLayout()
    head.setContentsMargins(16, 8, 12, 8)
    head.addWidget(heading("案件队列"))
    head.addSpacing(12)
    tabs = TabStrip(
        (
            Tab("a", "待派遣", 23),
            Tab("b", "回退", 4),
            Tab("c", "待批转", 12),
            Tab("d", "在办", 214),
            Tab("e", "超时", 14, "over2"),
        )
    )
    tabs.set_current("d")
    head.addWidget(tabs)
    head.addStretch(1)
    head.addWidget(Button("筛选", keys="F", icon="filter", size=ButtonSize.SMALL))
    layout.addLayout(head)
    filters = QHBoxLayout()
    filters.setContentsMargins(16, 6, 12, 6)
    filters.setSpacing(8)
    for button in (FilterButton("街道"), FilterButton("来源", "物联感知"), FilterButton("类别")):
        filters.addWidget(button)
    filters.addStretch(1)
    filters.addWidget(TextLabel("排序", "label", "text.tertiary"))
    filters.addWidget(Button("风险优先", ButtonKind.GHOST, size=ButtonSize.SMALL, opens_menu=True))
    layout.addLayout(filters)
    rows = queue_rows()
    rows[11] = replace(rows[11], pending="queued", holder="排水抢险", holder_tone="pending")
    rows[10] = replace(rows[10], pending="conflict")
    rows[15] = replace(rows[15], pending="needs_confirm")
    rows[17] = replace(rows[17], locked_by="许未央")
    table = CaseQueueTable(now=lambda: NOW)
    table.set_rows(rows)
    table.shows_focus = lambda: True
    table.select_case("c7")
    table.queue_model().set_marked(["c12", "c13"])
    table.highlight(["c20"])
    layout.addWidget(table, 1)
    foot = QHBoxLayout()
    foot.setContentsMargins(16, 6, 16, 6)
    foot.setSpacing(12)
    foot.addWidget(TextLabel("27 / 214", "label", "text.secondary"))
    age = DataAge()
    age.set_moment(NOW - timedelta(seconds=3), NOW)
    foot.addWidget(age)
    foot.addStretch(1)
    foot.addWidget(
        KeyLegend((KeyHint(("J", "K"), "上下"), KeyHint(("Space",), "多选"), KeyHint(("Return",), "打开")))
    )
    layout.addLayout(foot)
    return box


def case_panel() -> QWidget:
    box, layout = panel(margin=16, spacing=10)
    box.setFixedWidth(432)
    head = row_of(TextLabel("20261120-0417", "title"), UrgencyTag(3), spacing=8)
    head.addWidget(IconButton("star", "关注", ButtonSize.SMALL))
    head.addWidget(IconButton("more", "更多", ButtonSize.SMALL))
    layout.addLayout(head)
    count = QHBoxLayout()
    label = CountdownLabel()
    label.set_reading(reading("soon", 292), NOW)
    count.addWidget(label)
    count.addSpacing(12)
    right = QVBoxLayout()
    right.setSpacing(2)
    bar = LimitBar()
    bar.set_used(0.84, "soon")
    right.addWidget(bar)
    words = QHBoxLayout()
    words.addWidget(TextLabel("派遣时限 30 分钟", "caption", "text.tertiary"))
    words.addStretch(1)
    words.addWidget(TextLabel("14:37 到期", "caption", "text.tertiary"))
    right.addLayout(words)
    count.addLayout(right, 1)
    layout.addLayout(count)
    steps = StepLine()
    steps.set_value(StepLineValue(steps_for(3, ("14:02", "14:07"))))
    layout.addWidget(steps)
    layout.addWidget(
        FactGrid(
            (
                Fact("类别", "部件 · 雨水井盖"),
                Fact("网格", "望塔-09"),
                Fact("来源", "热线来电 · 第 2 次", key="calls"),
                Fact("网格员", "方知夏 · 在岗"),
                Fact("诉求人", "韩女士（要求回访）"),
                Fact("电话", "138****2716"),
                Fact("地址", "示例区望塔街道松影路与南苑街口西北角", wide=True),
            )
        )
    )
    layout.addWidget(
        TextLabel(
            "路口雨水井盖整块缺失，洞口约 60 厘米，旁边是小学放学路线，家长用纸箱临时遮挡。16:10 放学前请先围挡。",
            token="text.secondary",
            wrap=True,
        )
    )
    strip = AttachmentStrip()
    strip.set_items(
        (
            Attachment("1", "photo", "", grey_photo(3)),
            Attachment("2", "photo", "", grey_photo(7)),
            Attachment("3", "file", "调货单.pdf"),
            Attachment("4", "sound", "录音 02:47", percent=60),
        )
    )
    layout.addWidget(strip)
    head = QHBoxLayout()
    head.addWidget(heading("建议承办单位"))
    head.addStretch(1)
    head.addWidget(KeyLegend((KeyHint(("1", "3"), "选定"),), ranges=True))
    layout.addLayout(head)
    cards = SuggestionList()
    cards.set_suggestions(
        (
            Suggestion(
                "u1",
                "市政园林中心",
                "排水设施班",
                0.92,
                "责任清单匹配 · 同类 34 件，准确 97% · 二班距 1.2 公里",
            ),
            Suggestion("u2", "水务排水公司", "管网二所", 0.71, "雨水管线权属单位 · 当前在办 41 件，偏高"),
            Suggestion("u3", "望塔街道办", "市政服务站", 0.38, "属地兜底，可先围挡"),
        ),
        picked="u1",
    )
    layout.addWidget(cards)
    layout.addWidget(heading("流转记录"))
    line = Timeline(
        (
            TimelineEntry("14:20", "方知夏（网格员）", "到场，已用锥桶围挡，上传 2 张照片", "now"),
            TimelineEntry("14:07", "值班长 顾怀舟", "立案，处置时限 2 紧急工作时"),
            TimelineEntry("14:05", "系统", "合并重复件 1120-0419（相距 12 米）"),
            TimelineEntry("14:02", "受理员 林晓禾", "热线登记", mark="待发送", mark_icon="cloud_up"),
        )
    )
    layout.addWidget(line)
    layout.addStretch(1)
    layout.addLayout(
        _two(Button("派遣到市政园林中心", ButtonKind.MAIN, "D"), Button("其他单位", keys="Shift+D"))
    )
    layout.addLayout(
        _even(
            Button("退回立案", keys="B"),
            Button("备注", keys="C"),
            Button("急要件", keys="I"),
            Button("更多", keys="."),
        )
    )
    return box


def _two(left: QWidget, right: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(left, 1)
    row.addWidget(right)
    return row


def _even(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget, 1)
    return row


def queue_page() -> QWidget:
    page, column = panel("app", spacing=1)
    page.setFixedSize(1920, 1080)
    column.addWidget(top_bar())
    body = QHBoxLayout()
    body.setSpacing(1)
    body.addWidget(queue_panel())
    middle, inside = panel("app", margin=16, spacing=16)
    error = StatePanel(
        PanelState(
            "warn",
            "地图数据没有读出来",
            "网格图层文件校验不一致，可能是更新被中断。\n案件队列和派遣不受影响，请继续操作。",
            (StateAction("again", "重新读取", "R", True), StateAction("last", "用上一版图层（11-13）")),
            error=True,
            details="编号 MAP-103 · 14:31:12\n图层 综合网格 · 应为 135 个面，读到 97 个\n已重试 3 次，下一次 14:33:00",
        )
    )
    inside.addWidget(error, 1)
    toasts = ToastStack(middle)
    toasts.show(ToastValue("t1", "已派出", "1120-0417 → 市政园林中心", "good"))
    toasts.show(
        ToastValue(
            "t2",
            "派遣还没有答复",
            "1120-0411 → 排水抢险班，已保存在本机，尚未派出。\n正用同一编号再次发送，不会重复派出。",
            "error",
            (("again", "立即再送", "Alt+R"), ("open", "打开待发送", "Alt+O")),
        )
    )
    body.addWidget(middle, 1)
    body.addWidget(case_panel())
    column.addLayout(body, 1)
    page.toasts = toasts
    return page


def _sla_cards() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    seconds = {
        "ok": 15036,
        "soon": 292,
        "over1": -22360,
        "over2": -155100,
        "over3": -288840,
        "suspended": 172805,
        "closed": 0,
    }
    for band in BANDS:
        box, layout = panel("raised", 10, 4)
        layout.addLayout(row_of(SlaShape(band), TextLabel(band_label(band))))
        label = CountdownLabel()
        label.set_reading(reading(band, seconds[band], counting=band != "suspended"), NOW)
        layout.addWidget(label)
        row.addWidget(box, 1)
    return row


def components_page() -> QWidget:
    page, column = panel("panel", 28, 14)
    page.setFixedSize(1920, 1080)
    column.addWidget(heading("时限分段：形状 + 颜色 + 文字"))
    column.addLayout(_sla_cards())
    grid = QGridLayout()
    grid.setHorizontalSpacing(48)
    left, right, third = QVBoxLayout(), QVBoxLayout(), QVBoxLayout()
    for box in (left, right, third):
        box.setSpacing(12)
    _components_left(left)
    _components_right(right)
    _components_third(third)
    for place, box in enumerate((left, right, third)):
        box.addStretch(1)
        grid.addLayout(box, 0, place)
        grid.setColumnStretch(place, 1)
    column.addLayout(grid, 1)
    return page


def _components_left(box: QVBoxLayout) -> None:
    box.addWidget(heading("闭环阶段"))
    for value in (
        StepLineValue(steps_for(3, ("14:02", "14:07"))),
        StepLineValue(
            (
                Step(StepState.DONE, "14:02"),
                Step(StepState.DONE, "14:07"),
                Step(StepState.DONE, "14:20", 1, "回退"),
                Step(StepState.NOW, "进行中", 2, "返工"),
                Step(),
                Step(),
            ),
            round_no=2,
        ),
        StepLineValue(
            (Step(StepState.DONE, "14:02"), Step(StepState.NOW, "14:07"), Step(), Step(), Step(), Step()),
            "不予立案",
        ),
    ):
        line = StepLine()
        line.set_value(value)
        box.addWidget(line)
    box.addWidget(heading("按钮 32 / 40，小号 24"))
    stopped = Button("停用")
    stopped.set_reason("处置中才能申请挂账")
    focused = Button("键盘焦点")
    focused._keyboard_focus = True
    focused.hasFocus = lambda: True
    box.addLayout(
        row_of(
            Button("派遣", ButtonKind.MAIN, "D"),
            Button("次要", keys="E"),
            Button("作废", ButtonKind.DANGER, "X"),
            stopped,
            focused,
            spacing=8,
        )
    )
    box.addLayout(
        row_of(
            Button("保存并登记", ButtonKind.MAIN, "Ctrl+Return", size=ButtonSize.LARGE),
            Button("挂断", ButtonKind.HANG_UP, "F12", "hang_up"),
            Button("小号", size=ButtonSize.SMALL),
            IconButton("star", "关注"),
            spacing=8,
        )
    )
    box.addWidget(heading("连接"))
    states = (
        ConnectionReading(),
        ConnectionReading(ConnectionState.SYNCING, percent=64),
        ConnectionReading(ConnectionState.OFFLINE, 7, 1),
        ConnectionReading(ConnectionState.NO_ANSWER, 1),
        ConnectionReading(ConnectionState.SIGN_IN, 7),
    )
    pills = []
    for state in states:
        pill = ConnectionPill()
        pill.set_reading(state)
        pills.append(pill)
    box.addLayout(row_of(*pills[:3], spacing=8))
    box.addLayout(row_of(*pills[3:], spacing=8))
    ages = []
    for seconds in (3, 25, 1500):
        age = DataAge()
        age.set_moment(NOW - timedelta(seconds=seconds), NOW)
        ages.append(age)
    box.addLayout(row_of(*ages))
    box.addWidget(heading("急缓 · 标记"))
    box.addLayout(
        row_of(
            *(UrgencyTag(level) for level in range(4)),
            Chip("待发送", "cloud_up", "sla.soon"),
            Chip("冲突", "warn", "sla.over2"),
            Chip("许未央", "lock", "sla.ok"),
            Chip("第 6 次来电", "", "accent"),
            spacing=8,
        )
    )


def _components_right(box: QVBoxLayout) -> None:
    box.addWidget(heading("输入框 32"))
    plain, wrong, locked = (
        LineField("默认", placeholder="默认"),
        LineField("错误", required=True),
        LineField("联系电话", "Alt+N"),
    )
    wrong.set_text("错误")
    wrong.set_error("地址不在本区范围内，请重选")
    locked.set_text("138****2716")
    locked.set_read_only(True)
    box.addWidget(FieldRow(plain, wrong))
    combo = ComboField("回访方式")
    combo.set_entries((("p", "电话回访"), ("s", "短信回访")), "p")
    moment = DateTimeField("约定时间", NOW.tzinfo)
    moment.set_moment(NOW)
    box.addWidget(FieldRow(locked, combo, moment))
    text = TextField("派遣意见", "Alt+O", required=True)
    text.set_text(
        "请立即更换雨水井盖，到场先加固围挡。16:10 小学放学，须在此前恢复通行；完成后上传同角度照片。"
    )
    text.editor.setFixedHeight(64)
    text.label.set_remark("常用语 Ctrl+;")
    box.addWidget(text)
    tick, off, radio, radio_off = (
        QCheckBox("短信通知诉求人"),
        QCheckBox("派遣后打开下一件"),
        QRadioButton("公开给承办"),
        QRadioButton("保密"),
    )
    tick.setChecked(True)
    radio.setChecked(True)
    stopped = QCheckBox("停用")
    stopped.setEnabled(False)
    box.addLayout(row_of(tick, off, radio, radio_off, stopped, spacing=16))
    urgency = Segmented(
        (
            Segment("0", "一般", urgency=0),
            Segment("1", "较急", urgency=1),
            Segment("2", "紧急", urgency=2),
            Segment("3", "特急", urgency=3),
        ),
        boxed=True,
    )
    urgency.set_current("3")
    box.addWidget(urgency)
    kinds = Segmented(
        (
            Segment("t", "投诉", "Alt+T"),
            Segment("q", "求助", "Alt+Q"),
            Segment("z", "咨询", "Alt+Z"),
            Segment("j", "建议", "Alt+J"),
            Segment("b", "举报", "Alt+B"),
        )
    )
    kinds.set_current("q")
    box.addWidget(kinds)
    rule = LimitByRule()
    rule.set_words("派遣 30 分钟 · 处置 2 紧急工作时", "安全类部件")
    box.addWidget(rule)
    box.addWidget(AttachmentDrop())
    picker = Picker("拼音首字母、全拼、简称或编码", 5)
    picker.set_items(departments())
    picker.set_query("sz")
    box.addWidget(picker)


def departments() -> tuple[PickerItem, ...]:
    return (
        PickerItem(
            "1",
            "市政园林中心",
            "市政园林",
            "0301",
            "shi zheng yuan lin zhong xin",
            "szylzx",
            "排水设施班",
            "在办 18   1.2 公里",
            0.92,
            "责任清单匹配",
        ),
        PickerItem(
            "2",
            "市政应急抢险队",
            "",
            "0302",
            "shi zheng ying ji qiang xian dui",
            "szyjqxd",
            "",
            "在办 6   3.4 公里",
            0.51,
            "24 小时值守",
        ),
        PickerItem(
            "3",
            "水质监测站",
            "",
            "0410",
            "shui zhi jian ce zhan",
            "szjcz",
            "采样组",
            "在办 2   5.1 公里",
            0.04,
            "仅拼音匹配",
        ),
        PickerItem(
            "4",
            "数字政务中心",
            "",
            "0501",
            "shu zi zheng wu zhong xin",
            "szzwzx",
            "",
            "在办 0   —",
            0.02,
            "仅拼音匹配",
        ),
        PickerItem(
            "5", "望塔街道办", "望塔", "1001", "wang ta jie dao ban", "wtjdb", "", "在办 12", 0.38, "属地兜底"
        ),
    )


def _components_third(box: QVBoxLayout) -> None:
    box.addWidget(heading("时限说明书"))
    day = NOW.replace(hour=0, minute=0, second=0)

    def at(hours: float):
        return day + timedelta(hours=hours)

    ledger = LimitLedger(
        LedgerBar(
            at(10),
            at(33.5),
            NOW,
            (
                LedgerSlice(at(10), at(12), SliceKind.COUNTING),
                LedgerSlice(at(12), at(13.5), SliceKind.NON_WORKING),
                LedgerSlice(at(13.5), at(14.2), SliceKind.COUNTING),
                LedgerSlice(at(14.2), at(15.6), SliceKind.PAUSE),
                LedgerSlice(at(15.6), at(17), SliceKind.COUNTING),
                LedgerSlice(at(17), at(18), SliceKind.EXCLUSION),
                LedgerSlice(at(18), at(32), SliceKind.NON_WORKING),
                LedgerSlice(at(32), at(33.5), SliceKind.EXTENSION),
                LedgerSlice(at(33.5), at(36), SliceKind.OVERDUE),
            ),
        )
    )
    box.addWidget(ledger)
    box.addWidget(heading("通知"))
    box.addWidget(
        NoticeBar(
            "warning", "网络已断开，可继续工作", "操作先存本机，恢复后逐件送出。", "打开待发送", "Ctrl+O"
        )
    )
    box.addWidget(
        NoticeBar(
            "error", "派遣 05 席许未央 14:11 已改派，您 14:15 的改派没有生效。", "照片属于补充，已照常收下。"
        )
    )
    box.addWidget(NoticeBar("good", "可以登记", "必填 7 / 7"))
    box.addWidget(NoticeBar("info", "以下为本机数据"))
    choices = ChoiceList(
        (
            ChoiceValue("a", "接受结果，把我的意见记为备注", "备注不会冲突，恢复后自动送出。", "1"),
            ChoiceValue("b", "接受结果", "我的改派作废，只留在操作记录里。", "2"),
            ChoiceValue("c", "在现状上重新改派给 综合执法队", "", "3", "现在不能改派：已结案"),
        ),
        current="a",
    )
    box.addWidget(choices)
    box.addWidget(
        Toast(
            ToastValue(
                "x",
                "派遣还没有答复",
                "1120-0411 → 排水抢险班，已保存在本机，尚未派出。",
                "error",
                (("a", "立即再送", "Alt+R"),),
            )
        )
    )
    skeleton = Skeleton(case_panel_blocks()[:14])
    skeleton.show_now()
    skeleton.setFixedHeight(170)
    box.addWidget(skeleton)


def forms_page() -> QWidget:
    page, column = panel("panel", 28, 14)
    page.setFixedSize(1920, 1080)
    row = QHBoxLayout()
    row.setSpacing(32)
    for query in ("", "井盖"):
        picker = CategoryPicker()
        picker.set_categories(categories())
        if query:
            picker.search.set_query(query)
        else:
            picker.set_chosen("c1")
        row.addWidget(picker, 1)
    column.addLayout(row, 1)
    states = QHBoxLayout()
    states.addWidget(
        StatePanel(
            PanelState(
                "inbox",
                "没有符合条件的案件",
                "当前按 望塔街道、物联感知 筛选。\n在办共 214 件，未被这些条件选中。",
                (
                    StateAction("clear", "清除筛选", "Shift+F", True),
                    StateAction("see", "看待派遣 23 件", "Q"),
                ),
                "有新案件命中筛选时会自动出现并提示",
            )
        )
    )
    states.addWidget(
        StatePanel(
            PanelState(
                "document",
                "还没有选中案件",
                "在队列按回车，或在地图上选一个点",
                hints=(
                    KeyHint(("J", "K"), "在队列中移动"),
                    KeyHint(("Return",), "打开案件"),
                    KeyHint(("Ctrl+K",), "按案号、地址、电话后四位查找"),
                    KeyHint(("Q",), "到下一件待派遣"),
                ),
            )
        )
    )
    column.addLayout(states, 1)
    return page


def categories() -> tuple[CategoryNode, ...]:
    conditions = (
        FilingCondition("k1", "井盖缺失、破损，危及安全", "2 紧急工作时", True),
        FilingCondition("k2", "井盖松动、移位", "4 工作时"),
        FilingCondition("k3", "井盖标识错误", "3 工作日"),
    )
    return (
        CategoryNode(
            "b",
            "部件",
            children=(
                CategoryNode(
                    "b1",
                    "公用设施",
                    children=(
                        CategoryNode(
                            "c1", "雨水井盖", "0103", "yu shui jing gai", "ysjg", conditions=conditions
                        ),
                        CategoryNode(
                            "c2", "污水井盖", "0104", "wu shui jing gai", "wsjg", conditions=conditions[:1]
                        ),
                        CategoryNode("c3", "路灯", "0121", "lu deng", "ld"),
                    ),
                ),
                CategoryNode(
                    "b2",
                    "交通设施",
                    children=(CategoryNode("c4", "交通护栏", "0207", "jiao tong hu lan", "jthl"),),
                ),
            ),
        ),
        CategoryNode(
            "s",
            "事件",
            children=(
                CategoryNode(
                    "s1",
                    "街面秩序",
                    children=(CategoryNode("c5", "占道经营", "0401", "zhan dao jing ying", "zdjy"),),
                ),
            ),
        ),
    )


def dispatch_dialog(host: QWidget) -> DialogFrame:
    dialog = DialogFrame(
        host,
        "派遣",
        "1120-0417 井盖缺失 · 望塔-09",
        "send",
        880,
        main="派遣",
        hints=(KeyHint(("Up", "Down"), "选择"), KeyHint(("Tab",), "下一项")),
    )
    label = CountdownLabel(step="body")
    label.set_reading(reading("soon", 292), NOW)
    dialog.head.extras.addWidget(label)
    picker = Picker("拼音首字母、全拼、简称或编码", 5)
    picker.set_items(departments())
    picker.set_query("sz")
    dialog.content.addWidget(picker)
    rule = LimitByRule()
    rule.set_words("2 紧急工作时", "到期 16:32")
    co, check = LineField("协办单位", "Alt+C", "添加"), ComboField("核查人", "Alt+V")
    check.set_entries((("a", "方知夏（网格员）"),), "a")
    dialog.content.addWidget(FieldRow(Field(rule, "处置时限（由立案条件定）"), co, check))
    text = TextField("派遣意见", "Alt+O")
    text.set_text("请立即更换雨水井盖，到场先加固围挡。")
    text.editor.setFixedHeight(64)
    dialog.content.addWidget(text)
    tick = QCheckBox("短信通知诉求人")
    tick.setChecked(True)
    dialog.content.addLayout(row_of(tick, QCheckBox("派遣后打开下一件待派遣"), spacing=16))
    dialog.set_first_field(picker)
    return dialog


# --- drawing ---------------------------------------------------------------------------------------


def settle(milliseconds: int = 30) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def shoot(page: QWidget, path: Path, dialog: DialogFrame | None = None) -> None:
    page.show()
    settle()
    picture = page.grab().toImage()
    if dialog is not None:
        dialog.show()
        settle(250)
        picture = page.grab().toImage()
        painter = QPainter(picture)
        painter.drawPixmap(dialog.pos() - page.mapToGlobal(QPoint(0, 0)), dialog.grab())
        painter.end()
        dialog.reject()
    picture.save(str(path))
    page.hide()


def main(folder: Path) -> None:
    app = QApplication.instance() or QApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    store = theme_store()
    for name in ("dark", "light"):
        store.set_name(name)
        store.apply()
        shoot(components_page(), folder / f"components_{name}.png")
        shoot(queue_page(), folder / f"queue_{name}.png")
        shoot(forms_page(), folder / f"forms_{name}.png")
        page = queue_page()
        shoot(page, folder / f"dialog_{name}.png", dispatch_dialog(page))
    app.processEvents()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/gallery"))
