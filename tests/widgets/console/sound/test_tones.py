"""Tones: right in length and pitch, soft at the edges, never over full scale."""

from __future__ import annotations

import numpy as np
import pytest

from console.notices.cues import SERIOUS, shipped_cues
from console.windows.sound.tones import EDGE_MS, PEAK, RATE, note, pcm, tones


@pytest.mark.parametrize("cue", SERIOUS)
def test_every_cue_has_its_length_and_soft_edges(cue: str) -> None:
    notes = shipped_cues()[cue].notes
    whole = tones(notes, 1.0)
    assert len(whole) == sum(RATE * ms // 1000 for _, ms in notes)
    assert np.abs(whole).max() <= PEAK <= 1.0
    at = 0
    for hertz, ms in notes:
        part = whole[at : at + RATE * ms // 1000]
        at += len(part)
        assert part[0] == part[-1] == 0
        if not hertz:
            assert not part.any()
            continue
        edge = RATE * EDGE_MS // 1000
        ramp = (1 - np.cos(np.pi * np.arange(edge) / edge)) / 2
        assert np.all(np.abs(part[:edge]) <= ramp * PEAK + 1e-9)
        assert np.all(np.abs(part[-edge:]) <= ramp[::-1] * PEAK + 1e-9)
        loudest = np.argmax(np.abs(np.fft.rfft(part * np.hanning(len(part)), RATE * 2))) / 2
        assert abs(loudest - hertz) <= 3
    assert np.abs(np.diff(whole)).max() < 0.12, "a jump would click"


@pytest.mark.parametrize(
    ("level", "peak"), [(-1.0, 0.0), (0.0, 0.0), (0.5, PEAK / 2), (1.0, PEAK), (9.0, PEAK)]
)
def test_the_level_scales_and_is_bounded(level: float, peak: float) -> None:
    assert np.abs(tones(((1000, 100),), level)).max() == pytest.approx(peak, rel=0.01)


def test_very_short_notes_and_none_at_all() -> None:
    assert len(note(440, 0)) == 0 and len(tones((), 1.0)) == 0
    assert np.abs(note(440, 8)).max() <= 1.0


def test_pcm_is_sixteen_bit_and_clipped() -> None:
    data = np.frombuffer(pcm(np.array([0.0, 1.0, -1.0, 7.0])), "<i2")
    assert data.tolist() == [0, 32767, -32767, 32767]
    both = np.frombuffer(pcm(np.array([0.0, 0.5]), 2), "<i2")
    assert both[0] == both[1] == 0 and both[2] == both[3] == 16384
