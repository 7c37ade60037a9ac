"""Where the same page about your own pictures comes from."""

import streamlit as st

from ui import shell


def show_way_to_own_catalogue() -> None:
    """How to get this page about your own pictures."""
    st.info(
        "Import your own pictures, one folder for each class, and train a run on them. This page then says how much of "
        "your catalogue can be automated."
    )
    st.page_link(shell.find_page("data"), label="Import your own pictures")
