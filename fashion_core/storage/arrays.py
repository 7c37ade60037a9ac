"""NumPy arrays as the content of a file, written and read without pickling."""

import io
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from fashion_core.errors import StorageError
from fashion_core.storage.zips import READ_ERRORS, SAFE_COMPRESSION, open_bounded_zip

# NumPy parses headers with ast, which fails in Python 3.11 when two threads parse at the same time
_HEADER_LOCK = threading.Lock()


def arrays_to_npz_bytes(arrays: Mapping[str, np.ndarray], *, compress: bool = True) -> bytes:
    """The content of an ``.npz`` file."""
    buffer = io.BytesIO()
    save = np.savez_compressed if compress else np.savez
    save(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def arrays_from_npz_bytes(content: bytes, names: Iterable[str], *, max_bytes: int = 2**30) -> dict[str, np.ndarray]:
    """The arrays called ``names`` in an ``.npz`` file whose files have at most ``max_bytes`` bytes unpacked.

    Raises ``StorageError`` when it is larger, damaged or lacks one.
    """
    try:
        with open_bounded_zip(io.BytesIO(content)) as archive:
            members = archive.infolist()
        if sum(member.file_size for member in members) > max_bytes:
            raise StorageError("The file is larger than it can be.")
        if any(member.compress_type not in SAFE_COMPRESSION for member in members):
            raise ValueError("packed in a way that NumPy doesn't")
        with _HEADER_LOCK, np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in names}
        if not all(isinstance(array, np.ndarray) for array in arrays.values()):
            raise TypeError("a member that is no array")
        return arrays
    except (*READ_ERRORS, KeyError, AttributeError, TypeError) as error:
        raise StorageError("The file is damaged.") from error


def load_array(path: Path, n_rows: int) -> np.ndarray:
    """The first ``n_rows`` rows of the array in an ``.npy`` file; its length is checked before memory is set aside.

    Raises ``StorageError`` when the file is missing or damaged.
    """
    try:
        with _HEADER_LOCK:
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        return np.array(array[:n_rows])
    except (*READ_ERRORS, TypeError, IndexError) as error:
        raise StorageError(f"{path.name} is missing or damaged.") from error


def array_to_npy_bytes(array: np.ndarray) -> bytes:
    """The content of an ``.npy`` file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()
