"""Which dialog an action gets: the one entry point of every workspace."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from console.viewmodels.actions.amending import AmendViewModel
from console.viewmodels.actions.attaching import AttachViewModel
from console.viewmodels.actions.closing import CloseViewModel
from console.viewmodels.actions.deciding import DecideViewModel
from console.viewmodels.actions.dispatching import DispatchViewModel
from console.viewmodels.actions.filing import FileViewModel
from console.viewmodels.actions.generic import GenericViewModel
from console.viewmodels.actions.specs import SPECS
from console.viewmodels.actions.splitting import SplitViewModel
from console.viewmodels.presence import seat_presence
from console.viewmodels.seat import SeatViewModel
from console.windows.dialogs.action_dialog import ActionDialog
from console.windows.dialogs.amend_dialog import AmendDialog
from console.windows.dialogs.attach_dialog import AttachDialog
from console.windows.dialogs.close_dialog import CloseDialog
from console.windows.dialogs.decide_dialog import DecideDialog
from console.windows.dialogs.dispatch_dialog import DispatchDialog
from console.windows.dialogs.file_dialog import FileDialog
from console.windows.dialogs.generic_dialog import GenericDialog
from console.windows.dialogs.split_dialog import SplitDialog
from widgets.theme import ThemeStore

Preset = Mapping[str, str]
Maker = Callable[[str, str, SeatViewModel, ThemeStore, QWidget, Preset], ActionDialog]

NO_PRESET: Preset = {}


def _dispatch(
    action: str, case_id: str, seat: SeatViewModel, theme: ThemeStore, host: QWidget, preset: Preset
) -> ActionDialog:
    model = DispatchViewModel(seat, action, case_id, preset.get("lead_dept", ""))
    return DispatchDialog(model, host)


def _decide(
    action: str, case_id: str, seat: SeatViewModel, theme: ThemeStore, host: QWidget, preset: Preset
) -> ActionDialog:
    def open_next(other: str) -> None:
        open_action(action, other, seat, theme, host)

    return DecideDialog(DecideViewModel(seat, action, case_id), host, open_next)


def _plain(model: type, dialog: type) -> Maker:
    """Return a maker for a dialog that needs no more than its view-model."""

    def make(
        action: str, case_id: str, seat: SeatViewModel, theme: ThemeStore, host: QWidget, preset: Preset
    ) -> ActionDialog:
        made: ActionDialog = dialog(model(seat, action, case_id), host)
        return made

    return make


DIALOGS: dict[str, Maker] = {
    **dict.fromkeys(SPECS, _plain(GenericViewModel, GenericDialog)),
    "dispatch": _dispatch,
    "redispatch": _dispatch,
    "decide_extension": _decide,
    "decide_suspend": _decide,
    "file": _plain(FileViewModel, FileDialog),
    "close": _plain(CloseViewModel, CloseDialog),
    "amend": _plain(AmendViewModel, AmendDialog),
    "split": _plain(SplitViewModel, SplitDialog),
    "attach": _plain(AttachViewModel, AttachDialog),
}


def has_dialog(action: str) -> bool:
    """Tell whether an action is done by a dialog (all of a console role but `register`, which is a form)."""
    return action in DIALOGS


def open_action(
    action: str,
    case_id: str,
    seat: SeatViewModel,
    theme: ThemeStore,
    parent: QWidget,
    preset: Preset = NO_PRESET,
) -> ActionDialog:
    """Open the dialog of an action over the window of `parent`; it deletes itself when closed.

    `preset` gives first values (`lead_dept` for a dispatch). Raises KeyError for an action without a dialog.
    """
    dialog = DIALOGS[action](action, case_id, seat, theme, parent, preset)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    presence = seat_presence(seat)
    presence.begin_hold(case_id)
    dialog.finished.connect(lambda _result: presence.end_hold(case_id))
    dialog.open()
    dialog.model.load()
    return dialog
