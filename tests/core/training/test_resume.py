"""A training interrupted after any epoch and resumed is the training that was never interrupted, bit for bit."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.errors import RunError, StorageError
from fashion_core.models import registry
from fashion_core.runs import checkpoint
from fashion_core.runs.checkpoint import Checkpoint
from fashion_core.training.loop import create_trainer
from fashion_core.training.snapshot import TrainingSnapshot
from fashion_core.training.trainer import EpochResult, TrainingDivergedError
from tests.core.datasets import ToyDataset

EPOCHS = 3
SLOW = "improved_cnn"
CONFIGS = {
    f"{name}-{preset}": dataclasses.replace(config, epochs=2 if name == SLOW else EPOCHS, batch_size=55, start_from="")
    for name, spec in registry.MODELS.items()
    for preset, config in spec.presets.items()
    if preset == "best" and spec.trainer != "features"  # which is fitted in one go
} | {"mlp-sgd": TrainConfig("mlp", EPOCHS, batch_size=55, optimizer="sgd", learning_rate=0.05, ema_decay=0.9)}


def data(config: TrainConfig) -> ToyDataset:
    return ToyDataset(12 if config.model == SLOW else 48)


def without_times(results: list[EpochResult]) -> list[EpochResult]:
    return [dataclasses.replace(r, seconds=0, images_per_second=0) for r in results]


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.dtype == other[name].dtype
        np.testing.assert_array_equal(array, other[name], err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.exhaustive] * name.startswith(SLOW)) for name in CONFIGS]
)
def test_interrupted_after_each_epoch_and_resumed_is_uninterrupted(name: str, tmp_path: Path) -> None:
    config = CONFIGS[name]
    whole = create_trainer(config, data(config))
    expected, last_snapshot = [], None
    for result in whole.train_epochs():
        expected.append(result)
        last_snapshot = whole.snapshot()
    results: list[EpochResult] = []
    resume: TrainingSnapshot | None = None
    for _ in range(config.epochs):
        trainer = create_trainer(config, data(config), resume=resume)
        results.append(next(trainer.train_epochs()))
        checkpoint.save_checkpoint(tmp_path, Checkpoint(trainer.snapshot(), tuple(results), 1.5))
        found = checkpoint.load_checkpoint(tmp_path)
        assert found is not None
        assert list(found.epoch_results) == results
        assert found.seconds == 1.5
        resume = found.snapshot
    last = create_trainer(config, data(config), resume=resume)
    assert list(last.train_epochs()) == []
    assert without_times(results) == without_times(expected)
    assert last.best_epoch == whole.best_epoch
    same(last.classifier.state_dict(), whole.classifier.state_dict())
    assert last_snapshot is not None
    same(dict(trainer.snapshot().arrays), dict(last_snapshot.arrays))


def test_there_is_nothing_to_keep_before_the_first_epoch(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no epoch"):
        create_trainer(CONFIGS["mlp-best"], ToyDataset()).snapshot()
    assert checkpoint.load_checkpoint(tmp_path) is None


def test_a_diverging_training_keeps_its_last_good_weights() -> None:
    config = TrainConfig("mlp", 3, batch_size=44)
    first = create_trainer(config, ToyDataset())
    epochs = first.train_epochs()
    next(epochs)
    good = first.snapshot()
    broken = dict(good.arrays) | {"optimizers/0/0/exp_avg": np.full_like(good.arrays["optimizers/0/0/exp_avg"], np.nan)}
    second = create_trainer(config, ToyDataset(), resume=TrainingSnapshot(broken, good.values))
    with pytest.raises(TrainingDivergedError, match="epoch 2"):
        list(second.train_epochs())
    same(second.classifier.state_dict(), good.get_arrays("best"))


def _spoilt(tmp_path: Path) -> tuple[Path, bytes]:
    config = CONFIGS["mlp-best"]
    trainer = create_trainer(config, ToyDataset())
    result = next(trainer.train_epochs())
    checkpoint.save_checkpoint(tmp_path, Checkpoint(trainer.snapshot(), (result,), 0.0))
    path = tmp_path / checkpoint.CHECKPOINT_FOLDER / checkpoint.CHECKPOINT_FILE
    return path, path.read_bytes()


def test_a_damaged_checkpoint_is_told_in_a_sentence(tmp_path: Path) -> None:
    path, content = _spoilt(tmp_path)
    for spoilt in (b"", content[:100], content[:-7], b"\x80\x04."):
        path.write_bytes(spoilt)
        with pytest.raises(RunError, match="start it again"):
            checkpoint.load_checkpoint(tmp_path)


@pytest.mark.parametrize("fault", ["network", "optimizers", "generator", "values"])
def test_a_checkpoint_of_another_model_is_refused(fault: str) -> None:
    config = CONFIGS["mlp-best"]
    trainer = create_trainer(config, ToyDataset())
    next(trainer.train_epochs())
    arrays, values = dict(trainer.snapshot().arrays), dict(trainer.snapshot().values)
    if fault == "values":
        del values["step"]
    elif fault == "generator":
        del arrays["generator"]
    else:
        name = next(name for name in arrays if name.startswith(fault) and arrays[name].ndim > 1)
        arrays[name] = np.zeros((3, 3), np.float32)
    with pytest.raises(RunError):
        list(create_trainer(config, ToyDataset(), resume=TrainingSnapshot(arrays, values)).train_epochs())


def test_a_refused_write_leaves_the_epoch_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, content = _spoilt(tmp_path)
    found = checkpoint.load_checkpoint(tmp_path)
    assert found is not None

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        checkpoint.save_checkpoint(tmp_path, dataclasses.replace(found, seconds=9.0))
    assert [p.name for p in (tmp_path / checkpoint.CHECKPOINT_FOLDER).iterdir()] == [checkpoint.CHECKPOINT_FILE]
    assert (tmp_path / checkpoint.CHECKPOINT_FOLDER / checkpoint.CHECKPOINT_FILE).read_bytes() == content
