"""How well k-means meets the classes it never saw, by feature space: ``python -m benchmarks.clusters``.

The shipped clusterings (k = 10, best of 10 starts, seed 0), fitted on the train split without a label. Names are given
by the labels of all 60,000 published train images and scored on them, and on the 10,000 test images.
"""

import numpy as np

from fashion_core.analysis.clusters import cluster_metrics
from fashion_core.computed import store
from fashion_core.computed.clustering import KMeansClustering
from fashion_core.computed.feature_spaces import FEATURE_SPACES
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.models.kmeans import map_clusters_to_classes


def main() -> None:
    """Print one line a space and part."""
    facts = store.load_shipped_result(ImageStatistics())
    labels, n_train = facts["labels"], len(facts["labels"]) - int(facts["n_test"])
    print(f"{'space':<10} {'images':>7} {'one-to-one':>10} {'majority':>9} {'ARI':>6} {'NMI':>6}")
    for space in FEATURE_SPACES:
        clustering = KMeansClustering(space)
        clusters = store.load_shipped_result(clustering)["clusters"]
        majority, one_to_one = map_clusters_to_classes(clusters[:n_train], labels[:n_train], clustering.k)
        for part in (np.arange(n_train), np.arange(n_train, len(labels))):
            found = cluster_metrics(clusters[part], labels[part], clustering.k)
            print(
                f"{space:<10} {found.n_images:>7,} {found.accuracy(one_to_one):>10.4f} {found.accuracy(majority):>9.4f} "
                f"{found.ari:>6.3f} {found.nmi:>6.3f}"
            )


if __name__ == "__main__":
    main()
