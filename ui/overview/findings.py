"""The three findings on the Overview, each with a picture and a link to the page that shows more."""

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from fashion_core.computed import store
from fashion_core.computed.image_statistics import ImageStatistics
from fashion_core.data.classes import CLASS_NAMES, FASHION_CLASSES
from fashion_core.models.kmeans import KMeansClassifier
from fashion_core.models.registry import get_model_spec
from fashion_core.runs import summary
from fashion_core.wording.numbers import format_percent
from fashion_core.wording.poster import POSTER_FAILURE_EXPLANATION
from fashion_core.wording.runs import describe_hardest_class, describe_never_predicted, format_run_source
from ui import caches, gallery, shell

IMAGES_PER_CARD = 5  # in one row


def finding_cards(
    rows: list[summary.RunSummary], failed_networks: list[summary.RunSummary]
) -> list[Callable[[], None]]:
    """A function that draws each card: clusters, the poster's failure (``failed``), the hardest class."""
    clustering = next(
        (row for row in rows if row.run.record and get_model_spec(row.run.record.model).is_clustering), None
    )
    best = max(rows, key=lambda row: row.metrics.accuracy, default=None)
    return [partial(_clusters, clustering), partial(_failure, failed_networks), partial(_hardest, best)]


def _clusters(row: summary.RunSummary | None) -> None:
    if row is not None:
        never_predicted = describe_never_predicted(row.metrics, FASHION_CLASSES)
        shell.show_finding(f"k-means groups garments by their looks. It {never_predicted}.")
        model = caches.cached_classifier(row.run)
        assert isinstance(model, KMeansClassifier)
        gallery.image_gallery(np.rint(model.centroids.reshape(-1, 28, 28)).astype(np.uint8)[:IMAGES_PER_CARD], scale=2)
        st.markdown(
            f"Clusters of brightness values, each named after its most frequent class, classify "
            f"{format_percent(row.metrics.accuracy)} of the garments correctly."
        )
        shell.show_provenance(format_run_source(row.run), "pictures: its centroids")
    st.page_link(shell.find_page("clusters"), label="See the clusters")


def _failure(failed: list[summary.RunSummary]) -> None:
    shell.show_finding("A training fault could explain why the poster's networks failed.")
    if failed:
        _show_class_means(sorted({c for row in failed for c in row.metrics.never_predicted})[:IMAGES_PER_CARD])
        sentences = (f"{row.method} {describe_never_predicted(row.metrics, FASHION_CLASSES)}" for row in failed)
        st.markdown("; ".join(sentences) + ".")
    shell.show_provenance(format_run_source(*(row.run for row in failed)) if failed else "")
    with st.popover("How it could happen"):
        st.markdown(POSTER_FAILURE_EXPLANATION)
    st.page_link(shell.find_page("train"), label="See the poster experiment", query_params={"tab": "Poster experiment"})


def _hardest(row: summary.RunSummary | None) -> None:
    name = ""
    if row is not None:
        shell.show_finding(describe_hardest_class(row.metrics, FASHION_CLASSES))
        hardest = int(row.metrics.recall.argmin())
        others = np.argsort(-row.metrics.confusion[hardest], kind="stable")
        _show_class_means([hardest, *(int(c) for c in others if c != hardest)][:IMAGES_PER_CARD])
        st.markdown(f"{row.method} {describe_never_predicted(row.metrics, FASHION_CLASSES)}.")
        shell.show_provenance(
            format_run_source(row.run), "pictures: mean of that class, and of those it is mistaken for, on train"
        )
        name = CLASS_NAMES[hardest]
    query = {"classes": name} if name else None
    st.page_link(shell.find_page("garments"), label=f"See the garments of {name or 'each class'}", query_params=query)


def _show_class_means(classes: list[int]) -> None:
    means = _cached_class_means()[classes]
    gallery.image_gallery(means, [FASHION_CLASSES[c].short_name for c in classes], scale=2)


@st.cache_resource(show_spinner=False)
def _cached_class_means() -> np.ndarray:
    return np.rint(store.load_shipped_result(ImageStatistics())["class_means"]).astype(np.uint8)
