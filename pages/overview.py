"""Overview: the poster's table beside ours, the findings, and where to go next."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core import poster
from fashion_core.analysis import projection, summary
from fashion_core.labels import N_CLASSES, NAMES, SHORT_NAMES
from fashion_core.models.kmeans import KMeansClassifier
from ui import caches, gallery, pickers, shell


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
    rows = summary.rows(caches.store())
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
    shell.provenance(
        "Shipped runs " + ", ".join(row.run.id for row in rows),
        f"Fashion-MNIST test, n = {best.scored.n:,}, seed 0",
        "precision and recall are means over the ten classes",
    )

    data = caches.dataset()
    test = data.split("test")
    firsts = [int(np.flatnonzero(test.labels == c)[0]) for c in range(N_CLASSES)]
    gallery.gallery(test.images[firsts], SHORT_NAMES)
    shell.provenance(f"The first test picture of each class, {data.title}")

    st.subheader("What the runs show", anchor=False)
    means = np.rint(projection.shipped_maps().class_means).astype(np.uint8)
    failed = summary.rows(caches.store(), summary.POSTER_RUNS)
    lost, faulty, hard = st.columns(3)
    with lost, st.container(border=True, height="stretch"):
        kmeans = rows[0]
        names = " and ".join(NAMES[c] for c in kmeans.scored.never_predicted) or "no class"
        shell.finding(f"k-means groups by looks: it loses {names}.")
        model = caches.classifier(kmeans.run)
        assert isinstance(model, KMeansClassifier)
        gallery.gallery(np.rint(model.centroids.reshape(-1, 28, 28)).astype(np.uint8)[:6], scale=2)
        st.markdown(
            f"Ten clusters of brightness values, each named for its most frequent class, put "
            f"{kmeans.scored.accuracy:.1%} of the garments right."
        )
        st.page_link(shell.page_object("clusters"), label="See the clusters")
    with faulty, st.container(border=True, height="stretch"):
        shell.finding("A training fault would explain the poster's failed networks.")
        gallery.gallery(means[sorted({c for row in failed for c in row.scored.never_predicted})], scale=2)
        st.markdown("; ".join(f"{row.method} {summary.never(row.scored)}" for row in failed) + ".")
        st.markdown(poster.EXPLANATION)
        st.page_link(
            shell.page_object("compare"), label="Compare with and without", query_params={"a": "cnn-poster", "b": "cnn"}
        )
    with hard, st.container(border=True, height="stretch"):
        shell.finding(summary.hardest(best.scored))
        gallery.gallery(means[[int(best.scored.recall.argmin())]], scale=2)
        st.markdown(f"In the {best.method}, which {summary.never(best.scored)}.")
        st.page_link(shell.page_object("garments"), label="Look at the garments")
        st.page_link(shell.page_object("try_it"), label="Try one of your own")
    shell.provenance(
        *(pickers.source_line(row.run) for row in [kmeans, *failed, best]),
        "pictures: centroids of k-means, class means of the train split",
    )
