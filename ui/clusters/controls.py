"""The controls above the maps: one row, with the forms behind its last two buttons."""

from contextlib import suppress

import streamlit as st

from fashion_core.computed import background
from fashion_core.computed.clustering import MAX_CLUSTERS
from fashion_core.computed.computation import Computation
from fashion_core.computed.feature_spaces import FEATURE_SPACES
from fashion_core.errors import AccessError
from ui import computations, hosting, pickers, shell
from ui.clusters.cluster_map import list_runs_scored_on_images
from ui.clusters.clustered_images import ClusteredImages
from ui.clusters.spaces import list_spaces
from ui.clusters.view import (
    CLUSTER_NAMINGS,
    CLUSTERS_PAGE_STATE,
    CLUSTERS_SECTIONS,
    CLUSTERS_VIEW_ALLOWED_VALUES,
    DATA_SOURCES,
    IMAGE_SPLITS,
    PROJECTION_METHODS,
)
from ui.page_state import set_widget_value

K_KEY = "clusters-k"
FEATURE_SPACE_HELP = (
    "; ".join(f"{name}: {text}" for name, text in FEATURE_SPACES.items())
    + "; features: what a network computes before its last layer. The network has learned from labels. The map is of "
    "these features too."
)
DATA_SOURCE_TITLES = {"Stand-in": "Sample data"}  # titles of what the address calls otherwise


def show_clusters_controls(images: ClusteredImages) -> None:
    """The row above the maps."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="clusters-controls"):
        CLUSTERS_PAGE_STATE.bound_widget("map", "Projection", st.segmented_control, PROJECTION_METHODS, required=True)
        CLUSTERS_PAGE_STATE.bound_widget(
            "naming", "Clusters named by", st.segmented_control, CLUSTER_NAMINGS, required=True
        )
        set_widget_value(K_KEY, CLUSTERS_PAGE_STATE.current_view().k)
        st.number_input(
            "k, the number of clusters", 2, MAX_CLUSTERS, key=K_KEY, on_change=_change_k, args=(images,), width=200
        )
        if hosting.may_change():
            with st.popover("k-means", icon=":material/tune:"):
                _show_clustering_form(images)
        with st.popover("Options"):
            _show_options(images)


def choose_section() -> str:
    """The control that chooses what is shown, and what it has chosen."""
    CLUSTERS_PAGE_STATE.bound_widget(
        "look", "Section", st.segmented_control, CLUSTERS_SECTIONS, required=True, label_visibility="collapsed"
    )
    return CLUSTERS_PAGE_STATE.current_view().look


def _change_k(images: ClusteredImages) -> None:
    CLUSTERS_PAGE_STATE.update(k=int(st.session_state[K_KEY]))
    _queue_if_missing(images, CLUSTERS_PAGE_STATE.current_view().clustering)


def _show_options(images: ClusteredImages) -> None:
    if images.folds is None:  # in cross-validation all are test images
        CLUSTERS_PAGE_STATE.bound_widget("images", "Images", st.segmented_control, IMAGE_SPLITS, required=True)
        st.caption("Test: the test images only. All: the train images too.")
    if shell.uses_sample_data():
        CLUSTERS_PAGE_STATE.bound_widget(
            "results", "Data", st.segmented_control, DATA_SOURCES, required=True,
            format_func=lambda source: DATA_SOURCE_TITLES.get(source, source),
        )  # fmt: skip
    if labels := {run.id: pickers.run_label(run) for run in list_runs_scored_on_images(images)}:
        if CLUSTERS_PAGE_STATE.current_view().run not in labels:  # it was deleted, or is of other data
            CLUSTERS_PAGE_STATE.correct_fields_while_drawing(run=next(iter(labels)))
        CLUSTERS_PAGE_STATE.bound_widget(
            "run", "Run whose predictions colour the maps", st.selectbox, list(labels),
            format_func=lambda run_id: labels.get(run_id, run_id),
        )  # fmt: skip
    if CLUSTERS_PAGE_STATE.current_view().map == "UMAP" and hosting.may_change():
        _show_umap_form(images)


def _show_clustering_form(images: ClusteredImages) -> None:
    now = CLUSTERS_PAGE_STATE.current_view()
    with st.form("clusters-workbench", border=False):
        columns = st.columns(2)
        restarts = columns[0].number_input("Restarts, the best is used", 1, 50, now.restarts)
        seed = columns[1].number_input("Seed", 0, 2**31 - 1, now.seed)
        titles = list_spaces()
        titles.setdefault(now.space, now.space)  # an address may name any run
        names = list(titles)
        space = st.selectbox(
            "Feature space", names, names.index(now.space), format_func=titles.__getitem__,
            key=f"clusters-space-{now.space}",  # a run that ends meanwhile doesn't undo the choice
        )  # fmt: skip
        st.caption(FEATURE_SPACE_HELP)
        if st.form_submit_button("Cluster", type="primary"):
            CLUSTERS_PAGE_STATE.update(space=space, restarts=int(restarts), seed=int(seed))
            now = CLUSTERS_PAGE_STATE.current_view()
            _queue_if_missing(images, now.clustering, *([] if now.space in FEATURE_SPACES else [now.projection]))
            st.rerun()


def _show_umap_form(images: ClusteredImages) -> None:
    now = CLUSTERS_PAGE_STATE.current_view()
    metrics = CLUSTERS_VIEW_ALLOWED_VALUES["metric"]
    with st.form("clusters-umap", border=False):
        left, right = st.columns(2)
        neighbours = left.number_input("Neighbours", 2, 200, now.neighbours)
        distance = right.number_input("Minimum distance", 0.0, 0.99, now.distance, 0.05)
        metric = left.selectbox("Metric", metrics, metrics.index(now.metric))
        seed = right.number_input("Seed of the projection", 0, 2**31 - 1, now.layout)
        if st.form_submit_button("Compute map", type="primary"):
            distance = round(float(distance), 4)
            CLUSTERS_PAGE_STATE.update(neighbours=int(neighbours), distance=distance, metric=metric, layout=int(seed))
            _queue_if_missing(images, CLUSTERS_PAGE_STATE.current_view().projection)
            st.rerun()


def _queue_if_missing(images: ClusteredImages, *wanted: Computation) -> None:
    for computation in wanted:
        if images.dataset is not None and computations.cached_result(computation, images.fingerprint) is None:
            with suppress(AccessError):  # the button beside the maps says why
                background.queue_computation(computation, images.dataset)
