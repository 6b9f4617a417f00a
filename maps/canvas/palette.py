"""Token names turned into colours and fonts; the only place of the map that makes a QColor."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont

from maps.layers.tokens import MapTokens, load_tokens


class MapPalette:
    """Colours and fonts of one theme.

    Raises:
        KeyError: a token name that the theme does not have.
    """

    def __init__(self, tokens: MapTokens) -> None:
        self.tokens = tokens
        self._colours: dict[str, QColor] = {}

    @classmethod
    def load(cls, theme: str = "dark") -> MapPalette:
        """Palette of the shipped tokens, ``dark`` or ``light``."""
        return cls(load_tokens(theme))

    def color(self, token: str, alpha: float | None = None) -> QColor:
        """Colour of a token, with another opacity (0 to 1) if asked for."""
        made = self._colours.get(token)
        if made is None:
            made = self._colours[token] = _parsed(self.tokens.colours[token])
        if alpha is None:
            return made
        out = QColor(made)
        out.setAlphaF(alpha)
        return out

    def font(self, pixels: float, bold: bool = False) -> QFont:
        """Font of a size in logical pixels with figures of equal width."""
        font = QFont()
        font.setFamilies(list(self.tokens.families))
        font.setPixelSize(max(round(pixels), 1))
        font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def band_color(self, band: str) -> QColor:
        """Colour of the shape of a time-limit band; the quiet ring of ``ok`` has the colour of its text."""
        return self.color(f"sla.{band}.text" if band == "ok" else f"sla.{band}.fill")


def _parsed(value: str) -> QColor:
    """``#RRGGBB`` or ``#RRGGBBAA`` (QColor itself reads the alpha first)."""
    if len(value) == 9:
        color = QColor(value[:7])
        color.setAlpha(int(value[7:], 16))
        return color
    return QColor(value)
