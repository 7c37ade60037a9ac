"""Processes killed at random moments, and their runs resumed: ``python -m benchmarks.kills [--kills 20]``.

For each run, a process of its own starts it and the runs that wait, as the dashboard's server does. Once between the
run's start and its end, the training process, that server or both are killed with SIGKILL. The run is resumed if
needed, and compared byte for byte with one that was not interrupted: weights, history without its times, predictions.
"""

import argparse
import hashlib
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.data.sample_data import SampleDataset
from fashion_core.jobs.job import Job
from fashion_core.runs import queue
from fashion_core.runs.store import RunEntry, RunStore

KILLED_RUN_CONFIG = TrainConfig("mlp", 12, batch_size=64, mirror=True, shift=1, ema_decay=0.9, optimizer="muon")
RUN_TIMEOUT = 300.0  # seconds for a run on a busy machine


def resume_until_finished(store: RunStore, entry: RunEntry, dataset: Dataset) -> RunEntry:
    """Resume the run, if it needs that, until it is finished."""
    deadline = time.monotonic() + RUN_TIMEOUT
    while time.monotonic() < deadline:
        entry = store.get(entry.id)
        phase = queue.run_phase(entry)
        if phase == "finished":
            return entry
        if phase in queue.RESUMABLE_PHASES:
            queue.resume_run(store, entry, dataset)
        queue.wait_for_run(entry, store, 5)
    raise TimeoutError(f"{entry.id} is {queue.run_phase(entry)} after {RUN_TIMEOUT:.0f} s")


def run_server(store: RunStore) -> None:
    """Start a run, print its id, and start waiting runs forever."""
    print(queue.queue_run(store, KILLED_RUN_CONFIG, SampleDataset()).id, flush=True)
    while True:
        time.sleep(0.5)
        queue.start_waiting_runs(store)


def start_server(store: RunStore) -> tuple["subprocess.Popen[str]", RunEntry]:
    """A server, and the run that it started."""
    command = [sys.executable, "-m", "benchmarks.kills", "--serve", str(store.runs_folder)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    return server, store.get(server.stdout.readline().strip())


def kill_run_process(store: RunStore, entry: RunEntry) -> None:
    """Kill the run's process, if there is one, and wait until it is gone."""
    process = Job(entry.path).process()
    if process is not None and queue.has_process(store.get(entry.id)):
        process.kill()
        while queue.has_process(store.get(entry.id)):
            time.sleep(0.05)


def comparable_results(store: RunStore, entry: RunEntry) -> tuple[str, list[list[float]], str]:
    """What two equal runs have in common: digests of weights and predictions, and the history without times."""
    history = store.load_history(entry).drop(columns="seconds")
    return (
        hashlib.sha256((entry.path / "weights.safetensors").read_bytes()).hexdigest(),
        history.to_numpy().tolist(),
        hashlib.sha256(store.load_predictions(entry).probabilities.tobytes()).hexdigest(),
    )


def main() -> None:
    """Print one line a kill and the count of runs that came out equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--serve", type=Path, metavar="RUNS", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        run_server(RunStore(arguments.serve))
    rng, dataset, n_equal = random.Random(arguments.seed), SampleDataset(), 0
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder) / "runs")
        begin = time.monotonic()
        reference = comparable_results(
            store, resume_until_finished(store, queue.queue_run(store, KILLED_RUN_CONFIG, dataset), dataset)
        )
        duration = time.monotonic() - begin
        print(
            f"not interrupted: {duration:.1f} s, {KILLED_RUN_CONFIG.epochs} epochs of "
            f"{len(dataset.split('train')):,} images"
        )
        for number in range(1, arguments.kills + 1):
            server, entry = start_server(store)
            wait, victim = rng.uniform(0, duration), rng.choice(["worker", "server", "both"])
            time.sleep(wait)
            if victim != "worker":
                server.kill()
            if victim != "server":
                kill_run_process(store, entry)
            n_epochs = len(queue.run_progress(store.get(entry.id)).epochs)
            phase = queue.run_phase(store.get(entry.id))
            same = comparable_results(store, resume_until_finished(store, entry, dataset)) == reference
            n_equal += same
            server.kill()
            server.communicate()
            print(
                f"{number:>3}: {victim} killed after {wait:.1f} s, {n_epochs} epochs reported, {phase}; equal: {same}",
                flush=True,
            )
            queue.delete_run(store, store.get(entry.id))
    print(f"{n_equal} of {arguments.kills} equal")


if __name__ == "__main__":
    main()
