"""NumPy arrays as the content of a file, written and read without pickling."""

import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from fashion_core.errors import StorageError

# what zipfile and NumPy raise on damaged files
READ_ERRORS = (
    OSError,
    ValueError,
    EOFError,
    OverflowError,
    MemoryError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


def arrays_to_npz_bytes(arrays: Mapping[str, np.ndarray], *, compress: bool = True) -> bytes:
    """The content of an ``.npz`` file."""
    buffer = io.BytesIO()
    save = np.savez_compressed if compress else np.savez
    save(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def arrays_from_npz_bytes(content: bytes, names: Iterable[str]) -> dict[str, np.ndarray]:
    """The arrays called ``names`` in an ``.npz`` file; raises ``StorageError`` when it is damaged or lacks one."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in names}
        if not all(isinstance(array, np.ndarray) for array in arrays.values()):
            raise TypeError("a member that is no array")
        return arrays
    except (*READ_ERRORS, KeyError, AttributeError, TypeError) as error:
        raise StorageError("The file is damaged.") from error


def load_array(path: Path) -> np.ndarray:
    """The array in an ``.npy`` file, whose length is checked before memory is set aside for it.

    Raises ``StorageError`` when the file is missing or damaged.
    """
    try:
        return np.array(np.load(path, mmap_mode="r", allow_pickle=False))
    except (*READ_ERRORS, TypeError) as error:
        raise StorageError(f"{path.name} is missing or damaged.") from error


def array_to_npy_bytes(array: np.ndarray) -> bytes:
    """The content of an ``.npy`` file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()
