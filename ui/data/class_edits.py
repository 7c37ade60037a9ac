"""The classes of a data set: how many pictures each has and, in a catalogue, renaming, merging and deleting them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.data import catalogue_edits
from fashion_core.data.catalogue import Catalogue
from fashion_core.data.class_names import MAX_CLASS_NAME_LENGTH
from fashion_core.data.dataset import Dataset
from ui import hosting, shell

MAX_TABLE_HEIGHT = 420  # pixels


def show_classes(dataset: Dataset) -> None:
    """The number of pictures of each class and, for a catalogue, what can be done with classes."""
    if not isinstance(dataset, Catalogue) or not hosting.may_change():
        _show_class_table(dataset)
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        _show_class_table(dataset)
    with right:
        _show_edits(dataset)


def count_classes(dataset: Dataset) -> dict[str, np.ndarray]:
    """Pictures of each class int64 [classes]: all, and of each split, without copying an image."""
    train = dataset.published_labels("train")
    labels = {
        "Pictures": dataset.all_labels,
        "Train": np.delete(train, dataset.validation_indices),
        "Validation": train[dataset.validation_indices],
        "Cross-validation" if dataset.fold_numbers else "Test": dataset.published_labels("test"),
    }
    return {name: np.bincount(of_split, minlength=len(dataset.classes)) for name, of_split in labels.items()}


def run_edit(edit: Callable[[], object]) -> None:
    """Change a catalogue and draw the page anew, or show why it can't be changed."""
    with shell.show_errors():
        edit()
        st.rerun()


def _show_class_table(dataset: Dataset) -> None:
    counts = count_classes(dataset)
    frame = pd.DataFrame({"Class": dataset.classes.names, **counts})
    numbers = st.column_config.NumberColumn(format="localized")
    st.dataframe(
        frame,
        hide_index=True,
        height=min(MAX_TABLE_HEIGHT, 35 * (len(frame) + 1) + 3),
        column_config=dict.fromkeys(counts, numbers),
    )


def _show_edits(catalogue: Catalogue) -> None:
    # other classes than now are chosen anew
    names = st.multiselect(
        "Classes to change", catalogue.classes.names, key=f"classes-{catalogue.fingerprint}",
        placeholder="One to rename or delete, several to merge",
    )  # fmt: skip
    if not names:
        return
    label = "New name" if len(names) == 1 else "Name of the merged class"
    with st.form(f"class-name-{catalogue.fingerprint}-{names[0]}", border=False):
        name = st.text_input(label, names[0], max_chars=MAX_CLASS_NAME_LENGTH)
        submitted = st.form_submit_button(
            "Rename" if len(names) == 1 else f"Merge {len(names)} classes", type="primary"
        )
    if submitted and len(names) == 1:
        run_edit(lambda: catalogue_edits.rename_class(catalogue, names[0], name))
    elif submitted:
        run_edit(lambda: catalogue_edits.merge_classes(catalogue, names, name))
    if len(names) == 1 and len(catalogue.classes) > 1:
        if st.button("Delete the class", icon=":material/delete:"):
            run_edit(lambda: catalogue_edits.delete_class(catalogue, names[0]))
        st.caption("Its pictures stay on disk without a label. Undo brings them back.")
