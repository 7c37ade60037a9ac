"""Corrections of test labels: stored, read, applied, and refused when damaged or of other pictures."""

import json

import numpy as np
import pytest

from fashion_core.data import label_corrections
from fashion_core.data.label_corrections import (
    LabelCorrections,
    find_corrections_path,
    load_label_corrections,
    save_label_decisions,
)
from fashion_core.errors import AccessError, DataError, StorageError
from fashion_core.storage.visitors import Visitor, acting_as

SPLIT = ("0123456789abcdef", 10, 3)
LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2], np.uint8)


def stored_values() -> dict[str, object]:
    values = json.loads(find_corrections_path(SPLIT[0]).read_bytes())
    assert isinstance(values, dict)
    return values


def write(content: bytes) -> None:
    path = find_corrections_path(SPLIT[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_decisions_are_added_to_those_before_and_taken_back() -> None:
    assert not load_label_corrections(*SPLIT).reviewed
    save_label_decisions(*SPLIT, {4: 2, 7: 2})
    save_label_decisions(*SPLIT, {0: 1, 4: 0})
    corrections = load_label_corrections(*SPLIT)
    assert dict(corrections.reviewed) == {0: 1, 4: 0, 7: 2}
    assert corrections.changed_indices(LABELS).tolist() == [0, 4]
    assert corrections.confirmed_indices(LABELS).tolist() == [7]
    assert dict(save_label_decisions(*SPLIT, {4: None, 3: None}).reviewed) == {0: 1, 7: 2}


def test_the_original_labels_are_kept() -> None:
    corrections = LabelCorrections(*SPLIT).review({0: 2, 9: 0})
    labels = LABELS.copy()
    assert corrections.apply(labels).tolist() == [2, 0, 0, 0, 1, 1, 1, 2, 2, 0]
    assert corrections.apply(labels).dtype == np.uint8
    np.testing.assert_array_equal(labels, LABELS)


def test_corrections_may_empty_a_class() -> None:
    corrections = LabelCorrections(*SPLIT).review({4: 0, 5: 0, 6: 0})
    assert np.bincount(corrections.apply(LABELS), minlength=3).tolist() == [7, 0, 3]


@pytest.mark.parametrize("decisions", [{10: 0}, {-1: 0}, {0: 3}, {0: -1}, {10: None}])
def test_an_image_or_class_that_is_not_there_changes_nothing(decisions: dict[int, int | None]) -> None:
    save_label_decisions(*SPLIT, {1: 1})
    with pytest.raises(DataError, match="There is no"):
        save_label_decisions(*SPLIT, decisions)
    assert dict(load_label_corrections(*SPLIT).reviewed) == {1: 1}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04K\x01.",
        b"[]",
        b"[" * 100_000,
        b"{}",
        b'{"schema": true}',
        *(
            json.dumps(
                {"schema": 1, "test_fingerprint": SPLIT[0], "n_images": 10, "n_classes": 3, "labels": labels}
            ).encode()
            for labels in (None, [1], {"10": 0}, {"0": 3}, {"-1": 0}, {"x": 0}, {"0": "1"}, {"0": True}, {"1" * 99: 0})
        ),
    ],
)
def test_a_damaged_file_is_reported_and_never_overwritten(content: bytes) -> None:
    write(content)
    with pytest.raises(DataError, match="Move the file away to start again"):
        load_label_corrections(*SPLIT)
    with pytest.raises(DataError, match="Move the file away to start again"):
        save_label_decisions(*SPLIT, {0: 1})
    assert find_corrections_path(SPLIT[0]).read_bytes() == content


@pytest.mark.parametrize("change", [{"test_fingerprint": "fedcba9876543210"}, {"n_images": 11}, {"n_classes": 4}])
def test_corrections_of_other_pictures_are_refused(change: dict[str, object]) -> None:
    save_label_decisions(*SPLIT, {0: 1})
    write(json.dumps(stored_values() | change).encode())
    with pytest.raises(DataError, match="those of other pictures"):
        load_label_corrections(*SPLIT)


def test_a_newer_format_is_reported() -> None:
    write(b'{"schema": 2}')
    with pytest.raises(DataError, match="Update the program"):
        load_label_corrections(*SPLIT)


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    save_label_decisions(*SPLIT, {0: 1})
    monkeypatch.setattr(label_corrections, "MAX_CORRECTIONS_BYTES", 20)
    with pytest.raises(StorageError, match="larger than"):
        load_label_corrections(*SPLIT)


def test_each_test_split_and_each_visitor_has_its_own() -> None:
    save_label_decisions(*SPLIT, {0: 1})
    assert not load_label_corrections("../../etc/passwd", 10, 3).reviewed
    with acting_as(Visitor("ada")):
        assert not load_label_corrections(*SPLIT).reviewed


def test_who_may_change_nothing_can_not_save() -> None:
    with acting_as(Visitor(may_change=False)), pytest.raises(AccessError):
        save_label_decisions(*SPLIT, {0: 1})
    assert not find_corrections_path(SPLIT[0]).exists()
