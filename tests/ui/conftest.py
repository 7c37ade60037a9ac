"""What holds for every test of a page."""

import pytest

from fashion_core.jobs.job import Job


@pytest.fixture(autouse=True)
def _without_fashion_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that needs the data set sets the variable again. Caches stay: they are keyed by what they hold."""
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the runs that a process would have been started for."""
    names: list[str] = []
    monkeypatch.setattr(Job, "launch", lambda job: (names.append(job.folder.name), job.claim()))
    return names
