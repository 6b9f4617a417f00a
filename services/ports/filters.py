"""Saved filters of the queue as the centre keeps them: what one sees, and the calls to keep, share and drop them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from services.ports.centre import Doc, Tagged

ALL, NOBODY = "all", ""


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter with a name.

    Attributes:
        filter_id: a UUID, made where the filter was first saved.
        name: at most 20 characters.
        filter: what is asked, as `CaseFilter.to_doc` writes it.
        tab: tab of the queue it belongs to; empty for any.
        share: the post it is shared with, `all`, or empty.
        place: order among the own ones.
        mine: whether the signed-in user may change it.
        owner: name of who shares it.
        unsent: kept on this machine, not yet at the centre.
    """

    filter_id: str
    name: str
    filter: Doc
    tab: str = ""
    share: str = NOBODY
    place: int = 0
    mine: bool = True
    owner: str = ""
    unsent: bool = False

    def body(self) -> dict[str, Any]:
        """Return what is sent to keep it."""
        return {
            "name": self.name,
            "filter": dict(self.filter),
            "tab": self.tab,
            "share": self.share,
            "place": self.place,
        }


class FilterShelf(Protocol):
    """Saved filters at the centre. Every call blocks; raises only the classes of `services.ports.errors`."""

    def filters(self, etag: str | None = None) -> Tagged:
        """Return what the caller sees; with the known `etag` the answer may be "unchanged"."""
        ...

    def keep(self, filter_id: str, body: Mapping[str, Any]) -> None:
        """Keep or change one of the own filters; sending it twice is harmless. NeverValid when it is refused."""
        ...

    def drop(self, filter_id: str) -> None:
        """Take one away; one that is gone already is fine."""
        ...


def filter_from(doc: object) -> SavedFilter | None:
    """Read a filter as sent or as kept on this machine; None when it is none."""
    if not isinstance(doc, Mapping):
        return None
    named, asked = doc.get("name"), doc.get("filter")
    filter_id, owner = doc.get("filter_id"), doc.get("owner")
    if not (
        isinstance(filter_id, str) and filter_id and isinstance(named, str) and isinstance(asked, Mapping)
    ):
        return None
    place = doc.get("place")
    return SavedFilter(
        filter_id,
        named,
        asked,
        _text(doc.get("tab")),
        _text(doc.get("share")),
        place if type(place) is int else 0,
        doc.get("mine") is not False,
        _text(owner.get("name")) if isinstance(owner, Mapping) else "",
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
