"""The chosen data set: what it is, what comes next, and what should be fixed."""

import tempfile
from pathlib import Path

import streamlit as st

from fashion_core.data import catalogue_edits
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.catalogue_archive import export_catalogue
from fashion_core.data.dataset import MAX_SEED, SPLIT_SEED, Dataset
from fashion_core.wording import dataset as wording
from fashion_core.wording.text import escape_markdown
from ui import hosting, shell
from ui.data import class_edits, import_report, mending
from ui.data.class_edits import run_edit
from ui.data.dataset_list import confirm_delete

IMPORT_EXAMPLE = (
    "Your own pictures go in beside this. For example, a zip with the folders parka (60 pictures) and trench (45) "
    "becomes a data set of two classes, of which each picture is tested once (cross-validation). This page then shows "
    "what could not be read, duplicates, pictures that look mislabelled and classes that look like one, each with a "
    "button that fixes it."
)
CLASSES, MENDING, REPORT = "Classes", "What to fix", "Import report"


def show_summary(dataset: Dataset) -> None:
    """What the data set is, and the buttons to what comes next."""
    shell.show_finding(wording.describe_dataset(dataset, class_edits.count_classes(dataset)["Pictures"]))
    with st.container(horizontal=True, vertical_alignment="center"):
        if not hosting.may_change():
            st.page_link(shell.find_page("train"), label="See the runs", icon=":material/model_training:")
        elif dataset.is_labelled:
            st.page_link(shell.find_page("train"), label="Train a model", icon=":material/model_training:")
        else:
            st.page_link(shell.find_page("clusters"), label="Name its clusters", icon=":material/bubble_chart:")
        st.page_link(shell.find_page("garments"), label="See the garments", icon=":material/grid_view:")
        if isinstance(dataset, Catalogue):
            _show_actions(dataset)
    if not isinstance(dataset, Catalogue) and hosting.may_change():
        st.caption(IMPORT_EXAMPLE)
    shell.show_provenance(wording.describe_source(dataset))


def show_sections(dataset: Dataset) -> None:
    """The classes of the data set, what should be fixed and, for a catalogue, what the import found."""
    sections = (CLASSES, MENDING, REPORT) if isinstance(dataset, Catalogue) else (CLASSES, MENDING)
    section = st.segmented_control(
        "Section", sections, default=CLASSES, required=True, key="section", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    if section == CLASSES:
        class_edits.show_classes(dataset)
    elif section == MENDING:
        mending.show_mending(dataset)
    elif isinstance(dataset, Catalogue):
        import_report.show_import_report(dataset)


def _show_actions(catalogue: Catalogue) -> None:
    if not hosting.may_change():
        _show_export(catalogue)
        return
    if catalogue.last_change and st.button(
        f"Undo: {escape_markdown(catalogue.last_change)}", icon=":material/undo:", key="undo"
    ):
        run_edit(lambda: catalogue_edits.undo(catalogue))
    with st.popover("Split, export, delete", icon=":material/more_horiz:"):
        seed = int(st.number_input("Seed of the split", 0, MAX_SEED, int(catalogue.values.get("seed", SPLIT_SEED))))
        if st.button("Split again", icon=":material/shuffle:"):
            run_edit(lambda: catalogue_edits.split_again(catalogue, seed))
        _show_export(catalogue)
        if st.button("Delete", icon=":material/delete:"):
            confirm_delete(catalogue.name, catalogue.title)


def _show_export(catalogue: Catalogue) -> None:
    st.download_button(
        "Export as zip", lambda: _export_zip(catalogue), f"{catalogue.name}.zip", "application/zip",
        on_click="ignore", icon=":material/download:",
    )  # fmt: skip


def _export_zip(catalogue: Catalogue) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{catalogue.name}.zip"
        export_catalogue(catalogue, path)
        return path.read_bytes()
