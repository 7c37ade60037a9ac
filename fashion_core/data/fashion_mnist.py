"""The four published files of Fashion-MNIST: checksums, where they are searched for, reading.

Source: H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST", arXiv:1708.07747; MIT licence, (c) 2017 Zalando SE.
"""

import hashlib
import math
import os
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fashion_core.errors import DataError, StorageError
from fashion_core.storage.files import read_file
from fashion_core.storage.folder import shared_data_folder

FASHION_MNIST_SIDE = 28
GZIP_OVERHEAD_BYTES = 64  # of a file however small
GZIP_WINDOW_BITS = 16 + zlib.MAX_WBITS  # tells zlib to expect gzip's header
# where other programs leave the four files; ~ is the home folder, other relative paths begin at the working folder
OTHER_PROGRAMS_FOLDERS = (
    "/usr/share/datasets/fashion-mnist",  # Debian's package dataset-fashion-mnist
    "~/.keras/datasets/fashion-mnist",
    *(f"{root}/FashionMNIST/raw" for root in ("data", "~/data", "~/datasets", "~/.cache")),  # torchvision
    "~/.cache/kagglehub/datasets/zalando-research/fashionmnist/versions/4",
)


@dataclass(frozen=True)
class PublishedFile:
    """One published file: its name, SHA-256 checksums packed and unpacked, and its array's shape.

    ``gzip_sha256`` is of the file in github.com/zalandoresearch/fashion-mnist, for downloads; Debian packs the same
    content anew. ``unpacked_sha256`` is what ``gzip -dc FILE | sha256sum`` prints for both.
    """

    name: str
    gzip_bytes: int
    gzip_sha256: str
    unpacked_sha256: str
    shape: tuple[int, ...]

    @property
    def unpacked_name(self) -> str:
        """Name of the unpacked file, as in torchvision's ``FashionMNIST/raw``."""
        return self.name.removesuffix(".gz")

    @property
    def n_header_bytes(self) -> int:
        """Length of the IDX header: a magic number and one 32-bit size per axis."""
        return 4 + 4 * len(self.shape)

    @property
    def n_bytes(self) -> int:
        """Length of the unpacked file."""
        return self.n_header_bytes + math.prod(self.shape)

    def find(self, folder: Path) -> Path | None:
        """The packed or unpacked file in ``folder`` if it is as long as the published one; the rest isn't read."""
        packed, unpacked = folder / self.name, folder / self.unpacked_name
        if os.path.isfile(packed):  # a pipe would be waited for; pathlib raises for a folder that is closed to the user
            with suppress(OSError), packed.open("rb") as file:
                file.seek(-4, os.SEEK_END)  # where gzip writes the unpacked length
                if int.from_bytes(file.read(), "little") == self.n_bytes:
                    return packed
        with suppress(OSError):
            if unpacked.stat().st_size == self.n_bytes:
                return unpacked
        return None


PUBLISHED_FILES = {
    "train_images": PublishedFile(
        "train-images-idx3-ubyte.gz",
        26421880,
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        (60000, FASHION_MNIST_SIDE, FASHION_MNIST_SIDE),
    ),
    "train_labels": PublishedFile(
        "train-labels-idx1-ubyte.gz",
        29515,
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        (60000,),
    ),
    "test_images": PublishedFile(
        "t10k-images-idx3-ubyte.gz",
        4422102,
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        (10000, FASHION_MNIST_SIDE, FASHION_MNIST_SIDE),
    ),
    "test_labels": PublishedFile(
        "t10k-labels-idx1-ubyte.gz",
        5148,
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        (10000,),
    ),
}
FASHION_MNIST_FINGERPRINT = hashlib.sha256(
    "".join(f.unpacked_sha256 for f in PUBLISHED_FILES.values()).encode()
).hexdigest()[:16]


def get_fashion_mnist_download_folder() -> Path:
    """Folder in the per-user folder that a download goes to."""
    return shared_data_folder() / "fashion-mnist"


def find_fashion_mnist_folder(folder: Path | None = None) -> Path | None:
    """First folder searched that holds all four files, packed or unpacked; None when there is none.

    Searched are only ``folder`` if given; otherwise ``FASHION_MNIST_DIR``, the download folder and, unless that
    variable is set, where other programs leave the files. In the first three, the files may also be in ``raw`` or
    ``FashionMNIST/raw``. What other programs left is passed over when a file is shorter or longer, or belongs to MNIST,
    whose files have the same names.
    """
    configured = os.environ.get("FASHION_MNIST_DIR")
    own = [Path(configured)] if configured else []
    roots = [folder] if folder is not None else [*own, get_fashion_mnist_download_folder()]
    files = PUBLISHED_FILES.values()
    for candidate in (path for root in roots for path in (root, root / "raw", root / "FashionMNIST" / "raw")):
        if all(any(os.path.isfile(candidate / name) for name in (f.name, f.unpacked_name)) for f in files):
            return candidate
    if folder is not None or configured:
        return None
    others = (Path(path).expanduser() for path in OTHER_PROGRAMS_FOLDERS)
    return next((path for path in others if _looks_published(path)), None)


def _looks_published(folder: Path) -> bool:
    """Whether all four files are as long as published, and the smallest has its checksum; takes a millisecond."""
    if not all(f.find(folder) for f in PUBLISHED_FILES.values()):
        return False
    smallest = min(PUBLISHED_FILES, key=lambda part: PUBLISHED_FILES[part].n_bytes)
    try:
        read_published_array(folder, smallest)
    except DataError:
        return False
    return True


def read_published_array(folder: Path, part: str) -> np.ndarray:
    """Read one of ``PUBLISHED_FILES`` from ``folder`` and verify its checksum.

    Returns uint8 [n, 28, 28] for images, light on black, or uint8 [n] for labels. Raises ``DataError`` naming the
    file when it is missing or not the published one.
    """
    published = PUBLISHED_FILES[part]
    packed, unpacked = folder / published.name, folder / published.unpacked_name
    path = published.find(folder) or (packed if os.path.isfile(packed) else unpacked)
    advice = "Delete it and run `python -m fashion_core fetch`, or put the published file in its place."
    try:
        content = read_file(path, 2 * published.n_bytes + GZIP_OVERHEAD_BYTES)
    except StorageError as error:
        raise DataError(f"{error} {advice}") from error
    if path == packed:
        try:
            # in one call, during which other threads run, and no more, whatever it unpacks to
            unpacking = zlib.decompressobj(GZIP_WINDOW_BITS)
            content = unpacking.decompress(content, published.n_bytes + 1) + unpacking.unused_data
        except zlib.error as error:
            raise DataError(f"{path} cannot be unpacked. {advice}") from error
    if hashlib.sha256(content).hexdigest() != published.unpacked_sha256:
        raise DataError(f"{path} is not the published file: its checksum differs. {advice}")
    return np.frombuffer(content, dtype=np.uint8, offset=published.n_header_bytes).reshape(published.shape)
