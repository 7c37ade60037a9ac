"""What the worker's memory settings are worth: ``python -m benchmarks.training [--repeats 5]``.

Runs the same training steps of the improved CNN in processes with and without ``WORKER_ENVIRONMENT`` in turn, and
prints the medians of images per second and their ratio.
"""

import argparse
import os
import statistics
import subprocess
import sys

from fashion_core.runs.queue import WORKER_ENVIRONMENT

STEPS = """
import time, torch
from torch.nn import functional
from fashion_core.models import registry
from fashion_core.training.optimizers import build
config = registry.MODELS["improved_cnn"].presets["best"]
network = registry.build(config).network.train()
optimizers = build(network, config)
x = torch.randn(config.batch_size, 1, 28, 28).contiguous(memory_format=torch.channels_last)
y = torch.arange(config.batch_size) % 10
times = []
for _ in range(10):
    start = time.perf_counter()
    functional.cross_entropy(network(x), y).backward()
    for optimizer in optimizers:
        optimizer.step()
        optimizer.zero_grad()
    times.append(time.perf_counter() - start)
print(config.batch_size / sorted(times[3:])[3])
"""


def images_per_second(environment: dict[str, str]) -> float:
    """One process's median over seven steps."""
    command = [sys.executable, "-c", STEPS]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    """Measure in turn and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    pairs = [(images_per_second({}), images_per_second(WORKER_ENVIRONMENT)) for _ in range(repeats)]
    plain, kept = (statistics.median(values) for values in zip(*pairs, strict=True))
    print(f"medians of {repeats}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"as it comes            {plain:.0f} images/s")
    print(f"with the worker's set  {kept:.0f} images/s, {kept / plain:.2f} times")


if __name__ == "__main__":
    main()
