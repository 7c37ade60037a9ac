"""The pair of maps, and what is selected on it."""

from typing import Any

import numpy as np
import streamlit as st

from fashion_core.wording.clusters import describe_axes, format_clustering_provenance, format_projection_provenance
from ui import serving, shell
from ui.clusters import selected_garments, summary, view
from ui.clusters.cluster_map import ClusterMap
from ui.components.map import PointCloud, PointColouring, show_paired_point_maps, unchecked_map_selection_from_browser
from ui.map_selection import MapSelection, selection_from_component

MAP_KEY, REVISION_KEY, SELECTION_SOURCE_KEY = "clusters-pair", "clusters-pair-revision", "clusters-selection-of"
HOVER_FIELDS = {"class": "True class", "cluster": "Cluster"}
MAX_POINTS_WITHOUT_WEBGL = 2000
PANEL_HEIGHT = 500  # pixels, as high as the maps on a laptop


def show_linked_maps(cluster_map: ClusterMap) -> None:
    """The maps and, beside them, what is selected; a selection reruns this fragment alone."""
    with shell.show_errors():
        _drop_outdated_selection(cluster_map)
        colourings = cluster_map.colourings()
        left, right = _panel_colourings(colourings)
        maps, panel = st.columns([2.2, 1], gap="small")
        with maps:
            if not _show_maps(cluster_map, colourings, (left, right)):
                _show_plain_maps(cluster_map)
        with panel:
            cluster_map.show_missing_results()
            _show_result(cluster_map, [colourings[left].groups, colourings[right].groups])


def show_provenance(cluster_map: ClusterMap) -> None:
    """Of the pictures, the map and the clusters."""
    shell.show_provenance(
        cluster_map.images.provenance,
        format_projection_provenance(cluster_map.projection),
        format_clustering_provenance(cluster_map.clustering),
    )


def _show_result(cluster_map: ClusterMap, groups: list[np.ndarray]) -> None:
    """The garment or the garments that are selected; without any how well the clusters match the classes."""
    now = view.CLUSTERS_PAGE_STATE.current_view()
    has_point = view.NO_POINT < now.point < cluster_map.images.n_shown
    with shell.result_panel(PANEL_HEIGHT, has_result=has_point or bool(now.selection)):
        if has_point:
            selected_garments.show_one_garment(cluster_map, now.point)
        elif now.selection:
            points = np.flatnonzero(now.selection.mask(cluster_map.positions, groups))
            selected_garments.show_selected_garments(cluster_map, points, _clear_selection)
        else:
            summary.show_cluster_finding(cluster_map)
            summary.show_cluster_metrics(cluster_map)
            st.caption("Choose a point, or draw around several with Lasso, to see the garments here.")


def _panel_colourings(colourings: dict[str, PointColouring]) -> tuple[str, str]:
    """The view's colourings of both panels; the defaults if they need a run and there is none."""
    now, usual = view.CLUSTERS_PAGE_STATE.current_view(), view.CLUSTERS_PAGE_STATE.default
    if now.left not in colourings or now.right not in colourings:
        now = view.CLUSTERS_PAGE_STATE.correct_fields_while_drawing(left=usual.left, right=usual.right)
    return now.left, now.right


def _show_maps(
    cluster_map: ClusterMap, colourings: dict[str, PointColouring], panel_colourings: tuple[str, str]
) -> bool:
    """Whether the browser can show them."""
    images = cluster_map.images
    cloud = PointCloud(
        cluster_map.positions,
        cluster_map.extent,
        images.n_train - images.first_shown_index,
        _axes_description(cluster_map),
        None if images.dataset is None else serving.publish_dataset_images(images.dataset),
    )
    now = view.CLUSTERS_PAGE_STATE.current_view()
    revision = st.session_state.get(REVISION_KEY, now.selection.revision)
    return show_paired_point_maps(
        cloud,
        colourings,
        HOVER_FIELDS,
        panel_colourings,
        MapSelection(now.selection.polygon, now.selection.isolated_groups, revision),
        point=now.point,
        key=MAP_KEY,
        on_selection=_store_selection,
        on_point=lambda point: view.CLUSTERS_PAGE_STATE.update(point=point),
        focus=st.session_state.pop(view.FOCUS_KEY, None),
    )


def _axes_description(cluster_map: ClusterMap) -> str:
    return describe_axes(cluster_map.projection.method, cluster_map.projection_arrays["explained"].tolist())


def _drop_outdated_selection(cluster_map: ClusterMap) -> None:
    """Drop a selection made on other positions or clusters than those shown now.

    They change under it when a finished computation replaces the default map.
    """
    now, fingerprint = view.CLUSTERS_PAGE_STATE.current_view(), cluster_map.images.fingerprint
    requested = (now.projection.key(fingerprint), now.clustering.key(fingerprint))
    shown = (cluster_map.projection.key(fingerprint), cluster_map.clustering.key(fingerprint))
    source, address_text = st.session_state.get(SELECTION_SOURCE_KEY, (requested, now.sel))
    if address_text != now.sel:
        source = requested  # a selection from the address belongs to what the address asks for
    kept = now.selection
    if source[0] != shown[0]:
        kept = MapSelection()
    elif source[1] != shown[1]:
        kept = MapSelection(kept.polygon)
    if kept != now.selection:
        now = view.CLUSTERS_PAGE_STATE.correct_fields_while_drawing(sel=kept.to_address_text())
        st.caption("The selection was made on another map and has been cleared.")
    st.session_state[SELECTION_SOURCE_KEY] = (shown, now.sel)


def _clear_selection() -> None:
    selection = view.CLUSTERS_PAGE_STATE.current_view().selection
    st.session_state[REVISION_KEY] = st.session_state.get(REVISION_KEY, selection.revision) + 1
    view.CLUSTERS_PAGE_STATE.update(sel="")


def _store_selection() -> None:
    value = unchecked_map_selection_from_browser(MAP_KEY)
    selection = selection_from_component(value)
    if selection is None:
        return
    st.session_state[REVISION_KEY] = selection.revision
    now = view.CLUSTERS_PAGE_STATE.current_view()
    left, right = colourings_from_browser(value, (now.left, now.right))
    view.CLUSTERS_PAGE_STATE.update(left=left, right=right, sel=selection.to_address_text())
    if SELECTION_SOURCE_KEY in st.session_state:  # made on the map that was drawn last
        source, _ = st.session_state[SELECTION_SOURCE_KEY]
        st.session_state[SELECTION_SOURCE_KEY] = (source, view.CLUSTERS_PAGE_STATE.current_view().sel)


def colourings_from_browser(value: Any, default: tuple[str, str]) -> tuple[str, str]:
    """The colourings of both panels that a browser sent, or ``default`` if they are not valid."""
    names = value.get("colourings")
    if isinstance(names, list) and len(names) == 2 and all(name in view.COLOURINGS for name in names):
        return names[0], names[1]
    return default


def _show_plain_maps(cluster_map: ClusterMap) -> None:
    from fashion_core.charts import maps

    n = len(cluster_map.labels)
    sample = np.random.default_rng(0).permutation(n)[:MAX_POINTS_WITHOUT_WEBGL]
    st.info(
        f"This browser has no WebGL. You see plain charts of {len(sample):,} random points by true class and by "
        "cluster, without lasso or pictures."
    )
    chart = maps.class_and_cluster_maps(
        cluster_map.projection_arrays["points"][sample],
        cluster_map.labels[sample],
        cluster_map.clusters[sample],
        cluster_map.cluster_classes.tolist(),
        cluster_map.images.classes,
    )
    st.plotly_chart(chart, key="clusters-plain", alt="The points by true class and by k-means cluster")
    shell.show_provenance(_axes_description(cluster_map))
