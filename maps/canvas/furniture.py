"""The boxes of a map and where they stand; what they are clicked for; the line of hints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter

from maps.canvas import texts, tool_texts
from maps.canvas.arranger import Arranger, pick_line
from maps.canvas.box_plan import EDGE as EDGE_PX
from maps.canvas.box_plan import BoxPlan
from maps.canvas.boxes import MapBox, MeasureSwitch
from maps.canvas.card_box import CardLine, card_size, paint_card, paint_key_line
from maps.canvas.coordinate_box import CoordinateBox
from maps.canvas.heat_legend import paint_heat_legend
from maps.canvas.hint_line import HintLine
from maps.canvas.keys import ZOOM_STEP
from maps.canvas.layer_rows import LayerAsk
from maps.canvas.layers_desk import asked_book, layers_view
from maps.canvas.layers_panel import LayersPanel
from maps.canvas.legend_box import LegendBox
from maps.canvas.menu import open_menu
from maps.canvas.overlay import paint_badge, paint_scale_bar
from maps.canvas.palette import MapPalette
from maps.canvas.tools.legend_keys import LegendTool
from maps.canvas.tools.rubber import paint_chosen_region
from maps.canvas.zoom_box import ZoomBox
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
        self._arranger = Arranger(widget, self)
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
        self._name()
        self.legend.hide()
        if widget.mini:
            for box in self._boxes():
                box.hide()

    def _name(self) -> None:
        """Say what the boxes are."""
        self.switch.setAccessibleName(tool_texts.switch_name())
        self.zoom.setAccessibleName(tool_texts.zoom_name())
        self.legend.setAccessibleName(texts.legend_title_short())
        self.coordinates.setAccessibleName(tool_texts.coordinates_name())

    def _boxes(self) -> tuple[MapBox, ...]:
        return (self.switch, self.layers, self.zoom, self.legend, self.coordinates)

    @property
    def plan(self) -> BoxPlan:
        """Where everything stands."""
        return self._arranger.plan

    def arrange(self) -> None:
        """Give every box its place; a mini map has none."""
        if not self._map.mini:
            self._arranger.arrange()

    # --- what they show ---------------------------------------------------------------------------

    def set_map_palette(self, palette: MapPalette) -> None:
        """Other colours, or other words, for all boxes."""
        self._name()
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
        self.legend.set_off(state.legend_off, self._map.legend_filter.bands_off)
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
        self.legend.set_focus_zone(tool.chosen if isinstance(tool, LegendTool) else "")
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
        heat = self.plan.taken.get("heat")
        if heat is not None:
            picture = self._map.scene.heat
            field, radius = picture.field(self._map.nav.goal), picture.radius_m(self._map.nav.goal)
            paint_heat_legend(painter, heat.room, field, radius, palette)
        scale = self.plan.taken.get("scale")
        if scale is not None:
            paint_scale_bar(painter, view, palette, scale.room.right() - 8, scale.room.bottom() - 4)
        if state.areas is None:
            self._centred(painter, view, texts.nothing_loaded())
        if self._map.mini and self._map.pick_mode:
            self._mini_line(painter, view)
        elif "hint" in self.plan.taken and not self._map.bare:
            paint_card(painter, self._arranger.hint_lines, self.plan.taken["hint"].room, palette)

    def _mini_line(self, painter: QPainter, view: Viewport) -> None:
        """Mini map: how to reach the point by keyboard, or that it lies outside."""
        pin, state, palette = self._map.pin, self._map.state, self._map.scene.palette
        if pin is None or pin.area_code or state.areas is None:
            paint_key_line(painter, "Alt M", texts.fine_tune(), 8.0, view.height - 32, palette)
            return
        line = pick_line(self._map)
        width, height = card_size([line], palette)
        paint_card(painter, [line], QRectF(8.0, view.height - height - 8, width, height), palette)

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
            self._map.legend_filter.show_all()
        else:
            self._map.legend_filter.toggle_item(zone)

    def _on_coordinates(self, _zone: str) -> None:
        self._map.switch_coordinate_system()
