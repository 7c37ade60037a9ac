"""Classes are renamed, merged, deleted and made, splits chosen anew, and all of it undone."""

import json
from pathlib import Path

import numpy as np
import pytest

from fashion_core.data import catalogue_edits as edits
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_labels import NO_LABEL, TEST, TRAIN, VALIDATION
from fashion_core.data.catalogue_list import delete_catalogue, find_catalogue, list_catalogues
from fashion_core.data.catalogue_values import DATASET_FILE, MAX_VERSIONS
from fashion_core.data.importing.build import import_catalogue
from fashion_core.errors import DataError
from tests.core.data.catalogues import make_catalogue
from tests.core.data.importing.picture_folders import class_files, write_files


@pytest.fixture(name="catalogue")
def _catalogue(tmp_path: Path, own_test_part: None) -> Catalogue:
    return make_catalogue(tmp_path / "in", {"coat": 8, "dress": 8, "shirt": 6})


def counts_of(catalogue: Catalogue) -> dict[str, int]:
    labels = catalogue.labels.labels
    return {c.name: int((labels == c.index).sum()) for c in catalogue.classes}


def test_each_change_is_undone_to_the_same_fingerprint(catalogue: Catalogue) -> None:
    versions = [catalogue]
    versions.append(edits.rename_class(versions[-1], "coat", " Mäntel\u202e "))
    assert counts_of(versions[-1]) == {"Mäntel": 8, "dress": 8, "shirt": 6}
    versions.append(edits.merge_classes(versions[-1], ["dress", "MÄNTEL"], "dress"))
    assert counts_of(versions[-1]) == {"dress": 16, "shirt": 6}
    versions.append(edits.move_pictures(versions[-1], [0, 1, 2, 3], "New"))
    assert counts_of(versions[-1]) == {"dress": 12, "shirt": 6, "New": 4}
    versions.append(edits.delete_class(versions[-1], "shirt"))
    assert counts_of(versions[-1]) == {"dress": 12, "New": 4}
    assert (versions[-1].labels.labels == NO_LABEL).sum() == 6
    versions.append(edits.split_again(versions[-1], 9))
    assert len({v.fingerprint for v in versions}) == len(versions)
    for earlier in reversed(versions[:-1]):
        assert edits.undo(find_catalogue("mine")).fingerprint == earlier.fingerprint
    assert counts_of(find_catalogue("mine")) == counts_of(catalogue)
    assert len(list(catalogue.folder.glob("labels-*.npz"))) == 1
    with pytest.raises(DataError, match="no change"):
        edits.undo(catalogue)


def test_labels_of_a_version_that_was_undone_are_not_taken_for_those_of_a_later_one(catalogue: Catalogue) -> None:
    undone = edits.delete_class(catalogue, "shirt")
    edits.undo(catalogue)
    edits.move_pictures(catalogue, [0], "dress")
    with pytest.raises(DataError, match="missing"):
        undone.read_part("train")


def test_pictures_of_a_deleted_class_are_in_no_split(catalogue: Catalogue) -> None:
    changed = edits.delete_class(catalogue, "shirt")
    assert sum(changed.split_sizes.values()) == 16


def test_naming_pictures_one_cluster_at_a_time_makes_classes(tmp_path: Path) -> None:
    catalogue = make_catalogue(tmp_path / "in", {".": 12})
    assert catalogue.fold_numbers == (0, 1, 2, 3, 4)
    assert catalogue.classes.names == ("Unlabelled",)
    changed = edits.move_pictures(catalogue, np.arange(6), "coat")
    assert counts_of(changed) == {"Unlabelled": 6, "coat": 6}
    changed = edits.move_pictures(changed, np.arange(6, 12), "dress")
    assert counts_of(changed) == {"coat": 6, "dress": 6}  # the empty class is gone
    assert changed.is_labelled
    assert np.bincount(changed.read_part("test")[1], minlength=2).min() >= 1
    assert np.bincount(changed.split("train").labels, minlength=2).min() >= 1


def test_folds_stay_with_their_pictures_and_new_classes_get_some(tmp_path: Path) -> None:
    catalogue = make_catalogue(tmp_path / "in", {"coat": 20, "dress": 20})
    folds = catalogue.labels.folds
    assert folds is not None
    for changed in (
        edits.rename_class(catalogue, "coat", "Mantel"),
        edits.merge_classes(catalogue, ["Mantel", "dress"], "a"),
    ):
        np.testing.assert_array_equal(changed.labels.folds, folds)
        assert changed.split_sizes["test"] == 40
    edits.undo(catalogue)
    of_first = np.flatnonzero((folds == 0) & (catalogue.labels.labels == 0))
    made = edits.move_pictures(catalogue, of_first, "hat")
    assert made.labels.folds is not None
    assert len(set(made.labels.folds[of_first].tolist())) == len(of_first) == 4
    others = np.setdiff1d(np.arange(40), of_first)
    np.testing.assert_array_equal(made.labels.folds[others], folds[others])
    deleted = edits.delete_class(catalogue, "hat")
    assert (deleted.split_sizes["test"], len(deleted.all_labels)) == (36, 36)
    assert edits.split_again(catalogue, 4).test_fingerprint != deleted.test_fingerprint


def test_moving_a_picture_keeps_a_split_in_which_a_class_had_no_test_pictures(tmp_path: Path) -> None:
    files = class_files({"train/coat": 8, "train/dress": 8, "train/shirt": 8, "test/coat": 6, "test/dress": 6})
    catalogue = import_catalogue(write_files(tmp_path / "in", files), "Mine")
    old = catalogue.labels
    coat = np.flatnonzero((old.labels == 0) & (old.splits != TEST))[0]
    moved = edits.move_pictures(catalogue, [coat], "dress")
    np.testing.assert_array_equal(moved.labels.splits, old.splits)
    assert moved.test_fingerprint == catalogue.test_fingerprint
    hats = np.flatnonzero((old.labels == 0) & (old.splits != TEST))[1:5]
    made = edits.move_pictures(moved, hats, "hat")  # a class of training pictures alone
    is_hat = np.isin(np.arange(len(old.labels)), hats)
    assert set(made.labels.splits[is_hat].tolist()) == {TRAIN, VALIDATION, TEST}
    np.testing.assert_array_equal(made.labels.splits[~is_hat], old.splits[~is_hat])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: edits.rename_class(c, "coat", "DRESS"), "already"),
        (lambda c: edits.rename_class(c, "hat", "x"), "no class hat"),
        (lambda c: edits.rename_class(c, "coat", "\u202e"), "visible"),
        (lambda c: edits.merge_classes(c, ["coat"], "x"), "two classes"),
        (lambda c: edits.merge_classes(c, ["coat", "dress"], "shirt"), "already"),
        (lambda c: edits.move_pictures(c, [99], "x"), "no such pictures"),
        (lambda c: edits.move_pictures(c, [], "x"), "no such pictures"),
        (lambda c: edits.move_pictures(c, [0], "a" * 0), "visible"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(change, reason: str, catalogue: Catalogue) -> None:
    with pytest.raises(DataError, match=reason):
        change(catalogue)
    assert find_catalogue("mine").fingerprint == catalogue.fingerprint


def test_the_last_class_stays(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="only class"):
        edits.delete_class(make_catalogue(tmp_path / "in", {"coat": 3}), "coat")


def test_a_change_builds_on_what_others_changed_meanwhile(catalogue: Catalogue) -> None:
    edits.rename_class(catalogue, "coat", "Mantel")
    changed = edits.rename_class(catalogue, "dress", "Kleid")
    assert changed.classes.names == ("Mantel", "Kleid", "shirt")


def test_a_catalogue_deleted_meanwhile_is_named(catalogue: Catalogue) -> None:
    delete_catalogue("Mine")
    assert list_catalogues() == []
    for change in (lambda: edits.rename_class(catalogue, "coat", "x"), lambda: edits.undo(catalogue)):
        with pytest.raises(DataError, match="Mine was deleted"):
            change()
    assert not list(catalogue.folder.parent.iterdir())
    with pytest.raises(DataError, match="no data set"):
        delete_catalogue("mine")


def test_old_versions_are_dropped_beyond_a_limit(catalogue: Catalogue) -> None:
    for number in range(MAX_VERSIONS + 5):
        catalogue = edits.rename_class(catalogue, catalogue.classes.names[0], f"name {number}")
    assert len(list(catalogue.folder.glob("labels-*.npz"))) == MAX_VERSIONS


def test_near_duplicates_stay_together_when_split_again(catalogue: Catalogue) -> None:
    for seed in range(5):
        changed = edits.split_again(catalogue, seed)
        assert (changed.labels.splits == TEST).sum() == 5


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"schema": 2}, "update the program"),
        ({"schema": None}, "does not describe"),
        ({"title": "a\u202eb"}, "missing or invalid"),
        ({"n_pictures": 10**9}, "missing or invalid"),
        ({"n_views": 0}, "missing or invalid"),
        ({"kind": "x"}, "missing or invalid"),
        ({"versions": []}, "missing or invalid"),
        ({"versions": [{"file": "../x.npz"}]}, "missing or invalid"),
    ],
)
def test_a_newer_or_damaged_catalogue_is_listed_with_the_reason(
    values: dict[str, object], reason: str, catalogue: Catalogue
) -> None:
    path = catalogue.folder / DATASET_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
    (entry,) = list_catalogues()
    assert entry.catalogue is None
    assert reason in entry.damage
    delete_catalogue("mine")
    assert list_catalogues() == []


@pytest.mark.parametrize("file", ["images.npy", "labels-1.npz", "pictures/000000.jpg"])
def test_missing_and_damaged_files_are_named(file: str, catalogue: Catalogue) -> None:
    path = catalogue.folder / file
    for damage in (lambda: path.write_bytes(path.read_bytes()[:-9]), path.unlink):
        damage()
        opened = Catalogue.open(catalogue.folder)
        if path.exists() and file.endswith("jpg"):
            continue
        with pytest.raises(DataError):
            opened.split("train"), opened.read_numbered_picture(0)
