"""Who tells a history: this process, or forked ones while this one writes."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import chain

from services.backend.demo.bulk import Encoded, Encoder
from services.backend.demo.history import History

_CHUNK = 250
_AHEAD = 4
_WORTH_WORKERS = 3_000
_WATCH_S = 0.5

#: what forked children inherit
_told: tuple[History, Encoder] | None = None


def encoded(history: History, encoder: Encoder, workers: int) -> Iterator[Encoded]:
    """Yield all stories as rows, in the order of birth.

    With workers they are told by forked processes, which have district and births at hand that way; the caller
    must have no other threads. Where there is no fork, this process tells.
    """
    if workers < 1 or "fork" not in multiprocessing.get_all_start_methods():
        return (encoder.encode(rank, history.story(rank)) for rank in range(len(history)))
    return chain.from_iterable(_from_workers(history, encoder, workers))


def _from_workers(history: History, encoder: Encoder, workers: int) -> Iterator[list[Encoded]]:
    """Yield chunks told by other processes, in order, never more than a few ahead."""
    global _told
    _told = (history, encoder)
    try:
        fork = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(workers, fork, _settle, (os.getpid(),)) as pool:
            ahead: list[Future[list[Encoded]]] = []
            for start in range(0, len(history), _CHUNK):
                ahead.append(pool.submit(_tell_chunk, start))
                if len(ahead) > workers * _AHEAD:
                    yield ahead.pop(0).result()
            for future in ahead:
                yield future.result()
    finally:
        _told = None


def _settle(parent: int) -> None:
    """Begin a worker: no garbage collector, and an end as soon as the parent is gone.

    A pool's worker would wait for ever for a parent that was killed, and keep the files and ports it inherited.
    """
    gc.disable()
    threading.Thread(target=_watch, args=(parent,), name="griddesk-parent-watch", daemon=True).start()


def _watch(parent: int) -> None:
    """End this process when its parent has changed."""
    while os.getppid() == parent:
        time.sleep(_WATCH_S)
    os._exit(1)


def _tell_chunk(start: int) -> list[Encoded]:
    """Tell one stretch in a worker process."""
    if _told is None:
        raise RuntimeError("a worker without a history")
    history, encoder = _told
    stop = min(start + _CHUNK, len(history))
    return [encoder.encode(rank, history.story(rank)) for rank in range(start, stop)]


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Let the garbage collector rest: rows hold no cycles, and looking for them costs a fifth of the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def sensible_workers(cases: int) -> int:
    """Return how many processes should tell so many cases: one a core, as this one mostly waits for them.

    None for a few cases, which cost less than the processes, and none beside other threads, which a fork would
    cut off in the middle of whatever they do.
    """
    if cases < _WORTH_WORKERS or threading.active_count() > 1:
        return 0
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
