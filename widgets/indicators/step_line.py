"""The six steps of a case in the case panel (DESIGN §3.3): discs, times, counts of 返工 and 回退, end marks."""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.indicators.stage_pips import stage_labels
from widgets.theme import Theme, theme
from widgets.theme.icons import draw_icon
from widgets.theme.text import CENTER, LEFT, draw_text, text_width

_DISC = 24
_HEIGHT = 66


class StepState(StrEnum):
    """Where a step stands."""

    DONE = "done"
    NOW = "now"
    TO_COME = "to_come"


@dataclass(frozen=True, slots=True)
class Step:
    """One disc: state, the words under it (a time, 进行中), how often it came back and its word (返工, 回退)."""

    state: StepState = StepState.TO_COME
    note: str = ""
    returns: int = 0
    returns_word: str = ""


@dataclass(frozen=True, slots=True)
class StepLineValue:
    """Six steps in the order 受理 立案 派遣 处置 核查 结案.

    ``end_mark`` (不予受理, 不予立案, 作废) replaces the discs that will not be reached. ``round_no`` from 2 on is
    written at the end (第 2 轮).
    """

    steps: tuple[Step, ...]
    end_mark: str = ""
    round_no: int = 1


def steps_for(index: int, times: tuple[str, ...] = (), *, now_note: str | None = None) -> tuple[Step, ...]:
    """Return six steps with the current one at ``index`` (1–6, 7: all done) and times under the steps that have one.

    ``now_note`` stands under the current step (default 进行中).
    """
    note = QCoreApplication.translate("StepLine", "进行中") if now_note is None else now_note
    steps = []
    for number in range(1, 7):
        time = times[number - 1] if number <= len(times) else ""
        if number < index:
            steps.append(Step(StepState.DONE, time))
        elif number == index:
            steps.append(Step(StepState.NOW, time or note))
        else:
            steps.append(Step())
    return tuple(steps)


class StepLine(QWidget):
    """Paints a ``StepLineValue``; 24 px discs, words and times below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = StepLineValue(steps_for(1))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_value(self._value)

    @property
    def value(self) -> StepLineValue:
        """What is shown."""
        return self._value

    def set_value(self, value: StepLineValue) -> None:
        """Show other steps."""
        self._value = value
        self.setAccessibleName(self._spoken())
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of disc, word and time."""
        extra = 16 if any(step.returns for step in self._value.steps) or self._value.round_no > 1 else 0
        return QSize(400, _HEIGHT + extra)

    def minimumSizeHint(self) -> QSize:
        """Return the least width at which six words fit."""
        return QSize(300, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw lines, discs and words."""
        look = theme()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            shown = self._shown_count()
            for place in range(5):
                if place + 1 < shown or (place + 1 == shown and self._value.end_mark):
                    self._draw_link(painter, place, look)
            for place in range(shown):
                self._draw_step(painter, place, look)
            if self._value.end_mark:
                self._draw_end_mark(painter, shown, look)
            if self._value.round_no > 1:
                words = self.tr("第 {0} 轮").format(self._value.round_no)
                row = QRectF(0, self.height() - 16, self.width() - 4, 16)
                draw_text(
                    painter,
                    row,
                    words,
                    look.font("caption"),
                    look.color("text.tertiary"),
                    _RIGHT,
                    elide=False,
                )

    def _shown_count(self) -> int:
        if not self._value.end_mark:
            return len(self._value.steps)
        reached = [i for i, step in enumerate(self._value.steps) if step.state is not StepState.TO_COME]
        return max(reached, default=0) + 1

    def _centre(self, place: int) -> QPointF:
        return QPointF((place + 0.5) * self.width() / 6, _DISC / 2 + 1)

    def _draw_link(self, painter: QPainter, place: int, look: Theme) -> None:
        done = self._value.steps[place].state is StepState.DONE
        painter.setPen(QPen(look.color("text.tertiary" if done else "line.normal"), 2))
        reach = QPointF(_DISC / 2 + 1, 0)
        painter.drawLine(self._centre(place) + reach, self._centre(place + 1) - reach)

    def _draw_step(self, painter: QPainter, place: int, look: Theme) -> None:
        step = self._value.steps[place]
        centre = self._centre(place)
        disc = QRectF(centre.x() - _DISC / 2, centre.y() - _DISC / 2, _DISC, _DISC)
        now = step.state is StepState.NOW
        if now:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent.fill"))
            painter.drawEllipse(disc)
        else:
            done = step.state is StepState.DONE
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.color("text.tertiary" if done else "line.normal"), 1.5))
            painter.drawEllipse(disc.adjusted(0.75, 0.75, -0.75, -0.75))
        if step.state is StepState.DONE:
            draw_icon(painter, disc, "check", look.color("text.primary"), 14)
        else:
            colour = look.color("text.on_accent" if now else "text.tertiary")
            draw_text(painter, disc, str(place + 1), look.font("label", True), colour, CENTER, elide=False)
        self._draw_words(painter, place, step, look)

    def _draw_words(self, painter: QPainter, place: int, step: Step, look: Theme) -> None:
        width = self.width() / 6
        x = place * width
        now = step.state is StepState.NOW
        word_colour = look.color("text.primary" if now else "text.secondary")
        row = QRectF(x, _DISC + 6, width, 18)
        draw_text(
            painter, row, stage_labels()[place], look.font("label", now), word_colour, CENTER, elide=False
        )
        if step.note:
            note = QRectF(x, _DISC + 23, width, 16)
            colour = look.color("text.secondary" if now else "text.tertiary")
            draw_text(painter, note, step.note, look.font("caption"), colour, CENTER)
        if step.returns:
            row = QRectF(x, _DISC + 40, width, 16)
            words = f"{step.returns_word} {step.returns}"
            total = 15 + text_width(look.font("caption"), words)
            start = row.center().x() - total / 2
            colour = look.color("text.secondary")
            draw_icon(painter, QRectF(start, row.y(), 12, 16), "undo", colour, 12)
            draw_text(
                painter, QRectF(start + 15, row.y(), total, 16), words, look.font("caption"), colour, LEFT
            )

    def _draw_end_mark(self, painter: QPainter, shown: int, look: Theme) -> None:
        left = self._centre(min(shown, 5)).x() - _DISC / 2
        width = text_width(look.font("label"), self._value.end_mark) + 16
        box = QRectF(left, 3, width, 20)
        painter.setPen(QPen(look.color("line.normal"), 1))
        painter.setBrush(look.color("bg.raised"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        colour = look.color("text.secondary")
        draw_text(painter, box, self._value.end_mark, look.font("label"), colour, CENTER, elide=False)

    def _spoken(self) -> str:
        words = {
            StepState.DONE: self.tr("已完成"),
            StepState.NOW: self.tr("当前"),
            StepState.TO_COME: self.tr("未到"),
        }
        parts = [
            f"{stage_labels()[i]}{words[step.state]}{step.note}" for i, step in enumerate(self._value.steps)
        ]
        if self._value.end_mark:
            parts = [*parts[: self._shown_count()], self._value.end_mark]
        return "，".join(parts)


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
