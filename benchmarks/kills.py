"""Processes killed at random moments, and their runs resumed: ``python -m benchmarks.kills --kills 20 --visitors 5``.

Each time, a process of its own queues a run of each visitor and starts those that wait, as the dashboard's server does.
Once before the runs end, the process that trains, that server or both are killed with SIGKILL. The runs are resumed if
needed, and compared byte for byte with one that was not interrupted: weights, history without its times, predictions.
Each visitor must have their own run and no other. One visitor, the default, is the user of this computer.
"""

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time

from fashion_core.config.train_config import TrainConfig
from fashion_core.data import Dataset
from fashion_core.data.sample_data import SampleDataset
from fashion_core.jobs.job import Job
from fashion_core.runs import queue
from fashion_core.runs.store import RunEntry, RunStore
from fashion_core.storage.visitors import USER, Visitor, acting_as

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


def list_visitors(n_visitors: int) -> list[Visitor]:
    """The visitors of a classroom; the user of this computer if there is one."""
    return [USER] if n_visitors == 1 else [Visitor(f"{number:020x}") for number in range(n_visitors)]


def run_server(visitors: list[Visitor]) -> None:
    """Queue a run of each visitor, print its id, and start waiting runs forever."""
    for visitor in visitors:
        with acting_as(visitor):
            print(queue.queue_run(RunStore(), KILLED_RUN_CONFIG, SampleDataset()).id, flush=True)
    while True:
        time.sleep(0.5)
        queue.start_waiting_runs(RunStore())


def start_server(visitors: list[Visitor]) -> tuple["subprocess.Popen[str]", list[str]]:
    """A server, and the ids of the runs that it queued, one for each visitor."""
    command = [sys.executable, "-m", "benchmarks.kills", "--serve", "--visitors", str(len(visitors))]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    return server, [server.stdout.readline().strip() for _ in visitors]


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


def measure_whole_run() -> tuple[float, tuple[str, list[list[float]], str]]:
    """The seconds and the results of a run that is not interrupted."""
    store, dataset, begin = RunStore(), SampleDataset(), time.monotonic()
    entry = resume_until_finished(store, queue.queue_run(store, KILLED_RUN_CONFIG, dataset), dataset)
    duration, results = time.monotonic() - begin, comparable_results(store, entry)
    n_images = len(dataset.split("train"))
    print(f"not interrupted: {duration:.1f} s, {KILLED_RUN_CONFIG.epochs} epochs of {n_images:,} images")
    queue.delete_run(store, entry)
    return duration, results


def kill(victim: str, server: "subprocess.Popen[str]", visitors: list[Visitor]) -> int:
    """Kill the worker, the server or both; the number of epochs that the run in training had reported."""
    if victim != "worker":
        server.kill()
    for visitor in visitors:
        with acting_as(visitor):
            for entry in RunStore().own_entries():
                if queue.has_process(entry):
                    if victim != "server":
                        kill_run_process(RunStore(), entry)
                    return len(queue.run_progress(entry).epochs)
    return 0


def main() -> None:
    """Print one line a kill and the count of runs that came out equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--visitors", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    visitors = list_visitors(arguments.visitors)
    if arguments.serve:
        run_server(visitors)
    rng, n_equal, n_own = random.Random(arguments.seed), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FASHION_HOME"] = folder
        duration, whole = measure_whole_run()
        for number in range(1, arguments.kills + 1):
            server, run_ids = start_server(visitors)
            wait, victim = rng.uniform(0, duration * len(visitors)), rng.choice(["worker", "server", "both"])
            time.sleep(wait)
            n_epochs, equal = kill(victim, server, visitors), []
            for visitor, run_id in zip(visitors, run_ids, strict=True):
                with acting_as(visitor):
                    store = RunStore()
                    n_own += [entry.id for entry in store.own_entries()] == [run_id]
                    entry = resume_until_finished(store, store.get(run_id), SampleDataset())
                    equal.append(comparable_results(store, entry) == whole)
                    queue.delete_run(store, entry)
            n_equal += sum(equal)
            server.kill()
            server.communicate()
            print(f"{number:>3}: {victim} killed after {wait:.1f} s and {n_epochs} epochs; equal: {equal}", flush=True)
    n_runs = arguments.kills * len(visitors)
    print(f"{n_equal} of {n_runs} runs equal; {n_own} of {n_runs} are their visitor's only run")


if __name__ == "__main__":
    main()
