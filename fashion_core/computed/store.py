"""Results on disk, by content: shipped ones beside this file, the user's in the per-user folder, in the same form."""

from contextlib import suppress
from pathlib import Path

import numpy as np

from fashion_core.computed.computation import Computation, ProgressCallback
from fashion_core.data import Dataset, fashion_mnist
from fashion_core.errors import AccessError, DamagedResultError, RunError, StorageError
from fashion_core.storage.access import check_change
from fashion_core.storage.arrays import arrays_from_npz_bytes, arrays_to_npz_bytes
from fashion_core.storage.files import write_atomically
from fashion_core.storage.folder import shared_data_folder, user_data_folder
from fashion_core.storage.visitors import current_visitor

SHIPPED_FOLDER = Path(__file__).resolve().parent / "shipped"


def results_folder() -> Path:
    """Where the user's results are."""
    return user_data_folder() / "computed"


def shared_results_folder() -> Path:
    """Where the results are that every visitor of a classroom finds."""
    return shared_data_folder() / "computed"


def find_result(computation: Computation, fingerprint: str) -> Path | None:
    """The file of the result, damaged or not; None when there is none."""
    name = f"{computation.key(fingerprint)}.npz"
    folders = (SHIPPED_FOLDER, shared_results_folder(), results_folder())
    return next((folder / name for folder in folders if (folder / name).is_file()), None)


def load_result(
    computation: Computation, fingerprint: str, *, shipped: Path = SHIPPED_FOLDER
) -> dict[str, np.ndarray] | None:
    """The result; None if it has to be computed. A damaged file that is shipped or shared counts as missing.

    Raises ``DamagedResultError`` for a damaged file of the user's, and deletes it if the user may change anything.
    """
    name = f"{computation.key(fingerprint)}.npz"
    for folder in (shipped, *([shared_results_folder()] if results_folder() != shared_results_folder() else [])):
        with suppress(DamagedResultError):
            if (arrays := _read(folder / name, computation)) is not None:
                return arrays
    own = results_folder() / name
    try:
        return _read(own, computation)
    except DamagedResultError:
        try:
            if current_visitor().may_change:
                own.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{own} is damaged and cannot be deleted ({error.strerror}). Delete it.") from error
        raise


def load_shipped_result(computation: Computation, *, shipped: Path = SHIPPED_FOLDER) -> dict[str, np.ndarray]:
    """A shipped result on Fashion-MNIST; raises ``RunError`` when it is missing or damaged."""
    arrays = None
    with suppress(DamagedResultError):
        arrays = _read(shipped / f"{computation.key(fashion_mnist.FASHION_MNIST_FINGERPRINT)}.npz", computation)
    if arrays is None:
        raise RunError("A shipped result is missing or damaged. Install the program again.")
    return arrays


def save_result(
    computation: Computation, fingerprint: str, arrays: dict[str, np.ndarray], *, into: Path | None = None
) -> Path:
    """Write the result, by default for the user; raises ``StorageError`` when the folder cannot be written."""
    path = (into or results_folder()) / f"{computation.key(fingerprint)}.npz"
    write_atomically(path, arrays_to_npz_bytes(arrays))
    return path


def save_result_if_allowed(computation: Computation, fingerprint: str, arrays: dict[str, np.ndarray]) -> Path:
    """``save_result`` for the visitor who asks; raises ``AccessError`` when they may not, or have no room."""
    check_change(megabytes=sum(array.nbytes for array in arrays.values()) / 2**20)
    return save_result(computation, fingerprint, arrays)


def load_or_compute(computation: Computation, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
    """The result, from disk or else computed here; saved unless the visitor who asks has no room or may not."""
    arrays = None
    with suppress(DamagedResultError):
        arrays = load_result(computation, dataset.fingerprint)
    if arrays is None:
        arrays = _compute_and_save(computation, dataset, report)
    return arrays


def _compute_and_save(computation: Computation, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
    """Results on the way are saved too, and deleted when a better one is there."""
    arrays: dict[str, np.ndarray] = {}
    earlier: Path | None = None
    for step, arrays in computation.refine(dataset, report):
        is_new = find_result(step, dataset.fingerprint) is None
        try:
            path = save_result_if_allowed(step, dataset.fingerprint, arrays)
        except AccessError:
            continue
        if earlier is not None:
            earlier.unlink(missing_ok=True)
        earlier = path if is_new else None
    return arrays


def _read(path: Path, computation: Computation) -> dict[str, np.ndarray] | None:
    """The arrays, or None if there is no such file."""
    try:
        arrays = arrays_from_npz_bytes(path.read_bytes(), computation.arrays)
        if not computation.fits(arrays):
            raise StorageError("The file holds something else.")
        return arrays
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{path} cannot be read ({error.strerror}).") from error
    except StorageError as error:
        raise DamagedResultError("A result on disk was damaged and has been deleted. Compute it again.") from error
