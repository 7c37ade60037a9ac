"""What a run's settings learn from a part of the pictures of the classes that have few."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fashion_core.analysis.metrics import classification_metrics
from fashion_core.analysis.suggestions import LearningCurvePoints, find_classes_with_few_pictures
from fashion_core.computed import store as results
from fashion_core.computed.computation import Computation, ProgressCallback
from fashion_core.data import Dataset
from fashion_core.data.thinned import ThinnedDataset
from fashion_core.errors import ConfigError
from fashion_core.models.inputs import predict_split
from fashion_core.runs.execute import load_start_weights
from fashion_core.runs.record import RunRecord
from fashion_core.runs.store import RunEntry, RunStore, hash_weights
from fashion_core.training.loop import create_trainer

FRACTIONS = (0.25, 0.5)


@dataclass(frozen=True)
class LearningCurve(Computation):
    """Arrays: ``n_train`` and ``n_wrong`` int64 [fractions, classes], as in ``LearningCurvePoints``.

    ``weights`` is the hash of the weights of the run ``run_id``, whose settings are trained.
    """

    weights: str
    run_id: str

    kind: ClassVar[str] = "learning-curve"
    arrays: ClassVar[tuple[str, ...]] = ("n_train", "n_wrong")
    shapes: ClassVar[Mapping[str, str]] = {"n_train": "k classes", "n_wrong": "k classes"}

    def compute(self, dataset: Dataset, report: ProgressCallback) -> dict[str, np.ndarray]:
        store = RunStore()
        record = store.get_with_weights(self.run_id, self.weights).record
        if record is None:
            raise ConfigError(f"The run {self.run_id} is damaged. Train it again.")
        return measure_learning_curve(store, record, dataset, report)


def measure_learning_curve(
    store: RunStore, record: RunRecord, dataset: Dataset, report: ProgressCallback
) -> dict[str, np.ndarray]:
    """Train the settings of a run on ``FRACTIONS`` of the classes with few pictures; the arrays of ``LearningCurve``.

    Raises ``ConfigError`` where no class has few pictures, or the run can't be trained that way.
    """
    few = find_classes_with_few_pictures(count_training_pictures(dataset))
    if problem := explain_no_learning_curve(dataset):
        raise ConfigError(problem)
    config, points = record.config, []
    start = load_start_weights(store, config.start_from, dataset) if config.start_from else None
    labels = dataset.split("validation").labels
    for number, fraction in enumerate(FRACTIONS):
        step = f"training on {fraction:.0%} of the pictures of the classes with few"

        def report_step(done: int, n: int, number: int = number, step: str = step) -> None:
            report((number + done / max(n, 1)) / len(FRACTIONS), step)

        thinned = ThinnedDataset(dataset, few.tolist(), fraction, config.seed)
        trainer = create_trainer(config, thinned, start=start, on_step=report_step)
        for _ in trainer.train_epochs():
            pass
        predicted = predict_split(trainer.classifier, dataset, "validation").argmax(axis=1)
        confusion = classification_metrics(labels, predicted, len(dataset.classes)).confusion
        points.append((count_training_pictures(thinned), confusion.sum(axis=1) - np.diag(confusion)))
    return {"n_train": np.array([n for n, _ in points]), "n_wrong": np.array([wrong for _, wrong in points])}


def explain_no_learning_curve(dataset: Dataset) -> str:
    """Why no learning curve can be measured on ``dataset``; empty where one can."""
    if dataset.fold_numbers or not dataset.split_sizes["validation"]:
        return f"{dataset.title} has too few pictures to measure a learning curve. Add pictures."
    if not len(find_classes_with_few_pictures(count_training_pictures(dataset))):
        return f"No class of {dataset.title} has few training pictures, so there is no learning curve to measure."
    return ""


def count_training_pictures(dataset: Dataset) -> np.ndarray:
    """Pictures of each class in the train split, int64 [classes]."""
    labels = dataset.published_labels("train")[dataset.train_indices]
    return np.bincount(labels, minlength=len(dataset.classes))


def learning_curve_computation(run: RunEntry) -> LearningCurve:
    """The computation for a run's current weights; raises ``RunError`` when they cannot be read."""
    return LearningCurve(hash_weights(run.path), run.id)


def load_learning_curve(run: RunEntry, dataset: Dataset) -> LearningCurvePoints | None:
    """The run's curve if it was measured; raises ``DamagedResultError`` for a damaged result."""
    arrays = results.load_result(learning_curve_computation(run), dataset.fingerprint)
    return None if arrays is None else LearningCurvePoints(arrays["n_train"], arrays["n_wrong"])
