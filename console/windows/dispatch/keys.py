"""The keys of 派遣席 in words: of the queue, the case and the map; for the status bar and for `?`."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from console.viewmodels.case_actions import KEYS
from maps.canvas import texts, tool_texts
from maps.canvas.keys import KEY_WORDS
from maps.layers.areas import Measure
from services.domain.lifecycle import ACTION_NAMES

Keys = list[tuple[str, str]]


def tr(text: str) -> str:
    """Translate a word of the keys."""
    return QCoreApplication.translate("DispatchKeys", text)


def bar_keys(on_map: bool) -> Keys:
    """Return the keys that matter most where the focus is."""
    if on_map:
        return [
            ("1 6", tr("图层指标")),
            ("L", tr("图层")),
            ("+ −", tr("缩放")),
            ("0", tr("全区")),
            ("Tab", tr("下一件")),
            ("F", tr("只看所选网格")),
            ("?", tr("全部按键")),
        ]
    return [
        ("D", tr("派遣")),
        ("Q", tr("下一件待派遣")),
        ("M", tr("定位地图")),
        ("L", tr("时限说明书")),
        ("F6", tr("切换面板")),
        ("?", tr("全部按键")),
    ]


def all_keys() -> list[tuple[str, Keys]]:
    """Return every key of the workspace in groups."""
    return [(tr("队列"), _queue()), (tr("案件"), _case()), (tr("地图"), _map())]


def _queue() -> Keys:
    return [
        ("J K", tr("上下移动")),
        ("Home End", tr("首件、末件")),
        ("PgUp PgDn", tr("翻页")),
        ("Return", tr("打开")),
        ("Space", tr("多选")),
        ("Shift+J Shift+K", tr("连续多选")),
        ("Q", tr("下一件待派遣")),
        ("F", tr("筛选")),
        ("Delete", tr("在筛选条件上：取消它")),
        ("Shift+F", tr("清除筛选")),
        ("Esc", tr("取消地图上的筛选")),
        ("M", tr("在地图上定位")),
    ]


def _case() -> Keys:
    acts = [
        (key, QCoreApplication.translate("Actions", ACTION_NAMES[action]))
        for action, key in KEYS.items()
        if action in ACTION_NAMES
    ]
    return [
        ("1 2 3", tr("选定建议单位")),
        *acts,
        ("Shift+D", tr("其他单位")),
        ("L", tr("时限说明书")),
        ("H", tr("全部流转记录")),
        (".", tr("更多操作")),
    ]


def _map() -> Keys:
    measures = [(str(n), texts.measure_name(measure)) for n, measure in enumerate(Measure, 1)]
    verbs = [(key, tool_texts.command_title(command)) for command, key in KEY_WORDS.items()]
    return [
        *measures,
        ("← ↑ ↓ →", tr("移动视图")),
        ("Ctrl+← Ctrl+→", tr("相邻网格")),
        ("Tab", tr("视图内下一件")),
        ("Return", tr("打开")),
        ("F", tr("只看所选网格")),
        *verbs,
    ]
