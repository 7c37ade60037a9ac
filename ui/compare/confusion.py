"""The matrices of the Compare page, and the tables under them."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import compare
from fashion_core.data.classes import CLASS_NAMES, N_CLASSES, SHORT_CLASS_NAMES
from fashion_core.wording.comparison import describe_comparison
from fashion_core.wording.numbers import format_p_value
from fashion_core.wording.runs import describe_never_predicted, format_run_source
from ui import shell
from ui.compare import garments, missing_classes
from ui.compare.comparison import ComparedRun, RunComparison
from ui.compare.view import COMPARE_PAGE, cell_to_address
from ui.components.matrices import MatrixSelection, ShadedMatrix, confusion_matrices

MATRICES_KEY = "compare-matrices"
METRIC_TITLES = {
    "accuracy": "Accuracy",
    "macro_precision": "Macro precision",
    "macro_recall": "Macro recall",
    "macro_f1": "Macro F1",
}


def show_confusion_matrices(pair: RunComparison) -> None:
    """The matrices and the garments behind them; a click reruns this part of the page alone."""
    with shell.show_errors():
        view = COMPARE_PAGE.current_view()
        order = np.arange(N_CLASSES)
        if view.order == "By similarity":
            order = compare.order_classes_by_confusion(pair.a.metrics.confusion + pair.b.metrics.confusion)
        shown = [_matrix(s, view.cells) for s in pair.runs]
        if not pair.is_same_run:
            shown.append(_difference(pair, view.cells))
        confusion_matrices(
            shown, SHORT_CLASS_NAMES, order.tolist(), view.selected_cell, key=MATRICES_KEY, on_select=_take
        )
        shell.show_provenance(*comparison_provenance(pair))
        st.download_button(
            "Matrices as CSV", lambda: _csv(pair), f"{pair.a.run.id}-{pair.b.run.id}-matrices.csv", "text/csv",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        if view.selected_cell is None or (pair.is_same_run and view.selected_cell.name == "D"):
            st.caption("Choose a cell, or a class at the side or the top, to see its garments.")
            return
        groups = garments.garments_in_cell(pair, view.selected_cell)
        for i, (column, (what, found)) in enumerate(zip(st.columns(len(groups)), groups, strict=True)):
            with column:
                garments.show_garments(pair, pair.runs, what, found, f"compare-garments-{i}")


def _csv(pair: RunComparison) -> str:
    """Both confusion matrices as counts, a row a run and true class."""
    frames = [
        pd.DataFrame(s.metrics.confusion, columns=list(CLASS_NAMES)).assign(run=s.run.id, true=list(CLASS_NAMES))
        for s in pair.runs
    ]
    return pd.concat(frames)[["run", "true", *CLASS_NAMES]].to_csv(index=False)


def comparison_provenance(pair: RunComparison) -> list[str]:
    """Provenance of both runs, and of what is left out."""
    lines = [f"{s.letter}: {format_run_source(s.run)}" for s in pair.runs]
    return [*lines, f"{len(pair.labels):,} of them, {pair.n_excluded:,} left out"] if pair.n_excluded else lines


def _take(pick: MatrixSelection) -> None:
    COMPARE_PAGE.update(pick=cell_to_address(pick))


def _shown_cells(confusion: np.ndarray, cells: str) -> tuple[np.ndarray, np.ndarray]:
    """What the cells say, and each cell's share of its row, float64 [10, 10]."""
    shares = confusion / np.maximum(np.abs(confusion).sum(axis=1, keepdims=True), 1)
    if cells == "% of row":
        return 100 * shares, shares
    if cells == "% of column":
        return 100 * confusion / np.maximum(np.abs(confusion).sum(axis=0, keepdims=True), 1), shares
    return confusion.astype(np.float64), shares


def _matrix(side: ComparedRun, cells: str) -> ShadedMatrix:
    values, shares = _shown_cells(side.metrics.confusion, cells)
    texts = [[_text(value, cells) for value in row] for row in values]
    return ShadedMatrix(side.letter, f"{side.letter}: {side.run.title}", texts, np.sqrt(shares) * 0.95)


def _difference(pair: RunComparison, cells: str) -> ShadedMatrix:
    (a, _), (b, _) = (_shown_cells(s.metrics.confusion, cells) for s in pair.runs)
    change = b - a
    texts = [[_text(value, cells, signed=True) for value in row] for row in change]
    most = float(np.abs(change).max()) or 1.0
    return ShadedMatrix("D", "B − A", texts, np.sign(change) * np.sqrt(np.abs(change) / most) * 0.9, diverging=True)


def _text(value: float, cells: str, *, signed: bool = False) -> str:
    text = f"{value:{'+' if signed else ''}.1f}" if cells != "Counts" else f"{value:{'+' if signed else ''},.0f}"
    return "" if not text.strip("+-0.") else text.replace("-", "−")


def show_metrics_by_class(pair: RunComparison) -> None:
    """Precision, recall and F1 of both runs by class, sortable."""
    tests = compare.mcnemar_test_by_class(pair.labels, pair.a.correct, pair.b.correct)
    a, b = pair.a.metrics, pair.b.metrics
    frame = pd.DataFrame(
        {
            "Class": CLASS_NAMES,
            **_both("precision", a.precision, b.precision),
            **_both("recall", a.recall, b.recall),
            **_both("F1", a.f1, b.f1),
            "A takes it for": [SHORT_CLASS_NAMES[c] for c in compare.most_confused_classes(a)],
            "B takes it for": [SHORT_CLASS_NAMES[c] for c in compare.most_confused_classes(b)],
            "B mends": [test.n_fixed for test in tests],
            "B breaks": [test.n_new_mistakes for test in tests],
            "p, Holm": [test.adjusted_p_value for test in tests],
            "Garments": a.support,
        }
    )
    real = [CLASS_NAMES[c] for c, test in enumerate(tests) if test.adjusted_p_value < 1 - compare.CONFIDENCE_LEVEL]
    if not pair.is_same_run:
        shell.show_finding(f"The change is more than chance in {len(real)} of 10 classes: {', '.join(real) or 'none'}.")
    for s in pair.runs:
        for sentence in missing_classes.explain_missing_classes(s):
            st.markdown(shell.escape_markdown(sentence))
    percent = st.column_config.NumberColumn(format="%.1f")
    columns = {name: percent for name in frame.columns if "precision" in name or "recall" in name or "F1" in name} | {
        "Class": st.column_config.TextColumn(pinned=True),
        "p, Holm": st.column_config.NumberColumn(format="%.3g"),
    }
    st.dataframe(frame, hide_index=True, placeholder=shell.MISSING_VALUE, column_config=columns)
    st.download_button(
        "Table as CSV", lambda: frame.to_csv(index=False), f"{pair.a.run.id}-{pair.b.run.id}.csv", "text/csv",
        on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    shell.show_provenance(
        "Percent of the test images of each class",
        "p of McNemar's exact test, Holm's correction over 10",
        *comparison_provenance(pair),
    )


def _both(figure: str, a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of a figure in percent: A's, B's, and their difference; shares float64 [10] each."""
    return {f"A {figure}": 100 * a, f"B {figure}": 100 * b, f"B − A {figure}": 100 * (b - a)}


def show_significance(pair: RunComparison) -> None:
    """Intervals of both runs and of their difference, and the test."""
    found = pair.bootstrap

    def text(interval: compare.ConfidenceInterval) -> str:
        value, low, high = (
            f"{100 * v:.2f}".replace("-", "−") for v in (interval.estimate, interval.low, interval.high)
        )
        return f"{value} ({low} to {high})"

    frame = pd.DataFrame(
        {
            "Figure": [METRIC_TITLES[name] for name in compare.COMPARED_METRICS],
            "A": [text(found.a[name]) for name in compare.COMPARED_METRICS],
            "B": [text(found.b[name]) for name in compare.COMPARED_METRICS],
            "B − A": [text(found.difference[name]) for name in compare.COMPARED_METRICS],
        }
    )
    st.dataframe(frame, hide_index=True)
    test = pair.mcnemar
    st.markdown(
        f"McNemar's exact test: of {test.n_fixed + test.n_new_mistakes:,} garments that one run alone has right, B has "
        f"{test.n_fixed:,} and A {test.n_new_mistakes:,}; {format_p_value(test.p_value)}."
    )
    st.download_button(
        "Table as CSV", lambda: frame.to_csv(index=False), "intervals.csv", "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
    shell.show_provenance(
        f"Percent, {compare.CONFIDENCE_LEVEL:.0%} intervals of a paired bootstrap: {found.n_resamples:,} resamples of "
        f"n = {found.n_images:,} test images, seed {found.seed}"
    )


def comparison_finding(pair: RunComparison) -> str:
    """In a sentence: which is better, and whether that may be chance."""
    return describe_comparison(pair.a.run.title, pair.b.run.title, pair.bootstrap, pair.mcnemar)


def describe_run_metrics(s: ComparedRun) -> str:
    """A run's figures in a sentence."""
    return f"{s.letter}: {s.run.title}, accuracy {s.metrics.accuracy:.1%}, {describe_never_predicted(s.metrics)}"
