"""What can't be trained is refused before there is a run of it."""

import shutil

import pytest

from fashion_core.config.train_config import TrainConfig
from fashion_core.data.catalogue import save_labels
from fashion_core.data.catalogue_labels import TEST, TRAIN, CatalogueLabels
from fashion_core.data.loading import dataset_location, load_dataset_from_location
from fashion_core.errors import ConfigError, DataError, RunError
from fashion_core.runs.execute import new_run_record
from tests.core.datasets import ToyDataset
from tests.ui.catalogues import write_catalogue


def test_an_ensemble_is_refused() -> None:
    with pytest.raises(ConfigError, match="made of trained runs"):
        new_run_record(TrainConfig("ensemble", 1), ToyDataset())


def test_a_title_that_no_record_may_have_is_refused() -> None:
    with pytest.raises(RunError, match="1 to 80 characters"):
        new_run_record(TrainConfig("mlp", 1), ToyDataset(), title="x" * 1000)
    assert new_run_record(TrainConfig("mlp", 1), ToyDataset(), title=" two\n lines ").title == "two lines"


def test_a_data_set_with_one_class_is_refused() -> None:
    with pytest.raises(ConfigError, match="one class"):
        new_run_record(TrainConfig("mlp", 1), write_catalogue("one", 1))


def test_a_data_set_without_test_pictures_is_refused() -> None:
    catalogue = write_catalogue("two")
    old = catalogue.labels
    splits = old.splits.copy()
    splits[splits == TEST] = TRAIN
    version = CatalogueLabels(old.classes, old.labels, splits, old.groups)
    without = save_labels(catalogue.folder, catalogue.images, version, catalogue.values)
    with pytest.raises(ConfigError, match="no test pictures"):
        new_run_record(TrainConfig("mlp", 1), without)


def test_a_catalogue_that_was_deleted_meanwhile_is_named() -> None:
    location = dataset_location(write_catalogue("gone"))
    shutil.rmtree(location)
    with pytest.raises(DataError, match="gone was deleted"):
        load_dataset_from_location(location)
