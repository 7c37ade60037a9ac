"""The training curves of the best network."""

import pandas as pd

from fashion_core.report.content import ChartSeries, LineChart, ReportSection
from fashion_core.report.inputs import ReportInputs, RunResult
from fashion_core.report.sections import SectionUnavailable
from fashion_core.wording.numbers import format_duration
from fashion_core.wording.text import to_single_line


def build_training_section(evidence: ReportInputs) -> ReportSection:
    """Accuracy on train and validation by epoch; the epoch that is kept."""
    networks = evidence.network_results or evidence.relu_output_results
    if not networks:
        raise SectionUnavailable("no network is among the chosen runs.")
    best = max(networks, key=lambda result: result.summary.metrics.accuracy)
    history = evidence.store.load_history(best.run)
    if history.empty:
        raise SectionUnavailable(f"the run {best.run.id} has no epochs.")
    return ReportSection(
        "training", "How the best run was trained", _finding(best), _source(best), (_curves(best, history),)
    )


def _finding(best: RunResult) -> str:
    record = best.record
    return (
        f"{best.title} learnt for {record.config.epochs:,} epochs in {format_duration(record.seconds)} on "
        f"{to_single_line(record.hardware)}; kept is epoch {record.best_epoch}, the best on validation."
    )


def _source(best: RunResult) -> str:
    data = best.record.data
    return f"{best.provenance}; curves: train n = {data.n_train:,} (augmented as learnt), validation n = {data.n_validation:,}"


def _curves(best: RunResult, history: pd.DataFrame) -> LineChart:
    last = history.iloc[-1]
    return LineChart(
        f"Accuracy of {best.title} as it learnt",
        f"After the last epoch {last.train_accuracy:.1%} on train and {last.val_accuracy:.1%} on validation",
        _source(best),
        history["epoch"].to_numpy(float),
        tuple(
            ChartSeries(name, history[column].to_numpy(float))
            for name, column in (("Train", "train_accuracy"), ("Validation", "val_accuracy"))
        ),
        "Epoch",
        "Accuracy",
        float(best.record.best_epoch) or None,
        "kept",
    )
