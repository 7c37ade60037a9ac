"""What holds for every test of a page."""

import pytest


@pytest.fixture(autouse=True)
def _without_fashion_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that needs the data set sets the variable again. Caches stay: they are keyed by what they hold."""
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)
