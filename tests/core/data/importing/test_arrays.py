"""Files of arrays: IDX as published, Keras-style npz, and headers that lie."""

import gzip
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fashion_core.data.catalogue_labels import TEST, TRAIN
from fashion_core.data.importing import arrays
from fashion_core.data.importing.arrays import is_array_source, read_array_source, read_idx
from fashion_core.data.importing.splits import NO_SPLIT
from fashion_core.errors import AccessError, DataError
from fashion_core.storage.arrays import array_to_npy_bytes
from fashion_core.storage.visitors import Amounts, Visitor, acting_as

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (30, 28, 28), dtype=np.uint8)
LABELS = (np.arange(30) % 3 + 4).astype(np.uint8)


def idx(array: np.ndarray) -> bytes:
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_idx(folder: Path, prefix: str = "", images: np.ndarray = IMAGES) -> Path:
    for part, rows in (("train", slice(0, 20)), ("t10k" if not prefix else "test", slice(20, 30))):
        (folder / f"{prefix}{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(images[rows])))
        (folder / f"{prefix}{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(LABELS[rows])))
    return folder


def test_idx_files_are_taken_as_they_are_with_their_split(tmp_path: Path) -> None:
    content = read_array_source(write_idx(tmp_path))
    order = np.r_[20:30, 0:20]  # t10k comes first by name
    np.testing.assert_array_equal(content.images, IMAGES[order])
    np.testing.assert_array_equal(content.labels, LABELS[order] - 4)
    assert content.classes == ("4", "5", "6")
    np.testing.assert_array_equal(content.splits, np.repeat([TEST, TRAIN], [10, 20]))


def test_any_pair_of_unpacked_files_is_read_and_others_sides_are_resized(tmp_path: Path) -> None:
    large = np.zeros((30, 56, 28), np.uint8)
    large[:, 20:36, 10:20] = 200
    (tmp_path / "my-images-idx3-ubyte").write_bytes(idx(large))
    (tmp_path / "my-labels-idx1-ubyte").write_bytes(idx(LABELS))
    content = read_array_source(tmp_path / "my-images-idx3-ubyte")
    assert content.images.shape == (30, 28, 28)
    assert (content.splits == NO_SPLIT).all()
    assert content.images[0, 14, 14] == 200
    assert not content.images[0, :, :7].any()  # a bar


def test_emnist_is_transposed_and_named_after_its_mapping(tmp_path: Path) -> None:
    write_idx(tmp_path, "emnist-letters-")
    (tmp_path / "emnist-letters-mapping.txt").write_text("4 68 100\n5 69\n6 101\n")
    content = read_array_source(tmp_path)
    np.testing.assert_array_equal(content.images[0], IMAGES[20].T)
    assert content.classes == ("Dd", "E", "e (lower case)")


def test_several_data_sets_in_one_folder_need_a_choice(tmp_path: Path) -> None:
    write_idx(write_idx(tmp_path, "emnist-a-"), "emnist-b-")
    with pytest.raises(DataError, match="emnist-a, emnist-b"):
        read_array_source(tmp_path)
    chosen = read_array_source(tmp_path / "emnist-b-test-images-idx3-ubyte.gz")
    assert len(chosen.images) == 30


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x00\x08", idx(LABELS), idx(IMAGES)[:-1], idx(IMAGES) + b"x", bytes((0, 0, 8, 3)) + b"\xff" * 12],
)
def test_an_idx_file_that_is_not_what_it_says_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(DataError):
        read_idx(tmp_path / "x-images-idx3-ubyte", 3)
    (tmp_path / "x.gz").write_bytes(gzip.compress(content)[:-3])
    with pytest.raises(DataError):
        read_idx(tmp_path / "x.gz", 3)


@pytest.mark.parametrize("form", ["bytes", "fractions", "one channel"])
def test_a_keras_file_is_read(form: str, tmp_path: Path) -> None:
    given = {"bytes": IMAGES, "fractions": IMAGES / 255, "one channel": IMAGES[..., None]}[form]
    path = tmp_path / "a.npz"
    np.savez(path, x_train=given[:20], y_train=LABELS[:20, None], x_test=given[20:], y_test=LABELS[20:].astype(int))
    assert is_array_source(path)
    content = read_array_source(path)
    np.testing.assert_array_equal(content.images, IMAGES)
    np.testing.assert_array_equal(content.labels, LABELS - 4)
    np.testing.assert_array_equal(content.splits, np.repeat([TRAIN, TEST], [20, 10]))


def test_images_of_black_and_white_keep_their_contrast(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x_train=IMAGES > 127, y_train=LABELS)
    np.testing.assert_array_equal(read_array_source(tmp_path / "a.npz").images, np.where(IMAGES > 127, 255, 0))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"x": IMAGES}, "x_train"),
        ({"x_train": IMAGES, "y_train": LABELS[:5]}, "30 images and 5 labels"),
        ({"x_train": IMAGES.astype(object), "y_train": LABELS}, "objects"),
        ({"x_train": np.zeros((9, 8, 8, 3), np.uint8), "y_train": LABELS[:9]}, "grey"),
        ({"x_train": IMAGES.astype(int) * 9, "y_train": LABELS}, "0 to 255"),
        ({"x_train": np.zeros((2, 2000, 2), np.uint8), "y_train": LABELS[:2]}, "pixels a side"),
        ({"x_train": IMAGES, "y_train": LABELS.astype(str)}, "whole number"),
        ({"x_train": np.zeros((300, 2, 2), np.uint8), "y_train": np.arange(300)}, "300 classes"),
        ({"x_train": IMAGES[:0], "y_train": LABELS[:0]}, "grey"),
    ],
)
def test_other_arrays_are_refused(given: dict[str, np.ndarray], reason: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **given)
    with pytest.raises(DataError, match=reason):
        read_array_source(tmp_path / "a.npz")


def test_only_arrays_whose_header_was_checked_are_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x_train=IMAGES, y_train=LABELS)
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as archive:
        archive.writestr("x_train", array_to_npy_bytes(np.zeros((30, 2000, 2), np.uint8)))
    np.testing.assert_array_equal(read_array_source(tmp_path / "a.npz").images, IMAGES)
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as archive:
        archive.writestr("x_train", array_to_npy_bytes(IMAGES))
        archive.writestr("y_train", array_to_npy_bytes(LABELS))
    with pytest.raises(DataError, match="needs the arrays"):
        read_array_source(tmp_path / "b.npz")


@pytest.mark.parametrize("form", ["npz", "idx"])
def test_all_arrays_together_are_limited(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_idx(tmp_path)
    if form == "npz":
        path = tmp_path / "a.npz"
        np.savez(path, x_train=IMAGES[:20], y_train=LABELS[:20], x_test=IMAGES[20:], y_test=LABELS[20:])
    monkeypatch.setattr("fashion_core.data.importing.arrays.MAX_ARRAY_BYTES", 25 * 28 * 28)
    with pytest.raises(DataError, match="The arrays of"):
        read_array_source(path)


@pytest.mark.parametrize("form", ["npz", "idx"])
def test_a_visitor_s_quota_is_checked_before_the_images_are_read(form: str, tmp_path: Path) -> None:
    visitor = Visitor("a" * 20, quota=Amounts(pictures=29))
    if form == "npz":
        path = tmp_path / "a.npz"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x_train.npy", array_to_npy_bytes(IMAGES)[:200])  # not more than the header
            archive.writestr("y_train.npy", array_to_npy_bytes(LABELS))
    else:
        path = tmp_path / "x-images-idx3-ubyte"
        path.write_bytes(idx(IMAGES)[:16])
        (tmp_path / "x-labels-idx1-ubyte").write_bytes(idx(LABELS))
    with acting_as(visitor), pytest.raises(AccessError, match="30 pictures"):
        read_array_source(path)


def test_images_of_bits_are_converted_in_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.zeros((24, 1024, 1024), bool)
    images[1::2] = True
    np.savez_compressed(tmp_path / "a.npz", x_train=images, y_train=LABELS[:24])
    monkeypatch.setattr(arrays, "PIXELS_AT_ONCE", 2**20)
    tracemalloc.start()
    content = read_array_source(tmp_path / "a.npz")
    assert tracemalloc.get_traced_memory()[1] < 3 * 24 * 2**20
    tracemalloc.stop()
    assert [set(image.ravel()) for image in content.images] == [{0}, {255}] * 12


def test_a_damaged_npz_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x_train=IMAGES, y_train=LABELS)
    content = (tmp_path / "a.npz").read_bytes()
    for broken in (content[:-30], b"", b"PK", content[:300] + bytes(4) + content[304:]):
        (tmp_path / "b.npz").write_bytes(broken)
        with pytest.raises(DataError):
            read_array_source(tmp_path / "b.npz")
