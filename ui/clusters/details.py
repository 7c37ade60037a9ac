"""Figure 4 and on: centroids against class means, members, brightness, names, and the choice of k."""

import numpy as np
import streamlit as st

from fashion_core.charts.pictures import signed_to_rgb
from fashion_core.data.classes import CLASS_NAMES, SHORT_CLASS_NAMES
from fashion_core.models.kmeans import NO_CLASS
from ui import gallery, shell
from ui.clusters import linked_maps, view, workbench
from ui.clusters.cluster_map import ClusterMap

MEMBERS_PER_ROW = 6  # of each kind, in a row of half a laptop's window
CLUSTERS_PER_PAGE = 10  # clusters whose members are shown at once


def show_details(shown: ClusterMap) -> None:
    """The part of the page below the maps; one of several looks at a time."""
    view.CLUSTERS_PAGE.bound_widget(
        "look", "Look closer", st.segmented_control, view.CLUSTERS_SECTIONS, required=True, label_visibility="collapsed"
    )
    {
        "Centroids": _centroids,
        "Names": _names,
        "Members": _members,
        "Brightness": _brightness,
        "Choosing k": workbench.show_cluster_count_charts,
    }[view.CLUSTERS_PAGE.current_view().look](shown)


def _centroids(shown: ClusterMap) -> None:
    st.subheader("Centroids and the means of the classes they are named for", anchor=False)
    shell.show_finding(workbench.describe_explained_variance(shown))
    centroids = shown.clustering_arrays["means"].astype(np.float32)
    named = np.flatnonzero(shown.cluster_classes != NO_CLASS)
    means = np.zeros_like(centroids)
    means[named] = shown.image_set.class_means[shown.cluster_classes[named]]
    rows = (np.rint(centroids).astype(np.uint8), np.rint(means).astype(np.uint8))
    difference = np.where((shown.cluster_classes != NO_CLASS)[:, None, None], centroids - means, 0)
    stacks = np.concatenate(
        [np.repeat(row[..., None], 3, axis=-1) for row in rows] + [signed_to_rgb(difference)], axis=1
    )  # [k, 84, 28, 3]
    captions = [
        f"{i + 1}: {SHORT_CLASS_NAMES[name] if name != NO_CLASS else 'no class'}"
        for i, name in enumerate(shown.cluster_classes)
    ]
    gallery.image_gallery(stacks, captions)
    st.caption(
        "Top: the mean picture of the cluster"
        + (", its centroid" if shown.clustering.space == "pixels" else "")
        + ". Middle: the mean of the class it is named for. Bottom: the first minus the second, orange where the "
        "cluster is lighter, blue where it is darker."
    )
    shell.show_provenance(
        f"{shown.image_set.title}, train split", linked_maps.cluster_map_provenance(shown).split(" · ")[1]
    )


def _names(shown: ClusterMap) -> None:
    st.subheader("What each cluster holds, and what it is called", anchor=False)
    shell.show_finding("Choose another name in the table and see how many garments that puts right.")
    workbench.show_cluster_names_table(shown)


def _members(shown: ClusterMap) -> None:
    st.subheader("The most typical and the most borderline members", anchor=False)
    if shown.image_set.dataset is None:
        st.caption("The pictures themselves are not on this machine. Download Fashion-MNIST above to see them.")
        return
    first = 0
    if shown.n_clusters > CLUSTERS_PER_PAGE:
        first = CLUSTERS_PER_PAGE * (
            st.pagination(-(-shown.n_clusters // CLUSTERS_PER_PAGE), key="clusters-members-page") - 1
        )
    for cluster, name in list(enumerate(shown.cluster_classes))[first : first + CLUSTERS_PER_PAGE]:
        size = int((shown.clusters == cluster).sum())
        title = CLASS_NAMES[name] if name != NO_CLASS else "no class"
        st.markdown(f"**{cluster + 1}: {title}**, {size:,} garments. Left the nearest to the centroid, right those "
                    "almost as near to another.")  # fmt: skip
        for column, indices, kind in zip(
            st.columns(2), workbench.typical_and_borderline_members(shown, cluster, MEMBERS_PER_ROW), ("typical", "borderline"),
            strict=True,
        ):  # fmt: skip
            with column:
                linked_maps.show_garment_pictures(shown, indices, f"clusters-{kind}-{cluster}")
    shell.show_provenance(
        shown.image_set.provenance, "distances in the feature space; choose a garment to see it on the maps"
    )


def _brightness(shown: ClusterMap) -> None:
    from fashion_core.charts import brightness

    st.subheader("How bright the garments of each cluster are", anchor=False)
    shell.show_finding(workbench.describe_explained_variance(shown))
    values = shown.image_set.select_shown(shown.image_set.brightness)
    st.plotly_chart(
        brightness.brightness_histograms(values, shown.clusters, shown.cluster_classes.tolist()),
        key="clusters-brightness",
        config={"displayModeBar": False},
        alt="Histogram of mean brightness, one a cluster",
    )
    shell.show_provenance(
        shown.image_set.provenance,
        "variance of brightness explained: eta squared; of membership: Goodman and Kruskal's tau",
    )
