"""What every registered model must do: each check takes the registry name of a model."""

import dataclasses
from functools import lru_cache

import numpy as np
import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.errors import RunError
from fashion_core.models import registry
from fashion_core.models.torch_classifier import TorchClassifier
from fashion_core.training.loop import create_trainer
from fashion_core.training.trainer import Trainer
from tests.core.datasets import CLASS_COUNTS, ToyDataset

# changes of a configuration that learns a few images at once
EASY = {"shift": 0, "erase": 0.0, "mirror": False, "low_resolution_share": 0.0}
IMAGES = np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)


def skip_without_requirements(name: str) -> None:
    """Skip the test where a package that the model needs is missing."""
    if sentence := registry.MODELS[name].missing_requirement():
        pytest.skip(sentence)


def short_config(name: str, **changes: object) -> TrainConfig:
    """The model's first preset, cut to two epochs of small batches."""
    first = next(iter(registry.MODELS[name].presets.values()))
    return dataclasses.replace(first, **{"epochs": 2, "batch_size": 55, "ema_decay": 0.0} | changes)  # type: ignore[arg-type]


def train(config: TrainConfig) -> Trainer:
    """A trainer that has finished, on a small data set, smaller for a network that takes long."""
    spec = registry.MODELS[config.model]
    slow = "low_resolution_share" in spec.hyperparameters or spec.trainer == "features"
    trainer = create_trainer(config, ToyDataset(12 if slow else 48))
    for _ in trainer.train_epochs():
        pass
    return trainer


@lru_cache(maxsize=16)
def trained(name: str) -> Trainer:
    """The model after ``short_config``."""
    return train(short_config(name))


def check_probabilities(name: str) -> None:
    """float32 [n, 10], finite, rows summing to 1; no images give no rows."""
    classifier = trained(name).classifier
    p = classifier.predict_proba(IMAGES)
    assert p.shape == (7, 10)
    assert p.dtype == np.float32
    assert np.isfinite(p).all()
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)
    assert classifier.predict_proba(IMAGES[:0]).shape == (0, 10)


def check_images_are_independent(name: str) -> None:
    """The other images of a batch do not change a prediction."""
    classifier = trained(name).classifier
    one_by_one = np.concatenate([classifier.predict_proba(IMAGES[i : i + 1]) for i in range(len(IMAGES))])
    np.testing.assert_allclose(classifier.predict_proba(IMAGES), one_by_one, atol=1e-4)


def check_other_types_are_refused(name: str) -> None:
    """Only uint8 is accepted."""
    with pytest.raises(ValueError, match="uint8"):
        trained(name).classifier.predict_proba(IMAGES.astype(np.float32))


def check_any_number_of_classes(name: str) -> None:
    """A model of n classes gives n probabilities; weights of another number of classes are refused."""
    config = short_config(name)
    for n_classes in CLASS_COUNTS:
        classifier = registry.build_classifier(config, n_classes)
        assert classifier.predict_proba(IMAGES).shape == (7, n_classes)
        if not registry.MODELS[name].is_clustering:
            with pytest.raises(RunError):
                registry.build_classifier(config, n_classes + 1).load_state_dict(classifier.state_dict())


def check_two_and_seven_classes_are_learnt(name: str) -> None:
    """Other numbers of classes than ten are trained in the same way."""
    for n_classes in (2, 7):
        dataset = ToyDataset(24, n_classes)
        images, labels = dataset.read_part("test")
        trainer = create_trainer(short_config(name, epochs=8, batch_size=4 * n_classes, **EASY), dataset)
        for result in trainer.train_epochs():
            assert len(result.recall) == n_classes
        assert (trainer.classifier.predict_proba(images).argmax(1) == labels).mean() >= 0.7


def check_weights_round_trip(name: str) -> None:
    """Loading the saved arrays into another model, to train on or to predict, gives equal predictions."""
    classifier, config = trained(name).classifier, trained(name).config
    for build in (registry.build_classifier, registry.build_trained_classifier):
        other = build(dataclasses.replace(config, seed=99), 10)
        other.load_state_dict(classifier.state_dict())
        np.testing.assert_allclose(other.predict_proba(IMAGES), classifier.predict_proba(IMAGES), atol=1e-5)
    assert classifier.n_parameters > 0
    assert classifier.mean_multiply_adds_per_image(IMAGES) > 0


def check_foreign_weights_are_refused(name: str) -> None:
    """Missing, foreign, misshapen and non-finite arrays raise ``RunError``."""
    state, config = trained(name).classifier.state_dict(), trained(name).config
    first = next(iter(state))
    faulty = [
        {key: value for key, value in state.items() if key != first},
        state | {"other": np.zeros(3, np.float32)},
        state | {first: np.zeros((2, 2), np.float32)},
        state | {first: np.full_like(state[first], np.nan)},
    ]
    for weights in faulty:
        with pytest.raises(RunError):
            registry.build_classifier(config, 10).load_state_dict(weights)


def check_easy_classes_are_learnt(name: str) -> None:
    """Six epochs suffice for ten classes that are easy to tell apart."""
    images, labels = ToyDataset().read_part("test")
    config = short_config(name, epochs=6, batch_size=22, **EASY)
    assert (train(config).classifier.predict_proba(images).argmax(1) == labels).mean() >= 0.8


def check_seed_determines_the_run(name: str) -> None:
    """Two trainings with the same seed end with equal weights."""
    first, second = (train(short_config(name, epochs=1)).classifier.state_dict() for _ in range(2))
    for key, value in first.items():
        np.testing.assert_array_equal(value, second[key], err_msg=key)


def check_parameters_get_gradients(name: str) -> None:
    """No parameter of a network is left out of training."""
    import torch

    classifier = registry.build_classifier(short_config(name), 10)
    if not isinstance(classifier, TorchClassifier):
        return
    x = torch.randn(16, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    torch.nn.functional.cross_entropy(classifier.network.train()(x), torch.arange(16) % 10).backward()
    for key, parameter in classifier.network.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.abs().max() > 0, key


def check_output_relu(name: str) -> None:
    """With a ReLU on the outputs no logit is negative."""
    if "output_activation" not in registry.MODELS[name].hyperparameters:
        return
    classifier = registry.build_classifier(short_config(name, output_activation="relu"), 10)
    assert isinstance(classifier, TorchClassifier)
    assert classifier.logits(IMAGES).min() >= 0


def check_compiled_engine_agrees(name: str) -> None:
    """What a network predicts does not depend on the engine, and new weights are used at once."""
    classifier = train(short_config(name, mirror=True, epochs=1)).classifier
    if not isinstance(classifier, TorchClassifier):
        return
    by_torch = registry.build_classifier(short_config(name, mirror=True), 10)
    by_torch.load_state_dict(classifier.state_dict())
    np.testing.assert_allclose(classifier.predict_proba(IMAGES), by_torch.predict_proba(IMAGES), atol=1e-5)
    before = classifier.predict_proba(IMAGES)
    classifier.load_state_dict(registry.build_classifier(short_config(name, mirror=True, seed=7), 10).state_dict())
    assert np.abs(classifier.predict_proba(IMAGES) - before).max() > 1e-3


def check_presets_are_of_the_model(name: str) -> None:
    """Presets name their model and change only what it uses."""
    spec = registry.MODELS[name]
    assert {config.model for config in spec.presets.values()} == {name}
    assert {"epochs", "seed"} <= set(spec.hyperparameters) or spec.trainer == "features"


CHECKS = [check for key, check in list(globals().items()) if key.startswith("check_")]
