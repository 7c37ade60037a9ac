"""Clusters: two linked maps of the garments, what is selected on them, and what k-means really found."""

import streamlit as st

from ui import shell
from ui.clusters import closer, controls, linked, view, workbench
from ui.clusters.shown import gather
from ui.clusters.subject import subject

with shell.page("Clusters", "What does k-means find without seeing a label, and does it match the classes?"):
    now, complaints = view.PAGE.current()
    for complaint in complaints:
        st.warning(shell.plain(complaint))
    about = subject(now)
    controls.row(about)
    shown = gather(now, about)
    if shown is not None:
        workbench.finding(shown)
        st.fragment(linked.explore)(shown)
        workbench.figures(shown)
        closer.look_closer(shown)
