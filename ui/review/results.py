"""What was decided: into a catalogue for the next training, and as a download."""

from pathlib import Path

import streamlit as st

from fashion_core.data.catalogue_list import list_catalogues
from fashion_core.sorting.additions import add_decided_pictures, list_decided_pictures
from fashion_core.sorting.review import open_review
from fashion_core.sorting.table import CSV_NAME, write_tables
from fashion_core.sorting.uploads import delete_sorted_uploads, holds_sorted_uploads
from fashion_core.vision.picture_sources import replace_control_characters
from fashion_core.wording.growing import describe_addition
from fashion_core.wording.numbers import format_count
from ui import shell
from ui.review.session import ReviewSession

ADDITION_KEY = "review-addition"  # session key: what the last addition to a catalogue did, as a sentence


def show_results(session: ReviewSession) -> None:
    """The buttons for the table and for the catalogue."""
    folder = session.folder
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.download_button(
            "Table as CSV", lambda: _read_table(folder), CSV_NAME, "text/csv", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip
        _show_addition(folder)
        if holds_sorted_uploads(folder):
            _show_deletion(folder)
    if message := st.session_state.pop(ADDITION_KEY, ""):
        st.success(shell.escape_markdown(message))
    st.caption(shell.escape_markdown(f"Sorted into {replace_control_characters(str(folder))}"))


def _read_table(folder: Path) -> bytes:
    with open_review(folder) as journal:
        write_tables(journal, parquet=False)
    return (folder / CSV_NAME).read_bytes()


def _show_addition(folder: Path) -> None:
    catalogues = {entry.name: entry.catalogue for entry in list_catalogues() if entry.catalogue is not None}
    if not catalogues:
        st.page_link(shell.find_page("data"), label="Import a catalogue to add what you decide to it")
        return
    name = st.selectbox(
        "Catalogue for the next training", list(catalogues), format_func=lambda name: catalogues[name].title,
        key="review-catalogue", width=280,
    )  # fmt: skip
    n_decided = len(list_decided_pictures(folder, name))
    if not st.button(
        f"Add {format_count(n_decided, 'decided picture')}", icon=":material/library_add:", key="review-add",
        disabled=not n_decided,
    ):  # fmt: skip
        return
    bar = st.progress(0.0, text="Preparing the pictures")

    def report(fraction: float) -> None:
        bar.progress(fraction, text="Preparing the pictures")

    with shell.show_errors():
        added = add_decided_pictures(folder, catalogues[name], report)
        st.session_state[ADDITION_KEY] = describe_addition(added)
        st.rerun()


def _show_deletion(folder: Path) -> None:
    with st.popover("Delete", icon=":material/delete:"):
        st.write("Delete this folder with its pictures, which were uploaded on Try it, and what was decided?")
        if st.button("Delete for good", key="review-delete"):
            with shell.show_errors():
                delete_sorted_uploads(folder)
                st.rerun()
