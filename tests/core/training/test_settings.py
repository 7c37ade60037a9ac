"""Settings by the amount of data, and training on data sets of other sizes and classes."""

import dataclasses

import numpy as np
import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import ConfigError
from fashion_core.models.registry import MODELS, get_model_spec
from fashion_core.training.loop import create_trainer
from fashion_core.training.settings import MANY_IMAGES, training_config_for
from tests.core.datasets import CLASS_COUNTS, ToyDataset


class UserData(ToyDataset):
    """A toy data set to which the included runs have no answer."""

    has_shipped_runs = False
    has_poster_figures = False


@pytest.mark.parametrize("name", list(MODELS))
def test_fashion_mnist_is_trained_with_the_preset_itself(name: str) -> None:
    spec = get_model_spec(name)
    for preset, config in spec.presets.items():
        assert training_config_for(spec, preset, SampleDataset()) == config


@pytest.mark.parametrize("per_class", [12, 120, 1200])
def test_the_number_of_steps_hardly_depends_on_the_number_of_images(per_class: int) -> None:
    data = UserData(per_class, 7)
    config = training_config_for(get_model_spec("improved_cnn"), "best", data)
    n_steps = config.epochs * max(1, config.passes_per_epoch * data.split_sizes["train"] // config.batch_size)
    assert 1000 <= n_steps <= 4000
    assert config.start_from == "recognition-1"


def test_many_images_are_trained_on_as_the_preset_says() -> None:
    spec, data = get_model_spec("improved_cnn"), UserData(MANY_IMAGES // 7 + 600, 7)
    expected = dataclasses.replace(spec.presets["best"], start_from=spec.default_start)
    assert training_config_for(spec, "best", data) == expected


@pytest.mark.parametrize("n_classes", CLASS_COUNTS)
def test_k_means_makes_as_many_clusters_as_there_are_classes(n_classes: int) -> None:
    config = training_config_for(get_model_spec("kmeans"), "best", UserData(12, n_classes))
    assert config.clusters == n_classes


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(ConfigError, match="quick, poster, best"):
        training_config_for(get_model_spec("mlp"), "huge", UserData())


@pytest.mark.parametrize("n_classes", [2, 7, 150])
def test_a_network_learns_any_number_of_classes(n_classes: int) -> None:
    data = UserData(24, n_classes)
    config = TrainConfig("mlp", 4, passes_per_epoch=2, batch_size=2 * n_classes, learning_rate=3e-3)
    results = list(create_trainer(config, data).train_epochs())
    assert results[-1].val_accuracy > 0.8
    assert len(results[-1].recall) == n_classes


def test_rare_classes_are_drawn_more_often_than_they_occur() -> None:
    import torch

    from fashion_core.training.gradient_trainer import square_root_sample_weights

    weights = square_root_sample_weights(torch.tensor([0] * 16 + [1] * 4))
    assert weights is not None
    shares = np.array([float(weights[:16].sum()), float(weights[16:].sum())])
    np.testing.assert_allclose(shares / shares.sum(), [2 / 3, 1 / 3])  # square roots of 16 and 4
    assert square_root_sample_weights(torch.tensor([0, 1, 0, 1])) is None


@pytest.mark.parametrize("name", list(MODELS))
def test_a_handful_of_images_gives_settings_that_can_be_used(name: str) -> None:
    spec, data = get_model_spec(name), UserData(3, 2)
    for preset in spec.presets:
        training_config_for(spec, preset, data)


def test_random_weights_get_a_higher_learning_rate_than_those_of_another_run() -> None:
    spec, data = get_model_spec("improved_cnn"), UserData()
    random, tuned = (training_config_for(spec, "best", data, start_from=run) for run in ("", "improved_cnn"))
    assert (random.start_from, tuned.start_from) == ("", "improved_cnn")
    assert random.learning_rate > tuned.learning_rate
