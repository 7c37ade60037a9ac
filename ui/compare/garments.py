"""The garments in a selected cell or pattern."""

import numpy as np
import pandas as pd
import streamlit as st

from fashion_core.analysis.confusion import MAX_MATRIX_CLASSES
from fashion_core.wording.comparison import describe_matrix_cell
from fashion_core.wording.numbers import format_count
from ui import gallery, pickers, shell
from ui.compare.comparison import ComparedRun, RunComparison
from ui.compare.view import COMPARE_PAGE_STATE
from ui.components.matrices import OTHER_CLASSES, MatrixSelection
from ui.pagination import paginate

GARMENTS_PER_PAGE = 36
CHOSEN_GARMENT_KEY = "compare-chosen"


def garments_in_cell(
    comparison: RunComparison, cell: MatrixSelection, shown: np.ndarray
) -> list[tuple[str, np.ndarray]]:
    """The groups of images in ``cell``: each a description and indices int64, most confident predictions first.

    ``shown`` int64 [m]: the classes of the matrix that are not among ``OTHER_CLASSES``.
    """
    a, b = comparison.runs
    a_correct, b_correct = a.predictions.is_correct, b.predictions.is_correct
    in_row = _is_class(comparison.labels, cell.row, shown)
    if cell.name in ("A", "B"):
        compared = a if cell.name == "A" else b
        chosen = in_row & _is_class(compared.predictions.predicted, cell.column, shown)
        description = describe_matrix_cell(cell.name, cell.row, cell.column, comparison.classes)
        return [(description, _most_confident_first(chosen, compared))]
    a_column, b_column = (_is_class(run.predictions.predicted, cell.column, shown) for run in (a, b))
    chosen = in_row & (a_column | b_column)
    return [
        ("fixed by B", _most_confident_first(chosen & b_correct & ~a_correct, b)),
        ("newly misclassified by B", _most_confident_first(chosen & a_correct & ~b_correct, b)),
    ]


def _is_class(values: np.ndarray, number: int | None, shown: np.ndarray) -> np.ndarray:
    """Which of ``values`` int [n] are the class ``number``, None for any; bool [n]."""
    if number is None:
        return np.full(len(values), True)
    return ~np.isin(values, shown) if number == OTHER_CLASSES else values == number


def _most_confident_first(chosen: np.ndarray, compared: ComparedRun) -> np.ndarray:
    indices = np.flatnonzero(chosen)
    return indices[np.argsort(-compared.predictions.confidence[indices], kind="stable")]


def show_garments_with_run_predictions(
    comparison: RunComparison, runs: tuple[ComparedRun, ...], description: str, indices: np.ndarray, key: str
) -> None:
    """A group of garments with the predictions of ``runs``; a click shows all probabilities of one."""
    shell.show_finding(f"{format_count(len(indices), 'garment')} {description}")
    if not len(indices):
        return
    on_page = indices[paginate(len(indices), GARMENTS_PER_PAGE, f"{key}-page-{description}")]
    captions = [_caption(comparison, runs, int(i)) for i in on_page]
    if comparison.dataset is None:
        st.caption(pickers.explain_missing_pictures(comparison.a.run))
        st.dataframe({"Garment": captions}, hide_index=True)
        return
    test_indices = comparison.image_indices[on_page]

    def choose(position: int) -> None:
        st.session_state[CHOSEN_GARMENT_KEY] = (key, int(test_indices[position]))

    gallery.garment_grid(comparison.dataset, test_indices, captions, key=key, on_select=choose)
    chosen_key, test_index = st.session_state.get(CHOSEN_GARMENT_KEY, ("", -1))
    if chosen_key == key and test_index in comparison.image_indices[indices]:
        show_probabilities(comparison, runs, int(np.flatnonzero(comparison.image_indices == test_index)[0]))
        if st.button("See what A and B look at", key=f"{key}-inside"):
            COMPARE_PAGE_STATE.update(look="Inside", garment=test_index)
            st.rerun()


def _caption(comparison: RunComparison, runs: tuple[ComparedRun, ...], i: int) -> str:
    short_names = comparison.classes.short_names
    lines = [f"{short_names[comparison.labels[i]]} {comparison.image_indices[i]}"]
    if len(runs) == 2:
        for run in runs:
            name, confidence = short_names[run.predictions.predicted[i]], run.predictions.confidence[i]
            lines.append(f"{run.letter} {name} {confidence:.0%}")
    else:
        votes = np.bincount([run.predictions.predicted[i] for run in runs], minlength=len(short_names))
        lines.append(f"{votes.max()} of {len(runs)}: {short_names[int(votes.argmax())]}")
    return "\n".join(lines)


def show_probabilities(comparison: RunComparison, runs: tuple[ComparedRun, ...], i: int) -> None:
    """Every run's probabilities for one garment."""
    names = comparison.classes.names
    label = shell.escape_markdown(names[comparison.labels[i]])
    st.markdown(f"**Test picture {comparison.image_indices[i]}, {label}**: each run's probabilities")
    frame = pd.DataFrame({"Class": names} | {run.letter: 100 * run.predictions.probabilities[i] for run in runs})
    letters = frame.columns[1:]
    if len(frame) > MAX_MATRIX_CLASSES:  # most probable first
        frame = frame.iloc[np.argsort(-frame[letters].max(axis=1), kind="stable")]
    bar = st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100)
    st.dataframe(frame, hide_index=True, column_config=dict.fromkeys(letters, bar))
