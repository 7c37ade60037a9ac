"""Every run in one table, with intervals."""

import numpy as np

from fashion_core.analysis.compare import N_BOOTSTRAP_RESAMPLES, mcnemar_test, paired_bootstrap
from fashion_core.report.content import BarChart, ChartSeries, ReportSection, ReportTable
from fashion_core.report.inputs import (
    WILSON_INTERVAL_NOTE,
    ReportInputs,
    RunResult,
    find_most_accurate_result,
    format_provenance,
)
from fashion_core.wording.comparison import describe_comparison
from fashion_core.wording.numbers import format_duration, format_p_value, format_percent, format_percent_with_interval
from fashion_core.wording.runs import describe_best_run


def build_results_section(inputs: ReportInputs) -> ReportSection:
    """The scores of all runs with intervals, and whether the best differs from the next by more than chance."""
    results = inputs.results
    with_poster = not (inputs.is_sample_data or inputs.is_catalogue)
    poster_note = ["poster: precision / recall in percent"] if with_poster else []
    bootstrap = f"95% intervals of precision and recall: bootstrap of the images, {N_BOOTSTRAP_RESAMPLES:,} resamples"
    table = ReportTable(
        "Every run in cross-validation" if inputs.data.n_folds else "Every run on the test split",
        "Precision, recall and accuracy of every run",
        format_provenance(
            results, *poster_note, f"precision and recall: means over the {inputs.classes.count_word} classes",
            bootstrap,
            "of accuracy: Wilson, 95%",
        ),
        ("Method", *(["Poster P / R"] if with_poster else []), "Precision", "Recall", "Accuracy", "Parameters",
         "Trained in"),
        tuple(_table_row(result, with_poster=with_poster) for result in results),
    )  # fmt: skip
    low, high = np.transpose([result.summary.accuracy_interval for result in results])
    accuracy = np.array([result.summary.metrics.accuracy for result in results])
    chart = BarChart(
        "Accuracy of every run",
        "; ".join(f"{result.title} {result.accuracy_with_interval_text}" for result in results),
        format_provenance(results, WILSON_INTERVAL_NOTE),
        tuple(result.title for result in results),
        (ChartSeries("Accuracy", accuracy, low, high),),
        "Accuracy",
    )
    best = find_most_accurate_result(results)
    correct = format_percent(best.summary.metrics.accuracy)
    headline = f"{best.title} is the best: {correct} are correct"
    if len(results) == 1:
        headline = f"{correct} of the predictions of {best.title} are correct"
    return ReportSection("results", headline, *_compare_best(inputs), (table, chart))


def _compare_best(inputs: ReportInputs) -> tuple[str, str]:
    """The best run against the next best in a sentence, and its source."""
    best, *others = sorted(inputs.results, key=lambda result: result.summary.metrics.accuracy, reverse=True)
    if not others:
        return describe_best_run(best.summary, best.title), f"{best.provenance}; {WILSON_INTERVAL_NOTE}"
    next_best, labels = others[0], inputs.test_labels
    bootstrap = paired_bootstrap(
        labels, next_best.predicted_classes, best.predicted_classes, n_classes=len(inputs.data.classes)
    )
    test = mcnemar_test(next_best.predicted_classes == labels, best.predicted_classes == labels)
    source = format_provenance(
        [next_best, best],
        f"interval: paired bootstrap, {bootstrap.n_resamples:,} resamples; McNemar's exact test, "
        f"{format_p_value(test.p_value)}",
    )
    return describe_comparison(next_best.title, best.title, bootstrap, test), source


def _table_row(result: RunResult, *, with_poster: bool) -> tuple[str, ...]:
    summary = result.summary
    poster = " / ".join(map(str, summary.poster_figures)) or "–"
    means = [result.intervals[name] for name in ("macro_precision", "macro_recall")]
    return (
        result.title,
        *([poster] if with_poster else []),
        *(format_percent_with_interval(mean.estimate, mean.low, mean.high) for mean in means),
        result.accuracy_with_interval_text,
        f"{summary.n_parameters:,}",
        format_duration(summary.training_seconds),
    )
