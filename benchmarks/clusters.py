"""How well k-means meets the classes it never saw, by feature space: ``python -m benchmarks.clusters``.

The shipped clusterings (k = 10, best of 10 starts, seed 0), fitted on the train split without a label. Names are given
by the labels of all 60,000 published train images and scored on them, and on the 10,000 test images.
"""

import numpy as np

from fashion_core.analysis.clusters import report
from fashion_core.computed import store
from fashion_core.computed.clustering import Clustering
from fashion_core.computed.facts import Facts
from fashion_core.computed.spaces import SPACES
from fashion_core.models.kmeans import name_clusters


def main() -> None:
    """Print one line a space and part."""
    facts = store.shipped_result(Facts())
    labels, n_train = facts["labels"], len(facts["labels"]) - int(facts["n_test"])
    print(f"{'space':<10} {'images':>7} {'one-to-one':>10} {'majority':>9} {'ARI':>6} {'NMI':>6}")
    for space in SPACES:
        clustering = Clustering(space)
        clusters = store.shipped_result(clustering)["clusters"]
        majority, one_to_one = name_clusters(clusters[:n_train], labels[:n_train], clustering.k)
        for part in (np.arange(n_train), np.arange(n_train, len(labels))):
            found = report(clusters[part], labels[part], clustering.k)
            print(
                f"{space:<10} {found.n:>7,} {found.accuracy(one_to_one):>10.4f} {found.accuracy(majority):>9.4f} "
                f"{found.ari:>6.3f} {found.nmi:>6.3f}"
            )


if __name__ == "__main__":
    main()
