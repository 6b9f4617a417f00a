"""The look: tokens turned into colours, fonts, sizes, stylesheet, palette and tinted icons."""

from widgets.theme.store import ThemeStore, theme, theme_store
from widgets.theme.theme import Theme, Tone, make_font
from widgets.theme.tokens import UnknownTokenError

__all__ = ["Theme", "ThemeStore", "Tone", "UnknownTokenError", "make_font", "theme", "theme_store"]
