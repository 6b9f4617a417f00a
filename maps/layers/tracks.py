"""Track replay (轨迹回放): where one officer was in the course of a day, and what is not known of it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from maps.geometry.mercator import FloatArray, project, true_scale, valid_mask

GAP_S = 600.0
"""Between two reports further apart in time than this the way is not known."""
STAY_M = 60.0
STAY_S = 600.0
"""A stay is at least this long inside a circle of :data:`STAY_M` around where it began."""
COLOURS = 5
"""Parts of the day's span by colour, early to late."""
MOST_POINTS = 200_000


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """Where the officer is shown at a moment.

    Attributes:
        x: world metres, east.
        y: world metres, north.
        known: reported, or between two reports close in time; False inside a gap: the last report is shown.
        seen_at: moment of the report it rests on, epoch seconds.
    """

    x: float
    y: float
    known: bool
    seen_at: float


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay in one place: middle in world metres, from and until in epoch seconds."""

    x: float
    y: float
    since: float
    until: float


@dataclass(frozen=True, slots=True, eq=False)
class OfficerTrack:
    """The reports of one officer in order of time.

    Attributes:
        officer_id: identity.
        name: full name.
        times: ``(n,)`` epoch seconds, ascending, no two alike.
        xy: ``(n, 2)`` world metres.
        gaps: ``(n - 1,)`` whether the way between a report and the next is not known.
        left_out: reports that could not be used.
    """

    officer_id: str
    name: str
    times: FloatArray
    xy: FloatArray
    gaps: npt.NDArray[np.bool_]
    left_out: int = 0

    @staticmethod
    def of(
        officer_id: str,
        name: str,
        times: npt.ArrayLike,
        lon: npt.ArrayLike,
        lat: npt.ArrayLike,
        gap_s: float = GAP_S,
    ) -> OfficerTrack:
        """Take reports in any order (epoch seconds, WGS84 degrees); bad ones and doubles are left out.

        Of two reports of one moment the first that came counts. At most :data:`MOST_POINTS` are taken.

        Raises:
            ValueError: the three lists are not equally long.
        """
        t, x, y = (np.asarray(v, dtype=np.float64).ravel()[:MOST_POINTS] for v in (times, lon, lat))
        if not len(t) == len(x) == len(y):
            raise ValueError("times, longitudes and latitudes must be equally many")
        good = np.isfinite(t) & valid_mask(x, y)
        moments, first = np.unique(t[good], return_index=True)
        xy = project(x[good][first], y[good][first]) if len(moments) else np.empty((0, 2))
        gaps = np.diff(moments) > gap_s
        return OfficerTrack(officer_id, name, moments, xy, gaps, len(t) - len(moments))

    def __len__(self) -> int:
        return len(self.times)

    @property
    def span(self) -> tuple[float, float]:
        """First and last moment; both zero for an empty track."""
        return (float(self.times[0]), float(self.times[-1])) if len(self) else (0.0, 0.0)

    def at(self, moment: float) -> TrackPoint | None:
        """Position at a moment; None before the first and after the last report."""
        if not len(self) or not self.times[0] <= moment <= self.times[-1]:
            return None
        i = int(np.searchsorted(self.times, moment, side="right")) - 1
        x, y = self.xy[i].tolist()
        seen = float(self.times[i])
        if moment == seen or i == len(self) - 1:
            return TrackPoint(x, y, True, seen)
        if self.gaps[i]:
            return TrackPoint(x, y, False, seen)
        part = (moment - seen) / float(self.times[i + 1] - self.times[i])
        to_x, to_y = self.xy[i + 1].tolist()
        return TrackPoint(x + (to_x - x) * part, y + (to_y - y) * part, True, seen)

    def runs(self) -> tuple[slice, ...]:
        """Pieces of the track without a gap, as slices of the reports."""
        if not len(self):
            return ()
        cuts = [0, *(int(i) + 1 for i in np.flatnonzero(self.gaps)), len(self)]
        return tuple(slice(a, b) for a, b in pairwise(cuts))

    def colour_of(self, moments: npt.ArrayLike) -> npt.NDArray[np.int8]:
        """Which part of the span moments lie in: 0 early to 4 late."""
        low, high = self.span
        part = (np.asarray(moments, dtype=np.float64) - low) / max(high - low, 1e-9)
        return np.clip(part * COLOURS, 0, COLOURS - 1).astype(np.int8)

    def strokes(self) -> tuple[tuple[FloatArray, int, bool], ...]:
        """What is drawn: points in world metres, colour part, and whether the way is known (else dashed).

        A piece that is known is cut where the colour changes; neighbours share the report at the cut.
        """
        out: list[tuple[FloatArray, int, bool]] = []
        for run in self.runs():
            if run.start:
                join = self.xy[run.start - 1 : run.start + 1]
                out.append((join, int(self.colour_of(self.times[run.start - 1])), False))
            parts = self.colour_of(self.times[run])
            cuts = [0, *(np.flatnonzero(np.diff(parts)) + 1).tolist(), len(parts)]
            for a, b in pairwise(cuts):
                line = self.xy[run][a : b + 1]
                if len(line) > 1:
                    out.append((line, int(parts[a]), True))
        return tuple(out)

    def stays(self, radius_m: float = STAY_M, least_s: float = STAY_S) -> tuple[Stay, ...]:
        """Stays in one place, in order of time; never across a gap."""
        out: list[Stay] = []
        for run in self.runs():
            out.extend(self._stays(run, radius_m, least_s))
        return tuple(out)

    def _stays(self, run: slice, radius_m: float, least_s: float) -> list[Stay]:
        xy, times = self.xy[run], self.times[run]
        reach = radius_m / true_scale(float(xy[0, 1]))
        out: list[Stay] = []
        i = 0
        while i < len(times):
            end = _first_away(xy, i, reach)
            if times[end - 1] - times[i] >= least_s:
                x, y = xy[i:end].mean(axis=0).tolist()
                out.append(Stay(x, y, float(times[i]), float(times[end - 1])))
                i = end
            else:
                i += 1
        return out

    def length_m(self) -> float:
        """True metres of the way that is known; gaps add nothing."""
        if len(self) < 2:
            return 0.0
        steps = np.hypot(*np.diff(self.xy, axis=0).T)
        scale = 1.0 / np.cosh(self.xy[:-1, 1] / 6378137.0)
        return float(np.sum((steps * scale)[~self.gaps]))

    def unknown_s(self) -> float:
        """Seconds of the span in which it is not known where the officer was."""
        return float(np.sum(np.diff(self.times)[self.gaps])) if len(self) > 1 else 0.0


def _first_away(xy: FloatArray, start: int, reach: float) -> int:
    """Index of the first report further than ``reach`` from that at ``start``, looked for piece by piece."""
    at, room = start + 1, 32
    while at < len(xy):
        away = np.flatnonzero(np.hypot(*(xy[at : at + room] - xy[start]).T) > reach)
        if len(away):
            return at + int(away[0])
        at, room = at + room, room * 2
    return len(xy)


@dataclass(frozen=True, slots=True)
class TrackLayer:
    """The track that is replayed and the moment it shows.

    Attributes:
        track: reports of a day; None while none is asked for or there is none.
        moment: epoch seconds.
        sentence: what to say instead of a track: loading, no reports that day, refused.
        stays: stays of the track, found once.
    """

    track: OfficerTrack | None = None
    moment: float = 0.0
    sentence: str = ""
    stays: tuple[Stay, ...] = field(default=(), compare=False)

    @staticmethod
    def of(track: OfficerTrack | None, sentence: str = "") -> TrackLayer:
        """Show a track from its beginning, or say why there is none."""
        if track is None or not len(track):
            return TrackLayer(None, 0.0, sentence)
        return TrackLayer(track, track.span[0], sentence, track.stays())

    def moved(self, moment: float) -> TrackLayer:
        """Show another moment, kept inside the span."""
        if self.track is None or moment != moment:
            return self
        low, high = self.track.span
        return TrackLayer(self.track, min(max(moment, low), high), self.sentence, self.stays)

    def stay_at(self, moment: float) -> Stay | None:
        """The stay a moment lies in."""
        i = bisect_right([s.since for s in self.stays], moment) - 1
        return self.stays[i] if i >= 0 and moment <= self.stays[i].until else None
