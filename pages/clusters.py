"""Clusters: two linked maps of the garments, what is selected on them, and what k-means really found."""

import streamlit as st

from ui import shell
from ui.clusters import controls, details, linked_maps, view, workbench
from ui.clusters.cluster_map import load_cluster_map
from ui.clusters.image_set import load_image_set

with shell.page_frame("Clusters", "What does k-means find without seeing a label, and does it match the classes?"):
    now, complaints = view.CLUSTERS_PAGE.load()
    for complaint in complaints:
        st.warning(shell.escape_markdown(complaint))
    about = load_image_set(now)
    controls.show_controls(about)
    shown = load_cluster_map(now, about)
    if shown is not None:
        workbench.show_cluster_finding(shown)
        st.fragment(linked_maps.show_linked_maps)(shown)
        workbench.show_cluster_metrics(shown)
        details.show_details(shown)
