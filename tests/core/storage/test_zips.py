"""The list of entries of a zip is parsed no further than its limit, by whatever opens the zip."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fashion_core.data.importing.arrays import read_array_source
from fashion_core.errors import FashionError
from fashion_core.runs.archive import import_zip
from fashion_core.runs.store import RunStore
from fashion_core.storage.arrays import array_to_npy_bytes, arrays_from_npz_bytes
from fashion_core.storage.zips import MAX_DIRECTORY_BYTES, open_bounded_zip

ARRAYS = {"x_train.npy": np.zeros((4, 28, 28), np.uint8), "y_train.npy": np.array([0, 1, 0, 1], np.uint8)}


def make_zip(n_empty_entries: int) -> bytes:
    """Images, labels, and so many entries besides."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, array in ARRAYS.items():
            archive.writestr(name, array_to_npy_bytes(array))
        for i in range(n_empty_entries):
            archive.writestr(str(i), b"")
    return buffer.getvalue()


def read_as_source(content: bytes, folder: Path) -> object:
    (folder / "a.npz").write_bytes(content)
    return read_array_source(folder / "a.npz")


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda content, folder: open_bounded_zip(io.BytesIO(content)), id="zip"),
        pytest.param(lambda content, folder: arrays_from_npz_bytes(content, ["x_train"]), id="arrays of a run"),
        pytest.param(lambda content, folder: import_zip(RunStore(folder), content), id="exported run"),
        pytest.param(read_as_source, id="arrays to import"),
    ],
)
def test_a_long_list_of_entries_is_not_parsed(
    read: Callable[[bytes, Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make_zip(MAX_DIRECTORY_BYTES // 46)  # bytes of an entry without its name
    parsed: list[object] = []
    monkeypatch.setattr(zipfile, "ZipInfo", parsed.append)
    with pytest.raises(FashionError, match=r"lists too many|more than a run"):
        read(content, tmp_path)
    assert parsed == []


def test_a_zip_with_a_few_entries_and_a_comment_is_read(tmp_path: Path) -> None:
    buffer = io.BytesIO(make_zip(20))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"x" * (2**16 - 1)
    with open_bounded_zip(buffer) as archive:
        assert len(archive.namelist()) == len(ARRAYS) + 20
    images = arrays_from_npz_bytes(buffer.getvalue(), ["x_train"])["x_train"]
    np.testing.assert_array_equal(images, ARRAYS["x_train.npy"])
    assert read_as_source(buffer.getvalue(), tmp_path)
