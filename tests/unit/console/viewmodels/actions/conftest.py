"""Models of action dialogs, loaded in a seat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.viewmodels.actions.base import ActionViewModel
from tests.support.fakes import settled


@pytest.fixture
def load(start, qtbot) -> Callable[..., Any]:
    """Make a model over a world's case and wait until everything was read."""

    def make(world, kind: type[ActionViewModel], action: str, case_id: str, *more: Any) -> Any:
        seat = start(world)
        model = kind(seat, action, case_id, *more)
        model.load()
        settled(seat, qtbot)
        return model

    return make
