"""Every run in one table, with intervals."""

import numpy as np

from fashion_core.analysis import compare
from fashion_core.report.content import BarChart, ChartSeries, ReportSection, ReportTable
from fashion_core.report.inputs import WILSON_INTERVAL_NOTE, ReportInputs, RunResult, format_provenance
from fashion_core.wording.comparison import describe_comparison
from fashion_core.wording.numbers import format_duration, format_p_value, format_percent_with_interval
from fashion_core.wording.runs import describe_best_run


def build_results_section(evidence: ReportInputs) -> ReportSection:
    """The table of all runs, their accuracy with intervals, and whether the best is better by more than chance."""
    results = evidence.results
    bootstrap = f"95% intervals of precision and recall: bootstrap of the images, {compare.N_RESAMPLES:,} resamples"
    table = ReportTable(
        "Every run on the test split",
        "Precision, recall and accuracy of every run",
        format_provenance(
            results, "precision and recall: means over the ten classes", bootstrap, "of accuracy: Wilson, 95%"
        ),
        _head(evidence),
        tuple(_line(result, poster=not evidence.is_sample_data) for result in results),
    )
    low, high = (np.array([result.summary.accuracy_interval[i] for result in results]) for i in (0, 1))
    bars = BarChart(
        "Accuracy of every run",
        "; ".join(f"{result.title} {_accuracy(result)}" for result in results),
        format_provenance(results, WILSON_INTERVAL_NOTE),
        tuple(result.title for result in results),
        (ChartSeries("Accuracy", np.array([result.summary.metrics.accuracy for result in results]), low, high),),
        "Accuracy",
    )
    finding, told = _finding(evidence)
    return ReportSection("results", "How well each method does", finding, told, (table, bars))


def _finding(evidence: ReportInputs) -> tuple[str, str]:
    """The best against the runner-up, and the source of that."""
    ranked = sorted(evidence.results, key=lambda result: result.summary.metrics.accuracy, reverse=True)
    if len(ranked) == 1:
        only = ranked[0]
        return describe_best_run(only.summary, only.title), f"{only.provenance}; {WILSON_INTERVAL_NOTE}"
    best, second = ranked[:2]
    found = compare.paired_bootstrap(evidence.test_labels, second.predicted_classes, best.predicted_classes)
    test = compare.mcnemar_test(
        second.predicted_classes == evidence.test_labels, best.predicted_classes == evidence.test_labels
    )
    sentence = describe_comparison(second.title, best.title, found, test)
    told = f"interval: paired bootstrap, {found.n_resamples:,} resamples; McNemar's exact test, {format_p_value(test.p_value)}"
    return sentence, format_provenance([second, best], told)


def _head(evidence: ReportInputs) -> tuple[str, ...]:
    poster = () if evidence.is_sample_data else ("Poster P / R",)
    return ("Method", *poster, "Precision", "Recall", "Accuracy", "Parameters", "Trained in")


def _line(result: RunResult, *, poster: bool) -> tuple[str, ...]:
    row = result.summary
    figures = [result.intervals[name] for name in ("macro_precision", "macro_recall")]
    return (
        result.title,
        *([f"{row.poster_figures[0]} / {row.poster_figures[1]}"] if poster else []),
        *(format_percent_with_interval(figure.estimate, figure.low, figure.high) for figure in figures),
        _accuracy(result),
        f"{row.n_parameters:,}",
        format_duration(row.training_seconds),
    )


def _accuracy(result: RunResult) -> str:
    return format_percent_with_interval(result.summary.metrics.accuracy, *result.summary.accuracy_interval)
