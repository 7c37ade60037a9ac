"""Which runs point to label errors together."""

import numpy as np

from fashion_core.analysis.label_errors import find_suspected_label_errors
from fashion_core.analysis.predictions import Predictions
from fashion_core.errors import RunError
from fashion_core.runs.label_errors import MAX_AVERAGED_RUNS, find_label_errors_of_runs
from fashion_core.runs.store import RunEntry, RunStore

STORE = RunStore()


def test_the_most_accurate_runs_are_averaged() -> None:
    runs = [run for run in STORE.entries() if run.record and run.record.model != "kmeans"]
    best = sorted(runs, key=lambda run: -run.record.metrics["accuracy"])[:MAX_AVERAGED_RUNS]  # type: ignore[union-attr]
    assert len(best) < len(runs)
    found = find_label_errors_of_runs(STORE.entries(), STORE.load_predictions)
    assert found is not None
    assert list(found.run_ids) == [run.id for run in best]
    predictions = [STORE.load_predictions(run) for run in best]
    mean = np.mean([p.probabilities for p in predictions], axis=0)
    expected = find_suspected_label_errors(predictions[0].labels, mean)
    np.testing.assert_array_equal(found.errors.indices, expected.indices)


def test_a_run_that_can_not_be_read_is_named_and_another_takes_its_place() -> None:
    def load(run: RunEntry) -> Predictions:
        if run.id == "improved_cnn":
            raise RunError("It is damaged.")
        return STORE.load_predictions(run)

    found = find_label_errors_of_runs(STORE.entries(), load)
    assert found is not None
    assert found.unreadable_run_ids == ("improved_cnn",)
    assert len(found.run_ids) == MAX_AVERAGED_RUNS
    assert "improved_cnn" not in found.run_ids


def test_a_run_with_other_labels_is_left_out() -> None:
    def load(run: RunEntry) -> Predictions:
        predictions = STORE.load_predictions(run)
        return predictions.select(np.arange(100)) if run.id == "cnn" else predictions

    found = find_label_errors_of_runs(STORE.entries(), load)
    assert found is not None
    assert found.unreadable_run_ids == ("cnn",)
    assert len(found.labels) == 10_000


def test_kmeans_has_no_probabilities_to_doubt_labels_with() -> None:
    assert find_label_errors_of_runs([STORE.get("kmeans")], STORE.load_predictions) is None
    assert find_label_errors_of_runs([], STORE.load_predictions) is None
