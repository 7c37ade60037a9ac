"""Compare: the confusion matrices of two runs, side by side."""

import pandas as pd
import streamlit as st

from fashion_core.analysis import metrics, summary
from fashion_core.errors import RunError
from fashion_core.labels import NAMES
from fashion_core.runs.store import RunEntry
from ui import caches, pickers, shell


def by_class(a: metrics.Metrics, b: metrics.Metrics) -> pd.DataFrame:
    """Precision, recall and F1 of both runs by class, in percent, and the change of recall."""
    return pd.DataFrame(
        {
            "Class": NAMES,
            "A precision": 100 * a.precision,
            "B precision": 100 * b.precision,
            "A recall": 100 * a.recall,
            "B recall": 100 * b.recall,
            "B − A recall": 100 * (b.recall - a.recall),
            "A F1": 100 * a.f1,
            "B F1": 100 * b.f1,
            "Garments": a.support,
        }
    )


def show(run: RunEntry, scored: metrics.Metrics, letter: str, by_row: bool) -> None:
    """One run's matrix with its figures."""
    from fashion_core.charts import confusion

    shell.finding(f"{letter}: {shell.plain(run.title)}, accuracy {scored.accuracy:.1%}, {summary.never(scored)}")
    st.plotly_chart(
        confusion.matrix(scored.confusion, by_row=by_row),
        key=f"matrix-{letter}",
        config={"displayModeBar": False},
        alt=f"Confusion matrix of run {run.id}. {summary.hardest(scored)}",
    )
    st.caption(shell.plain(summary.hardest(scored)))


with shell.page("Compare", "Where do two models differ, and on which garments?"):
    runs = pickers.finished_runs()
    if len(runs) < 2:
        raise RunError("Two finished runs are needed to compare. Train one on the page Train.")
    one, two, three = st.columns([3, 3, 2], vertical_alignment="bottom")
    with one:
        a = pickers.run_picker("Run A", runs, key="a", default="cnn")
    with two:
        b = pickers.run_picker("Run B", runs, key="b", default="improved_cnn")
    by_row = (
        three.segmented_control(
            "Cells", ["Counts", "% of row"], default="Counts", required=True, key="cells", bind="query-params"
        )
        != "Counts"
    )
    assert a.record is not None
    assert b.record is not None
    if a.record.data.fingerprint != b.record.data.fingerprint:
        raise RunError(
            f"{pickers.run_label(a)} and {pickers.run_label(b)} were scored on different data, so their figures "
            "cannot be compared. Choose two runs on the same data."
        )
    first, second = (metrics.compute(p.labels, p.probabilities.argmax(axis=1)) for p in map(caches.predictions, (a, b)))
    if a.id == b.id:
        st.info("A and B are the same run. Choose another to see a difference.")
    else:
        shell.finding(shell.plain(summary.difference(first, second, a.title, b.title)))
    for column, run, scored, letter in zip(st.columns(2), (a, b), (first, second), "AB", strict=True):
        with column:
            show(run, scored, letter, by_row)
    shell.provenance(f"A: {pickers.source_line(a)}", f"B: {pickers.source_line(b)}")

    st.subheader("By class", anchor=False)
    frame = by_class(first, second)
    percent = st.column_config.NumberColumn(format="%.1f")
    st.dataframe(
        frame,
        hide_index=True,
        column_config={name: percent for name in frame.columns if name not in ("Class", "Garments")},
    )
    st.download_button(
        "Table as CSV", lambda: frame.to_csv(index=False), f"{a.id}-{b.id}.csv", "text/csv", on_click="ignore"
    )
    shell.provenance("Percent of the test images of each class")
