"""The feature spaces for k-means."""

import numpy as np

from fashion_core.computed import store
from fashion_core.computed.computation import ProgressCallback
from fashion_core.computed.image_vectors import PIXELS, image_vectors, pca_coordinates_and_variance_ratio
from fashion_core.computed.projection import Projection
from fashion_core.data import Dataset

FEATURE_SPACES = {  # of pixels; besides these there is one of each network
    PIXELS: "the 784 brightness values",
    "PCA-50": "the first 50 principal components of the train split",
    "UMAP-10": "a UMAP of all images in ten dimensions, without labels",
}
UMAP_10_PROJECTION = Projection("umap", "all", dimensions=10, min_distance=0.0)


def all_image_features(space: str, dataset: Dataset, report: ProgressCallback) -> np.ndarray:
    """The published train images followed by the test images in ``space``, float32 [n, d]."""
    if space == "UMAP-10":
        return store.load_or_compute(UMAP_10_PROJECTION, dataset, report)["points"].astype(np.float32)
    if space != "PCA-50":
        return image_vectors(space, dataset, report)
    vectors = image_vectors(PIXELS, dataset, report)
    report(0.02, "principal components")
    return pca_coordinates_and_variance_ratio(vectors[dataset.train_indices], vectors, 50)[0]
