"""What a run costs in computing, measured on this machine."""

import platform
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from fashion_core.analysis import network_summary
from fashion_core.computed.computation import Computation, ProgressCallback
from fashion_core.data import Dataset
from fashion_core.jobs.process import count_cores
from fashion_core.models.inference import split_into_batches
from fashion_core.models.inputs import multiply_adds_per_picture, predict_pictures, read_test_inputs
from fashion_core.models.registry import get_model_spec
from fashion_core.runs.store import RunStore

N_LATENCY_IMAGES = 41  # images predicted one at a time
N_THROUGHPUT_IMAGES = 500  # images predicted in batches
N_THROUGHPUT_PICTURES = 40  # by a model that takes pictures in colour
THROUGHPUT_ROUNDS = 3


@dataclass(frozen=True)
class SpeedMeasurement(Computation):
    """How fast the run ``run_id`` with these ``weights`` predicts on ``machine``, on one thread.

    Arrays, each of one value: ``seconds`` float64 for one image, the median of ``N_LATENCY_IMAGES``; ``per_second``
    float64 images, the median of ``THROUGHPUT_ROUNDS`` over ``N_THROUGHPUT_IMAGES`` images; ``multiply_adds`` int64 for
    one image, the mean over the sample.
    """

    weights: str  # as ``hash_weights`` returns them
    run_id: str
    machine: str  # as ``processor_and_usable_cores`` returns it

    kind: ClassVar[str] = "speed"
    arrays: ClassVar[tuple[str, ...]] = ("seconds", "per_second", "multiply_adds")

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        from threadpoolctl import threadpool_limits

        store = RunStore()
        run = store.get_with_weights(self.run_id, self.weights)
        assert run.record is not None
        classifier, takes_images = store.load_classifier(run), get_model_spec(run.record.model).inputs == "images"
        n = N_THROUGHPUT_IMAGES if takes_images else N_THROUGHPUT_PICTURES
        views, pictures = read_test_inputs(dataset, n)
        report(0.1, "timing one picture at a time")
        with threadpool_limits(1):
            seconds = network_summary.measure_seconds_per_image(
                lambda i: predict_pictures(classifier, views[i : i + 1], pictures[i : i + 1]),
                len(views),
                N_LATENCY_IMAGES,
            )
            per_second = []
            for number in range(THROUGHPUT_ROUNDS):
                report(0.4 + 0.2 * number, "timing many pictures at once")
                start = time.perf_counter()
                for rows in split_into_batches(np.arange(len(views))):  # a batch is computed on one thread
                    predict_pictures(classifier, views[rows], [pictures[row] for row in rows])
                per_second.append(len(views) / (time.perf_counter() - start))
        return {
            "seconds": np.array(seconds),
            "per_second": np.array(statistics.median(per_second)),
            "multiply_adds": np.array(multiply_adds_per_picture(classifier, views, pictures)),
        }


def processor_and_usable_cores() -> str:
    """This machine in words: its processor and how many cores the program may use."""
    return f"{_processor()}, {count_cores()} cores"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()
