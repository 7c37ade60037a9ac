"""Pictures are added to train and validation; the test pictures stay."""

from pathlib import Path

import numpy as np
import pytest

from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_edits import undo
from fashion_core.data.catalogue_labels import TEST, TRAIN, VALIDATION
from fashion_core.data.catalogue_list import delete_catalogue
from fashion_core.data.dataset import NO_FOLD
from fashion_core.data.importing.growing import NewPicture, add_pictures
from fashion_core.errors import DataError, PictureError
from tests.core.data.catalogues import make_catalogue
from tests.core.data.importing.picture_folders import class_files, picture
from tests.core.data.importing.test_duplicates import altered


@pytest.fixture(name="catalogue")
def _catalogue(tmp_path: Path, own_test_part: None) -> Catalogue:
    return make_catalogue(tmp_path / "in", {"coat": 10, "dress": 10})


def new_pictures(n: int, class_name: str, first_seed: int = 1000) -> list[NewPicture]:
    def reader(content: bytes) -> NewPicture:
        return NewPicture(lambda: content, class_name, f"{class_name}.png")

    return [reader(picture(first_seed + i)) for i in range(n)]


def test_new_pictures_are_trained_on_and_the_test_stays(catalogue: Catalogue) -> None:
    added = add_pictures(catalogue, new_pictures(20, "Coat"))
    grown = added.catalogue
    assert (added.n_added, added.left_out) == (20, ())
    assert grown.test_fingerprint == catalogue.test_fingerprint
    assert grown.fingerprint != catalogue.fingerprint
    assert grown.split_sizes["test"] == catalogue.split_sizes["test"]
    assert grown.split_sizes["validation"] == round(0.15 * 28) + 1
    assert len(grown.read_numbered_picture(39)) > 100
    np.testing.assert_array_equal(grown.images[:20], catalogue.images)
    np.testing.assert_array_equal(grown.views("train")[:, 0], grown.read_part("train")[0])
    back = undo(grown)
    assert back.split_sizes == catalogue.split_sizes
    again = add_pictures(back, new_pictures(3, "dress", 5000))
    assert again.catalogue.n_pictures == 43


def test_duplicates_and_pictures_like_the_test_s_are_left_out(catalogue: Catalogue, tmp_path: Path) -> None:
    files = list(class_files({"coat": 10, "dress": 10}).values())
    numbers = np.flatnonzero(catalogue.labels.splits == TEST)
    is_test = [number in numbers for number in range(20)]
    copies = [NewPicture(lambda c=content: altered(c), "coat", str(i)) for i, content in enumerate(files)]
    exact = NewPicture(lambda: files[0], "coat", "exact")

    def unreadable() -> bytes:
        raise PictureError("This file is gone.")

    added = add_pictures(catalogue, [*copies, exact, NewPicture(unreadable, "coat", "gone")])
    reasons = dict(added.left_out)
    assert {"exact", "gone"} <= reasons.keys()
    assert added.n_added == 16
    assert {name for name in reasons if name.isdigit()} == {str(i) for i in range(20) if is_test[i]}
    labels = added.catalogue.labels
    for number in range(20, 36):
        assert (labels.groups == labels.groups[number]).sum() == 2


def test_with_folds_new_pictures_are_trained_on_and_those_with_a_fold_are_tested(tmp_path: Path) -> None:
    catalogue = make_catalogue(tmp_path / "in", {"coat": 10, "dress": 10})
    copy = next(iter(class_files({"coat": 1}).values()))
    near = NewPicture(lambda: altered(copy), "coat", "near")
    added = add_pictures(catalogue, [*new_pictures(4, "coat"), near])
    assert [name for name, _ in added.left_out] == ["near"]
    grown = added.catalogue
    assert grown.test_fingerprint == catalogue.test_fingerprint
    assert grown.folds is not None
    assert (grown.folds == NO_FOLD).sum() == 4
    assert grown.split_sizes["test"] == 20
    assert len(grown.all_labels) == 24
    assert undo(grown).fingerprint == catalogue.fingerprint


def test_pictures_whose_addition_was_undone_can_be_added_again(catalogue: Catalogue) -> None:
    back = undo(add_pictures(catalogue, new_pictures(4, "coat")).catalogue)
    again = add_pictures(back, new_pictures(4, "coat"))
    assert (again.n_added, again.left_out) == (4, ())


@pytest.mark.parametrize("others", ["none", "new", "train"])
def test_a_new_picture_like_one_for_validation_joins_it_unless_it_is_like_a_training_picture_too(
    others: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    validation = int(np.flatnonzero(catalogue.labels.splits == VALIDATION)[0])
    train = int(np.flatnonzero(catalogue.labels.splits == TRAIN)[0])
    pairs = {"none": [[21, validation]], "new": [[21, validation], [21, 20]], "train": [[21, validation], [21, train]]}
    monkeypatch.setattr(
        "fashion_core.data.importing.growing.near_duplicate_pairs", lambda looks, n_new: iter([np.array(pairs[others])])
    )
    added = add_pictures(catalogue, new_pictures(2, "coat"))
    labels = added.catalogue.labels
    if others == "train":
        assert "training" in added.left_out[0][1]
        return
    assert labels.splits[21] == VALIDATION
    assert labels.groups[21] == labels.groups[validation]
    assert (labels.groups[20] == labels.groups[21]) == (others == "new")
    assert others == "none" or labels.splits[20] == VALIDATION


def test_a_new_class_can_be_added_and_nothing_changes_without_pictures(catalogue: Catalogue) -> None:
    grown = add_pictures(catalogue, new_pictures(2, "Hat")).catalogue
    assert grown.classes.names == ("coat", "dress", "Hat")
    assert add_pictures(grown, []).catalogue.fingerprint == grown.fingerprint


def test_a_catalogue_that_is_gone_is_named(catalogue: Catalogue) -> None:
    delete_catalogue(catalogue.name)
    with pytest.raises(DataError, match="deleted"):
        add_pictures(catalogue, new_pictures(1, "coat"))
