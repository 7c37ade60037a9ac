"""Clusters of a catalogue become classes: name them, and their pictures move to classes of these names."""

from typing import Any

import numpy as np
import streamlit as st

from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_edits import move_into_classes
from fashion_core.data.class_names import UNLABELLED
from fashion_core.wording.clusters import format_cluster_class
from fashion_core.wording.dataset import NEW_CLASSES_HELP, UNLABELLED_IS_A_CLASS, describe_new_classes
from fashion_core.wording.numbers import format_count
from fashion_core.wording.text import escape_markdown
from ui import shell
from ui.clusters.cluster_map import ClusterMap

DONE_KEY = "clusters-new-classes"  # session key: what was done, to say after the rerun
MAX_NAME_LENGTH = 100


def show_new_classes_form(cluster_map: ClusterMap, catalogue: Catalogue) -> None:
    """A table in which clusters can be named, and the button that makes classes of those that are."""
    st.subheader("Make clusters classes", anchor=False)
    st.caption(NEW_CLASSES_HELP)
    if done := st.session_state.pop(DONE_KEY, ""):
        st.success(escape_markdown(done))
    if catalogue.is_labelled and UNLABELLED in catalogue.classes.names:
        st.warning(UNLABELLED_IS_A_CLASS)
    clusters, k, classes = cluster_map.clustering_arrays["clusters"], cluster_map.n_clusters, catalogue.classes
    table: dict[str, Any] = st.data_editor(
        {
            "Cluster": list(range(1, k + 1)),
            "Pictures": np.bincount(clusters, minlength=k),
            "Mainly": [format_cluster_class(label, classes) for label in cluster_map.majority_classes],
            "New class": [""] * k,
        },
        hide_index=True,
        disabled=["Cluster", "Pictures", "Mainly"],
        column_config={"New class": st.column_config.TextColumn(max_chars=MAX_NAME_LENGTH)},
        key=f"clusters-new-classes-{cluster_map.clustering.key(catalogue.fingerprint)}",
    )
    names = [" ".join(str(name or "").split()) for name in table["New class"]]
    n_named = sum(map(bool, names))
    label = f"Make {format_count(n_named, 'class', 'classes')}" if n_named else "Make classes"
    if st.button(label, type="primary", disabled=not n_named, key="clusters-make-classes"):
        with shell.show_errors():
            _move_pictures(catalogue, clusters, names)
            st.rerun()


def _move_pictures(catalogue: Catalogue, clusters: np.ndarray, names: list[str]) -> None:
    """The pictures of each named cluster to the class of this name. ``clusters`` uint8 [n]: the images of the page."""
    numbers = catalogue.all_numbers
    clusters_by_name: dict[str, list[int]] = {}
    for cluster, name in enumerate(names):
        if name and (clusters == cluster).any():
            clusters_by_name.setdefault(name, []).append(cluster)
    moved = {name: numbers[np.isin(clusters, some)] for name, some in clusters_by_name.items()}
    move_into_classes(catalogue, moved)
    st.session_state[DONE_KEY] = describe_new_classes({name: len(rows) for name, rows in moved.items()})
