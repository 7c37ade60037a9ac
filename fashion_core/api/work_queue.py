"""Predictions run in a few threads; a few more wait for one, and beyond that a request is refused at once."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from typing import TypeVar

from fashion_core.api.limits import RequestRefused

T = TypeVar("T")
RETRY_SECONDS = 1


class WorkQueue:
    """At most ``n_workers`` calls run and ``max_waiting`` wait."""

    def __init__(self, n_workers: int, max_waiting: int) -> None:
        self._n_workers, self._max_waiting = n_workers, max_waiting
        self._pool = ThreadPoolExecutor(n_workers, thread_name_prefix="predict")
        self._lock = Lock()
        self._n_held = 0  # running or waiting

    @property
    def n_running(self) -> int:
        """Calls that run."""
        return min(self._n_held, self._n_workers)

    @property
    def n_waiting(self) -> int:
        """Calls that wait for a thread."""
        return self._n_held - self.n_running

    def check(self) -> None:
        """Raise ``RequestRefused`` when no further call may wait."""
        if self._n_held >= self._n_workers + self._max_waiting:
            raise RequestRefused(429, "Too many requests are waiting. Send this one again in a moment.", RETRY_SECONDS)

    async def run(self, function: Callable[[Event], T], seconds: float) -> T:
        """What ``function`` returns; it gets an event that is set once nobody waits for the result.

        Raises ``RequestRefused`` when too many wait, or when it takes more than ``seconds``. A call that has begun
        keeps its thread until it ends.
        """
        self.check()
        stop_event = Event()
        with self._lock:
            self._n_held += 1
        future = self._pool.submit(function, stop_event)
        future.add_done_callback(self._release)
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            sentence = f"The answer took more than {seconds:.0f} seconds. Send fewer or smaller pictures, or try later."
            raise RequestRefused(503, sentence, RETRY_SECONDS) from error
        finally:
            stop_event.set()

    def close(self) -> None:
        """Wait for calls that run, and cancel the others."""
        self._pool.shutdown(cancel_futures=True)

    def _release(self, future: Future[T]) -> None:
        with self._lock:
            self._n_held -= 1
