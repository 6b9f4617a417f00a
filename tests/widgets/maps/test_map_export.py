"""Pictures and PDF pages of a map: read back, compared with the screen, whole or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage

from maps.canvas.export import Drawn, ExportRun, export_pdf, export_png, pdf_steps, picture_steps
from maps.canvas.page import A3, A4, HEAD, MARGIN, PAPERS, UHD, Page, PageWords, Paper, screen_paper
from maps.canvas.palette import MapPalette
from maps.geometry.mercator import project
from maps.layers.areas import Measure
from maps.layers.coordinates import CoordinateSystem
from services.geo.whole_file import FileNotWritten
from tests.unit.geo.test_whole_file import largest_file
from tests.widgets import pixels
from tests.widgets.maps.conftest import MakeMap
from tests.widgets.maps.test_map_life import worst

WORDS = PageWords(
    "示例区网格案件图 · 望塔街道", "2026-11-20 14:07（UTC+8）", "数据时间 14:06:58", "值班长 张三"
)
SMALL = Paper("small", 640, 480, 1.0)


def page(paper: Paper = SMALL, words: PageWords = WORDS, theme: str = "light") -> Page:
    return Page(paper, words, MapPalette.load(theme))


def pdf_tool(*arguments: str) -> str:
    """Run one of poppler's programs."""
    if shutil.which(arguments[0]) is None:
        pytest.skip("poppler's programs (Debian's poppler-utils) are not on this machine")
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rendered(path: Path, dpi: int = 96) -> QImage:
    """The first page of a PDF as another program draws it."""
    pdf_tool("pdftoppm", "-r", str(dpi), "-png", "-singlefile", str(path), str(path.with_suffix("")))
    return QImage(str(path.with_suffix(".png")))


# --- papers -------------------------------------------------------------------------------------------------


def test_papers_have_their_sizes() -> None:
    assert set(PAPERS) == {"a4", "a3", "4k"}
    assert [round(v) for v in A4.points] == [842, 595] and [round(v) for v in A3.points] == [1191, 842]
    assert (UHD.width * UHD.ratio, UHD.height * UHD.ratio) == (3840, 2160)
    assert [round(v * A3.ratio) for v in (A3.width, A3.height)] == [4961, 3508], "300 dots an inch"
    assert [round(v) for v in A4.turned().points] == [595, 842]
    assert screen_paper(100, 100, 2.0) == Paper("screen", 480, 360, 2.0)


def test_the_page_shows_what_is_shown(make_map: MakeMap) -> None:
    shown = make_map().view
    for paper in (SMALL, A4, A4.turned(), UHD):
        sheet = page(paper)
        view = sheet.view_of(shown)
        west, south, east, north = view.bounds
        w, s, e, n = shown.bounds
        assert west <= w + 1 and south <= s + 1 and east >= e - 1 and north >= n - 1
        assert (view.cx, view.cy) == (shown.cx, shown.cy)
        assert (view.width, view.height) == (sheet.map_room.width(), sheet.map_room.height())


# --- pictures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", [SMALL, replace(SMALL, ratio=2.0)])
def test_a_picture_has_the_size_asked_for(make_map: MakeMap, tmp_path: Path, paper: Paper) -> None:
    path = tmp_path / "图.png"
    export_png(make_map(), path, page(paper))
    image = QImage(str(path))
    assert (image.width(), image.height()) == (round(640 * paper.ratio), round(480 * paper.ratio))
    assert image.text("Title") == WORDS.title
    assert round(image.dotsPerMeterX() * 0.0254) == round(96 * paper.ratio)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_picture_has_the_colours_of_the_map(make_map: MakeMap, tmp_path: Path, theme: str) -> None:
    """The page is drawn anew as shapes; where the screen has a colour, the page has it too."""
    widget = make_map(theme)
    path = tmp_path / "a.png"
    sheet = page(screen_paper(900, 700, 1.0), theme=theme)
    export_png(widget, path, sheet)
    image, palette = QImage(str(path)), sheet.palette
    for token in ("map.sea", "map.water", "map.density_ramp.0", "map.density_ramp.1"):
        assert pixels.count(image, palette.color(token), tolerance=6) > 300, token
    view = sheet.view_of(widget.view)
    areas = widget.state.areas
    assert areas is not None
    styles, classes = widget.state.area_layer.styles(), widget.state.area_layer.classes(
        areas, areas.finest, palette.tokens)  # fmt: skip
    right = 0
    for at, (x, y) in enumerate(areas.cells.anchors):
        px, py = view.to_screen((float(x), float(y)))
        colour = image.pixelColor(round(float(px) + MARGIN), round(float(py) + HEAD))
        wanted = palette.color(styles[classes[at]].token)
        right += max(abs(a - b) for a, b in zip(colour.getRgb()[:3], wanted.getRgb()[:3], strict=True)) < 12
    assert right > 0.6 * len(areas.cells)  # the others lie below roads, marks and names


def test_every_part_of_the_page_is_there(make_map: MakeMap, tmp_path: Path) -> None:
    widget = make_map()
    path = tmp_path / "a.png"
    sheet = page(A4)
    export_png(widget, path, replace(sheet, paper=replace(A4, ratio=1.0)))
    image, palette = QImage(str(path)), sheet.palette
    width, height = image.width(), image.height()
    from PySide6.QtCore import QRect

    inked = {
        "title": QRect(24, 8, 300, 32), "time": QRect(width - 330, 10, 306, 22), "age": QRect(width - 330, 32, 306, 22),
        "legend": QRect(24, height - 90, 320, 20), "scale": QRect(width - 260, height - 90, 200, 26),
        "north": QRect(width - 52, height - 88, 30, 26), "crs": QRect(width - 330, height - 54, 306, 20),
        "operator": QRect(width - 330, height - 36, 306, 20),
    }  # fmt: skip
    ground = palette.color("bg.panel")
    for name, room in inked.items():
        plain = pixels.count(image, ground, room, tolerance=3)
        assert plain < room.width() * room.height() - 40, name
    bands = QRect(24, height - 32, 560, 24)
    for band in ("soon", "over1", "over2", "over3"):
        assert pixels.count(image, palette.band_color(band), bands, tolerance=20) > 10, band


def test_what_is_switched_off_is_not_drawn(make_map: MakeMap, tmp_path: Path) -> None:
    widget = make_map()
    before = tmp_path / "a.png"
    export_png(widget, before, page())
    for layer in ("cases", "officers", "labels"):
        widget.set_layer_visible(layer, False)
    widget.set_measure(Measure.OVERDUE)
    after = tmp_path / "b.png"
    export_png(widget, after, page())
    palette = page().palette
    assert pixels.count(QImage(str(before)), palette.band_color("over2")) > 40
    assert pixels.count(QImage(str(after)), palette.band_color("over2"), tolerance=4) < 5


@pytest.mark.parametrize("mode", ["heat", "dots"])
def test_pictures_of_all_cases_are_on_the_page(make_map: MakeMap, tmp_path: Path, mode: str) -> None:
    """Heat and dots come as pictures in the page's resolution; the heat explains itself."""
    widget = make_map()
    widget.set_layer_visible("labels", False)
    widget.set_layer_visible("officers", False)
    plain, path, pdf = tmp_path / "plain.png", tmp_path / "a.png", tmp_path / "a.pdf"
    widget.set_layer_visible("cases", False)
    export_png(widget, plain, page())
    widget.set_layer_visible("cases", True)
    widget.state.set_case_mode(mode)
    export_png(widget, path, page())
    differs = (pixels._array(QImage(str(plain))) != pixels._array(QImage(str(path)))).any(axis=2)
    inside = differs[int(HEAD) + 2 : 480 - 100, int(MARGIN) + 2 : 640 - int(MARGIN) - 2]
    assert float(inside.mean()) > (0.2 if mode == "heat" else 0.002)
    export_pdf(widget, pdf, page(A4))
    text = pdf_tool("pdftotext", str(pdf), "-").replace("⽅", "方").replace("⾥", "里")
    assert ("件/平方公里" in text) == (mode == "heat")
    assert len(pdf_tool("pdfimages", "-list", str(pdf)).splitlines()) > 2


def test_an_empty_map_makes_a_page_too(make_map: MakeMap, tmp_path: Path) -> None:
    widget = make_map(filled=False)
    export_png(widget, tmp_path / "a.png", page())
    export_pdf(widget, tmp_path / "a.pdf", page())
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    assert not QImage(str(tmp_path / "a.png")).isNull()


def test_nothing_of_the_map_is_changed(make_map: MakeMap, tmp_path: Path) -> None:
    """The page has a scene of its own: what is on screen is neither moved nor drawn again for it."""
    widget = make_map()
    view, layout, paints = widget.view, widget.scene.layout, widget.scene.ground_paints
    export_png(widget, tmp_path / "a.png", page(A4.turned()))
    assert widget.view == view and widget.scene.layout is layout and widget.scene.ground_paints == paints


# --- PDF ----------------------------------------------------------------------------------------------------


def test_a_pdf_has_its_paper_its_title_and_its_fonts(
    make_map: MakeMap, tmp_path: Path, chinese_font: str
) -> None:
    path = tmp_path / "a.pdf"
    export_pdf(make_map(), path, page(A4))
    told = pdf_tool("pdfinfo", str(path))
    assert f"Title:           {WORDS.title}" in told and "Pages:           1" in told
    assert "842" in told and "595" in told and "(A4)" in told
    fonts = pdf_tool("pdffonts", str(path)).splitlines()[2:]
    assert fonts and all(" yes " in line.split("Identity-H")[-1][:12] + " " for line in fonts), fonts
    text = pdf_tool("pdftotext", "-layout", str(path), "-")
    for words in ("2026-11-20 14:07", "14:06:58", "张三", "WGS84", "24h", "72h"):
        assert words in text, words


def test_lines_and_words_of_a_pdf_are_shapes(make_map: MakeMap, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    widget = make_map()
    widget.set_layer_visible("officers", False)
    export_pdf(widget, path, page(A4))
    assert len(pdf_tool("pdfimages", "-list", str(path)).splitlines()) == 2, "no picture in it"


def test_another_program_draws_the_same_page(make_map: MakeMap, tmp_path: Path) -> None:
    widget = make_map()
    paper = replace(A4, ratio=1.0)
    export_pdf(widget, tmp_path / "pdf.pdf", page(paper))
    export_png(widget, tmp_path / "png.png", page(paper))
    one, other = rendered(tmp_path / "pdf.pdf"), QImage(str(tmp_path / "png.png"))
    width, height = min(one.width(), other.width()), min(one.height(), other.height())
    assert abs(one.width() - other.width()) <= 2 and abs(one.height() - other.height()) <= 2
    a = pixels._array(one.copy(0, 0, width, height))[:, :, :3]
    b = pixels._array(other.copy(0, 0, width, height))[:, :, :3]
    alike = (np.abs(a - b) <= 24).all(axis=2)
    assert float(alike.mean()) > 0.93


def test_long_words_are_shortened_and_tricks_stay_words(make_map: MakeMap, tmp_path: Path) -> None:
    words = replace(WORDS, title="很长的标题" * 60, operator="张\n三\u202e👨‍👩‍👧", data_age="<b>x</b>")
    path = tmp_path / "a.pdf"
    export_pdf(make_map(), path, page(words=words))
    text = pdf_tool("pdftotext", "-layout", str(path), "-")
    assert "…" in text and "<b>x</b>" in text


def test_the_page_names_the_coordinate_system(make_map: MakeMap, tmp_path: Path) -> None:
    export_pdf(make_map(), tmp_path / "a.pdf", page(words=replace(WORDS, system=CoordinateSystem.GCJ02)))
    assert "GCJ-02" in pdf_tool("pdftotext", str(tmp_path / "a.pdf"), "-")


def test_offline_the_page_says_how_old_it_is(make_map: MakeMap, tmp_path: Path) -> None:
    widget = make_map()
    widget.set_offline(True, "离线底图 · 位置为 13:58 最后上报")
    export_pdf(widget, tmp_path / "a.pdf", page())
    text = pdf_tool("pdftotext", str(tmp_path / "a.pdf"), "-")
    assert "13:58" in text and "14:06:58" not in text


# --- whole or not at all ------------------------------------------------------------------------------------


@pytest.mark.parametrize("export", [export_png, export_pdf])
def test_a_full_disk_is_told_and_nothing_is_left(make_map: MakeMap, tmp_path: Path, export: Any) -> None:
    widget = make_map()
    with pytest.raises(FileNotWritten, match="没有保存"), largest_file(2048):
        export(widget, tmp_path / "a.out", page())
    assert os.listdir(tmp_path) == []


def test_an_existing_file_is_kept_where_asked_so(make_map: MakeMap, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    with pytest.raises(FileNotWritten, match="已经存在"):
        export_png(make_map(), path, page(), overwrite=False)
    assert path.read_bytes() == b"old"


def test_a_picture_too_large_for_memory_is_refused(make_map: MakeMap, tmp_path: Path) -> None:
    huge = Paper("huge", 40_000, 40_000, 10.0)
    with pytest.raises(FileNotWritten, match="图片太大"):
        export_png(make_map(), tmp_path / "a.png", page(huge))
    assert os.listdir(tmp_path) == []


# --- in slices ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [picture_steps, pdf_steps])
def test_a_run_gives_what_the_blocking_way_gives(
    make_map: MakeMap, qtbot: Any, tmp_path: Path, steps: Any
) -> None:
    widget = make_map()
    run = ExportRun(lambda: steps(widget, page()), widget)
    with qtbot.waitSignal(run.done, timeout=20_000) as told:
        run.start()
        assert run.running
    drawn = told.args[0]
    assert isinstance(drawn, Drawn) and not run.running
    drawn.write(tmp_path / "run.out")
    if steps is picture_steps:
        export_png(widget, tmp_path / "at_once.png", page())
        one = QImage.fromData((tmp_path / "run.out").read_bytes())
        assert worst(one, QImage(str(tmp_path / "at_once.png"))) < 40
    else:
        assert (tmp_path / "run.out").read_bytes().startswith(b"%PDF-")


def test_a_run_that_is_given_up_tells_nothing(make_map: MakeMap, qtbot: Any) -> None:
    widget = make_map()
    run = ExportRun(lambda: picture_steps(widget, page()), widget)
    told: list[object] = []
    run.done.connect(told.append)
    run.failed.connect(told.append)
    run.start()
    qtbot.wait(1)  # house: ok sleeping-test: the event loop turns once
    run.cancel()
    run.cancel()
    assert not run.running
    with qtbot.assertNotEmitted(run.done, wait=50):
        pass
    assert told == []


def test_a_run_that_cannot_draw_says_why(make_map: MakeMap, qtbot: Any) -> None:
    widget = make_map()
    run = ExportRun(lambda: picture_steps(widget, page(Paper("huge", 40_000, 40_000, 10.0))), widget)
    with qtbot.waitSignal(run.failed, timeout=5000) as told:
        run.start()
    assert "图片太大" in told.args[0]


def test_a_place_on_the_page_is_where_it_is(make_map: MakeMap) -> None:
    """The view of the page is the projection of the map: a known point lands on its pixel."""
    widget = make_map()
    view = page(A4).view_of(widget.view)
    x, y = project(113.26, 23.15)
    px, py = view.to_screen((float(x), float(y)))
    back = view.to_world((float(px), float(py)))
    assert float(back[0]) == pytest.approx(float(x)) and float(back[1]) == pytest.approx(float(y))
