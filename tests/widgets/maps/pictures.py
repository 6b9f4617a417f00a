"""Render the map to PNG files for the eye: ``python -m tests.widgets.maps.pictures OUT_DIR``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from maps.canvas.palette import MapPalette
from maps.canvas.widget import GridMapWidget
from tests.widgets.maps import demo_map, invented


def build(
    theme: str = "dark", mini: bool = False, size: tuple[int, int] = (1200, 1000), demo: bool = False
) -> GridMapWidget:
    """A map of the invented district (or of the demo district) with everything on it."""
    widget = GridMapWidget(MapPalette.load(theme), mini=mini)
    widget.set_reduced_motion(True)
    widget.resize(*size)
    shapes = demo_map.areas() if demo else invented.district()
    open_cases = demo_map.cases() if demo else invented.cases(shapes)
    widget.set_areas(shapes)
    widget.set_base(*(demo_map.base() if demo else invented.base()))
    widget.set_cases(open_cases)
    widget.set_metric(invented.figures(shapes, open_cases))
    widget.set_officers(invented.officers(shapes, every=24 if demo else 8))
    return widget


def save(widget: GridMapWidget, path: Path) -> None:
    """Grab the widget into a file."""
    QApplication.processEvents()
    widget.refresh_now()
    widget.grab().save(str(path))


def shoot(out: Path, theme: str, demo: bool) -> None:
    """All pictures of one theme and one district."""
    name = f"{'demo' if demo else 'map'}_{theme}"
    widget = build(theme, demo=demo)
    widget.show()
    widget.refresh_now()
    save(widget, out / f"{name}_all.png")
    near = widget.view.zoomed_at(2.0, 560, 520)
    widget.nav.jump(near)
    save(widget, out / f"{name}_street.png")
    cases = widget.state.cases
    inside = [
        c
        for c in cases.cases.values()
        if c.band == "soon" and widget.view.contains(*cases.point(c.case_id), 250)
    ]
    widget.select_case(inside[0].case_id)
    save(widget, out / f"{name}_selected.png")
    widget.set_offline(True, "离线底图 · 位置为 14:07 最后上报")
    save(widget, out / f"{name}_offline.png")
    widget.set_offline(False, "")
    widget.centre_on_case()
    widget.nav.jump(widget.view.zoomed_at(2.2, 600, 500))
    save(widget, out / f"{name}_grid.png")
    widget.nav.jump(widget.view.zoomed_at(4.0, 600, 500))
    save(widget, out / f"{name}_place.png")
    widget.nav.jump(near.zoomed_at(0.2, 600, 500))
    save(widget, out / f"{name}_far.png")
    widget.fit_all()
    widget.set_measure("overdue")
    save(widget, out / f"{name}_overdue.png")
    widget.set_measure("officer")
    save(widget, out / f"{name}_officer.png")
    widget.close()
    mini = build(theme, mini=True, size=(352, 200), demo=demo)
    mini.show()
    mini.set_point(inside[0].lon, inside[0].lat, 3.0)
    save(mini, out / f"{name}_mini.png")
    mini.close()


def main() -> None:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "out")
    out.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication([])
    for theme in ("dark", "light"):
        for demo in (False, True):
            shoot(out, theme, demo)
    del app


if __name__ == "__main__":
    main()
