"""Fixtures for every test: Fashion-MNIST if this machine has it, a per-user folder of its own; and the test tiers.

Markers: ``slow`` tests start a browser, processes or a longer training; ``exhaustive`` ones repeat that for every
width, theme, model and moment of a kill, and run only when asked for.
"""

import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

# pytest-xdist runs several tests at once: each computes on one thread, or their thread pools wait for each other
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import pytest

from fashion_core.data import FashionMNIST, fashion_mnist, load_dataset, sample_data

PROJECT = Path(__file__).resolve().parent.parent
REAL_DATA_MISSING = "needs Fashion-MNIST: run `python -m fashion_core fetch`, or set FASHION_MNIST_DIR"
DOWNLOADED = fashion_mnist.get_fashion_mnist_download_folder()  # each test has a per-user folder of its own
TIMEOUT_SECONDS = {"exhaustive": 600, "slow": 300}  # a test, on a busy machine too; others: pyproject.toml
MAX_WORKERS = 4  # each may start a server and a browser, and waits for it half of the time


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Three processes for two cores for whole folders of tests; none besides pytest's own for single files."""
    if all(Path(argument.split("::")[0]).suffix == ".py" for argument in config.args):
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(3 * cores // 2, MAX_WORKERS) if cores > 1 else 0


@pytest.hookimpl(tryfirst=True)  # before pytest looks at -m
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark browser tests, leave out exhaustive ones unless asked for, and start with the files that take longest."""
    for item in items:
        if item.path.is_relative_to(PROJECT / "tests" / "e2e"):
            item.add_marker("e2e")
            item.add_marker("slow")
        for tier, seconds in TIMEOUT_SECONDS.items():
            if item.get_closest_marker(tier) and not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(seconds))
    asked = "exhaustive" in config.option.markexpr or any("::" in argument for argument in config.args)
    left_out = [] if asked else [item for item in items if item.get_closest_marker("exhaustive")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]
    n_slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -n_slow[item.path])  # stable: tests of a file stay together


@pytest.fixture(scope="session", autouse=True)
def _read_streamlit_settings() -> None:
    """Streamlit reads them once, from the current folder, which a test may have changed by then."""
    from streamlit import config

    config.get_config_options()


def real_data_folder() -> Path | None:
    """Where the published files lie on this machine, or None."""
    for folder in (os.environ.get("FASHION_MNIST_DIR"), PROJECT.parent / "shared" / "fashion-mnist", DOWNLOADED):
        if folder and (found := fashion_mnist.find_fashion_mnist_folder(Path(folder))):
            return found
    return None


@pytest.fixture(scope="session")
def fashion_mnist_folder() -> Path:
    """The folder of the published files; skips with a sentence when there is none."""
    folder = real_data_folder()
    if folder is None:
        pytest.skip(REAL_DATA_MISSING)
    return folder


@pytest.fixture(scope="session", name="fashion_mnist")
def _fashion_mnist(fashion_mnist_folder: Path) -> FashionMNIST:
    """The published data set; skips with a sentence when it is not on this machine."""
    dataset = load_dataset(fashion_mnist_folder)
    assert isinstance(dataset, FashionMNIST)
    return dataset


@pytest.fixture(scope="session", autouse=True)
def _draw_sample_data_once() -> Iterator[None]:
    """A test gets a copy of the sample data; drawing it takes a second."""
    original = sample_data.SampleDataset.read_part

    @cache
    def draw(parameters: Path, part: Literal["train", "test"]) -> tuple[np.ndarray, np.ndarray]:
        return original(sample_data.SampleDataset(), part)

    def read_part(self: object, part: Literal["train", "test"]) -> tuple[np.ndarray, np.ndarray]:
        images, labels = draw(sample_data.SAMPLE_PARAMETERS_PATH, part)
        return images.copy(), labels.copy()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sample_data.SampleDataset, "read_part", read_part)
        yield


@pytest.fixture(autouse=True)
def _private_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the developer's own runs, or finds Fashion-MNIST where another program left it."""
    monkeypatch.setenv("FASHION_HOME", str(tmp_path / "home"))
    for name in ("MODE", "QUOTA", "OWNER_TOKEN", "KEEP_DAYS"):
        monkeypatch.delenv(f"FASHION_{name}", raising=False)
    monkeypatch.setattr(fashion_mnist, "OTHER_PROGRAMS_FOLDERS", ())
