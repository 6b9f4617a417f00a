"""The menu of the queue's head: which columns, in which order and density; and back to the shipped ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from widgets.tables.queue_columns import ALWAYS, DENSITIES, ColumnLayout, column_word, density_word

Take = Callable[[ColumnLayout], object]
STEP = 12
"""Pixels by which the menu makes a column wider or narrower."""


def tr(text: str) -> str:
    """Translate a word of the menu."""
    return QCoreApplication.translate("QueueColumns", text)


def open_menu(parent: QWidget, at: QPoint, layout: ColumnLayout, take: Take) -> QMenu:
    """Open the menu; `take` hears the columns that were chosen.

    Args:
        parent: the table.
        at: where, in global pixels.
        layout: the columns as they are.
        take: called with the new ones.
    """
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    for name in layout.names:
        _add_column(menu, name, layout, take)
    menu.addSeparator()
    for density in DENSITIES:
        action = menu.addAction(tr("行距：{word}").format(word=density_word(density)))
        action.setCheckable(True)
        action.setChecked(density == layout.density)
        action.setData(f"density.{density}")
        action.triggered.connect(lambda _on=False, one=density: take(replace(layout, density=one)))
    menu.addSeparator()
    reset = menu.addAction(tr("恢复默认列"))
    reset.setData("reset")
    reset.setEnabled(layout.to_doc() != ColumnLayout().to_doc())
    reset.triggered.connect(lambda _on=False: take(ColumnLayout()))
    menu.popup(at)
    return menu


def _add_column(menu: QMenu, name: str, layout: ColumnLayout, take: Take) -> None:
    """Add what can be done to one column, in a menu of its own."""
    shown = name not in layout.hidden
    sub = menu.addMenu(column_word(name))
    sub.menuAction().setData(f"column.{name}")

    def add(word: str, key: str, made: ColumnLayout) -> QAction:
        action = sub.addAction(word)
        action.setData(f"{name}.{key}")
        action.setEnabled(made != layout)
        action.triggered.connect(lambda _on=False: take(made))
        return action

    visible = add(tr("显示"), "shown", layout.with_shown(name, not shown))
    visible.setCheckable(True)
    visible.setChecked(shown)
    if name in ALWAYS:
        visible.setToolTip(tr("这一列不能隐藏"))
    add(tr("左移"), "left", layout.moved(name, -1))
    add(tr("右移"), "right", layout.moved(name, 1))
    if layout.width(name):
        add(tr("加宽"), "wider", layout.with_width(name, layout.width(name) + STEP))
        add(tr("收窄"), "narrower", layout.with_width(name, layout.width(name) - STEP))
