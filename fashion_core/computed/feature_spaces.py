"""The feature spaces for k-means."""

from typing import Literal

import numpy as np

from fashion_core.computed import store
from fashion_core.computed.computation import ProgressCallback, select_images
from fashion_core.computed.projection import Projection, flatten_images, pca_coordinates_and_variance_ratio
from fashion_core.data import Dataset

FeatureSpace = Literal["pixels", "PCA-50", "UMAP-10"]
FEATURE_SPACES: dict[FeatureSpace, str] = {
    "pixels": "the 784 brightness values",
    "PCA-50": "the first 50 principal components of the train split",
    "UMAP-10": "a UMAP of all images in ten dimensions, without labels",
}
UMAP_10_PROJECTION = Projection("umap", "all", dimensions=10, min_distance=0.0)


def all_image_features(space: FeatureSpace, dataset: Dataset, report: ProgressCallback) -> np.ndarray:
    """The published train images followed by the test images in ``space``, float32 [n, d]."""
    if space == "UMAP-10":
        return store.load_or_compute(UMAP_10_PROJECTION, dataset, report)["points"].astype(np.float32)
    images = select_images(dataset, "all")
    if space == "pixels":
        return flatten_images(images)
    report(0.02, "principal components")
    return pca_coordinates_and_variance_ratio(dataset.split("train").images, images, 50)[0]
