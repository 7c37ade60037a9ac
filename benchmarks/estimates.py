"""Probes against the epochs that they foretell: ``python -m benchmarks.estimates [--epochs 2]``.

Of each model the quick preset: what the process in waiting says of an epoch after its few steps, and what an epoch of
a run then takes. Prints both.
"""

import argparse
import dataclasses
import os
import tempfile
import time

from fashion_core.data import load_dataset
from fashion_core.models import registry
from fashion_core.runs import estimate, queue, standby
from fashion_core.runs.store import RunStore
from tests.conftest import real_data_folder


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=2)
    epochs = parser.parse_args().epochs
    dataset = load_dataset(real_data_folder())
    print(f"{dataset.title}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["FASHION_HOME"] = home
        store = RunStore()
        for spec in registry.MODELS.values():
            config = dataclasses.replace(spec.presets["quick"], epochs=epochs)
            standby.prepare(dataset)
            begin = time.perf_counter()
            standby.ask(config, dataset)
            while (told := estimate.of_probe(config, dataset)) is None:
                time.sleep(0.05)
            waited = time.perf_counter() - begin
            done = queue.wait_for_run(queue.queue_run(store, config, dataset), store, 3600)
            assert done.record is not None
            taken = done.record.seconds / epochs
            print(
                f"{spec.name:<13} told {told.seconds_per_epoch:6.1f} s from {told.count:,} in {told.seconds:.1f} s "
                f"(answered after {waited:.1f} s), took {taken:6.1f} s: {told.seconds_per_epoch / taken:.2f} of it; "
                f"load {os.getloadavg()[0]:.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
