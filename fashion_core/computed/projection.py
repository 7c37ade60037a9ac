"""Images as points on a map, by PCA or UMAP."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from fashion_core.analysis.trustworthiness import trustworthiness_by_point
from fashion_core.computed.computation import (
    Computation,
    ImageSet,
    ProgressCallback,
    bounded_number_field,
    select_images,
)
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError

if TYPE_CHECKING:
    from sklearn.decomposition import PCA

ProjectionMethod = Literal["pca", "umap"]
DistanceMetric = Literal["euclidean", "cosine", "manhattan", "correlation"]
UMAP_INPUT_COMPONENTS = 50


@dataclass(frozen=True)
class Projection(Computation):
    """Positions of ``images``. The last four settings are for UMAP only.

    Arrays: ``points`` float32 [n, dimensions], float16 for more than two dimensions; ``explained`` float32
    [dimensions], the fraction of the variance that each PCA axis explains, nan for UMAP; ``trust`` float32 [n], the
    trustworthiness of each point, nan for more than two dimensions. Raises ``ConfigError`` for a setting outside its
    range.
    """

    method: ProjectionMethod = "pca"
    images: ImageSet = "test"
    dimensions: int = bounded_number_field(2, low=2, high=10)
    neighbours: int = bounded_number_field(15, low=2, high=200)
    min_distance: float = bounded_number_field(0.1, low=0, high=0.99)
    metric: DistanceMetric = "euclidean"
    seed: int = bounded_number_field(0, low=0, high=2**31 - 1)

    kind: ClassVar[str] = "projection"
    arrays: ClassVar[tuple[str, ...]] = ("points", "explained", "trust")

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        images = select_images(dataset, self.images)
        report(0.01, "principal components")
        train = dataset.split("train").images
        if self.method == "pca":
            points, explained = pca_coordinates_and_variance_ratio(train, images, self.dimensions)
        elif self.neighbours >= len(images):
            raise ConfigError(f"{self.neighbours} neighbours are too many for {len(images):,} images. Choose fewer.")
        else:
            components, _ = pca_coordinates_and_variance_ratio(train, images, UMAP_INPUT_COMPONENTS)
            points = self._fit_umap(components, report)
            explained = np.full(self.dimensions, np.nan, np.float32)
        trust = np.full(len(images), np.nan, np.float32)
        if self.dimensions > 2:
            points = points.astype(np.float16)
        else:
            trust = trustworthiness_by_point(
                flatten_images(images), points, on_progress=lambda done: report(0.75 + 0.25 * done, "trustworthiness")
            )
        return {"points": points, "explained": explained, "trust": trust}

    def _fit_umap(self, components: np.ndarray, report: ProgressCallback) -> np.ndarray:
        """UMAP of ``components`` float32 [n, 50], single-threaded and therefore reproducible.

        L. McInnes, J. Healy and J. Melville, "UMAP", arXiv:1802.03426.
        """
        report(0.05, "loading UMAP")
        from umap import UMAP

        report(0.1, "finding neighbours")
        reducer = UMAP(
            n_neighbors=self.neighbours,
            n_components=self.dimensions,
            min_dist=self.min_distance,
            metric=self.metric,
            random_state=self.seed,
            n_jobs=1,
            verbose=False,
            tqdm_kwds={
                "disable": False,
                "file": _EpochReporter(report),
                "bar_format": "{n}/{total} ",
                "mininterval": 0.3,
            },
        )
        return np.asarray(reducer.fit_transform(components), np.float32)


class _EpochReporter:
    """A file for tqdm that reports what it writes (``3/200``) as progress."""

    def __init__(self, report: ProgressCallback) -> None:
        self.report = report

    def write(self, text: str) -> None:
        done, slash, total = text.strip().partition("/")
        if slash and done.isdigit() and total.isdigit():
            self.report(0.4 + 0.35 * int(done) / max(int(total), 1), f"UMAP, epoch {done} of {total}")

    def flush(self) -> None:
        """Required by tqdm."""


def fit_pca(train: np.ndarray, n_components: int = 2) -> "PCA":
    """PCA fitted on ``train`` uint8 [m, 28, 28]; it transforms vectors of 784 brightness values.

    It has at most m components. Raises ``ConfigError`` for fewer than two images.
    """
    from sklearn.decomposition import PCA

    if len(train) < 2:
        raise ConfigError("A map needs at least two training images. Add some.")
    return PCA(min(n_components, len(train)), svd_solver="covariance_eigh", random_state=0).fit(flatten_images(train))


def pca_coordinates_and_variance_ratio(
    train: np.ndarray, images: np.ndarray, n_components: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates float32 [n, d] of ``images``, and the explained variance ratio float32 [d], of a PCA fitted on
    ``train``; both uint8 [n, 28, 28]."""
    pca = fit_pca(train, n_components)
    coordinates = pca.transform(flatten_images(images))
    return coordinates.astype(np.float32), pca.explained_variance_ratio_.astype(np.float32)


def flatten_images(images: np.ndarray) -> np.ndarray:
    """uint8 [n, 28, 28] -> float32 [n, 784]."""
    return images.reshape(len(images), -1).astype(np.float32)
