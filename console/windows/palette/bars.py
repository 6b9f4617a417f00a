"""Binds the command bar and the change of keys to a window: the verbs that open them, the keys the user has set."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.command_bar import CommandBar
from console.viewmodels.verbs.key_choice import KeyChoice
from console.windows.palette.field_button import CommandField
from console.windows.palette.frame_verbs import KEY_SETTINGS, PALETTE
from console.windows.palette.key_settings import open_key_settings
from console.windows.palette.palette import open_palette


def bind_bars(host: QWidget, seat: SeatViewModel, field: CommandField) -> CommandBar:
    """Bind to the window of a seat; returns the command bar's model, which lives as long as the window.

    `field` is the field of the top bar: a click on it opens the bar too, and it shows the key.
    """
    model, choice = CommandBar(seat, host), KeyChoice(seat, host)
    choice.load()
    seat.verbs.add(PALETTE, partial(open_palette, host, model))
    seat.verbs.add(KEY_SETTINGS, partial(open_key_settings, host, choice))
    field.clicked.connect(lambda: seat.verbs.run(PALETTE.id))

    def show_key() -> None:
        field.set_key(next(iter(seat.verbs.keys(PALETTE)), ""))

    seat.verbs.changed.connect(show_key)
    show_key()
    return model
