"""Views, engines and threads, whatever the network."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch

from fashion_core.config.train_config import TrainConfig
from fashion_core.jobs.process import count_cores
from fashion_core.models import inference, registry
from fashion_core.models.graph_writer import UnsupportedOperationError
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.models.trained_network import TrainedNetwork
from fashion_core.runs.store import RunStore
from tests.conftest import PROJECT

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)
NETWORKS = ("mlp", "cnn", pytest.param("improved_cnn", marks=pytest.mark.slow))


def build_network(name: str, **settings: bool) -> TorchClassifier:
    """An untrained network."""
    classifier = registry.build_classifier(TrainConfig(name, 1, **settings), 10)  # type: ignore[arg-type]
    assert isinstance(classifier, TorchClassifier)
    return classifier


def load_network(run_id: str) -> TrainedNetwork:
    """A shipped one."""
    classifier = RunStore().load_classifier(RunStore().get(run_id))
    assert isinstance(classifier, TrainedNetwork)
    return classifier


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("name", NETWORKS)
def test_images_that_one_view_leaves_unsure_are_averaged_with_their_mirror_image(
    name: str, mirror: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = build_network(name, mirror=mirror)
    single = TorchClassifier(classifier.network)
    second, first = np.sort(single.predict_proba(IMAGES))[:, -2:].T
    confidence = first / (first + second)
    limit = float(np.sort(confidence)[3:5].mean())  # between two images, so that rounding decides nothing
    monkeypatch.setattr(inference, "SINGLE_VIEW_CONFIDENCE", limit)
    unsure = mirror & (confidence <= limit)
    mean = (single.logits(IMAGES) + single.logits(np.ascontiguousarray(IMAGES[:, :, ::-1]))) / 2
    expected = np.where(unsure[:, None], mean, single.logits(IMAGES))
    np.testing.assert_allclose(classifier.logits(IMAGES), expected, atol=1e-5)
    np.testing.assert_array_equal(classifier.count_views(IMAGES), 1 + unsure)


def test_an_operation_that_is_not_translated_is_named() -> None:
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10), torch.nn.GELU())
    with pytest.raises(UnsupportedOperationError, match="GELU"):
        TorchClassifier(network).compile_for_inference()


class Linear(torch.nn.Module):
    """A network whose input has another name than those of the registered ones."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Normalised images float32 [n, 1, 28, 28] -> logits [n, 10]."""
        logits: torch.Tensor = self.layers(pictures)
        return logits


def test_a_network_may_call_its_input_as_it_likes() -> None:
    classifier = TorchClassifier(Linear())
    expected = classifier.logits(IMAGES)
    classifier.compile_for_inference()
    np.testing.assert_allclose(classifier.logits(IMAGES), expected, atol=1e-5)


def test_multiply_adds_are_those_of_each_view() -> None:
    assert load_network("mlp-poster").mean_multiply_adds_per_image(IMAGES) == 784 * 100 + 2 * 100 * 100 + 100 * 10
    network = load_network("improved_cnn")
    expected = network.multiply_adds * network.count_views(IMAGES).mean()
    assert network.mean_multiply_adds_per_image(IMAGES) == pytest.approx(expected, abs=1)


@pytest.mark.slow
def test_predictions_in_fresh_threads_all_compute_on_every_thread() -> None:
    """A request that called ``torch.set_num_threads`` slowed down all later ones: 2, 1 and 1 threads on two cores."""
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.models.count_threads"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    used, of_torch = done.stdout.splitlines()
    assert used.split() == [str(count_cores())] * 3
    assert of_torch == str(count_cores())


@pytest.mark.slow
def test_concurrent_predictions_of_one_network_are_those_of_a_single_one() -> None:
    classifier = load_network("improved_cnn")
    images = np.random.default_rng(1).integers(0, 256, (60, 28, 28), dtype=np.uint8)
    expected = classifier.predict_proba(images)
    start = threading.Barrier(3)
    results: list[np.ndarray] = []

    def predict() -> None:
        start.wait(30)
        results.extend(classifier.predict_proba(images) for _ in range(2))

    threads = [threading.Thread(target=predict) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(results) == 6
    for result in results:
        np.testing.assert_allclose(result, expected, atol=1e-5)
