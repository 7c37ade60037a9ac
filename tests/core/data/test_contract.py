"""What every data set promises, whatever it was made from."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from fashion_core.data import Dataset, load_dataset
from fashion_core.data.catalogue import MAX_PICTURE_SIDE
from fashion_core.data.classes import MAX_CLASSES
from fashion_core.data.dataset import SplitName
from fashion_core.data.folds import FoldDataset
from fashion_core.data.importing.build import import_catalogue
from fashion_core.data.loading import dataset_location, load_dataset_from_location
from fashion_core.data.sample_data import SampleDataset
from fashion_core.errors import DataError
from tests.conftest import REAL_DATA_MISSING, real_data_folder
from tests.core.data.catalogues import make_catalogue
from tests.core.data.importing.picture_folders import class_files, picture, write_files
from tests.core.data.importing.test_arrays import write_idx
from tests.core.datasets import CLASS_COUNTS, FoldedToyDataset, ToyDataset


def _fashion_mnist(folder: Path) -> Dataset:
    published = real_data_folder()
    if published is None:
        pytest.skip(REAL_DATA_MISSING)
    return load_dataset(published)


def _from_table(folder: Path) -> Dataset:
    files = {f"{i}.png": picture(i) for i in range(30)}
    rows = "".join(f"{i}.png;{'コート' if i % 3 else 'T-shirt/top'};{i // 2}\n" for i in range(30))
    write_files(folder, files | {"labels.csv": f"file;label;group\n{rows}".encode("utf-16")})
    return import_catalogue(folder, "From a table")


def _from_idx(folder: Path) -> Dataset:
    folder.mkdir()
    return import_catalogue(write_idx(folder), "From arrays")


def _unlabelled(folder: Path) -> Dataset:
    return import_catalogue(write_files(folder, {f"{i}.png": picture(i) for i in range(10)}), "Unlabelled")


def _many_classes(folder: Path) -> Dataset:
    return import_catalogue(write_files(folder, class_files({f"class {i}": 2 for i in range(60)})), "Many")


MAKERS: dict[str, Callable[[Path], Dataset]] = {
    "Fashion-MNIST": _fashion_mnist,
    "sample data": lambda folder: SampleDataset(),
    **{f"{n} classes": lambda folder, n=n: ToyDataset(24, n) for n in CLASS_COUNTS},  # type: ignore[misc]
    "folds": lambda folder: FoldedToyDataset(),
    "catalogue from folders": lambda folder: make_catalogue(folder, {"coat": 12, "dress": 9, "one": 1}),
    "catalogue from a table": _from_table,
    "catalogue from arrays": _from_idx,
    "unlabelled catalogue": _unlabelled,
    "catalogue of 60 classes": _many_classes,
}


@pytest.fixture(name="dataset", scope="module", params=MAKERS)
def _dataset(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("dataset")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("FASHION_HOME", str(folder / "home"))
        return MAKERS[request.param](folder / "in")


def test_it_names_itself_and_its_classes(dataset: Dataset) -> None:
    assert dataset.name
    assert dataset.title
    assert 1 <= len(dataset.classes) <= MAX_CLASSES
    for names in (dataset.classes.names, dataset.classes.short_names, dataset.classes.folder_names):
        assert len(set(names)) == len(dataset.classes)
    assert dataset.is_labelled == (len(dataset.classes) >= 2)
    assert len(dataset.fingerprint) == len(dataset.test_fingerprint) == 16


def test_images_are_28_by_28_bytes_and_labels_number_the_classes(dataset: Dataset) -> None:
    for part in ("train", "test"):
        images, labels = dataset.read_part(part)
        assert images.dtype == labels.dtype == np.uint8
        assert images.shape == (len(labels), 28, 28)
        assert len(labels) == 0 or labels.max() < len(dataset.classes)
        assert len(labels) > 0


def test_the_splits_are_disjoint_and_complete(dataset: Dataset) -> None:
    splits = {name: dataset.split(name) for name in get_args(SplitName)}
    assert {name: len(split) for name, split in splits.items()} == dataset.split_sizes
    together = np.concatenate([splits["train"].indices, splits["validation"].indices])
    np.testing.assert_array_equal(np.sort(together), np.arange(len(dataset.published_train_arrays[1])))
    for name, split in splits.items():
        images, labels = dataset.published_test_arrays if name == "test" else dataset.published_train_arrays
        np.testing.assert_array_equal(split.images, images[split.indices])
        np.testing.assert_array_equal(split.labels, labels[split.indices])
    with pytest.raises(DataError, match="no split"):
        dataset.split("tests")  # type: ignore[arg-type]


def test_a_class_with_two_pictures_has_one_to_train_and_one_to_test(dataset: Dataset) -> None:
    n_classes = len(dataset.classes)
    trained = np.bincount(dataset.split("train").labels, minlength=n_classes)
    tested = np.bincount(dataset.split("test").labels, minlength=n_classes)
    n_validation = np.bincount(dataset.split("validation").labels, minlength=n_classes)
    enough = trained + tested + n_validation >= 2
    assert (trained[enough] > 0).all()
    assert (tested[enough] > 0).all()


def test_with_folds_all_others_are_trained_on_and_every_image_is_there_once(dataset: Dataset) -> None:
    n_train, n_test = len(dataset.published_train_arrays[1]), len(dataset.published_test_arrays[1])
    assert len(dataset.all_images) == len(dataset.all_labels)
    if dataset.folds is None:
        assert len(dataset.all_labels) == n_train + n_test
        assert not dataset.fold_numbers
        return
    assert len(dataset.all_labels) == len(dataset.folds) == n_train
    assert len(dataset.fold_numbers) >= 2
    sizes = []
    for fold in (FoldDataset(dataset, number) for number in dataset.fold_numbers):
        assert len(fold.published_train_arrays[1]) + len(fold.published_test_arrays[1]) == n_train
        assert set(fold.split("test").labels) <= set(fold.split("train").labels)
        sizes.append(fold.split_sizes["test"])
        np.testing.assert_array_equal(fold.views("test")[:, 0], fold.published_test_arrays[0])
        if dataset.has_pictures:
            index = int(np.flatnonzero(dataset.folds == dataset.fold_numbers[len(sizes) - 1])[0])
            assert fold.read_picture("test", 0) == dataset.read_picture("train", index)
    assert sum(sizes) == n_test


def test_reading_it_again_gives_the_same(dataset: Dataset) -> None:
    if isinstance(dataset, ToyDataset):  # it has no place to be read from
        return
    again = load_dataset_from_location(dataset_location(dataset))
    assert (again.fingerprint, again.test_fingerprint) == (dataset.fingerprint, dataset.test_fingerprint)
    np.testing.assert_array_equal(again.split("validation").indices, dataset.split("validation").indices)
    np.testing.assert_array_equal(again.split("test").images, dataset.split("test").images)


def test_its_pictures_are_small_jpegs_or_said_to_be_none(dataset: Dataset) -> None:
    if not dataset.has_pictures:
        with pytest.raises(DataError, match="no pictures"):
            dataset.read_picture("test", 0)
        return
    for part in ("train", "test"):
        picture_file = Image.open(io.BytesIO(dataset.read_picture(part, 0)))
        assert picture_file.format == "JPEG"
        assert max(picture_file.size) <= MAX_PICTURE_SIDE
