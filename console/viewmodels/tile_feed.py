"""Brings the tiles of one source to the main thread: the nearest first, a few at a time, never more than asked.

At most one tile a lane is under way, and the next is begun only when the last was taken over; so a server that hangs
holds up its own lanes and nothing else, and a quick one cannot flood the main thread.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from PySide6.QtCore import QObject, QTimer, Signal

from console.tasks.runner import Background
from services.basemaps.errors import ServiceError
from services.basemaps.matrices import TileAddress, TileGrid
from services.basemaps.sources import Dark
from services.domain.errors import DomainError
from services.usecases.map_gate import Trouble
from services.usecases.map_tiles import TileAnswer, TileReader

log = logging.getLogger(__name__)

REMOTE_LANES, LOCAL_LANES = 4, 2
_FIRST_RETRY_S, _LONGEST_RETRY_S = 5.0, 300.0
_STALE_RETRY_S = 60.0
_MOST_FAILED = 5_000
_TINY_S = 0.05


@dataclass(frozen=True, slots=True)
class _Came:
    """What a lane hands back; `tile` is None for the opening of the source."""

    lane: int
    turn: int
    tile: TileAddress | None
    value: TileAnswer | TileGrid | DomainError


@dataclass(frozen=True, slots=True)
class _Failure:
    """How often a tile failed and when it may be asked for again (monotonic seconds).

    `shown`: an earlier copy of it is on the map, so that it can wait until the service answers.
    """

    times: int
    again_at: float
    shown: bool = False


class TileFeed(QObject):
    """Loads what a tile layer wants. Made, used and closed on the main thread.

    Signals: `opened(TileGrid)`, `arrived(TileAnswer)`, `trouble_changed()`.
    """

    opened = Signal(object)
    arrived = Signal(object)
    trouble_changed = Signal()

    def __init__(
        self,
        reader: TileReader,
        background: Background,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask nothing before `want`."""
        super().__init__(parent)
        self.reader = reader
        self.grid: TileGrid | None = None
        self._background, self._clock = background, clock
        self._dark = Dark.NONE
        self._wishes: dict[object, dict[TileAddress, None]] = {}
        self._turn = 0
        self._closed = False
        self._opens_at = 0.0
        self._open_failures = 0
        self._failed: dict[TileAddress, _Failure] = {}
        self._trouble: Trouble | None = None
        self._free = list(range(LOCAL_LANES if reader.source.is_local else REMOTE_LANES))
        self._under_way: set[TileAddress | None] = set()
        self._pump_soon = QTimer(self)
        self._pump_soon.setSingleShot(True)
        self._pump_soon.setInterval(0)
        self._pump_soon.timeout.connect(self._pump)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._pump)

    # --- what is wanted -----------------------------------------------------------------------------

    @property
    def trouble(self) -> Trouble | None:
        """Why tiles do not come, None while they do."""
        return self._trouble

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return bool(self._under_way)

    def want(self, asker: object, tiles: tuple[TileAddress, ...]) -> None:
        """Take what a map lacks, the most wanted first; its earlier wishes are dropped.

        Before the source is open an empty wish opens it.
        """
        if self._closed:
            return
        self._wishes[asker] = dict.fromkeys(tiles)
        if tiles or self.grid is None:
            self._pump_soon.start()

    def forget(self, asker: object) -> None:
        """A map wants nothing any more."""
        self._wishes.pop(asker, None)

    def set_dark(self, dark: Dark) -> None:
        """Choose what is done to tiles from now on; what is under way is dropped."""
        if dark is not self._dark:
            self._dark = dark
            self._turn += 1

    def close(self) -> None:
        """Load nothing more; what comes is dropped."""
        self._closed = True
        self._wishes.clear()
        self._pump_soon.stop()
        self._again.stop()
        self.reader.close()

    # --- work ---------------------------------------------------------------------------------------

    def _pump(self) -> None:
        """Give every free lane the most wanted tile."""
        if self._closed or not self._wishes or not self._free:
            return
        now, wait_s = self._clock(), self.reader.gate.wait_s()
        if self.grid is None:
            if None not in self._under_way and not self._later(max(wait_s, self._opens_at - now)):
                self._begin(None)
            return
        soonest = float("inf")
        for tile in self._most_wanted():
            if not self._free:
                return
            if tile in self._under_way:
                continue
            failure = self._failed.get(tile)
            if failure is not None:
                pause = max(failure.again_at - now, wait_s if failure.shown else 0.0)
                if pause > 0:
                    soonest = min(soonest, pause)
                    continue
            self._begin(tile)
        if soonest < float("inf"):
            self._later(soonest)

    def _most_wanted(self) -> Iterator[TileAddress]:
        """Tiles in the order in which they are wanted, a turn for each map."""
        for tiles in zip_longest(*map(tuple, self._wishes.values())):
            yield from (tile for tile in tiles if tile is not None)

    def _later(self, seconds: float) -> bool:
        """Look again in some seconds; False when that is now."""
        if seconds <= 0:
            return False
        self._again.start(round((seconds + _TINY_S) * 1000))
        return True

    def _begin(self, tile: TileAddress | None) -> None:
        """Send a tile (None: the opening) to a lane."""
        lane = self._free.pop()
        self._under_way.add(tile)
        reader, dark, turn = self.reader, self._dark, self._turn

        def work() -> _Came:
            try:
                value = reader.open() if tile is None else reader.read(tile, dark)
            except DomainError as error:
                return _Came(lane, turn, tile, error)
            except Exception as error:  # noqa: BLE001 - whatever a strange tile does, the lane must come back
                log.info("tile failed: %s", type(error).__name__)
                return _Came(lane, turn, tile, ServiceError("瓦片处理出错，没有采用。", code="internal"))
            return _Came(lane, turn, tile, value)

        name = f"map-{reader.source.id}-{lane}"
        self._background.submit(name, name, work, self._on_came)

    def _on_came(self, came: object) -> None:
        """Take over what a lane brought and give it the next tile."""
        assert isinstance(came, _Came)
        self._free.append(came.lane)
        self._under_way.discard(came.tile)
        if self._closed:
            return
        value = came.value
        if isinstance(value, DomainError):
            self._on_failure(came.tile, value)
        elif isinstance(value, TileAnswer):
            self._on_answer(came, value)
        else:
            self.grid = value
            self.opened.emit(value)
        self._look_for_trouble(value if isinstance(value, DomainError) else None)
        self._pump_soon.start()

    def _on_answer(self, came: _Came, answer: TileAnswer) -> None:
        """Pass a tile on; a stale one is asked for again once the service answers."""
        self._failed.pop(answer.tile, None)
        if answer.stale:
            self._failed[answer.tile] = _Failure(1, self._clock() + _STALE_RETRY_S, shown=True)
        if came.turn == self._turn:
            for wishes in self._wishes.values():
                wishes.pop(answer.tile, None)
            self.arrived.emit(answer)

    def _on_failure(self, tile: TileAddress | None, error: DomainError) -> None:
        """Leave a tile alone for a while; while the gate is closed nothing counts against the tile."""
        now = self._clock()
        if tile is None:
            self._open_failures += 1
            self._opens_at = now + min(_FIRST_RETRY_S * 2.0 ** (self._open_failures - 1), _LONGEST_RETRY_S)
            return
        before = self._failed.get(tile)
        times = before.times if before is not None else 0
        if error.code != "waiting":
            times += 1
        pause = min(_FIRST_RETRY_S * 2.0 ** max(times - 1, 0), _LONGEST_RETRY_S) if times else 0.0
        if len(self._failed) >= _MOST_FAILED:
            self._failed.clear()
        self._failed[tile] = _Failure(times, now + max(pause, self.reader.gate.wait_s(), 1.0))

    def _look_for_trouble(self, error: DomainError | None) -> None:
        """Tell when the words about the source have changed."""
        trouble = self.reader.gate.trouble
        if trouble is None and error is not None and error.code != "waiting":
            trouble = Trouble(error.title, 0.0)
        before = self._trouble.sentence if self._trouble is not None else ""
        self._trouble = trouble
        if (trouble.sentence if trouble is not None else "") != before:
            self.trouble_changed.emit()
