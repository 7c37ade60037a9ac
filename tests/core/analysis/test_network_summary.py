import numpy as np
import pytest
import torch
from torch import nn

from fashion_core.analysis import network_summary
from fashion_core.config.train_config import TrainConfig
from fashion_core.models.base import Classifier
from fashion_core.models.registry import build_classifier
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.runs.store import RunStore

NETWORKS = ("mlp", "cnn", "improved_cnn")


def untrained(model: str) -> TorchClassifier:
    classifier = build_classifier(TrainConfig(model, 1), 10)
    assert isinstance(classifier, TorchClassifier)
    return classifier


def trained(run_id: str) -> Classifier:
    return RunStore().load_classifier(RunStore().get(run_id))


@pytest.mark.parametrize("model", NETWORKS)
def test_the_parts_hold_every_parameter(model: str) -> None:
    classifier = untrained(model)
    parts = network_summary.summarise_stages(classifier.network)
    assert sum(part.n_parameters for part in parts) == classifier.n_parameters == trained(model).n_parameters
    assert sum(part.multiply_adds for part in parts) == classifier.multiply_adds
    assert parts[-1].shape == (10,)


def test_the_latency_is_a_time_and_leaves_the_threads_as_they_were() -> None:
    before, images, mlp = torch.get_num_threads(), np.zeros((2, 28, 28), np.uint8), trained("mlp")
    assert network_summary.measure_seconds_per_image(lambda i: mlp.predict_proba(images[i : i + 1]), 2, repeats=3) > 0
    assert torch.get_num_threads() == before


def test_multiply_adds_are_counted_by_hand() -> None:
    small = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Linear(196, 10))
    found = network_summary.summarise_stages(small)
    assert [stage.multiply_adds for stage in found] == [4 * 9 * 28 * 28, 1960]
    assert [stage.shape for stage in found] == [(4, 28, 28), (10,)]


@pytest.mark.slow
def test_torch_counts_the_same_multiply_adds() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    network = untrained("improved_cnn").network
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(torch.zeros(1, 1, 28, 28))
    ours = sum(part.multiply_adds for part in network_summary.summarise_stages(network))
    assert ours == counter.get_total_flops() / 2


@pytest.mark.parametrize("run_id", NETWORKS)
def test_first_filters_are_pictures(run_id: str) -> None:
    filters = network_summary.first_layer_filters(trained(run_id).state_dict())
    assert filters.ndim == 3
    assert filters.shape[1] == filters.shape[2]


class Corner:
    """Sure of class 3 as far as the upper left corner is bright."""

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        p = images[:, :4, :4].mean(axis=(1, 2)) / 255
        rest = np.repeat(((1 - p) / 9)[:, None], 10, axis=1)
        rest[:, 3] = p
        return rest.astype(np.float32)


def test_occlusion_finds_what_the_answer_rests_on() -> None:
    image = np.full((28, 28), 255, np.uint8)
    loss, under = network_summary.occlusion_map(Corner().predict_proba, image, 3)
    assert loss.shape == (28, 28)
    assert loss[0, 0] == loss.max() > 0.5
    assert np.abs(loss[10:, 10:]).max() == 0
    assert under.shape == (144, 10)
    assert under[0, 3] == 0


def test_latency_is_that_of_predicting_each_image_in_turn() -> None:
    predicted: list[int] = []
    assert 0 < network_summary.measure_seconds_per_image(predicted.append, 2, repeats=3) < 5
    assert predicted == [0, 0, 1, 0]  # the first warms up
