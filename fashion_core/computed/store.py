"""Results on disk: shipped ones beside this file, the user's in the per-user folder, in the same form and by the same
name.

A file is written whole or not at all, and read without unpickling.
"""

import io
from pathlib import Path

import numpy as np

from fashion_core.computed.computation import Computation, ProgressCallback
from fashion_core.data import Dataset, fashion_mnist
from fashion_core.errors import DamagedResultError, RunError
from fashion_core.runs.store import READ_ERRORS
from fashion_core.storage.files import write_atomically
from fashion_core.storage.folder import user_data_folder

SHIPPED_FOLDER = Path(__file__).resolve().parent / "shipped"


def results_folder() -> Path:
    """Where the user's results are kept."""
    return user_data_folder() / "computed"


def find_result(computation: Computation, fingerprint: str, *, shipped: Path = SHIPPED_FOLDER) -> Path | None:
    """The file that holds the result, whole or not; None when there is none."""
    name = f"{computation.key(fingerprint)}.npz"
    return next((path for path in (shipped / name, results_folder() / name) if path.is_file()), None)


def load_result(
    computation: Computation, fingerprint: str, *, shipped: Path = SHIPPED_FOLDER
) -> dict[str, np.ndarray] | None:
    """The result if it is there; None if it has to be computed.

    Raises ``DamagedResult`` once for a damaged file of the user's, which is then gone; a damaged shipped file counts
    as absent.
    """
    name = f"{computation.key(fingerprint)}.npz"
    arrays, _ = _read(shipped / name, computation)
    if arrays is not None:
        return arrays
    own = results_folder() / name
    arrays, whole = _read(own, computation)
    if not whole:
        try:
            own.unlink(missing_ok=True)
        except OSError as error:
            raise RunError(f"{own} is damaged and cannot be removed ({error.strerror}). Remove it.") from error
        raise DamagedResultError("A result kept on disk was damaged and has been removed. Compute it again.")
    return arrays


def load_shipped_result(computation: Computation, *, shipped: Path = SHIPPED_FOLDER) -> dict[str, np.ndarray]:
    """A result on Fashion-MNIST that the program brings along; raises ``RunError`` when it is missing or damaged."""
    arrays, _ = _read(shipped / f"{computation.key(fashion_mnist.FASHION_MNIST_FINGERPRINT)}.npz", computation)
    if arrays is None:
        raise RunError("A shipped result is missing or damaged. Install the program again.")
    return arrays


def save_result(
    computation: Computation, fingerprint: str, arrays: dict[str, np.ndarray], *, into: Path | None = None
) -> Path:
    """Write the result; raises ``RunError`` when the folder cannot be written."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    path = (into or results_folder()) / f"{computation.key(fingerprint)}.npz"
    write_atomically(path, buffer.getvalue())
    return path


def load_or_compute(computation: Computation, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
    """The result, from disk or computed here and kept."""
    try:
        arrays = load_result(computation, dataset.fingerprint)
    except DamagedResultError:
        arrays = None
    if arrays is None:
        arrays = computation.compute(dataset, report)
        save_result(computation, dataset.fingerprint, arrays)
    return arrays


def _read(path: Path, computation: Computation) -> tuple[dict[str, np.ndarray] | None, bool]:
    """The arrays or None, and whether the file is whole or absent."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None, True
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}).") from error
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as found:
            arrays = {name: found[name] for name in computation.arrays}
    except (*READ_ERRORS, KeyError, AttributeError, TypeError):
        return None, False
    return arrays, True
