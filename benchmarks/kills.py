"""Processes killed at random moments, and their runs resumed: ``python -m benchmarks.kills [--kills 20]``.

For each run a process of its own, as the dashboard's server does, starts it and looks after the queue. Once, anywhere
between the run's start and its end, the training process, that server or both are killed without grace. The run is
resumed where it needs that, and compared byte for byte with one that was left alone: weights, history but for its
times, and answers on test.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.data.stand_in import StandIn
from fashion_core.runs import job, queue
from fashion_core.runs.store import RunEntry, RunStore

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


def serve(store: RunStore) -> None:
    """Start a run, say its name, and look after the queue until the end of time."""
    print(queue.start(store, CONFIG, StandIn()).id, flush=True)
    while True:
        time.sleep(0.5)
        queue.tend(store)


def started(store: RunStore) -> tuple["subprocess.Popen[str]", RunEntry]:
    """A server, and the run that it started."""
    command = [sys.executable, "-m", "benchmarks.kills", "--serve", str(store.root)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    return server, store.get(server.stdout.readline().strip())


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


def answers(store: RunStore, entry: RunEntry) -> tuple[str, list[list[float]], str]:
    """What two runs must have in common: digests of weights and answers on test, and the history without times."""
    history = store.history(entry).drop(columns="seconds")
    return (
        hashlib.sha256((entry.path / "weights.safetensors").read_bytes()).hexdigest(),
        history.to_numpy().tolist(),
        hashlib.sha256(store.predictions(entry).probabilities.tobytes()).hexdigest(),
    )


def main() -> None:
    """Print one line a kill and the count of runs that came out equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--serve", type=Path, metavar="RUNS", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(RunStore(arguments.serve))
    dice, dataset, equal = random.Random(arguments.seed), StandIn(), 0
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder) / "runs")
        begin = time.monotonic()
        reference = answers(store, finished(store, queue.start(store, CONFIG, dataset), dataset))
        duration = time.monotonic() - begin
        print(f"left alone: {duration:.1f} s, {CONFIG.epochs} epochs of {len(dataset.split('train')):,} images")
        for number in range(1, arguments.kills + 1):
            server, entry = started(store)
            wait, victim = dice.uniform(0, duration), dice.choice(["worker", "server", "both"])
            time.sleep(wait)
            if victim != "worker":
                server.kill()
            if victim != "server":
                kill(store, entry)
            at = len(queue.progress(store.get(entry.id)).epochs)
            phase = queue.phase(store.get(entry.id))
            same = answers(store, finished(store, entry, dataset)) == reference
            equal += same
            server.kill()
            server.communicate()
            print(
                f"{number:>3}: {victim} killed after {wait:.1f} s, {at} epochs told, {phase}; equal: {same}", flush=True
            )
            queue.delete(store, store.get(entry.id))
    print(f"{equal} of {arguments.kills} equal")


if __name__ == "__main__":
    main()
