"""The gallery draws every page in both themes; every sign the widgets use has a glyph; nothing is cut at the edge."""

from pathlib import Path

import pytest
from PySide6.QtGui import QFontMetrics, QImage
from PySide6.QtWidgets import QWidget

from tests.widgets import gallery
from tests.widgets.pixels import count
from widgets.theme import Theme, theme_store


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("page", [gallery.components_page, gallery.queue_page, gallery.forms_page])
def test_every_page_is_drawn(qtbot, tmp_path: Path, name: str, page) -> None:
    theme_store().set_name(name)
    widget: QWidget = page()
    qtbot.addWidget(widget)
    gallery.shoot(widget, tmp_path / "page.png")
    image = QImage(str(tmp_path / "page.png"))
    assert (image.width(), image.height()) == (1920, 1080)
    look = Theme(name)
    assert count(image, look.color("text.primary"), tolerance=20) > 2000
    assert count(image, look.color("accent.fill"), tolerance=2) > 400


def test_the_dialog_stands_over_its_page(qtbot, tmp_path: Path) -> None:
    page = gallery.queue_page()
    qtbot.addWidget(page)
    dialog = gallery.dispatch_dialog(page)
    gallery.shoot(page, tmp_path / "dialog.png", dialog)
    image = QImage(str(tmp_path / "dialog.png"))
    middle = image.copy(520, 250, 880, 560)
    assert count(middle, Theme().color("bg.overlay"), tolerance=2) > 100_000


def test_every_sign_has_a_glyph(chinese_font: str) -> None:
    """A missing glyph would show as a box: every sign in our own words is in the design's font."""
    root = Path(gallery.__file__).resolve().parents[2]
    texts = "".join(path.read_text(encoding="utf-8") for path in sorted((root / "widgets").rglob("*.py")))
    metrics = QFontMetrics(Theme().font("body"))
    missing = {sign for sign in texts if not sign.isspace() and not metrics.inFontUcs4(ord(sign))}
    assert missing == set()
