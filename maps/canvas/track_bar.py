"""The bar below the map that replays a track: play, a line of the day with its gaps and stays, speed, time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from maps.canvas import layer_words, texts
from maps.canvas.palette import MapPalette
from maps.layers.tracks import COLOURS, TrackLayer

if TYPE_CHECKING:
    from maps.canvas.layered import LayeredSurface

HEIGHT = 56
TICK_MS = 40
SPEEDS = (30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds of the day in a second of the replay."""
STEP_S = 60.0
FAR_S = 600.0
LINE_LEFT, LINE_RIGHT = 52.0, 148.0
"""Room before and behind the line of the day."""


class TrackBar(QWidget):
    """Values in, signals out: it shows a :class:`TrackLayer` and tells the moment that is wanted."""

    moment_changed = Signal(float)
    """The operator, or the replay, went to another moment (epoch seconds)."""
    closed = Signal()
    """The operator is done with the track."""

    def __init__(self, palette: MapPalette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._layer = TrackLayer()
        self._speed = 2
        self._held = False
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()

    def _name(self) -> None:
        self.setAccessibleName(layer_words.track_bar_name())
        self.setToolTip(layer_words.track_bar_help())

    def changeEvent(self, event: QEvent) -> None:
        """Other language: other words."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._name()
            self.update()

    def follow(self, grid_map: LayeredSurface) -> None:
        """Show what the map replays and let the map show what is chosen here."""
        self.moment_changed.connect(grid_map.set_track_moment)
        grid_map.track_moved.connect(lambda _moment: self.set_layer(grid_map.state.tracks))
        grid_map.track_changed.connect(self.set_layer)
        self.set_layer(grid_map.state.tracks)

    # --- values -----------------------------------------------------------------------------------

    @property
    def layer(self) -> TrackLayer:
        """What is shown."""
        return self._layer

    @property
    def playing(self) -> bool:
        """Tell whether the replay runs."""
        return self._timer.isActive()

    @property
    def speed(self) -> float:
        """Seconds of the day in a second of the replay."""
        return SPEEDS[self._speed]

    def set_layer(self, layer: object) -> None:
        """Show another track or another moment of it."""
        assert isinstance(layer, TrackLayer)
        if layer.track is not self._layer.track:
            self._timer.stop()
        self._layer = layer
        self.setAccessibleDescription(self._state_words())
        self.update()

    def set_map_palette(self, palette: MapPalette) -> None:
        """Take the colours of another theme."""
        self._palette = palette
        self.update()

    def set_playing(self, playing: bool) -> None:
        """Run or hold the replay; from the end it begins again."""
        track = self._layer.track
        if track is None:
            return
        if playing and self._layer.moment >= track.span[1]:
            self._go(track.span[0])
        self._timer.start() if playing else self._timer.stop()
        self.update()

    def faster(self, by: int) -> None:
        """Change the speed by steps."""
        self._speed = min(max(self._speed + by, 0), len(SPEEDS) - 1)
        self.update()

    # --- moving -----------------------------------------------------------------------------------

    def _tick(self) -> None:
        track = self._layer.track
        if track is None:
            self._timer.stop()
            return
        self._go(self._layer.moment + self.speed * TICK_MS / 1000)
        if self._layer.moment >= track.span[1]:
            self._timer.stop()

    def _go(self, moment: float) -> None:
        moved = self._layer.moved(moment)
        if moved.moment != self._layer.moment:
            self.set_layer(moved)
            self.moment_changed.emit(moved.moment)

    def _next_event(self, forward: bool) -> None:
        """Go to the next stay or to where a gap begins or ends."""
        track = self._layer.track
        if track is None:
            return
        moments = {s.since for s in self._layer.stays} | set(track.span)
        for run in track.runs():
            moments |= {float(track.times[run.start]), float(track.times[run.stop - 1])}
        here = self._layer.moment
        ahead = sorted(m for m in moments if (m > here if forward else m < here))
        if ahead:
            self._go(ahead[0] if forward else ahead[-1])

    # --- hands ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """``Space`` plays, arrows step, ``PageUp``/``PageDown`` go from event to event, ``Esc`` closes."""
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = FAR_S if shift else STEP_S
        track, key = self._layer.track, event.key()
        if key == Qt.Key.Key_Escape:
            self.set_playing(False)
            self.closed.emit()
        elif track is None:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.set_playing(not self.playing)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._go(self._layer.moment + (step if key == Qt.Key.Key_Right else -step))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._go(track.span[0 if key == Qt.Key.Key_Home else 1])
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._next_event(key == Qt.Key.Key_PageDown)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.faster(-1 if key == Qt.Key.Key_Minus else 1)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Play button, line of the day, speed, close."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        at = event.position()
        zones = self.zones()
        if zones["play"].contains(at):
            self.set_playing(not self.playing)
        elif zones["speed"].contains(at):
            self._speed = (self._speed + 1) % len(SPEEDS)
            self.update()
        elif zones["close"].contains(at):
            self.set_playing(False)
            self.closed.emit()
        elif zones["line"].adjusted(-8, -12, 8, 12).contains(at):
            self._held = True
            self._go(self._moment_at(at.x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle along the day."""
        if self._held:
            self._go(self._moment_at(event.position().x()))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go of the handle."""
        self._held = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus."""
        super().focusOutEvent(event)
        self.update()

    # --- painting ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """As wide as the map, two lines high."""
        return QSize(640, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Least width at which the line of the day can still be grasped."""
        return QSize(320, HEIGHT)

    def zones(self) -> dict[str, QRectF]:
        """Parts that can be clicked."""
        right = self.width() - LINE_RIGHT
        return {
            "play": QRectF(10, 12, 32, 32),
            "line": QRectF(LINE_LEFT, 18, max(right - LINE_LEFT, 40), 8),
            "speed": QRectF(right + 74, 14, 40, 28),
            "close": QRectF(right + 118, 14, 26, 28),
        }

    def _moment_at(self, x: float) -> float:
        line, (low, high) = self.zones()["line"], self._span()
        return low + (high - low) * (x - line.left()) / line.width()

    def _x_of(self, moment: float) -> float:
        line, (low, high) = self.zones()["line"], self._span()
        return line.left() + line.width() * (moment - low) / max(high - low, 1e-9)

    def _span(self) -> tuple[float, float]:
        return self._layer.track.span if self._layer.track is not None else (0.0, 1.0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Everything, or the sentence that says why there is nothing to replay."""
        painter = QPainter(self)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), self._palette.color("bg.panel"))
            painter.setPen(QPen(self._palette.color("line.subtle"), 1))
            painter.drawLine(QPointF(0, 0.5), QPointF(self.width(), 0.5))
            if self._layer.track is None:
                words = self._layer.sentence or layer_words.no_track()
                self._text(painter, QRectF(16, 0, self.width() - 60, HEIGHT), words, "text.secondary")
            else:
                self._play_button(painter)
                self._day(painter)
                self._figures(painter)
            self._close_button(painter)
            if self.hasFocus():
                painter.setPen(QPen(self._palette.color("accent.focus"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        finally:
            # A painter that outlives its device takes the process with it.
            painter.end()

    def _play_button(self, painter: QPainter) -> None:
        box = self.zones()["play"]
        painter.setPen(QPen(self._palette.color("line.normal"), 1))
        painter.setBrush(self._palette.color("bg.raised"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._palette.color("text.primary"))
        at = box.center()
        if self.playing:
            for dx in (-4.5, 1.5):
                painter.drawRect(QRectF(at.x() + dx, at.y() - 6, 3, 12))
        else:
            way = [QPointF(-4, -6.5), QPointF(6.5, 0), QPointF(-4, 6.5)]
            painter.drawPolygon(QPolygonF([at + p for p in way]))

    def _day(self, painter: QPainter) -> None:
        """Known pieces in the colours of the day, gaps as a dashed line, stays as bars below, the handle."""
        track = self._layer.track
        if track is None:
            return
        line, (low, high) = self.zones()["line"], self._span()
        dashed = QPen(self._palette.color("text.tertiary"), 1.4)
        dashed.setDashPattern([3, 3])
        painter.setPen(dashed)
        painter.drawLine(QPointF(line.left(), line.center().y()), QPointF(line.right(), line.center().y()))
        painter.setPen(Qt.PenStyle.NoPen)
        part = (high - low) / COLOURS
        for run in track.runs():
            since, until = float(track.times[run.start]), float(track.times[run.stop - 1])
            for i in range(COLOURS):
                a, b = max(since, low + i * part), min(until, low + (i + 1) * part)
                if b > a:
                    painter.setBrush(self._palette.color(f"map.track_ramp.{i}"))
                    painter.drawRect(
                        QRectF(self._x_of(a), line.top(), self._x_of(b) - self._x_of(a), line.height())
                    )
        painter.setBrush(self._palette.color("text.secondary"))
        for stay in self._layer.stays:
            x = self._x_of(stay.since)
            painter.drawRect(QRectF(x, line.bottom() + 3, max(self._x_of(stay.until) - x, 2), 2.5))
        x = self._x_of(self._layer.moment)
        painter.setPen(QPen(self._palette.color("bg.panel"), 2))
        painter.setBrush(self._palette.color("accent.base"))
        painter.drawEllipse(QPointF(x, line.center().y()), 7, 7)

    def _figures(self, painter: QPainter) -> None:
        right = self.width() - LINE_RIGHT
        box = QRectF(right + 8, 12, 66, 32)
        self._text(painter, box, layer_words.clock(self._layer.moment), "text.primary", bold=True)
        speed = self.zones()["speed"]
        painter.setPen(QPen(self._palette.color("line.normal"), 1))
        painter.setBrush(self._palette.color("bg.raised"))
        painter.drawRoundedRect(speed.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        self._text(painter, speed, f"{self.speed:g}×", "text.primary", centre=True)
        below = QRectF(LINE_LEFT, 31, right - LINE_LEFT, 22)
        self._text(painter, below, self._state_words(), "text.tertiary", pixels=11)

    def _close_button(self, painter: QPainter) -> None:
        at = self.zones()["close"].center()
        painter.setPen(QPen(self._palette.color("text.secondary"), 1.5))
        painter.drawLine(at + QPointF(-4.5, -4.5), at + QPointF(4.5, 4.5))
        painter.drawLine(at + QPointF(-4.5, 4.5), at + QPointF(4.5, -4.5))

    def _state_words(self) -> str:
        """Name, what is known at the moment, sum of the day."""
        track = self._layer.track
        if track is None:
            return self._layer.sentence or layer_words.no_track()
        point = track.at(self._layer.moment)
        stay = self._layer.stay_at(self._layer.moment)
        now = ""
        if point is not None and not point.known:
            now = layer_words.way_unknown(layer_words.short_clock(point.seen_at))
        elif stay is not None:
            minutes = int((stay.until - stay.since) // 60)
            now = layer_words.stay_words(
                minutes, layer_words.short_clock(stay.since), layer_words.short_clock(stay.until)
            )
        gaps = int(track.gaps.sum())
        whole = layer_words.track_sum(texts.distance(track.length_m()), gaps, int(track.unknown_s() // 60))
        return " · ".join(t for t in (track.name, now, whole) if t)

    def _text(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        token: str,
        bold: bool = False,
        centre: bool = False,
        pixels: float = 12,
    ) -> None:
        painter.setFont(self._palette.font(pixels, bold))
        painter.setPen(self._palette.color(token))
        side = Qt.AlignmentFlag.AlignHCenter if centre else Qt.AlignmentFlag.AlignLeft
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)
