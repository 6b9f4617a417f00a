"""The Qt stylesheet of the standard controls, built from ``resources/styles/base.qss`` and a theme.

``@{token}`` stands for a colour, ``@{file:name}`` for a small picture beside the stylesheet. What we paint ourselves
(buttons, rows, shapes) is not in the stylesheet.
"""

import re
from functools import lru_cache
from importlib.resources import files

from widgets.theme.theme import Theme
from widgets.theme.tokens import UnknownTokenError

_PLACE = re.compile(r"@\{([^}]+)\}")
_THEMED_FILES = {"chevron": "chevron_{}.svg", "chevron_up": "chevron_up_{}.svg"}
_PLAIN_FILES = {"tick": "tick.svg", "dot": "dot.svg"}


@lru_cache(maxsize=1)
def _template() -> str:
    return files("resources").joinpath("styles", "base.qss").read_text(encoding="utf-8")


def stylesheet_of(theme: Theme) -> str:
    """Fill the template with one theme's values.

    Raises:
        UnknownTokenError: the template names a token or a picture that does not exist.
    """
    return _PLACE.sub(lambda match: _value(theme, match.group(1)), _template())


def _value(theme: Theme, token: str) -> str:
    if token.startswith("file:"):
        return _picture(theme, token.removeprefix("file:"))
    colour = theme.color(token)
    if colour.alpha() == 255:
        return colour.name()
    return f"rgba({colour.red()}, {colour.green()}, {colour.blue()}, {colour.alpha()})"


def _picture(theme: Theme, name: str) -> str:
    file_name = _PLAIN_FILES.get(name) or _THEMED_FILES.get(name, "").format(theme.name)
    if not file_name:
        raise UnknownTokenError(f"file:{name}")
    return str(files("resources").joinpath("styles", file_name)).replace("\\", "/")
