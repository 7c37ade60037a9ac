"""What every test of a page leaves out."""

import pytest

from fashion_core.runs import standby


@pytest.fixture(autouse=True)
def _nothing_in_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The form starts no process beside each test; ``tests/core/runs/test_standby.py`` is about that one."""
    monkeypatch.setattr(standby, "prepare", lambda dataset: None)
