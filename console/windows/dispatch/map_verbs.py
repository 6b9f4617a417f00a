"""Verbs of the workspace in the context menu of the map: filter by area, follow the row, track of an officer."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QMenu

from console.viewmodels.grid_map import GridMapViewModel
from console.windows.dispatch.map_people import MapPeople
from maps.canvas.menu import MenuPlace
from maps.canvas.widget import GridMapWidget
from maps.geometry.mercator import project
from maps.layers.book import OFFICERS

UPPER = ("community", "street", "district")


def tr(text: str) -> str:
    """Translate a word of the menu."""
    return QCoreApplication.translate("MapVerbs", text)


class MapVerbs(QObject):
    """Adds verbs to a menu that is about to open."""

    def __init__(self, grid_map: GridMapWidget, model: GridMapViewModel, people: MapPeople) -> None:
        """Belong to the map."""
        super().__init__(grid_map)
        self._map, self._model, self._people = grid_map, model, people
        grid_map.menu_opening.connect(self._on_menu)

    def _on_menu(self, place: object) -> None:
        """Put what is possible here at the top, settings at the end."""
        assert isinstance(place, MenuPlace)
        menu = place.menu
        first = menu.actions()[0] if menu.actions() else None
        mine = QMenu(menu)
        self._areas(mine, place)
        self._officer(mine, place)
        if mine.actions() and first is not None:
            menu.insertActions(first, mine.actions())
            menu.insertSeparator(first)
        self._settings(menu)

    def _areas(self, menu: QMenu, place: MenuPlace) -> None:
        """Offer the grid here and the areas around it for the filter."""
        areas, filters = self._model.seat.areas, self._model.queue.filters
        code: str | None = place.area_code
        key = "\tF"
        while code:
            entry = areas.get(code)
            on = code in filters.filter.areas
            pattern = tr("不再只看 {name}") if on else tr("只看 {name}")
            action = menu.addAction(pattern.format(name=areas.name(code)) + key)
            action.triggered.connect(lambda _on=False, one=code: filters.toggle_area(one))
            code, key = (entry.parent if entry is not None else None), ""
        if filters.filter.active:
            menu.addAction(tr("清除筛选") + "\tShift+F").triggered.connect(filters.clear)

    def _officer(self, menu: QMenu, place: MenuPlace) -> None:
        """Offer the track of the officer here."""
        px, py = self._map.view.to_screen(project(*place.lonlat)).tolist()
        hit = self._map.scene.others.hit(self._map.view, px, py)
        person = self._model.seat.field.officer(hit.id) if hit is not None and hit.layer == OFFICERS else None
        if person is not None:
            action = menu.addAction(tr("回放 {name} 今天的轨迹").format(name=person.name))
            action.triggered.connect(lambda: self._people.show_track(person.user))

    def _settings(self, menu: QMenu) -> None:
        """Offer how map and queue go together."""
        keeper = self._model.keeper
        follow = menu.addAction(tr("选中案件时移到地图中央"))
        follow.setCheckable(True)
        follow.setChecked(keeper.memory.follow)
        follow.triggered.connect(lambda on: keeper.keep(follow=bool(on)))
