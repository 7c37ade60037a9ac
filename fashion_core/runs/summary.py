"""The test metrics of several runs, beside the poster's figures."""

from dataclasses import dataclass

from fashion_core.analysis.metrics import ClassificationMetrics, wilson_interval
from fashion_core.analysis.predictions import Predictions
from fashion_core.data.poster import POSTER_PRECISION_RECALL_PERCENT
from fashion_core.errors import RunError
from fashion_core.runs.store import RunEntry, RunStore

MAIN_RUN_IDS = ("kmeans", "mlp", "cnn", "improved_cnn")
POSTER_RUN_IDS = ("mlp-poster", "cnn-poster")
RECOGNITION_RUN_IDS = ("recognition-1", "recognition-2")  # whose predictions of pictures from outside are averaged


@dataclass(frozen=True)
class RunSummary:
    """One run. ``poster_figures``: the poster's precision and recall in percent, empty for a model that it does not
    have; ``accuracy_interval``: 95 % Wilson."""

    run: RunEntry
    method: str
    poster_figures: tuple[int, ...]
    metrics: ClassificationMetrics
    accuracy_interval: tuple[float, float]
    n_parameters: int
    training_seconds: float


def summarize_runs(store: RunStore, run_ids: tuple[str, ...] = MAIN_RUN_IDS) -> list[RunSummary]:
    """One summary a run, from its stored predictions; raises ``RunError`` if one cannot be read."""
    runs = [store.get(run_id) for run_id in run_ids]
    return [summarize_run(run, store.load_predictions(run)) for run in runs]


def require_test_pictures(run: RunEntry, n_test: int) -> None:
    """Raise ``RunError`` when there are no test pictures: nothing is known about the run then."""
    if not n_test:
        raise RunError(f"The run {run.id} has no test pictures. Split the data set again, then train.")


def summarize_run(run: RunEntry, predictions: Predictions) -> RunSummary:
    """The summary of a run with these test predictions; raises ``RunError`` if there are none."""
    require_test_pictures(run, len(predictions.labels))
    record = run.record
    assert record is not None
    return RunSummary(
        run=run,
        method=record.title,
        poster_figures=POSTER_PRECISION_RECALL_PERCENT.get(record.model, ()),
        metrics=predictions.metrics,
        accuracy_interval=wilson_interval(int(predictions.is_correct.sum()), len(predictions.labels)),
        n_parameters=record.n_parameters,
        training_seconds=record.seconds,
    )
