"""The pair of maps, and the garments selected on it."""

import csv
import io
import time
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from fashion_core.data.classes import CLASS_NAMES, SHORT_CLASS_NAMES
from ui import serving, shell
from ui.clusters import colouring, view
from ui.clusters.cluster_map import ClusterMap
from ui.components.map import PointCloud, paired_map, value_from_browser
from ui.components.pictures import picture_grid
from ui.map_selection import MapSelection, selection_from_component

SELECTED_PER_PAGE = 48
MAX_ROWS_UNSCROLLED, MAX_TABLE_HEIGHT = (
    10,
    440,
)  # rows that a table of counts shows at once, and pixels that it is then high
MAP_KEY, PICTURES_KEY, SELECTION_SOURCE_KEY = "clusters-pair", "clusters-pictures", "clusters-selection-of"
HOVER_FIELDS = {"class": "True class", "cluster": "Cluster"}
MAX_POINTS_WITHOUT_WEBGL = 2000  # that a browser without WebGL can draw


def show_linked_maps(shown: ClusterMap) -> None:
    """The maps, and under them what is selected; a selection reruns this part of the page alone."""
    with shell.show_errors():
        _reconcile(shown)
        selection = _maps(shown)
        if selection is not None:
            _selected(shown, selection)


def focus_point(index: int) -> None:
    """Show the point at ``index`` of those shown on the maps."""
    st.session_state[view.FOCUS_KEY] = (index, time.time_ns() // 1_000_000)


def _maps(shown: ClusterMap) -> np.ndarray | None:
    """Draw the maps; returns the selected indices, None when nothing is selected."""
    ways = shown.colourings()
    now = view.CLUSTERS_PAGE.current_view()
    if now.left not in ways or now.right not in ways:  # those of a run, and there is none
        now = view.CLUSTERS_PAGE.replace_fields(left="True class", right="Cluster")
    pictures = None if shown.image_set.dataset is None else serving.publish_dataset_images(shown.image_set.dataset)
    cloud = PointCloud(
        shown.positions,
        shown.extent,
        shown.image_set.n_train - shown.image_set.first_index,
        describe_axes(shown),
        pictures,
    )
    able = paired_map(
        cloud, ways, HOVER_FIELDS, (now.left, now.right), _selection(), key=MAP_KEY, on_selection=_take_selection,
        focus=st.session_state.pop(view.FOCUS_KEY, None),
    )  # fmt: skip
    if not able:
        _without_webgl(shown)
    shell.show_provenance(shown.image_set.provenance, cluster_map_provenance(shown))
    selection = _selection()
    if not selection:
        return None
    return np.flatnonzero(selection.mask(shown.positions, [ways[now.left].groups, ways[now.right].groups]))


def describe_axes(shown: ClusterMap) -> str:
    """What the directions on the map mean."""
    if shown.projection.method == "umap":
        return "UMAP: near points are alike; gaps between islands mean little."
    first, second = shown.projection_arrays["explained"]
    return f"Across: PC 1, {first:.1%} of the variance. Up: PC 2, {second:.1%}."


def cluster_map_provenance(shown: ClusterMap) -> str:
    """How map and clusters came about."""
    p, c = shown.projection, shown.clustering
    way = "PCA fitted on train"
    if p.method == "umap":
        way = f"UMAP of 50 principal components, {p.neighbours} neighbours, distance {p.min_distance:g}, {p.metric}, "
        way += f"seed {p.seed}"
    starts = "1 start" if c.restarts == 1 else f"best of {c.restarts} starts"
    return f"{way} · k-means on {c.space}, k = {c.k}, {starts}, seed {c.seed}, fitted on train"


def _selection() -> MapSelection:
    selection = view.CLUSTERS_PAGE.current_view().selection
    revision = st.session_state.get(f"{MAP_KEY}-revision", selection.revision)
    return MapSelection(selection.polygon, selection.isolated_groups, revision)


def _reconcile(shown: ClusterMap) -> None:
    """Drop of the selection what was made on other places or clusters than those now shown.

    They change under it when a map that was computed meanwhile takes the standard one's place.
    """
    now, fingerprint = view.CLUSTERS_PAGE.current_view(), shown.image_set.fingerprint
    asked = (now.projection.key(fingerprint), now.clustering.key(fingerprint))
    here = (shown.projection.key(fingerprint), shown.clustering.key(fingerprint))
    made_on, of = st.session_state.get(SELECTION_SOURCE_KEY, (asked, now.sel))
    if of != now.sel:
        made_on = asked  # it came with the address, and is of what that asks for
    selection = now.selection
    kept = selection
    if made_on[0] != here[0]:
        kept = MapSelection()
    elif made_on[1] != here[1]:
        kept = MapSelection(selection.polygon)
    if kept != selection:
        now = view.CLUSTERS_PAGE.replace_fields(sel=kept.to_address_text())
        st.caption("The selection was made on another map, and is gone.")
    st.session_state[SELECTION_SOURCE_KEY] = (here, now.sel)


def _take_selection() -> None:
    sent = value_from_browser(MAP_KEY)
    selection = selection_from_component(sent)
    if selection is None:
        return
    st.session_state[f"{MAP_KEY}-revision"] = selection.revision
    now = view.CLUSTERS_PAGE.current_view()
    left, right = colourings_from_browser(sent, (now.left, now.right))
    if (left, right) != (now.left, now.right):
        view.CLUSTERS_PAGE.update(left=left, right=right)
    view.CLUSTERS_PAGE.update(sel=selection.to_address_text())
    if SELECTION_SOURCE_KEY in st.session_state:  # it was made on what was drawn last
        st.session_state[SELECTION_SOURCE_KEY] = (
            st.session_state[SELECTION_SOURCE_KEY][0],
            view.CLUSTERS_PAGE.current_view().sel,
        )


def colourings_from_browser(value: Any, default: tuple[str, str]) -> tuple[str, str]:
    """The colours of both panels that a browser sent, or the ``standard`` ones when there are none such."""
    ways = value.get("ways")
    if isinstance(ways, list) and len(ways) == 2 and all(way in view.COLOURINGS for way in ways):
        return ways[0], ways[1]
    return default


def _without_webgl(shown: ClusterMap) -> None:
    from fashion_core.charts import maps

    n = len(shown.labels)
    some = (
        np.arange(n)
        if n <= MAX_POINTS_WITHOUT_WEBGL
        else np.random.default_rng(0).permutation(n)[:MAX_POINTS_WITHOUT_WEBGL]
    )
    st.info(
        f"This browser has no WebGL, so a plain pair of charts of {len(some):,} points drawn at random is shown, by "
        "true class and by cluster, without lasso or pictures."
    )
    chart = maps.class_and_cluster_maps(
        shown.projection_arrays["points"][some],
        shown.labels[some],
        shown.clusters[some],
        shown.cluster_classes.tolist(),
        ("", ""),
        webgl=False,
    )
    st.plotly_chart(chart, key="clusters-plain", alt="The points by true class and by k-means cluster")
    shell.show_provenance(describe_axes(shown))


def _selected(shown: ClusterMap, chosen: np.ndarray) -> None:
    if not len(chosen):
        st.markdown("Nothing lies in this selection.")
        return
    counts = np.bincount(shown.labels[chosen], minlength=len(CLASS_NAMES))
    most = int(counts.argmax())
    shell.show_finding(
        f"{len(chosen):,} garments selected: {counts[most] / len(chosen):.1%} are {CLASS_NAMES[most]}, "
        f"{int((counts > 0).sum())} of {len(CLASS_NAMES)} classes and "
        f"{len(np.unique(shown.clusters[chosen]))} of {shown.n_clusters} clusters are among them."
    )
    left, right = st.columns([2.6, 1], gap="medium")
    with left:
        _gallery(shown, chosen)
    with right:
        _counts(shown, chosen)
        st.download_button(
            "Selection as CSV",
            partial(selection_to_csv, shown, chosen),
            "selection.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
        )


def _ordered(shown: ClusterMap, chosen: np.ndarray, order: str) -> np.ndarray:
    if order == "As published":
        return chosen
    values = (
        shown.confidence if "confident" in order else shown.image_set.select_shown(shown.clustering_arrays["nearest"])
    )
    ranks = values[chosen].astype(np.float64)
    ranked = np.argsort(-ranks if order.startswith(("Farthest", "Most")) else ranks, kind="stable")  # nan comes last
    return chosen[ranked]


def _gallery(shown: ClusterMap, chosen: np.ndarray) -> None:
    if shown.image_set.dataset is None:
        st.caption("The pictures themselves are not on this machine. Download Fashion-MNIST above to see them.")
        return
    one, two = st.columns([1, 1], vertical_alignment="bottom")
    with one:
        view.CLUSTERS_PAGE.bound_widget("order", "Order", st.selectbox, view.GARMENT_ORDERS)
    now = view.CLUSTERS_PAGE.current_view()
    chosen = _ordered(shown, chosen, now.order)
    pages = -(-len(chosen) // SELECTED_PER_PAGE)
    with two:  # another selection or order begins at its first page
        number = st.pagination(pages, key=f"{PICTURES_KEY}-page-{now.sel}-{now.order}") if pages > 1 else 1
    here = chosen[(number - 1) * SELECTED_PER_PAGE : number * SELECTED_PER_PAGE]
    show_garment_pictures(shown, here, PICTURES_KEY)
    if "confident" in now.order and shown.run is not None:
        shell.show_provenance(
            f"Confidence: largest probability of run {shown.run.id}; pictures it was not asked come last"
        )
    else:
        shell.show_provenance("Choose a garment to see it on the maps")


def show_garment_pictures(shown: ClusterMap, indices: np.ndarray, key: str) -> None:
    """The pictures of the points at ``indices``, if they are on this machine; a click shows one on the maps."""
    data = shown.image_set.dataset
    if data is None:
        return
    n_train = shown.image_set.n_train
    addresses, captions = [], []
    for index in indices.tolist():
        place, part = index + shown.image_set.first_index, "train "
        images = data.published_train_arrays[0]
        if place >= n_train:
            place, part, images = place - n_train, "", data.published_test_arrays[0]
        addresses.append(serving.image_data_url(images[place]))
        captions.append(f"{SHORT_CLASS_NAMES[shown.labels[index]]} {part}{place}")
    picture_grid(addresses, captions, key=key, on_select=lambda position: focus_point(int(indices[position])))


def _counts(shown: ClusterMap, chosen: np.ndarray) -> None:
    """How many of each class and of each cluster; plain tables, for data frames take the browser longer to draw."""
    by_class = np.bincount(shown.labels[chosen], minlength=len(CLASS_NAMES))
    by_cluster = np.bincount(shown.clusters[chosen], minlength=shown.n_clusters)
    for title, names, counts in (
        ("Class", CLASS_NAMES, by_class),
        ("Cluster", colouring.cluster_labels(shown.cluster_classes), by_cluster),
    ):
        there = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i]]
        rows = [f"| {names[i]} | {counts[i]:,} |" for i in there]
        with st.container(height=MAX_TABLE_HEIGHT if len(there) > MAX_ROWS_UNSCROLLED else "content", border=False):
            st.markdown("\n".join([f"| {title} | Garments |", "|:--|--:|", *rows]))


def selection_to_csv(shown: ClusterMap, indices: np.ndarray) -> str:
    """The selection as CSV: one row a garment, everything that the page knows of it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    run = shown.run.id if shown.run is not None else "run"
    writer.writerow(
        ["part", "index", "class", "cluster", "cluster_name", "x", "y", "trust", "brightness", "distance_to_centroid",
         f"{run}_confidence"]
    )  # fmt: skip
    n_train, first = shown.image_set.n_train, shown.image_set.first_index
    confidence = shown.confidence
    brightness, nearest = (
        shown.image_set.select_shown(shown.image_set.brightness),
        shown.image_set.select_shown(shown.clustering_arrays["nearest"]),
    )
    points, trust = shown.projection_arrays["points"], shown.projection_arrays["trust"]
    for i in indices.tolist():
        place = i + first
        name = int(shown.cluster_classes[shown.clusters[i]])
        writer.writerow(
            [
                "train" if place < n_train else "test",
                place if place < n_train else place - n_train,
                CLASS_NAMES[shown.labels[i]],
                int(shown.clusters[i]) + 1,
                CLASS_NAMES[name] if name >= 0 else "",
                f"{points[i, 0]:.4f}",
                f"{points[i, 1]:.4f}",
                f"{trust[i]:.4f}",
                f"{brightness[i]:.2f}",
                f"{float(nearest[i]):.4g}",
                "" if np.isnan(confidence[i]) else f"{confidence[i]:.4f}",
            ]
        )
    return out.getvalue()
