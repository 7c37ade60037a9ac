"""Garments as points: PCA and UMAP."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from fashion_core.analysis.trustworthiness import trustworthiness_by_point
from fashion_core.computed.computation import (
    Computation,
    ImageSet,
    ProgressCallback,
    check_choice,
    check_range,
    select_images,
)
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError

if TYPE_CHECKING:
    from sklearn.decomposition import PCA

ProjectionMethod = Literal["pca", "umap"]
DistanceMetric = Literal["euclidean", "cosine", "manhattan", "correlation"]
UMAP_INPUT_COMPONENTS = 50  # principal components that UMAP starts from


@dataclass(frozen=True)
class Projection(Computation):
    """Places of ``images`` on a map. The last four settings are UMAP's, and mean nothing to PCA.

    Arrays: ``points`` float32 [n, dimensions], float16 for more than two; ``explained`` float32 [dimensions], PCA's
    share of the variance by axis, nan for UMAP; ``trust`` float32 [n], each point's trustworthiness, nan for more than
    two dimensions.
    Raises ``ConfigError`` when a setting is outside its range.
    """

    method: ProjectionMethod = "pca"
    images: ImageSet = "test"
    dimensions: int = 2  # 2 to 10
    neighbours: int = 15  # 2 to 200
    min_distance: float = 0.1  # 0 to 0.99
    metric: DistanceMetric = "euclidean"
    seed: int = 0  # 0 to 2**31 - 1

    kind: ClassVar[str] = "projection"
    arrays: ClassVar[tuple[str, ...]] = ("points", "explained", "trust")

    def __post_init__(self) -> None:
        check_choice("The method", self.method, ProjectionMethod)
        check_choice("The set of images", self.images, ImageSet)
        check_choice("The metric", self.metric, DistanceMetric)
        check_range("The number of dimensions", self.dimensions, 2, 10)
        check_range("The number of neighbours", self.neighbours, 2, 200)
        check_range("The minimum distance", self.min_distance, 0, 0.99)
        check_range("The seed", self.seed, 0, 2**31 - 1)

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        images = select_images(dataset, self.images)
        report(0.01, "principal components")
        train = dataset.split("train").images
        if self.method == "pca":
            points, explained = pca_coordinates(train, images, self.dimensions)
        elif self.neighbours >= len(images):
            raise ConfigError(f"{self.neighbours} neighbours are too many for {len(images):,} pictures. Choose fewer.")
        else:
            codes, _ = pca_coordinates(train, images, UMAP_INPUT_COMPONENTS)
            points = self._umap(codes, report)
            explained = np.full(self.dimensions, np.nan, np.float32)
        trust = np.full(len(images), np.nan, np.float32)
        if self.dimensions > 2:
            points = points.astype(np.float16)
        else:
            trust = trustworthiness_by_point(
                flatten_images(images), points, on_progress=lambda share: report(0.75 + 0.25 * share, "trustworthiness")
            )
        return {"points": points, "explained": explained, "trust": trust}

    def _umap(self, codes: np.ndarray, report: ProgressCallback) -> np.ndarray:
        """UMAP of ``codes`` float32 [n, 50]; single-threaded, so the same every time.

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
            tqdm_kwds={"disable": False, "file": _Epochs(report), "bar_format": "{n}/{total} ", "mininterval": 0.3},
        )
        return np.asarray(reducer.fit_transform(codes), np.float32)


class _Epochs:
    """Takes what tqdm writes ("3/200 ") and reports it as a share."""

    def __init__(self, report: ProgressCallback) -> None:
        self.report = report

    def write(self, text: str) -> None:
        done, slash, total = text.strip().partition("/")
        if slash and done.isdigit() and total.isdigit():
            self.report(0.4 + 0.35 * int(done) / max(int(total), 1), f"laying out, round {done} of {total}")

    def flush(self) -> None:
        """Nothing is held back."""


def fit_pca(train: np.ndarray, n_components: int = 2) -> "PCA":
    """Principal components of ``train`` uint8 [m, 28, 28]; takes vectors of 784 brightness values."""
    from sklearn.decomposition import PCA

    return PCA(n_components, svd_solver="covariance_eigh", random_state=0).fit(flatten_images(train))


def pca_coordinates(train: np.ndarray, images: np.ndarray, n_components: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Fit on ``train`` uint8 [m, 28, 28]; coordinates of ``images`` float32 [n, d] and explained shares float32 [d]."""
    fitted = fit_pca(train, n_components)
    return fitted.transform(flatten_images(images)).astype(np.float32), fitted.explained_variance_ratio_.astype(
        np.float32
    )


def flatten_images(images: np.ndarray) -> np.ndarray:
    """uint8 [n, 28, 28] -> float32 [n, 784]."""
    return images.reshape(len(images), -1).astype(np.float32)
