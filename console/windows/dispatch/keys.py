"""The keys that matter most in 派遣席, for the status bar; `?` lists all of them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from console.viewmodels.verbs.book import VerbBook

Keys = list[tuple[str, str]]
#: verbs shown in the status bar, by where the focus is
ON_QUEUE = (
    "case.dispatch",
    "queue.next_waiting",
    "case.locate",
    "case.sheet",
    "frame.next_panel",
    "frame.palette",
)
ON_MAP = ("map.layers", "map.fit", "map.move.next_case", "map.only_chosen", "frame.palette")


def tr(text: str) -> str:
    """Translate a word of the keys."""
    return QCoreApplication.translate("DispatchKeys", text)


def bar_keys(book: VerbBook, on_map: bool) -> Keys:
    """Return the keys that matter most where the focus is, as they are set now; what has no key is left out."""
    found: Keys = [("1 6", tr("图层指标"))] if on_map else []
    for name in ON_MAP if on_map else ON_QUEUE:
        verb = book.get(name)
        keys = book.keys(verb) if verb is not None else ()
        if verb is not None and keys:
            found.append((keys[0], verb.words))
    return [*found, ("?", tr("全部按键"))]
