"""The feature spaces that k-means can work in."""

from typing import Literal

import numpy as np

from fashion_core.computed import store
from fashion_core.computed.computation import Report, pictures
from fashion_core.computed.projection import Projection, pca, vectors
from fashion_core.data import Dataset

Space = Literal["pixels", "PCA-50", "UMAP-10"]
SPACES: dict[Space, str] = {
    "pixels": "784 brightness values, as on the poster",
    "PCA-50": "the first 50 principal components of the train split",
    "UMAP-10": "a UMAP of all pictures in ten dimensions, laid out without a label",
}
UMAP_10 = Projection("umap", "all", dimensions=10, min_distance=0.0)


def features(space: Space, dataset: Dataset, report: Report) -> np.ndarray:
    """Every picture, train part then test, in ``space``; float32 [n, d]."""
    if space == "UMAP-10":
        return store.obtain(UMAP_10, dataset, report)["points"].astype(np.float32)
    images = pictures(dataset, "all")
    if space == "pixels":
        return vectors(images)
    report(0.02, "principal components")
    return pca(dataset.split("train").images, images, 50)[0]
