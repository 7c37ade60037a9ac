"""Training in two processes against one process with two threads: ``python -m benchmarks.processes [--rounds 3]``.

The improved CNN's quick preset on sample data, in turn. Prints the medians of images per second, validation included
and the first epoch left out, and the ratio of the two speeds.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from fashion_core.runs.store import RunStore

N_EPOCHS = 3
TRAIN_ARGUMENTS = ["train", "improved_cnn", "--preset", "quick", "--epochs", str(N_EPOCHS)]
COMMANDS = {
    "one process, two threads": [sys.executable, "-m", "fashion_core"],
    "two processes": [
        *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"),
        *("-m", "fashion_core"),
    ],
}


def images_per_second(command: list[str], name: str, runs: Path) -> float:
    """Images per second of one training."""
    environment = {k: v for k, v in os.environ.items() if k not in ("FASHION_MNIST_DIR", "OMP_NUM_THREADS")}
    environment["FASHION_HOME"] = str(runs / "home")  # no other data than the sample data
    if "torch.distributed.run" in command:
        environment["OMP_NUM_THREADS"] = "1"
    arguments = [*command, *TRAIN_ARGUMENTS, "--name", name, "--runs", str(runs)]
    subprocess.run(arguments, env=environment, check=True, capture_output=True)
    store = RunStore(runs)
    entry = store.get(name)
    assert entry.record is not None
    return entry.record.data.n_train / float(store.load_history(entry)["seconds"][1:].median())


def main() -> None:
    """Print both speeds and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    speeds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for number_in_round, (name, command) in enumerate(COMMANDS.items()):
                speeds[name].append(images_per_second(command, f"run-{number}-{number_in_round}", Path(folder)))
    for name, values in speeds.items():
        print(f"{name}: {statistics.median(values):,.0f} images a second (median of {rounds})")
    one, two = speeds.values()
    ratios = [b / a for a, b in zip(one, two, strict=True)]
    print(f"two processes reach {statistics.median(ratios):.1%} of one ({min(ratios):.1%} to {max(ratios):.1%})")


if __name__ == "__main__":
    main()
