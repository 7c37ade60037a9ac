"""Compute the shipped maps: ``python -m fashion_core.analysis.build_maps``. Run by the authors after k-means."""

import numpy as np

from fashion_core.analysis.clusters import class_means
from fashion_core.analysis.projection import MAPS, pca, umap
from fashion_core.data import load
from fashion_core.errors import DataError
from fashion_core.models.kmeans import KMeansClassifier
from fashion_core.runs.store import RunStore


def main() -> None:
    """Write ``zoo/maps.npz``."""
    dataset = load()
    if dataset.is_stand_in:
        raise DataError("The maps are of Fashion-MNIST. Set FASHION_MNIST_DIR, or run `fetch` first.")
    train, test = dataset.split("train"), dataset.split("test")
    store = RunStore()
    kmeans = store.classifier(store.get("kmeans"))
    assert isinstance(kmeans, KMeansClassifier)
    flat, explained = pca(train.images, test.images)
    np.savez_compressed(
        MAPS,
        pca=flat,
        pca_explained=explained,
        umap=umap(train.images, test.images),
        clusters=kmeans.assign(test.images).astype(np.uint8),
        class_means=class_means(train).astype(np.float16),
        brightness=test.images.mean(axis=(1, 2)).astype(np.float32),
        fingerprint=dataset.fingerprint,
    )
    print(f"{MAPS.name}: {MAPS.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
