"""Suspected label errors among the test pictures of runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fashion_core.analysis.label_errors import SuspectedLabelErrors, find_suspected_label_errors
from fashion_core.analysis.predictions import Predictions
from fashion_core.errors import RunError
from fashion_core.models.registry import get_model_spec
from fashion_core.runs.store import RunEntry

MAX_AVERAGED_RUNS = 5


@dataclass(frozen=True)
class RunLabelErrors:
    """``errors`` among the test pictures, by the mean ``probabilities`` float [n, classes] of the runs ``run_ids``.

    ``labels`` uint8 [n] are the original ones. ``unreadable_run_ids``: runs whose predictions can't be read or, of an
    import, are about other labels.
    """

    errors: SuspectedLabelErrors
    probabilities: np.ndarray
    labels: np.ndarray
    run_ids: tuple[str, ...]
    unreadable_run_ids: tuple[str, ...]


def find_label_errors_of_runs(
    runs: Sequence[RunEntry], load: Callable[[RunEntry], Predictions]
) -> RunLabelErrors | None:
    """The label errors that the most accurate of ``runs``, all tested on the same pictures, point to together.

    ``load`` returns a run's predictions, or raises ``RunError``. Runs without probabilities, those of k-means, don't
    count; None when no other can be read.
    """
    scored = [run for run in runs if run.record is not None and run.has_predictions]
    counted = [run for run in scored if run.record and not get_model_spec(run.record.model).is_clustering]
    counted.sort(key=lambda run: -run.record.metrics["accuracy"] if run.record else 0.0)
    readable: dict[str, Predictions] = {}
    unreadable = []
    for run in counted:
        if len(readable) == MAX_AVERAGED_RUNS:
            break
        try:
            predictions = load(run)
        except RunError:
            unreadable.append(run.id)
            continue
        if all(np.array_equal(predictions.labels, other.labels) for other in readable.values()):
            readable[run.id] = predictions
        else:
            unreadable.append(run.id)
    if not readable:
        return None
    labels = next(iter(readable.values())).labels
    mean: np.ndarray = np.mean([predictions.probabilities for predictions in readable.values()], axis=0)
    errors = find_suspected_label_errors(labels, mean)
    return RunLabelErrors(errors, mean, labels, tuple(readable), tuple(unreadable))
