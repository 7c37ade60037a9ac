"""What the maps show: one row of controls, and the rest behind its last two buttons."""

import streamlit as st

from fashion_core.computed import jobs
from fashion_core.computed.clustering import LARGEST_K
from fashion_core.computed.computation import Computation
from fashion_core.computed.spaces import SPACES
from ui import results, shell
from ui.clusters import view
from ui.clusters.shown import runs
from ui.clusters.subject import Subject


def row(about: Subject) -> None:
    """The row above the maps."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view.PAGE.widget("map", "Projection", st.segmented_control, view.MAPS, required=True)
        view.PAGE.widget("naming", "Clusters named by", st.segmented_control, view.NAMINGS, required=True)
        with st.popover("k-means", icon=":material/tune:"):
            _clustering(about)
        with st.popover("Options"):
            _options(about)


def _options(about: Subject) -> None:
    """What is changed rarely."""
    view.PAGE.widget("images", "Images", st.segmented_control, view.IMAGES, required=True)
    st.caption("Test: the test images alone. All: the train images too.")
    if shell.stand_in():
        view.PAGE.widget("data", "Data", st.segmented_control, view.DATA, required=True)
    if there := [run.id for run in runs(about)]:
        if view.PAGE.now().run not in there:
            view.PAGE.correct(run=there[0])  # it was deleted, or is of other data
        view.PAGE.widget("run", "Run whose answers colour the maps", st.selectbox, there)
    if view.PAGE.now().map == "UMAP":
        _layout(about)


def _clustering(about: Subject) -> None:
    """The form of k, feature space, restarts and seed; submitting it computes what is not there yet."""
    now = view.PAGE.now()
    with st.form("clusters-workbench", border=False):
        one, two, three = st.columns(3)
        k = one.number_input("k, the number of clusters", 2, LARGEST_K, now.k)
        restarts = two.number_input("Restarts, the best is kept", 1, 50, now.restarts)
        seed = three.number_input("Seed", 0, 2**31 - 1, now.seed)
        spaces = list(SPACES)
        space = st.selectbox("Feature space", spaces, spaces.index(now.space))  # type: ignore[arg-type]
        st.caption("; ".join(f"{name}: {text}" for name, text in SPACES.items()) + ".")
        if st.form_submit_button("Cluster", type="primary"):
            view.PAGE.change(k=int(k), space=space, restarts=int(restarts), seed=int(seed))
            _compute(about, view.PAGE.now().clustering)


def _layout(about: Subject) -> None:
    """The form of UMAP's settings."""
    now = view.PAGE.now()
    metrics = view.CHOICES["metric"]
    with st.form("clusters-umap", border=False):
        one, two = st.columns(2)
        neighbours = one.number_input("Neighbours", 2, 200, now.neighbours)
        distance = two.number_input("Minimum distance", 0.0, 0.99, now.distance, 0.05)
        metric = one.selectbox("Metric", metrics, metrics.index(now.metric))
        seed = two.number_input("Seed of the layout", 0, 2**31 - 1, now.layout)
        if st.form_submit_button("Lay out", type="primary"):
            place = {"neighbours": int(neighbours), "distance": round(float(distance), 4), "metric": metric}
            view.PAGE.change(layout=int(seed), **place)
            _compute(about, view.PAGE.now().projection)


def _compute(about: Subject, computation: Computation) -> None:
    if about.dataset is not None and results.ready(computation, about.fingerprint) is None:
        jobs.start(computation, about.dataset)
    st.rerun()
