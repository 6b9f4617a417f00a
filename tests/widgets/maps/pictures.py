"""Render the map to PNG files for the eye: ``python -m tests.widgets.maps.pictures OUT_DIR``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from maps.canvas.palette import MapPalette
from maps.canvas.widget import GridMapWidget
from tests.widgets.maps import invented


def build(theme: str = "dark", mini: bool = False, size: tuple[int, int] = (1200, 1000)) -> GridMapWidget:
    """A map of the invented district with everything on it."""
    widget = GridMapWidget(MapPalette.load(theme), mini=mini)
    widget.set_reduced_motion(True)
    widget.resize(*size)
    shapes = invented.district()
    open_cases = invented.cases(shapes)
    widget.set_areas(shapes)
    widget.set_base(*invented.base())
    widget.set_cases(open_cases)
    widget.set_metric(invented.figures(shapes, open_cases))
    widget.set_officers(invented.officers(shapes))
    return widget


def save(widget: GridMapWidget, path: Path, ratio: float = 1.0) -> None:
    """Grab the widget into a file."""
    QApplication.processEvents()
    widget.refresh_now()
    image = QImage(round(widget.width() * ratio), round(widget.height() * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    widget.render(image)
    image.save(str(path))


def main() -> None:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "out")
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication([])
    for theme in ("dark", "light"):
        widget = build(theme)
        widget.show()
        widget.refresh_now()
        save(widget, out / f"map_{theme}_district.png")
        near = widget.view.zoomed_at(1.9, 560, 520)
        widget.nav.jump(near)
        save(widget, out / f"map_{theme}_street.png")
        chosen = next(c for c in invented.cases(invented.district()) if c.band == "soon" and widget.view.contains(*widget.state.cases.point(c.case_id), 250))
        widget.select_case(chosen.case_id)
        save(widget, out / f"map_{theme}_selected.png")
        widget.set_offline(True, "离线底图 · 位置为 14:07 最后上报")
        save(widget, out / f"map_{theme}_offline.png")
        widget.set_offline(False, "")
        widget.nav.jump(near.zoomed_at(3.0, 600, 500))
        save(widget, out / f"map_{theme}_grid.png")
        widget.nav.jump(near.zoomed_at(9.0, 600, 500))
        save(widget, out / f"map_{theme}_place.png")
        widget.fit_all()
        widget.set_measure("overdue")
        save(widget, out / f"map_{theme}_overdue.png")
        widget.set_measure("officer")
        save(widget, out / f"map_{theme}_officer.png")
        widget.close()
        mini = build(theme, mini=True, size=(352, 200))
        mini.show()
        mini.nav.jump(near.zoomed_at(4, 600, 500).resized(352, 200))
        case = invented.cases(invented.district())[3]
        mini.set_point(case.lon, case.lat, 3.0)
        save(mini, out / f"map_{theme}_mini.png", 2.0)
        mini.close()
    del app


if __name__ == "__main__":
    main()
