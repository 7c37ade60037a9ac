"""The pretrained network's features of a data set's pictures: computed once a picture, and kept on disk.

They are found by the content of the picture, so that only what is new is computed when a catalogue grows or its classes
change.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fashion_core.data import Dataset
from fashion_core.data.dataset import PartName
from fashion_core.errors import DataError, StorageError
from fashion_core.models import pretrained
from fashion_core.storage.arrays import arrays_from_npz_bytes, arrays_to_npz_bytes
from fashion_core.storage.files import write_atomically
from fashion_core.storage.folder import shared_data_folder

PICTURES_PER_CHUNK = 64  # in memory at once
PICTURES_PER_WRITE = 512  # a process that is killed or cancelled loses at most as many


def load_or_compute_features(
    dataset: Dataset, part: PartName, on_picture: Callable[[int, int], None] = lambda n_done, n: None
) -> np.ndarray:
    """Features float16 [n, 1280] of the pictures of a published part, or of its images where there are no pictures.

    ``on_picture`` gets the number of pictures done and of all; what it raises ends the computation, and what is done
    is kept. Raises ``DataError`` for a picture that cannot be read, ``ConfigError`` when the network is missing.
    """
    n = len(_arrays(dataset, part)[1])
    keys = [hashlib.sha256(_read_content(dataset, part, index)).digest()[:8] for index in range(n)]
    path = features_path(dataset)
    known = _read(path)
    missing = list({key: index for index, key in enumerate(keys) if key not in known}.values())
    n_written = 0
    try:
        for start in range(0, len(missing), PICTURES_PER_CHUNK):
            chunk = missing[start : start + PICTURES_PER_CHUNK]
            n_before = n - len(missing) + start
            on_picture(n_before, n)
            features = pretrained.extract_features(
                [read_picture(dataset, part, index) for index in chunk],
                on_batch=lambda n_done, n_before=n_before: on_picture(n_before + n_done, n),  # type: ignore[misc]
            )
            known |= zip((keys[index] for index in chunk), features.astype(np.float16), strict=True)
            if start - n_written >= PICTURES_PER_WRITE:
                _add(path, known, dataset)
                n_written = start
    finally:
        if missing:
            _add(path, known, dataset)
    on_picture(n, n)
    return np.stack([known[key] for key in keys]) if keys else np.zeros((0, pretrained.N_FEATURES), np.float16)


def features_path(dataset: Dataset) -> Path:
    """The file of a data set's features: in a catalogue's own folder, else in the per-user folder."""
    name = f"features-{pretrained.BACKBONE}.npz"
    if dataset.has_pictures and dataset.folder is not None:
        return dataset.folder / name
    return shared_data_folder() / "features" / f"{dataset.name}-{name}"


def decode_stored_picture(content: bytes) -> np.ndarray:
    """The picture in a JPEG file of a catalogue, uint8 [h, w, 3]; raises ``DataError`` when it is damaged."""
    import cv2

    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB) if content else None
    if picture is None:
        raise DataError("A picture of the data set is damaged. Import the data set again.")
    return np.asarray(picture)


def read_picture(dataset: Dataset, part: PartName, index: int) -> np.ndarray:
    """The picture of an image uint8 [h, w, 3], or the image itself uint8 [28, 28] where there are no pictures.

    Raises ``DataError`` when it cannot be read.
    """
    if dataset.has_pictures:
        return decode_stored_picture(dataset.read_picture(part, index))
    return _arrays(dataset, part)[0][index]


def _arrays(dataset: Dataset, part: PartName) -> tuple[np.ndarray, np.ndarray]:
    return dataset.published_train_arrays if part == "train" else dataset.published_test_arrays


def _read_content(dataset: Dataset, part: PartName, index: int) -> bytes:
    if dataset.has_pictures:
        return dataset.read_picture(part, index)
    return _arrays(dataset, part)[0][index].tobytes()


def _read(path: Path) -> dict[bytes, np.ndarray]:
    """Features by the hash of the picture; none where the file is missing or damaged, and they are computed again."""
    try:
        arrays = arrays_from_npz_bytes(path.read_bytes(), ("keys", "features"))
    except (OSError, StorageError):
        return {}
    keys, features = arrays["keys"], arrays["features"]
    if features.shape != (len(keys), pretrained.N_FEATURES) or features.dtype != np.float16 or keys.dtype != np.uint64:
        return {}
    return dict(zip((key.tobytes() for key in keys), features, strict=True))


def _add(path: Path, features: dict[bytes, np.ndarray], dataset: Dataset) -> None:
    """Write ``features`` beside those that another process has written meanwhile.

    A catalogue that was deleted stays deleted.
    """
    if not dataset.has_pictures or path.parent.is_dir():
        _write(path, _read(path) | features)


def _write(path: Path, features: dict[bytes, np.ndarray]) -> None:
    keys = np.frombuffer(b"".join(features), np.uint64)
    stacked = np.stack(list(features.values())) if features else np.zeros((0, pretrained.N_FEATURES), np.float16)
    write_atomically(path, arrays_to_npz_bytes({"keys": keys, "features": stacked}, compress=False))
