"""Templates and static files of the web seats: one Jinja environment, the style sheet's tokens, icons, shapes.

Everything is escaped by default; a page holds no inline script and no inline style, so that the policy can
forbid both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from services.backend.problems import Problem
from services.backend.seat import words

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    # a policy of no-referrer would make browsers send `Origin: null` with our own forms
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STATIC = {"seat.css": "text/css", "seat.js": "text/javascript", "mark.svg": "image/svg+xml"}

#: the shapes of the bands (design section 3.1) in a box of 16 units, so that colour never speaks alone
_SHAPES = {
    "ok": '<circle cx="8" cy="8" r="5.4" class="ring"/>',
    "soon": '<path d="M8 1.9 14.6 13.6H1.4z"/>',
    "over1": '<path d="M8 1.2 14.8 8 8 14.8 1.2 8z"/>',
    "over2": '<rect x="2" y="2" width="12" height="12"/>',
    "over3": '<path d="M5.2 1.3h5.6l3.9 3.9v5.6l-3.9 3.9H5.2l-3.9-3.9V5.2z"/><path class="in" d="M8 4.6v4M8 11.2v.1"/>',
    "suspended": '<circle cx="8" cy="8" r="6.5"/><path class="in" d="M6.5 5.9v4.2M9.5 5.9v4.2"/>',
    "closed": '<circle cx="8" cy="8" r="6.5"/><path class="in" d="m5.4 8.2 1.9 1.9 3.4-3.8"/>',
}
BAND_WORDS = {
    "ok": "正常", "soon": "即将超时", "over1": "超时不到 24 小时", "over2": "超时 24 至 72 小时",
    "over3": "超时 72 小时以上", "suspended": "挂账", "closed": "已结束",
}  # fmt: skip


def shape(band: str) -> Markup:
    """Return the shape of a band as inline SVG; the word stands in its title."""
    title = Markup.escape(BAND_WORDS[band])
    return Markup(
        f'<svg class="shape {band}" viewBox="0 0 16 16" width="16" height="16" role="img"'
        f' aria-label="{title}"><title>{title}</title>{_SHAPES[band]}</svg>'
    )


#: icons only the seats need, in the house's manner
_OWN_ICONS = {
    "shot": '<path d="M2.5 4.6h2.3L6 2.8h4l1.2 1.8h2.3c.6 0 1 .4 1 1v6.6c0 .6-.4 1-1 1h-11c-.6 0-1-.4-1-1V5.6c0-.6'
    '.4-1 1-1z"/><circle cx="8" cy="8.7" r="2.6"/>',
}


@cache
def _icon(name: str) -> str:
    if name in _OWN_ICONS:
        return _OWN_ICONS[name]
    text = (files("resources") / "icons" / f"{name}.svg").read_text("utf-8")
    return text[text.index(">") + 1 : text.rindex("</svg>")]


def icon(name: str) -> Markup:
    """Return an icon of the house as inline SVG in the colour of the text."""
    return Markup(
        f'<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">{_icon(name)}</svg>'
    )


@cache
def environment() -> Environment:
    """Return the one environment of the templates."""
    made = Environment(
        loader=PackageLoader("services.backend.seat", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(shape=shape, icon=icon)
    made.filters.update(short=words.short_text)
    return made


def page(
    template: str, values: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Render a page with the headers of the seats."""
    body = environment().get_template(template).render(**values)
    return Response(
        body.encode("utf-8", "replace"), status, {**HEADERS, **(headers or {})}, "text/html; charset=utf-8"
    )


@cache
def tokens_css() -> str:
    """Return the design's colours as custom properties: light, and dark where the device asks for it."""
    themes = json.loads((files("resources") / "styles" / "tokens.json").read_text("utf-8"))["theme"]
    light, dark = _properties(themes["light"]), _properties(themes["dark"])
    return (
        f":root{{color-scheme:light dark;{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    )


def _properties(theme: Mapping[str, Any], prefix: str = "-") -> str:
    """Return `{bg: {app: #…}}` as `--bg-app:#…;`; the map's tokens are left out."""
    found = []
    for name, value in theme.items():
        key = f"{prefix}-{name.replace('_', '-')}"
        if isinstance(value, Mapping):
            if name not in ("map", "wall"):
                found.append(_properties(value, key))
        elif isinstance(value, str):
            found.append(f"{key}:{value};")
    return "".join(found)


@cache
def static_text(name: str) -> str:
    """Return a static file; raises Problem 404 for an unknown one."""
    if name not in STATIC:
        raise Problem(404, "not_found", "没有这个文件。")
    if name == "mark.svg":
        return (files("resources") / "icons" / name).read_text("utf-8")
    text = (files("services.backend.seat") / "static" / name).read_text("utf-8")
    return tokens_css() + text if name == "seat.css" else text
