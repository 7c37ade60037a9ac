"""Data: the data sets, importing one, and what should be fixed in it."""

import streamlit as st

from ui import caches, shell
from ui.data import chosen_dataset, dataset_list, import_form

with shell.page_frame("Data", "Which pictures are there, and what should be fixed?"):
    dataset = caches.current_dataset()
    left, right = st.columns([3, 2], gap="large")
    with left, shell.show_errors():
        dataset_list.show_dataset_list(dataset)
        chosen_dataset.show_summary(dataset)
    with right, shell.show_errors():
        import_form.show_imports()
    chosen_dataset.show_sections(dataset)
