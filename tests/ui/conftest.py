"""What holds for every test of a page."""

from collections.abc import Iterator
from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from fashion_core.computed import background
from fashion_core.jobs.job import Job


@pytest.fixture(scope="session", autouse=True)
def _look_for_installed_components_once() -> Iterator[None]:
    """AppTest reads the metadata of every installed package at each load of a page: two thirds of the time it takes."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(autouse=True)
def _without_fashion_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that needs the data set sets the variable again. Caches stay: they are keyed by what they hold."""
    monkeypatch.delenv("FASHION_MNIST_DIR", raising=False)


@pytest.fixture
def nothing_is_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that lacks a result starts no process to compute it."""
    monkeypatch.setattr(background, "queue_computation", lambda computation, dataset: None)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the runs that a process would have been started for."""
    names: list[str] = []
    monkeypatch.setattr(Job, "launch", lambda job: (names.append(job.folder.name), job.claim()))
    return names
