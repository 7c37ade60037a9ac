"""What a run costs in computing: measured on this machine, and counted."""

import platform
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from fashion_core.analysis import network_summary
from fashion_core.computed.computation import Computation, ProgressCallback
from fashion_core.data import Dataset
from fashion_core.errors import RunError
from fashion_core.models.base import Classifier, TorchClassifier
from fashion_core.models.kmeans import KMeansClassifier
from fashion_core.runs import process
from fashion_core.runs.store import RunEntry, RunStore, hash_weights

LATENCY_REPEATS = 41  # pictures answered one at a time
THROUGHPUT_SAMPLE = 500  # pictures answered at once
THROUGHPUT_ROUNDS = 3


@dataclass(frozen=True)
class SpeedMeasurement(Computation):
    """How fast the run ``run_id`` with these ``weights`` answers on ``machine``, on one thread.

    Arrays, each of one value: ``seconds`` float64 for one picture, the median of ``REPEATS``; ``per_second`` float64
    pictures, the median of ``ROUNDS`` of ``SAMPLE`` at once; ``multiply_adds`` int64 for one picture, the
    mean over the sample.
    """

    weights: str  # as ``weights_digest`` names them
    run_id: str
    machine: str  # as ``machine`` names this one

    kind: ClassVar[str] = "speed"
    arrays: ClassVar[tuple[str, ...]] = ("seconds", "per_second", "multiply_adds")

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        store = RunStore()
        run = store.get(self.run_id)
        if hash_weights(run.path) != self.weights:
            raise RunError(f"The run {self.run_id} was replaced after this was started. Start it again.")
        classifier, images = store.load_classifier(run), dataset.split("test").images[:THROUGHPUT_SAMPLE]
        report(0.1, "timing one picture at a time")
        with _one_thread():
            seconds = network_summary.measure_latency(classifier, images, LATENCY_REPEATS)
            per_second = []
            for number in range(THROUGHPUT_ROUNDS):
                report(0.4 + 0.2 * number, "timing many pictures at once")
                start = time.perf_counter()
                classifier.predict_proba(images)
                per_second.append(len(images) / (time.perf_counter() - start))
        return {
            "seconds": np.array(seconds),
            "per_second": np.array(statistics.median(per_second)),
            "multiply_adds": np.array(count_multiply_adds(classifier, images)),
        }


@contextmanager
def _one_thread() -> Iterator[None]:
    import torch
    from threadpoolctl import threadpool_limits

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(threads)


def speed_measurement(run: RunEntry) -> SpeedMeasurement:
    """The measurement of a run as it is now on this machine; raises ``RunError`` when its weights cannot be read."""
    return SpeedMeasurement(hash_weights(run.path), run.id, machine_name())


def machine_name() -> str:
    """This machine in words: its processor and how many cores the program may use."""
    return f"{_processor()}, {process.count_cores()} cores"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def count_multiply_adds(classifier: Classifier, images: np.ndarray) -> int:
    """Multiplications, each with an addition, for the answer to one picture, the mean over ``images`` uint8
    [n, 28, 28], some of which may leave early or be looked at again: what it costs in energy on any machine grows with
    it."""
    if isinstance(classifier, TorchClassifier):
        whole = sum(layer.multiply_adds for layer in network_summary.summarise_layers(classifier))
        left, again = (float(which.mean()) for which in classifier.count_views(images))
        if classifier.exit is None:
            return round(whole * (1 + again))
        until = sum(layer.multiply_adds for layer in network_summary.summarise_layers(classifier, until_exit=True))
        leaving = classifier.exit.classify.weight.numel()
        return round(whole * (1 - left + again) + until * left + leaving * (1 + again))
    if isinstance(classifier, KMeansClassifier):
        return classifier.centroids.size  # the distance to each centroid
    raise TypeError(f"the multiply-adds of {type(classifier).__name__} are not known")


def pareto_front(cost: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Which of float64 [n] pairs no other one beats: none is as good in both and better in one; bool [n]."""
    as_good = (cost[:, None] <= cost) & (error[:, None] <= error)
    better = (cost[:, None] < cost) | (error[:, None] < error)
    return np.asarray(~(as_good & better).any(axis=0))
