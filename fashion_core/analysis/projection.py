"""Garments as points in the plane: PCA and UMAP, and the shipped maps of the test split."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fashion_core.errors import RunError
from fashion_core.runs.store import ZOO

MAPS = ZOO / "maps.npz"
UMAP_NEIGHBOURS, UMAP_MIN_DISTANCE, SEED = 15, 0.1, 0


@dataclass(frozen=True)
class Maps:
    """The shipped maps of the 10,000 Fashion-MNIST test images, in their published order.

    ``pca``, ``umap``: float32 [10000, 2]; ``pca_explained``: float32 [2], share of variance of each axis;
    ``clusters``: uint8 [10000], the shipped k-means run's cluster of each image; ``class_means``: float32
    [10, 28, 28] of the train split; ``brightness``: float32 [10000], mean pixel 0 to 255; ``fingerprint`` of the data.
    """

    pca: np.ndarray
    pca_explained: np.ndarray
    umap: np.ndarray
    clusters: np.ndarray
    class_means: np.ndarray
    brightness: np.ndarray
    fingerprint: str


def shipped_maps(path: Path = MAPS) -> Maps:
    """Read the shipped maps; raises ``RunError`` when the file is missing or damaged."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            return Maps(
                pca=arrays["pca"],
                pca_explained=arrays["pca_explained"],
                umap=arrays["umap"],
                clusters=arrays["clusters"],
                class_means=arrays["class_means"].astype(np.float32),
                brightness=arrays["brightness"],
                fingerprint=str(arrays["fingerprint"]),
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise RunError("The shipped maps are missing or damaged. Install the program again.") from error


def pca(train: np.ndarray, images: np.ndarray, n_components: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Fit on ``train`` uint8 [m, 28, 28]; coordinates of ``images`` float32 [n, d] and explained shares float32 [d]."""
    from sklearn.decomposition import PCA

    fitted = PCA(n_components, svd_solver="covariance_eigh", random_state=SEED).fit(_vectors(train))
    return fitted.transform(_vectors(images)).astype(np.float32), fitted.explained_variance_ratio_.astype(np.float32)


def umap(train: np.ndarray, images: np.ndarray) -> np.ndarray:
    """UMAP of ``images`` uint8 [n, 28, 28] through 50 principal components fitted on ``train``; float32 [n, 2].

    L. McInnes, J. Healy and J. Melville, "UMAP", arXiv:1802.03426; single-threaded, so the same every time.
    """
    from umap import UMAP

    codes, _ = pca(train, images, 50)
    reducer = UMAP(n_neighbors=UMAP_NEIGHBOURS, min_dist=UMAP_MIN_DISTANCE, random_state=SEED, n_jobs=1)
    return np.asarray(reducer.fit_transform(codes), np.float32)


def _vectors(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1).astype(np.float32)
