"""How often one client may ask: a token bucket for each."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from fashion_core.api.limits import RequestRefused

MAX_CLIENTS = 10_000  # remembered; one that is forgotten starts with a full bucket


class RateLimit:
    """``per_second`` requests of each client on average, and ``burst`` at once. ``clock``: in seconds."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._clock = per_second, burst, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # requests left, and when that was

    def check(self, client: str) -> None:
        """Count a request; raises ``RequestRefused`` when there were too many."""
        now = self._clock()
        left, then = self._buckets.pop(client, (float(self._burst), now))
        left = min(self._burst, left + (now - then) * self._per_second)
        self._buckets[client] = (left - 1 if left >= 1 else left, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        if left < 1:
            seconds = math.ceil((1 - left) / self._per_second)
            raise RequestRefused(429, "You ask too often. Wait a moment and send the request again.", seconds)
