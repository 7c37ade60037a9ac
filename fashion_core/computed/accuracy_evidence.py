"""How far the accuracy of the improved CNN can be trusted: other seeds, near duplicates, calibration.

The figures of the seeds are stored, because each takes most of an hour to train. For maintainers: train the seeds with
``python -m fashion_core train improved_cnn --preset best --seeds 5``, then store their figures with
``python -m fashion_core.computed.build --only seeds``. ``recognition.train --improved-cnn`` does that too.
"""

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fashion_core.analysis import calibration, metrics
from fashion_core.analysis.predictions import Predictions
from fashion_core.computed import validation
from fashion_core.computed.duplicates import NEAR_DUPLICATE_MAX_RMS_DIFFERENCE, NearestTrainImages
from fashion_core.computed.store import SHIPPED_FOLDER, load_shipped_result
from fashion_core.errors import RunError
from fashion_core.runs.record import RunRecord
from fashion_core.runs.repeats import group_repeated_runs
from fashion_core.runs.store import RunStore
from fashion_core.storage.files import write_atomically

IMPROVED_CNN_RUN_ID = "improved_cnn"
SEEDS_FILE = SHIPPED_FOLDER / "seeds.json"


@dataclass(frozen=True)
class ImagesEvidence:
    """Of ``n`` test images: how many are right, and the expected calibration error, 0 to 1, of the probabilities as
    they are and with the temperature that was fitted on validation."""

    n: int
    n_correct: int
    calibration_error: float
    calibration_error_with_temperature: float

    @property
    def accuracy(self) -> float:
        """From 0 to 1."""
        return self.n_correct / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson."""
        return metrics.wilson_interval(self.n_correct, self.n)


@dataclass(frozen=True)
class SeedResult:
    """A run of the shipped run's settings on another seed: ``accuracy`` on test, 0 to 1, after the last epoch."""

    seed: int
    accuracy: float
    seconds: float


@dataclass(frozen=True)
class AccuracyEvidence:
    """Of the shipped improved CNN: its record, all test images, those without a near duplicate among the training
    images, and the seeds."""

    record: RunRecord
    all_images: ImagesEvidence
    distinct_images: ImagesEvidence
    seeds: tuple[SeedResult, ...]

    @property
    def mean_and_deviation(self) -> tuple[float, float]:
        """Of the accuracy over the seeds, 0 to 1; standard deviation with n - 1."""
        accuracies = [each.accuracy for each in self.seeds]
        return float(np.mean(accuracies)), float(np.std(accuracies, ddof=1)) if len(accuracies) > 1 else 0.0


def load_accuracy_evidence(store: RunStore) -> AccuracyEvidence:
    """From the stored predictions; raises ``RunError`` if they can't be read."""
    run = store.get(IMPROVED_CNN_RUN_ID)
    test, on_validation = store.load_predictions(run), validation.load_validation_predictions(run)
    if run.record is None or on_validation is None:
        raise RunError(f"The run {IMPROVED_CNN_RUN_ID} is damaged, or its validation predictions are missing.")
    temperature = calibration.fit_temperature(on_validation.probabilities, on_validation.labels)
    distinct = load_shipped_result(NearestTrainImages())["distance"] >= NEAR_DUPLICATE_MAX_RMS_DIFFERENCE
    return AccuracyEvidence(
        run.record,
        _measure(test, np.ones_like(distinct), temperature),
        _measure(test, distinct, temperature),
        _load_seeds(SEEDS_FILE),
    )


def _measure(test: Predictions, images: np.ndarray, temperature: float) -> ImagesEvidence:
    """``images``: which of the test images count, bool [n]."""
    probabilities, labels = test.probabilities[images], test.labels[images]
    errors = [
        calibration.reliability_curve(each, labels).expected_calibration_error
        for each in (probabilities, calibration.apply_temperature(probabilities, temperature))
    ]
    return ImagesEvidence(len(labels), int((probabilities.argmax(axis=1) == labels).sum()), *errors)


def collect_seeds(records: Iterable[RunRecord], shipped: RunRecord) -> list[SeedResult]:
    """The results of ``shipped`` and of the finished runs that differ from it in nothing but the seed."""
    groups = group_repeated_runs([*records, shipped], min_seeds=1)
    (repeats,) = (group for group in groups if shipped in group.records)
    return [SeedResult(each.config.seed, each.metrics["accuracy"], each.seconds) for each in repeats.records]


def save_seed_results(store: RunStore, path: Path = SEEDS_FILE) -> None:
    """Store the figures of the shipped run, and of the runs in ``store`` that differ in nothing but the seed.

    Seeds that were stored with the same shipped run stay: they may have been trained on another machine.
    """
    shipped = RunStore().get(IMPROVED_CNN_RUN_ID).record
    assert shipped is not None
    records = (entry.record for entry in store.entries() if entry.origin == "mine" and entry.record is not None)
    found = collect_seeds(records, shipped)
    stored = _load_seeds(path)
    if any(each.seed == shipped.config.seed and each.seconds == shipped.seconds for each in stored):
        found += [each for each in stored if each.seed not in {other.seed for other in found}]
    seeds = [dataclasses.asdict(each) for each in sorted(found, key=lambda each: each.seed)]
    write_atomically(path, (json.dumps(seeds, indent=1) + "\n").encode())


def _load_seeds(path: Path) -> tuple[SeedResult, ...]:
    return tuple(SeedResult(**each) for each in json.loads(path.read_text(encoding="utf-8")))
