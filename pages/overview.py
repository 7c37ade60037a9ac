"""Overview: the answer, the runs behind it, what they show, and where to go next."""

import numpy as np
import streamlit as st

from fashion_core.data import Dataset
from fashion_core.runs import summary
from fashion_core.wording.runs import describe_best_run
from ui import caches, gallery, pickers, shell
from ui.overview import findings
from ui.overview.answer import show_answer
from ui.overview.catalogue import show_catalogue_overview
from ui.overview.evidence import show_accuracy_evidence
from ui.overview.runs import show_runs


def show_shipped_overview(data: Dataset) -> None:
    """The whole page about Fashion-MNIST."""
    rows = pickers.shipped_summary_rows(summary.MAIN_RUN_IDS)
    best = max(rows, key=lambda row: row.metrics.accuracy, default=None)
    if best is not None:
        show_answer(best, describe_best_run(best))
    left, right = st.columns([1.5, 1], gap="medium")
    with left:
        if rows:
            show_runs(rows, [row.method for row in rows])
            show_accuracy_evidence()
    with right:
        test = data.split("test")
        firsts = [int(np.flatnonzero(test.labels == c.index)[0]) for c in data.classes]
        gallery.image_gallery(test.images[firsts], data.classes.short_names, scale=2)
        shell.show_provenance(f"The first test picture of each class, {data.title}")
        st.page_link(shell.find_page("garments"), label="See all garments")
    st.subheader("What the runs show", anchor=False)
    failed = pickers.shipped_summary_rows(summary.POSTER_RUN_IDS)
    for column, card in zip(st.columns(3), findings.finding_cards(rows, failed), strict=True):
        with column, st.container(border=True, height="stretch"):
            card()


with shell.page_frame("Overview", "Can clothing pictures be sorted automatically, and how do we know?"):
    data = caches.current_dataset()
    if data.has_shipped_runs:
        show_shipped_overview(data)
        caches.start_loading_recognizer()  # for Try it, which many visitors open next
    else:
        show_catalogue_overview(data)
