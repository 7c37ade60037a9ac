"""Waiting for what other processes and threads do."""

import time
from collections.abc import Callable

TIMEOUT = 90.0


def wait_until(condition: Callable[[], object], seconds: float = TIMEOUT) -> None:
    """Return as soon as ``condition`` holds; fail the test when it does not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
