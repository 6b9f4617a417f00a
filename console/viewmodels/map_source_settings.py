"""What is stored of map sources: the user's own list, and the keys apart from it, in the sealed settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.basemaps.keys import without_key
from services.basemaps.sources import MapSource, SourceList, sources_from
from services.ports.cache import SettingsStore

SOURCES, KEYS = "map.sources", "map.source_keys"


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """The user's own sources from below, and keys by source id."""

    own: tuple[MapSource, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Show no key."""
        return f"SourceSettings({len(self.own)} sources)"


def read_settings(settings: SettingsStore) -> tuple[SourceSettings, SourceList]:
    """Read what is stored (store's lane)."""
    found = sources_from(settings.value(SOURCES))
    raw = settings.value(KEYS) or {}
    keys = {str(n): str(k) for n, k in raw.items() if k} if isinstance(raw, Mapping) else {}
    return SourceSettings(found.sources, keys), found


def write_settings(settings: SettingsStore, stored: SourceSettings) -> None:
    """Store (store's lane)."""
    settings.put_value(SOURCES, [source.to_doc() for source in stored.own])
    settings.put_value(KEYS, dict(stored.keys))


def keys_apart(raw: Any) -> tuple[Any, dict[str, str]]:
    """Take keys out of the centre's list, written as `key` or inside an address."""
    if not isinstance(raw, list | tuple):
        return raw, {}
    keys: dict[str, str] = {}
    clean: list[Any] = []
    for entry in raw:
        if not isinstance(entry, Mapping):
            clean.append(entry)
            continue
        doc = {name: value for name, value in entry.items() if name != "key"}
        split = without_key(str(doc.get("address", "")))
        if split.key_name:
            doc["address"] = split.address
            doc.setdefault("key_name", split.key_name)
        key = str(entry.get("key") or split.key)
        if key:
            keys[str(doc.get("id", ""))] = key
        clean.append(doc)
    return clean, keys
