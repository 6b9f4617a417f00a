"""Gives every box of a map its place; in a small map some show less, and what has no room stays away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QSizeF

from maps.canvas import texts
from maps.canvas.box_plan import EDGE, STRIP, BoxPlan, Place
from maps.canvas.boxes import MapBox, MeasureSwitch
from maps.canvas.card_box import CardLine
from maps.canvas.heat_legend import SIZE as HEAT_SIZE
from maps.canvas.hint_line import lines_size, wrapped
from maps.canvas.legend_box import LegendBox
from maps.canvas.overlay import badge_width, scale_bar_room
from maps.canvas.zoom_box import COLUMNS, ZoomBox

if TYPE_CHECKING:
    from maps.canvas.furniture import Furniture
    from maps.canvas.verbs import MapVerbs

BESIDE_PX = (0.0, 44.0, 134.0, 260.0)
"""Where the zoom box looks for room, from the right rim inwards."""
HINT_PX = (2000.0, 420.0, 320.0, 240.0)
"""Widths a hint is broken to, until it finds room."""


class Arranger:
    """Keeps the plan of one map and the line of hints that stands in it."""

    def __init__(self, widget: MapVerbs, furniture: Furniture) -> None:
        self._map, self._boxes = widget, furniture
        self.plan = BoxPlan(1, 1)
        self.hint_lines: list[CardLine] = []

    def arrange(self) -> None:
        """Give every box its place: who matters most chooses first."""
        boxes = self._boxes
        plan = self.plan = BoxPlan(self._map.width(), self._map.height())
        self._put("layers", boxes.layers, self._layer_places())
        self._put("switch", boxes.switch, self._switch_places())
        plan.put("scale", [Place("full", plan.bottom_right(scale_bar_room(self._map.scene.palette)))])
        if boxes.legend.legend is not None:
            self._put("legend", boxes.legend, self._legend_places())
        else:
            boxes.legend.hide()
        self._put_heat()
        self._put("coordinates", boxes.coordinates, self._coordinate_places())
        self._put("zoom", boxes.zoom, self._zoom_places())
        self._put_badge()
        self.place_hint()

    def _put(self, name: str, box: MapBox, places: Iterable[Place]) -> None:
        place = self.plan.put(name, places)
        box.setVisible(place is not None)
        if place is None:
            return
        if isinstance(box, MeasureSwitch | ZoomBox | LegendBox):
            box.set_form(place.form)
        box.setGeometry(place.room.toRect())

    def _layer_places(self) -> list[Place]:
        plan, panel = self.plan, self._boxes.layers
        panel.set_room(QSize(int(plan.width - 2 * EDGE), int(plan.height - 2 * EDGE)))
        return [Place("full", plan.top_right(QSizeF(panel.sizeHint()), down)) for down in (0.0, 38.0)]

    def _switch_places(self) -> Iterable[Place]:
        for down in (0.0, 42.0):
            for form in ("full", "caps"):
                size = QSizeF(self._boxes.switch.size_of(form))
                yield Place(form, self.plan.top_left(size, down))

    def _coordinate_places(self) -> list[Place]:
        plan, size = self.plan, QSizeF(self._boxes.coordinates.sizeHint())
        beside = plan.taken["scale"].room.width() + 6 if "scale" in plan.taken else 0.0
        return [
            Place("full", plan.bottom_right(size, left=beside)),
            Place("full", plan.bottom_right(size, up=STRIP + 6)),
        ]

    def _zoom_places(self) -> Iterable[Place]:
        for left in BESIDE_PX:
            for form in COLUMNS:
                for up in (STRIP + 6, 2 * (STRIP + 6)):
                    size = QSizeF(ZoomBox.size_of(form))
                    yield Place(form, self.plan.bottom_right(size, up=up, left=left))

    def _legend_places(self) -> list[Place]:
        legend, plan = self._boxes.legend, self.plan
        folded = Place("folded", plan.bottom_left(QSizeF(legend.size_of("folded"))))
        if legend.folded:
            return [folded]
        return [Place("open", plan.bottom_left(QSizeF(legend.size_of("open")))), folded]

    def _put_heat(self) -> None:
        """The legend of the heat stands above the other one, or beside it."""
        plan = self.plan
        if self._map.state.shows_heat:
            legend = plan.taken.get("legend")
            up = legend.room.height() + 8 if legend is not None else 0.0
            right = legend.room.right() + 8 if legend is not None else EDGE
            beside = plan.bottom_left(HEAT_SIZE).translated(right - EDGE, 0)
            plan.put("heat", [Place("full", plan.bottom_left(HEAT_SIZE, up)), Place("full", beside)])

    def _put_badge(self) -> None:
        state, plan = self._map.state, self.plan
        if state.offline and state.offline_text:
            width = badge_width(state.offline_text, self._map.scene.palette)
            size = QSizeF(min(width, plan.width - 2 * EDGE), 28)
            plan.put("badge", [Place("full", plan.top_left(size, down)) for down in (38, 0, 72, 106)])

    # --- the line of hints ------------------------------------------------------------------------

    def place_hint(self) -> None:
        """The hint takes the lowest free room; it never hides another box."""
        self.plan.taken.pop("hint", None)
        line = self._hint()
        if not line.text:
            self.hint_lines = []
            return
        palette = self._map.scene.palette
        for room in HINT_PX:
            lines = wrapped(line.text, palette, min(room, self.plan.width - 2 * EDGE))
            self.hint_lines = [CardLine(one.text, line.token) for one in lines]
            size = lines_size(lines, palette)
            if self.plan.put("hint", self.plan.lowest("full", size)) is not None:
                return

    def _hint(self) -> CardLine:
        """What was just done, else what to do now."""
        grid_map = self._map
        if self._boxes.hint.said:
            return CardLine(self._boxes.hint.said, "text.primary")
        if grid_map.pick_mode:
            return pick_line(grid_map)
        return CardLine(grid_map.tools.hint(), "text.primary")


def pick_line(grid_map: MapVerbs) -> CardLine:
    """Pick mode: what to do, or where the point has come to lie."""
    pin, areas = grid_map.pin, grid_map.state.areas
    if pin is None or areas is None:
        return CardLine(texts.pick_hint())
    if pin.area_code:
        return CardLine(texts.landed(areas.name_of(pin.area_code), pin.accuracy_m), "sla.closed.text")
    return CardLine(texts.outside(), "sla.over2.text")
