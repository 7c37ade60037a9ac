"""Where the same page about your own pictures comes from."""

import streamlit as st

from fashion_core.data.loading import DEFAULT_DATASET_NAME
from ui import caches, dataset_choice, shell

MAX_CATALOGUES_SHOWN = 5


def show_way_to_own_catalogue() -> None:
    """The same page about your catalogues, and how to get another."""
    titles = {name: title for name, title in caches.list_dataset_titles().items() if name != DEFAULT_DATASET_NAME}
    for name in list(titles)[:MAX_CATALOGUES_SHOWN]:
        label = f"Show {shell.escape_markdown(titles[name])}"
        st.button(label, key=f"feasibility-catalogue-{name}", on_click=dataset_choice.choose, args=(name,))
    st.markdown("Upload one folder per kind to see your own result: train a run on it, and this page is about it.")
    st.page_link(shell.find_page("data"), label="Import your own pictures")
