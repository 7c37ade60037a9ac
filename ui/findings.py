"""The three findings on the first page, each with its picture and a link to the page that shows it."""

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from fashion_core.computed import store as results
from fashion_core.computed.facts import Facts
from fashion_core.data import poster
from fashion_core.data.labels import NAMES
from fashion_core.models.kmeans import KMeansClassifier
from fashion_core.runs import summary
from ui import caches, gallery, pickers, shell

PICTURES = 6  # in a row of a card


def cards(rows: list[summary.Row], failed: list[summary.Row]) -> list[Callable[[], None]]:
    """What draws each card: clusters, the poster's failure, the hardest class. ``failed``: runs with output ReLU."""
    kmeans = next((row for row in rows if row.run.id == "kmeans"), None)
    best = max(rows, key=lambda row: row.scored.accuracy, default=None)
    return [partial(_clusters, kmeans), partial(_failure, failed), partial(_hardest, best)]


def _clusters(row: summary.Row | None) -> None:
    if row is not None:
        lost = " and ".join(NAMES[c] for c in row.scored.never_predicted) or "no class"
        shell.finding(f"k-means groups by looks: it loses {lost}.")
        model = caches.classifier(row.run)
        assert isinstance(model, KMeansClassifier)
        gallery.gallery(np.rint(model.centroids.reshape(-1, 28, 28)).astype(np.uint8)[:PICTURES], scale=2)
        st.markdown(
            f"Clusters of brightness values, each named for its most frequent class, put {row.scored.accuracy:.1%} of "
            "the garments right."
        )
        shell.provenance(pickers.source_line(row.run), "pictures: its centroids")
    st.page_link(shell.page_object("clusters"), label="See the clusters")


def _failure(failed: list[summary.Row]) -> None:
    shell.finding("A training fault would explain the poster's failed networks.")
    if failed:
        _class_means(sorted({c for row in failed for c in row.scored.never_predicted})[:PICTURES])
        st.markdown("; ".join(f"{row.method} {summary.never(row.scored)}" for row in failed) + ".")
    st.markdown(poster.EXPLANATION)
    shell.provenance(pickers.sources_line(failed) if failed else "")
    st.page_link(
        shell.page_object("compare"), label="Compare with and without", query_params={"a": "cnn-poster", "b": "cnn"}
    )


def _hardest(row: summary.Row | None) -> None:
    if row is not None:
        shell.finding(summary.hardest(row.scored))
        _class_means([int(row.scored.recall.argmin())])
        st.markdown(f"In the {row.method}, which {summary.never(row.scored)}.")
        shell.provenance(pickers.source_line(row.run), "picture: the class's mean over train")
    st.page_link(shell.page_object("garments"), label="Look at the garments")
    st.page_link(shell.page_object("try_it"), label="Try one of your own")


def _class_means(classes: list[int]) -> None:
    means = np.rint(results.shipped_result(Facts())["class_means"]).astype(np.uint8)
    gallery.gallery(means[classes], [NAMES[c] for c in classes] if len(classes) > 1 else None, scale=2)
