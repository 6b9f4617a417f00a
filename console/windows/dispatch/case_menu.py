"""The context menu of a case, on its row and on the map: the same verbs as the command bar, with keys and reasons."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from console.viewmodels.verbs.book import VerbBook
from console.viewmodels.verbs.verb import Call
from maps.canvas.menu import MenuPlace
from widgets.forms.keycap import key_text
from widgets.tables.queue_table import CaseQueueTable

if TYPE_CHECKING:
    from console.windows.dispatch.page import DispatchPage


def tr(text: str) -> str:
    """Translate a word of the menu."""
    return QCoreApplication.translate("CaseMenu", text)


def case_menu(book: VerbBook, call: Call, parent: QWidget, title: str = "") -> QMenu:
    """Return a menu of everything that is done to a case; what cannot be done now is greyed and says why.

    Each entry carries the id of its verb as data.
    """
    menu = QMenu(title, parent)
    menu.setToolTipsVisible(True)
    for verb in book.verbs:
        if not verb.in_case_menu:
            continue
        keys = book.keys(verb, verb.place)
        entry = menu.addAction(f"{verb.words}\t{key_text(keys[0])}" if keys else verb.words)
        reason = book.why_not(verb.id, call)
        entry.setEnabled(not reason)
        entry.setToolTip(reason)
        entry.setData(verb.id)
        entry.triggered.connect(partial(_run, book, verb.id, call))
    return menu


def _run(book: VerbBook, verb_id: str, call: Call, _checked: bool = False) -> None:
    """Do what an entry says."""
    book.run(verb_id, call)


class RowMenu(QObject):
    """Opens the menu over a list: for the marked cases when the row is one of them, else for the row alone."""

    def __init__(self, table: CaseQueueTable, book: VerbBook, marked: Callable[[], tuple[str, ...]]) -> None:
        """Belong to the list."""
        super().__init__(table)
        self._table, self._book, self._marked = table, book, marked
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self.open_at)

    def open_at(self, at: QPoint) -> QMenu | None:
        """Open for the row at a pixel (the current one when there is none there, as for the menu key)."""
        index = self._table.indexAt(at)
        if not index.isValid():
            index = self._table.currentIndex()
        row = self._table.row_of(index.row()) if index.isValid() else None
        if row is None:
            return None
        self._table.select_case(row.case_id)
        marked = self._marked()
        cases = marked if row.case_id in marked else (row.case_id,)
        menu = case_menu(self._book, Call(cases), self._table)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box = self._table.visualRect(index)
        place = at if box.contains(at) else box.bottomLeft()
        menu.popup(self._table.viewport().mapToGlobal(place))
        return menu


class MapCaseMenu(QObject):
    """Puts the menu of a case into the context menu of the map, where a case is below the pointer."""

    def __init__(self, page: DispatchPage) -> None:
        """Belong to the map of a page."""
        super().__init__(page.map)
        self._page = page
        page.map.map.menu_opening.connect(self._on_menu)

    def _on_menu(self, place: object) -> None:
        """Add the menu at the top."""
        assert isinstance(place, MenuPlace)
        if not place.case_id:
            return
        view = self._page.queue_model.view(place.case_id)
        name = f"{view.number_short} {view.category}" if view is not None else ""
        first = place.menu.actions()[0] if place.menu.actions() else None
        menu = case_menu(
            self._page.seat.verbs, Call((place.case_id,)), place.menu, tr("案件 {name}").format(name=name)
        )
        if first is None:
            place.menu.addMenu(menu)
        else:
            place.menu.insertMenu(first, menu)
            place.menu.insertSeparator(first)


def attach_menus(page: DispatchPage) -> None:
    """Give queue and map of a page their menus."""
    RowMenu(page.queue.table, page.seat.verbs, lambda: page.queue.selected)
    MapCaseMenu(page)
