"""The data sets there are: one is chosen here or in the sidebar."""

import dataclasses
from functools import partial

import pandas as pd
import streamlit as st

from fashion_core.data.catalogue_list import CatalogueEntry, delete_catalogue, list_catalogues
from fashion_core.data.catalogue_values import DATASET_FILE
from fashion_core.data.dataset import Dataset
from fashion_core.data.loading import DEFAULT_DATASET_NAME, load_dataset
from fashion_core.errors import DataError
from fashion_core.storage.files import folder_size
from fashion_core.wording.dataset import describe_source
from fashion_core.wording.text import escape_markdown
from ui import caches, dataset_choice, hosting, shell
from ui.errors import run_action

MAX_TABLE_HEIGHT = 250  # pixels
COLUMN_CONFIG = {
    "Pictures": st.column_config.NumberColumn(format="localized"),
    "Size": st.column_config.NumberColumn(format="bytes"),
}


def show_dataset_list(chosen: Dataset) -> None:
    """Every data set; a click on a row chooses it. Damaged ones say why they can't be read."""
    rows, entries = [_row(chosen if chosen.has_shipped_runs else load_dataset())], []
    for entry in list_catalogues():
        try:
            rows += [_row(entry.catalogue)] if entry.catalogue is not None else []
            entries.append(entry)
        except DataError as error:  # its arrays are damaged
            entries.append(dataclasses.replace(entry, catalogue=None, damage=str(error)))
    names = [str(row.pop("name")) for row in rows]
    for row, name in zip(rows, names, strict=True):
        if name == chosen.name:
            row["Data set"] = f"{chosen.title} (chosen)"
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        placeholder=shell.MISSING_VALUE,
        on_select="rerun",
        selection_mode="single-row",
        key=f"datasets-{'-'.join(names)}-{chosen.name}",  # a new choice begins without a selected row
        height=min(MAX_TABLE_HEIGHT, 35 * (len(rows) + 1) + 3),
        column_config=COLUMN_CONFIG,
    )
    selected = event.selection.rows
    if selected and selected[0] < len(names) and names[selected[0]] != chosen.name:
        dataset_choice.choose_while_drawing(names[selected[0]])
        st.rerun()
    for entry in entries:
        if entry.catalogue is None:
            _show_damaged(entry)


def _row(dataset: Dataset) -> dict[str, object]:
    version = caches.modification_time(dataset.folder / DATASET_FILE) if dataset.folder else 0.0
    return _cached_row(dataset, dataset.fingerprint, version).copy()


@st.cache_data(max_entries=100, show_spinner=False)
def _cached_row(_dataset: Dataset, fingerprint: str, version: float) -> dict[str, object]:
    return {
        "name": _dataset.name,
        "Data set": _dataset.title,
        "Classes": len(_dataset.classes),
        "Pictures": len(_dataset.all_labels),
        "Size": folder_size(_dataset.folder) if _dataset.folder else None,
        "Source": describe_source(_dataset),
    }


def _show_damaged(entry: CatalogueEntry) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(escape_markdown(entry.damage))
        if hosting.change_button("Delete", icon=":material/delete:", key=f"delete-{entry.name}"):
            confirm_delete(entry.name, entry.name)


@st.dialog("Delete this data set?")
def confirm_delete(name: str, title: str) -> None:
    """Ask before a catalogue is deleted."""
    n_runs = sum(run.record is not None and run.record.data.name == name for run in caches.list_runs())
    st.markdown(f"{escape_markdown(title)}, its pictures and its labels are deleted for good.")
    if n_runs:
        st.markdown(f"Your runs on it ({n_runs}) stay on disk, but no page shows them any more. Export them first.")
    if st.button("Delete it", type="primary", on_click=run_action, args=(partial(_delete, name),)):
        st.rerun()  # closes the dialog


def _delete(name: str) -> None:
    delete_catalogue(name)
    if caches.current_dataset_name() == name:
        dataset_choice.choose(DEFAULT_DATASET_NAME)
