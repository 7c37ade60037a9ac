"""Clusters: two linked maps of the garments, what is selected on them, and how well k-means matches the classes."""

import streamlit as st

from ui import shell
from ui.clusters import controls, details, linked_maps, summary
from ui.clusters.cluster_map import load_or_offer_cluster_map
from ui.clusters.clustered_images import load_clustered_images
from ui.clusters.view import load_view

with shell.page_frame("Clusters", "What does k-means find without labels, and does it match the classes?"):
    view, problems = load_view()
    for problem in problems:
        st.warning(shell.escape_markdown(problem))
    images = load_clustered_images(view)
    controls.show_clusters_controls(images)
    cluster_map = None
    if images.n_shown:
        cluster_map = load_or_offer_cluster_map(view, images)
    else:
        st.info("There are no pictures here. Choose All under Options, or add some to the data set.")
    if cluster_map is not None:
        summary.show_cluster_finding(cluster_map)
        st.fragment(linked_maps.show_linked_maps)(cluster_map)
        summary.show_cluster_metrics(cluster_map)
        details.show_chosen_clusters_section(cluster_map)
