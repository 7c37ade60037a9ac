"""Tables of both runs' metrics, by class and overall, and tests of their differences."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis.compare import (
    COMPARED_METRICS,
    INTERVAL_CONFIDENCE_LEVEL,
    find_most_frequent_wrong_class_by_class,
    holm_corrected_mcnemar_by_class,
)
from fashion_core.wording.comparison import (
    describe_significance,
    describe_significant_classes,
    format_percent_interval,
)
from fashion_core.wording.text import escape_markdown
from ui import shell
from ui.compare import missing_classes
from ui.compare.comparison import RunComparison
from ui.csv_download import csv_button

METRIC_TITLES = {
    "accuracy": "Accuracy",
    "macro_precision": "Macro precision",
    "macro_recall": "Macro recall",
    "macro_f1": "Macro F1",
}
PERCENT_COLUMN = st.column_config.NumberColumn(format="%.1f")
OTHER_COLUMNS = {
    "Class": st.column_config.TextColumn(pinned=True),
    "p, Holm": st.column_config.NumberColumn(format="%.3g"),
    "Garments": st.column_config.NumberColumn(format="localized"),
}


def show_metrics_by_class(comparison: RunComparison) -> None:
    """Precision, recall and F1 of both runs by class."""
    a, b, classes = comparison.a.metrics, comparison.b.metrics, comparison.classes
    tests = holm_corrected_mcnemar_by_class(
        comparison.labels,
        comparison.a.predictions.is_correct,
        comparison.b.predictions.is_correct,
        comparison.a.predictions.n_classes,
    )
    percents = {
        "Recall": _percent_columns("recall", a.recall, b.recall),
        "Precision": _percent_columns("precision", a.precision, b.precision),
        "F1": _percent_columns("F1", a.f1, b.f1),
    }
    all_percents = percents["Recall"] | percents["Precision"] | percents["F1"]
    frame = pd.DataFrame(
        {
            "Class": classes.names,
            "p, Holm": [test.adjusted_p_value for test in tests],
            "Fixed by B": [test.n_fixed for test in tests],
            "New mistakes of B": [test.n_new_mistakes for test in tests],
            **all_percents,
            "A's main mistake": [classes[c].short_name for c in find_most_frequent_wrong_class_by_class(a)],
            "B's main mistake": [classes[c].short_name for c in find_most_frequent_wrong_class_by_class(b)],
            "Garments": a.support,
        }
    )
    if not comparison.is_same_run:
        significant = [classes[c].name for c, test in enumerate(tests) if test.is_significant]
        shell.show_finding(describe_significant_classes(significant, len(classes)))
    for compared in comparison.runs:
        for sentence in missing_classes.explain_never_predicted_classes(compared):
            st.markdown(escape_markdown(sentence))
    metric = st.segmented_control(
        "Metric", list(percents), default="Recall", required=True, label_visibility="collapsed"
    )
    shown = [str(name) for name in frame if name not in all_percents or name in percents[metric]]  # these fit a laptop
    columns = dict.fromkeys(all_percents, PERCENT_COLUMN) | OTHER_COLUMNS
    st.dataframe(frame, hide_index=True, placeholder=shell.MISSING_VALUE, column_config=columns, column_order=shown)
    csv_button(lambda: frame, f"{comparison.a.run.id}-{comparison.b.run.id}.csv")
    shell.show_provenance(
        "Percent of the test images of each class",
        f"p of McNemar's exact test, Holm's correction over {len(classes)} classes",
    )


def _percent_columns(metric: str, a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    """A's and B's values and their difference, in percent; ``a`` and ``b`` float64 [classes], 0 to 1."""
    return {f"A {metric}": 100 * a, f"B {metric}": 100 * b, f"B − A {metric}": 100 * (b - a)}


def show_significance(comparison: RunComparison) -> None:
    """Intervals of both runs' metrics and of their differences, and McNemar's test."""
    bootstrap = comparison.paired_bootstrap_intervals
    intervals = {"A": bootstrap.a, "B": bootstrap.b, "B − A": bootstrap.difference}
    frame = pd.DataFrame(
        {"Metric": [METRIC_TITLES[name] for name in COMPARED_METRICS]}
        | {
            title: [format_percent_interval(by_metric[name]) for name in COMPARED_METRICS]
            for title, by_metric in intervals.items()
        }
    )
    st.dataframe(frame, hide_index=True)
    st.markdown(escape_markdown(describe_significance(comparison.mcnemar_accuracy_test)))
    csv_button(lambda: frame, "intervals.csv")
    shell.show_provenance(
        f"Percent, {INTERVAL_CONFIDENCE_LEVEL:.0%} intervals of a paired bootstrap: "
        f"{bootstrap.n_resamples:,} resamples of n = {bootstrap.n_images:,} test images, seed {bootstrap.seed}"
    )
