"""People and things of the field on the map: officers with their age, cameras, components, and a day's track."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QObject

from console.viewmodels.grid_map import GridMapViewModel
from maps.canvas.palette import MapPalette
from maps.canvas.track_bar import TrackBar
from maps.canvas.widget import GridMapWidget
from maps.layers.components import ComponentLayer
from maps.layers.tracks import OfficerTrack
from services.domain.errors import DomainError
from services.ports.field import Track


def tr(text: str) -> str:
    """Translate a word of the field."""
    return QCoreApplication.translate("MapPeople", text)


class MapPeople(QObject):
    """Gives a map its layers of the field, and its bar the track that is replayed."""

    def __init__(self, grid_map: GridMapWidget, bar: TrackBar, model: GridMapViewModel) -> None:
        """Belong to the map; the bar is hidden until there is a track."""
        super().__init__(grid_map)
        self._map, self._bar, self._model = grid_map, bar, model
        self._wanted = ""
        bar.hide()
        bar.follow(grid_map)
        bar.closed.connect(self.close_track)
        field = model.field
        field.officers_changed.connect(self._on_officers)
        field.cameras_changed.connect(self._on_cameras)
        field.components_changed.connect(self._on_components)
        model.seat.book.beat.connect(self._on_beat)
        self._on_officers()
        self._on_cameras()
        if model.seat.field.components:
            field.prepare_components()

    def set_map_palette(self, palette: MapPalette) -> None:
        """Draw the bar in another theme."""
        self._bar.set_map_palette(palette)

    def _on_officers(self) -> None:
        """Take officers."""
        self._map.set_officers(self._model.field.officers())
        self._map.set_now(self._model.seat.now().timestamp())

    def _on_cameras(self) -> None:
        """Take cameras."""
        self._map.set_cameras(self._model.field.cameras())

    def _on_components(self, layer: object) -> None:
        """Take components."""
        assert isinstance(layer, ComponentLayer)
        self._map.set_components(layer)

    def _on_beat(self, now: object) -> None:
        """Let the positions grow old."""
        assert isinstance(now, datetime)
        self._map.set_now(now.timestamp())

    # --- a day's track ----------------------------------------------------------------------------------

    def show_track(self, user: str) -> None:
        """Ask for an officer's way of today; the look is audited by the centre."""
        seat = self._model.seat
        self._wanted = user
        day = seat.rules.calendar.local(seat.now()).date()
        self._bar.show()
        self._map.set_track(None, tr("正在读取轨迹…"))
        seat.load_track(user, day, self._on_track, self._on_no_track)

    def close_track(self) -> None:
        """Take the track away and give the focus back to the map."""
        self._wanted = ""
        self._bar.hide()
        self._map.set_track(None)
        self._map.setFocus()

    def _on_track(self, track: Track) -> None:
        """Replay what came, unless another one is wanted by now."""
        if track.user != self._wanted:
            return
        points = track.points
        made = OfficerTrack.of(
            track.user,
            track.name,
            [point.at.timestamp() for point in points],
            [point.lon for point in points],
            [point.lat for point in points],
        )
        if len(made):
            self._map.set_track(made)
            self._bar.setFocus()
        else:
            self._map.set_track(None, tr("{name} 今天没有上报过位置。").format(name=track.name))

    def _on_no_track(self, error: Exception) -> None:
        """Say why there is none, while somebody waits for it."""
        if not self._wanted:
            return
        words = error.title if isinstance(error, DomainError) else tr("轨迹要等连上中心才能读取。")
        self._map.set_track(None, words)
