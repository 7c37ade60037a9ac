"""Training processes killed at random moments, and their runs resumed: ``python -m benchmarks.kills [--kills 20]``.

Each run is killed once, anywhere between its start and its end, resumed, and compared byte for byte with a run that
was left alone: weights, history but for its times, and answers on test.
"""

import argparse
import json
import os
import random
import signal
import tempfile
import time
from pathlib import Path

from fashion_core.data import Dataset
from fashion_core.data.stand_in import StandIn
from fashion_core.runs import job, queue
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.training.config import TrainConfig

CONFIG = TrainConfig("mlp", 12, batch_size=64, mirror=True, shift=1, ema_decay=0.9, optimizer="muon")
PATIENCE = 300.0  # seconds for a run on a busy machine


def finished(store: RunStore, entry: RunEntry, dataset: Dataset) -> RunEntry:
    """Resume the run, if it needs that, until it is finished."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        entry = store.get(entry.id)
        phase = queue.phase(entry)
        if phase == "finished":
            return entry
        if phase in queue.RESUMABLE:
            queue.resume(store, entry, dataset)
        queue.wait(entry, store, 5)
    raise TimeoutError(f"{entry.id} is {queue.phase(entry)} after {PATIENCE:.0f} s")


def kill(store: RunStore, entry: RunEntry) -> None:
    """Kill the run's process without grace, if there is one, and wait until it is gone."""
    try:
        pid = int(json.loads((entry.path / job.STARTED).read_text())["pid"])
    except OSError:
        return
    if pid and job.has_process(store.get(entry.id)):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        while job.has_process(store.get(entry.id)):
            time.sleep(0.05)


def answers(store: RunStore, entry: RunEntry) -> tuple[bytes, list[list[float]], bytes]:
    """What two runs must have in common: weights, history without times, answers on test."""
    history = store.history(entry).drop(columns="seconds")
    return (
        (entry.path / "weights.safetensors").read_bytes(),
        history.to_numpy().tolist(),
        store.predictions(entry).probabilities.tobytes(),
    )


def main() -> None:
    """Print one line a kill and the count of runs that came out equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    dice, dataset, equal = random.Random(arguments.seed), StandIn(), 0
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder) / "runs")
        begin = time.monotonic()
        reference = answers(store, finished(store, queue.start(store, CONFIG, dataset), dataset))
        duration = time.monotonic() - begin
        print(f"left alone: {duration:.1f} s, {CONFIG.epochs} epochs of {len(dataset.split('train')):,} images")
        for number in range(1, arguments.kills + 1):
            entry = queue.start(store, CONFIG, dataset)
            wait = dice.uniform(0, duration)
            time.sleep(wait)
            kill(store, entry)
            at = len(queue.progress(store.get(entry.id)).epochs)
            phase = queue.phase(store.get(entry.id))
            same = answers(store, finished(store, entry, dataset)) == reference
            equal += same
            print(f"{number:>3}: killed after {wait:.1f} s, {at} epochs told, {phase}; equal: {same}", flush=True)
            queue.delete(store, store.get(entry.id))
    print(f"{equal} of {arguments.kills} equal")


if __name__ == "__main__":
    main()
