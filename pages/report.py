"""Report: the results on one page, fit for showing, and as a file to hand over."""

import pandas as pd
import streamlit as st

from fashion_core import poster
from fashion_core.analysis import clusters, summary
from fashion_core.analysis.clustering import Clustering
from fashion_core.computed import store as results
from fashion_core.runs.store import ZOO
from ui import caches, pickers, shell


@st.cache_data(max_entries=2, show_spinner="Building the report")
def report_html(stamp: float) -> str:
    """The report file; built again when a shipped run changes."""
    from fashion_core.report.html import build

    return build(caches.store())


def matrices(rows: list[summary.Row]) -> None:
    """Confusion matrices beside each other."""
    from fashion_core.charts import confusion

    for column, row in zip(st.columns(len(rows)), rows, strict=True):
        with column:
            shell.finding(f"{row.method}: accuracy {row.scored.accuracy:.1%}, {summary.never(row.scored)}")
            st.plotly_chart(
                confusion.matrix(row.scored.confusion, by_row=False),
                key=f"matrix-{row.run.id}",
                config={"displayModeBar": False},
                alt=f"Confusion matrix of {row.method}. {summary.hardest(row.scored)}",
            )
            shell.provenance(pickers.source_line(row.run))


with shell.page("Report", "Is it feasible to sort clothing pictures automatically?"):
    rows, failed = summary.rows(caches.store()), summary.rows(caches.store(), summary.POSTER_RUNS)
    best = max(rows, key=lambda row: row.scored.accuracy)
    shell.finding(summary.headline(best))
    stamp = max(path.stat().st_mtime for path in ZOO.rglob("*"))
    st.download_button(
        "Download as one HTML file",
        lambda: report_html(stamp),
        "clothing-report.html",
        "text/html",
        on_click="ignore",
        icon=":material/download:",
        type="primary",
    )
    st.caption("Opens in any browser without a network; about 5 MB, maps, centroids and training curves included.")
    figures = pd.DataFrame(
        [
            {
                "Method": row.method,
                "Poster P / R": f"{row.poster[0]} / {row.poster[1]}",
                "Precision": 100 * row.scored.macro_precision,
                "Recall": 100 * row.scored.macro_recall,
                "Accuracy": 100 * row.scored.accuracy,
                "95% interval": f"{100 * row.interval[0]:.1f} to {100 * row.interval[1]:.1f}",
            }
            for row in [*rows, *failed]
        ]
    )
    percent = st.column_config.NumberColumn(format="%.1f%%")
    st.dataframe(figures, hide_index=True, column_config={"Precision": percent, "Recall": percent, "Accuracy": percent})
    shell.provenance(pickers.sources_line([*rows, *failed]), "interval: Wilson, 95%")

    by_id = {row.run.id: row for row in [*rows, *failed]}
    st.subheader("What the networks confuse", anchor=False)
    shell.finding(summary.hardest(best.scored))
    matrices([by_id["cnn"], by_id["improved_cnn"]])

    st.subheader("What failed on the poster, and why it may have", anchor=False)
    st.markdown(poster.EXPLANATION)
    matrices([by_id["mlp-poster"], by_id["cnn-poster"]])

    st.subheader("What k-means finds without a label", anchor=False)
    labels = caches.predictions(rows[0].run).labels
    assigned = results.shipped_result(Clustering())["clusters"][-len(labels) :]
    found = clusters.report(assigned, labels, int(assigned.max()) + 1)
    shell.finding(clusters.merged_and_lost(found.contingency))
    shell.provenance(pickers.source_line(rows[0].run))
    st.page_link(shell.page_object("clusters"), label="See the maps")
