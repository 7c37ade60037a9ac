"""The training curves of the best network."""

import pandas as pd

from fashion_core.report.content import Lines, Section, Series, one_line
from fashion_core.report.evidence import Evidence, Result
from fashion_core.report.sections import LeftOut
from fashion_core.runs import summary


def section(evidence: Evidence) -> Section:
    """Accuracy on train and validation by epoch; the epoch that is kept."""
    networks = evidence.networks or evidence.faulty
    if not networks:
        raise LeftOut("no network is among the chosen runs.")
    best = max(networks, key=lambda result: result.row.scored.accuracy)
    history = evidence.store.history(best.run)
    if history.empty:
        raise LeftOut(f"the run {best.run.id} has no epochs.")
    return Section("training", "How the best run was trained", _finding(best), _source(best), (_curves(best, history),))


def _finding(best: Result) -> str:
    record = best.record
    return (
        f"{best.title} learnt for {record.config.epochs:,} epochs in {summary.duration(record.seconds)} on "
        f"{one_line(record.hardware)}; kept is epoch {record.best_epoch}, the best on validation."
    )


def _source(best: Result) -> str:
    data = best.record.data
    return (
        f"{best.source}; curves: train n = {data.n_train:,} (augmented as learnt), validation n = {data.n_validation:,}"
    )


def _curves(best: Result, history: pd.DataFrame) -> Lines:
    last = history.iloc[-1]
    return Lines(
        f"Accuracy of {best.title} as it learnt",
        f"After the last epoch {last.train_accuracy:.1%} on train and {last.val_accuracy:.1%} on validation",
        _source(best),
        history["epoch"].to_numpy(float),
        tuple(
            Series(name, history[column].to_numpy(float))
            for name, column in (("Train", "train_accuracy"), ("Validation", "val_accuracy"))
        ),
        "Epoch",
        "Accuracy",
        float(best.record.best_epoch) or None,
        "kept",
    )
