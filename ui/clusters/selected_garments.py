"""The garments selected on the maps: pictures, counts and a table to download."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.models.kmeans import UNASSIGNED_CLUSTER_CLASS
from fashion_core.wording.clusters import describe_selected_garments
from fashion_core.wording.numbers import format_percent
from ui import caches, serving, shell
from ui.clusters import colouring, view
from ui.clusters.cluster_map import ClusterMap
from ui.components.pictures import picture_grid
from ui.csv_download import csv_button
from ui.pagination import paginate

SELECTED_PER_PAGE = 48
MAX_ROWS_UNSCROLLED, MAX_COUNTS_HEIGHT = 10, 440  # rows, pixels
PICTURES_KEY = "clusters-pictures"
ONE_GARMENT_SCALE = 5  # screen pixels per image pixel
PICTURES_MISSING_MESSAGE = "The pictures are not on this machine. Download Fashion-MNIST above to see them."


def show_one_garment(cluster_map: ClusterMap, point: int) -> None:
    """The picture of a point and what is known of it."""
    images, classes = cluster_map.images, cluster_map.images.classes
    part, index = images.part_and_index(point)
    heading, back = st.columns([3, 1])
    with heading:
        shell.show_finding(f"{'Train' if part == 'train' else 'Test'} picture {index}")
    with back:
        st.button(
            "Back",
            icon=":material/arrow_back:",
            on_click=view.CLUSTERS_PAGE_STATE.update,
            kwargs={"point": view.NO_POINT},
        )
    show_garment_pictures(cluster_map, np.array([point]), "clusters-point", scale=ONE_GARMENT_SCALE)
    cluster_names = colouring.cluster_legend_labels(cluster_map.cluster_classes, classes)
    facts = {"Cluster": cluster_names[cluster_map.clusters[point]]}
    if images.is_labelled:
        facts = {"Class": classes[cluster_map.labels[point]].name} | facts
    facts |= {name: text for name, text in _describe_predictions(cluster_map, point).items() if text}
    facts["Distance to the centroid"] = f"{cluster_map.centroid_distance[point]:,.0f}"
    facts["Brightness, of 255"] = f"{cluster_map.brightness[point]:.0f}"
    rows = [f"| {name} | {shell.escape_markdown(value)} |" for name, value in facts.items()]
    st.markdown("\n".join([rows[0], "|:--|:--|", *rows[1:]]))
    if images.dataset is None:
        st.caption(PICTURES_MISSING_MESSAGE)


def _describe_predictions(cluster_map: ClusterMap, point: int) -> dict[str, str]:
    """What the run that colours the maps predicts for a point, if it was tested on it."""
    positions = np.flatnonzero(cluster_map.images.tested_points == point)
    if cluster_map.run is None or not len(positions):
        return {}
    predictions = caches.cached_test_predictions(cluster_map.run)
    name = cluster_map.images.classes[int(predictions.predicted[positions[0]])].name
    confidence = (
        f", probability {format_percent(predictions.confidence[positions[0]], 0)}"
        if cluster_map.run_has_confidence
        else ""
    )
    return {f"Prediction of {shell.escape_markdown(cluster_map.run.title)}": name + confidence}


def show_selected_garments(cluster_map: ClusterMap, points: np.ndarray, on_close: Callable[[], None]) -> None:
    """``points``: indices of the selected images; ``on_close`` clears the selection."""
    st.button("Close", icon=":material/close:", on_click=on_close)
    if not len(points):
        st.markdown("There are no garments in this selection.")
        return
    classes = cluster_map.images.classes
    by_class = np.bincount(cluster_map.labels[points], minlength=len(classes))
    by_cluster = np.bincount(cluster_map.clusters[points], minlength=cluster_map.n_clusters)
    shell.show_finding(describe_selected_garments(by_class, by_cluster, cluster_map.images.classes))
    _show_pictures(cluster_map, points)
    _show_counts("Class", classes.names, by_class)
    _show_counts("Cluster", colouring.cluster_legend_labels(cluster_map.cluster_classes, classes), by_cluster)
    csv_button(lambda: selection_table(cluster_map, points), "selection.csv", "Selection as CSV")


def _show_pictures(cluster_map: ClusterMap, points: np.ndarray) -> None:
    if cluster_map.images.dataset is None:
        st.caption(PICTURES_MISSING_MESSAGE)
        return
    orders = [o for o in view.GARMENT_ORDERS if "confident" not in o or cluster_map.run_has_confidence]
    if view.CLUSTERS_PAGE_STATE.current_view().order not in orders:
        view.CLUSTERS_PAGE_STATE.correct_fields_while_drawing(order=orders[0])
    view.CLUSTERS_PAGE_STATE.bound_widget("order", "Order", st.selectbox, orders, label_visibility="collapsed")
    now = view.CLUSTERS_PAGE_STATE.current_view()
    points = _sort_points(cluster_map, points, now.order)
    pictures = st.container()
    # another selection or order begins at its first page
    on_page = paginate(len(points), SELECTED_PER_PAGE, f"{PICTURES_KEY}-page-{now.sel}-{now.order}")
    with pictures:
        show_garment_pictures(cluster_map, points[on_page], PICTURES_KEY)
    if "confident" in now.order and cluster_map.run is not None:
        shell.show_provenance(f"Confidence: largest probability of run {cluster_map.run.id}; train images come last")


def _sort_points(cluster_map: ClusterMap, points: np.ndarray, order: str) -> np.ndarray:
    if order == "As published":
        return points
    values = cluster_map.confidence if "confident" in order else cluster_map.centroid_distance
    sign = -1 if order.startswith(("Farthest", "Most")) else 1
    return points[np.argsort(sign * values[points].astype(np.float64), kind="stable")]  # nan comes last


def show_garment_pictures(cluster_map: ClusterMap, points: np.ndarray, key: str, *, scale: int = 2) -> None:
    """Pictures of the points, if they are on this machine; a click centres the maps on one."""
    dataset = cluster_map.images.dataset
    if dataset is None:
        return
    parts = {"train": dataset.published_train_arrays[0], "test": dataset.published_test_arrays[0]}
    urls, captions, classes = [], [], cluster_map.images.classes
    pictures_url = serving.publish_dataset_images(dataset)

    def show_point(point: int) -> None:
        if point < len(cluster_map.labels):  # the map may be of fewer images than when it was clicked
            view.centre_maps_on_point(point)

    for point in points.tolist():
        part, index = cluster_map.images.part_and_index(point)
        has_picture = dataset.has_pictures
        urls.append(f"{pictures_url}/{part}/{index}.jpg" if has_picture else serving.image_data_url(parts[part][index]))
        prefix = "train " if part == "train" and not dataset.fold_numbers else ""
        captions.append(f"{classes[cluster_map.labels[point]].short_name} {prefix}{index}")
    picture_grid(
        urls,
        captions,
        key=key,
        ids=points.tolist(),
        on_select=show_point,
        scale=scale,
        are_photographs=dataset.has_pictures,
    )


def _show_counts(title: str, names: tuple[str, ...], counts: np.ndarray) -> None:
    """A Markdown table, because browsers draw it faster than a data frame."""
    present = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i]]
    rows = [f"| {shell.escape_markdown(names[i])} | {counts[i]:,} |" for i in present]
    with st.container(height=MAX_COUNTS_HEIGHT if len(present) > MAX_ROWS_UNSCROLLED else "content", border=False):
        st.markdown("\n".join([f"| {title} | Garments |", "|:--|--:|", *rows]))


def selection_table(cluster_map: ClusterMap, points: np.ndarray) -> pd.DataFrame:
    """One row a garment, with everything that the page knows of it."""
    locations = [cluster_map.images.part_and_index(point) for point in points.tolist()]
    clusters = cluster_map.clusters[points].astype(int)
    class_names = cluster_map.images.classes.names
    assigned = [
        class_names[label] if label != UNASSIGNED_CLUSTER_CLASS else "" for label in cluster_map.cluster_classes
    ]
    map_points = cluster_map.projection_arrays["points"][points]
    run_id = cluster_map.run.id if cluster_map.run is not None else "run"
    return pd.DataFrame(
        {
            "part": [part for part, _ in locations],
            "index": [index for _, index in locations],
            "class": [class_names[label] for label in cluster_map.labels[points]],
            "cluster": clusters + 1,
            "cluster_name": [assigned[cluster] for cluster in clusters],
            "x": map_points[:, 0].round(4),
            "y": map_points[:, 1].round(4),
            "trust": cluster_map.projection_arrays["trust"][points].round(4),
            "brightness": cluster_map.brightness[points].round(2),
            "distance_to_centroid": cluster_map.centroid_distance[points],
            f"{run_id}_confidence": cluster_map.confidence[points].round(4),
        }
    )
