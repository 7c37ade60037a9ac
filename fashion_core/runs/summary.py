"""The shipped runs in one table beside the poster's figures, and what they show in words."""

from dataclasses import dataclass

from fashion_core.analysis import metrics
from fashion_core.data.labels import NAMES
from fashion_core.data.poster import REPORTED
from fashion_core.runs.store import RunEntry, RunStore

SHIPPED = ("kmeans", "mlp", "cnn", "improved_cnn")
POSTER_RUNS = ("mlp-poster", "cnn-poster")


@dataclass(frozen=True)
class Row:
    """One method. Shares are 0 to 1; ``interval`` is the accuracy's Wilson 95% interval; ``seconds`` of training."""

    run: RunEntry
    method: str
    poster: tuple[int, int]
    scored: metrics.Metrics
    interval: tuple[float, float]
    parameters: int
    seconds: float


def rows(store: RunStore, run_ids: tuple[str, ...] = SHIPPED) -> list[Row]:
    """The table's rows, from the runs' stored predictions; raises ``RunError`` when one cannot be read."""
    found = []
    for run_id in run_ids:
        entry = store.get(run_id)
        predictions = store.predictions(entry)
        record = entry.record
        assert record is not None
        scored = metrics.compute(predictions.labels, predictions.probabilities.argmax(axis=1))
        found.append(
            Row(
                run=entry,
                method=record.title,
                poster=REPORTED[record.model],
                scored=scored,
                interval=metrics.wilson(round(scored.accuracy * scored.n), scored.n),
                parameters=record.n_parameters,
                seconds=record.seconds,
            )
        )
    return found


def headline(best: Row, title: str = "") -> str:
    """What the best run does, for people; ``title`` where it is not shown by its own."""
    low, high = best.interval
    return (
        f"The {title or best.method} sorts {100 * best.scored.accuracy:.0f} of 100 garments right "
        f"({best.scored.accuracy:.1%}, 95% interval {low:.1%} to {high:.1%})."
    )


def hardest(scored: metrics.Metrics) -> str:
    """The class with the least recall and what it is mostly taken for."""
    worst = int(scored.recall.argmin())
    mistakes = scored.confusion[worst].copy()
    mistakes[worst] = 0
    text = f"{NAMES[worst]} is the hardest class: recall {scored.recall[worst]:.1%}"
    return f"{text}, mostly taken for {NAMES[int(mistakes.argmax())]}." if mistakes.any() else f"{text}."


def never(scored: metrics.Metrics) -> str:
    """Which classes are never predicted."""
    names = [NAMES[c] for c in scored.never_predicted]
    if not names:
        return "predicts every class"
    return f"never predicts {names[0] if len(names) == 1 else ', '.join(names[:-1]) + ' and ' + names[-1]}"


def duration(seconds: float) -> str:
    """``130`` -> ``2 min 10 s``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
