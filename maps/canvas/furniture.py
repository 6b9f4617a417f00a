"""The boxes of a map and where they stand; what they are clicked for; the line of hints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, QSizeF, Qt, QTimer
from PySide6.QtGui import QPainter

from maps.canvas import texts
from maps.canvas.box_plan import EDGE as EDGE_PX
from maps.canvas.box_plan import STRIP, BoxPlan, Place
from maps.canvas.boxes import MapBox, MeasureSwitch
from maps.canvas.card_box import CardLine, card_size, paint_card, paint_key_line
from maps.canvas.coordinate_box import CoordinateBox
from maps.canvas.hint_line import HintLine, lines_size, wrapped
from maps.canvas.keys import ZOOM_STEP
from maps.canvas.layer_rows import LayerAsk
from maps.canvas.layers_desk import asked_book, layers_view
from maps.canvas.layers_panel import LayersPanel
from maps.canvas.legend_box import LegendBox
from maps.canvas.menu import open_menu
from maps.canvas.overlay import badge_width, paint_badge, paint_scale_bar, scale_bar_room
from maps.canvas.palette import MapPalette
from maps.canvas.tools.legend_keys import LegendTool
from maps.canvas.tools.rubber import paint_chosen_region
from maps.canvas.zoom_box import COLUMNS, ZoomBox
from maps.geometry.viewport import Viewport
from maps.layers.areas import Measure
from maps.layers.coordinates import shown_text
from maps.layers.legend import LegendModel

if TYPE_CHECKING:
    from maps.canvas.verbs import MapVerbs

EDGE = int(EDGE_PX)
FIGURES_MS = 40
"""The coordinates follow the pointer this often."""


class Furniture:
    """Owns the boxes of one map; a mini map has none."""

    def __init__(self, widget: MapVerbs) -> None:
        self._map = widget
        palette = widget.scene.palette
        self.switch = MeasureSwitch(palette, widget)
        self.layers = LayersPanel(palette, widget)
        self.zoom = ZoomBox(palette, widget)
        self.legend = LegendBox(palette, widget)
        self.coordinates = CoordinateBox(palette, widget)
        self.hint = HintLine(widget, self._hint_changed)
        self.plan = BoxPlan(1, 1)
        self._hint_lines: list[CardLine] = []
        self._figures = QTimer(widget)
        self._figures.setSingleShot(True)
        self._figures.setInterval(FIGURES_MS)
        self._figures.timeout.connect(self._show_figures)
        self.switch.zone_clicked.connect(self._on_measure)
        self.layers.zone_clicked.connect(self._on_layer)
        self.layers.asked.connect(self._on_layer_asked)
        self.layers.resized.connect(self.arrange)
        self.zoom.zone_clicked.connect(self._on_zoom)
        self.legend.zone_clicked.connect(self._on_legend)
        self.coordinates.zone_clicked.connect(self._on_coordinates)
        self.legend.hide()
        if widget.mini:
            for box in self._boxes():
                box.hide()

    def _boxes(self) -> tuple[MapBox, ...]:
        return (self.switch, self.layers, self.zoom, self.legend, self.coordinates)

    # --- where they stand -------------------------------------------------------------------------

    def arrange(self) -> None:
        """Give every box its place; in a small map some show less, and what has no room stays away."""
        if self._map.mini:
            return
        plan = self.plan = BoxPlan(self._map.width(), self._map.height())
        self._put(plan, "layers", self.layers, self._layer_places(plan))
        self._put(plan, "switch", self.switch, self._switch_places(plan))
        plan.put("scale", [Place("full", plan.bottom_right(scale_bar_room(self._map.scene.palette)))])
        if self.legend.legend is not None:
            self._put(plan, "legend", self.legend, self._legend_places(plan))
        else:
            self.legend.hide()
        self._put(plan, "coordinates", self.coordinates, self._coordinate_places(plan))
        self._put(plan, "zoom", self.zoom, self._zoom_places(plan))
        if self._map.state.offline and self._map.state.offline_text:
            width = badge_width(self._map.state.offline_text, self._map.scene.palette)
            size = QSizeF(min(width, plan.width - 2 * EDGE), 28)
            plan.put("badge", [Place("full", plan.top_left(size, down)) for down in (38, 0, 72, 106)])
        self._place_hint(plan)

    def _put(self, plan: BoxPlan, name: str, box: MapBox, places: list[Place]) -> None:
        place = plan.put(name, places)
        box.setVisible(place is not None)
        if place is None:
            return
        if isinstance(box, MeasureSwitch | ZoomBox | LegendBox):
            box.set_form(place.form)
        box.setGeometry(place.room.toRect())

    def _layer_places(self, plan: BoxPlan) -> list[Place]:
        self.layers.set_room(QSize(int(plan.width) - 2 * EDGE, int(plan.height) - 2 * EDGE))
        size = QSizeF(self.layers.sizeHint())
        return [Place("full", plan.top_right(size, down)) for down in (0.0, 38.0)]

    def _switch_places(self, plan: BoxPlan) -> list[Place]:
        return [
            Place(form, plan.top_left(QSizeF(self.switch.size_of(form)), down))
            for down in (0.0, 42.0)
            for form in ("full", "caps")
        ]

    def _coordinate_places(self, plan: BoxPlan) -> list[Place]:
        size = QSizeF(self.coordinates.sizeHint())
        beside = plan.taken["scale"].room.width() + 6 if "scale" in plan.taken else 0.0
        return [
            Place("full", plan.bottom_right(size, left=beside)),
            Place("full", plan.bottom_right(size, up=STRIP + 6)),
        ]

    def _zoom_places(self, plan: BoxPlan) -> list[Place]:
        return [
            Place(form, plan.bottom_right(QSizeF(ZoomBox.size_of(form)), up=up, left=left))
            for left in (0.0, 44.0, 134.0, 260.0)
            for form in COLUMNS
            for up in (STRIP + 6, 2 * (STRIP + 6))
        ]

    def _legend_places(self, plan: BoxPlan) -> list[Place]:
        folded = Place("folded", plan.bottom_left(QSizeF(self.legend.size_of("folded"))))
        if self.legend.folded:
            return [folded]
        return [Place("open", plan.bottom_left(QSizeF(self.legend.size_of("open")))), folded]

    def _place_hint(self, plan: BoxPlan) -> None:
        """The hint takes the lowest free room; the label of a tool never hides another box."""
        text = self._hint_text()
        palette = self._map.scene.palette
        self._hint_lines = wrapped(text, palette, plan.width - 2 * EDGE) if text else []
        if not self._hint_lines:
            return
        for room in (plan.width - 2 * EDGE, 420.0, 320.0, 240.0):
            self._hint_lines = wrapped(text, palette, min(room, plan.width - 2 * EDGE))
            size = lines_size(self._hint_lines, palette)
            if plan.put("hint", plan.lowest("full", size)) is not None:
                return

    def _hint_text(self) -> str:
        grid_map = self._map
        return self.hint.said or grid_map.tools.hint()

    # --- what they show ---------------------------------------------------------------------------

    def set_map_palette(self, palette: MapPalette) -> None:
        """Other colours for all boxes."""
        for box in self._boxes():
            box.set_map_palette(palette)
        self.arrange()

    def set_legend(self, legend: LegendModel | None) -> None:
        """Explain another fill."""
        if legend == self.legend.legend and self.legend.isHidden() == (legend is None):
            return
        self.legend.set_legend(legend)
        self.arrange()

    def sync(self) -> None:
        """Show the state of measure, layers, classes, history and coordinates."""
        state, nav = self._map.state, self._map.nav
        self.switch.set_measure(state.area_layer.measure)
        self.layers.set_view(layers_view(self._map))
        self.legend.set_off(state.legend_off)
        self.zoom.set_ways(nav.can_back, nav.can_forward)
        self._show_figures()
        self.arrange()

    def toggle_layers(self, by_key: bool = True) -> None:
        """Fold or unfold the layers panel; by key it takes the keyboard, and gives it back when folded."""
        had = self.layers.has_keyboard()
        self.layers.set_view(layers_view(self._map))
        self.layers.set_folded(not self.layers.folded)
        self.arrange()
        if by_key and not self.layers.folded:
            self.layers.setFocus(Qt.FocusReason.OtherFocusReason)
        elif had:
            self._map.setFocus(Qt.FocusReason.OtherFocusReason)

    def pointer_moved(self) -> None:
        """The pointer is elsewhere: the coordinates follow soon."""
        if not self._map.mini and not self._figures.isActive():
            self._figures.start()

    def _show_figures(self) -> None:
        if not self._map.mini:
            system = self._map.coordinate_system
            self.coordinates.set_figures(shown_text(system, *self._map.pointed_at()), system)

    def tool_changed(self) -> None:
        """Another tool, or another state of it."""
        tool = self._map.tools.active
        self.legend.set_focus_class(tool.chosen if isinstance(tool, LegendTool) else None)
        self._show_figures()
        self.arrange()

    def say(self, text: str) -> None:
        """Show a sentence for a while."""
        self.hint.say(text)

    def _hint_changed(self) -> None:
        self.arrange()
        self._map.update()

    def open_menu(self, at: QPoint | None = None) -> None:
        """Open the menu of all verbs at a pixel; without one at what is pointed at by keyboard."""
        if at is None:
            x, y = self._map.view.to_screen(self._map.pointed_at())
            at = QPoint(round(float(x)), round(float(y)))
            if not self._map.rect().contains(at):
                at = self._map.rect().center()
        open_menu(self._map, at)

    def obstacles(self) -> list[QRectF]:
        """Room on screen that labels and cards keep off."""
        out = [place.room.adjusted(-4, -4, 4, 4) for name, place in self.plan.taken.items() if name != "hint"]
        if self._map.mini:
            out = [QRectF(EDGE, EDGE, 300, 36)] if self._map.state.offline else []
            out.append(QRectF(0, self._map.height() - 36, 170, 36))
        pin = self._map.pin
        if pin is not None:
            x, y = (float(v) for v in self._map.view.to_screen((pin.x, pin.y)))
            out.append(QRectF(x - 13, y - 32, 26, 36))
        return out

    # --- what is painted --------------------------------------------------------------------------

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint what is no widget: tool, badge, scale bar, hints, word while nothing is loaded."""
        state, palette = self._map.state, self._map.scene.palette
        paint_chosen_region(painter, self._map.region, view, palette)
        self._map.tools.paint(painter, view, palette)
        if state.offline and state.offline_text:
            place = self.plan.taken.get("badge")
            left, top = (place.room.x(), place.room.y()) if place else (EDGE, EDGE)
            if place is not None or self._map.mini:
                paint_badge(painter, state.offline_text, left, top, palette)
        scale = self.plan.taken.get("scale")
        if scale is not None:
            paint_scale_bar(painter, view, palette, scale.room.right() - 8, scale.room.bottom() - 4)
        if state.areas is None:
            self._centred(painter, view, texts.nothing_loaded())
        if self._map.pick_mode:
            self._pick_line(painter, view)
        elif "hint" in self.plan.taken:
            paint_card(painter, self._hint_lines, self.plan.taken["hint"].room, palette)

    def _pick_line(self, painter: QPainter, view: Viewport) -> None:
        pin, state, palette = self._map.pin, self._map.state, self._map.scene.palette
        inside = pin is None or bool(pin.area_code) or state.areas is None
        if self._map.mini and inside:
            paint_key_line(painter, "Alt M", texts.fine_tune(), 8.0, view.height - 32, palette)
            return
        if pin is None or state.areas is None:
            line = CardLine(texts.pick_hint())
        elif pin.area_code:
            line = CardLine(
                texts.landed(state.areas.name_of(pin.area_code), pin.accuracy_m), "sla.closed.text"
            )
        else:
            line = CardLine(texts.outside(), "sla.over2.text")
        width, height = card_size([line], palette)
        left = 8.0 if self._map.mini else (view.width - width) / 2
        top = view.height - height - (8 if self._map.mini else 20)
        paint_card(painter, [line], QRectF(left, top, width, height), palette)

    def _centred(self, painter: QPainter, view: Viewport, text: str) -> None:
        line = CardLine(text)
        width, height = card_size([line], self._map.scene.palette)
        # A pin that is there already stays in sight.
        top = (view.height - height) / 2 if self._map.pin is None else 16.0
        box = QRectF((view.width - width) / 2, top, width, height)
        paint_card(painter, [line], box, self._map.scene.palette)

    # --- what they are clicked for ----------------------------------------------------------------

    def _on_measure(self, zone: str) -> None:
        self._map.choose_measure(Measure(zone))

    def _on_layer(self, zone: str) -> None:
        if zone == "fold":
            self.toggle_layers(by_key=False)

    def _on_layer_asked(self, ask: object) -> None:
        assert isinstance(ask, LayerAsk)
        self._map.change_book(asked_book(self._map.book, ask))

    def _on_zoom(self, zone: str) -> None:
        view = self._map.view
        if zone == "fit":
            if not self._map.centre_on_case():
                self._map.fit_all()
        elif zone in ("back", "forward"):
            self._map.run_command(zone)
        elif zone == "menu":
            self.open_menu(self.zoom.geometry().topLeft())
        else:
            factor = ZOOM_STEP if zone == "in" else 1 / ZOOM_STEP
            self._map.nav.zoom_at(factor, view.width / 2, view.height / 2)

    def _on_legend(self, zone: str) -> None:
        if zone == "fold":
            self.legend.set_folded(not self.legend.folded)
            self.arrange()
        elif zone == "all":
            self._map.legend_filter.take(frozenset())
        else:
            self._map.legend_filter.toggle(int(zone.partition(":")[2]))

    def _on_coordinates(self, _zone: str) -> None:
        self._map.switch_coordinate_system()
