"""Our own line drawings, tinted from tokens and cached per size, screen density and colour."""

from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from widgets.theme.theme import Theme

# Source names of the case dictionary -> drawing (DESIGN §3.5); others take the document.
SOURCE_ICONS = {
    "hotline": "phone",
    "officer": "person",
    "video": "camera",
    "citizen": "speech",
    "12345": "transfer",
    "iot": "waves",
    "patrol": "eye",
}
FALLBACK_ICON = "document"
_STROKE = 1.4
# From this size on a drawing keeps a line of 1.6 px instead of growing heavy.
_LARGE = 28
_LARGE_LINE = 1.6


@lru_cache(maxsize=1)
def icon_names() -> frozenset[str]:
    """Return the names of all drawings that exist."""
    folder = files("resources").joinpath("icons")
    return frozenset(item.name[:-4] for item in folder.iterdir() if item.name.endswith(".svg"))


@lru_cache(maxsize=256)
def _renderer(name: str, stroke: float) -> QSvgRenderer:
    data = files("resources").joinpath("icons", f"{name}.svg").read_text(encoding="utf-8")
    if stroke != _STROKE:
        data = data.replace(f'stroke-width="{_STROKE}"', f'stroke-width="{stroke}"')
    return QSvgRenderer(QByteArray(data.encode()))


def resolve_icon(name: str) -> str:
    """Return a name that has a drawing: the name itself, a source's drawing, or the document."""
    name = SOURCE_ICONS.get(name, name)
    return name if name in icon_names() else FALLBACK_ICON


@lru_cache(maxsize=1024)
def _tinted(name: str, size: int, ratio: float, rgba: int) -> QPixmap:
    side = max(1, round(size * ratio))
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        stroke = _STROKE if size < _LARGE else round(_LARGE_LINE * 16 / size, 2)
        _renderer(name, stroke).render(painter, QRectF(0, 0, side, side))
        if name != "mark":  # the product mark keeps its own colours
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
            painter.fillRect(0, 0, side, side, QColor.fromRgba(rgba))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def icon_pixmap(name: str, colour: QColor, size: int = 16, ratio: float = 1.0) -> QPixmap:
    """Return a drawing in one colour.

    Args:
        name: a drawing or a source name; unknown names give the document.
        colour: any colour, usually ``theme.color(token)``.
        size: side in logical pixels.
        ratio: device pixels per logical pixel.
    """
    return _tinted(resolve_icon(name), size, ratio, colour.rgba())


def draw_icon(painter: QPainter, rect: QRectF, name: str, colour: QColor, size: int = 16) -> None:
    """Draw a drawing centred in a rectangle, snapped to device pixels."""
    device = painter.device()
    ratio = device.devicePixelRatioF() if device is not None else 1.0
    pixmap = icon_pixmap(name, colour, size, ratio)
    x = rect.x() + (rect.width() - size) / 2
    y = rect.y() + (rect.height() - size) / 2
    painter.drawPixmap(QPointF(round(x * ratio) / ratio, round(y * ratio) / ratio), pixmap)


def themed_icon(name: str, theme: Theme, token: str = "text.secondary", size: int = 16) -> QIcon:
    """Return an icon for menus and standard controls; rebuild it when the theme changes."""
    icon = QIcon()
    disabled = theme.color("text.disabled")
    for ratio in (1.0, 2.0):
        icon.addPixmap(icon_pixmap(name, theme.color(token), size, ratio))
        icon.addPixmap(icon_pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
    return icon


def icon_size(theme: Theme) -> QSize:
    """Return the standard icon size of the design."""
    side = theme.metric("size.icon")
    return QSize(side, side)
