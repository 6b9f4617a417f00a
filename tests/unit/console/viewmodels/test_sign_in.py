"""Sign-in: what is asked, what is answered, and every refusal as a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from console.tasks.runner import Background
from console.viewmodels.sign_in import DemoAccount, LocalDataLocked, MustChange, SignInViewModel
from services.ports.centre import Meta
from services.ports.errors import SignInNeeded, Unknown


class Door:
    """A centre that knows one account."""

    def __init__(self) -> None:
        self.down = False
        self.first = False
        self.locked = False
        self.entered: list[tuple[str, str]] = []

    def meta(self) -> Meta:
        if self.down:
            raise Unknown("网络不通")
        return Meta("e", "0.1", 1, datetime(2026, 11, 20, tzinfo=UTC), "990101", "示例区指挥中心", True)

    def enter(self, username: str, password: str) -> object:
        if password == "boom":
            raise RuntimeError("boom")
        if password != "right":
            raise SignInNeeded("账号或密码不对。")
        if self.first:
            raise MustChange
        if self.locked:
            raise LocalDataLocked
        self.entered.append((username, password))
        return "seat"

    def reopen(self, username: str, password: str, earlier: str) -> object:
        self.locked = self.locked and earlier != "earlier"
        return self.enter(username, password)

    def set_aside(self, username: str, password: str) -> object:
        self.locked = False
        return self.enter(username, password)

    def change_password(self, username: str, old: str, new: str) -> object:
        self.first = False
        return self.enter(username, "right") if old == "right" and new else None


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def background(qtbot: Any) -> Iterator[Background]:
    made = Background()
    yield made
    made.close()


def made(door: Door, background: Background, qtbot: Any) -> SignInViewModel:
    model = SignInViewModel(door, background, (DemoAccount("d1", "pw", "dispatcher"),))
    qtbot.waitUntil(lambda: not background.busy)
    return model


def test_the_centre_is_named(door: Door, background: Background, qtbot: Any) -> None:
    model = made(door, background, qtbot)
    assert model.line == "示例区指挥中心 · 已连接"
    assert model.accounts[0].words == "派遣员  d1"


def test_without_a_line_it_says_so(door: Door, background: Background, qtbot: Any) -> None:
    door.down = True
    model = made(door, background, qtbot)
    assert "网络不通" in model.line
    assert "离线进入" in model.line


def test_entering(door: Door, background: Background, qtbot: Any) -> None:
    model = made(door, background, qtbot)
    with qtbot.waitSignal(model.entered) as heard:
        model.enter("  dora ", "right")
        assert model.busy
    assert heard.args == ["seat"]
    assert door.entered == [("dora", "right")]
    assert not model.busy


@pytest.mark.parametrize(
    ("username", "password", "sentence"),
    [("", "x", "请输入账号和密码。"), ("a", "", "请输入账号和密码。"), ("a", "wrong", "账号或密码不对。")],
)
def test_refusals_are_sentences(
    door: Door, background: Background, qtbot: Any, username: str, password: str, sentence: str
) -> None:
    model = made(door, background, qtbot)
    model.enter(username, password)
    qtbot.waitUntil(lambda: not background.busy)
    assert model.sentence == sentence
    assert not model.busy


def test_an_unexpected_error_is_shown_too(door: Door, background: Background, qtbot: Any) -> None:
    model = made(door, background, qtbot)
    model.enter("a", "boom")
    qtbot.waitUntil(lambda: not background.busy)
    assert "登录没有成功" in model.sentence


def test_a_first_password_is_changed(door: Door, background: Background, qtbot: Any) -> None:
    door.first = True
    model = made(door, background, qtbot)
    model.enter("a", "right")
    qtbot.waitUntil(lambda: not background.busy)
    assert model.must_change
    model.change_password("a", "right", "Neu-2026", "Neu-2027")
    assert model.sentence == "两次输入的新密码不一样。"
    with qtbot.waitSignal(model.entered):
        model.change_password("a", "right", "Neu-2026", "Neu-2026")


@pytest.mark.parametrize("way", ["reopen", "set_aside"])
def test_data_locked_with_an_earlier_password(
    door: Door, background: Background, qtbot: Any, way: str
) -> None:
    door.locked = True
    model = made(door, background, qtbot)
    model.enter("a", "right")
    qtbot.waitUntil(lambda: not background.busy)
    assert model.locked_data
    assert "原密码" in model.sentence
    with qtbot.waitSignal(model.entered):
        if way == "reopen":
            model.reopen("a", "right", "earlier")
        else:
            model.set_aside("a", "right")
