"""Arrays are read without pickling, and only as large as they can be."""

import io
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fashion_core.errors import StorageError
from fashion_core.storage.arrays import array_to_npy_bytes, arrays_from_npz_bytes, arrays_to_npz_bytes, load_array


def test_arrays_come_back() -> None:
    arrays = {"a": np.arange(6).reshape(2, 3), "b": np.zeros(0, np.uint8)}
    back = arrays_from_npz_bytes(arrays_to_npz_bytes(arrays), arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)


def test_a_small_file_of_many_zeros_is_refused_before_it_is_unpacked() -> None:
    content = arrays_to_npz_bytes({"a": np.zeros(50_000_000, np.uint8)})
    tracemalloc.start()
    with pytest.raises(StorageError, match="larger"):
        arrays_from_npz_bytes(content, ["a"], max_bytes=10**6)
    assert tracemalloc.get_traced_memory()[1] < 10**6
    tracemalloc.stop()


def test_a_file_packed_in_a_way_that_has_no_limit_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.npy", array_to_npy_bytes(np.zeros(9)))
    with pytest.raises(StorageError, match="damaged"):
        arrays_from_npz_bytes(buffer.getvalue(), ["a"])


def test_only_the_rows_that_are_asked_for_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(array_to_npy_bytes(np.arange(10_000_000)))
    tracemalloc.start()
    np.testing.assert_array_equal(load_array(tmp_path / "a.npy", 3), [0, 1, 2])
    assert tracemalloc.get_traced_memory()[1] < 10**6
    tracemalloc.stop()


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"PK", array_to_npy_bytes(np.zeros(9))[:-1], array_to_npy_bytes(np.float64(1))),
        array_to_npy_bytes(np.zeros(9)).replace(b"(9,)", b"(9, "),
    ],
)
def test_an_array_that_is_damaged_or_has_no_rows_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(StorageError):
        load_array(tmp_path / "a.npy", 3)
