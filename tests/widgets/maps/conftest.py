"""Maps of the invented district, shown and painted."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor
from pytestqt.qtbot import QtBot

from maps.canvas.palette import MapPalette
from maps.canvas.widget import GridMapWidget
from maps.geometry.areas import AreaShape
from maps.layers.cases import MapCase
from tests.widgets.maps import invented

MakeMap = Callable[..., GridMapWidget]


@pytest.fixture(scope="session")
def shapes() -> list[AreaShape]:
    return invented.district()


@pytest.fixture(scope="session")
def open_cases(shapes: list[AreaShape]) -> list[MapCase]:
    return invented.cases(shapes)


@pytest.fixture
def make_map(qtbot: QtBot, shapes: list[AreaShape], open_cases: list[MapCase]) -> MakeMap:
    """A map without zoom movement, filled, shown and painted."""

    def make(
        theme: str = "dark", size: tuple[int, int] = (900, 700), filled: bool = True, **more: bool
    ) -> GridMapWidget:
        # a pointer left over the window by the test before would be answered with a card and an outline
        QCursor.setPos(QPoint(4000, 4000))
        widget = GridMapWidget(MapPalette.load(theme), **more)
        qtbot.addWidget(widget)
        widget.set_reduced_motion(True)
        widget.resize(*size)
        if filled:
            widget.set_areas(shapes)
            widget.set_base(*invented.base())
            widget.set_cases(open_cases)
            widget.set_metric(invented.figures(shapes, open_cases))
            widget.set_officers(invented.officers(shapes))
        widget.show()
        qtbot.waitExposed(widget)
        # Pictures are compared; the focus frame comes whenever the window system makes the window active.
        widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        widget.clearFocus()
        settle(qtbot, widget)
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return widget

    return make


def settle(qtbot: QtBot, widget: GridMapWidget) -> None:
    """Wait until nothing moves and the picture is up to date."""
    qtbot.waitUntil(lambda: not widget.nav.moving, timeout=2000)
    widget.refresh_now()
