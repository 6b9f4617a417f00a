"""Which theme is on, and its switch without restart."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from widgets.theme.palette import palette_of
from widgets.theme.stylesheet import stylesheet_of
from widgets.theme.theme import Theme


class ThemeStore(QObject):
    """Holds the present theme of the process and applies it to the application.

    The look of a process is one thing, as Qt's own palette is; widgets therefore read it from ``theme_store()``
    and need no theme handed in. Lives on the main thread.

    Signals:
        changed(Theme): after palette and stylesheet have been set.
    """

    changed = Signal(object)

    def __init__(self, theme: Theme | None = None) -> None:
        super().__init__()
        self._theme = theme or Theme()

    @property
    def theme(self) -> Theme:
        """The theme to paint with now."""
        return self._theme

    def apply(self) -> None:
        """Put palette, font and stylesheet of the present theme on the application, if there is one."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setPalette(palette_of(self._theme))
            app.setFont(self._theme.font("body"))
            app.setStyleSheet(stylesheet_of(self._theme))

    def set_theme(self, theme: Theme) -> None:
        """Switch to another theme; says ``changed`` only when something is different."""
        if theme == self._theme:
            return
        self._theme = theme
        self.apply()
        self.changed.emit(theme)

    def set_name(self, name: str) -> None:
        """Switch between ``dark`` and ``light``.

        Raises:
            UnknownTokenError: there is no theme of that name.
        """
        self.set_theme(_checked(replace(self._theme, name=name, _colours={}, _fonts={})))

    def toggle(self) -> None:
        """Change dark for light and back (Ctrl+Shift+L)."""
        self.set_name("light" if self._theme.is_dark else "dark")

    def set_strong_contrast(self, on: bool) -> None:
        """Turn the strong contrast setting on or off."""
        self.set_theme(replace(self._theme, strong_contrast=on, _colours={}, _fonts={}))

    def set_reduced_motion(self, on: bool) -> None:
        """Make every duration 0, or give the motion back."""
        self.set_theme(replace(self._theme, reduced_motion=on, _colours={}, _fonts={}))


def _checked(theme: Theme) -> Theme:
    theme.color("bg.app")
    return theme


_store: ThemeStore | None = None


def theme_store() -> ThemeStore:
    """Return the one store of this process, made at the first call (on the main thread)."""
    global _store
    if _store is None:
        _store = ThemeStore()
    return _store


def theme() -> Theme:
    """Return the theme to paint with now."""
    return theme_store().theme
