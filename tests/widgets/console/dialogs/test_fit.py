"""Nothing is cut and nothing overlaps: every dialog, filled in, with errors shown."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QWidget

from console.windows.dialogs.registry import DIALOGS, open_action
from tests.support.fakes import settled, world_for
from widgets.forms.buttons import Button
from widgets.forms.fields import Field
from widgets.indicators.text_label import TextLabel
from widgets.theme import theme_store
from widgets.theme.text import text_width

#: the state in which an action has something to show
STATES = {
    "accept": "reported",
    "send_verify": "reported",
    "reject": "reported",
    "self_close": "reported",
    "split": "reported",
    "file": "pending_filing",
    "dispatch": "pending_dispatch",
    "return_to_filing": "pending_dispatch",
    "recall": "pending_sign",
    "redispatch": "pending_sign",
    "send_check": "feedback_review",
    "rework": "feedback_review",
    "close": "pending_close",
    "callback": "pending_close",
    "reopen": "closed",
}


def place_in(widget: QWidget, ancestor: QWidget) -> QRect:
    return QRect(widget.mapTo(ancestor, widget.rect().topLeft()), widget.size())


def shown(dialog: QWidget, kind: type) -> list:
    return [child for child in dialog.findChildren(kind) if child.isVisible()]


def cut_words(dialog: QWidget) -> list[str]:
    """Words that do not fit their label or button."""
    found = []
    for label in shown(dialog, TextLabel):
        text = label.text()
        if not text or label.hasHeightForWidth():
            if text and label.height() < label.heightForWidth(label.width()):
                found.append(text)
            continue
        if (
            text_width(theme_store().theme.font("body"), text) > 0
            and label.width() < label.sizeHint().width()
        ):
            found.append(text)
    found += [
        button.text() for button in shown(dialog, Button) if button.width() < button.minimumSizeHint().width()
    ]
    found += [
        label.text() for label in shown(dialog, QLabel) if label.width() < label.minimumSizeHint().width()
    ]
    return found


def overlaps(dialog: QWidget) -> list[tuple[str, str]]:
    """Fields and buttons that stand on one another, or leave the dialog."""
    parts = [child for child in (*shown(dialog, Field), *shown(dialog, Button)) if child.height() > 0]
    parts = [
        part for part in parts if not any(other is not part and other.isAncestorOf(part) for other in parts)
    ]
    found = [
        (type(a).__name__ + a.accessibleName(), type(b).__name__ + b.accessibleName())
        for a, b in combinations(parts, 2)
        if place_in(a, dialog).intersects(place_in(b, dialog))
    ]
    inside = dialog.rect()
    return found + [
        (type(part).__name__, "outside") for part in parts if not inside.contains(place_in(part, dialog))
    ]


@pytest.mark.parametrize("action", sorted(DIALOGS))
def test_every_dialog_fits_its_words(action, start, window, qtbot):
    world = world_for("acceptor", "dispatcher", "shift_leader", "evaluator")
    case = world.walk(STATES.get(action, "handling"), need_callback=True)
    if action == "decide_extension":
        world.apply("apply_extension", case.case_id, reason="控制箱烧毁，无同型号，已从邻区调货，晚间到场。")
    seat = start(world)
    dialog = open_action(action, case.case_id, seat, theme_store(), window)
    settled(seat, qtbot)
    dialog.model.confirm() if dialog.model.own_errors() else None
    qtbot.waitUntil(lambda: dialog.size() == dialog.sizeHint().expandedTo(dialog.minimumSize()))
    assert cut_words(dialog) == []
    assert overlaps(dialog) == []
    assert dialog.height() <= window.height()
    dialog.reject()


def test_a_long_unit_name_and_many_co_units_do_not_widen_the_dialog(start, window, qtbot):
    world = world_for("dispatcher")
    case = world.walk("pending_dispatch")
    seat = start(world)
    dialog = open_action("dispatch", case.case_id, seat, theme_store(), window)
    settled(seat, qtbot)
    width = dialog.width()
    for unit in ("sani", "green", "drain"):
        dialog.model.add_co_unit(unit)
    qtbot.waitUntil(lambda: len(dialog.co_units.buttons) == 3)
    assert dialog.width() == width


def test_the_dispatch_dialog_keeps_its_height_while_typing(start, window, qtbot):
    world = world_for("dispatcher")
    case = world.walk("pending_dispatch")
    seat = start(world)
    dialog = open_action("dispatch", case.case_id, seat, theme_store(), window)
    settled(seat, qtbot)
    qtbot.waitUntil(lambda: dialog.size() == dialog.sizeHint().expandedTo(dialog.minimumSize()))
    before = place_in(dialog.limit, dialog).top()
    dialog.units.picker.set_query("szgy")
    settled(seat, qtbot)
    after = place_in(dialog.limit, dialog).top()
    assert abs(after - before) <= 24, "only the line of reasons may come and go"
