"""The shipped runs in one table beside the poster's figures, and what they show in words."""

from dataclasses import dataclass

from fashion_core.analysis import metrics
from fashion_core.data.classes import CLASS_NAMES
from fashion_core.data.poster import POSTER_PRECISION_RECALL
from fashion_core.runs.store import RunEntry, RunStore

SHIPPED_RUN_IDS = ("kmeans", "mlp", "cnn", "improved_cnn")
POSTER_RUN_IDS = ("mlp-poster", "cnn-poster")


@dataclass(frozen=True)
class RunSummary:
    """One method. Shares are 0 to 1; ``interval`` is the accuracy's Wilson 95% interval; ``seconds`` of training."""

    run: RunEntry
    method: str
    poster_figures: tuple[int, int]
    metrics: metrics.ClassificationMetrics
    accuracy_interval: tuple[float, float]
    n_parameters: int
    training_seconds: float


def summarize_runs(store: RunStore, run_ids: tuple[str, ...] = SHIPPED_RUN_IDS) -> list[RunSummary]:
    """The table's rows, from the runs' stored predictions; raises ``RunError`` when one cannot be read."""
    found = []
    for run_id in run_ids:
        entry = store.get(run_id)
        predictions = store.load_predictions(entry)
        record = entry.record
        assert record is not None
        scored = metrics.classification_metrics(predictions.labels, predictions.probabilities.argmax(axis=1))
        found.append(
            RunSummary(
                run=entry,
                method=record.title,
                poster_figures=POSTER_PRECISION_RECALL[record.model],
                metrics=scored,
                accuracy_interval=metrics.wilson_interval(round(scored.accuracy * scored.n_images), scored.n_images),
                n_parameters=record.n_parameters,
                training_seconds=record.seconds,
            )
        )
    return found


def describe_best_run(best: RunSummary, title: str = "") -> str:
    """What the best run does, for people; ``title`` where it is not shown by its own."""
    low, high = best.accuracy_interval
    return (
        f"The {title or best.method} sorts {100 * best.metrics.accuracy:.0f} of 100 garments right "
        f"({best.metrics.accuracy:.1%}, 95% interval {low:.1%} to {high:.1%})."
    )


def describe_hardest_class(scores: metrics.ClassificationMetrics) -> str:
    """The class with the least recall and what it is mostly taken for."""
    worst = int(scores.recall.argmin())
    mistakes = scores.confusion[worst].copy()
    mistakes[worst] = 0
    text = f"{CLASS_NAMES[worst]} is the hardest class: recall {scores.recall[worst]:.1%}"
    return f"{text}, mostly taken for {CLASS_NAMES[int(mistakes.argmax())]}." if mistakes.any() else f"{text}."


def describe_never_predicted(scores: metrics.ClassificationMetrics) -> str:
    """Which classes are never predicted."""
    names = [CLASS_NAMES[c] for c in scores.never_predicted]
    if not names:
        return "predicts every class"
    return f"never predicts {names[0] if len(names) == 1 else ', '.join(names[:-1]) + ' and ' + names[-1]}"
