"""Views, engines and threads, whatever the network."""

import threading
from collections.abc import Callable

import numpy as np
import pytest
import torch

from fashion_core.analysis import network_summary
from fashion_core.config.train_config import TrainConfig
from fashion_core.models import inference, onnx_engine, registry
from fashion_core.models.base import normalise_images
from fashion_core.models.inference import INFERENCE_BATCH_SIZE, TorchEngine
from fashion_core.models.onnx_engine import OnnxEngine
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.runs.store import RunStore

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)
NETWORKS = ("mlp", "cnn", "improved_cnn")


def build_network(name: str, **settings: bool) -> TorchClassifier:
    """An untrained network."""
    classifier = registry.build_classifier(TrainConfig(name, 1, **settings))  # type: ignore[arg-type]
    assert isinstance(classifier, TorchClassifier)
    return classifier


def load_network(run_id: str) -> TorchClassifier:
    """A shipped one."""
    store = RunStore()
    classifier = store.load_classifier(store.get(run_id))
    assert isinstance(classifier, TorchClassifier)
    return classifier


def run_in_fresh_thread(work: Callable[[], None]) -> None:
    """Call ``work`` in a thread of its own, as each rerun of a Streamlit page is; raise what it raises."""
    errors: list[BaseException] = []

    def target() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 -- raised below, in the test's thread
            errors.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    if errors:
        raise errors[0]


@pytest.mark.parametrize(("mirror", "shift", "n_views"), [(False, 0, 1), (True, 0, 2), (False, 2, 3), (True, 1, 6)])
@pytest.mark.parametrize("name", NETWORKS)
def test_images_that_one_view_leaves_unsure_get_the_views_of_the_training(
    name: str, mirror: bool, shift: int, n_views: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = build_network(name, mirror=mirror, shift=shift)  # type: ignore[arg-type]
    single = TorchClassifier(classifier.network)
    confidence = single.predict_proba(IMAGES).max(axis=1)
    limit = float(np.median(confidence))
    monkeypatch.setattr(inference, "SINGLE_VIEW_CONFIDENCE", limit)
    black = np.zeros((len(IMAGES), 28, 1), np.uint8)
    views = [IMAGES]
    if shift:
        views += [np.concatenate([IMAGES[:, :, 1:], black], 2), np.concatenate([black, IMAGES[:, :, :-1]], 2)]
    if mirror:
        views += [np.ascontiguousarray(view[:, :, ::-1]) for view in views]
    assert len(views) == classifier.augmentation.n_views == n_views
    mean = np.mean([single.logits(view) for view in views], axis=0)
    unsure = confidence <= limit
    expected = np.where(unsure[:, None], mean, single.logits(IMAGES))
    np.testing.assert_allclose(classifier.logits(IMAGES), expected, atol=1e-5)
    np.testing.assert_array_equal(classifier.count_views(IMAGES), np.where(unsure, n_views, 1))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_loaded_network_is_computed_by_onnx_runtime(name: str) -> None:
    assert isinstance(load_network(name).engine, OnnxEngine)


def test_a_network_that_onnx_runtime_cannot_compute_is_computed_by_torch() -> None:
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10), torch.nn.GELU())
    classifier = TorchClassifier(network)
    expected = classifier.logits(IMAGES)
    classifier.compile_for_inference()
    assert isinstance(classifier.engine, TorchEngine)
    np.testing.assert_array_equal(classifier.logits(IMAGES), expected)


def test_multiply_adds_are_those_of_the_layers_for_each_view() -> None:
    assert load_network("mlp-poster").count_multiply_adds(IMAGES) == 784 * 100 + 2 * 100 * 100 + 100 * 10
    network = load_network("improved_cnn")
    per_view = sum(layer.multiply_adds for layer in network_summary.summarise_layers(network))
    expected = per_view * network.count_views(IMAGES).mean()
    assert network.count_multiply_adds(IMAGES) == pytest.approx(expected, abs=1)


def test_features_are_averaged_over_the_image_and_its_mirror_image() -> None:
    classifier = build_network("improved_cnn", mirror=True)
    mirrored = np.ascontiguousarray(IMAGES[:, :, ::-1])
    for one, other in zip(classifier.extract_features(IMAGES), classifier.extract_features(mirrored), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    with pytest.raises(TypeError, match="MLP has no forward_features"):
        build_network("mlp").extract_features(IMAGES)


def test_predictions_in_fresh_threads_all_compute_on_every_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that called ``torch.set_num_threads`` slowed down all later ones: 2, 1 and 1 threads on two cores."""
    n_threads = torch.get_num_threads()
    classifier = TorchClassifier(load_network("mlp").network)
    classifier.compile_for_inference()
    meeting = threading.Barrier(n_threads)
    used: list[set[int]] = []

    def normalise_together(batch: np.ndarray) -> np.ndarray:
        meeting.wait(30)  # passes only if so many threads compute a batch at the same time
        used[-1].add(threading.get_ident())
        return normalise_images(batch)

    monkeypatch.setattr(onnx_engine, "normalise_images", normalise_together)
    images = np.zeros((2 * n_threads * INFERENCE_BATCH_SIZE, 28, 28), np.uint8)
    threads_of_torch: list[int] = []

    def predict() -> None:
        classifier.predict_proba(images)
        threads_of_torch.append(torch.get_num_threads())

    for _ in range(3):
        used.append(set())
        run_in_fresh_thread(predict)
    assert [len(threads) for threads in used] == [n_threads] * 3
    assert threads_of_torch == [n_threads] * 3


@pytest.mark.parametrize("compiled", [True, False])
def test_concurrent_predictions_of_one_network_are_those_of_a_single_one(compiled: bool) -> None:
    classifier = load_network("improved_cnn")
    if not compiled:
        classifier.engine = TorchEngine(classifier.network)
    images = np.random.default_rng(1).integers(0, 256, (120, 28, 28), dtype=np.uint8)
    expected = classifier.predict_proba(images)
    start = threading.Barrier(4)
    results: list[np.ndarray] = []

    def predict() -> None:
        start.wait(30)
        for _ in range(3):
            results.append(classifier.predict_proba(images))
            network_summary.summarise_layers(classifier)  # what another page does with the same network

    threads = [threading.Thread(target=predict) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(results) == 12
    for result in results:
        np.testing.assert_allclose(result, expected, atol=1e-5)
    assert not classifier.network.training
