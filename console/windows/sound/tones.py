"""Soft sine tones from notes (design section 12): 44.1 kHz, one channel, edges of 10 ms, never over full scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

RATE = 44_100
EDGE_MS = 10
#: amplitude at full volume, half of full scale: short alerts are not to be louder than a voice
PEAK = 0.5
Samples = npt.NDArray[np.float64]


def note(hertz: float, ms: int) -> Samples:
    """Return one note of amplitude 1 that begins and ends at 0; 0 Hz is silence."""
    count = RATE * ms // 1000
    if hertz <= 0 or count == 0:
        return np.zeros(count)
    wave = np.sin(2 * np.pi * hertz * np.arange(count) / RATE)
    edge = min(RATE * EDGE_MS // 1000, count // 2)
    # half a cosine has no corner, so that nothing clicks
    rise = (1 - np.cos(np.pi * np.arange(edge) / edge)) / 2
    wave[:edge] *= rise
    wave[count - edge :] *= rise[::-1]
    return np.asarray(wave, dtype=np.float64)


def tones(notes: Sequence[tuple[float, int]], level: float) -> Samples:
    """Return notes one after the other at a level of 0 to 1; all values lie within ±`PEAK`."""
    parts = [note(hertz, ms) for hertz, ms in notes]
    whole = np.concatenate(parts) if parts else np.zeros(0)
    return np.asarray(whole * (PEAK * min(1.0, max(0.0, level))), dtype=np.float64)


def pcm(samples: Samples, channels: int = 1) -> bytes:
    """Return samples as signed 16-bit little-endian PCM, the same on every channel."""
    whole = np.round(np.clip(samples, -1.0, 1.0) * 32767).astype("<i2")
    return np.repeat(whole, channels).tobytes()
