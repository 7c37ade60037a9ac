"""Figure 4 and on: centroids against class means, members, brightness, names, and the choice of k."""

import numpy as np
import streamlit as st

from fashion_core.charts.pictures import signed
from fashion_core.data.labels import NAMES, SHORT_NAMES
from fashion_core.models.kmeans import NO_CLASS
from ui import gallery, shell
from ui.clusters import linked, view, workbench
from ui.clusters.shown import Shown

MEMBERS = 6  # of each kind, in a row of half a laptop's window
A_PAGE = 10  # clusters whose members are shown at once


def look_closer(shown: Shown) -> None:
    """The part of the page below the maps; one of several looks at a time."""
    view.PAGE.widget(
        "look", "Look closer", st.segmented_control, view.LOOKS, required=True, label_visibility="collapsed"
    )
    {
        "Centroids": _centroids,
        "Names": _names,
        "Members": _members,
        "Brightness": _brightness,
        "Choosing k": workbench.choosing_k,
    }[view.PAGE.now().look](shown)


def _centroids(shown: Shown) -> None:
    st.subheader("Centroids and the means of the classes they are named for", anchor=False)
    shell.finding(workbench.explained(shown))
    centroids = shown.found["means"].astype(np.float32)
    named = np.flatnonzero(shown.names != NO_CLASS)
    means = np.zeros_like(centroids)
    means[named] = shown.subject.class_means[shown.names[named]]
    rows = (np.rint(centroids).astype(np.uint8), np.rint(means).astype(np.uint8))
    difference = np.where((shown.names != NO_CLASS)[:, None, None], centroids - means, 0)
    stacks = np.concatenate(
        [np.repeat(row[..., None], 3, axis=-1) for row in rows] + [signed(difference)], axis=1
    )  # [k, 84, 28, 3]
    captions = [
        f"{i + 1}: {SHORT_NAMES[name] if name != NO_CLASS else 'no class'}" for i, name in enumerate(shown.names)
    ]
    gallery.colour_gallery(stacks, captions)
    st.caption(
        "Top: the mean picture of the cluster"
        + (", its centroid" if shown.clustering.space == "pixels" else "")
        + ". Middle: the mean of the class it is named for. Bottom: the first minus the second, orange where the "
        "cluster is lighter, blue where it is darker."
    )
    shell.provenance(f"{shown.subject.title}, train split", linked.provenance(shown).split(" · ")[1])


def _names(shown: Shown) -> None:
    st.subheader("What each cluster holds, and what it is called", anchor=False)
    shell.finding("Choose another name in the table and see how many garments that puts right.")
    workbench.names_table(shown)


def _members(shown: Shown) -> None:
    st.subheader("The most typical and the most borderline members", anchor=False)
    if shown.subject.dataset is None:
        st.caption("The pictures themselves are not on this machine. Download Fashion-MNIST above to see them.")
        return
    first = 0
    if shown.k > A_PAGE:
        first = A_PAGE * (st.pagination(-(-shown.k // A_PAGE), key="clusters-members-page") - 1)
    for cluster, name in list(enumerate(shown.names))[first : first + A_PAGE]:
        size = int((shown.clusters == cluster).sum())
        title = NAMES[name] if name != NO_CLASS else "no class"
        st.markdown(f"**{cluster + 1}: {title}**, {size:,} garments. Left the nearest to the centroid, right those "
                    "almost as near to another.")  # fmt: skip
        for column, indices, kind in zip(
            st.columns(2), workbench.closest_and_borderline(shown, cluster, MEMBERS), ("typical", "borderline"),
            strict=True,
        ):  # fmt: skip
            with column:
                linked.garments(shown, indices, f"clusters-{kind}-{cluster}")
    shell.provenance(shown.subject.source, "distances in the feature space; choose a garment to see it on the maps")


def _brightness(shown: Shown) -> None:
    from fashion_core.charts import brightness

    st.subheader("How bright the garments of each cluster are", anchor=False)
    shell.finding(workbench.explained(shown))
    values = shown.subject.shown(shown.subject.brightness)
    st.plotly_chart(
        brightness.histograms(values, shown.clusters, shown.names.tolist()),
        key="clusters-brightness",
        config={"displayModeBar": False},
        alt="Histogram of mean brightness, one a cluster",
    )
    shell.provenance(
        shown.subject.source,
        "variance of brightness explained: eta squared; of membership: Goodman and Kruskal's tau",
    )
