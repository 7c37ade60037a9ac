import dataclasses
import math

import numpy as np
import pytest
import torch

from fashion_core.config.train_config import TrainConfig
from fashion_core.models import registry
from fashion_core.models.kmeans import KMeansClassifier
from fashion_core.training import gradient_trainer
from fashion_core.training.loop import create_trainer
from fashion_core.training.trainer import TrainingDivergedError
from tests.core.datasets import ToyDataset

QUICK = TrainConfig("mlp", 3, batch_size=44)


def test_one_result_an_epoch_with_finite_figures() -> None:
    results = list(create_trainer(QUICK, ToyDataset()).train_epochs())
    assert [r.epoch for r in results] == [1, 2, 3]
    for result in results:
        assert all(math.isfinite(v) for v in (result.train_loss, result.val_loss, result.learning_rate))
        assert 0 <= result.val_accuracy <= 1
        assert len(result.recall) == 10
        assert np.mean(result.recall) == pytest.approx(result.val_accuracy)


@pytest.mark.parametrize(("one_cycle", "kept"), [(True, 4), (False, 3)])
def test_the_weights_kept_are_the_last_or_with_a_constant_learning_rate_the_best(
    one_cycle: bool, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    accuracies = iter([0.2, 0.6, 0.6, 0.5])
    monkeypatch.setattr(gradient_trainer, "accuracy_and_recall_by_class", lambda *_: (next(accuracies), ()))
    trainer = create_trainer(dataclasses.replace(QUICK, epochs=4, one_cycle=one_cycle), ToyDataset())
    states = [trainer.classifier.state_dict() for _ in trainer.train_epochs()]
    assert trainer.best_epoch == kept
    for name, value in trainer.classifier.state_dict().items():
        np.testing.assert_array_equal(value, states[kept - 1][name])
    name = "layers.1.weight"
    assert not np.array_equal(states[2][name], states[3][name])


def test_the_test_split_is_never_read_while_training() -> None:
    class NoTest(ToyDataset):
        def read_part(self, part):
            assert part == "train"
            return super().read_part(part)

    assert len(list(create_trainer(QUICK, NoTest()).train_epochs())) == 3


@pytest.mark.parametrize(("model", "expected"), [("improved_cnn", 4), ("cnn", 0)])
def test_the_first_epochs_see_smaller_images_where_the_model_takes_any(
    model: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    shrunk = gradient_trainer.downsample

    def noted(x: torch.Tensor) -> torch.Tensor:
        seen.append(len(x))
        return shrunk(x)

    monkeypatch.setattr(gradient_trainer, "downsample", noted)
    data = ToyDataset(12, 2)
    config = TrainConfig(model, 5, batch_size=len(data.split("train")) // 2, low_resolution_share=0.5)
    assert len(list(create_trainer(config, data).train_epochs())) == 5
    assert len(seen) == expected  # two of five epochs, two steps each


def test_another_seed_gives_another_run() -> None:
    first, second = (
        create_trainer(QUICK, ToyDataset()),
        create_trainer(dataclasses.replace(QUICK, seed=1), ToyDataset()),
    )
    losses = [[r.train_loss for r in trainer.train_epochs()] for trainer in (first, second)]
    assert losses[0] != losses[1]


def test_a_diverging_run_stops_with_a_sentence() -> None:
    config = dataclasses.replace(QUICK, optimizer="sgd", learning_rate=10.0, one_cycle=False, epochs=30)
    with pytest.raises(TrainingDivergedError, match="lower learning rate"):
        list(create_trainer(config, ToyDataset()).train_epochs())


def test_what_the_step_callback_raises_ends_the_training() -> None:
    class Stop(Exception):
        pass

    def stop(step: int, n_steps: int) -> None:
        assert n_steps == 30
        if step == 2:
            raise Stop

    with pytest.raises(Stop):
        list(create_trainer(QUICK, ToyDataset(), on_step=stop).train_epochs())


def test_the_moving_average_is_what_is_kept() -> None:
    name = "layers.1.weight"
    trainer = create_trainer(dataclasses.replace(QUICK, epochs=1, batch_size=146, ema_decay=0.1), ToyDataset())
    steps: list[np.ndarray] = []
    trainer.on_step = lambda step, n_steps: steps.append(trainer.classifier.state_dict()[name])
    average = trainer.classifier.state_dict()[name]
    list(trainer.train_epochs())
    assert len(steps) == 3
    for decay, weights in zip((1 / 11, 0.1, 0.1), steps, strict=True):  # the first steps count for more
        average = decay * average + (1 - decay) * weights
    np.testing.assert_allclose(trainer.classifier.state_dict()[name], average, atol=1e-6)
    assert not np.allclose(average, steps[-1], atol=1e-6)


def test_an_output_unit_that_is_0_on_every_image_is_dead() -> None:
    assert gradient_trainer.find_dead_units(np.array([[0, 1, 0], [0, 2, 3]], np.float32)) == (0,)


def test_kmeans_keeps_the_restart_with_the_least_inertia() -> None:
    config = dataclasses.replace(registry.MODELS["kmeans"].presets["quick"], epochs=4)
    trainer = create_trainer(config, ToyDataset())
    results = list(trainer.train_epochs())
    assert trainer.best_epoch == 1 + int(np.argmin([r.train_loss for r in results]))
    assert isinstance(trainer.classifier, KMeansClassifier)
    kept = trainer.classifier.mean_loss(trainer.train.images, trainer.train.labels)
    assert kept == pytest.approx(min(r.train_loss for r in results), rel=1e-3)


def test_training_can_start_from_other_weights_and_go_part_of_the_way_back() -> None:
    data = ToyDataset()
    first = create_trainer(dataclasses.replace(QUICK, seed=5), data)
    list(first.train_epochs())
    start = first.classifier.state_dict()
    ends = {}
    for share in (0.0, 0.25, 1.0):
        again = create_trainer(dataclasses.replace(QUICK, start_share=share), data, start=start)
        list(again.train_epochs())
        ends[share] = again.classifier.state_dict()
    for name, value in ends[0.25].items():
        np.testing.assert_allclose(value, 0.75 * ends[0.0][name] + 0.25 * start[name], atol=1e-6)
        np.testing.assert_allclose(ends[1.0][name], start[name], atol=1e-6)
