"""What every registered model must do. A model added to the registry is tested here with no other edit."""

import dataclasses

import numpy as np
import pytest
import torch

from fashion_core.config.train_config import TrainConfig
from fashion_core.errors import ConfigError, RunError
from fashion_core.models import base, registry
from fashion_core.models.base import TorchClassifier
from fashion_core.training.loop import Trainer
from tests.core.datasets import ToyDataset

MODELS = list(registry.MODELS)
NETWORKS = [name for name in MODELS if name != "kmeans"]
IMAGES = np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)


def short(name: str, **changes: object) -> TrainConfig:
    """The model's quick preset, cut to two epochs of small batches."""
    quick = registry.MODELS[name].presets["quick"]
    return dataclasses.replace(quick, **{"epochs": 2, "batch_size": 55, "ema_decay": 0.0} | changes)


def trained(config: TrainConfig) -> Trainer:
    trainer = Trainer(config, ToyDataset(12 if config.model == "improved_cnn" else 48))
    for _ in trainer.train_epochs():
        pass
    return trainer


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> Trainer:
    return trained(short(request.param))


def test_probabilities_have_the_contract_s_shape_type_and_sum(model: Trainer) -> None:
    p = model.classifier.predict_proba(IMAGES)
    assert p.shape == (7, 10)
    assert p.dtype == np.float32
    assert np.isfinite(p).all()
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)


def test_no_images_give_no_rows(model: Trainer) -> None:
    assert model.classifier.predict_proba(IMAGES[:0]).shape == (0, 10)


def test_each_image_is_answered_by_itself(model: Trainer) -> None:
    together = model.classifier.predict_proba(IMAGES)
    alone = np.concatenate([model.classifier.predict_proba(IMAGES[i : i + 1]) for i in range(len(IMAGES))])
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_images_of_another_type_are_refused(model: Trainer) -> None:
    with pytest.raises(ValueError, match="uint8"):
        model.classifier.predict_proba(IMAGES.astype(np.float32))


def test_saved_and_loaded_weights_give_equal_answers(model: Trainer) -> None:
    other = registry.build_classifier(dataclasses.replace(model.config, seed=99))
    other.load_state_dict(model.classifier.state_dict())
    np.testing.assert_allclose(other.predict_proba(IMAGES), model.classifier.predict_proba(IMAGES), atol=1e-5)


@pytest.mark.parametrize("fault", ["missing", "foreign", "shape", "not finite"])
def test_weights_that_do_not_fit_are_refused(model: Trainer, fault: str) -> None:
    state = model.classifier.state_dict()
    name = next(iter(state))
    if fault == "missing":
        del state[name]
    elif fault == "foreign":
        state["other"] = np.zeros(3, np.float32)
    elif fault == "shape":
        state[name] = np.zeros((2, 2), np.float32)
    else:
        state[name] = np.full_like(state[name], np.nan)
    with pytest.raises(RunError):
        registry.build_classifier(model.config).load_state_dict(state)


@pytest.mark.parametrize("name", MODELS)
def test_it_learns_what_is_easy(name: str) -> None:
    images, labels = ToyDataset().published_test_arrays
    classifier = trained(
        short(name, epochs=6, batch_size=22, erase=0.0, shift=0, mirror=False, low_resolution_share=0.0)
    ).classifier
    assert (classifier.predict_proba(images).argmax(1) == labels).mean() >= 0.8


@pytest.mark.parametrize("name", MODELS)
def test_the_same_seed_gives_the_same_run(name: str) -> None:
    config = short(name, epochs=1)
    first, second = trained(config), trained(config)
    for key, value in first.classifier.state_dict().items():
        np.testing.assert_array_equal(value, second.classifier.state_dict()[key], err_msg=key)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_parameter_gets_a_gradient(name: str) -> None:
    classifier = registry.build_classifier(short(name))
    assert isinstance(classifier, TorchClassifier)
    x = torch.randn(16, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    torch.nn.functional.cross_entropy(classifier.network(x), torch.arange(16) % 10).backward()
    for key, parameter in classifier.network.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.abs().max() > 0, key


@pytest.mark.parametrize("name", NETWORKS)
def test_an_output_relu_leaves_no_negative_logit(name: str) -> None:
    classifier = registry.build_classifier(short(name, output_activation="relu"))
    assert isinstance(classifier, TorchClassifier)
    assert classifier.logits(IMAGES).min() >= 0


@pytest.mark.parametrize(("mirror", "shift", "looks"), [(False, 0, 1), (True, 0, 2), (False, 2, 3), (True, 1, 6)])
@pytest.mark.parametrize("name", NETWORKS)
def test_what_one_look_leaves_unsure_is_looked_at_as_it_was_learnt(
    name: str, mirror: bool, shift: int, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = registry.build_classifier(short(name, mirror=mirror, shift=shift))
    assert isinstance(classifier, TorchClassifier)
    once = TorchClassifier(classifier.network)
    sure = once.predict_proba(IMAGES).max(axis=1)
    monkeypatch.setattr(base, "SINGLE_VIEW_CONFIDENCE", float(np.median(sure)))
    black = np.zeros((len(IMAGES), 28, 1), np.uint8)
    views = [IMAGES]
    if shift:
        views += [np.concatenate([IMAGES[:, :, 1:], black], 2), np.concatenate([black, IMAGES[:, :, :-1]], 2)]
    if mirror:
        views += [np.ascontiguousarray(view[:, :, ::-1]) for view in views]
    assert len(views) == looks
    mean = np.mean([once.logits(view) for view in views], axis=0)
    unsure = sure <= base.SINGLE_VIEW_CONFIDENCE
    wanted = np.where(unsure[:, None], mean, once.logits(IMAGES))
    np.testing.assert_allclose(classifier.logits(IMAGES), wanted, atol=1e-5)
    left, again = classifier.count_views(IMAGES)
    assert not left.any()
    np.testing.assert_array_equal(again, np.where(unsure, looks - 1, 0))


@pytest.mark.parametrize("name", NETWORKS)
def test_settled_weights_are_computed_by_onnx_runtime_to_the_same_answers(name: str) -> None:
    classifier = trained(short(name, mirror=True)).classifier
    assert isinstance(classifier, TorchClassifier)
    by_torch = registry.build_classifier(short(name, mirror=True))
    assert isinstance(by_torch, TorchClassifier)
    by_torch.load_state_dict(classifier.state_dict())
    assert not any(isinstance(part, torch.nn.Module) for part in classifier._parts)
    assert all(isinstance(part, torch.nn.Module) for part in by_torch._parts)
    np.testing.assert_allclose(classifier.predict_proba(IMAGES), by_torch.predict_proba(IMAGES), atol=1e-5)
    # new weights are not answered with the old
    before = classifier.predict_proba(IMAGES)
    classifier.load_state_dict(registry.build_classifier(short(name, mirror=True, seed=7)).state_dict())
    assert np.abs(classifier.predict_proba(IMAGES) - before).max() > 1e-3


def test_an_operation_that_onnx_runtime_is_not_told_of_is_named() -> None:
    classifier = TorchClassifier(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10), torch.nn.GELU()))
    classifier.compile_for_inference()
    with pytest.raises(TypeError, match="GELU"):
        classifier.logits(IMAGES)


def test_every_picture_from_outside_is_looked_at_twice() -> None:
    classifier = registry.build_classifier(short("improved_cnn", mirror=True))
    assert isinstance(classifier, TorchClassifier)
    mirrored = np.ascontiguousarray(IMAGES[:, :, ::-1])
    for mine, other in zip(classifier.extract_features(IMAGES), classifier.extract_features(mirrored), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-5)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_the_three_presets(name: str) -> None:
    presets = registry.MODELS[name].presets
    assert {"quick", "poster", "best"} <= set(presets)
    assert {config.model for config in presets.values()} == {name}


def test_the_improved_cnn_has_at_most_a_million_parameters() -> None:
    assert registry.build_classifier(registry.MODELS["improved_cnn"].presets["best"]).n_parameters <= 1_000_000


def test_an_unknown_model_is_named_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="kmeans, mlp, cnn, improved_cnn"):
        registry.get_model_spec("resnet")
