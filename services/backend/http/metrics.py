"""Counts of one process in Prometheus' text form, without a client library."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counts requests by route and status, and how long they took; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._buckets: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS) + 1))
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._outcomes: defaultdict[str, int] = defaultdict(int)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        place = next((i for i, edge in enumerate(BUCKETS) if seconds <= edge), len(BUCKETS))
        with self._lock:
            self._requests[(route, status)] += 1
            self._buckets[route][place] += 1
            self._seconds[route] += seconds

    def outcome(self, word: str) -> None:
        """Count one decided command."""
        with self._lock:
            self._outcomes[word] += 1

    def text(self, gauges: Mapping[str, float]) -> str:
        """Return everything counted, and some gauges of the moment."""
        with self._lock:
            lines = ["# TYPE griddesk_requests_total counter"]
            for (route, status), count in sorted(self._requests.items()):
                lines.append(f'griddesk_requests_total{{route="{route}",status="{status}"}} {count}')
            lines.append("# TYPE griddesk_request_seconds histogram")
            for route, buckets in sorted(self._buckets.items()):
                total = 0
                for edge, count in zip((*BUCKETS, "+Inf"), buckets, strict=True):
                    total += count
                    lines.append(f'griddesk_request_seconds_bucket{{route="{route}",le="{edge}"}} {total}')
                lines.append(f'griddesk_request_seconds_sum{{route="{route}"}} {self._seconds[route]:.6f}')
                lines.append(f'griddesk_request_seconds_count{{route="{route}"}} {total}')
            lines.append("# TYPE griddesk_commands_total counter")
            lines += [
                f'griddesk_commands_total{{outcome="{word}"}} {n}'
                for word, n in sorted(self._outcomes.items())
            ]
        for name, value in gauges.items():
            lines += [f"# TYPE griddesk_{name} gauge", f"griddesk_{name} {value:g}"]
        return "\n".join(lines) + "\n"
