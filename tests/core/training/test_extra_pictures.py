"""Pictures that a network is trained on beside the images of the data set."""

import dataclasses

import numpy as np
import pytest
import torch

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.sample_data import generate_sample_images
from fashion_core.errors import ConfigError
from fashion_core.training import augment
from fashion_core.training.extra_pictures import ExtraPictures
from fashion_core.training.loop import create_trainer
from tests.core.datasets import ToyDataset

CONFIG = TrainConfig("improved_cnn", 1, batch_size=20, shift=1, mirror=True)


@pytest.fixture
def pictures(tmp_path, monkeypatch: pytest.MonkeyPatch) -> ExtraPictures:
    monkeypatch.setenv("FASHION_HOME", str(tmp_path))
    images = np.repeat(np.arange(4, dtype=np.uint8)[:, None, None] + 50, 28, axis=1).repeat(28, axis=2)
    return ExtraPictures(images, np.array([3, 3, 8, -1]), np.array([0.0, 1.0, 2.0, 1.0]))


def test_pictures_are_sampled_by_weight_and_none_of_the_ten_has_a_uniform_target(pictures) -> None:
    x, targets = pictures.sample(400, torch.Generator().manual_seed(0))
    values = (x[:, 0, 0, 0] * 255).round().int() - 50
    counts = values.bincount(minlength=4)
    assert counts[0] == 0
    assert counts[2] > counts[1] > 50
    assert (targets[values == 1].argmax(dim=1) == 3).all()
    assert (targets[values == 2][:, 8] == 1).all()
    assert torch.allclose(targets[values == 3], torch.full((int(counts[3]), 10), 0.1))


def test_a_step_mixes_images_and_pictures_in_random_order(pictures) -> None:
    images, labels = generate_sample_images(4, 0)
    x = torch.from_numpy(images).unsqueeze(1).float() / 255
    y = torch.from_numpy(labels.astype(np.int64))
    mixed, targets = augment.augment_training_batch(x, y, CONFIG, torch.Generator().manual_seed(0), 10, pictures)
    n = len(x) + round(augment.PICTURES_PER_IMAGE * len(x)) + round(augment.OUT_OF_DISTRIBUTION_FRACTION * len(x))
    assert mixed.shape == (n, 1, 28, 28)
    assert targets.shape == (n, 10)
    assert torch.allclose(targets.sum(dim=1), torch.ones(n))
    assert not torch.equal(targets[: len(x)].argmax(dim=1), y)


def test_without_pictures_the_targets_are_the_labels() -> None:
    x, labels = torch.rand(6, 1, 28, 28), torch.arange(6)
    images, targets = augment.augment_training_batch(x, labels, TrainConfig("mlp", 1), torch.Generator(), 10)
    assert torch.equal(images, x)
    assert torch.equal(targets, labels)


@pytest.mark.slow
def test_a_run_trains_on_saved_pictures(pictures) -> None:
    pictures.save("toy")
    plain, extended = (
        next(create_trainer(config, ToyDataset(12)).train_epochs())
        for config in (CONFIG, dataclasses.replace(CONFIG, pictures="toy"))
    )
    assert np.isfinite(extended.train_loss)
    assert extended.train_loss != plain.train_loss


def test_missing_pictures_are_a_sentence(pictures) -> None:
    with pytest.raises(ConfigError, match="Prepare them again"):
        create_trainer(dataclasses.replace(CONFIG, pictures="elsewhere"), ToyDataset(12))
