"""What holds for every test of a page."""

import pytest

from fashion_core.runs import standby
from ui import download


@pytest.fixture(autouse=True)
def _without_fashion_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that needs the data set sets the variable again. Caches stay: they are keyed by what they hold."""
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
    download.downloader.clear()


@pytest.fixture(autouse=True)
def _no_standby_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """``tests/core/runs/test_standby.py`` is about that one."""
    monkeypatch.setattr(standby, "prepare", lambda dataset: None)
