"""Waiting for what other processes do."""

import time
from collections.abc import Callable

PATIENCE = 90.0


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return as soon as ``condition`` holds; fail the test when it does not within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
