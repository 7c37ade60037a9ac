"""Images as points on a map, by PCA or UMAP."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from fashion_core.analysis.trustworthiness import trustworthiness_by_point
from fashion_core.computed.computation import (
    Computation,
    ImageSet,
    ProgressCallback,
    bounded_number_field,
)
from fashion_core.computed.image_vectors import PIXELS, image_vectors, pca_coordinates_and_variance_ratio, space_field
from fashion_core.data import Dataset
from fashion_core.errors import ConfigError

ProjectionMethod = Literal["pca", "umap"]
DistanceMetric = Literal["euclidean", "cosine", "manhattan", "correlation"]
UMAP_INPUT_COMPONENTS = 50
MIN_MAP_IMAGES = 3  # with fewer, no point has a neighbour that could be right or wrong


@dataclass(frozen=True)
class Projection(Computation):
    """Positions of ``images`` by their vectors in ``space``. ``neighbours`` to ``seed`` are for UMAP only.

    Arrays: ``points`` float32 [n, dimensions], float16 for more than two dimensions; ``explained`` float32
    [dimensions], the fraction of the variance that each PCA axis explains, nan for UMAP; ``trust`` float32 [n], the
    trustworthiness of each point, nan for more than two dimensions. Raises ``ConfigError`` for a setting outside its
    range, or fewer than ``MIN_MAP_IMAGES`` images.
    """

    method: ProjectionMethod = "pca"
    images: ImageSet = "test"
    dimensions: int = bounded_number_field(2, low=2, high=10)
    neighbours: int = bounded_number_field(15, low=2, high=200)
    min_distance: float = bounded_number_field(0.1, low=0, high=0.99)
    metric: DistanceMetric = "euclidean"
    seed: int = bounded_number_field(0, low=0, high=2**31 - 1)
    space: str = space_field(PIXELS, is_added=True)

    kind: ClassVar[str] = "projection"
    arrays: ClassVar[tuple[str, ...]] = ("points", "explained", "trust")
    shapes: ClassVar[Mapping[str, str]] = {"points": "n dimensions", "explained": "dimensions", "trust": "n"}

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        vectors = image_vectors(self.space, dataset, lambda fraction, step: report(fraction / 2, step))
        report = _report_after(0.0 if self.space == PIXELS else 0.5, report)
        report(0.01, "principal components")
        train = vectors[dataset.train_indices]
        if self.images == "test" and not dataset.fold_numbers:  # in cross-validation all are test images
            vectors = vectors[len(dataset.published_labels("train")) :]
        if len(vectors) < MIN_MAP_IMAGES:
            raise ConfigError("A map needs at least three images. Choose All, or add pictures.")
        if self.method == "pca":
            points, explained = pca_coordinates_and_variance_ratio(train, vectors, self.dimensions)
        elif self.neighbours >= len(vectors):
            raise ConfigError(f"{self.neighbours} neighbours are too many for {len(vectors):,} images. Choose fewer.")
        else:
            components, _ = pca_coordinates_and_variance_ratio(train, vectors, UMAP_INPUT_COMPONENTS)
            points = self._fit_umap(components, report)
            explained = np.full(self.dimensions, np.nan, np.float32)
        trust = np.full(len(vectors), np.nan, np.float32)
        if self.dimensions > 2:
            points = points.astype(np.float16)
        else:
            trust = trustworthiness_by_point(
                vectors, points, on_progress=lambda done: report(0.75 + 0.25 * done, "trustworthiness")
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


def _report_after(start: float, report: ProgressCallback) -> ProgressCallback:
    """Report the progress of what begins when the fraction ``start`` is done."""
    return lambda fraction, step: report(start + (1 - start) * fraction, step)


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
