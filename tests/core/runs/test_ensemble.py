"""Ensembles of runs, and weights to start from."""

import shutil

import numpy as np
import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError, RunError
from fashion_core.models.ensemble import combine_probabilities
from fashion_core.models.inputs import predict_split
from fashion_core.runs import archive
from fashion_core.runs.ensemble import create_ensemble
from fashion_core.runs.execute import load_start_weights, new_run_record, train_and_score_run
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.training.loop import create_trainer
from tests.core.datasets import ToyDataset
from tests.ui.catalogues import save_run, write_catalogue


def train_run(run_id: str, data: Dataset, model: str = "mlp", **settings: object) -> RunEntry:
    """A run that has finished."""
    store = RunStore()
    entry = store.create_run(new_run_record(TrainConfig(model, 1, **settings), data, run_id=run_id))  # type: ignore[arg-type]
    train_and_score_run(entry, data)
    return store.get(run_id)


def test_an_ensemble_answers_with_the_mean_of_the_log_probabilities() -> None:
    data, store = ToyDataset(n_classes=7), RunStore()
    members = [train_run("one", data), train_run("two", data, "kmeans", clusters=7)]
    entry = create_ensemble(store, members, title="Both")
    expected = combine_probabilities([store.load_predictions(member).probabilities for member in members])
    np.testing.assert_allclose(store.load_predictions(entry).probabilities, expected, atol=1e-3)
    by_model = predict_split(store.load_classifier(entry), data, "test")
    np.testing.assert_allclose(by_model, expected, atol=2e-3)
    assert entry.record is not None
    assert [member.id for member in entry.record.members] == ["one", "two"]


@pytest.mark.slow
def test_an_ensemble_outlives_its_members_and_can_be_sent() -> None:
    data, store = ToyDataset(n_classes=2), RunStore()
    members = [train_run("one", data), train_run("two", data, seed=1)]
    entry = create_ensemble(store, members)
    before = predict_split(store.load_classifier(entry), data, "test")
    content = archive.export_zip(entry)
    for each in (*members, entry):
        shutil.rmtree(each.path)
    again = archive.import_zip(store, content)
    np.testing.assert_array_equal(predict_split(store.load_classifier(again), data, "test"), before)


@pytest.mark.slow
def test_runs_that_do_not_fit_are_refused() -> None:
    store = RunStore()
    one, other = train_run("one", ToyDataset(n_classes=7)), train_run("other", ToyDataset(n_classes=2))
    with pytest.raises(RunError, match="other classes or test pictures"):
        create_ensemble(store, [one, other])
    with pytest.raises(RunError, match="different runs"):
        create_ensemble(store, [one, one])
    two = train_run("two", ToyDataset(n_classes=7), seed=1)
    with pytest.raises(RunError, match="ensemble itself"):
        create_ensemble(store, [one, create_ensemble(store, [one, two])])


def test_a_title_that_no_record_may_have_is_refused() -> None:
    store, catalogue = RunStore(), write_catalogue("mine")
    members = [save_run(catalogue, name, 0.9) for name in ("one", "two")]
    with pytest.raises(RunError, match="1 to 80 characters"):
        create_ensemble(store, members, title="x" * 1000)
    assert len(store.own_entries()) == 2


def test_an_ensemble_cannot_be_trained() -> None:
    with pytest.raises(ConfigError, match="made of trained runs"):
        create_trainer(TrainConfig("ensemble", 1), ToyDataset())


def test_for_other_classes_all_weights_but_the_last_layers_are_taken_over() -> None:
    train_run("seven", ToyDataset(n_classes=7))
    same = load_start_weights(RunStore(), "seven", ToyDataset(n_classes=7))
    others = load_start_weights(RunStore(), "seven", ToyDataset(n_classes=2))
    assert set(same) - set(others) == {"layers.7.weight", "layers.7.bias"}
    config = TrainConfig("mlp", 1, seed=5)
    started = create_trainer(config, ToyDataset(n_classes=2), start=others).classifier.state_dict()
    fresh = create_trainer(config, ToyDataset(n_classes=2)).classifier.state_dict()
    np.testing.assert_array_equal(started["layers.1.weight"], same["layers.1.weight"])
    np.testing.assert_array_equal(started["layers.7.weight"], fresh["layers.7.weight"])
