"""The boxes of a map and where they stand: corners, folding, the badge and the scale bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF
from PySide6.QtGui import QPainter

from maps.canvas import texts
from maps.canvas.boxes import LayersBox, MapBox, MeasureSwitch, ZoomBox
from maps.canvas.card_box import CardLine, card_size, paint_card, paint_key_line
from maps.canvas.keys import ZOOM_STEP
from maps.canvas.legend_box import LegendBox
from maps.canvas.overlay import paint_badge, paint_scale_bar
from maps.canvas.palette import MapPalette
from maps.geometry.viewport import Viewport
from maps.layers.areas import Measure
from maps.layers.legend import LegendModel

if TYPE_CHECKING:
    from maps.canvas.widget import GridMapWidget

EDGE = 12


class Furniture:
    """Owns the boxes of one map; a mini map has none."""

    def __init__(self, widget: GridMapWidget) -> None:
        self._map = widget
        palette = widget.scene.palette
        self.switch = MeasureSwitch(palette, widget)
        self.layers = LayersBox(palette, widget)
        self.zoom = ZoomBox(palette, widget)
        self.legend = LegendBox(palette, widget)
        self.switch.zone_clicked.connect(self._on_measure)
        self.layers.zone_clicked.connect(self._on_layer)
        self.zoom.zone_clicked.connect(self._on_zoom)
        self.legend.zone_clicked.connect(self._on_legend)
        self.legend.hide()
        if widget.mini:
            for box in self._boxes():
                box.hide()

    def _boxes(self) -> tuple[MapBox, ...]:
        return (self.switch, self.layers, self.zoom, self.legend)

    def arrange(self) -> None:
        """Put the boxes into their corners."""
        width, height = self._map.width(), self._map.height()
        self.switch.move(QPoint(EDGE, EDGE))
        self.layers.move(QPoint(width - EDGE - self.layers.width(), EDGE))
        self.zoom.move(QPoint(width - EDGE - self.zoom.width(), height - 44 - self.zoom.height()))
        self.legend.move(QPoint(EDGE, height - EDGE - self.legend.height()))

    def set_map_palette(self, palette: MapPalette) -> None:
        """Other colours for all boxes."""
        for box in self._boxes():
            box.set_map_palette(palette)
        self.arrange()

    def set_legend(self, legend: LegendModel | None) -> None:
        """Explain another fill."""
        self.legend.set_legend(legend)
        self.legend.setVisible(legend is not None and not self._map.mini)
        self.arrange()

    def sync(self) -> None:
        """Show the state of measure and layers."""
        self.switch.set_measure(self._map.state.area_layer.measure)
        self.layers.set_hidden(self._map.state.hidden)

    def toggle_layers(self) -> None:
        """Fold or unfold the layers box."""
        self.layers.set_folded(not self.layers.folded)
        self.arrange()

    def obstacles(self) -> list[QRectF]:
        """Room on screen that labels and cards keep off."""
        out = [QRectF(box.geometry()).adjusted(-4, -4, 4, 4) for box in self._boxes() if not box.isHidden()]
        if not self._map.mini:
            out.append(QRectF(self._map.width() - 200, self._map.height() - 36, 200, 36))
        if self._map.state.offline:
            out.append(QRectF(EDGE, 48, 300, 36))
        pin = self._map.pin
        if pin is not None:
            x, y = (float(v) for v in self._map.view.to_screen((pin.x, pin.y)))
            out.append(QRectF(x - 13, y - 32, 26, 36))
        if self._map.mini:
            out.append(QRectF(0, self._map.height() - 36, 170, 36))
        return out

    def paint(self, painter: QPainter, view: Viewport) -> None:
        """Paint what is no widget: badge, scale bar, hint of pick mode, word while nothing is loaded."""
        state, palette = self._map.state, self._map.scene.palette
        if state.offline and state.offline_text:
            paint_badge(painter, state.offline_text, EDGE, EDGE if self._map.mini else 50, palette)
        if not self._map.mini:
            paint_scale_bar(painter, view, palette, view.width - EDGE, view.height - EDGE)
        if state.areas is None:
            self._centred(painter, view, texts.nothing_loaded())
        if self._map.pick_mode:
            self._pick_line(painter, view)

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

    def _on_measure(self, zone: str) -> None:
        self._map.choose_measure(Measure(zone))

    def _on_layer(self, zone: str) -> None:
        if zone == "fold":
            self.toggle_layers()
        else:
            self._map.set_layer_visible(zone, not self._map.state.shows(zone))

    def _on_zoom(self, zone: str) -> None:
        view = self._map.view
        if zone == "fit":
            if not self._map.centre_on_case():
                self._map.fit_all()
            return
        factor = ZOOM_STEP if zone == "in" else 1 / ZOOM_STEP
        self._map.nav.zoom_at(factor, view.width / 2, view.height / 2)

    def _on_legend(self, _zone: str) -> None:
        self.legend.set_folded(not self.legend.folded)
        self.arrange()
