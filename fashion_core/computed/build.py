"""Compute what is shipped: ``python -m fashion_core.computed.build [--only KIND]``. Run by the authors.

After a shipped run was trained anew, ``--only reference`` and ``--only validation`` follow it.
"""

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fashion_core.computed import store, validation
from fashion_core.computed.clustering import Clustering
from fashion_core.computed.computation import Computation, Images
from fashion_core.computed.duplicates import Duplicates
from fashion_core.computed.facts import Facts
from fashion_core.computed.projection import Projection
from fashion_core.computed.reference import TOGETHER, Reference, weights_of
from fashion_core.computed.spaces import SPACES, UMAP_10
from fashion_core.computed.sweep import Sweep
from fashion_core.data import load
from fashion_core.errors import DataError
from fashion_core.runs.store import RunStore


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
    for run in RunStore().entries():
        if run.origin == "zoo":
            yield validation.of_run(run)


def main() -> None:
    """Write ``computed/shipped``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", help="a kind: facts, duplicates, projection, clustering, sweep, reference or validation"
    )
    only = parser.parse_args().only
    dataset = load()
    if dataset.is_stand_in:
        raise DataError("What is shipped is of Fashion-MNIST. Set FASHION_MNIST_DIR, or run `fetch` first.")
    wanted = [computation for computation in shipped() if only in (None, computation.kind)]
    for computation in wanted:
        start = time.perf_counter()
        arrays = computation.compute(dataset, lambda share, doing: None)
        path = store.save(computation, dataset.fingerprint, arrays, into=store.SHIPPED)
        seconds = time.perf_counter() - start
        print(f"{computation}: {path.name}, {path.stat().st_size:,} bytes, {seconds:.0f} s")
        if "trust" in arrays and np.isfinite(arrays["trust"]).all():
            print(f"  trustworthiness {arrays['trust'].mean():.4f}, n = {len(arrays['trust']):,}")
    remove_outdated(wanted, dataset.fingerprint)


def remove_outdated(wanted: list[Computation], fingerprint: str, folder: Path = store.SHIPPED) -> None:
    """Remove the files of the kinds in ``wanted`` that belong to none of them, such as those of earlier weights."""
    names = {f"{computation.key(fingerprint)}.npz" for computation in wanted}
    for kind in {computation.kind for computation in wanted}:
        for path in sorted(folder.glob(f"{kind}-*.npz")):
            if path.name not in names:
                path.unlink()
                print(f"{path.name} removed: nothing asks for it any more")


if __name__ == "__main__":
    main()
