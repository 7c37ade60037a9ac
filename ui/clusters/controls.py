"""What the maps show: one row of controls, and the rest behind its last two buttons."""

import streamlit as st

from fashion_core.computed import background
from fashion_core.computed.clustering import MAX_CLUSTERS
from fashion_core.computed.computation import Computation
from fashion_core.computed.feature_spaces import FEATURE_SPACES
from ui import computations, shell
from ui.clusters import view
from ui.clusters.cluster_map import runs_on_image_set
from ui.clusters.image_set import ImageSet


def show_controls(about: ImageSet) -> None:
    """The row above the maps."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view.CLUSTERS_PAGE.bound_widget(
            "map", "Projection", st.segmented_control, view.PROJECTION_METHODS, required=True
        )
        view.CLUSTERS_PAGE.bound_widget(
            "naming", "Clusters named by", st.segmented_control, view.CLUSTER_NAMINGS, required=True
        )
        with st.popover("k-means", icon=":material/tune:"):
            _clustering(about)
        with st.popover("Options"):
            _options(about)


def _options(about: ImageSet) -> None:
    """What is changed rarely."""
    view.CLUSTERS_PAGE.bound_widget("images", "Images", st.segmented_control, view.IMAGE_SPLITS, required=True)
    st.caption("Test: the test images alone. All: the train images too.")
    if shell.uses_sample_data():
        view.CLUSTERS_PAGE.bound_widget("data", "Data", st.segmented_control, view.DATA_SOURCES, required=True)
    if there := [run.id for run in runs_on_image_set(about)]:
        if view.CLUSTERS_PAGE.current_view().run not in there:
            view.CLUSTERS_PAGE.replace_fields(run=there[0])  # it was deleted, or is of other data
        view.CLUSTERS_PAGE.bound_widget("run", "Run whose answers colour the maps", st.selectbox, there)
    if view.CLUSTERS_PAGE.current_view().map == "UMAP":
        _layout(about)


def _clustering(about: ImageSet) -> None:
    """The form of k, feature space, restarts and seed; submitting it computes what is not there yet."""
    now = view.CLUSTERS_PAGE.current_view()
    with st.form("clusters-workbench", border=False):
        one, two, three = st.columns(3)
        k = one.number_input("k, the number of clusters", 2, MAX_CLUSTERS, now.k)
        restarts = two.number_input("Restarts, the best is kept", 1, 50, now.restarts)
        seed = three.number_input("Seed", 0, 2**31 - 1, now.seed)
        spaces = list(FEATURE_SPACES)
        space = st.selectbox("Feature space", spaces, spaces.index(now.space))  # type: ignore[arg-type]
        st.caption("; ".join(f"{name}: {text}" for name, text in FEATURE_SPACES.items()) + ".")
        if st.form_submit_button("Cluster", type="primary"):
            view.CLUSTERS_PAGE.update(k=int(k), space=space, restarts=int(restarts), seed=int(seed))
            _compute(about, view.CLUSTERS_PAGE.current_view().clustering)


def _layout(about: ImageSet) -> None:
    """The form of UMAP's settings."""
    now = view.CLUSTERS_PAGE.current_view()
    metrics = view.CLUSTERS_CHOICES["metric"]
    with st.form("clusters-umap", border=False):
        one, two = st.columns(2)
        neighbours = one.number_input("Neighbours", 2, 200, now.neighbours)
        distance = two.number_input("Minimum distance", 0.0, 0.99, now.distance, 0.05)
        metric = one.selectbox("Metric", metrics, metrics.index(now.metric))
        seed = two.number_input("Seed of the layout", 0, 2**31 - 1, now.layout)
        if st.form_submit_button("Lay out", type="primary"):
            place = {"neighbours": int(neighbours), "distance": round(float(distance), 4), "metric": metric}
            view.CLUSTERS_PAGE.update(layout=int(seed), **place)
            _compute(about, view.CLUSTERS_PAGE.current_view().projection)


def _compute(about: ImageSet, computation: Computation) -> None:
    if about.dataset is not None and computations.cached_result(computation, about.fingerprint) is None:
        background.start_computation(computation, about.dataset)
    st.rerun()
