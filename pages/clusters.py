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
    with st.container(gap="xsmall"):
        controls.show_clusters_controls(images)
        if not images.n_shown:
            st.info("There are no pictures here. Choose All under Options, or add some to the data set.")
        elif cluster_map := load_or_offer_cluster_map(view, images):
            if controls.choose_section() == "Maps":
                st.fragment(linked_maps.show_linked_maps)(cluster_map)
            else:
                cluster_map.show_missing_results()
                summary.show_cluster_finding(cluster_map)
                details.show_clusters_section(cluster_map)
            linked_maps.show_provenance(cluster_map)
