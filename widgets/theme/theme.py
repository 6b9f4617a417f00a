"""One theme as a value: tokens in, Qt colours, fonts and sizes out.

Widgets take tokens (``"sla.over1.fill"``) and ask the present theme for paint, so that dark, light and the strong
contrast setting live in one place.
"""

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtGui import QColor, QFont

from widgets.theme.tokens import UnknownTokenError, colour_table, value

# Strong contrast (DESIGN §9): secondary text becomes primary and every line becomes the strong one.
_STRONG_CONTRAST = {
    "text.secondary": "text.primary",
    "text.tertiary": "text.secondary",
    "line.subtle": "line.strong",
    "line.normal": "line.strong",
}


@dataclass(frozen=True, slots=True)
class Tone:
    """The four paints of one state: words, shapes and bars, tinted ground, words on the fill."""

    text: QColor
    fill: QColor
    soft: QColor
    on_fill: QColor


def parse_colour(text: str) -> QColor:
    """Turn ``#RRGGBB`` or ``#RRGGBBAA`` into a colour (Qt itself reads alpha first, the tokens put it last)."""
    if len(text) == 9:
        colour = QColor(text[:7])
        colour.setAlpha(int(text[7:], 16))
        return colour
    return QColor(text)


@dataclass(frozen=True)
class Theme:
    """Colours, fonts and metrics of one look.

    ``name`` is ``dark`` or ``light``; ``strong_contrast`` applies DESIGN §9; ``reduced_motion`` makes every
    duration 0. The caches are private to the value and never change what it answers.
    """

    name: str = "dark"
    strong_contrast: bool = False
    reduced_motion: bool = False
    _colours: dict[str, QColor] = field(default_factory=dict, repr=False, compare=False)
    _fonts: dict[tuple[str, bool | None], QFont] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_dark(self) -> bool:
        """Whether grounds are dark (decides the side on which halos and shadows stand out)."""
        return self.name == "dark"

    def color(self, token: str) -> QColor:
        """Return the colour of a token.

        Raises:
            UnknownTokenError: the theme has no such colour.
        """
        cached = self._colours.get(token)
        if cached is None:
            cached = parse_colour(self.hex(token))
            self._colours[token] = cached
        return cached

    def hex(self, token: str) -> str:
        """Return the colour of a token as the file writes it (``#RRGGBB`` or ``#RRGGBBAA``)."""
        if self.strong_contrast:
            token = _STRONG_CONTRAST.get(token, token)
        found = colour_table(self.name).get(token)
        if not isinstance(found, str):
            raise UnknownTokenError(token)
        return found

    def ramp(self, token: str) -> tuple[QColor, ...]:
        """Return a colour scale such as ``map.density_ramp``, weakest class first."""
        found = colour_table(self.name).get(token)
        if not isinstance(found, tuple):
            raise UnknownTokenError(token)
        return tuple(parse_colour(item) for item in found)

    def tone(self, token: str) -> Tone:
        """Return the four paints of a state token: ``sla.soon``, ``accent``, ``danger`` or ``neutral``."""
        if token.startswith("sla."):
            return Tone(*(self.color(f"{token}.{part}") for part in ("text", "fill", "soft", "on_fill")))
        if token == "accent":
            names = ("accent.base", "accent.fill", "accent.soft", "text.on_accent")
        elif token == "danger":
            names = ("sla.over2.text", "danger.fill", "sla.over2.soft", "danger.on_fill")
        elif token == "neutral":
            names = ("text.secondary", "line.strong", "bg.raised", "bg.panel")
        else:
            raise UnknownTokenError(token)
        return Tone(*(self.color(name) for name in names))

    def font(self, token: str = "body", bold: bool | None = None) -> QFont:
        """Return the font of a type step (``body``, ``label``, …), in logical pixels, with tabular figures.

        Args:
            token: a step of ``font.scale``.
            bold: overrides the step's weight; None keeps it.

        Raises:
            UnknownTokenError: there is no such step.
        """
        key = (token, bold)
        cached = self._fonts.get(key)
        if cached is None:
            step = self._step(token)
            cached = make_font(step["size"], bold if bold is not None else step["weight"] >= 700)
            self._fonts[key] = cached
        return cached

    def line(self, token: str = "body") -> int:
        """Return the fixed line height of a type step in logical pixels."""
        return int(self._step(token)["line"])

    def metric(self, path: str) -> int:
        """Return a size in logical pixels, e.g. ``size.row.standard`` or ``radius.chip``."""
        found = value(path)
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            raise UnknownTokenError(path)
        return int(found)

    def duration(self, token: str) -> int:
        """Return a duration in milliseconds, e.g. ``normal_ms``; 0 with reduced motion."""
        return 0 if self.reduced_motion else self.metric(f"motion.{token}")

    @staticmethod
    def _step(token: str) -> dict[str, Any]:
        step: dict[str, Any] = value(f"font.scale.{token}")
        return step


def make_font(pixels: float, bold: bool = False) -> QFont:
    """Return a font of the design's family list at any pixel size (wall, map labels)."""
    font = QFont()
    font.setFamilies(list(value("font.family")))
    font.setPixelSize(max(1, round(pixels)))
    font.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
    # PySide6 6.8 (the last one for glibc 2.31 on aarch64) has features but no way to make a tag; the fonts named by the
    # design have figures of one width by themselves, and columns of figures are right-aligned besides.
    make_tag = getattr(QFont.Tag, "fromString", None)
    if make_tag is not None:
        for feature in value("font.features"):
            font.setFeature(make_tag(feature), 1)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return font
