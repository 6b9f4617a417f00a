"""Every action a console role may take has a dialog; each opens, can be left, and confirms by Ctrl+Enter."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from console.viewmodels.actions.specs import SPECS
from console.windows.dialogs.action_dialog import ActionDialog
from console.windows.dialogs.registry import DIALOGS, has_dialog, open_action
from services.domain.lifecycle import ACTIONS, GRANTS, OVERRIDABLE
from tests.support.fakes import settled, world_for
from widgets.theme import theme_store

CONSOLE_ROLES = ("acceptor", "dispatcher", "shift_leader", "leader", "evaluator")
#: the register form makes cases; it is a panel, not a dialog on a case
FORMS = {"register"}


def actions_of_console_roles() -> list[str]:
    found = []
    for action in ACTIONS:
        roles = {grant.role for grant in GRANTS[action]}
        override = roles & set(OVERRIDABLE)
        if (roles & set(CONSOLE_ROLES) or override) and action not in FORMS:
            found.append(action)
    return found


def test_the_registry_holds_every_action_a_console_role_may_take():
    assert sorted(DIALOGS) == sorted(actions_of_console_roles())
    assert all(has_dialog(action) for action in actions_of_console_roles())
    assert not has_dialog("register")
    assert not has_dialog("sign")


@pytest.mark.parametrize("action", actions_of_console_roles())
def test_every_dialog_opens_over_its_case_and_is_left_by_esc(action, start, window, qtbot):
    world = world_for("acceptor", "dispatcher", "shift_leader", "evaluator")
    case = world.walk("handling")
    seat = start(world)
    dialog = open_action(action, case.case_id, seat, theme_store(), window)
    settled(seat, qtbot)
    assert isinstance(dialog, ActionDialog)
    assert dialog.isVisible()
    assert "1120-" in dialog.head.subtitle.text()
    assert "上水井盖" in dialog.head.subtitle.text()
    assert dialog.focusWidget() is not None
    with qtbot.waitSignal(dialog.finished) as left:
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert left.args == [QDialog.DialogCode.Rejected]
    assert world.commands == []


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("accept", "reported"),
        ("send_verify", "reported"),
        ("send_check", "feedback_review"),
        ("flag_urgent", "handling"),
    ],
)
def test_actions_without_fields_are_confirmed_by_ctrl_enter(action, state, start, window, qtbot):
    world = world_for("acceptor", "dispatcher", "shift_leader")
    case = world.walk(state)
    seat = start(world)
    dialog = open_action(action, case.case_id, seat, theme_store(), window)
    settled(seat, qtbot)
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [command.action for command in world.commands] == [action]


def test_plain_enter_never_confirms(start, window, qtbot):
    world = world_for("acceptor")
    case = world.walk("reported")
    seat = start(world)
    dialog = open_action("accept", case.case_id, seat, theme_store(), window)
    settled(seat, qtbot)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert world.commands == []


def test_an_unknown_action_is_a_mistake_of_ours(start, window):
    seat = start(world_for("dispatcher"))
    with pytest.raises(KeyError):
        open_action("archive", "c", seat, theme_store(), window)


def test_every_simple_action_has_an_icon_that_exists():
    from widgets.theme.icons import icon_names

    assert {spec.icon for spec in SPECS.values()} <= icon_names()
