"""Cross-validation of runs: every image is tested once, by a model that has not seen it."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fashion_core.analysis.feasibility import assess_automation_from_calibrated, calibrate_predictions_on_validation
from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.data.dataset import NO_FOLD
from fashion_core.data.folds import FoldDataset
from fashion_core.errors import RunError
from fashion_core.models.ensemble import combine_probabilities
from fashion_core.models.inputs import predict_split
from fashion_core.runs import archive, queue, worker
from fashion_core.runs import cross_validation as module
from fashion_core.runs.ensemble import create_ensemble
from fashion_core.runs.execute import new_run_record, train_and_score_run
from fashion_core.runs.node import TransferredDataset
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.training.loop import create_trainer
from fashion_core.training.trainer import Trainer
from fashion_core.wording.run_phases import describe_epochs_done, describe_phase
from fashion_core.wording.runs import format_run_source
from tests.core.datasets import FoldedToyDataset

CONFIG = TrainConfig("mlp", 2, batch_size=16)


def create_run(run_id: str = "run", config: TrainConfig = CONFIG, data: Dataset | None = None) -> RunEntry:
    return RunStore().create_run(new_run_record(config, data or FoldedToyDataset(), run_id=run_id))


def train_run(run_id: str = "run", config: TrainConfig = CONFIG, **callbacks: Any) -> RunRecord:
    return train_and_score_run(create_run(run_id, config), FoldedToyDataset(), **callbacks)


def identify(images: np.ndarray) -> set[bytes]:
    return {image.tobytes() for image in images}


@pytest.mark.slow
def test_each_image_is_predicted_once_by_a_model_that_has_not_seen_it(monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[Dataset] = []

    def create(config: TrainConfig, dataset: Dataset, **options: Any) -> Trainer:
        trained.append(dataset)
        return create_trainer(config, dataset, **options)

    monkeypatch.setattr(module, "create_trainer", create)
    train_run()
    data = FoldedToyDataset()
    assert len(trained) == 5
    tested: list[bytes] = []
    for fold in trained:
        seen = identify(fold.split("train").images) | identify(fold.split("validation").images)
        predicted = [image.tobytes() for image in fold.split("test").images]
        assert not seen & set(predicted)
        assert seen | set(predicted) == identify(data.published_train_arrays[0])
        assert identify(fold.split("validation").images) <= identify(data.split("validation").images)
        tested += predicted
    assert sorted(tested) == sorted(image.tobytes() for image in data.split("test").images)


@pytest.mark.slow
def test_the_stored_predictions_are_those_of_the_folds_models_and_the_weights_those_of_the_whole() -> None:
    record, data, store = train_run(), FoldedToyDataset(), RunStore()
    predictions = store.load_predictions(store.get("run"))
    assert predictions.folds is not None
    np.testing.assert_array_equal(predictions.folds, data.folds[data.folds != NO_FOLD])
    np.testing.assert_array_equal(predictions.labels, data.split("test").labels)
    for fold in data.fold_numbers:
        trainer = create_trainer(CONFIG, FoldDataset(data, fold))
        list(trainer.train_epochs())
        expected = predict_split(trainer.classifier, FoldDataset(data, fold), "test")
        np.testing.assert_allclose(predictions.probabilities[predictions.folds == fold], expected, atol=1e-3)
    trainer = create_trainer(CONFIG, data)
    list(trainer.train_epochs())
    stored = store.load_classifier(store.get("run")).state_dict()
    for name, array in trainer.classifier.state_dict().items():
        np.testing.assert_array_equal(stored[name], array)
    assert (record.data.n_folds, record.data.n_test) == (5, 40)
    assert record.metrics["accuracy"] == predictions.is_correct.mean()


@pytest.mark.slow
@pytest.mark.parametrize("config", [CONFIG, TrainConfig("kmeans", 2, clusters=4)], ids=lambda config: config.model)
def test_the_seed_decides(config: TrainConfig) -> None:
    runs = {"one": config, "same": config, "other": dataclasses.replace(config, seed=1)}
    for run_id, each in runs.items():
        train_run(run_id, each)
    store = RunStore()
    one, same, other = (store.load_predictions(store.get(run_id)).probabilities for run_id in runs)
    np.testing.assert_array_equal(one, same)
    assert config.model == "kmeans" or (one != other).any()


def test_progress_goes_over_all_trainings() -> None:
    fractions: list[float] = []
    train_run(on_step=lambda step, n_steps: fractions.append(step / n_steps))
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert 0 < fractions[0] < 1 / 6


def test_a_run_goes_on_with_the_fold_in_which_it_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    train_run("whole")
    entry = create_run()

    def stop(step: int, n_steps: int) -> None:
        if step / n_steps > 0.6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_and_score_run(entry, FoldedToyDataset(), on_step=stop)
    folds: list[Dataset] = []

    def create(config: TrainConfig, dataset: Dataset, **options: Any) -> Trainer:
        folds.append(dataset)
        return create_trainer(config, dataset, **options)

    monkeypatch.setattr(module, "create_trainer", create)
    train_and_score_run(entry, FoldedToyDataset())
    assert len(folds) == 3
    store = RunStore()
    for name in ("test.npz", "weights.safetensors"):
        assert (store.get("run").path / name).read_bytes() == (store.get("whole").path / name).read_bytes()


def test_a_run_that_was_cancelled_in_a_fold_says_which_and_can_be_resumed() -> None:
    entry, shown = create_run(), []

    def look(step: int, n_steps: int) -> None:
        progress = queue.RunProgress("running", step / n_steps, None, queue.run_progress(entry).epochs, step, n_steps)
        shown.append(describe_epochs_done(entry, progress))

    train_and_score_run(entry, FoldedToyDataset(), on_step=look)
    assert shown[0].startswith("0 of 2 epochs done, step 1 of")
    assert shown[-1].endswith("testing fold 5 of 5")
    finished = RunStore().get("run")
    assert "of 40 pictures in 5-fold cross-validation" in describe_phase(finished, queue.run_progress(finished))
    assert format_run_source(finished).endswith("Folded toy, 5-fold cross-validation on 40 pictures")


def test_a_job_reports_the_progress_of_all_folds_and_finishes() -> None:
    entry = create_run()
    record = worker.train_in_foreground(entry, FoldedToyDataset())
    assert record.state == "finished"
    assert not (entry.path / "checkpoint").exists()


def test_ensembles_average_the_stored_predictions(tmp_path: Path) -> None:
    train_run("one")
    train_run("two", dataclasses.replace(CONFIG, seed=1))
    store = RunStore()
    members = [store.get(run_id) for run_id in ("one", "two")]
    entry = create_ensemble(store, members)
    both = store.load_predictions(entry)
    expected = combine_probabilities([store.load_predictions(member).probabilities for member in members])
    np.testing.assert_allclose(both.probabilities, expected, atol=1e-3)
    np.testing.assert_array_equal(both.folds, store.load_predictions(members[0]).folds)
    assert entry.record is not None
    assert entry.record.data.n_folds == 5
    content = archive.export_zip(entry)
    store.delete_entry(entry)
    again = store.load_predictions(archive.import_zip(store, content))
    np.testing.assert_array_equal(again.folds, both.folds)


def test_thresholds_are_chosen_on_other_folds_than_they_are_tested_on() -> None:
    train_run()
    store = RunStore()
    predictions = store.load_predictions(store.get("run"))
    on_validation, on_test = calibrate_predictions_on_validation(None, predictions)
    assert (len(on_validation), len(on_test)) == (24, 16)
    chosen = predictions.chooses_threshold
    assert chosen is not None
    assert predictions.folds is not None
    assert not set(predictions.folds[chosen]) & set(predictions.folds[~chosen])
    assessment = assess_automation_from_calibrated(on_validation, on_test, 0.5)
    assert assessment.test is None or assessment.test.n == 16


def test_weights_that_have_seen_the_pictures_are_no_start() -> None:
    train_run("first")
    with pytest.raises(RunError, match="has seen the pictures"):
        train_run("second", dataclasses.replace(CONFIG, start_from="first"))


def test_damaged_folds_are_noticed() -> None:
    train_run()
    path = RunStore().get("run").path / "test.npz"
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **{**arrays, "folds": arrays["folds"][:-1]})
    with pytest.raises(RunError, match="do not fit"):
        RunStore().load_predictions(RunStore().get("run"))


def test_folds_are_sent_to_a_cluster() -> None:
    data = FoldedToyDataset()
    sent = TransferredDataset(TransferredDataset.pack(data))
    np.testing.assert_array_equal(sent.folds, data.folds)
    np.testing.assert_array_equal(sent.split("test").images, data.split("test").images)
