"""The orders of the queue: their words, and the menu behind `O`."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMenu, QWidget

from console.viewmodels.queue import QueueViewModel
from console.viewmodels.queue_order import RISK

ORDERS = (RISK, "limit", "number", "category", "grid", "source", "stage", "holder")
Put = Callable[[str, bool], object]


def tr(text: str) -> str:
    """Translate a word of the orders."""
    return QCoreApplication.translate("QueueOrders", text)


def order_word(order: str, descending: bool = False) -> str:
    """Return the word of an order: 风险优先, 按时限, 按时限 倒序."""
    words = {
        RISK: tr("风险优先"), "limit": tr("按时限"), "number": tr("按案号"), "category": tr("按类别"),
        "grid": tr("按网格"), "source": tr("按来源"), "stage": tr("按阶段"), "holder": tr("按承办"),
        "urgency": tr("按紧急程度"),
    }  # fmt: skip
    word = words.get(order, order)
    return tr("{order} 倒序").format(order=word) if descending else word


def open_orders(button: QWidget, model: QueueViewModel, put: Put) -> QMenu:
    """Open the menu of orders below a button; digits, arrows and Enter choose. `put` hears order and direction."""
    menu = QMenu(button)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for number, order in enumerate(ORDERS, 1):
        action = menu.addAction(f"&{number} {order_word(order)}")
        action.setData(order)
        action.setCheckable(True)
        action.setChecked(order == model.order)
        action.triggered.connect(lambda _on=False, one=order: put(one, False))
        if order == model.order:
            menu.setActiveAction(action)
    menu.addSeparator()
    turned = menu.addAction(tr("&0 倒序"))
    turned.setData("descending")
    turned.setCheckable(True)
    turned.setChecked(model.descending)
    turned.setEnabled(model.order != RISK)
    turned.triggered.connect(lambda on=False: put(model.order, on))
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
    return menu
