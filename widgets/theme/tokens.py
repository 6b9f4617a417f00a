"""The design values as read from ``resources/styles/tokens.json``.

A token is a dotted name such as ``size.row.standard`` or ``sla.over1.fill``. Colours live under ``theme.<name>``
in the file and are asked for without that prefix; every other value is asked for by its full path.
"""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

THEME_NAMES = ("dark", "light")


class UnknownTokenError(KeyError):
    """A token was asked for that the design does not have: a programming error, never the operator's."""


@lru_cache(maxsize=1)
def load_tokens() -> dict[str, Any]:
    """Read the whole token file once per process.

    Raises:
        UnknownTokenError: never; a missing file raises ``FileNotFoundError`` as a broken installation should.
    """
    text = files("resources").joinpath("styles", "tokens.json").read_text(encoding="utf-8")
    tokens: dict[str, Any] = json.loads(text)
    return tokens


def value(path: str) -> Any:
    """Return the value at a dotted path, e.g. ``motion.normal_ms`` → 160.

    Raises:
        UnknownTokenError: the path names nothing.
    """
    node: Any = load_tokens()
    for part in path.split("."):
        if not isinstance(node, dict) or part not in node:
            raise UnknownTokenError(path)
        node = node[part]
    return node


@lru_cache(maxsize=4)
def colour_table(theme_name: str) -> dict[str, str | tuple[str, ...]]:
    """Flatten one theme's colours to ``{"bg.app": "#0E1216", "map.density_ramp": ("#182028", …)}``.

    Colours are ``#RRGGBB`` or ``#RRGGBBAA`` (alpha last, as in CSS).

    Raises:
        UnknownTokenError: there is no theme of that name.
    """
    themes = load_tokens()["theme"]
    if theme_name not in themes:
        raise UnknownTokenError(f"theme.{theme_name}")
    flat: dict[str, str | tuple[str, ...]] = {}

    def walk(prefix: str, node: dict[str, Any]) -> None:
        for key, child in node.items():
            path = f"{prefix}.{key}" if prefix else key
            if isinstance(child, dict):
                walk(path, child)
            else:
                flat[path] = tuple(child) if isinstance(child, list) else child

    walk("", themes[theme_name])
    return flat
