"""Keys of map services: taken out of addresses a user pastes, put into requests, and never into any text.

A key (`tk` of 天地图, `token`, `ak`) is a secret of the centre. It is kept apart from the source, so that a source
can be shown, exported, logged and used as a cache name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlencode, urlsplit, urlunsplit

#: parameters that carry a key in the services of the field; compared in lower case
KEY_NAMES = frozenset(
    ("tk", "key", "ak", "sk", "token", "access_token", "accesstoken", "apikey", "api_key", "subscription-key")
)
_PLACE = re.compile(r"\{(?:key|tk|token)\}", re.IGNORECASE)
_HIDDEN = "●●●●"
#: signs that stay plain in a parameter
_PLAIN = "{}:,/"


@dataclass(frozen=True, slots=True)
class SplitAddress:
    """An address without its key; `key_name` and `key` are empty when it had none."""

    address: str
    key_name: str = ""
    key: str = ""


def without_key(address: str) -> SplitAddress:
    """Take a key out of an address, together with the name of its parameter. Never raises."""
    head, mark, query = address.partition("?")
    if not mark:
        return SplitAddress(address)
    kept, name, key = [], "", ""
    # what follows `#` is for a browser; a service never sees it
    for part in query.partition("#")[0].split("&"):
        left, _, right = part.partition("=")
        # a second one of the same name goes too: it is a key as well
        if left.lower() in KEY_NAMES and right and name.lower() in ("", left.lower()):
            name = name or left
            key = key or ("" if _PLACE.fullmatch(right) else unquote_plus(right))
            continue
        kept.append(part)
    if not name:
        return SplitAddress(address)
    rest = "&".join(part for part in kept if part)
    return SplitAddress(head + ("?" + rest if rest else ""), name, key)


def with_key(url: str, key_name: str, key: str) -> str:
    """Put the key into a request: into its place (`{key}`, `{tk}`), else as a parameter; no key, no change."""
    if _PLACE.search(url):
        return _PLACE.sub(lambda _: quote(key, safe=""), url)
    if not key or not key_name:
        return url
    parts = urlsplit(url)
    pairs = [(n, v) for n, v in parse_qsl(parts.query, keep_blank_values=True) if n != key_name]
    query = urlencode([*pairs, (key_name, key)], safe=_PLAIN)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def hidden(text: str, key: str) -> str:
    """Return a text in which the key cannot be read, plain or in any way a request writes it."""
    if not key:
        return text
    forms = {key, quote(key, safe=""), quote(key), quote_plus(key), quote_plus(key, safe=_PLAIN)}
    # the longest first: one form may be part of another
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, _HIDDEN)
    return text
