"""The results for many pictures: a table to filter and, for labelled folders, the accuracy."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis.metrics import wilson_interval
from fashion_core.data.classes import ClassList
from fashion_core.recognition import labelled_folder
from fashion_core.recognition.batch import PictureResult
from fashion_core.recognition.labelled_folder import LabelledFolderScores
from fashion_core.recognition.results_table import escape_spreadsheet_formula, frame_to_csv, results_to_frame
from fashion_core.runs.summary import RECOGNITION_RUN_IDS
from fashion_core.wording import recognition as wording
from fashion_core.wording.numbers import format_duration, format_range, to_percent
from fashion_core.wording.text import join_with_and
from ui import caches, gallery, pickers, serving, shell
from ui.components.labelling import LEFT_OUT
from ui.components.matrices import MatrixSelection, ShadedMatrix, show_clickable_matrices
from ui.try_it.job import RecognitionJob

N_LATEST_SHOWN = 12  # pictures shown while others are in progress
ALL_CLASSES = "Every class"
WARNING_FILTER, UNREADABLE_FILTER, WRONG_FILTER = "With a warning", "Unreadable", "Wrong"
RESULT_FILTERS = ("All", WARNING_FILTER, UNREADABLE_FILTER)
TABLE_ROW_HEIGHT, MAX_TABLE_HEIGHT = 52, 560  # pixels
ENSEMBLE_PROVENANCE = f"{wording.RECOGNIZER_TITLE}: ensemble of {join_with_and(RECOGNITION_RUN_IDS)}"
MAX_MATRIX_CLASSES = 30
PERCENT_COLUMN_CONFIG = st.column_config.NumberColumn(format="%.1f")


def show_latest_pictures(results: Sequence[PictureResult], classes: ClassList) -> None:
    """The images and predicted classes of the latest results."""
    latest = [(r.image, labelled_folder.rank_classes(r)[0]) for r in results if r.image is not None][-N_LATEST_SHOWN:]
    if latest:
        images, predicted = zip(*latest, strict=True)
        gallery.image_gallery(np.stack(images), [classes[c].short_name for c in predicted], scale=2)


def show_folder_results(job: RecognitionJob) -> None:
    """All results, with scores if pictures lie in folders named after classes."""
    results = job.results
    labels = None
    if labelled_folder.has_class_folders(results, job.classes):
        labels = labelled_folder.labels_from_folders(results, job.classes)
        _show_scores(job, labelled_folder.score_labelled_folder(results, job.classes))
    _show_table(job, results, labels)


def _show_table(job: RecognitionJob, results: list[PictureResult], labels: np.ndarray | None) -> None:
    shell.show_finding(wording.describe_picture_results(results, job.classes))
    frame = results_to_frame(results, job.classes, labels)
    if job.labels:
        own = [_name_own_label(job.labels.get(row), job.classes) for row in range(len(results))]
        frame.insert(1, "yours", own)
    is_labelled = labels is not None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        class_name = st.selectbox(
            "Class", [ALL_CLASSES, *job.classes.names], key="folder-class", persist_state="session", width=220
        )
        result_filter = st.segmented_control(
            "Show", [*RESULT_FILTERS, WRONG_FILTER] if is_labelled else RESULT_FILTERS, default=RESULT_FILTERS[0],
            required=True, key=f"folder-which-{is_labelled}", persist_state="session",
        )  # fmt: skip
        st.download_button(
            "Table as CSV", lambda: frame_to_csv(frame), "pictures.csv", "text/csv",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
    matches = _filter_results(frame, class_name, result_filter)
    if labels is not None:
        matches = matches & _filter_by_cell(frame, labels, job)
    rows = np.flatnonzero(matches)
    if not len(rows):
        st.caption("No picture matches. Choose another class, or show all.")
        return
    shown = frame.iloc[rows].drop(columns="same_as")
    shown.insert(0, "picture", [thumbnail_url(results[i]) for i in rows])
    shown.insert(1, "seen", [_image_url(results[i]) for i in rows])
    if frame["same_as"].any():
        shown["same_as"] = frame["same_as"].iloc[rows]
    height = min(MAX_TABLE_HEIGHT, TABLE_ROW_HEIGHT * len(rows) + 38)
    st.dataframe(shown, hide_index=True, row_height=TABLE_ROW_HEIGHT, height=height, column_config=_column_config())
    rate = f", {len(results) / job.elapsed_seconds:.1f} per second" if job.elapsed_seconds > 1 else ""
    shell.show_provenance(
        _provenance(job),
        f"n = {len(results):,}, {len(rows):,} of them shown",
        f"{format_duration(job.elapsed_seconds)}{rate}",
        *([] if job.run is not None else _format_false_alarms(results)),
    )


def _name_own_label(label: int | None, classes: ClassList) -> str:
    """What you said a picture is, for the table."""
    if label is None:
        return ""
    return "left out" if label == LEFT_OUT else escape_spreadsheet_formula(classes[label].name)


def _format_false_alarms(results: list[PictureResult]) -> list[str]:
    """How often the warning was wrong when its thresholds were chosen, for every kind among the pictures."""
    kinds = {result.kind for result in results}
    thresholds = caches.cached_recognizer().ood_thresholds
    return [
        wording.format_false_alarms(threshold.false_alarm_rate, threshold.n_known, threshold.source)
        for kind, threshold in thresholds.items()
        if kind in kinds
    ]


def _filter_results(frame: pd.DataFrame, class_name: str, result_filter: str) -> np.ndarray:
    """Which rows match the predicted class and the filter, bool [n]."""
    matches = np.ones(len(frame), bool) if class_name == ALL_CLASSES else _is_predicted(frame, class_name)
    if result_filter == WRONG_FILTER:
        return matches & (~frame["right"]).to_numpy(bool, na_value=False)
    if result_filter == WARNING_FILTER:
        return matches & (frame["warning"] != "").to_numpy()
    return matches & (frame["class"] == "").to_numpy() if result_filter == UNREADABLE_FILTER else matches


def _is_predicted(frame: pd.DataFrame, class_name: str) -> np.ndarray:
    """Which rows are predicted as a class, bool [n]; the table's names are safe for spreadsheets."""
    return (frame["class"] == escape_spreadsheet_formula(class_name)).to_numpy()


def _filter_by_cell(frame: pd.DataFrame, labels: np.ndarray, job: RecognitionJob) -> np.ndarray:
    """Which rows belong to the selected cell of the confusion matrix, bool [n]; with a button to clear it."""
    row, column = job.selected_cell or (None, None)
    if row is column is None:
        return np.ones(len(frame), bool)
    true = job.classes[row].name if row is not None else "any class"
    predicted = job.classes[column].name if column is not None else "any class"
    label = shell.escape_markdown(f"Only {true} predicted as {predicted}: show all again")
    if st.button(label, icon=":material/close:"):
        job.selected_cell = None
        st.rerun()
    matches = labels == row if row is not None else labels >= 0
    return matches if column is None else matches & _is_predicted(frame, predicted)


def _column_config() -> dict[str, Any]:
    texts = {
        "yours": "Yours",
        "true_class": "True class", "class": "Class", "second": "Second choice", "warning": "Warning", "kind": "Kind",
        "same_as": "Copy of",
    }  # fmt: skip
    return {name: st.column_config.TextColumn(title) for name, title in texts.items()} | {
        "picture": st.column_config.ImageColumn("Picture", width=64),
        "seen": st.column_config.ImageColumn("28 × 28", width=64, help="The image that the models see"),
        "name": st.column_config.TextColumn("Name", width="medium"),
        "right": st.column_config.CheckboxColumn("Correct"),
        "confidence": st.column_config.ProgressColumn("Confidence", min_value=0, max_value=100, format="%.1f%%"),
        "second_confidence": st.column_config.NumberColumn("Its confidence", format="%.1f%%"),
        "problem": st.column_config.TextColumn("Problem", width="large"),
    }


def thumbnail_url(result: PictureResult) -> str | None:
    """The small picture as an address; None if the file couldn't be read."""
    return serving.data_url(result.thumbnail, "image/jpeg") if result.thumbnail else None


def _image_url(result: PictureResult) -> str | None:
    return serving.image_data_url(result.image) if result.image is not None else None


def _provenance(job: RecognitionJob) -> str:
    """Who answered."""
    return ENSEMBLE_PROVENANCE if job.run is None else pickers.run_label(job.run)


def _show_scores(job: RecognitionJob, scores: LabelledFolderScores) -> None:
    shell.show_finding(wording.describe_folder_accuracy(scores))
    st.markdown(shell.escape_markdown(wording.describe_folder_warnings(scores, job.classes)))
    left, right = st.columns([1, 1], gap="large")
    with left:
        _show_confusion_matrix(scores.confusion, job)
        shell.show_provenance(
            _provenance(job),
            f"your readable pictures of the {job.classes.count_word} classes, n = {scores.confusion.sum():,}",
        )
    with right:
        _show_class_table(scores, job.classes)
        shell.show_provenance(
            "top 1: the first class is correct; top 3: one of the first three is", f"your pictures, n = {scores.n:,}"
        )


def _show_confusion_matrix(confusion: np.ndarray, job: RecognitionJob) -> None:
    classes = job.classes
    shell.show_finding(wording.describe_most_frequent_mistake(confusion, classes))
    rates = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    texts = [[f"{count:,}" if count else "" for count in row] for row in confusion]
    row, column = job.selected_cell or (None, None)
    selection = None if row is column is None else MatrixSelection("A", row, column)
    matrix = ShadedMatrix("A", "Your pictures, by folder and prediction", texts, np.sqrt(rates) * 0.95)
    if len(classes) > MAX_MATRIX_CLASSES:
        st.caption(f"The matrix of more than {MAX_MATRIX_CLASSES} classes is not shown.")
        return
    show_clickable_matrices(
        [matrix], range(len(classes)), classes.names, classes.short_names, selection, key="folder-matrix",
        on_select=partial(_toggle_cell, job),
    )  # fmt: skip


def _toggle_cell(job: RecognitionJob, selection: MatrixSelection) -> None:
    cell = (selection.row, selection.column)
    job.selected_cell = None if job.selected_cell == cell else cell


def _show_class_table(scores: LabelledFolderScores, classes: ClassList) -> None:
    shell.show_finding(wording.describe_hardest_folder_class(scores, classes))
    rows = []
    for label, accuracy in sorted(scores.per_class.items()):
        low, high = wilson_interval(round(accuracy.top1 * accuracy.n), accuracy.n)
        interval = format_range(to_percent(low), to_percent(high))
        rows.append((classes[label].name, accuracy.n, to_percent(accuracy.top1), interval, to_percent(accuracy.top3)))
    st.dataframe(
        pd.DataFrame(rows, columns=["Class", "Pictures", "Top 1, %", "95% interval", "Top 3, %"]), hide_index=True,
        column_config={"Top 1, %": PERCENT_COLUMN_CONFIG, "Top 3, %": PERCENT_COLUMN_CONFIG},
    )  # fmt: skip
