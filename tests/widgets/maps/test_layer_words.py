"""Words of the layers: all through the translator, forms of numbers and times as the design has them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication

from maps.canvas import layer_words as words
from maps.canvas.layers_panel import LayersPanel
from maps.canvas.palette import MapPalette
from maps.canvas.track_bar import TrackBar
from maps.layers.book import LayerBook, LayerSpec
from maps.layers.components import MAIN_CLASSES
from maps.layers.drawings import SHAPES
from tests.widgets.maps.conftest import MakeMap

NOW = 1_795_000_000.0


class Marking(QTranslator):
    """A language in which every word of the layers is marked."""

    def translate(self, context: str, source: str, disambiguation: str = "", n: int = -1) -> str:
        del disambiguation, n
        return "§" + source if context == "MapLayers" else ""

    def isEmpty(self) -> bool:  # noqa: N802 # Qt's name
        return False


@pytest.fixture
def marking(qapp: QApplication) -> Iterator[Marking]:
    translator = Marking()
    yield translator
    qapp.removeTranslator(translator)


def everything() -> list[str]:
    """Every word there is, with examples put in."""
    out = [words.layer_title(spec) for spec in LayerBook().layers]
    out += [words.age(s, NOW) for s in (5, 90, 7200)]
    out += [words.officer_count(3), words.and_more(4), words.position_age("刚才")]
    out += [words.component_class(i) for i in range(len(MAIN_CLASSES))]
    out += [words.component_count(1234), *words.component_lines(), words.mostly("井盖")]
    out += [words.camera_state(*s, "14:02") for s in ((False, False), (True, False), (False, True))]
    out += [words.stay_words(5, "9:00", "9:05"), words.no_track(), words.way_unknown("9:00")]
    out += [words.track_sum("3 公里", n, 5) for n in (0, 2)]
    out += [words.drawn_by("方", "11-20"), *(words.shape_name(s) for s in SHAPES)]
    out += [words.colour_name(c) for c in ("ink", "blue", "green", "brown", "violet")]
    out += [
        words.panel_title(),
        words.panel_help(),
        *(words.note(n) for n in ("no_data", "no_source", "newer")),
    ]
    out += [words.breaks_button(), words.reset_button(), words.default_button(), words.apply_button()]
    out += [words.back_button(), words.breaks_title("在办", "网格"), words.no_breaks(), words.lower_bound(2)]
    out += [words.breaks_refused(r) for r in ("number", "order", "first", "count")]
    out += [words.class_number(1), words.track_bar_name(), words.track_bar_help()]
    out += [words.draw_hint(s, "墨", n) for s in SHAPES for n in (0, 2)]
    out += [words.note_hint(s) for s in ("point", "text")]
    out += [
        words.note_placeholder(),
        *(words.drawing_refused(r) for r in ("full", "range", "text", "corners")),
    ]
    out += [words.case_mode(m) for m in ("clusters", "dots", "heat")]
    out += [words.heat_radius(r) for r in (0.0, 300.0)]
    return out


def test_every_word_goes_through_the_translator(qapp: QApplication, marking: Marking) -> None:
    plain = everything()
    assert all(plain) and not any("§" in text for text in plain)
    qapp.installTranslator(marking)
    for text in everything():
        assert text.startswith("§"), text


def test_no_word_keeps_an_open_bracket() -> None:
    lines = set(words.component_lines())
    assert not [text for text in everything() if "{" in text and text not in lines]


def test_words_are_about_what_they_name() -> None:
    titles = [words.layer_title(spec) for spec in LayerBook().layers]
    assert len(set(titles)) == len(titles)
    assert words.layer_title(LayerSpec("tiles:a", "tiles", "天地图影像")) == "天地图影像"
    assert words.layer_title(LayerSpec("tiles:a", "tiles")) == "tiles:a"
    assert words.camera_state(True, True, "") == "视频信号中断 — 起"
    assert words.drawn_by("", "") == "— 标绘于 —"
    assert words.component_count(12_345) == "12,345 个部件"
    assert words.note("") == ""
    assert words.colour_name("gold") == "gold"


def test_times_are_those_of_the_centre() -> None:
    assert words.clock(NOW) == "19:06:40"
    assert words.short_clock(NOW) == "19:06"
    assert words.local(0.0).isoformat() == "1970-01-01T08:00:00+08:00"


def test_panel_and_bar_take_another_language(qapp: QApplication, make_map: MakeMap, marking: Marking) -> None:
    widget = make_map(size=(1000, 800))
    widget.furniture.toggle_layers()
    panel: LayersPanel = widget.furniture.layers
    panel.open_breaks()
    bar = TrackBar(MapPalette.load("dark"), widget)
    before = (panel.page.apply.text(), panel.view.rows[0].title, bar.accessibleName())
    qapp.installTranslator(marking)
    qapp.processEvents()
    after = (panel.page.apply.text(), panel.view.rows[0].title, bar.accessibleName())
    assert after == tuple("§" + text for text in before)
    widget.grab()
    qapp.removeTranslator(marking)
    qapp.processEvents()
    assert (panel.page.apply.text(), panel.view.rows[0].title, bar.accessibleName()) == before
