"""Overview: the poster's table beside ours, the findings, and where to go next."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import summary
from fashion_core.labels import N_CLASSES, SHORT_NAMES
from ui import caches, findings, gallery, pickers, shell


def table(rows: list[summary.Row]) -> pd.DataFrame:
    """The comparison as shown, shares in percent."""
    return pd.DataFrame(
        {
            "Method": [row.method for row in rows],
            "Poster: precision": [row.poster[0] for row in rows],
            "Poster: recall": [row.poster[1] for row in rows],
            "Precision": [100 * row.scored.macro_precision for row in rows],
            "Recall": [100 * row.scored.macro_recall for row in rows],
            "Accuracy": [100 * row.scored.accuracy for row in rows],
            "95% interval": [f"{100 * row.interval[0]:.1f} to {100 * row.interval[1]:.1f}" for row in rows],
            "Parameters": [row.parameters for row in rows],
            "Trained in": [summary.duration(row.seconds) for row in rows],
        }
    )


with shell.page("Overview", "Can clothing pictures be sorted automatically, and how would we know?"):
    rows = pickers.shipped_rows(summary.SHIPPED)
    if rows:
        best = max(rows, key=lambda row: row.scored.accuracy)
        shell.finding(summary.headline(best))
        percent = st.column_config.NumberColumn(format="%.1f%%")
        st.dataframe(
            table(rows),
            hide_index=True,
            column_config={
                "Poster: precision": st.column_config.NumberColumn(format="%d%%"),
                "Poster: recall": st.column_config.NumberColumn(format="%d%%"),
                "Precision": percent,
                "Recall": percent,
                "Accuracy": st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100),
                "Parameters": st.column_config.NumberColumn(format="localized"),
            },
        )
        shell.provenance(pickers.sources_line(rows), "precision and recall are means over the ten classes")

    data = caches.dataset()
    test = data.split("test")
    firsts = [int(np.flatnonzero(test.labels == c)[0]) for c in range(N_CLASSES)]
    gallery.gallery(test.images[firsts], SHORT_NAMES)
    shell.provenance(f"The first test picture of each class, {data.title}")

    st.subheader("What the runs show", anchor=False)
    failed = pickers.shipped_rows(summary.POSTER_RUNS)
    for column, card in zip(st.columns(3), findings.cards(rows, failed), strict=True):
        with column, st.container(border=True, height="stretch"):
            card()
