"""The Qt palette of a theme, for what neither our painting nor the stylesheet reaches."""

from PySide6.QtGui import QPalette

from widgets.theme.theme import Theme

_ROLES = {
    QPalette.ColorRole.Window: "bg.app",
    QPalette.ColorRole.Base: "bg.panel",
    QPalette.ColorRole.AlternateBase: "bg.raised",
    QPalette.ColorRole.Button: "bg.raised",
    QPalette.ColorRole.ToolTipBase: "bg.overlay",
    QPalette.ColorRole.WindowText: "text.primary",
    QPalette.ColorRole.Text: "text.primary",
    QPalette.ColorRole.ButtonText: "text.primary",
    QPalette.ColorRole.ToolTipText: "text.primary",
    QPalette.ColorRole.BrightText: "text.on_accent",
    QPalette.ColorRole.PlaceholderText: "text.tertiary",
    QPalette.ColorRole.Highlight: "accent.fill",
    QPalette.ColorRole.HighlightedText: "text.on_accent",
    QPalette.ColorRole.Link: "accent.base",
    QPalette.ColorRole.LinkVisited: "accent.base",
    QPalette.ColorRole.Light: "bg.hover",
    QPalette.ColorRole.Midlight: "line.subtle",
    QPalette.ColorRole.Mid: "line.normal",
    QPalette.ColorRole.Dark: "line.strong",
    QPalette.ColorRole.Shadow: "bg.app",
}
_TEXT_ROLES = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)


def palette_of(theme: Theme) -> QPalette:
    """Build the palette; words of disabled controls take ``text.disabled``."""
    palette = QPalette()
    for role, token in _ROLES.items():
        palette.setColor(role, theme.color(token))
    for role in _TEXT_ROLES:
        palette.setColor(QPalette.ColorGroup.Disabled, role, theme.color("text.disabled"))
    return palette
