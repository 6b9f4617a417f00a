"""Six discs: states, times, returns, end marks."""

import pytest
from PySide6.QtCore import QRect

from tests.widgets.pixels import count, picture, same
from widgets.indicators.step_line import Step, StepLine, StepLineValue, StepState, steps_for
from widgets.theme import Theme

WIDTH = 420


@pytest.fixture
def line(qtbot) -> StepLine:
    line = StepLine()
    qtbot.addWidget(line)
    line.resize(WIDTH, line.sizeHint().height())
    return line


def column(place: int) -> QRect:
    return QRect(round(place * WIDTH / 6), 0, WIDTH // 6, 28)


@pytest.mark.parametrize("index", range(0, 8))
def test_steps_for(index: int) -> None:
    steps = steps_for(index, ("14:02", "14:07"))
    states = [step.state for step in steps]
    assert states == [
        StepState.DONE if n < index else StepState.NOW if n == index else StepState.TO_COME
        for n in range(1, 7)
    ]
    assert all(not step.note for step in steps if step.state is StepState.TO_COME)
    if index > 2:
        assert [step.note for step in steps[:2]] == ["14:02", "14:07"]
    if 2 < index < 7:
        assert steps[index - 1].note == "进行中"


def test_another_word_under_the_current_step() -> None:
    assert steps_for(3, now_note="待派遣")[2].note == "待派遣"
    assert steps_for(1, ("14:02",))[0].note == "14:02"


@pytest.mark.parametrize("index", range(1, 7))
def test_the_current_disc_is_filled(line: StepLine, index: int) -> None:
    line.set_value(StepLineValue(steps_for(index)))
    image, fill = picture(line), Theme().color("accent.fill")
    for place in range(6):
        found = count(image, fill, column(place))
        assert (found > 250) if place == index - 1 else (found == 0)


def test_all_done(line: StepLine) -> None:
    line.set_value(StepLineValue(steps_for(7)))
    assert count(picture(line), Theme().color("accent.fill")) == 0
    assert "当前" not in line.accessibleName()


def test_spoken(line: StepLine) -> None:
    line.set_value(StepLineValue(steps_for(3, ("14:02", "14:07"))))
    assert (
        line.accessibleName()
        == "受理已完成14:02，立案已完成14:07，派遣当前进行中，处置未到，核查未到，结案未到"
    )


def test_an_end_mark_replaces_what_will_not_come(line: StepLine) -> None:
    steps = (Step(StepState.DONE, "14:02"), Step(StepState.NOW, "14:07"), Step(), Step(), Step(), Step())
    line.set_value(StepLineValue(steps))
    whole = picture(line)
    line.set_value(StepLineValue(steps, "不予立案"))
    ended = picture(line)
    quiet = Theme().color("text.secondary")
    words = QRect(0, 28, WIDTH, 20)
    assert count(ended, quiet, words, 60) < count(whole, quiet, words, 60) * 0.6
    assert line.accessibleName() == "受理已完成14:02，立案当前14:07，不予立案"
    assert not same(whole, ended)


def test_an_end_mark_at_the_last_step_stays_inside(line: StepLine) -> None:
    line.set_value(StepLineValue(steps_for(6), "作废"))
    assert line.value.end_mark == "作废"
    picture(line)
    assert line.accessibleName().endswith("作废")


def test_returns_and_rounds_take_a_line_more(line: StepLine) -> None:
    plain = line.sizeHint().height()
    steps = list(steps_for(4))
    steps[3] = Step(StepState.NOW, "进行中", 2, "返工")
    line.set_value(StepLineValue(tuple(steps)))
    assert line.sizeHint().height() == plain + 16
    line.set_value(StepLineValue(steps_for(4), round_no=2))
    assert line.sizeHint().height() == plain + 16
    line.resize(WIDTH, line.sizeHint().height())
    low = QRect(WIDTH // 2, line.height() - 16, WIDTH // 2, 16)
    assert count(picture(line), Theme().color("text.tertiary"), low, 60) > 20


def test_light(line: StepLine) -> None:
    from widgets.theme import theme_store

    theme_store().set_name("light")
    line.set_value(StepLineValue(steps_for(3)))
    assert count(picture(line), Theme("light").color("accent.fill"), column(2)) > 250
