"""The answers to many pictures: a table to filter, and how good they are where the pictures are sorted."""

import base64
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis import metrics
from fashion_core.computed.reference_features import ENSEMBLE_RUN_IDS
from fashion_core.data.classes import CLASS_NAMES, N_CLASSES, SHORT_CLASS_NAMES
from fashion_core.recognition import labelled_folder, results_table
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import LabelledFolderScores
from fashion_core.wording.numbers import format_duration
from ui import caches, gallery, serving, shell
from ui.components.matrices import MatrixSelection, ShadedMatrix, confusion_matrices
from ui.try_it.job import RecognitionJob

N_LATEST = 12  # pictures shown while more are being answered
CELL_KEY = "folder-pick"  # session key: true and said class of the chosen cell, None for any
ALL_CLASSES = "Every class"
RESULT_FILTERS = ("All", "With a warning", "Unreadable")
WRONG_FILTER = "Wrong"
ROW_HEIGHT, MAX_TABLE_HEIGHT = 52, 560  # pixels of a table's line, and of a table
PERCENT_COLUMN = st.column_config.NumberColumn(format="%.1f")


def show_latest_results(results: Sequence[PictureResult]) -> None:
    """What the last pictures became and are taken for."""
    found = [row for row in results if row.prediction is not None][-N_LATEST:]
    if found:
        images = np.stack([row.image for row in found if row.image is not None])
        gallery.image_gallery(
            images, [SHORT_CLASS_NAMES[labelled_folder.rank_classes(row)[0]] for row in found], scale=2
        )


def show_folder_results(job: RecognitionJob) -> None:
    """Everything about answered pictures; scored where they lie in folders named for classes."""
    rows = job.rows
    truth = labelled_folder.labels_from_folders(rows) if labelled_folder.has_class_folders(rows) else None
    if truth is not None:
        _show_scores(job, labelled_folder.score_labelled_folder(rows))
    _show_table(job, rows, truth)


def format_folder_provenance(job: RecognitionJob) -> str:
    """Who answered, and how."""
    kinds = {row.kind for row in job.rows if row.kind is not None} & caches.cached_recognizer().corrections.keys()
    correction = f", corrected for: {', '.join(sorted(kinds))}" if job.corrected and kinds else ", uncorrected"
    return f"{' and '.join(ENSEMBLE_RUN_IDS)}{' together' if len(ENSEMBLE_RUN_IDS) > 1 else ''}{correction}"


def _show_table(job: RecognitionJob, rows: list[PictureResult], truth: np.ndarray | None) -> None:
    shell.show_finding(_format_summary(rows))
    frame = results_table.results_to_frame(rows, truth)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        said = st.selectbox(
            "Class", [ALL_CLASSES, *CLASS_NAMES], key="folder-class", persist_state="session", width=220
        )
        which = st.segmented_control(
            "Show", [*RESULT_FILTERS, *([WRONG_FILTER] if truth is not None else [])], default=RESULT_FILTERS[0], required=True,
            key=f"folder-which-{truth is not None}", persist_state="session",
        )  # fmt: skip
        st.download_button(
            "Table as CSV", lambda: frame.to_csv(index=False).encode("utf-8-sig"), "pictures.csv", "text/csv",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
    kept = _filter_results(frame, said, which, truth)
    if not len(kept):
        st.caption("No picture is left. Choose another class, or show all.")
        return
    shown = frame.iloc[kept].drop(columns="same_as")
    shown.insert(0, "picture", [_thumbnail_url(rows[i]) for i in kept])
    shown.insert(1, "seen", [_image_url(rows[i]) for i in kept])
    if frame["same_as"].any():
        shown["same_as"] = frame["same_as"].iloc[kept]
    height = min(MAX_TABLE_HEIGHT, ROW_HEIGHT * len(kept) + 38)
    st.dataframe(shown, hide_index=True, row_height=ROW_HEIGHT, height=height, column_config=_column_config())
    rate = f", {len(rows) / job.seconds:.1f} a second" if job.seconds > 1 else ""
    shell.show_provenance(
        format_folder_provenance(job),
        f"n = {len(rows):,}, {len(kept):,} of them shown",
        f"{format_duration(job.seconds)}{rate}",
    )


def _format_summary(rows: list[PictureResult]) -> str:
    """The answers in a sentence."""
    read = [row for row in rows if row.prediction is not None]
    parts = []
    if read:
        (c, n), *_ = Counter(int(labelled_folder.rank_classes(row)[0]) for row in read).most_common(1)
        parts.append(f"{n:,} of {len(read):,} pictures are taken for {CLASS_NAMES[c]}, more than for any other class")
    if strange := sum(row.prediction is not None and row.prediction.is_out_of_distribution for row in read):
        parts.append(f"{strange:,} {'carries' if strange == 1 else 'carry'} a warning")
    if bad := len(rows) - len(read):
        parts.append(f"{bad:,} could not be read")
    if copies := sum(bool(row.duplicate_of) for row in rows):
        parts.append(f"{copies:,} {'is a copy' if copies == 1 else 'are copies'} of another")
    return "; ".join(parts) + "."


def _filter_results(frame: pd.DataFrame, said: str, which: str, truth: np.ndarray | None) -> np.ndarray:
    """Places of the pictures that the visitor wants to see, int64 [m]."""
    keep = np.ones(len(frame), bool)
    if said != ALL_CLASSES:
        keep &= (frame["class"] == said).to_numpy()
    if which == RESULT_FILTERS[1]:
        keep &= (frame["warning"] != "").to_numpy()
    elif which == RESULT_FILTERS[2]:
        keep &= (frame["problem"] != "").to_numpy()
    elif which == WRONG_FILTER:
        keep &= (~frame["right"]).to_numpy(bool, na_value=False)
    picked = st.session_state.get(CELL_KEY)
    if picked is not None and truth is not None:
        row, column = picked
        keep &= (truth == row) if row is not None else truth >= 0
        keep &= (frame["class"] == CLASS_NAMES[column]).to_numpy() if column is not None else True
        true, taken = (
            (CLASS_NAMES[row] if row is not None else "any class"),
            (CLASS_NAMES[column] if column is not None else "any"),
        )
        if st.button(shell.escape_markdown(f"Only {true} taken for {taken}: show all again"), icon=":material/close:"):
            st.session_state[CELL_KEY] = None
            st.rerun()
    return np.flatnonzero(keep)


def _column_config() -> dict[str, Any]:
    bar = st.column_config.ProgressColumn("Confidence", min_value=0, max_value=100, format="%.1f %%")
    return {
        "picture": st.column_config.ImageColumn("Picture", width=64),
        "seen": st.column_config.ImageColumn("As seen", width=64, help="The 28 × 28 pixels that the models see"),
        "name": st.column_config.TextColumn("Name", width="medium"),
        "true_class": st.column_config.TextColumn("True class"),
        "right": st.column_config.CheckboxColumn("Right"),
        "class": st.column_config.TextColumn("Class"),
        "confidence": bar,
        "second": st.column_config.TextColumn("Second choice"),
        "second_confidence": st.column_config.NumberColumn("Its confidence", format="%.1f %%"),
        "warning": st.column_config.TextColumn("Warning"),
        "kind": st.column_config.TextColumn("Kind"),
        "problem": st.column_config.TextColumn("Problem", width="large"),
        "same_as": st.column_config.TextColumn("Same content as"),
    }


def _thumbnail_url(row: PictureResult) -> str | None:
    return f"data:image/jpeg;base64,{base64.b64encode(row.thumbnail).decode()}" if row.thumbnail else None


def _image_url(row: PictureResult) -> str | None:
    return serving.image_data_url(row.image) if row.image is not None else None


def _show_scores(job: RecognitionJob, found: LabelledFolderScores) -> None:
    low, high = found.top1_interval
    shell.show_finding(
        f"{found.top1:.1%} of {found.n:,} pictures are right (95% interval {low:.1%} to {high:.1%}), "
        f"and {found.top3:.1%} have the true class among the first three."
    )
    st.markdown(shell.escape_markdown(" ".join(_format_warnings(found))))
    left, right = st.columns([1, 1], gap="large")
    with left:
        _show_confusion_matrix(found)
        shell.show_provenance(
            format_folder_provenance(job), f"your pictures, n = {found.confusion.sum():,} readable ones of ten classes"
        )
    with right:
        _show_class_table(found)
        shell.show_provenance(
            "Top 1: the first answer is right; top 3: one of the first three is", f"your pictures, n = {found.n:,}"
        )


def _format_warnings(found: LabelledFolderScores) -> list[str]:
    """What the warning catches, and what is not in the figures, in sentences."""
    told = []
    if found.known_warning_rate is not None:
        told.append(f"{found.known_warning_rate:.1%} of these garments carry the warning.")
    if found.unknown_warning_rate is not None:
        n = found.n_unknown - found.n_unknown_unreadable
        told.append(f"Of {n:,} pictures of no class, {found.unknown_warning_rate:.1%} carry it.")
    if found.unknown_auroc is not None:
        told.append(f"The area under the ROC curve of strangeness is {found.unknown_auroc:.3f}.")
    if found.n_unreadable:
        told.append(f"{found.n_unreadable:,} could not be read, and count as wrong.")
    if found.n_unlabelled:
        told.append(f"{found.n_unlabelled:,} lie in no folder, and are not counted.")
    return told


def _show_confusion_matrix(found: LabelledFolderScores) -> None:
    mistakes = found.confusion.copy()
    np.fill_diagonal(mistakes, 0)
    true, said = np.unravel_index(mistakes.argmax(), mistakes.shape)
    times = int(mistakes[true, said])
    shell.show_finding(
        f"Most often mistaken: {CLASS_NAMES[true]} for {CLASS_NAMES[said]}, {times:,} {'time' if times == 1 else 'times'}."
        if times
        else "No garment is mistaken for another."
    )
    shares = found.confusion / np.maximum(found.confusion.sum(axis=1, keepdims=True), 1)
    texts = [[f"{count:,}" if count else "" for count in row] for row in found.confusion]
    row, column = st.session_state.get(CELL_KEY) or (None, None)
    picked = None if row is column is None else MatrixSelection("A", row, column)
    shown = ShadedMatrix("A", "Your pictures, by folder and answer", texts, np.sqrt(shares) * 0.95)
    confusion_matrices(
        [shown], SHORT_CLASS_NAMES, list(range(N_CLASSES)), picked, key="folder-matrix", on_select=_toggle_cell
    )


def _toggle_cell(pick: MatrixSelection) -> None:
    chosen = (pick.row, pick.column)
    st.session_state[CELL_KEY] = None if st.session_state.get(CELL_KEY) == chosen else chosen


def _show_class_table(found: LabelledFolderScores) -> None:
    worst = min(found.per_class, key=lambda c: found.per_class[c].top1)
    shell.show_finding(f"Hardest: {CLASS_NAMES[worst]}, {found.per_class[worst].top1:.1%} right.")
    lines = []
    for c, of in sorted(found.per_class.items()):
        low, high = metrics.wilson_interval(round(of.top1 * of.n), of.n)
        lines.append((CLASS_NAMES[c], of.n, 100 * of.top1, f"{100 * low:.1f} to {100 * high:.1f}", 100 * of.top3))
    st.dataframe(
        pd.DataFrame(lines, columns=["Class", "Pictures", "Top 1, %", "95% interval", "Top 3, %"]), hide_index=True,
        column_config={"Top 1, %": PERCENT_COLUMN, "Top 3, %": PERCENT_COLUMN},
    )  # fmt: skip
