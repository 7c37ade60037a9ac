"""Compute the shipped results and graphs: ``python -m fashion_core.computed.build [--only KIND]``. For maintainers.

After you train a shipped run again, run it with ``--only reference`` and ``--only validation``; after a change of a
network's layers, with ``--only graph`` and ``--only network``. ``recognition.train --ship`` does all of these.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fashion_core.computed import store, validation
from fashion_core.computed.accuracy_evidence import save_seed_results
from fashion_core.computed.cluster_counts import KMeansScoresByClusterCount
from fashion_core.computed.clustering import SHIPPED_CLUSTER_COUNTS, KMeansClustering
from fashion_core.computed.computation import Computation, ImageSet
from fashion_core.computed.duplicates import NearestTrainImages
from fashion_core.computed.feature_spaces import FEATURE_SPACES, UMAP_10_PROJECTION
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.computed.network_stages import NetworkStages
from fashion_core.computed.projection import Projection
from fashion_core.computed.reference_features import ReferenceFeatures, shipped_weights_digest
from fashion_core.data import load_dataset
from fashion_core.data.classes import N_CLASSES
from fashion_core.errors import DataError
from fashion_core.models import registry
from fashion_core.runs.store import RunStore
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.storage.files import write_atomically

KINDS = (
    "facts", "duplicates", "projection", "clustering", "sweep", "reference", "validation", "network", "graph", "seeds",
)  # fmt: skip


def shipped_computations() -> Iterator[Computation]:
    """Every computation with its default settings."""
    yield ImageStatistics()
    yield NearestTrainImages()
    kinds: tuple[ImageSet, ImageSet] = ("test", "all")
    for images in kinds:
        yield Projection("pca", images)
        yield Projection("umap", images)
    yield UMAP_10_PROJECTION
    for space in FEATURE_SPACES:
        yield KMeansClustering(space)
        yield KMeansScoresByClusterCount(space)
    for k in SHIPPED_CLUSTER_COUNTS:
        yield KMeansClustering(k=k)
    yield ReferenceFeatures(shipped_weights_digest(RECOGNITION_RUN_IDS[0]))
    for run in RunStore().entries():
        if run.origin == "zoo":
            yield validation.validation_computation(run)
    for architecture in registry.list_architectures():
        if architecture.output_activation == "none":  # the stages are the same with a ReLU
            yield NetworkStages(architecture.model, architecture.pooling, N_CLASSES)


def write_graphs() -> None:
    """Write the graph of each network."""
    for architecture in registry.list_architectures():
        graph = registry.write_network_graph(architecture)
        write_atomically(registry.graph_path(architecture), graph.SerializeToString(deterministic=True))


def main() -> None:
    """Build what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=KINDS, metavar="KIND", help=f"one of {', '.join(KINDS)}")
    build_shipped_results(parser.parse_args().only)


def build_shipped_results(only: str | None = None) -> None:
    """Write ``computed/shipped`` and ``models/graphs``, or what is of the kind ``only``; prints a line for each result.

    Raises ``DataError`` when Fashion-MNIST is missing, unless only graphs or seeds are written.
    """
    if only in (None, "graph"):
        write_graphs()
    if only == "seeds":  # not with everything else: the runs may be on another machine
        save_seed_results(RunStore())
    if only in ("graph", "seeds"):
        return  # without data
    dataset = load_dataset()
    if dataset.is_sample_data:
        raise DataError("Shipped results need Fashion-MNIST. Set FASHION_MNIST_DIR, or run `fetch` first.")
    wanted = [computation for computation in shipped_computations() if only in (None, computation.kind)]
    for computation in wanted:
        start = time.perf_counter()
        arrays = computation.compute(dataset, lambda fraction, message: None)
        path = store.save_result(computation, dataset.fingerprint, arrays, into=store.SHIPPED_FOLDER)
        seconds = time.perf_counter() - start
        print(f"{computation}: {path.name}, {path.stat().st_size:,} bytes, {seconds:.0f} s")
        if "trust" in arrays and np.isfinite(arrays["trust"]).all():
            print(f"  trustworthiness {arrays['trust'].mean():.4f}, n = {len(arrays['trust']):,}")
    remove_outdated_results(wanted, dataset.fingerprint)


def remove_outdated_results(wanted: list[Computation], fingerprint: str, folder: Path = store.SHIPPED_FOLDER) -> None:
    """Delete results of the kinds in ``wanted`` that belong to none of them, such as those of earlier weights."""
    names = {f"{computation.key(fingerprint)}.npz" for computation in wanted}
    for kind in {computation.kind for computation in wanted}:
        for path in sorted(folder.glob(f"{kind}-*.npz")):
            if path.name not in names:
                path.unlink()
                print(f"{path.name} deleted: nothing uses it any more")


if __name__ == "__main__":
    main()
