"""Compute what is shipped: ``python -m fashion_core.computed.build [--only KIND]``. Run by the authors."""

import argparse
import time
from collections.abc import Iterator

import numpy as np

from fashion_core.analysis.clustering import Clustering
from fashion_core.analysis.duplicates import Duplicates
from fashion_core.analysis.facts import Facts
from fashion_core.analysis.projection import Projection
from fashion_core.analysis.spaces import SPACES, UMAP_10
from fashion_core.analysis.sweep import Sweep
from fashion_core.computed import store
from fashion_core.computed.computation import Computation, Images
from fashion_core.data import load
from fashion_core.errors import DataError
from fashion_core.recognition.reference import TOGETHER, Reference, weights_of


def shipped() -> Iterator[Computation]:
    """Everything with its standard settings."""
    yield Facts()
    yield Duplicates()
    kinds: tuple[Images, Images] = ("test", "all")
    for images in kinds:
        yield Projection("pca", images)
        yield Projection("umap", images)
    yield UMAP_10
    for space in SPACES:
        yield Clustering(space)
        yield Sweep(space)
    for run_id in TOGETHER:
        yield Reference(weights_of(run_id), run_id)


def main() -> None:
    """Write ``computed/shipped``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="a kind: facts, duplicates, projection, clustering, sweep or reference")
    only = parser.parse_args().only
    dataset = load()
    if dataset.is_stand_in:
        raise DataError("What is shipped is of Fashion-MNIST. Set FASHION_MNIST_DIR, or run `fetch` first.")
    for computation in shipped():
        if only not in (None, computation.kind):
            continue
        start = time.perf_counter()
        arrays = computation.compute(dataset, lambda share, doing: None)
        path = store.save(computation, dataset.fingerprint, arrays, into=store.SHIPPED)
        seconds = time.perf_counter() - start
        print(f"{computation}: {path.name}, {path.stat().st_size:,} bytes, {seconds:.0f} s")
        if "trust" in arrays and np.isfinite(arrays["trust"]).all():
            print(f"  trustworthiness {arrays['trust'].mean():.4f}, n = {len(arrays['trust']):,}")


if __name__ == "__main__":
    main()
