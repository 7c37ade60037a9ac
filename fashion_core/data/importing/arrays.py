"""Read files of arrays: IDX pairs as MNIST, KMNIST and EMNIST are published, and Keras-style ``.npz``.

Headers are read and checked before memory is set aside. Images are taken as they are, light on black.
"""

import gzip
import hashlib
import math
import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedIOBase
from pathlib import Path
from typing import IO, Any

import numpy as np

from fashion_core.data.catalogue import DIGEST_BYTES, LOOK_SIDE
from fashion_core.data.catalogue_labels import NO_LABEL, TEST, TRAIN, VALIDATION
from fashion_core.data.catalogue_values import MAX_PICTURES
from fashion_core.data.class_names import clean_class_name
from fashion_core.data.importing.content import ImportedContent
from fashion_core.data.importing.sources import check_class_count
from fashion_core.data.importing.splits import NO_SPLIT
from fashion_core.errors import DataError, StorageError
from fashion_core.storage.access import check_change
from fashion_core.storage.zips import READ_ERRORS, SAFE_COMPRESSION, open_bounded_zip

MAX_ARRAY_BYTES = 2 * 2**30  # of all arrays of a source together
MAX_IMAGE_SIDE = 1024  # pixels
PIXELS_AT_ONCE = 2**22  # that are computed with as float64
IDX_UINT8 = 8  # type of the elements in an IDX header
IDX_IMAGES_PATTERN = re.compile(r"(?P<set>.*?)(?P<part>train|t10k|test)?-?images?[-.]idx3-ubyte(\.gz)?", re.IGNORECASE)
NPZ_PARTS = (
    ("x_train", "y_train", TRAIN), ("x_test", "y_test", TEST),
    ("train_images", "train_labels", TRAIN), ("val_images", "val_labels", VALIDATION),
    ("test_images", "test_labels", TEST),
)  # fmt: skip
DAMAGED_ADVICE = "Download it again."

Part = tuple[np.ndarray, np.ndarray, int]  # images uint8 [n, h, w], labels int [n], the split


def find_idx_pairs(path: Path) -> dict[str, list[tuple[Path, Path, int]]]:
    """Images, labels and split of the IDX files in the folder ``path``, or beside the file ``path``, by data set.

    A file chooses the data set that it belongs to.
    """
    folders = [path.parent] if path.is_file() else [path, path / "raw"]
    pairs: dict[str, list[tuple[Path, Path, int]]] = {}
    for folder in (f for f in folders if f.is_dir()):
        for images in sorted(folder.iterdir()):
            match = IDX_IMAGES_PATTERN.fullmatch(images.name)
            labels = folder / re.sub("idx3", "idx1", re.sub(r"image(s?)", r"label\1", images.name))
            unpacked_twin = images.name.endswith(".gz") and images.with_suffix("").is_file()
            if match is None or unpacked_twin or not labels.is_file():
                continue
            split = {None: NO_SPLIT, "train": TRAIN}.get(match["part"] and match["part"].lower(), TEST)
            pairs.setdefault(match["set"].strip("-"), []).append((images, labels, split))
    if path.is_file():
        pairs = {name: found for name, found in pairs.items() if any(path in pair for pair in found)}
    return pairs


def is_array_source(path: Path) -> bool:
    """Whether ``path`` is a file of arrays, or a folder of IDX files."""
    return (path.is_file() and path.suffix.lower() == ".npz") or bool(find_idx_pairs(path))


def read_array_source(path: Path) -> ImportedContent:
    """The images and labels of a file of arrays, or a folder of IDX files.

    Raises ``DataError`` when it is damaged or too large, and ``AccessError`` when the visitor has no room for so many
    pictures; both before memory is set aside, as far as the headers tell.
    """
    if path.suffix.lower() == ".npz":
        return make_content(_read_npz(path))
    pairs = find_idx_pairs(path)
    if len(pairs) > 1:
        raise DataError(
            f"{path} holds several data sets: {', '.join(sorted(pairs))}. Give the path of one's file of images."
        )
    name, files = next(iter(pairs.items()))
    shapes = [_read_idx_shape(images_path, 3) for images_path, _, _ in files]
    check_change(pictures=sum(shape[0] for shape in shapes))
    _check_size(path.name, sum(map(math.prod, shapes)))
    parts = []
    for images_path, labels_path, split in files:
        images, labels = read_idx(images_path, 3), read_idx(labels_path, 1)
        if name.lower().startswith("emnist"):
            images = images.transpose(0, 2, 1)  # published with rows and columns swapped
        parts.append((images, labels, split))
    return make_content(parts, _read_mapping(files[0][0].parent, name))


def read_idx(path: Path, n_axes: int) -> np.ndarray:
    """The array in an IDX file, packed or not: uint8 with ``n_axes`` axes. Raises ``DataError``."""
    shape = _read_idx_shape(path, n_axes)
    with _open_idx(path) as file:
        file.seek(_idx_header_bytes(n_axes))
        content = file.read(math.prod(shape) + 1)
    if len(content) != math.prod(shape):
        raise DataError(f"{path.name} is longer or shorter than it says. {DAMAGED_ADVICE}")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _read_idx_shape(path: Path, n_axes: int) -> tuple[int, ...]:
    """The shape of the array in an IDX file, from its header alone. Raises ``DataError``."""
    with _open_idx(path) as file:
        header = file.read(_idx_header_bytes(n_axes))
    if len(header) < _idx_header_bytes(n_axes) or header[:4] != bytes((0, 0, IDX_UINT8, n_axes)):
        raise DataError(f"{path.name} is not an IDX file of bytes with {n_axes} axes. {DAMAGED_ADVICE}")
    shape = struct.unpack(f">{n_axes}I", header[4:])
    if 0 in shape:
        raise DataError(f"{path.name} holds no images. Choose a file that does.")
    _check_shape(path.name, shape, 1)
    return shape


def _idx_header_bytes(n_axes: int) -> int:
    return 4 + 4 * n_axes


@contextmanager
def _open_idx(path: Path) -> Iterator[BufferedIOBase]:
    """An IDX file, packed or not; what goes wrong while it is read is raised as ``DataError``."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield file
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} cannot be read or unpacked. {DAMAGED_ADVICE}") from error


def make_content(parts: Sequence[Part], class_names: dict[int, str] | None = None) -> ImportedContent:
    """What is imported of images and labels: each value of a label is a class, named after its number by default."""
    for images, labels, _ in parts:
        if len(images) != len(labels) or images.ndim != 3:
            raise DataError(f"There are {len(images):,} images and {len(labels):,} labels. {DAMAGED_ADVICE}")
    values, numbers = np.unique(np.concatenate([labels for _, labels, _ in parts]), return_inverse=True)
    if not len(values):
        raise DataError(f"There are no images in it. {DAMAGED_ADVICE}")
    check_class_count(len(values))
    assert len(values) < NO_LABEL
    images = np.concatenate([resize_images(images) for images, _, _ in parts])
    names = class_names or {}
    n = len(images)
    return ImportedContent(
        images=images,
        views=None,
        digests=digest_images(images),
        looks=reduce_images(images),
        names=[f"image {i:,}" for i in range(n)],
        classes=_unique_names([names.get(int(value), str(value)) for value in values]),
        labels=numbers.astype(np.uint8),
        splits=np.repeat([split for _, _, split in parts], [len(labels) for _, labels, _ in parts]).astype(np.uint8),
        groups=np.arange(n, dtype=np.int32),
        has_files=False,
    )


def resize_images(images: np.ndarray) -> np.ndarray:
    """uint8 [n, h, w] as uint8 [n, 28, 28], centred, with black bars where they aren't square."""
    import cv2

    n, height, width = images.shape
    if (height, width) == (28, 28):
        return np.ascontiguousarray(images)
    scale = 28 / max(height, width)
    small = max(1, round(width * scale)), max(1, round(height * scale))
    top, left = (28 - small[1]) // 2, (28 - small[0]) // 2
    result = np.zeros((n, 28, 28), np.uint8)
    for image, target in zip(images, result, strict=True):
        resized = cv2.resize(np.ascontiguousarray(image), small, interpolation=cv2.INTER_AREA)
        target[top : top + small[1], left : left + small[0]] = resized
    return result


def digest_images(images: np.ndarray) -> np.ndarray:
    """A digest of each image, uint8 [n, 16]."""
    digests = b"".join(hashlib.blake2b(image, digest_size=DIGEST_BYTES).digest() for image in images)
    return np.frombuffer(digests, np.uint8).reshape(-1, DIGEST_BYTES)


def reduce_images(images: np.ndarray) -> np.ndarray:
    """Each image reduced as pictures are, uint8 [n, 192]."""
    import cv2

    reduced = [cv2.resize(image, (LOOK_SIDE, LOOK_SIDE), interpolation=cv2.INTER_AREA) for image in images]
    return np.repeat(np.stack(reduced).reshape(len(images), -1), 3, axis=1)


def _read_npz(path: Path) -> list[Part]:
    """The parts in a Keras-style file; each header is checked before the array is read."""
    try:
        with path.open("rb") as opened, open_bounded_zip(opened) as archive:
            files = [(f"{images}.npy", f"{labels}.npy", split) for images, labels, split in NPZ_PARTS]
            known = [part for part in files if set(part[:2]) <= set(archive.namelist())]
            if not known:
                raise DataError(f"{path.name} needs the arrays x_train and y_train, and better x_test and y_test too.")
            headers = {}
            for name in (name for images, labels, _ in known for name in (images, labels)):
                if archive.getinfo(name).compress_type not in SAFE_COMPRESSION:
                    raise DataError(f"{path.name} is packed in a way that isn't read. Save it again with NumPy.")
                with archive.open(name) as member:
                    headers[name] = _read_npy_header(f"{name} in {path.name}", member)
            check_change(pictures=sum(headers[images][0] for images, _, _ in known))
            _check_size(path.name, sum(n_bytes for _, n_bytes in headers.values()))
        with np.load(path, allow_pickle=False) as file:  # by the names that were checked, which end in .npy
            parts = [(file[images], file[labels], split) for images, labels, split in known]
    except StorageError as error:
        raise DataError(f"{path.name} lists too many arrays. Save x_train and y_train alone.") from error
    except READ_ERRORS as error:
        raise DataError(f"{path.name} is damaged, or holds something else than arrays. {DAMAGED_ADVICE}") from error
    return [(_to_grey(images, path.name), _to_labels(labels, path.name), split) for images, labels, split in parts]


def _read_npy_header(name: str, file: IO[bytes]) -> tuple[int, int]:
    """The number of rows and of bytes of the array; raises ``DataError`` when it may not be read."""
    version: Any = np.lib.format.read_magic(file)
    read: Any = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject:
        raise DataError(f"{name} holds objects, which are never read. Save it again as numbers.")
    _check_shape(name, shape, dtype.itemsize)
    return shape[0], math.prod(shape) * int(dtype.itemsize)


def _check_size(name: str, n_bytes: int) -> None:
    if n_bytes > MAX_ARRAY_BYTES:
        raise DataError(
            f"The arrays of {name} have {n_bytes / 2**30:.1f} GB, and {MAX_ARRAY_BYTES // 2**30} GB are read."
        )


def _check_shape(name: str, shape: Sequence[int], bytes_per_value: int) -> None:
    is_small = math.prod(shape) * bytes_per_value <= MAX_ARRAY_BYTES and shape and shape[0] <= MAX_PICTURES
    if not is_small or any(side > MAX_IMAGE_SIDE for side in shape[1:]):
        raise DataError(
            f"{name} has {' x '.join(map(str, shape))} values. At most {MAX_PICTURES:,} images of {MAX_IMAGE_SIDE} "
            f"pixels a side and {MAX_ARRAY_BYTES // 2**30} GB are read."
        )


def _to_grey(images: np.ndarray, name: str) -> np.ndarray:
    """Images of an ``.npz`` as uint8 [n, h, w]: also [n, h, w, 1], fractions from 0 to 1, and whether it is light.

    Others than uint8 come as [n, 28, 28]: converted a part at a time, they need little memory beside their own.
    """
    if images.ndim == 4 and images.shape[3] == 1:
        images = images[..., 0]
    if images.ndim != 3 or images.dtype.kind not in "buif" or 0 in images.shape:
        raise DataError(f"The images in {name} are not grey: they need the shape [n, height, width].")
    if images.dtype == np.uint8:
        return images
    top = float(images.max())
    if not 0 <= float(images.min()) <= top <= 255:
        raise DataError(f"The images in {name} go beyond 0 to 255. Save them as bytes.")
    scale = 255.0 if images.dtype.kind in "bf" and top <= 1 else 1.0
    n_at_once = max(1, PIXELS_AT_ONCE // math.prod(images.shape[1:]))
    parts = (images[start : start + n_at_once] for start in range(0, len(images), n_at_once))
    return np.concatenate([resize_images(np.rint(part * scale).astype(np.uint8)) for part in parts])


def _to_labels(labels: np.ndarray, name: str) -> np.ndarray:
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or labels.dtype.kind not in "bui":
        raise DataError(f"The labels in {name} are not one whole number for each image.")
    return labels.astype(np.int64)


def _read_mapping(folder: Path, name: str) -> dict[int, str]:
    """Names of EMNIST's labels from its mapping file, ``label code`` a line: upper and lower case may be one class."""
    try:
        lines = (folder / f"{name}-mapping.txt").read_text(encoding="ascii").splitlines()[:1000]
        return {int(line.split()[0]): "".join(chr(int(code)) for code in line.split()[1:]) for line in lines if line}
    except (OSError, ValueError, OverflowError, IndexError):
        return {}


def _unique_names(names: list[str]) -> tuple[str, ...]:
    """Names as those of classes: where case alone tells two apart, as in EMNIST, the second says so."""
    taken: dict[str, str] = {}
    for name in names:
        cleaned = clean_class_name(name) or "Unnamed"
        number = 2
        candidate = cleaned
        while candidate.casefold() in taken:
            candidate = f"{cleaned} (lower case)" if number == 2 and cleaned.islower() else f"{cleaned} ({number})"
            number += 1
        taken[candidate.casefold()] = candidate
    return tuple(taken.values())
