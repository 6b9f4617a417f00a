"""When which sound may begin (design section 12): pure rules with the time given in; no clock, no device, no Qt.

Never two at once, and the more serious wins: it cuts a lesser one off, and a lesser one that comes while a more serious
sounds is dropped (the screen tells it too). 急要件 can be lowered but not silenced. On the telephone it alone sounds,
at half volume.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from console.notices.cues import SERIOUS, URGENT, Cue

SHIPPED_VOLUME = 60
#: percent below which 急要件 is not lowered (a choice of the product: still to be heard in a quiet room)
URGENT_FLOOR = 20
ON_TELEPHONE = 0.5
#: two sounds are not glued together
GAP_S = 0.05


@dataclass(frozen=True, slots=True)
class SoundSettings:
    """What the operator has set: `volume` in percent, the cues that are `off`; 急要件 is never among them."""

    volume: int = SHIPPED_VOLUME
    off: frozenset[str] = frozenset()

    @classmethod
    def read(cls, volume: object, off: object) -> SoundSettings:
        """Take stored values; anything odd is the shipped one."""
        good = isinstance(volume, int) and not isinstance(volume, bool) and 0 <= volume <= 100
        names = off if isinstance(off, (list, tuple, set, frozenset)) else ()
        kept = frozenset(name for name in names if isinstance(name, str) and name in SERIOUS)
        return cls(volume if good and isinstance(volume, int) else SHIPPED_VOLUME, kept - {URGENT})

    def switched(self, cue: str, on: bool) -> SoundSettings:
        """Return the settings with a cue on or off; 急要件 stays on."""
        off = self.off - {cue} if on else self.off | {cue}
        return replace(self, off=off - {URGENT})

    def level(self, cue: str, *, on_telephone: bool = False) -> float:
        """Return how loud a cue is, 0 (not at all) to 1; never 0 for 急要件."""
        if cue == URGENT:
            loud = max(self.volume, URGENT_FLOOR) / 100.0
            return loud * ON_TELEPHONE if on_telephone else loud
        if on_telephone or cue in self.off:
            return 0.0
        return self.volume / 100.0


@dataclass(frozen=True, slots=True)
class Play:
    """A sound that is to begin now: it cuts off what sounds. `level` 0 to 1."""

    cue: Cue
    level: float


@dataclass(slots=True)
class _Ring:
    """A reason for which a cue goes on: how often it was heard, when it is due again."""

    cue: str
    due: float
    heard: int = 0


class Sounding:
    """Decides from wishes and rings what begins. Times are seconds of one clock that never goes back.

    Say what happened (`want`, `ring`, `hush`), then ask `begin(now)`; `next_at` tells when to ask again.
    """

    def __init__(self, cues: Mapping[str, Cue], settings: SoundSettings | None = None) -> None:
        """Start in silence."""
        self.cues = cues
        self.settings = settings or SoundSettings()
        self.on_telephone = False
        self.sounding = ""
        self._until = float("-inf")
        self._wanted: set[str] = set()
        self._rings: dict[tuple[str, str], _Ring] = {}
        self._began: dict[str, float] = {}

    # --- what happened ------------------------------------------------------------------------------------

    def want(self, cue: str) -> None:
        """Something happened once; the next `begin` plays it, or what is more serious."""
        self._wanted.add(cue)

    def ring(self, cue: str, reason: str, now: float) -> None:
        """A reason to ring came up; one that is known already changes nothing."""
        self._rings.setdefault((cue, reason), _Ring(cue, now))

    def hush(self, cue: str, reason: str) -> None:
        """A reason is gone (the row was opened, the call was taken)."""
        self._rings.pop((cue, reason), None)

    def hush_all(self, cue: str, keep: Iterable[str]) -> None:
        """Drop every reason of a cue but some."""
        kept = set(keep)
        for name, reason in list(self._rings):
            if name == cue and reason not in kept:
                del self._rings[(name, reason)]

    def rings(self, cue: str) -> frozenset[str]:
        """Return the reasons for which a cue is still going to ring."""
        return frozenset(reason for name, reason in self._rings if name == cue)

    # --- what begins --------------------------------------------------------------------------------------

    def begin(self, now: float) -> Play | None:
        """Return what begins now, None when nothing does. Wishes are used up, rings that are due wait their turn."""
        wanted, self._wanted = self._wanted, set()
        due = {ring.cue for ring in self._rings.values() if ring.due <= now}
        busy = now < self._until
        for name in SERIOUS:
            if name not in wanted and name not in due:
                continue
            cue = self.cues[name]
            level = self.settings.level(name, on_telephone=self.on_telephone)
            if level <= 0.0:
                self._count(name, now)  # switched off: its turns pass unheard
                continue
            if busy and cue.rank >= self.cues[self.sounding].rank:
                return None
            if now - self._began.get(name, float("-inf")) < cue.least_s:
                continue
            self._began[name] = now
            self.sounding, self._until = name, now + cue.seconds + GAP_S
            self._count(name, now)
            return Play(cue, level)
        return None

    def _count(self, name: str, now: float) -> None:
        """One ring is heard for all reasons of its cue: their next turns come together."""
        cue = self.cues[name]
        for key, ring in list(self._rings.items()):
            if ring.cue == name:
                ring.heard += 1
                ring.due = now + cue.repeat_s
                if cue.most and ring.heard >= cue.most:
                    del self._rings[key]

    def next_at(self, now: float) -> float | None:
        """Return when `begin` should be asked again, None when nothing rings."""
        moments = [self._turn(ring, now) for ring in self._rings.values()]
        return min(moments, default=None)

    def _turn(self, ring: _Ring, now: float) -> float:
        """Return when a ring can be heard at the soonest."""
        cue = self.cues[ring.cue]
        soonest = max(ring.due, self._began.get(ring.cue, float("-inf")) + cue.least_s)
        if soonest <= now < self._until:
            return self._until
        return max(soonest, now)

    def trial(self, cue: str, now: float) -> Play | None:
        """Let the operator hear a cue (试听), switched off or not; None while something more serious sounds."""
        found = self.cues[cue]
        if now < self._until and self.cues[self.sounding].rank < found.rank:
            return None
        self.sounding, self._until = cue, now + found.seconds + GAP_S
        return Play(found, self.settings.level(cue) or max(self.settings.volume, URGENT_FLOOR) / 100.0)
